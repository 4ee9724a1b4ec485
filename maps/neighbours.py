"""Neighbours (毗邻政区): where the names of the units outside stand, in the margin of a district's map.

A county line is called by its two sides (渝北—江北线); the side that is not the district's is the neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from maps.labels import label_text

#: How far outside its line a name stands, as a share of the district's shorter side.
MARGIN = 0.04
#: A neighbour whose line is a smaller share of the district's outline has no room for its name.
LEAST = 0.015


def neighbours(
    lines: Iterable[Mapping[str, Any]], district: str, outline: BaseGeometry
) -> list[dict[str, Any]]:
    """Names and places of the units around a district, those with the longest border first.

    lines: title and geometry of the county lines, EPSG:4490; outline: the district's polygon. Returns
    {"text", "at": [lon, lat], "anchor"}; each place lies outside the outline, and the anchor is the side of the
    name that is nearest to it, so that no size of the map lays the name over the line.
    """
    if outline.is_empty:
        return []
    longest: dict[str, BaseGeometry] = {}
    for way in lines:
        text, line = other_side(str(way["title"]), district), way["geometry"]
        if text and (text not in longest or line.length > longest[text].length):
            longest[text] = line
    west, south, east, north = outline.bounds
    margin = MARGIN * min(east - west, north - south)
    placed = []
    for text, line in sorted(longest.items(), key=lambda item: (-item[1].length, item[0])):
        if line.length < LEAST * outline.length:
            continue
        at = _outside(line, outline, margin)
        if at is not None:
            foot = shapely.shortest_line(at, outline).coords[-1]
            anchor = _anchor(at.x - foot[0], at.y - foot[1])
            placed.append(
                {"text": label_text(text), "at": [round(at.x, 5), round(at.y, 5)], "anchor": anchor}
            )
    return placed


def other_side(name: str, district: str) -> str | None:
    """The side of a line's name that is not the district; None where the name is of another form."""
    sides = [side.strip() for side in name.removesuffix("线").replace("－", "—").split("—")]
    others = [side for side in sides if side and not district.startswith(side)]
    return others[0] if len(sides) == 2 and len(others) == 1 else None


def _anchor(east: float, north: float) -> str:
    """The side of a name that turns to the district, which lies the other way from here."""
    if abs(east) >= abs(north):
        return "left" if east > 0 else "right"
    return "bottom" if north > 0 else "top"


def _outside(line: BaseGeometry, outline: BaseGeometry, margin: float) -> shapely.Point | None:
    """A point a margin outside the outline: from the middle of the line where it can be, as far from every
    other part of the outline as from there."""
    best, room = None, 0.0
    for share in (0.5, 0.4, 0.6, 0.3, 0.7):
        middle = shapely.line_interpolate_point(line, share, normalized=True)
        before, after = shapely.get_coordinates(
            shapely.line_interpolate_point(line, [max(share - 0.1, 0), min(share + 0.1, 1)], normalized=True)
        )
        dx, dy = after - before
        long = float(np.hypot(dx, dy))
        if long == 0:
            continue
        for sign in (1.0, -1.0):
            x, y = middle.x - sign * dy / long * margin, middle.y + sign * dx / long * margin
            point = shapely.Point(x, y)
            free = 0.0 if outline.contains(point) else float(outline.distance(point))
            if free > room + margin * 0.1:
                best, room = point, free
    return best if room > margin * 0.3 else None
