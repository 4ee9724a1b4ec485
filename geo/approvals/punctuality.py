"""办件时效: how many duties were done in time, by month and category, and how long they took.

Counted are duties that were done, in the month in which they were; those that are overdue and still open stand beside
them, so that what is never done is not left out. Small numbers are shown as they are: no share of fewer than
SHARE_FROM, no median of fewer than MEDIAN_FROM.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from geo.approvals.clocks import Clock, ClockState, DayUnit
from geo.text import Text

SHARE_FROM, MEDIAN_FROM = 10, 5


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty and the limits that it may run under. unit: what its days are counted in; of months, calendar days."""

    key: str
    title: Text
    limits: tuple[str, ...]
    unit: DayUnit


DUTIES = (
    Duty("answer", Text("受理或一次告知补正", "Acceptance, or all that is missing told"), ("DL-4",), DayUnit.WORKING),
    Duty("decision", Text("作出决定或复函", "Decision or opinion"), ("DL-5", "DL-6"), DayUnit.WORKING),
    Duty("delivery", Text("送达决定", "Delivery of the decision"), ("DL-7",), DayUnit.WORKING),
    Duty("filing", Text("报送备案", "Filing"), ("DL-1",), DayUnit.CALENDAR),
    Duty("announcement", Text("公告", "Announcement"), ("DL-2", "DL-3"), DayUnit.CALENDAR),
    Duty("change", Text("完成行政区划变更", "Carrying out a change of divisions"), ("DL-8",), DayUnit.CALENDAR),
    Duty("code", Text("公布区划代码", "Publishing a new division code"), ("DL-9",), DayUnit.CALENDAR),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A clock of so many cases that ran alike, as the store has it; demo: of how many of them the data are invented."""

    category: str
    clock: Clock
    cases: int = 1
    demo: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One month and category, or the sum of some. unknown: done, but whether in time the holiday table cannot say.

    share: of those known, in time; median_days: counted as the limit counts. Both None where there are too few.
    """

    month: str
    category: str
    done: int
    in_time: int
    late: int
    unknown: int
    share: float | None
    median_days: float | None
    demo: int


@dataclass(frozen=True, slots=True)
class Account:
    """What became of one duty: rows by month and category, their sum, and what is overdue and open."""

    duty: Duty
    rows: tuple[Row, ...]
    total: Row
    open_overdue: int


def accounts(kept: Iterable[Kept], on: date) -> tuple[Account, ...]:
    """The accounts of all duties. on: the day that open ones are looked at."""
    by_limit: dict[str, list[Kept]] = {}
    for one in kept:
        by_limit.setdefault(one.clock.limit.id, []).append(one)
    return tuple(
        _account(duty, [k for limit in duty.limits for k in by_limit.get(limit, [])], on) for duty in DUTIES
    )


def _account(duty: Duty, kept: list[Kept], on: date) -> Account:
    done = [k for k in kept if k.clock.stopped is not None]
    groups: dict[tuple[str, str], list[Kept]] = {}
    for one in done:
        assert one.clock.stopped is not None
        groups.setdefault((one.clock.stopped.strftime("%Y-%m"), one.category), []).append(one)
    rows = tuple(_row(month, category, groups[month, category], on) for month, category in sorted(groups))
    overdue = sum(k.cases for k in kept if k.clock.stopped is None and k.clock.overdue(on))
    return Account(duty, rows, _row("", "", done, on), overdue)


def _row(month: str, category: str, done: list[Kept], on: date) -> Row:
    counts: Counter[ClockState] = Counter()
    days: Counter[int] = Counter()
    for one in done:
        counts[one.clock.state(on)] += one.cases
        if (used := one.clock.used(on)) is not None:
            days[used] += one.cases
    whole = sum(one.cases for one in done)
    in_time, late = counts[ClockState.DONE_IN_TIME], counts[ClockState.DONE_LATE]
    return Row(
        month=month,
        category=category,
        done=whole,
        in_time=in_time,
        late=late,
        unknown=whole - in_time - late,
        share=round(in_time / (in_time + late), 3) if in_time + late >= SHARE_FROM else None,
        median_days=_median(days) if days.total() >= MEDIAN_FROM else None,
        demo=sum(one.demo for one in done),
    )


def _median(days: Counter[int]) -> float:
    """The median of numbers that are counted."""
    whole, seen = days.total(), 0
    middle: list[int] = []
    for value in sorted(days):
        seen += days[value]
        while len(middle) < 2 and seen > (whole - 1 + len(middle)) // 2:
            middle.append(value)
    return sum(middle) / 2
