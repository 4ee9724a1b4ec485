"""Limits of a case (期限) that few cases have: joint handling, and what follows on a change of divisions."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from api.acts import case_facts
from geo.approvals import materials
from geo.machine import GuardUnmet
from geo.names.categories import Category
from geo.store.tables import CaseDocument
from geo.terms import UserRole
from tests import builders as b
from tests.api.acts.desk import TODAY, Clock, Desk


def test_joint_handling_has_the_longer_limit_from_the_same_acceptance(desk: Desk, clock: Clock) -> None:
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "hold_expert", desk.reviewer)
    clock.on(7)
    with pytest.raises(GuardUnmet, match="参加联合办理的机关"):
        desk.step(row, "join", desk.approver)
    desk.step(row, "join", desk.approver, items=["住房城乡建委", "交通局"])
    clocks = {c.limit_id: c.clock for c in desk.case(row).clocks}
    assert clocks["DL-5"].stopped is not None and clocks["DL-6"].starts == TODAY
    assert clocks["DL-6"].paused and clocks["DL-6"].pauses[0].since == TODAY and row.due is None
    with pytest.raises(GuardUnmet, match="尚未改为联合办理"):
        desk.step(row, "join", desk.approver, items=["交通局"])
    told = dict.fromkeys(materials.contents("expert"), "已论证")
    desk.step(row, "record_expert", desk.reviewer, says="可行", contents=told)
    first = row.due
    assert first == next(c.clock for c in desk.case(row).clocks if c.limit_id == "DL-6").due()
    desk.step(row, "extend", desk.approver, reason="须实地核查")
    assert row.due is not None and first is not None and row.due > first
    paper = next(p for p in desk.session.scalars(select(CaseDocument)) if p.kind == "extension")
    assert paper.facts["days"] == 15
    desk.consult(row)
    desk.step(row, "report", desk.reviewer, stance="agree")
    desk.step(row, "approve", desk.approver)
    stopped = {c.limit_id: c.clock.stopped for c in desk.case(row).clocks}
    assert stopped["DL-6"] == clock.day and "DL-8" not in stopped, "a street is no change of divisions"


def test_a_change_of_divisions_is_carried_out_and_its_code_published(
    desk: Desk, clock: Clock, lenient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_facts, "missing_materials", lambda case: [])
    home = b.organisation(desk.session, kind="department", unit_code=b.DISTRICT)
    mayor = b.person(desk.session, UserRole.APPLICANT, organisation_row=home)
    row = desk.submitted(mayor, name="云雀镇", category=Category.TOWNSHIP, applicant_kind="government")
    assert row.route == "consult"
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "report", desk.reviewer, stance="agree")
    desk.step(row, "answer", desk.approver, stance="agree")
    paper = {"body": "重庆市人民政府", "number": "渝府〔2026〕9号", "date": "2026-02-27"}
    with pytest.raises(GuardUnmet, match="尚未完成的行政区划变更"):
        desk.step(desk.approved("云雀路"), "carry_out", desk.registrar)
    desk.step(row, "record_approval", desk.registrar, **paper)
    due = {c.limit_id: c.due for c in desk.case(row).clocks if c.clock.stopped is None}
    assert due["DL-8"] == date(2027, 2, 27)
    longer = {"body": "重庆市人民政府", "number": "渝府〔2026〕11号", "date": "2026-02-28"}
    desk.step(row, "extend_change", desk.registrar, **longer)
    due = {c.limit_id: c.due for c in desk.case(row).clocks if c.clock.stopped is None}
    assert due["DL-8"] == date(2027, 8, 27), "six months more, from the same approval"
    with pytest.raises(GuardUnmet, match="只能延长一次"):
        desk.step(row, "extend_change", desk.registrar, **longer)
    with pytest.raises(GuardUnmet, match="尚未公布的区划代码"):
        desk.step(row, "publish_code", desk.registrar, number="500112110")
    clock.on(20)
    desk.step(row, "carry_out", desk.registrar, date="2026-03-16")
    due = {c.limit_id: c.due for c in desk.case(row).clocks if c.clock.stopped is None}
    assert "DL-8" not in due and due["DL-9"] == date(2026, 4, 16)
    desk.step(row, "publish_code", desk.registrar, number="500112110")
    assert desk.case(row).steps[-1].details == {"number": "500112110"}
    assert next(c.clock.stopped for c in desk.case(row).clocks if c.limit_id == "DL-9") == clock.day
