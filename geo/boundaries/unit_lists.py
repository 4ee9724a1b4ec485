"""Unit lists (行政区划表): the facts of data/boundaries/units, and which units a district had on a date."""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from geo.checks.scene import Units
from geo.settings import DATA

FOLDER = DATA / "boundaries" / "units"
DATES = ("valid_from", "valid_to", "on_date")


@cache
def unit_lists(folder: Path = FOLDER) -> pd.DataFrame:
    """Every row of every district's list: one life of a unit under one name and parent.

    Columns code, statistical, name, level, kind, parent, document, source (str or None), and
    valid_from, valid_to (date or None, half-open). Any file named by a 6-digit code is a list, so
    another district is added by adding its file.
    """
    files = sorted(p for p in folder.glob("*.csv") if re.fullmatch(r"\d{6}", p.stem))
    return pd.DataFrame([row for p in files for row in _read(p)], dtype=object)


@cache
def successions(folder: Path = FOLDER) -> pd.DataFrame:
    """Which unit became which (区划沿革): from_code, to_code, to_name, to_parent, kind, on_date, document,
    source. to_code is None where the new code is not known."""
    return pd.DataFrame(_read(folder / "units_succession.csv"), dtype=object)


@cache
def other_codes(folder: Path = FOLDER) -> dict[str, tuple[str, ...]]:
    """Further codes of a unit in systems that are not verified, by its code."""
    codes: dict[str, tuple[str, ...]] = {}
    for row in _read(folder / "other_codes.csv"):
        codes[row["code"]] = (*codes.get(row["code"], ()), row["other_code"])
    return codes


def in_force(table: pd.DataFrame, at: date) -> pd.DataFrame:
    """The rows of `unit_lists` that were in force on a day."""
    keep = [
        start <= at and (end is None or at < end)
        for start, end in zip(table["valid_from"], table["valid_to"], strict=True)
    ]
    return table[keep]


def units_of(district: str, at: date, folder: Path = FOLDER) -> Units | None:
    """The townships of a district on a day, for the checks; None where no list has any.

    Where the district was abolished by then, those of its last day: what was surveyed under it stays
    citable under its old codes.
    """
    table = unit_lists(folder)
    townships = table[(table["level"] == "township") & (table["parent"] == district)]
    if townships.empty:
        return None
    now = in_force(townships, at)
    if now.empty:
        ends = [e for e in townships["valid_to"] if e is not None and e <= at]
        starts = [s for s in townships["valid_from"] if s > at]
        if ends:
            last = max(ends)
            now = townships[[e == last for e in townships["valid_to"]]]
        else:
            first = min(starts)
            now = townships[[s == first for s in townships["valid_from"]]]
    others = other_codes(folder)
    names = table[table["level"] == "township"].groupby("code")["name"].agg(set)
    rows = [
        (r.code, None if r.statistical is None else r.statistical[:9], r.name_, r.level,
         tuple(sorted(names[r.code] - {r.name_})), others.get(r.code, ()))
        for r in now.rename(columns={"name": "name_"}).itertuples(index=False)
    ]  # fmt: skip
    columns = ["code", "statistical", "name", "level", "former_names", "other_codes"]
    return Units(pd.DataFrame(rows, columns=columns))


def _read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {k: date.fromisoformat(v) if v and k in DATES else v or None for k, v in row.items()}
            for row in csv.DictReader(file)
        ]
