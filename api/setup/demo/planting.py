"""Planting (缺陷设置): the tutorial's wrong delivery grows from the right one, one defect at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from api.setup.demo.generate import District
from api.setup.demo.layers import STEMS, Record, Result, line_record
from api.setup.demo.life import accepted_on
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Planted:
    """One row of the tutorial's table: which check finds it, in which file and layer, on what, and why."""

    code: str
    file: str
    layer: str
    subject: str
    what: Text


@dataclass
class Planter:
    """The delivery while it grows: the district it is of, its records, and what was planted so far."""

    demo: District
    result: Result
    file: str
    planted: list[Planted] = field(default_factory=list)
    taken: int = 0

    def note(self, code: str, role: str, subject: str, zh: str, en: str) -> None:
        self.planted.append(Planted(code, self.file, STEMS.get(role, role), subject, Text(zh, en)))

    def line(self, least_m: float = 1_500.0) -> Record:
        """A further line that nothing is accepted of, as it should be, added to the delivery."""
        rows = [
            r
            for r in self.demo.lines.itertuples()
            if accepted_on(r) is None
            and r.code not in self.demo.plan.tutorial
            and not r.geometry.is_ring
            and not r.in_dispute
        ]
        free = [r for r in rows[self.taken :] if r.length_m >= least_m]
        self.taken = rows.index(free[0]) + 1
        record = line_record(free[0])
        self.result.lines.append(record)
        return record

    def of(self, role: str, **wanted: Any) -> Record:
        """The one record of a role with these values."""
        return next(r for r in self.result.role(role) if all(r.values.get(k) == v for k, v in wanted.items()))

    def again(self, record: Record, role: str, **changed: Any) -> Record:
        """A second record like one, with other values."""
        copy = replace(record, values=record.values | changed)
        self.result.role(role).append(copy)
        return copy


Plant = Callable[[Planter], None]


def points(record: Record) -> NDArray[np.float64]:
    """The vertices of a line record, (n, 2), a copy."""
    return np.array(shapely.get_coordinates(record.geometry))


def set_line(record: Record, vertices: NDArray[np.float64]) -> None:
    """Give a line record other vertices, on the storage grid."""
    record.geometry = shapely.LineString(np.asarray(vertices).round(4))


def beside(vertices: NDArray[np.float64], at: int, metres: float) -> NDArray[np.float64]:
    """A point to the left of a line at one of its vertices (right where negative)."""
    ahead = vertices[min(at + 1, len(vertices) - 1)] - vertices[max(at - 1, 0)]
    left = np.array((-ahead[1], ahead[0])) / np.linalg.norm(ahead)
    return np.asarray((vertices[at] + metres * left).round(4))
