"""Edges (公共边) matched by number: which polygons of a large coverage need a closer look at all.

Across an edge that two polygons have in opposite directions the number of polygons covering the ground
does not change. So wherever ground is covered twice, the region is bounded by edges that have no such
twin, and a polygon that owns one of them overlaps there: only owners of edges without a twin, beside
whatever their boxes touch, have to be shown to `coverage_invalid_edges`. On a coverage in order that is
its outer border: and where these edges go round a sound region, each with the inside on its left, the number
of polygons is one inside and none outside, so that nothing overlaps and the region is the union of them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks.halves import both
from geo.checks.outline import outline
from geo.network.build import segments

#: Polygons to a block, so that the arrays of a pass stay small.
BLOCK = 2_000
#: Edges of a border that is put together at most, one by one.
MOST_BORDER = 400_000


@dataclass(frozen=True)
class Matched:
    """doubt: (n,) polygons with an edge that no other has in the opposite direction, or that more than two have.
    union: of all polygons, where the edges show that none overlaps another; None where they do not."""

    doubt: NDArray[np.bool_]
    union: BaseGeometry | None


def match(shapes: NDArray[np.object_], grid: float) -> Matched:
    """What the edges of polygons tell.

    shapes: (n,) polygons or multipolygons on the grid. Edges are told apart by 63 bits of a hash and
    one of direction: with ten million edges two differ but agree once in a hundred thousand files.
    """
    bounds = [*range(0, len(shapes), BLOCK), len(shapes)]
    blocks = list(pairwise(bounds))

    def some(which: list[tuple[int, int]]) -> list[tuple[NDArray[np.uint64], NDArray[np.intp]]]:
        return [_numbers(shapes[a:b], a, grid) for a, b in which]

    middle = len(blocks) // 2
    first, second = both(lambda: some(blocks[:middle]), lambda: some(blocks[middle:]))
    numbers = np.concatenate([n for n, _ in first + second])
    owners = np.concatenate([o for _, o in first + second])
    order = np.argsort(numbers)
    inorder = numbers[order]
    edge = inorder >> np.uint64(1)
    start = np.flatnonzero(np.r_[True, edge[1:] != edge[:-1]])
    size = np.diff(np.r_[start, len(edge)])
    twin = size == 2
    twin[twin] = inorder[start[twin]] != inorder[start[twin] + 1]
    odd = edge[start[~twin]]
    doubt = np.zeros(len(shapes), dtype=bool)
    doubt[owners[order[np.repeat(~twin, size)]]] = True
    # Where most edges are alone, the polygons are no coverage, and have no border of their own.
    border = len(odd) < MOST_BORDER and 2 * len(odd) < len(numbers)
    return Matched(doubt, _border(shapes[doubt], odd, grid) if border else None)


def lone(shapes: NDArray[np.object_], grid: float) -> NDArray[np.bool_]:
    """Polygons with an edge that no other has in the opposite direction, or that more than two have."""
    return match(shapes, grid).doubt


def _among(numbers: NDArray[np.uint64], odd: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which numbers are of one of these edges, in either direction; odd: sorted."""
    if not len(odd):
        return np.zeros(len(numbers), dtype=bool)
    mine = numbers >> np.uint64(1)
    # Asked in order, neighbours are found beside each other.
    order = np.argsort(mine)
    at = np.minimum(np.searchsorted(odd, mine[order]), len(odd) - 1)
    answer = np.empty(len(mine), dtype=bool)
    answer[order] = odd[at] == mine[order]
    return answer


def _border(shapes: NDArray[np.object_], odd: NDArray[np.uint64], grid: float) -> BaseGeometry | None:
    """The region that the edges `odd` of these polygons go round."""
    pieces = segments(shapes)
    start, end = _cells(pieces.start, grid), _cells(pieces.end, grid)
    alone = _among(_hash(start, end), odd)
    return outline(pieces.start[alone], start[alone], end[alone])


def _numbers(
    shapes: NDArray[np.object_], first: int, grid: float
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """A number for each edge, its last bit the direction, and the polygon that it is of."""
    plain = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    found = [_plain(shapes, np.flatnonzero(plain), grid)]
    if not plain.all():
        rows = np.flatnonzero(~plain)
        pieces = segments(shapes[rows])
        found.append((_hash(_cells(pieces.start, grid), _cells(pieces.end, grid)), rows[pieces.owner]))
    return np.concatenate([n for n, _ in found]), np.concatenate([o for _, o in found]) + first


def _plain(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], grid: float
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Of polygons with one ring, straight from their coordinates."""
    if not len(rows):
        return np.empty(0, np.uint64), np.empty(0, np.intp)
    coordinates, index = shapely.get_coordinates(shapes[rows], return_index=True)
    along = index[:-1] == index[1:]
    # Twice the signed area, from a near origin: which way the ring runs.
    near = coordinates - coordinates[0]
    cross = near[:-1, 0] * near[1:, 1] - near[1:, 0] * near[:-1, 1]
    clockwise = np.bincount(index[:-1][along], weights=cross[along], minlength=len(rows)) < 0
    cells = _cells(coordinates, grid)
    numbers = _hash(cells[:-1][along], cells[1:][along])
    owner = index[:-1][along]
    numbers ^= clockwise[owner].astype(np.uint64)
    return numbers, rows[owner]


def _cells(coordinates: NDArray[np.float64], grid: float) -> NDArray[np.uint64]:
    """A number for each place on the grid."""
    cells = np.rint(coordinates / grid).astype(np.int64).view(np.uint64)
    return np.asarray(_mix(cells[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ _mix(cells[:, 1])))


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def _hash(start: NDArray[np.uint64], end: NDArray[np.uint64]) -> NDArray[np.uint64]:
    low, high = np.minimum(start, end), np.maximum(start, end)
    both_ways = _mix(low * np.uint64(3) + high)
    return np.asarray((both_ways & ~np.uint64(1)) | (start < end).astype(np.uint64))
