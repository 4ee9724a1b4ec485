"""Enclaves and exclaves (飞地): found from geometry, never typed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


class EnclaveKind(StrEnum):
    """How a piece of a unit is cut off: 被包围, 与本体分离, 仅一点相连."""

    ENCLOSED = "enclosed"
    DETACHED = "detached"
    AT_A_POINT = "at_a_point"


@dataclass(frozen=True)
class Enclave:
    """One piece (飞地) of a unit.

    unit: the owner's key. piece: its area. others: the unit around it, or the units beside it.
    whole: the piece is the whole of its unit. at: the piece, or the point of AT_A_POINT.
    """

    kind: EnclaveKind
    unit: Any
    others: tuple[Any, ...]
    piece: shapely.Geometry
    whole: bool
    at: shapely.Geometry


def enclaves(polygons: NDArray[np.object_], units: Sequence[Any]) -> list[Enclave]:
    """Pieces of units inside another, cut off from their unit, or hanging on it by a point.

    polygons: (n,) valid polygons or multipolygons of a plane that share borders vertex for vertex.
    units: (n,) key of each; several polygons may have one. An island that touches no other unit is
    no enclave. Order: by unit as given, then by area, largest first.
    """
    parts, index = shapely.get_parts(polygons, return_index=True)
    pieces, owner, points = _pieces(np.asarray(parts, dtype=object), index, units)
    if not len(pieces):
        return []
    found: list[tuple[int, Enclave]] = []
    around = _around(pieces, owner)
    count: dict[Any, int] = {}
    main: dict[Any, int] = {}
    area = shapely.area(pieces)
    for i, unit in enumerate(owner):
        count[unit] = count.get(unit, 0) + 1
        if unit not in main or area[i] > area[main[unit]]:
            main[unit] = i
    loose = [i for i, unit in enumerate(owner) if i not in around and i != main[unit]]
    beside = _beside(loose, pieces, owner)
    for i, unit in enumerate(owner):
        whole = count[unit] == 1
        if i in around:
            enclosed = Enclave(EnclaveKind.ENCLOSED, unit, (around[i],), pieces[i], whole, pieces[i])
            found.append((i, enclosed))
        elif i in beside:
            found.append((i, Enclave(EnclaveKind.DETACHED, unit, beside[i], pieces[i], False, pieces[i])))
    for i, point in points:
        unit = owner[i]
        found.append((i, Enclave(EnclaveKind.AT_A_POINT, unit, (), pieces[i], False, point)))
    first = {unit: k for k, unit in reversed(list(enumerate(dict.fromkeys(units))))}
    found.sort(key=lambda f: (first[f[1].unit], -f[1].piece.area, f[1].kind.value))
    return [enclave for _, enclave in found]


def _pieces(
    parts: NDArray[np.object_], index: NDArray[np.intp], units: Sequence[Any]
) -> tuple[NDArray[np.object_], list[Any], list[tuple[int, shapely.Geometry]]]:
    """Parts of one unit that share an edge, joined; and points where two pieces only touch.

    index: the polygon that each part is of.
    """
    groups: dict[Any, list[int]] = {}
    for i, polygon in enumerate(index):
        groups.setdefault(units[polygon], []).append(i)
    pieces: list[shapely.Geometry] = []
    owner: list[Any] = []
    several: list[tuple[int, int]] = []
    for unit, members in groups.items():
        joined = parts[members]
        if len({int(index[i]) for i in members}) > 1:
            # A union joins what shares an edge and leaves apart what meets at a point. The parts of one
            # valid polygon share no edge to begin with.
            joined = shapely.get_parts(shapely.union_all(joined))
            joined = joined[shapely.get_dimensions(joined) == 2]
        if len(joined) > 1:
            several.append((len(pieces), len(pieces) + len(joined)))
        pieces.extend(joined)
        owner.extend([unit] * len(joined))
    answer = np.empty(len(pieces), dtype=object)
    answer[:] = pieces
    points: list[tuple[int, shapely.Geometry]] = []
    for start, end in several:
        own = answer[start:end]
        a, b = shapely.STRtree(own).query(own, predicate="intersects")
        for i, j in zip(a[a < b], b[a < b], strict=True):
            smaller = i if own[i].area <= own[j].area else j
            for point in shapely.get_parts(shapely.intersection(own[i], own[j])):
                if point.geom_type == "Point":
                    points.append((start + int(smaller), point))
    return answer, owner, points


def _around(pieces: NDArray[np.object_], owner: list[Any]) -> dict[int, Any]:
    """The unit in whose hole each piece lies, the tightest hole counting."""
    holed = np.flatnonzero(shapely.get_num_interior_rings(pieces) > 0)
    if not len(holed):
        return {}
    rings, index = shapely.get_rings(pieces[holed], return_index=True)
    inner = np.r_[False, index[1:] == index[:-1]]
    holes = shapely.polygons(rings[inner])
    unit_of = holed[index[inner]]
    inside = shapely.point_on_surface(pieces)
    which, hole = shapely.STRtree(holes).query(inside, predicate="within")
    area = shapely.area(holes)
    order = np.argsort(-area[hole], kind="stable")
    answer: dict[int, Any] = {}
    for i, h in zip(which[order], hole[order], strict=True):
        if owner[unit_of[h]] != owner[i] and area[h] >= pieces[i].area * 0.999:
            answer[int(i)] = owner[unit_of[h]]
    return answer


def _beside(loose: list[int], pieces: NDArray[np.object_], owner: list[Any]) -> dict[int, tuple[Any, ...]]:
    """The units that share an edge with each of these pieces, the longest first; none, no entry."""
    if not loose:
        return {}
    which, other = shapely.STRtree(pieces).query(pieces[loose], predicate="intersects")
    mine = np.asarray(loose)[which]
    foreign = np.array([owner[i] != owner[j] for i, j in zip(mine, other, strict=True)], dtype=bool)
    mine, other = mine[foreign], other[foreign]
    length = shapely.length(
        shapely.intersection(shapely.boundary(pieces[mine]), shapely.boundary(pieces[other]))
    )
    shared: dict[int, dict[Any, float]] = {}
    for i, j, metres in zip(mine, other, length, strict=True):
        if metres > 0:
            sums = shared.setdefault(int(i), {})
            sums[owner[j]] = sums.get(owner[j], 0.0) + float(metres)
    return {i: tuple(sorted(sums, key=lambda unit: -sums[unit])) for i, sums in shared.items()}
