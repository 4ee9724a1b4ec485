"""Landmarks (参照界桩): the marker that a place is named by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

#: The serial at the end of a number of the usual form, with its letter where it is not a single marker.
_SERIAL = re.compile(r"(\d{3})([QABCDE])$")


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker by its full number and by what people call it (017), and how far it is, in metres."""

    number: str
    called: str
    metres: float


@dataclass(frozen=True)
class Landmarks:
    """Markers of both versions: numbers, the codes of their lines, and a tree of their places."""

    numbers: tuple[str, ...]
    lines: tuple[str | None, ...]
    points: NDArray[np.object_]

    @classmethod
    def of(cls, markers: Mapping[str, tuple[BaseGeometry, str | None]]) -> Landmarks:
        points = np.empty(len(markers), dtype=object)
        points[:] = [point for point, _ in markers.values()]
        lines = [line or _line_of(number) for number, (_, line) in markers.items()]
        return cls(tuple(markers), tuple(lines), points)

    def near(
        self, shape: BaseGeometry, giver: str | None, taker: str | None, line: str | None
    ) -> Mark | None:
        """The nearest marker of the line, or of a line between the two units; else of any line."""
        if not len(self.points):
            return None
        wanted = [
            i
            for i, code in enumerate(self.lines)
            if code is not None
            and (code == line or (line is None and giver and taker and giver in code and taker in code))
        ]
        chosen = np.array(wanted or range(len(self.points)), dtype=np.intp)
        metres = np.asarray(shapely.distance(self.points[chosen], shape))
        best = int(metres.argmin())
        number = self.numbers[chosen[best]]
        return Mark(number, called(number), float(metres[best]))


def called(number: str) -> str:
    """What people call a marker: 017, or 017A of a twin; the whole number where it has another form."""
    match = _SERIAL.search(number)
    if match is None:
        return number
    return match.group(1) + ("" if match.group(2) == "Q" else match.group(2))


def _line_of(number: str) -> str | None:
    return number[:-4] if _SERIAL.search(number) and len(number) > 4 else None
