"""Punctuality and digests: what is counted, what small numbers say, and whose a duty is."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo.approvals.clocks import Clock, DayUnit, limits
from geo.approvals.digest import DueDuty, Officer, as_json, digests, whose
from geo.approvals.punctuality import DUTIES, Kept, _median, accounts
from geo.terms import ApplicationState, UserRole

ON = date(2026, 11, 28)


def done(limit: str, starts: date, stopped: date | None, category: str = "街路巷", **more) -> Kept:
    clock = Clock(limits()[limit], starts)
    return Kept(category, clock if stopped is None else clock.stop(stopped), **more)


def account(key: str, *kept: Kept):
    return next(a for a in accounts(kept, ON) if a.duty.key == key)


def test_every_limit_of_a_case_is_a_duty():
    assert sorted(limit for duty in DUTIES for limit in duty.limits) == [
        "DL-1", "DL-2", "DL-3", "DL-4", "DL-5", "DL-6", "DL-7", "DL-8", "DL-9",
    ]  # fmt: skip
    counted = {DayUnit.MONTH: DayUnit.CALENDAR}
    assert all(
        counted.get(unit := limits()[limit].unit, unit) is duty.unit
        for duty in DUTIES
        for limit in duty.limits
    )


def test_months_are_in_time_by_the_date_and_take_days():
    approved = date(2025, 2, 27)
    kept = (
        done("DL-8", approved, date(2026, 2, 27), "乡镇"),
        done("DL-8", approved, date(2026, 2, 28), "乡镇"),
        done("DL-9", date(2026, 1, 31), date(2026, 2, 28), "乡镇"),
    )
    change, code = account("change", *kept), account("code", *kept)
    assert (change.total.in_time, change.total.late, code.total.in_time) == (1, 1, 1)
    many = account("code", *[done("DL-9", date(2026, 1, 1), date(2026, 1, 21), cases=5)])
    assert many.total.median_days == 20, "of a limit of months the days are counted"


def test_done_late_and_overdue_by_month_and_category():
    start = date(2026, 10, 20)
    kept = (
        done("DL-1", start, date(2026, 10, 30)),
        done("DL-1", start, date(2026, 11, 4)),
        done("DL-1", start, date(2026, 11, 5)),
        done("DL-1", start, date(2026, 11, 2), "设施"),
        done("DL-1", start, None),
        done("DL-1", date(2026, 11, 20), None),
    )
    found = account("filing", *kept)
    assert [(r.month, r.category, r.done, r.in_time, r.late) for r in found.rows] == [
        ("2026-10", "街路巷", 1, 1, 0),
        ("2026-11", "街路巷", 2, 1, 1),
        ("2026-11", "设施", 1, 1, 0),
    ]
    assert (found.total.done, found.total.in_time, found.total.late, found.open_overdue) == (4, 3, 1, 1)


def test_small_numbers_have_no_share_and_no_median():
    start = date(2026, 11, 2)
    few = account("filing", *(done("DL-1", start, start + timedelta(days=3)) for _ in range(4)))
    assert few.total.share is None and few.total.median_days is None
    some = account("filing", done("DL-1", start, start + timedelta(days=3), cases=9))
    assert some.total.share is None and some.total.median_days == 3
    many = account(
        "filing",
        done("DL-1", start, start + timedelta(days=3), cases=9),
        done("DL-1", start, start + timedelta(days=20), cases=1, demo=1),
    )
    assert many.total.share == 0.9 and many.total.median_days == 3 and many.total.demo == 1


def test_days_are_counted_as_the_limit_counts_and_without_the_pauses():
    clock = Clock(limits()["DL-5"], date(2026, 11, 2)).pause(date(2026, 11, 6)).go_on(date(2026, 11, 20))
    found = account("decision", Kept("街路巷", clock.stop(date(2026, 11, 24)), 5))
    assert found.total.median_days == 6 and found.total.in_time == 5


def test_what_the_holiday_table_cannot_say_is_said():
    found = account("decision", done("DL-5", date(2026, 12, 24), date(2027, 2, 1), cases=12))
    assert (found.total.done, found.total.unknown, found.total.in_time) == (12, 12, 0)
    assert found.total.share is None and found.total.median_days is None


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_the_median_of_counted_numbers(values):
    assert _median(Counter(values)) == statistics.median(values)


# -- digests


def duty(
    number: str, due: date, state: str = "accepted", limit: str = "DL-5", officer: int | None = None
) -> DueDuty:
    return DueDuty(number, "龙兴大道", "街路巷", "naming", state, limit, due, officer, False)


REVIEWER = Officer(1, "r1", "甲", frozenset({UserRole.REVIEWER}))
OTHER = Officer(2, "r2", "乙", frozenset({UserRole.REVIEWER}))
ACCEPTER = Officer(3, "a", "丙", frozenset({UserRole.ACCEPTANCE_OFFICER}))
REGISTRAR = Officer(4, "k", "丁", frozenset({UserRole.REGISTRAR}))
ALL = [REVIEWER, OTHER, ACCEPTER, REGISTRAR]


def test_whose_a_duty_is_follows_from_the_life_of_a_case():
    assert whose("submitted", "DL-4") == {UserRole.ACCEPTANCE_OFFICER}
    assert whose("review", "DL-5") == {UserRole.REVIEWER}
    assert UserRole.REVIEWER in whose("accepted", "DL-5")
    assert whose("reviewed", "DL-5") == {UserRole.APPROVER}
    assert whose("approved", "DL-1") == whose("approved", "DL-2") == {UserRole.REGISTRAR}
    assert whose("approved", "DL-7") == {UserRole.ACCEPTANCE_OFFICER}
    for state in ApplicationState:
        for limit in limits():
            assert UserRole.APPLICANT not in whose(state, limit)


def test_a_duty_is_the_officers_who_handles_the_case_else_everybodys_of_the_role():
    yesterday, tomorrow = ON - timedelta(days=1), ON + timedelta(days=1)
    found = {
        d.officer.id: d
        for d in digests(
            [
                duty("b", ON, "review"),
                duty("a", yesterday, "review", officer=2),
                duty("c", tomorrow, "submitted", "DL-4"),
                duty("d", tomorrow, "approved", "DL-1", officer=1),
            ],
            ALL,
            ON,
        )
    }
    assert [d.number for d in found[1].today] == ["b"] and not found[1].overdue
    assert [d.number for d in found[2].overdue] == ["a"] and [d.number for d in found[2].today] == ["b"]
    assert [d.number for d in found[3].soon] == ["c"]
    # The reviewer handled it last, but filing is not his: it goes to those whose it is.
    assert [d.number for d in found[4].soon] == ["d"]


def test_a_digest_as_json():
    said = as_json(digests([duty("a", ON, "review")], [REVIEWER], ON)[0])
    assert said["officer"] == "r1" and said["overdue"] == [] and said["today"][0]["duty"] == "作出许可决定"
    assert said["today"][0]["due"] == "2026-11-28"
    assert digests([], ALL, ON)[0].empty
