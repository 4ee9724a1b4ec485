"""Announcements (公告), their corrections and withdrawals."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from api.acts import announce, apply, decide
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
            desk.session,
            desk.registrar,
            2026,
            fixed.serial,
            changes={0: {"name": "别名"}},
            says="",
            reason="改名",
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


def test_corrections_follow_one_another_and_none_undoes_another(desk: Desk) -> None:
    """Two registrars with the same page before them: the second is sent to what the first has published."""
    desk.closed("云雀路")

    def correct(serial: int, **right: str) -> Announcement:
        return announce.correct(
            desk.session, desk.registrar, 2026, serial, changes={0: right}, says="", reason="有误"
        )

    second = correct(1, position="南起甲路")
    with pytest.raises(announce.AlreadyCorrected) as refused:
        correct(1, unit="某镇")
    assert second.number in refused.value.text.zh
    third = correct(second.serial, unit="某镇")
    assert (third.items[0]["position"], third.items[0]["unit"]) == ("南起甲路", "某镇")
    with pytest.raises(announce.AlreadyCorrected):
        correct(second.serial, unit="别的镇")


def test_a_name_withdrawn_from_an_announcement_of_several_leaves_the_others_to_be_corrected(
    desk: Desk,
) -> None:
    plan = apply.begin_plan(desk.session, desk.township, "统景新区道路命名方案")
    drafts = [
        apply.begin(desk.session, desk.township, desk.content(n), plan=plan.ref) for n in ("云雀路", "青禾路")
    ]
    rows = apply.submit_plan(desk.session, desk.township, plan.ref, versions={str(r.ref): 1 for r in drafts})
    for name, who, more in (
        ("accept", desk.accepter, {}), ("begin_review", desk.reviewer, {}),
        ("report", desk.reviewer, {"stance": "agree"}), ("approve", desk.approver, {}), ("announce", desk.registrar, {}),
    ):  # fmt: skip
        seen = {r.number: r.version for r in rows}
        decide.take_steps(desk.session, who, plan.ref, name, reason="依据", versions=seen, details=more)
    announce.withdraw(desk.session, desk.approver, rows[0].number, reason="公告有误", version=rows[0].version)
    fixed = announce.correct(
        desk.session, desk.registrar, 2026, 1, changes={1: {"position": "南起甲路"}}, says="", reason="有误"
    )
    assert [i["application"] for i in fixed.items] == [rows[1].number] and fixed.items[0][
        "position"
    ] == "南起甲路"
    announce.withdraw(desk.session, desk.approver, rows[1].number, reason="公告有误", version=rows[1].version)
    with pytest.raises(announce.AlreadyWithdrawn):
        announce.correct(
            desk.session, desk.registrar, 2026, 1, changes={1: {"unit": "某镇"}}, says="", reason="有误"
        )


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
