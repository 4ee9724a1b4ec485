"""Days of rest (法定节假日) for opening hours: the same table that the clocks of applications read."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from geo.settings import DATA


def days_of_rest() -> frozenset[date]:
    """All days of rest that the State Council's notices give, as far as they are in the table."""
    more = os.environ.get("YUDI_HOLIDAYS")
    return _read((DATA / "approvals" / "holidays.csv", *([Path(more)] if more else [])))


@cache
def _read(paths: tuple[Path, ...]) -> frozenset[date]:
    days: set[date] = set()
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["kind"] == "rest":
                    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
                    days |= {first + timedelta(days=i) for i in range((last - first).days + 1)}
    return frozenset(days)
