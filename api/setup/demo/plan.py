"""Plan (演示方案) of a district's demonstration: what of it is a choice and not made by the generator."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from geo.settings import DATA

FOLDER = DATA / "boundaries" / "demo"


@dataclass(frozen=True)
class Plan:
    """data/boundaries/demo/<district>.

    as_of: the unit lists are read on this day; the geometry is of the units then in force. enclave:
    (owner, host): a piece of the first lies inside the second (飞地). disputed: the line in dispute.
    twins, singles, short: the tutorial's lines: twin markers along the first, singles on the second, the
    third a short one. polygons: townships whose polygons go with them. defects: what defects_areas and
    defects_package plant on what. places, neighbours, states: rows of the tables.
    """

    seed: int
    as_of: date
    enclave: tuple[str, str]
    disputed: str
    twins: str
    singles: str
    short: str
    polygons: tuple[str, ...]
    defects: dict[str, str]
    places: tuple[dict[str, str], ...]
    neighbours: tuple[dict[str, str], ...]
    states: tuple[dict[str, str], ...]

    @property
    def tutorial(self) -> tuple[str, str, str]:
        """Codes of the lines that the tutorial hands in."""
        return self.twins, self.singles, self.short


def exists(district: str) -> bool:
    """Whether a district has a demonstration."""
    return (FOLDER / district / "plan.json").exists()


@cache
def plan(district: str) -> Plan:
    """The plan of a district. Raises FileNotFoundError where it has none."""
    folder = FOLDER / district
    raw: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    tutorial = raw["tutorial"]
    return Plan(
        seed=raw["seed"],
        as_of=date.fromisoformat(raw["as_of"]),
        enclave=(raw["enclave"]["owner"], raw["enclave"]["host"]),
        disputed=raw["disputed"],
        twins=tutorial["twins"],
        singles=tutorial["singles"],
        short=tutorial["short"],
        polygons=tuple(tutorial["polygons"]),
        defects=raw["defects"],
        places=_rows(folder / "places.csv"),
        neighbours=_rows(folder / "neighbours.csv"),
        states=_rows(folder / "states.csv"),
    )


def _rows(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
