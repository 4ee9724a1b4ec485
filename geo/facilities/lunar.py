"""Lunar dates (农历): a table of months, for market days that follow the moon.

data/facilities/lunar_months.csv: the first day of every lunar month from 2000 to 2059, after GB/T 33661-2017
(农历的编算和颁行): a month begins on the Beijing day of its new moon. Numbers and leap months are ICU 78's; four
of its first days are put right, where the new moon falls within minutes of midnight (2012-08-17, 2018-11-08,
2027-02-06, 2030-02-03). The tests compute every new moon, and hold dates that were announced.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cache

from geo.settings import DATA

MONTHS = "正二三四五六七八九十冬腊"
_TENS = ("初", "十", "廿", "三")


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar calendar. year: the one that its New Year lies in; leap: 闰月."""

    year: int
    month: int
    leap: bool
    day: int

    def __str__(self) -> str:
        day = {10: "初十", 20: "二十", 30: "三十"}.get(self.day)
        day = day or _TENS[self.day // 10] + "一二三四五六七八九"[self.day % 10 - 1]
        return f"{'闰' if self.leap else ''}{MONTHS[self.month - 1]}月{day}"


@cache
def _table() -> tuple[list[date], list[tuple[int, int, bool]]]:
    with (DATA / "facilities" / "lunar_months.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return (
        [date.fromisoformat(r["first_day"]) for r in rows],
        [(int(r["year"]), int(r["month"]), r["leap"] == "yes") for r in rows],
    )


def lunar(day: date) -> LunarDate | None:
    """The lunar date of a day, None outside the table's years."""
    firsts, months = _table()
    at = bisect_right(firsts, day) - 1
    if at < 0 or at == len(firsts) - 1:
        return None
    return LunarDate(*months[at], (day - firsts[at]).days + 1)
