"""公开数字: what a number on a public page means: its formula, its inputs and the law that it is for.

Rows of data/figures.csv; every page that shows such a number opens its row.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from geo.settings import DATA
from geo.text import Text


@dataclass(frozen=True, slots=True)
class PublicFigure:
    """A number that people see. data: where programs read the same number."""

    code: str
    name: Text
    formula: Text
    inputs: Text
    data: str
    law: Text


@cache
def public_figures() -> Mapping[str, PublicFigure]:
    """Every public figure by its code."""
    with (DATA / "figures.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType({r["code"]: _figure(r) for r in csv.DictReader(file)})


def _figure(row: Mapping[str, str]) -> PublicFigure:
    def both(key: str) -> Text:
        return Text(row[key], row[f"{key}_en"])

    return PublicFigure(row["code"], both("name"), both("formula"), both("inputs"), row["data"], both("law"))
