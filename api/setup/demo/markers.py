"""Markers (界桩) of the demonstration district: singles on the line, twins along a river, triples where
three banks meet. Positions, heights and custodians are invented."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from api.setup.demo.terrain import Relief
from geo.terms import LineState, MarkerKind

COLUMNS = [
    "number", "display_number", "line_code", "kind", "height", "offset_m", "accuracy_m", "condition",
    "custodian", "geometry",
]  # fmt: skip
#: A river runs along the first lines of these states' lines: every RIVER-th line has twins in its middle.
RIVER = 4
SPACING = 650.0
TURN_DEG = 50.0
CONDITIONS = ("intact", "intact", "intact", "intact", "intact", "faded", "leaning", "threatened", "damaged")
BANK_M = (18.0, 45.0)


def markers(
    lines: geopandas.GeoDataFrame,
    points: geopandas.GeoDataFrame,
    units: geopandas.GeoDataFrame,
    names: Mapping[str, str],
    relief: Relief,
    random: np.random.Generator,
    crs: str,
) -> geopandas.GeoDataFrame:
    """Markers of every line whose markers are in. Number = line code + serial from 001 along the line
    + type letter; the tripoints' markers belong to the line with the smallest code."""
    measured = list(LineState)[list(LineState).index(LineState.MARKERS_DONE) :]
    shapes = dict(zip(units["code"], units["geometry"], strict=True))
    taken: set[tuple[float, float]] = set()
    triples = _triples(points, lines, measured)
    rows: list[tuple[object, ...]] = []
    for index, line in enumerate(lines.sort_values("code").itertuples()):
        if line.state not in measured:
            continue
        path = line.geometry
        coords = shapely.get_coordinates(path)
        along = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(coords, axis=0), axis=1))))
        stations = _stations(coords, along, closed=path.is_ring)
        river = index % RIVER == 0 and not path.is_ring
        low, high = sorted((line.left_code, line.right_code))
        keeper = names[low] if random.random() < 0.5 else names[high]
        serial = 0
        for place, vertex in enumerate(stations):
            point = (float(coords[vertex, 0]), float(coords[vertex, 1]))
            end = vertex in (0, len(coords) - 1) and not path.is_ring
            if end:
                if point in taken:
                    continue
                taken.add(point)
            serial += 1
            stem = f"{line.code}{serial:03d}"
            for kind, at, offset in _posts(
                line, coords, vertex, point, end, river and 0 < place < len(stations) - 1,
                triples.get(point) if end else None, shapes, random,
            ):  # fmt: skip
                condition = CONDITIONS[int(random.integers(0, len(CONDITIONS)))]
                display = (
                    f"{names[low][:-1] if names[low].endswith('镇') else names[low][:-2]}"
                    f"{serial:03d}{kind.value if kind is not MarkerKind.SINGLE else ''}"
                )
                rows.append(
                    (
                        stem + kind.value, display, line.code, kind.value,
                        float(relief(np.array([at]))[0]), offset, 0.05, condition,
                        f"{keeper}界桩管护岗（演示）", shapely.Point(at),
                    )
                )  # fmt: skip
    return geopandas.GeoDataFrame(rows, columns=COLUMNS, geometry="geometry", crs=crs)


def _stations(coords: NDArray[np.float64], along: NDArray[np.float64], *, closed: bool) -> list[int]:
    """Vertices that carry a marker: the ends, about every SPACING metres, and every sharp turn."""
    total = along[-1]
    count = max(int(np.ceil(total / SPACING)), 2)
    wanted = np.linspace(0.0, total, count + 1)
    picked = {int(i) for i in np.abs(along[:, None] - wanted[None]).argmin(axis=0)}
    legs = np.diff(coords, axis=0)
    heading = np.degrees(np.arctan2(legs[:, 1], legs[:, 0]))
    turn = np.abs((np.diff(heading) + 180) % 360 - 180)
    picked |= {int(i) + 1 for i in np.flatnonzero(turn > TURN_DEG)}
    last = len(coords) - 1
    if closed:
        picked.discard(last)
        picked.add(0)
    return sorted(picked)


def _triples(
    points: geopandas.GeoDataFrame, lines: geopandas.GeoDataFrame, measured: list[LineState]
) -> dict[tuple[float, float], tuple[str, str, str]]:
    """Inner tripoints where all three lines are measured: every third has a triple marker."""
    states = dict(zip(lines["code"], lines["state"], strict=True))
    found = {}
    for row in points.itertuples():
        three = (row.unit1, row.unit2, row.unit3)
        pairs = [f"{a}-{b}" for a, b in ((three[0], three[1]), (three[0], three[2]), (three[1], three[2]))]
        if all(states.get(p) in measured for p in pairs):
            found[(row.geometry.x, row.geometry.y)] = three
    return {p: t for i, (p, t) in enumerate(sorted(found.items())) if i % 3 == 0}


def _posts(
    line: object,
    coords: NDArray[np.float64],
    vertex: int,
    point: tuple[float, float],
    end: bool,
    river: bool,
    three: tuple[str, str, str] | None,
    shapes: Mapping[str, shapely.Geometry],
    random: np.random.Generator,
) -> list[tuple[MarkerKind, tuple[float, float], float]]:
    """(kind, position, distance to the line) of the posts of one number."""
    if three is not None:
        kinds = (MarkerKind.TRIPLE_C, MarkerKind.TRIPLE_D, MarkerKind.TRIPLE_E)
        spots = [_bank(np.array(point), shapes[unit]) for unit in three]
        path = line.geometry  # type: ignore[attr-defined]
        return [
            (kind, spot, round(float(shapely.distance(shapely.Point(spot), path)), 2))
            for kind, spot in zip(kinds, spots, strict=True)
        ]
    if not river or end:
        return [(MarkerKind.SINGLE, point, 0.0)]
    ahead = coords[min(vertex + 1, len(coords) - 1)] - coords[max(vertex - 1, 0)]
    left = np.array((-ahead[1], ahead[0])) / np.linalg.norm(ahead)
    low = min(line.left_code, line.right_code)  # type: ignore[attr-defined]
    towards_low = left if line.left_code == low else -left  # type: ignore[attr-defined]
    path = line.geometry  # type: ignore[attr-defined]
    posts = []
    for kind, way in ((MarkerKind.TWIN_A, towards_low), (MarkerKind.TWIN_B, -towards_low)):
        at = (np.array(point) + way * float(random.uniform(*BANK_M))).round(4)
        spot = (float(at[0]), float(at[1]))
        posts.append((kind, spot, round(float(shapely.distance(shapely.Point(spot), path)), 2)))
    return posts


def _bank(point: NDArray[np.float64], unit: shapely.Geometry) -> tuple[float, float]:
    """A point inside the unit, some thirty metres from the tripoint."""
    near = shapely.intersection(unit, shapely.Point(point).buffer(45.0, quad_segs=8))
    inner = max(shapely.get_parts(near), key=lambda p: p.area)
    at = np.asarray(inner.centroid.coords[0])
    if not unit.contains(shapely.Point(at)):
        at = np.asarray(inner.representative_point().coords[0])
    at = at.round(4)
    return float(at[0]), float(at[1])
