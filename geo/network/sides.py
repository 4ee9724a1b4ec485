"""Sides (左右): which polygons lie on the left and on the right of a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.network.build import Segments, segments, to_grid


@dataclass(frozen=True)
class Sides:
    """Length of each line that has each polygon on each side.

    table: columns line, polygon (positions), side ("left" or "right"), length_m (metres, or the
    coordinates' unit). shared: (n,) share of each line, 0 to 1, that is border of a polygon vertex
    for vertex; the rest was probed.
    """

    table: pd.DataFrame
    shared: NDArray[np.float64]

    def of(self, line: int, side: str) -> list[tuple[int, float]]:
        """(polygon, length) on one side of a line, longest first."""
        rows = self.table[(self.table["line"] == line) & (self.table["side"] == side)]
        rows = rows.sort_values("length_m", ascending=False)
        return [(int(p), float(m)) for p, m in zip(rows["polygon"], rows["length_m"], strict=True)]


def sides(
    lines: NDArray[np.object_],
    polygons: NDArray[np.object_],
    *,
    grid: float,
    probe: float,
) -> Sides:
    """What lies on either side of each line.

    lines: (n,), polygons: (m,) valid, in one plane. grid: vertices are compared on it. probe: how far
    beside a stretch that is no polygon's border the polygons are looked for.
    """
    own, theirs = segments(to_grid(lines, grid)), segments(to_grid(polygons, grid))
    length = own.length
    left, right = _matches(own, theirs, grid), _matches(_reversed(own), theirs, grid)
    matched = np.zeros(len(length), dtype=bool)
    found = [pd.DataFrame({"line": [], "polygon": [], "side": [], "length_m": []})]
    for side, (segment, polygon) in (("left", left), ("right", right)):
        matched[segment] = True
        found.append(_rows(own.owner[segment], polygon, side, length[segment]))
    lone = np.flatnonzero(~matched)
    if len(lone) and len(polygons):
        tree = shapely.STRtree(polygons)
        middle = (own.start[lone] + own.end[lone]) / 2
        normal = (own.end[lone] - own.start[lone])[:, ::-1] * (-1, 1) / length[lone, None]
        for side, sign in (("left", 1.0), ("right", -1.0)):
            points = shapely.points(middle + sign * probe * normal)
            which, polygon = tree.query(points, predicate="intersects")
            found.append(_rows(own.owner[lone[which]], polygon, side, length[lone[which]]))
    table = pd.concat(found[1:], ignore_index=True)
    table = table.groupby(["line", "polygon", "side"], as_index=False, sort=True)["length_m"].sum()
    total = np.bincount(own.owner, weights=length, minlength=len(lines))
    shared = np.bincount(own.owner, weights=length * matched, minlength=len(lines))
    with np.errstate(invalid="ignore", divide="ignore"):
        return Sides(table, np.nan_to_num(shared / total))


def _rows(
    line: NDArray[np.intp], polygon: NDArray[np.intp], side: str, length: NDArray[np.float64]
) -> pd.DataFrame:
    return pd.DataFrame({"line": line, "polygon": polygon, "side": side, "length_m": length})


def _reversed(pieces: Segments) -> Segments:
    return Segments(pieces.end, pieces.start, pieces.owner)


def _matches(a: Segments, b: Segments, grid: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions in `a` and owners in `b` of segments that are the same, direction included."""
    mine, other = keys(a, grid), keys(b, grid)
    joined = pd.merge(
        mine.assign(segment=np.arange(len(mine))),
        other.assign(polygon=b.owner),
        on=["x0", "y0", "x1", "y1"],
        how="inner",
    )
    return joined["segment"].to_numpy(dtype=np.intp), joined["polygon"].to_numpy(dtype=np.intp)


def keys(pieces: Segments, grid: float) -> pd.DataFrame:
    """Segments as whole numbers of the grid, so that equal ones are equal."""
    cells = np.rint(np.concatenate([pieces.start, pieces.end], axis=1) / grid).astype(np.int64)
    return pd.DataFrame(cells, columns=["x0", "y0", "x1", "y1"])
