"""Paper (纸张): sizes from A4 to A0, and what is drawn larger on a larger sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.problems import BadInput
from geo.text import Text

#: ISO 216, millimetres, upright.
SIZES: dict[str, tuple[float, float]] = {
    "A4": (210.0, 297.0),
    "A3": (297.0, 420.0),
    "A2": (420.0, 594.0),
    "A1": (594.0, 841.0),
    "A0": (841.0, 1189.0),
}


class NoSuchPaper(BadInput):
    """A size that is not made."""

    code = "no-such-paper"
    title = Text("没有纸张 {0}，可选 {1}", "No paper {0}; there is {1}")


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper, millimetres."""

    width_mm: float
    height_mm: float

    @property
    def lying(self) -> bool:
        """Whether it is wider than high."""
        return self.width_mm > self.height_mm

    @property
    def factor(self) -> float:
        """How much larger than on A4 lettering and symbols are: an A0 is read from farther away."""
        return max(0.82, (self.width_mm * self.height_mm / (210 * 297)) ** 0.33)


#: The map in a document (附图): the type area of GB/T 9704, between its label and the 版记.
ATTACHED = Paper(156.0, 188.0)


#: Wider than this in proportion, an extent gains from a lying sheet: half way between the two windows' forms.
LYING_FROM = 1.04


def fitting(size: str, extent: tuple[float, float, float, float]) -> Paper:
    """A paper by its name, lying or upright as the extent (degrees) wants it. Raises NoSuchPaper."""
    west, south, east, north = extent
    wide = (east - west) * math.cos(math.radians((south + north) / 2))
    return paper(size, lying=wide > LYING_FROM * (north - south))


def paper(size: str, *, lying: bool = True) -> Paper:
    """A paper by its name, lying (横幅) or upright. Raises NoSuchPaper."""
    if size.upper() not in SIZES:
        raise NoSuchPaper(size, ", ".join(SIZES))
    short, long = SIZES[size.upper()]
    return Paper(long, short) if lying else Paper(short, long)
