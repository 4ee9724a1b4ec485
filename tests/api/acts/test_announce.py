"""Announcements (公告), their corrections and withdrawals."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from api.acts import announce, apply
from api.acts.step_details import BadDetail
from geo.machine import StepNotYours
from geo.store.tables import Announcement
from geo.terms import ApplicationAction as Action
from tests.api.acts.desk import WHOLE, Desk, a_street


def test_corrections_and_withdrawals_leave_both_visible(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    row = desk.closed("云雀路")
    first = desk.session.scalars(select(Announcement)).one()
    assert first.head_id and first.head_hash and first.number == "渝北民地公告〔2026〕1号"
    fixed = announce.correct(
        desk.session,
        desk.registrar,
        2026,
        1,
        changes={0: {"position": "南起甲路"}},
        says="位置有误",
        reason="更正",
    )
    assert (fixed.kind, fixed.of_id, fixed.items[0]["position"]) == ("correction", first.id, "南起甲路")
    assert first.items[0]["position"] == WHOLE["position"]
    with pytest.raises(BadDetail):
        announce.correct(
            desk.session, desk.registrar, 2026, 1, changes={0: {"name": "别名"}}, says="", reason="改名"
        )
    with pytest.raises(StepNotYours):
        announce.correct(
            desk.session, desk.reviewer, 2026, 1, changes={0: {"unit": "x"}}, says="", reason="改"
        )
    announce.withdraw(desk.session, desk.approver, row.number, reason="公告有误", version=row.version)
    assert row.state == "approved" and [n[1] for n in desk.names(row.result_number)][-1] == "approved"
    kinds = [a["kind"] for a in desk.case(row).announcements]
    assert kinds == ["announcement", "correction", "withdrawal"]
    with pytest.raises(announce.AlreadyWithdrawn):
        announce.correct(
            desk.session, desk.registrar, 2026, 1, changes={0: {"unit": "x"}}, says="", reason="改"
        )
    desk.step(row, "announce", desk.registrar)
    assert row.state == "closed" and [n[1] for n in desk.names(row.result_number)][-1] == "standard"


def test_a_withdrawn_renaming_brings_the_old_name_back(desk: Desk, lenient: None) -> None:
    old = a_street(desk)
    row = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, "青禾路"))
    apply.submit(desk.session, desk.township, row.ref, version=1)
    desk.reviewed(row)
    desk.step(row, "approve", desk.approver)
    desk.step(row, "announce", desk.registrar)
    announce.withdraw(desk.session, desk.approver, row.number, reason="公告有误", version=row.version)
    assert desk.names(old)[-1][1] == "standard" and desk.names(row.result_number)[-1][1] == "approved"
    desk.step(row, "announce", desk.registrar)
    assert desk.names(old)[-1][1] == "former" and desk.names(row.result_number)[-1][1] == "standard"
