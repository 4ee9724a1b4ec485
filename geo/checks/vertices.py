"""Vertices (折点) looked at one by one: what three checks ask of them, in one pass over the coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks.derived import per_scene
from geo.checks.halves import MANY_VERTICES, both
from geo.checks.scene import Scene
from geo.settings import Tolerances
from geo.terms import Role

#: Vertices to a block: the arrays of a pass stay in some tens of MiB whatever the file's size.
BLOCK = 400_000
#: Two roundings of a double at 3.3 million metres: less is no difference.
FINE = 6


@dataclass(frozen=True)
class Places:
    """Places found along geometries: row of the frame, coordinates, and a number each (metres, degrees)."""

    row: NDArray[np.intp]
    xy: NDArray[np.float64]
    value: NDArray[np.float64]

    def by_row(self) -> list[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
        """(row, coordinates, values) for each row that has any, in order."""
        if not len(self.row):
            return []
        order = np.argsort(self.row, kind="stable")
        rows, starts = np.unique(self.row[order], return_index=True)
        return [
            (int(row), self.xy[piece], self.value[piece])
            for row, piece in zip(rows, np.split(order, starts[1:]), strict=True)
        ]


@dataclass(frozen=True)
class Vertices:
    """Repeated vertices (GE05), spikes (GE11), and segments of odd length (GE12) of one role's frame."""

    repeated: Places
    spikes: Places
    lengths: Places


@per_scene
def vertices(scene: Scene) -> dict[Role, Vertices]:
    """Of lines and polygons."""
    return {
        role: look(scene.shapes(role), scene.tolerances)
        for role in (Role.LINES, Role.POLYGONS)
        if len(scene.frame(role))
    }


def look(geometries: NDArray[np.object_], tolerances: Tolerances) -> Vertices:
    """All places of (n,) lines or polygons, metres. Start and direction of a ring make no difference."""
    counts = np.cumsum(shapely.get_num_coordinates(geometries))
    size = min(BLOCK, max(MANY_VERTICES, int(counts[-1]) // 2 + 1))
    cuts = np.unique(np.searchsorted(counts, np.arange(0, counts[-1], size), side="left"))
    bounds = [*cuts.tolist(), len(geometries)]
    blocks = [(a, b) for a, b in pairwise(bounds) if a < b]

    def some(which: list[tuple[int, int]]) -> list[tuple[Places, Places, Places]]:
        return [_block(geometries[a:b], a, tolerances) for a, b in which]

    if len(blocks) > 1:
        first, second = both(
            lambda: some(blocks[: len(blocks) // 2]), lambda: some(blocks[len(blocks) // 2 :])
        )
        found = first + second
    else:
        found = some(blocks)
    return Vertices(*(_together([f[i] for f in found]) for i in range(3)))


def _together(places: list[Places]) -> Places:
    if not places:
        return Places(np.empty(0, np.intp), np.empty((0, 2)), np.empty(0))
    return Places(
        np.concatenate([p.row for p in places]),
        np.concatenate([p.xy for p in places]),
        np.concatenate([p.value for p in places]),
    )


def _block(geometries: NDArray[np.object_], first: int, t: Tolerances) -> tuple[Places, Places, Places]:
    walk = _Walk(geometries)
    length = np.round(walk.length, FINE)
    again = length < t.equal
    repeated = walk.places(again, length, first)
    odd = ~again & ((length < t.segment_short) | (length > t.segment_long))
    lengths = walk.places(odd, length, first, middle=True)
    if again.any():
        # A doubled tip hides a spike: its legs are those without the repetition.
        walk = walk.without(again)
    return repeated, walk.spikes(t.spike_angle_deg, t.spike_leg, first), lengths


class _Walk:
    """Segments of geometries in order, with the turns between them."""

    def __init__(self, geometries: NDArray[np.object_]) -> None:
        """Of lines or polygons; a row is a position among them."""
        parts, index = shapely.get_parts(geometries, return_index=True)
        if len(parts) and (shapely.get_dimensions(parts) == 2).any():
            rings, ring_of = shapely.get_rings(parts, return_index=True)
            parts, index = rings, index[ring_of]
        coordinates, chain = shapely.get_coordinates(parts, return_index=True)
        self._lay(coordinates, chain, index)

    def without(self, short: NDArray[np.bool_]) -> _Walk:
        """The same with one end of each of these segments left out: the start, unless the chain starts
        there, so that closed chains stay closed. (`remove_repeated_points` raises on rings that
        collapse.)"""
        drop = np.zeros(len(self._coordinates), dtype=bool)
        at = self._at[short]
        first = (at == 0) | (self._chain[at - 1] != self._chain[at])
        drop[np.where(first, at + 1, at)] = True
        answer = object.__new__(_Walk)
        answer._lay(self._coordinates[~drop], self._chain[~drop], self._index)
        return answer

    def _lay(
        self, coordinates: NDArray[np.float64], chain: NDArray[np.intp], index: NDArray[np.intp]
    ) -> None:
        self._coordinates, self._chain, self._index = coordinates, chain, index
        along = chain[:-1] == chain[1:]
        step = np.diff(coordinates, axis=0)[along]
        self._at = np.flatnonzero(along)
        self.start = coordinates[:-1][along]
        self.step = step
        self.length = np.hypot(step[:, 0], step[:, 1])
        chain = chain[:-1][along]
        self.row = index[chain] if len(chain) else np.empty(0, np.intp)
        # Turn i is between segment before[i] and after[i]; a closed chain also turns at its start.
        inner = np.flatnonzero(chain[:-1] == chain[1:])
        heads = np.flatnonzero(np.r_[True, chain[1:] != chain[:-1]]) if len(chain) else inner
        tails = np.r_[heads[1:], len(chain)] - 1 if len(chain) else inner
        closed = (self.start[heads] == coordinates[self._at[tails] + 1]).all(axis=1) & (tails > heads)
        self.before = np.concatenate([inner, tails[closed]])
        self.after = np.concatenate([inner + 1, heads[closed]])

    def places(
        self, which: NDArray[np.bool_], value: NDArray[np.float64], first: int, *, middle: bool = False
    ) -> Places:
        at = self.start[which] + (self.step[which] / 2 if middle else 0)
        return Places(self.row[which] + first, at, value[which])

    def spikes(self, degrees: float, leg: float, first: int) -> Places:
        """Turns sharper than `degrees` between legs longer than `leg`; the value is the angle."""
        a, b = self.step, self.length
        dot = -(a[self.before] * a[self.after]).sum(axis=1)
        near = dot > np.cos(np.radians(degrees * 1.01)) * b[self.before] * b[self.after]
        before, after = self.before[near], self.after[near]
        cross = a[before, 0] * a[after, 1] - a[before, 1] * a[after, 0]
        angle = np.degrees(np.arctan2(np.abs(cross), dot[near]))
        sharp = (np.round(angle, FINE) < degrees) & (np.minimum(b[before], b[after]) > leg)
        after = after[sharp]
        return Places(self.row[after] + first, self.start[after], angle[sharp])


def points(xy: NDArray[np.float64]) -> BaseGeometry:
    """A place of one or several points."""
    made = shapely.points(xy)
    return made[0] if len(made) == 1 else shapely.multipoints(made)
