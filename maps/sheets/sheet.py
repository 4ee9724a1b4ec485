"""A sheet (图幅): a finished vector map, and what paper it is for. Geometry and wording in, SVG out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed map (印制地图).

    svg: the drawing, one user unit a millimetre; width_mm, height_mm: its size on paper; scale: the
    denominator of the numeric scale (比例尺分母); title: the map's title; on: the date of its data, which is
    the date that files made of it carry; demo: whether demonstration data are drawn; left_out: names that
    found no room.
    """

    svg: str
    width_mm: float
    height_mm: float
    scale: int
    title: str
    on: date
    demo: bool
    left_out: tuple[str, ...] = ()
