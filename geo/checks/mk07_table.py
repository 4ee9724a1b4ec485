"""MK07 坐标表与图形不符: coordinates in the attributes that are not those of the point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.crs.geodesic import ELLIPSOID
from geo.crs.plane import METRES_PER_DEGREE, STORED
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

SWAPPED = Text(
    "{0} 的坐标表 X、Y 填反了：X 应为北（{1:.3f}），Y 应为东（{2:.3f}）",
    "{0}: X and Y are swapped in the table; X is north ({1:.3f}), Y is east ({2:.3f})",
)
SWAPPED_DEGREES = Text("{0} 的经度、纬度填反了", "{0}: longitude and latitude are swapped in the table")
SWAP_REMEDY = Text(
    "属性表里交换两列的值；中国测绘习惯 X 为纵坐标（北）、Y 为横坐标（东）",
    "Exchange the two columns; in Chinese surveying X is north and Y is east",
)
ZONE = Text(
    "{0} 的横坐标带号 {1} 不对：数值属于 {2}",
    "{0}: the zone number {1} of the easting is wrong: the value is of {2}",
)
ZONE_REMEDY = Text(
    "核对分带和中央经线，改正带号（3 度带：35 带 105°，36 带 108°）或重新导出坐标",
    "Check the zone and its central meridian; correct the number (3-degree: 35 is 105°, 36 is 108°) or export the coordinates again",
)
PACKED = Text(
    "{0} 的经纬度把度分秒当成小数度填写（{1} 应为 {2:.8f}）",
    "{0}: degrees, minutes and seconds are written as if decimal degrees ({1} is {2:.8f})",
)
PACKED_REMEDY = Text(
    "按 度 + 分/60 + 秒/3600 换算成小数度，或写成 106°30′15.2″",
    "Convert as degrees + minutes/60 + seconds/3600, or write 106°30′15.2″",
)
DEGREES = Text(
    "{0} 的经纬度与点位相差 {distance_m:.3f} 米",
    "{0}: longitude and latitude in the table are {distance_m:.3f} m from the point",
)


@CHECKS.rule(
    code="MK07",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 坐标表中的点与图上点位相差 {distance_m:.3f} 米（表中 北 {1:.3f} 东 {2:.3f}，图上 北 {3:.3f} 东 {4:.3f}）",
        "{0}: the table's point is {distance_m:.3f} m from the one drawn (table north {1:.3f} east {2:.3f}, "
        "drawn north {3:.3f} east {4:.3f})",
    ),
    remedy=Text(
        "以实测成果为准改正一方：ArcGIS“计算几何”、QGIS 字段计算器 $x/$y 可由图形重填属性；图形错的按表重展点",
        "Correct whichever differs from the survey: recalculate the fields from the points (Calculate Geometry "
        "in ArcGIS, field calculator in QGIS), or plot the points from the table again",
    ),
    source="界桩成果表; docs/checks.md MK07",
)
def table(scene: Scene) -> Iterator[Hit]:
    """Plane and geographic coordinates in the attributes of markers and tripoints.

    The difference may be up to `marker_table`, or half of the last decimal that the column is written
    with. Plane coordinates are tried in every CGCS2000 3- and 6-degree zone that the place can be
    given in, with and without the zone number: it is the same point.
    """
    for role in (Role.MARKERS, Role.TRIPOINTS):
        frame = scene.frame(role)
        if not len(frame) or not any(frame[name].notna().any() for name in ("north", "east", "lon", "lat")):
            continue
        drawn = Drawn.of(scene, role)
        for layer in dict.fromkeys(frame["layer"]):
            rows = np.flatnonzero((frame["layer"] == layer).to_numpy())
            yield from _plane(scene, role, rows, drawn)
            yield from _degrees(scene, role, rows, drawn)


@dataclass(frozen=True)
class Drawn:
    """The points as drawn: (n, 2) longitude and latitude or None, and (n, 2) in the file's own system."""

    degrees: NDArray[np.float64] | None
    own: NDArray[np.float64]
    own_is_degrees: bool

    @classmethod
    def of(cls, scene: Scene, role: Role) -> Drawn:
        points = np.asarray(shapely.centroid(scene.shapes(role)), dtype=object)
        there = scene.plane.to_geographic(points)
        own = scene.plane.to_source(points)
        source = scene.plane.source
        return cls(
            None if there is None else shapely.get_coordinates(there),
            shapely.get_coordinates(own),
            bool(source.is_geographic) if source is not None else False,
        )


def _plane(scene: Scene, role: Role, rows: NDArray[np.intp], drawn: Drawn) -> Iterator[Hit]:
    frame = scene.frame(role)
    raw_north, raw_east = frame["north"].to_numpy()[rows], frame["east"].to_numpy()[rows]
    north, east = _numbers(raw_north), _numbers(raw_east)
    stated = np.isfinite(north) & np.isfinite(east)
    if not stated.any():
        return
    rows, north, east = rows[stated], north[stated], east[stated]
    tolerance = _tolerance(scene, raw_north, raw_east)
    names, there = _candidates(drawn, rows)
    if not names:
        return
    # NaN where a place cannot be given in a zone.
    metres = np.hypot(there[:, :, 0] - north, there[:, :, 1] - east)
    metres = np.where(np.isnan(metres), np.inf, metres)
    best = metres.argmin(axis=0)
    for i in np.flatnonzero(np.round(metres.min(axis=0), 6) > tolerance):
        candidates = [
            (name, float(n), float(e))
            for name, (n, e) in zip(names, there[:, i], strict=True)
            if np.isfinite(n)
        ]
        if candidates:
            where = (float(there[best[i], i, 0]), float(there[best[i], i, 1]))
            distance = float(metres[best[i], i])
            pair = (float(north[i]), float(east[i]))
            yield _explained(scene, role, int(rows[i]), pair, candidates, tolerance, distance, where)


def _numbers(column: NDArray[np.object_]) -> NDArray[np.float64]:
    found = (values.number(v) for v in column)
    return np.array([np.nan if v is None else v for v in found], dtype=float)


def _explained(
    scene: Scene,
    role: Role,
    row: int,
    stated: tuple[float, float],
    candidates: list[tuple[str, float, float]],
    tolerance: float,
    distance: float,
    where: tuple[float, float],
) -> Hit:
    """The hit, with the cause where the numbers prove one."""
    refs, at = scene.refs(role, row), scene.frame(role).geometry.iat[row]
    north, east = stated
    for _, n, e in candidates:
        if np.hypot(n - east, e - north) <= tolerance:
            measure = {"distance_m": float(np.hypot(n - north, e - east))}
            return Hit(refs, says=(refs[0], n, e), measure=measure, at=at, text=SWAPPED, remedy=SWAP_REMEDY)
    for name, n, e in candidates:
        if abs(n - north) <= tolerance and abs(e % 1e6 - east % 1e6) <= tolerance:
            says = (refs[0], int(east // 1e6), name)
            measure = {"distance_m": distance}
            return Hit(refs, says=says, measure=measure, at=at, text=ZONE, remedy=ZONE_REMEDY)
    return Hit(refs, says=(refs[0], north, east, *where), measure={"distance_m": distance}, at=at)


def _degrees(scene: Scene, role: Role, rows: NDArray[np.intp], drawn: Drawn) -> Iterator[Hit]:
    there = drawn.degrees
    if there is None and drawn.own_is_degrees:
        there = drawn.own
    if there is None:
        return
    frame = scene.frame(role)
    raw_lon, raw_lat = frame["lon"].to_numpy()[rows], frame["lat"].to_numpy()[rows]
    allowed = scene.tolerances.marker_table
    # Seconds with two decimals are 0.3 m: what the column is written to is what can be compared.
    allowed = max(allowed, _degree_rounding([*raw_lon, *raw_lat]) * METRES_PER_DEGREE)
    for row, lon_text, lat_text in zip(rows, raw_lon, raw_lat, strict=True):
        lon, lat = values.degrees(lon_text), values.degrees(lat_text)
        if lon is None or lat is None or abs(lon) > 360 or abs(lat) > 360:
            continue
        x, y = there[row]
        metres = _apart(lon, lat, x, y)
        if round(metres, 6) <= allowed:
            continue
        refs, at = scene.refs(role, int(row)), frame.geometry.iat[row]
        hit = Hit(refs, measure={"distance_m": metres}, at=at, text=DEGREES)
        packed = values.unpacked(lon), values.unpacked(lat)
        if _apart(lat, lon, x, y) <= allowed:
            hit = Hit(refs, measure={"distance_m": metres}, at=at, text=SWAPPED_DEGREES, remedy=SWAP_REMEDY)
        elif None not in packed and _apart(packed[0] or 0.0, packed[1] or 0.0, x, y) <= max(allowed, 3.1):
            says = (refs[0], values.text(lon_text), packed[0])
            hit = Hit(refs, says, {"distance_m": metres}, at, text=PACKED, remedy=PACKED_REMEDY)
        yield hit


def _apart(lon: float, lat: float, x: float, y: float) -> float:
    """Metres between two geographic positions, on the ellipsoid; infinite where one is none."""
    if abs(lat) > 90 or abs(y) > 90 or not np.isfinite([lon, lat, x, y]).all():
        return 2e7
    return float(ELLIPSOID.inv(lon, lat, x, y)[2])


def _tolerance(scene: Scene, *columns: Any) -> float:
    # Both columns are written alike; a last digit of 0 is lost in a number.
    rounding = 0.5 * 10.0 ** -values.decimals(value for column in columns for value in column)
    return max(scene.tolerances.marker_table, min(rounding, 0.5)) + 1e-6


def _degree_rounding(column: list[Any]) -> float:
    """Half of the last digit of longitudes or latitudes, in degrees."""
    sexagesimal = any(isinstance(v, str) and values.number(v) is None for v in column if values.text(v))
    unit = 1 / 3600 if sexagesimal else 1.0
    if sexagesimal:
        seconds = [values.text(v) for v in column if isinstance(v, str)]
        return 0.5 * 10.0 ** -values.decimals(s for s in seconds) * unit
    return 0.5 * 10.0 ** -values.decimals(column)


_TRANSFORMERS: dict[int, pyproj.Transformer] = {}


def _candidates(drawn: Drawn, rows: NDArray[np.intp]) -> tuple[list[str], NDArray[np.float64]]:
    """The drawn points in the systems that a table may be in: k names, and (k, n, 2) north and east,
    NaN where a point is too far from a zone to be given in it."""
    names: list[str] = []
    found: list[NDArray[np.float64]] = []
    if drawn.degrees is not None:
        degrees = drawn.degrees[rows]
        around = [
            zones_around(float(lon)) for lon in np.unique(np.round(degrees[np.isfinite(degrees[:, 0]), 0]))
        ]
        for epsg in sorted({epsg for zones in around for epsg in zones}):
            if epsg not in _TRANSFORMERS:
                _TRANSFORMERS[epsg] = pyproj.Transformer.from_crs(STORED, epsg, always_xy=True)
            near = np.array([epsg in zones_around(float(lon)) for lon in np.round(degrees[:, 0])])
            there = np.full(degrees.shape, np.nan)
            east, north = _TRANSFORMERS[epsg].transform(degrees[near, 0], degrees[near, 1])
            there[near] = np.column_stack([north, east])
            names.append(f"EPSG:{epsg}")
            found.append(there)
    if not drawn.own_is_degrees:
        names.append("")
        found.append(drawn.own[rows][:, ::-1])
    return names, np.array(found)


@cache
def zones_around(longitude: float) -> tuple[int, ...]:
    """EPSG codes of the CGCS2000 Gauss-Krüger zones (分带) that a place can be given in.

    The nearest three 3-degree and the nearest 6-degree central meridians, each without and with its
    zone number; empty outside China. Source: EPSG 4534-4554, 4513-4533, 4502-4512, 4491-4501.
    """
    found: list[int] = []
    by_distance = sorted(range(75, 136, 3), key=lambda m: abs(m - longitude))
    for meridian in [m for m in by_distance if abs(m - longitude) <= 6][:3]:
        found += [4534 + (meridian - 75) // 3, 4513 + meridian // 3 - 25]
    for meridian in [m for m in range(75, 136, 6) if abs(m - longitude) <= 6]:
        found += [4502 + (meridian - 75) // 6, 4491 + (meridian + 3) // 6 - 13]
    return tuple(found)
