"""Anchors (注记定位): where on its shape a name may stand. Millimetres on paper, y downwards."""

from __future__ import annotations

import math

import shapely
from shapely.geometry.base import BaseGeometry

#: Where along its line a name is tried: the middle first.
SHARES = (0.5, 0.38, 0.62, 0.26, 0.74, 0.15, 0.85)

#: How much longer than its chord a stretch of line may be to carry a name.
STRAIGHT = 1.06

Turned = tuple[float, float, float]
Anchors = tuple[tuple[float, float] | None, tuple[Turned, ...], float]


def anchors(shape: BaseGeometry, room: BaseGeometry, sits: str, width_mm: float) -> Anchors:
    """The point of a name, its places along a line, and how wide the shape is there. The point is None where
    the shape is not on the map.

    Of an area the middle of the widest part that the map shows is taken, so that the name stands inside
    whatever its form; of a line its middle.
    """
    if shape is None or shape.is_empty:
        return None, (), 0.0
    if sits == "line":
        return _along(shape, room, width_mm)
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        seen = shapely.intersection(shapely.make_valid(shapely.simplify(shape, 0.2)), room)
        parts = [p for p in shapely.get_parts(seen) if p.geom_type == "Polygon" and p.area > 0]
        if not parts:
            return None, (), 0.0
        largest = max(parts, key=lambda p: p.area)
        radius = shapely.maximum_inscribed_circle(largest, tolerance=0.5)
        x, y = radius.coords[0]
        return (x, y), (), 2 * radius.length
    point = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
    return ((point.x, point.y), (), 0.0) if room.contains(point) else (None, (), 0.0)


def _along(shape: BaseGeometry, room: BaseGeometry, width_mm: float) -> Anchors:
    """Places along the longest part of a line that is straight enough for the name's width."""
    merged = shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape
    parts = [p for p in shapely.get_parts(merged) if p.geom_type == "LineString" and p.length > 0]
    if not parts:
        return None, (), 0.0
    line = max(parts, key=lambda p: p.length)
    found: list[Turned] = []
    for share in SHARES:
        middle = share * line.length
        if middle - width_mm / 2 < 0 or middle + width_mm / 2 > line.length:
            continue
        a, m, b = (line.interpolate(middle + d * width_mm / 2) for d in (-1, 0, 1))
        chord = math.hypot(b.x - a.x, b.y - a.y)
        if chord <= 0 or width_mm / chord > STRAIGHT or not room.contains(m):
            continue
        if b.x < a.x:
            a, b = b, a
        # Over the highest of the three, so that a bulge does not run through the name.
        angle = math.degrees(math.atan2(b.y - a.y, b.x - a.x))
        sin, cos = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        over = min(-(p.x - a.x) * sin + (p.y - a.y) * cos for p in (a, m, b))
        x, y = (a.x + b.x) / 2 - over * sin, (a.y + b.y) / 2 + over * cos
        found.append((x, y, angle))
    at = line.interpolate(0.5, normalized=True)
    return ((at.x, at.y), tuple(found), 0.0) if found else (None, (), 0.0)
