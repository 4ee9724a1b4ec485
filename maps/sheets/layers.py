"""Layers (图层) of a sheet: what is drawn and how, from the ground up. Geometry in EPSG:4490, longitude first.

Sizes are for A4, in millimetres and points; `Paper.factor` makes them larger on larger paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shapely.geometry.base import BaseGeometry

from maps.theme import INK

Symbol = Literal["dot", "ring", "diamond", "square", "post"]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line's look. dash_mm: drawn and left out by turns, empty for a solid line."""

    colour: str
    width_mm: float
    dash_mm: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Areas:
    """Polygons (面). fills: a colour each."""

    geometries: Sequence[BaseGeometry]
    fills: Sequence[str]
    edge: Stroke | None = None
    legend: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Band:
    """色带: the colour inside a boundary, drawn as one area so that it never overlaps itself."""

    outline: BaseGeometry
    colour: str
    width_mm: float
    opacity: float = 0.22


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines (线) of one look. avoid: names keep off them."""

    geometries: Sequence[BaseGeometry]
    stroke: Stroke
    legend: str = ""
    note: str = ""
    avoid: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """Points (点) with one symbol."""

    geometries: Sequence[BaseGeometry]
    symbol: Symbol
    colour: str
    size_mm: float = 1.1
    legend: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lettering:
    """注记: how a name is set. serif: 宋体, else 黑体."""

    size_pt: float
    colour: str = INK
    serif: bool = False
    bold: bool = False
    spacing_em: float = 0.0
    halo: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """A name's own symbol: placed with it, and left out where a more important name lies over it."""

    symbol: Symbol
    colour: str
    size_mm: float = 0.9
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """One name to place. at: where it belongs. rank: the smaller, the earlier it is placed. sits: on the
    place, on it or a little above and below (area), beside a symbol of radius `clear_mm` (point), or along a line
    and turned with it, `clear_mm` above (line). mark: its own symbol. anchor: the only side allowed, where there
    is one. must: set even where it covers another."""

    text: str
    at: BaseGeometry
    lettering: Lettering
    rank: float = 0.0
    sits: Literal["area", "point", "line"] = "area"
    clear_mm: float = 0.9
    mark: Mark | None = None
    anchor: str = ""
    must: bool = False


Layer = Areas | Band | Lines | Points


@dataclass(frozen=True, slots=True)
class Layers:
    """Everything on the map's face, drawn in order, and the names over it. extent: what must be on the
    sheet, west, south, east, north; None takes all layers together."""

    drawn: Sequence[Layer]
    names: Sequence[Name] = ()
    extent: tuple[float, float, float, float] | None = None
