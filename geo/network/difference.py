"""Difference (变化对照) between the published boundary and an upload, in words and as areas.

Both are laid out in one canonical grid first, the district's zone rounded to 0.1 mm, so that another
zone, another first vertex or another order gives no difference at all (docs/checks.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs.geodesic import area_m2
from geo.crs.plane import Plane
from geo.network import sentences
from geo.network.alignment import Alignment, Change, align
from geo.network.build import GRID_METRES, to_grid
from geo.network.changes import (
    Difference,
    LineDifference,
    MarkerDifference,
    Piece,
    UnitDifference,
    VertexChange,
)
from geo.network.exchange import Patch, by_line, by_polygons
from geo.network.landmarks import Landmarks

#: Lines without a common id are one line where they are nearer than this share of their length.
ALIKE = 0.05


@dataclass(frozen=True)
class Frames:
    """One version of a district, or of a part of it, in `plane.source` coordinates (EPSG:4490).

    lines: code, name, left, right (unit codes in line direction), geometry LineString.
    polygons: code, name, geometry. markers: number, line, geometry Point. Any of them may be empty; a
    column that is absent counts as None.
    """

    lines: geopandas.GeoDataFrame
    polygons: geopandas.GeoDataFrame
    markers: geopandas.GeoDataFrame

    @classmethod
    def of(cls, **frames: geopandas.GeoDataFrame) -> Frames:
        """Frames by name; those not given are empty."""
        return cls(*(frames.get(name, _empty()) for name in ("lines", "polygons", "markers")))


def difference(
    old: Frames,
    new: Frames,
    plane: Plane,
    *,
    names: Mapping[str, str] | None = None,
    same: float = 0.001,
    noise: float = 0.15,
    complete: bool = False,
) -> Difference:
    """What `new` changes of `old`.

    plane: from the frames' system to the district's zone. names: of units by code, where the polygons
    do not say. same, noise: metres, `equal` and `snap` of the tolerances. complete: `new` is the whole
    of it, so that lines and markers that it does not have are gone; otherwise they are left in peace.
    """
    called = {**_names(old), **_names(new), **(names or {})}
    before, after = _Laid.of(old, plane), _Laid.of(new, plane)
    landmarks = Landmarks.of(_marker_table(after, before))
    pairs, added, removed = _matched(before.lines, after.lines, noise)
    lines: list[LineDifference] = []
    covered = set(before.polygons) & set(after.polygons)
    ribbons: list[Patch] = []
    for old_code, code in pairs:
        was, is_ = before.lines[old_code], after.lines[code]
        aligned = align(was.points, is_.points, same=same, noise=noise)
        sides = is_.sides[::-1] if aligned.reversed else is_.sides
        told = _line(old_code, code, was, is_, aligned, sides, plane)
        if told is not None:
            lines.append(told)
        # Where both versions have the polygons of both sides, these tell it.
        if not {*was.sides, *sides} <= covered:
            ribbons += by_line(
                was.points,
                _kept(was.points, aligned),
                old_sides=was.sides,
                new_sides=sides,
                line=code,
                same=same,
            )
    ground = by_polygons(before.polygons, after.polygons, grid=GRID_METRES, same=same)
    patches = [*ribbons, *_untold(ground, ribbons)]
    lines += [_whole(code, after.lines[code], "added", plane) for code in added]
    if complete:
        lines += [_whole(code, before.lines[code], "removed", plane) for code in removed]
    pieces = tuple(_piece(p, plane, called, landmarks) for p in patches)
    return Difference(
        tuple(sorted(lines, key=lambda d: d.code)),
        tuple(sorted(pieces, key=lambda p: (-p.area_m2, p.taker or "", p.giver or ""))),
        _units(pieces, called),
        tuple(_markers(before, after, plane, same, complete)),
    )


def _untold(ground: Iterable[Patch], ribbons: list[Patch]) -> Iterator[Patch]:
    """Patches of polygons that no ribbon of a line has told already."""
    told = shapely.union_all([r.shape for r in ribbons])
    for patch in ground:
        if not ribbons or shapely.intersection(patch.shape, told).area < 0.5 * patch.shape.area:
            yield patch


@dataclass(frozen=True)
class _LaidLine:
    points: NDArray[np.float64]
    sides: tuple[str | None, str | None]
    name: str | None


@dataclass(frozen=True)
class _Laid:
    """A version in the plane, on the grid, by code."""

    lines: Mapping[str, _LaidLine] = field(default_factory=dict)
    polygons: Mapping[str, BaseGeometry] = field(default_factory=dict)
    markers: Mapping[str, tuple[BaseGeometry, str | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, frames: Frames, plane: Plane) -> _Laid:
        lines: dict[str, _LaidLine] = {}
        for number, (row, shape) in enumerate(_rows(frames.lines, plane)):
            line = shape if shape.geom_type == "LineString" else shapely.line_merge(shape)
            if line.geom_type == "LineString":
                points = shapely.get_coordinates(line)
                fresh = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
                sides = (_text(row.get("left")), _text(row.get("right")))
                code = _text(row.get("code")) or f"#{number}"
                if fresh.sum() > 1:
                    lines[code] = _LaidLine(points[fresh], sides, _text(row.get("name")))
        polygons: dict[str, list[BaseGeometry]] = {}
        for row, shape in _rows(frames.polygons, plane):
            unit = _text(row.get("code"))
            if unit is not None and shapely.get_dimensions(shape) == 2:
                polygons.setdefault(unit, []).extend(shapely.get_parts(shape))
        markers = {
            called: (shapely.centroid(shape), _text(row.get("line")))
            for row, shape in _rows(frames.markers, plane)
            if (called := _text(row.get("number"))) is not None
        }
        return cls(lines, {c: shapely.multipolygons(p) for c, p in polygons.items()}, markers)


def _rows(frame: geopandas.GeoDataFrame, plane: Plane) -> list[tuple[dict[str, Any], BaseGeometry]]:
    if len(frame) == 0:
        return []
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    laid = to_grid(plane.project(shapely.force_2d(shapes[present])), GRID_METRES)
    rows = frame.drop(columns=frame.geometry.name)[present].to_dict("records")
    return list(zip(rows, laid, strict=True))


def _matched(
    old: Mapping[str, _LaidLine], new: Mapping[str, _LaidLine], noise: float
) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Lines of both by code, else by symmetric Hausdorff distance, the nearest first; added; removed."""
    pairs = [(code, code) for code in new if code in old]
    lone_old = [code for code in old if code not in new]
    lone_new = [code for code in new if code not in old]
    near: list[tuple[float, str, str]] = []
    for b in lone_new:
        line = shapely.LineString(new[b].points)
        for a in lone_old:
            other = shapely.LineString(old[a].points)
            limit = max(noise, ALIKE * max(line.length, other.length))
            # Lines within a distance have bounds within it: that settles most pairs without the distance.
            if np.abs(np.subtract(line.bounds, other.bounds)).max() <= limit:
                apart = float(shapely.hausdorff_distance(line, other, densify=0.1))
                if apart <= limit:
                    near.append((apart, a, b))
    taken: set[str] = set()
    for _, a, b in sorted(near):
        if a in lone_old and b in lone_new and b not in taken:
            lone_old.remove(a)
            taken.add(b)
            pairs.append((a, b))
    return pairs, [b for b in lone_new if b not in taken], lone_old


def _kept(old: NDArray[np.float64], aligned: Alignment) -> NDArray[np.float64]:
    """The new vertices, with those that are kept exactly where they were."""
    points = aligned.turned.copy()
    for change, a, b in zip(aligned.change, aligned.old, aligned.new, strict=True):
        if change is Change.KEPT:
            points[b] = old[a]
    return points


def _line(
    old_code: str,
    code: str,
    was: _LaidLine,
    is_: _LaidLine,
    aligned: Alignment,
    sides: tuple[str | None, str | None],
    plane: Plane,
) -> LineDifference | None:
    counts = {c.value: aligned.count(c) for c in Change if aligned.count(c)}
    attributes = {
        name: pair
        for name, pair in {
            "code": (old_code, code),
            "name": (was.name, is_.name),
            "left": (was.sides[0], sides[0]),
            "right": (was.sides[1], sides[1]),
        }.items()
        if pair[0] != pair[1] and pair[1] is not None and not (name == "code" and code.startswith("#"))
    }
    changed = [i for i, c in enumerate(aligned.change) if c is not Change.KEPT]
    if not changed and not attributes:
        return None
    vertices = tuple(
        VertexChange(
            aligned.change[i],
            float(aligned.metres[i]),
            _degrees(was.points, aligned.old[i], plane),
            _degrees(aligned.turned, aligned.new[i], plane),
        )
        for i in changed
    )
    largest = float(aligned.metres[changed].max()) if changed else 0.0
    name = is_.name or was.name
    says = sentences.line(name or code, counts, largest, bool(attributes))
    shape = plane.to_geographic(shapely.LineString(is_.points))
    return LineDifference(code, old_code, name, "changed", counts, largest, vertices, attributes, says, shape)


def _whole(code: str, line: _LaidLine, state: str, plane: Plane) -> LineDifference:
    shape = plane.to_geographic(shapely.LineString(line.points))
    says = sentences.whole_line(line.name or code, state)
    old = code if state == "removed" else None
    return LineDifference(code, old, line.name, state, {}, 0.0, (), {}, says, shape)


def _piece(patch: Patch, plane: Plane, names: Mapping[str, str], landmarks: Landmarks) -> Piece:
    place = plane.to_geographic(patch.shape)
    area = area_m2(place)
    mark = landmarks.near(patch.shape, patch.giver, patch.taker, patch.line)
    giver, taker = (None if c is None else names.get(c, c) for c in (patch.giver, patch.taker))
    says = sentences.piece(giver, taker, area, mark)
    return Piece(patch.giver, patch.taker, area, patch.line, mark.number if mark else None, says, place)


def _units(pieces: tuple[Piece, ...], names: Mapping[str, str]) -> tuple[UnitDifference, ...]:
    gained: dict[str, float] = {}
    lost: dict[str, float] = {}
    for piece in pieces:
        if piece.taker is not None:
            gained[piece.taker] = gained.get(piece.taker, 0.0) + piece.area_m2
        if piece.giver is not None:
            lost[piece.giver] = lost.get(piece.giver, 0.0) + piece.area_m2
    found = []
    for code in sorted({*gained, *lost}):
        plus, minus = gained.get(code, 0.0), lost.get(code, 0.0)
        name = names.get(code, code)
        found.append(UnitDifference(code, name, plus, minus, sentences.unit(name, plus, minus)))
    return tuple(found)


def _markers(
    before: _Laid, after: _Laid, plane: Plane, same: float, complete: bool
) -> list[MarkerDifference]:
    found = []
    for number, (point, _) in sorted(after.markers.items()):
        there = before.markers.get(number)
        metres = None if there is None else float(np.round(shapely.distance(there[0], point), 4))
        if metres is None or metres > same:
            state = "added" if metres is None else "moved"
            says = sentences.marker(number, state, metres)
            found.append(MarkerDifference(number, state, metres, says, plane.to_geographic(point)))
    brought = {line for _, line in after.markers.values() if line is not None}
    for number, (point, line) in sorted(before.markers.items()):
        if number not in after.markers and (complete or line in brought):
            says = sentences.marker(number, "removed", None)
            found.append(MarkerDifference(number, "removed", None, says, plane.to_geographic(point)))
    return found


def _marker_table(after: _Laid, before: _Laid) -> dict[str, tuple[BaseGeometry, str | None]]:
    return {**before.markers, **after.markers}


def _names(frames: Frames) -> dict[str, str]:
    if "code" not in frames.polygons or "name" not in frames.polygons:
        return {}
    pairs = zip(frames.polygons["code"], frames.polygons["name"], strict=True)
    return {c: n for code, name in pairs if (c := _text(code)) and (n := _text(name))}


def _text(value: Any) -> str | None:
    """Codes come as text or, from a file, as numbers."""
    if isinstance(value, (int, float)) and np.isfinite(value) and float(value).is_integer():
        return str(int(value))
    return value.strip() or None if isinstance(value, str) else None


def _degrees(points: NDArray[np.float64], at: np.intp, plane: Plane) -> tuple[float, float] | None:
    if at < 0:
        return None
    x, y = shapely.get_coordinates(plane.to_geographic(shapely.Point(points[at])))[0]
    return float(x), float(y)


def _empty() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(geometry=geopandas.GeoSeries([], dtype="geometry"))
