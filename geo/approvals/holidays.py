"""工作日: China's working days, by the yearly notices of the State Council on days of rest and make-up work.

The table is data/approvals/holidays.csv: one row per rest or make-up working day or stretch of them, with the notice. A
year without a notice in the table is not known, and nothing is guessed for it. The last three days of December may be
settled by the next year's notice (2018, 2022), so they are known once that one is in the table.
Source: 《国务院办公厅关于…年部分节假日安排的通知》.
"""

from __future__ import annotations

import csv
import os
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from geo.problems import Unavailable
from geo.settings import DATA
from geo.text import Text

PLACE = DATA / "approvals"
_DAY = timedelta(days=1)
_SATURDAY = 5
#: Days at a year's end that the next year's notice has settled before.
_NEXT_NOTICE_DAYS = 3


class CalendarUnknown(Unavailable):
    """The working days of a date are not in the table."""

    code = "calendar-unknown"
    title = Text(
        "{day} 的节假日安排尚未录入（已录入 {first} 至 {last}），期限不能推算；请管理员按国务院通知补充节假日表（docs/clocks.md）",
        "The working days around {day} are not known (the table has {first} to {last}) and no date is guessed; the "
        "administrator adds the State Council's notice to the holiday table (docs/clocks.md)",
    )


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days from `first` to `last`, both known. days: their ordinals, ascending."""

    first: date
    last: date
    days: tuple[int, ...]

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day. Raises CalendarUnknown."""
        self._known(day)
        at = bisect_right(self.days, day.toordinal())
        return at > 0 and self.days[at - 1] == day.toordinal()

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself is not counted. Raises CalendarUnknown, and
        ValueError for a negative count; no day later is `day` itself."""
        if count < 0:
            raise ValueError("count must not be negative")
        self._known(day)
        if count == 0:
            return day
        at = bisect_right(self.days, day.toordinal()) + count - 1
        if at >= len(self.days):
            raise CalendarUnknown(day=self.last + _DAY, first=self.first, last=self.last)
        return date.fromordinal(self.days[at])

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days there are after `after` up to and with `until`; negative where `until` lies
        before. Raises CalendarUnknown."""
        self._known(after)
        self._known(until)
        return bisect_right(self.days, until.toordinal()) - bisect_right(self.days, after.toordinal())

    def next_working_day(self, day: date) -> date:
        """That day, or the next one on which offices work. Raises CalendarUnknown."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def _known(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise CalendarUnknown(day=day, first=self.first, last=self.last)


def from_rows(rows: Iterable[Mapping[str, str]]) -> WorkingDays:
    """The working days of rows of year, kind (rest, work), first, last and source.

    Covered are the years from the first with a notice up to the first without. Raises ValueError on a row that is
    no stretch of days, lies away from its year, or has no source, and where two rows speak of the same day.
    """
    said: dict[date, bool] = {}
    years: set[int] = set()
    for row in rows:
        year, first, last = (
            int(row["year"]),
            date.fromisoformat(row["first"]),
            date.fromisoformat(row["last"]),
        )
        if row["kind"] not in ("rest", "work") or not row["source"] or not first <= last:
            raise ValueError(f"a row of the holiday table is not in order: {dict(row)}")
        if not date(year - 1, 12, 1) <= first <= last <= date(year, 12, 31):
            raise ValueError(f"a row of the holiday table lies away from its year: {dict(row)}")
        years.add(year)
        while first <= last:
            if first in said:
                raise ValueError(f"two rows of the holiday table speak of {first}")
            said[first] = row["kind"] == "work"
            first += _DAY
    if not years:
        raise ValueError("the holiday table is empty")
    final = min(years)
    while final + 1 in years:
        final += 1
    begin, end = date(min(years), 1, 1), date(final, 12, 31) - _NEXT_NOTICE_DAYS * _DAY
    days = (date.fromordinal(n) for n in range(begin.toordinal(), end.toordinal() + 1))
    return WorkingDays(begin, end, tuple(d.toordinal() for d in days if said.get(d, d.weekday() < _SATURDAY)))


@cache
def working_days() -> WorkingDays:
    """The shipped table, with the rows of the file that `YUDI_HOLIDAYS` names, for the notice of a new year."""
    paths = [PLACE / "holidays.csv"]
    if more := os.environ.get("YUDI_HOLIDAYS"):
        paths.append(Path(more))
    rows: list[dict[str, str]] = []
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows.extend(csv.DictReader(file))
    return from_rows(rows)


def is_working_day(day: date) -> bool:
    """`WorkingDays.is_working_day` of the shipped table."""
    return working_days().is_working_day(day)


def add_working_days(day: date, count: int) -> date:
    """`WorkingDays.add_working_days` of the shipped table."""
    return working_days().add_working_days(day, count)


def working_days_between(after: date, until: date) -> int:
    """`WorkingDays.working_days_between` of the shipped table."""
    return working_days().working_days_between(after, until)


#: How long before its end the holiday table is to be added to: a limit of twenty working days and the notice's own time.
WARN_DAYS = 60


def ends_soon(on: date) -> date | None:
    """The last day of the holiday table where that is near (or past), for those who can add to it."""
    last = working_days().last
    return last if (last - on).days < WARN_DAYS else None


#: The longest limit in working days, its extension and the holidays inside it: joint handling.
LONGEST_DAYS = 120


def may_lack(on: date) -> bool:
    """Whether a limit that runs on a day may end beyond the holiday table."""
    return (working_days().last - on).days < LONGEST_DAYS


def next_year() -> int:
    """The first year whose notice is not in the table."""
    return working_days().last.year + 1
