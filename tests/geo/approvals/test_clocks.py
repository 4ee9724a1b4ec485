"""Limits and clocks of the law."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.approvals import clocks
from geo.approvals.clocks import (
    BeforeItBegan,
    Clock,
    ClockStands,
    ClockState,
    DayUnit,
    ExtensionNeedsReason,
    NotExtendable,
    limits,
    read_limits,
)


def a_clock(limit: str = "DL-5", starts: date = date(2026, 11, 2), **more) -> Clock:
    return Clock(limits()[limit], starts, **more)


def test_the_table_holds_what_the_law_says():
    assert {i: (lim.days, lim.unit.value, lim.extension, lim.runs_from) for i, lim in limits().items()} == {
        "DL-1": (15, "calendar", 0, "approval"),
        "DL-2": (15, "calendar", 0, "approval"),
        "DL-3": (15, "calendar", 0, "filing"),
        "DL-4": (5, "working", 0, "receipt"),
        "DL-5": (20, "working", 10, "acceptance"),
        "DL-6": (45, "working", 15, "acceptance"),
        "DL-7": (10, "working", 0, "decision"),
        "DL-8": (12, "month", 6, "approval"),
        "DL-9": (1, "month", 0, "change"),
        "FY-1": (60, "calendar", 0, "decision_known"),
    }
    assert all(lim.title.zh and lim.title.en and lim.source for lim in limits().values())
    assert limits()["DL-5"].length.en == "20 working days"


@pytest.mark.parametrize(
    ("limit", "starts", "due"),
    [
        ("DL-1", "2026-11-02", "2026-11-17"),  # the day of the event is not counted
        ("DL-1", "2026-09-20", "2026-10-05"),  # calendar days run through the National Day
        ("DL-4", "2026-11-06", "2026-11-13"),
        ("DL-4", "2026-09-18", "2026-09-24"),  # Sunday 20 September is made up
        ("DL-5", "2026-02-06", "2026-03-12"),
        ("DL-7", "2026-09-29", "2026-10-19"),  # Saturday 10 October is made up
        ("DL-8", "2024-02-29", "2025-02-28"),
        ("DL-9", "2026-01-31", "2026-02-28"),
    ],
)
def test_due(limit, starts, due):
    assert a_clock(limit, date.fromisoformat(starts)).due() == date.fromisoformat(due)


def test_days_left_and_states_of_a_day():
    clock = a_clock("DL-1")
    assert [clock.days_left(date(2026, 11, d)) for d in (2, 16, 17, 18)] == [15, 1, 0, -1]
    assert clock.state(date(2026, 11, 16)) is ClockState.RUNNING
    assert clock.state(date(2026, 11, 17)) is ClockState.DUE_TODAY
    assert clock.state(date(2026, 11, 18)) is ClockState.OVERDUE and clock.overdue(date(2026, 11, 18))
    # A limit in working days is not one day further over a weekend.
    licence = a_clock("DL-4", date(2026, 11, 6))
    assert [licence.days_left(date(2026, 11, d)) for d in (13, 14, 15, 16)] == [0, 0, 0, -1]
    assert licence.overdue(date(2026, 11, 14))


def test_a_supplement_stops_the_days():
    clock = a_clock()  # accepted on Monday 2 November: 20 working days, due on the 30th
    assert clock.due() == date(2026, 11, 30)
    waiting = clock.pause(date(2026, 11, 6))
    assert waiting.paused and waiting.due() is None
    assert waiting.state(date(2026, 11, 27)) is ClockState.PAUSED
    assert waiting.days_left(date(2026, 11, 27)) == 16  # four were used, however long it lasts
    back = waiting.go_on(date(2026, 11, 13))
    assert not back.paused and back.due() == date(2026, 12, 7)  # five working days later
    assert back.days_left(date(2026, 11, 13)) == 16


def test_used_days_leave_the_pauses_out():
    clock = a_clock()  # Monday, 2 November
    assert [clock.used(date(2026, 11, d)) for d in (2, 3, 6, 8, 9)] == [0, 1, 4, 4, 5]
    waiting = clock.pause(date(2026, 11, 6))
    assert waiting.used(date(2026, 11, 27)) == 4
    done = waiting.go_on(date(2026, 11, 13)).stop(date(2026, 11, 17))
    assert done.used(date(2026, 12, 1)) == 6
    assert a_clock("DL-1").stop(date(2026, 11, 12)).used(date(2026, 12, 1)) == 10
    assert a_clock("DL-5", date(2026, 12, 25)).used(date(2027, 1, 8)) is None


def test_two_pauses_and_one_within_a_day():
    clock = a_clock().pause(date(2026, 11, 6)).go_on(date(2026, 11, 6))
    assert clock.due() == date(2026, 11, 30)
    clock = clock.pause(date(2026, 11, 10)).go_on(date(2026, 11, 12)).pause(date(2026, 11, 13))
    assert clock.due() is None
    assert clock.go_on(date(2026, 11, 17)).due() == date(2026, 12, 4)


def test_a_pause_does_not_save_what_is_over():
    late = a_clock("DL-4", date(2026, 11, 6)).pause(date(2026, 11, 14))  # due on Friday, the 13th
    assert late.due() == date(2026, 11, 13)
    assert late.state(date(2026, 11, 16)) is ClockState.OVERDUE
    assert late.go_on(date(2026, 11, 20)).due() == date(2026, 11, 13)
    # On the last day it does; what is left then is nothing.
    last = a_clock("DL-4", date(2026, 11, 6)).pause(date(2026, 11, 13))
    assert last.due() is None and last.days_left(date(2026, 11, 20)) == 0
    assert last.go_on(date(2026, 11, 20)).due() == date(2026, 11, 20)


def test_an_extension_is_given_once_with_a_reason_and_in_time():
    clock = a_clock()
    longer = clock.extend(date(2026, 11, 20), " 专家论证需要时间 ")
    assert longer.due() == date(2026, 12, 14) and longer.extension_reason == "专家论证需要时间"
    with pytest.raises(ExtensionNeedsReason):
        clock.extend(date(2026, 11, 20), "  ")
    with pytest.raises(NotExtendable, match="一次"):
        longer.extend(date(2026, 11, 21), "再延")
    with pytest.raises(NotExtendable, match="已过"):
        clock.extend(date(2026, 12, 1), "太晚")
    with pytest.raises(NotExtendable, match="没有规定"):
        a_clock("DL-1").extend(date(2026, 11, 3), "想延")
    with pytest.raises(ClockStands):
        clock.stop(date(2026, 11, 20)).extend(date(2026, 11, 21), "办完了")


def test_done_in_time_or_late():
    clock = a_clock("DL-2")
    in_time, late = clock.stop(date(2026, 11, 17)), clock.stop(date(2026, 11, 18))
    assert in_time.state(date(2027, 1, 1)) is ClockState.DONE_IN_TIME and not in_time.overdue(
        date(2027, 1, 1)
    )
    assert late.state(date(2026, 11, 18)) is ClockState.DONE_LATE and late.overdue(date(2026, 11, 18))
    assert in_time.days_left(date(2026, 11, 30)) is None
    with pytest.raises(ClockStands):
        in_time.stop(date(2026, 11, 18))
    with pytest.raises(ClockStands):
        in_time.pause(date(2026, 11, 18))


def test_a_withdrawn_case_stops_while_it_pauses():
    clock = a_clock().pause(date(2026, 11, 6)).stop(date(2026, 11, 20))
    assert not clock.paused and clock.state(date(2026, 12, 1)) is ClockState.DONE_IN_TIME


def test_nothing_happens_before_what_happened():
    with pytest.raises(BeforeItBegan):
        a_clock().pause(date(2026, 11, 1))
    with pytest.raises(BeforeItBegan):
        a_clock().pause(date(2026, 11, 6)).go_on(date(2026, 11, 5))
    with pytest.raises(ClockStands):
        a_clock().go_on(date(2026, 11, 5))
    with pytest.raises(ClockStands):
        a_clock().pause(date(2026, 11, 6)).pause(date(2026, 11, 7))


def test_outside_the_holiday_table_the_due_date_is_open_and_says_so():
    clock = a_clock("DL-5", date(2026, 12, 14))
    assert clock.due() is None and clock.days_left(date(2026, 12, 15)) is None
    assert clock.state(date(2026, 12, 15)) is ClockState.UNKNOWN and not clock.overdue(date(2026, 12, 15))
    assert "节假日" in clocks.CLOCK_STATE_NAMES[ClockState.UNKNOWN].zh
    assert clock.stop(date(2026, 12, 15)).state(date(2026, 12, 16)) is ClockState.DONE
    # Calendar days need no table.
    assert a_clock("DL-1", date(2031, 5, 1)).due() == date(2031, 5, 16)


def test_a_last_day_of_rest_moves_on_where_the_setting_says_so(tmp_path):
    text = (clocks.PLACE / "limits.csv").read_text("utf-8")
    file = tmp_path / "limits.csv"
    file.write_text(text.replace(",keep,", ",next,"), "utf-8")
    moved = Clock(read_limits(file)["DL-1"], date(2026, 9, 20))
    assert a_clock("DL-1", date(2026, 9, 20)).due() == date(2026, 10, 5)
    assert moved.due() == date(2026, 10, 8)
    assert moved.pause(date(2026, 10, 8)).due() is None  # the moved day is the last one
    file.write_text(text.replace(",keep,", ",perhaps,"), "utf-8")
    with pytest.raises(ValueError, match="not in order"):
        read_limits(file)


def test_a_promise_is_shorter_than_the_law(tmp_path):
    text = (clocks.PLACE / "limits.csv").read_text("utf-8")
    file = tmp_path / "limits.csv"
    file.write_text(text.replace("Decision,20,,", "Decision,20,10,"), "utf-8")
    promised = read_limits(file)["DL-5"]
    assert (promised.days, promised.in_force, promised.length.zh) == (20, 10, "10个工作日")
    clock = Clock(promised, date(2026, 11, 2))
    assert clock.due() == date(2026, 11, 16)
    # The law's extension comes on top; a clock that began before keeps its own days.
    assert clock.extend(date(2026, 11, 10), "复杂").due() == date(2026, 11, 30)
    assert a_clock(days=20).due() == date(2026, 11, 30)
    file.write_text(text.replace("Decision,20,,", "Decision,20,21,"), "utf-8")
    with pytest.raises(ValueError, match="promise"):
        read_limits(file)


def test_a_clock_comes_back_as_it_was_kept():
    clock = a_clock().pause(date(2026, 11, 6)).go_on(date(2026, 11, 13)).extend(date(2026, 11, 16), "复杂")
    clock = clock.pause(date(2026, 11, 18))
    again = Clock.restored(
        "DL-5", unit="working", days=20, starts=clock.starts, pauses=clock.pauses_as_json(),
        extended=clock.extended, extension_reason=clock.extension_reason, stopped=None,
    )  # fmt: skip
    assert again.pauses == clock.pauses and again.total == clock.total
    assert again.go_on(date(2026, 11, 20)).due() == clock.go_on(date(2026, 11, 20)).due()
    # What began under an older table keeps its own days.
    assert Clock.restored("DL-5", unit="calendar", days=7, starts=date(2026, 11, 2)).due() == date(
        2026, 11, 9
    )


@given(
    st.sampled_from([DayUnit.CALENDAR, DayUnit.WORKING]),
    st.dates(date(2025, 1, 2), date(2025, 12, 1)),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3),
)
def test_pauses_move_the_due_date_by_what_they_last(unit, starts, spans):
    clock = a_clock("DL-5" if unit is DayUnit.WORKING else "DL-1", starts)
    table, at, expected = clocks.working_days(), starts, clock.total
    for ahead, rest in spans:
        since = at + timedelta(days=ahead)
        if since > clock.due():
            break
        clock = clock.pause(since).go_on(since + timedelta(days=rest))
        at = since + timedelta(days=rest)
        lost = table.working_days_between(since, at) if unit is DayUnit.WORKING else rest
        expected += lost
    days = (
        table.working_days_between(starts, clock.due())
        if unit is DayUnit.WORKING
        else (clock.due() - starts).days
    )
    assert days == expected
