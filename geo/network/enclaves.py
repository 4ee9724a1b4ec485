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
    pieces, owner, points = _pieces(np.asarray(parts, dtype=object), [units[i] for i in index])
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
    tree = shapely.STRtree(pieces)
    for i, unit in enumerate(owner):
        whole = count[unit] == 1
        if i in around:
            enclosed = Enclave(EnclaveKind.ENCLOSED, unit, (around[i],), pieces[i], whole, pieces[i])
            found.append((i, enclosed))
        elif not whole and i != main[unit]:
            beside = _beside(i, pieces, owner, tree)
            if beside:
                found.append((i, Enclave(EnclaveKind.DETACHED, unit, beside, pieces[i], False, pieces[i])))
    for i, point in points:
        unit = owner[i]
        found.append((i, Enclave(EnclaveKind.AT_A_POINT, unit, (), pieces[i], False, point)))
    first = {unit: k for k, unit in reversed(list(enumerate(dict.fromkeys(units))))}
    found.sort(key=lambda f: (first[f[1].unit], -f[1].piece.area, f[1].kind.value))
    return [enclave for _, enclave in found]


def _pieces(
    parts: NDArray[np.object_], units: list[Any]
) -> tuple[NDArray[np.object_], list[Any], list[tuple[int, shapely.Geometry]]]:
    """Parts of one unit that share an edge, joined; and points where two pieces only touch."""
    groups: dict[Any, list[int]] = {}
    for i, unit in enumerate(units):
        groups.setdefault(unit, []).append(i)
    pieces: list[shapely.Geometry] = []
    owner: list[Any] = []
    points: list[tuple[int, shapely.Geometry]] = []
    for unit, members in groups.items():
        if len(members) == 1:
            pieces.append(parts[members[0]])
            owner.append(unit)
            continue
        # A union joins what shares an edge and leaves apart what meets at a point.
        joined = shapely.get_parts(shapely.union_all(parts[members]))
        joined = joined[shapely.get_dimensions(joined) == 2]
        start = len(pieces)
        pieces.extend(joined)
        owner.extend([unit] * len(joined))
        if len(joined) > 1:
            a, b = shapely.STRtree(joined).query(joined, predicate="intersects")
            for i, j in zip(a[a < b], b[a < b], strict=True):
                smaller = i if joined[i].area <= joined[j].area else j
                for point in shapely.get_parts(shapely.intersection(joined[i], joined[j])):
                    if point.geom_type == "Point":
                        points.append((start + int(smaller), point))
    answer = np.empty(len(pieces), dtype=object)
    answer[:] = pieces
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


def _beside(i: int, pieces: NDArray[np.object_], owner: list[Any], tree: shapely.STRtree) -> tuple[Any, ...]:
    near = tree.query(pieces[i], predicate="intersects")
    near = near[np.array([owner[j] != owner[i] for j in near], dtype=bool)]
    length = shapely.length(shapely.intersection(shapely.boundary(pieces[i]), shapely.boundary(pieces[near])))
    shared: dict[Any, float] = {}
    for j, metres in zip(near, length, strict=True):
        if metres > 0:
            shared[owner[j]] = shared.get(owner[j], 0.0) + float(metres)
    return tuple(sorted(shared, key=lambda unit: -shared[unit]))
