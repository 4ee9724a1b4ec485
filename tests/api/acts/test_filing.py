"""Filing (备案), here and of what other departments approved."""

from __future__ import annotations

from datetime import date

import pytest

from geo.machine import GuardUnmet
from geo.names.categories import Category
from tests.api.acts.desk import Clock, Desk


def test_another_departments_approval_is_announced_after_its_filing(desk: Desk, clock: Clock) -> None:
    row = desk.submitted(desk.builder, name="云栖苑", category=Category.ESTATE, applicant_kind="builder")
    assert row.route == "consult"
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "report", desk.reviewer, stance="agree")
    with pytest.raises(GuardUnmet, match="本级有权决定"):
        desk.step(row, "approve", desk.approver)
    desk.step(row, "answer", desk.approver, stance="agree")
    assert row.state == "consulted" and row.result_number is None
    clock.on(10)
    paper = {"body": "渝北区住房和城乡建设委员会", "number": "渝北建〔2026〕9号", "date": "2026-03-05"}
    desk.step(row, "record_approval", desk.registrar, **paper)
    assert row.state == "approved" and [n[1] for n in desk.names(row.result_number)] == ["approved"]
    running = {c.limit_id: c.due for c in desk.case(row).clocks if c.clock.stopped is None}
    assert running["DL-1"] == date(2026, 3, 20) and "DL-2" not in running and "DL-3" not in running
    with pytest.raises(GuardUnmet, match="先办结备案"):
        desk.step(row, "announce", desk.registrar)
    desk.step(row, "send_filing", desk.registrar)
    desk.step(row, "file", desk.registrar, date="2026-03-12")
    running = {c.limit_id: c.due for c in desk.case(row).clocks if c.clock.stopped is None}
    assert running["DL-3"] == date(2026, 3, 27)
    desk.step(row, "announce", desk.registrar)
    assert row.state == "closed"


def test_a_park_is_only_filed_here(desk: Desk) -> None:
    row = desk.submitted(desk.builder, name="云雀公园", category=Category.PARK, applicant_kind="builder")
    assert row.route == "file"
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(GuardUnmet, match="只备案"):
        desk.step(row, "begin_review", desk.reviewer)
    desk.step(
        row, "record_approval", desk.registrar, body="林业局", number="林〔2026〕1号", date="2026-03-01"
    )
    assert row.state == "approved"


def test_a_filing_that_is_returned_keeps_its_first_days(desk: Desk, clock: Clock) -> None:
    row = desk.approved()
    due = next(c.due for c in desk.case(row).clocks if c.limit_id == "DL-1")
    desk.step(row, "send_filing", desk.registrar)
    with pytest.raises(GuardUnmet, match="未报送"):
        desk.step(row, "send_filing", desk.registrar)
    clock.on(5)
    desk.step(row, "return_filing", desk.registrar, reason="缺论证报告")
    again = [c for c in desk.case(row).clocks if c.limit_id == "DL-1"]
    assert len(again) == 2 and again[1].due == due
    desk.step(row, "send_filing", desk.registrar)
    desk.step(row, "file", desk.registrar)
    assert [f["state"] for f in desk.case(row).filings] == ["returned", "filed"]
