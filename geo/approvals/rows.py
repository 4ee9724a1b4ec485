"""Rows of the settings tables in data/approvals: which row speaks of a category, an action and a day."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache

from geo.approvals.holidays import PLACE

ANY = "any"


@cache
def read(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a table by its file's name."""
    with (PLACE / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def words(cell: str) -> tuple[str, ...]:
    """The parts of a cell between semicolons."""
    return tuple(part for part in cell.split(";") if part)


def speaks(row: Mapping[str, str], on: date | None = None, **asked: str) -> bool:
    """Whether a row speaks of all that is asked (a cell may hold several words, or `any`), and of the day."""
    if on is not None:
        if row.get("valid_from") and on < date.fromisoformat(row["valid_from"]):
            return False
        if row.get("valid_to") and on > date.fromisoformat(row["valid_to"]):
            return False
    return all(ANY in (cells := words(row[key])) or value in cells for key, value in asked.items())


def nearest(
    rows: Iterable[Mapping[str, str]], on: date | None = None, **asked: str
) -> Mapping[str, str] | None:
    """The row that speaks of all that is asked with the fewest `any`; None where none does."""
    fitting = [row for row in rows if speaks(row, on, **asked)]
    return min(fitting, key=lambda row: sum(row[key] == ANY for key in asked), default=None)
