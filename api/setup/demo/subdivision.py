"""Subdivision of the demonstration district: straight cells first, then shared edges made natural.

Every border is one edge between two nodes, made once and used by the polygons on both of its sides, so
neighbours agree in every vertex. All coordinates are EPSG:4545, metres, rounded to 0.1 mm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from api.setup.demo.terrain import Warp

#: Straight cells are cut on this grid, metres: it makes ends that lie on another edge its nodes.
CUT = 0.001
#: Nodes of one border are no nearer than this to one another, metres.
APART = 25.0
VILLAGE_SPACING, BORDER_SPACING, LEAST_VERTICES = 60.0, 25.0, 250


class NoFit(RuntimeError):
    """The seed gives a subdivision that breaks a rule of this module; another seed will do."""


@dataclass(frozen=True)
class Edges:
    """Shared edges: geometry (n,) LineStrings; left, right (n,) index of the area on either side, -1
    for outside the district."""

    geometry: NDArray[np.object_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]


@dataclass(frozen=True)
class Subdivision:
    """areas: (m,) the smallest areas, one polygon each; area_village: (m,) index into `villages`;
    villages: codes; edges: between areas."""

    areas: NDArray[np.object_]
    area_village: NDArray[np.int64]
    villages: tuple[str, ...]
    edges: Edges


def outline(
    centres: NDArray[np.float64], reach: NDArray[np.float64], box: shapely.Polygon
) -> shapely.Polygon:
    """A district around its townships' centres: each reaches `reach` metres, smoothed, inside `box`."""
    discs = shapely.buffer(shapely.points(centres), reach, quad_segs=6)
    shape = shapely.union_all(discs).buffer(4_000, quad_segs=6).buffer(-4_000, quad_segs=6)
    shape = shape.intersection(box).buffer(-800, quad_segs=4).buffer(800, quad_segs=4)
    shape = shape.simplify(400)
    if shape.geom_type != "Polygon" or shape.interiors:
        raise NoFit("the outline is not one piece")
    return shape


def cells(centres: NDArray[np.float64], within: shapely.Polygon) -> NDArray[np.object_]:
    """Nearest-centre cells (Voronoi) of `centres`, cut to `within`, in the order of the centres."""
    if len(centres) == 1:
        return np.array([within], dtype=object)
    whole = shapely.voronoi_polygons(
        shapely.multipoints(centres), extend_to=within.buffer(20_000), ordered=True
    )
    cut = shapely.intersection(shapely.get_parts(whole), within)
    if (shapely.get_type_id(cut) != 3).any():
        raise NoFit("a cell falls apart")
    return cut


def settle(
    centres: NDArray[np.float64], within: shapely.Polygon, random: np.random.Generator, least: float
) -> NDArray[np.float64]:
    """The centres, a few hundred metres aside where needed so that no border between two cells is
    shorter than `least` metres. Raises NoFit where that cannot be had."""
    best, (shortest, middle) = centres, _shortest(cells(centres, within))
    for _ in range(4_000):
        if shortest >= least:
            return best
        near = np.argsort(np.linalg.norm(best - middle, axis=1))[:4]
        trial = best.copy()
        trial[near] += random.normal(0.0, 220.0, (4, 2))
        try:
            found = _shortest(cells(trial, within))
        except NoFit:
            continue
        if found[0] > shortest:
            best, (shortest, middle) = trial, found
    raise NoFit("the borders between townships are too short")


def _shortest(split: NDArray[np.object_]) -> tuple[float, NDArray[np.float64]]:
    lines = shapely.union_all(shapely.boundary(split), grid_size=CUT)
    parts = shapely.get_parts(shapely.line_merge(lines))
    length = shapely.length(parts)
    at = int(np.argmin(length))
    return float(length[at]), np.asarray(parts[at].interpolate(0.5, normalized=True).coords[0])


def divide(
    townships: NDArray[np.object_], villages: Sequence[int], random: np.random.Generator
) -> list[NDArray[np.object_]]:
    """Cells of the villages of each township, `villages` saying how many; even in size, and with their
    nodes on a shared border at least APART from one another."""
    taken = shapely.union_all(shapely.boundary(townships))
    nodes = [np.asarray(p.coords[0]) for p in _ends(taken)]
    answer = []
    for polygon, count in zip(townships, villages, strict=True):
        for _ in range(60):
            try:
                split = cells(_spread(polygon, count, random), polygon)
            except NoFit:
                continue
            new = _touching(split, polygon)
            known = np.array(nodes)
            gaps = [np.sort(np.linalg.norm(known - p, axis=1))[0] for p in new]
            among = [np.sort(np.linalg.norm(new - p, axis=1))[1] for p in new] if len(new) > 1 else []
            if min([*gaps, *among], default=APART) >= APART and _roomy(split):
                nodes.extend(new)
                answer.append(split)
                break
        else:
            raise NoFit("no division of a township keeps its nodes apart")
    return answer


def _ends(lines: shapely.Geometry) -> NDArray[np.object_]:
    parts = shapely.get_parts(shapely.line_merge(lines))
    return np.concatenate((shapely.get_point(parts, 0), shapely.get_point(parts, -1)))


def _touching(split: NDArray[np.object_], polygon: shapely.Polygon) -> NDArray[np.float64]:
    """Vertices of the split that lie on the polygon's border and are none of its own vertices."""
    points = np.unique(shapely.get_coordinates(split).round(6), axis=0)
    own = np.unique(shapely.get_coordinates(polygon).round(6), axis=0)
    distance = shapely.distance(shapely.points(points), polygon.exterior)
    on = points[distance < 1e-3]
    if not len(on):
        return on
    gap = np.linalg.norm(on[:, None] - own[None], axis=2).min(axis=1)
    return on[gap > 1e-3]


def _roomy(split: NDArray[np.object_]) -> bool:
    area = shapely.area(split)
    round_ = 4 * np.pi * area / shapely.length(split) ** 2
    return bool((area > 0.12 * area.mean()).all() and (round_ > 0.2).all())


def _spread(polygon: shapely.Polygon, count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """`count` points spread over the polygon: random ones, moved to their cells' centres twice."""
    west, south, east, north = polygon.bounds
    points: NDArray[np.float64] = np.empty((0, 2))
    while len(points) < count:
        more = random.uniform((west, south), (east, north), (count * 3, 2))
        inside = shapely.contains_xy(polygon, more[:, 0], more[:, 1])
        points = np.concatenate((points, more[inside]))[:count]
    for _ in range(3):
        points = shapely.get_coordinates(shapely.centroid(cells(points, polygon)))
    return points


def subdivide(
    townships: Mapping[str, shapely.Polygon],
    villages: Mapping[str, Sequence[str]],
    enclave: tuple[str, str],
    warp: Warp,
    random: np.random.Generator,
) -> Subdivision:
    """The whole network.

    townships: straight polygons that cover the district, by code. villages: codes by township.
    enclave: (owner, host): a piece of the owner that lies inside the host (飞地).
    """
    order = list(townships)
    split = divide(
        np.array([townships[c] for c in order], dtype=object), [len(villages[c]) for c in order], random
    )
    names = [v for c in order for v in villages[c]]
    straight = np.concatenate(split)
    owner, host = enclave
    piece, lies_in = _piece(straight, names, villages, townships[owner], host)
    pieces = [*straight, piece]
    lines = shapely.union_all(shapely.boundary(np.array(pieces, dtype=object)), grid_size=CUT)
    edges = shapely.get_parts(shapely.line_merge(lines))
    faces = shapely.get_parts(shapely.polygonize(edges))
    inside = shapely.point_on_surface(faces)
    tree = shapely.STRtree(straight)
    village_of = np.full(len(faces), -1)
    for face, village in tree.query(inside, predicate="intersects").T:
        village_of[face] = village
    of_piece = shapely.within(inside, piece)
    nearest_own = _nearest(straight, names, villages[owner], piece)
    village_of[of_piece] = nearest_own
    if (village_of < 0).any() or len(faces) != len(pieces) or of_piece.sum() != 1 or lies_in == nearest_own:
        raise NoFit("faces and villages do not match")

    left, right = _sides(edges, faces)
    township_of = np.array([names[v][:9] for v in village_of])
    spacing = _spacing(edges, left, right, township_of)
    curved = _curve(edges, spacing, warp)
    polygons = shapely.get_parts(shapely.polygonize(curved))
    moved = warp(shapely.get_coordinates(inside))
    hits = shapely.STRtree(polygons).query(shapely.points(moved), predicate="intersects")
    if len(polygons) != len(faces) or not np.array_equal(hits[0], np.arange(len(faces))):
        raise NoFit("the natural edges do not close to the same areas")
    return Subdivision(polygons[hits[1]], village_of, tuple(names), Edges(curved, left, right))


def _piece(
    straight: NDArray[np.object_],
    names: list[str],
    villages: Mapping[str, Sequence[str]],
    owner: shapely.Polygon,
    host: str,
) -> tuple[shapely.Polygon, int]:
    """An octagon well inside the host's roomiest village near the owner."""
    own = [i for i, v in enumerate(names) if v in set(villages[host])]
    away = shapely.distance(straight[own], owner)
    inner = [i for i, d in zip(own, away, strict=True) if d > 0]
    circles = shapely.maximum_inscribed_circle(straight[inner])
    best = int(np.argmax(shapely.length(circles) - shapely.distance(straight[inner], owner) * 0.2))
    centre = np.asarray(circles[best].coords[0])
    radius = min(float(shapely.length(circles[best])) * 0.4, 520.0)
    turns = np.arange(8) * np.pi / 4 + 0.3
    ring = centre + radius * np.column_stack((np.cos(turns), np.sin(turns))) * (1.25, 0.8)
    return shapely.Polygon(ring.round(3)), inner[best]


def _nearest(
    straight: NDArray[np.object_], names: list[str], codes: Sequence[str], to: shapely.Polygon
) -> int:
    own = [i for i, v in enumerate(names) if v in set(codes)]
    return own[int(np.argmin(shapely.distance(straight[own], to)))]


def _sides(
    edges: NDArray[np.object_], faces: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The face to the left and to the right of every edge, -1 for none."""
    middle = shapely.get_coordinates(shapely.line_interpolate_point(edges, 0.5, normalized=True))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(edges, shapely.length(edges) * 0.5 + 0.5))
    along = ahead - middle
    normal = np.column_stack((-along[:, 1], along[:, 0]))
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    tree = shapely.STRtree(faces)
    sides = []
    for step in (0.2, -0.2):
        found = np.full(len(edges), -1)
        for edge, face in tree.query(shapely.points(middle + step * normal), predicate="within").T:
            found[edge] = face
        sides.append(found)
    return sides[0], sides[1]


def _spacing(
    edges: NDArray[np.object_],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    township_of: NDArray[np.str_],
) -> NDArray[np.float64]:
    """Metres between vertices: a border of townships has at least LEAST_VERTICES of them."""
    a = np.where(left < 0, "", township_of[left])
    b = np.where(right < 0, "", township_of[right])
    pair = np.char.add(np.where(a < b, a, b), np.where(a < b, b, a))
    length = shapely.length(edges)
    total: dict[str, float] = {}
    for key, metres in zip(pair, length, strict=True):
        total[key] = total.get(key, 0.0) + metres
    border = np.array([np.clip(total[k] / LEAST_VERTICES, 3.0, BORDER_SPACING) for k in pair])
    return np.where(a == b, VILLAGE_SPACING, border)


def _curve(edges: NDArray[np.object_], spacing: NDArray[np.float64], warp: Warp) -> NDArray[np.object_]:
    dense = shapely.segmentize(edges, spacing)
    points, index = shapely.get_coordinates(dense, return_index=True)
    # One warp for each distinct point: the ends of edges must come out equal to the last bit.
    distinct, back = np.unique(points, axis=0, return_inverse=True)
    moved = warp(distinct).round(4)[back.reshape(-1)]
    return shapely.linestrings(moved, indices=index)
