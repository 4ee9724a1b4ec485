"""Outline (外轮廓): the region that directed edges go round, put together from the edges alone."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


def outline(
    corner: NDArray[np.float64], start: NDArray[np.uint64], end: NDArray[np.uint64]
) -> BaseGeometry | None:
    """The polygon or multipolygon whose border these edges are, the inside on the left of each.

    corner: (m, 2), where an edge starts; start, end: (m,) a number for each place. None where they are not the
    border of a valid one, and where more than one edge leaves a place: two rings touch there.
    """
    if not len(corner):
        return None
    order = np.argsort(start)
    inorder = start[order]
    at = np.minimum(np.searchsorted(inorder, end), len(inorder) - 1)
    if (inorder[1:] == inorder[:-1]).any() or (inorder[at] != end).any():
        return None
    walk, ring = _walk(order[at].tolist())
    if np.bincount(ring).min() < 3:
        return None
    rings = _rings(corner[walk], ring)
    left = shapely.is_ccw(rings)
    shells, holes = rings[left], shapely.polygons(rings[~left])
    if not len(shells):
        return None
    around = _around(shells, holes)
    if around is None:
        return None
    parts = [
        shapely.Polygon(shell, [hole.exterior for hole in holes[around == k]])
        for k, shell in enumerate(shells)
    ]
    region = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return region if shapely.is_valid(region) else None


def _walk(following: list[int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Edges in the order in which they follow each other, ring after ring, and the ring of each.

    following: a permutation."""
    seen = bytearray(len(following))
    walk: list[int] = []
    ends: list[int] = []
    for first in range(len(following)):
        if seen[first]:
            continue
        edge = first
        while not seen[edge]:
            seen[edge] = 1
            walk.append(edge)
            edge = following[edge]
        ends.append(len(walk))
    return np.array(walk, dtype=np.intp), np.repeat(np.arange(len(ends)), np.diff([0, *ends]))


def _rings(corners: NDArray[np.float64], ring: NDArray[np.intp]) -> NDArray[np.object_]:
    """Closed rings; ring: which one each corner is of, in order."""
    heads = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]])
    tails = np.r_[heads[1:], len(ring)]
    closed = np.insert(corners, tails, corners[heads], axis=0)
    index = np.insert(ring, tails, ring[heads])
    return np.asarray(shapely.linearrings(closed, indices=index), dtype=object)


def _around(shells: NDArray[np.object_], holes: NDArray[np.object_]) -> NDArray[np.intp] | None:
    """The smallest shell round each hole; None where a hole has none."""
    answer = np.full(len(holes), -1, dtype=np.intp)
    if len(shells) == 1:
        answer[:] = 0
    elif len(holes):
        grounds = shapely.polygons(shells)
        size = shapely.area(grounds)
        hole, shell = shapely.STRtree(grounds).query(holes, predicate="within")
        largest_first = np.argsort(-size[shell], kind="stable")
        answer[hole[largest_first]] = shell[largest_first]
    return None if (answer < 0).any() else answer
