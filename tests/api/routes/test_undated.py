"""Limits whose last day lies in a year of which the holidays are not known yet: said plainly where an officer looks."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from geo import days
from geo.approvals.clocks import Clock, ClockState, limits
from geo.store.engine import sessions
from geo.terms import UserRole
from tests.api.acts.desk import Desk

LATE = date(2026, 12, 10)  # twenty working days on lie in 2027


@pytest.fixture(scope="module")
def desk(module_database: str) -> Desk:
    """Officers and applicants of the module's database; what they do is committed step by step."""
    with sessions("owner")() as session:
        made = Desk(session)
        session.commit()
        yield made


def test_lists_and_cases_say_which_year_is_missing(
    desk: Desk, login_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no case without a limit."""
    monkeypatch.setattr(days, "today", lambda now=None: LATE)
    row = desk.submitted(name="云雀路")
    desk.step(row, "accept", desk.accepter)
    assert row.due is None
    refused = desk.submitted(name="青禾路")
    desk.step(refused, "accept", desk.accepter)
    desk.step(refused, "begin_review", desk.reviewer)
    desk.step(refused, "report", desk.reviewer, stance="disagree")
    desk.step(refused, "refuse", desk.approver)
    desk.step(refused, "deliver", desk.accepter)
    desk.session.commit()
    reviewer = login_as(UserRole.REVIEWER)
    line = next(t for t in reviewer.get("/review").text.split("<tr>") if row.number in t)
    assert "2027年节假日未录入" in line and "无到期日" not in line
    page = reviewer.get(f"/review/{row.number}").text
    assert "节假日未录入，到期日待定" in page and "2027年的放假安排还没有录入" in page
    # The sixty days of the applicant stand among the limits of a case that was refused.
    assert "申请行政复议" in reviewer.get(f"/review/{refused.number}").text
    assert Clock(limits()["FY-1"], LATE).state(LATE) is ClockState.UNKNOWN, "they may end on a day of rest"
