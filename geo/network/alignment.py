"""Alignment (折点对应) of two versions of one line: which vertex became which.

Dynamic alignment along the line, so that a vertex pushed aside is one that moved, and not one deleted
and another inserted; vertices that are the same to within `same` are anchors that cut the work short.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

#: A stretch without an anchor longer than this (rows times columns) is cut at nearest vertices first.
CELLS = 4_000_000


class Change(StrEnum):
    """What became of a vertex (docs/checks.md). ON: nearer than `same` to the other version, so that the
    boundary does not change by it."""

    KEPT = "kept"
    MOVED_NOISE = "moved_noise"
    MOVED_REAL = "moved_real"
    INSERTED_ON = "inserted_on"
    INSERTED_OFF = "inserted_off"
    DELETED_ON = "deleted_on"
    DELETED_OFF = "deleted_off"


@dataclass(frozen=True)
class Alignment:
    """Vertices of the old and new version side by side, in the old one's order along the line.

    change: (k,) Change values. old, new: (k,) positions in the old and in the turned new vertices, -1
    where the vertex is in one version only. metres: (k,) how far it moved, or how far it lies off the
    other version. turned: (m, 2) the new vertices in the old one's direction, and from its start where
    both are rings. reversed: whether the new version runs the other way.
    """

    change: tuple[Change, ...]
    old: NDArray[np.intp]
    new: NDArray[np.intp]
    metres: NDArray[np.float64]
    turned: NDArray[np.float64]
    reversed: bool

    def count(self, *changes: Change) -> int:
        return sum(c in changes for c in self.change)


def align(old: NDArray[np.float64], new: NDArray[np.float64], *, same: float, noise: float) -> Alignment:
    """Align two versions of a line.

    old, new: (n, 2) and (m, 2) vertices in one plane, metres, n, m >= 2; a ring has its first vertex
    last as well. same: up to here a vertex is kept. noise: up to here a move is survey noise.
    Source: docs/checks.md; dynamic alignment as Needleman and Wunsch (1970), with distances as costs.
    """
    turned, backwards = turn(old, new)
    anchors = _anchors(old, turned, same)
    off_new = _off(old, turned, [a for a, _ in anchors])
    off_old = _off(turned, old, [b for _, b in anchors])
    pairs = _pairs(old, turned, off_new, off_old, anchors, noise)
    rows: list[tuple[int, int]] = []
    i = j = 0
    for a, b in [*pairs, (len(old), len(turned))]:
        rows += [(k, -1) for k in range(i, a)]
        rows += [(-1, k) for k in range(j, b)]
        if a < len(old):
            rows.append((a, b))
        i, j = a + 1, b + 1
    change: list[Change] = []
    metres = np.zeros(len(rows))
    for n, (a, b) in enumerate(rows):
        if a >= 0 and b >= 0:
            metres[n] = float(np.hypot(*(old[a] - turned[b])))
            moved = Change.MOVED_NOISE if metres[n] <= noise + 1e-9 else Change.MOVED_REAL
            change.append(Change.KEPT if metres[n] <= same + 1e-9 else moved)
        elif b >= 0:
            metres[n] = off_old[b]
            change.append(Change.INSERTED_ON if metres[n] <= same + 1e-9 else Change.INSERTED_OFF)
        else:
            metres[n] = off_new[a]
            change.append(Change.DELETED_ON if metres[n] <= same + 1e-9 else Change.DELETED_OFF)
    table = np.array(rows, dtype=np.intp).reshape(-1, 2)
    return Alignment(tuple(change), table[:, 0], table[:, 1], metres, turned, backwards)


def turn(old: NDArray[np.float64], new: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """The new vertices in the old direction, and whether that is backwards; a ring from the vertex that
    is nearest to the old ring's first one."""
    if bool((old[0] == old[-1]).all()) and bool((new[0] == new[-1]).all()) and len(new) > 3:
        backwards = _signed_area(old) * _signed_area(new) < 0
        ring = new[::-1][:-1] if backwards else new[:-1]
        # Not the nearest to the first alone: that vertex may be the one that was taken out.
        start = _ring_start(old[:-1], ring)
        ring = np.roll(ring, -start, axis=0)
        return np.vstack([ring, ring[:1]]), backwards
    straight = np.hypot(*(old[0] - new[0])) + np.hypot(*(old[-1] - new[-1]))
    crossed = np.hypot(*(old[0] - new[-1])) + np.hypot(*(old[-1] - new[0]))
    return (new[::-1], True) if crossed < straight else (new, False)


def _ring_start(old: NDArray[np.float64], new: NDArray[np.float64]) -> int:
    """Where in the new ring the old one's start lies: at its twin, else before the twin of the first old
    vertex that has one, as far back as the old ring is."""
    tree = shapely.STRtree(shapely.points(new))
    nearest = tree.nearest(shapely.points(old))
    apart = np.hypot(*(old - new[nearest]).T)
    first = int(np.argmin(apart > apart.min() + 1e-9))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(old[: first + 1], axis=0).T))])[-1]
    at = int(nearest[first])
    back = 0.0
    while back < along:
        step = float(np.hypot(*(new[at] - new[at - 1])))
        if back + step > along + 1e-6 and (back + step - along) > (along - back):
            break
        back += step
        at = (at - 1) % len(new)
        if at == nearest[first]:
            break
    return at


def _signed_area(ring: NDArray[np.float64]) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def _pairs(
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    off_new: NDArray[np.float64],
    off_old: NDArray[np.float64],
    anchors: list[tuple[int, int]],
    noise: float,
) -> list[tuple[int, int]]:
    """Pairs of old and new vertices that are one, rising in both."""
    pairs: list[tuple[int, int]] = []
    i = j = 0
    for a, b in [*anchors, (len(old), len(new))]:
        pairs += _between(old, new, off_new, off_old, noise, (i, a), (j, b))
        if a < len(old):
            pairs.append((a, b))
        i, j = a + 1, b + 1
    return pairs


def _off(points: NDArray[np.float64], line: NDArray[np.float64], kept: list[int]) -> NDArray[np.float64]:
    """How far each vertex lies off the other version; 0 for those that are kept, nobody asks for them."""
    asked = np.ones(len(points), dtype=bool)
    asked[kept] = False
    metres = np.zeros(len(points))
    if asked.any():
        metres[asked] = shapely.distance(shapely.points(points[asked]), shapely.LineString(line))
    return metres


def _anchors(old: NDArray[np.float64], new: NDArray[np.float64], same: float) -> list[tuple[int, int]]:
    """Vertices that are the same in both versions and pass each other in no other: the longest run."""
    n = min(len(old), len(new))
    # What is the same from either end needs no search: most of a line is, in most new versions.
    head = int(np.argmin(np.append(np.hypot(*(old[:n] - new[:n]).T) <= same, False)))
    n -= head
    tail = int(
        np.argmin(np.append((np.hypot(*(old[len(old) - n :] - new[len(new) - n :]).T) <= same)[::-1], False))
    )
    found = [(k, k) for k in range(head)]
    found += _longest_run(old[head : len(old) - tail], new[head : len(new) - tail], same, head)
    return found + [(len(old) - k, len(new) - k) for k in range(tail, 0, -1)]


def _longest_run(
    old: NDArray[np.float64], new: NDArray[np.float64], same: float, first: int
) -> list[tuple[int, int]]:
    if not len(old) or not len(new):
        return []
    near = cKDTree(new).query_ball_point(old, same)
    # A vertex takes at most one partner in a strictly rising run.
    pairs = [(i, j) for i, partners in enumerate(near) for j in sorted(partners, reverse=True)]
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(pairs)
    for k, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        before[k] = tails[at - 1] if at else -1
        if at == len(tails):
            tails.append(k)
            ends.append(j)
        else:
            tails[at], ends[at] = k, j
    found: list[tuple[int, int]] = []
    k = tails[-1] if tails else -1
    while k >= 0:
        found.append((pairs[k][0] + first, pairs[k][1] + first))
        k = before[k]
    return found[::-1]


def _between(
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    off_new: NDArray[np.float64],
    off_old: NDArray[np.float64],
    noise: float,
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> list[tuple[int, int]]:
    """The cheapest pairs between two anchors: a pair costs how far its vertex moved, a vertex alone how
    far it lies off the other version, plus the noise, so that two near vertices rather pair."""
    (i, a), (j, b) = rows, columns
    n, m = a - i, b - j
    if n <= 0 or m <= 0:
        return []
    if n * m > CELLS:
        middle = i + n // 2
        nearest = j + int(np.argmin(np.hypot(*(new[j:b] - old[middle]).T)))
        first = _between(old, new, off_new, off_old, noise, (i, middle), (j, nearest))
        second = _between(old, new, off_new, off_old, noise, (middle + 1, a), (nearest + 1, b))
        return [*first, (middle, nearest), *second]
    alone_old, alone_new = off_new[i:a] + noise, off_old[j:b] + noise
    apart = np.hypot(old[i:a, None, 0] - new[None, j:b, 0], old[i:a, None, 1] - new[None, j:b, 1])
    cost = np.empty((n + 1, m + 1))
    cost[0] = np.concatenate([[0.0], np.cumsum(alone_new)])
    gap = cost[0]
    for r in range(1, n + 1):
        # The best without a step to the right, then those steps as a running minimum.
        best = np.empty(m + 1)
        best[0] = cost[r - 1, 0] + alone_old[r - 1]
        best[1:] = np.minimum(cost[r - 1, :-1] + apart[r - 1], cost[r - 1, 1:] + alone_old[r - 1])
        cost[r] = np.minimum.accumulate(best - gap) + gap
    pairs: list[tuple[int, int]] = []
    r, c = n, m
    while r and c:
        here = cost[r, c]
        if abs(here - (cost[r - 1, c - 1] + apart[r - 1, c - 1])) <= 1e-9 * max(1.0, abs(here)):
            pairs.append((i + r - 1, j + c - 1))
            r, c = r - 1, c - 1
        elif abs(here - (cost[r - 1, c] + alone_old[r - 1])) <= 1e-9 * max(1.0, abs(here)):
            r -= 1
        else:
            c -= 1
    return pairs[::-1]
