"""Shared borders (公共边界) of a coverage: which stretch of outline lies between which two polygons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Pair = tuple[str, str]


def shared_borders(
    codes: Sequence[str], polygons: Iterable[BaseGeometry], wanted: Iterable[Pair] | None = None
) -> dict[Pair, BaseGeometry]:
    """The lines that two polygons share segment for segment, by pair of codes (the smaller first).

    polygons: (n,) Polygon or MultiPolygon in any one system, edges shared exactly (a coverage); None is
    skipped. wanted: pairs to answer; all where None. Returns a LineString where the border is one
    stretch, else a MultiLineString; pairs without a common segment are absent.
    """
    segments, owners = _segments(polygons)
    if not len(segments):
        return {}
    order = np.lexsort(segments.T[::-1])
    segments, owners = segments[order], owners[order]
    same = (segments[1:] == segments[:-1]).all(axis=1) & (owners[1:] != owners[:-1])
    first = np.flatnonzero(same)
    names = np.asarray(list(codes), dtype=object)
    a, b = names[owners[first]], names[owners[first + 1]]
    low, high = np.where(a < b, a, b), np.where(a < b, b, a)
    chosen = None if wanted is None else {tuple(sorted(pair)) for pair in wanted}
    groups: dict[Pair, list[int]] = {}
    for position, x, y in zip(first, low, high, strict=True):
        pair = (str(x), str(y))
        if chosen is None or pair in chosen:
            groups.setdefault(pair, []).append(int(position))
    return {
        pair: _merged(segments[positions].reshape(-1, 2, 2)) for pair, positions in sorted(groups.items())
    }


def outer_border(polygons: Iterable[BaseGeometry]) -> BaseGeometry:
    """The segments that only one polygon of a coverage has: its outer edge and the rims of its gaps."""
    segments, _ = _segments(polygons)
    if not len(segments):
        return shapely.MultiLineString()
    once, counts = np.unique(segments, axis=0, return_counts=True)
    return _merged(once[counts == 1].reshape(-1, 2, 2))


def _merged(pairs: NDArray[np.float64]) -> BaseGeometry:
    return shapely.line_merge(shapely.multilinestrings(shapely.linestrings(pairs)))


def _segments(polygons: Iterable[BaseGeometry]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """All segments of all rings as (n, 4) with the lesser end first, and whose each is."""
    array: NDArray[Any] = np.asarray(list(polygons), dtype=object)
    if not len(array):
        return np.empty((0, 4)), np.empty(0, dtype=np.intp)
    parts, of = shapely.get_parts(array, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    points, at = shapely.get_coordinates(rings, return_index=True)
    inside = at[1:] == at[:-1]
    start, end = points[:-1][inside], points[1:][inside]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start, end = np.where(swap[:, None], end, start), np.where(swap[:, None], start, end)
    return np.hstack([start, end]), of[ring_of[at[:-1][inside]]]


def by_code(frame: Mapping[str, Any]) -> dict[str, BaseGeometry]:
    """Geometries of a frame by its column `code`, those that are there."""
    return {
        code: shape
        for code, shape in zip(frame["code"], frame["geometry"], strict=True)
        if shape is not None and not shape.is_empty
    }
