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

    The points may be `marker_table` apart, or on either axis half of the last decimal that the columns
    are written with. Plane coordinates are tried in every CGCS2000 3- and 6-degree zone that the place can
    be given in, with and without the zone number: it is the same point. Where the file's system has no
    authorised way to CGCS2000 (CR04), only its own numbers are, whatever zone number stands before them.
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
    allowed = Allowed(scene.tolerances.marker_table, min(_last_digit(raw_north, raw_east), 0.5))
    candidates = Candidates.of(drawn, rows, north, east)
    if not candidates.names:
        return
    there = candidates.there
    same = allowed.met(there[:, :, 0] - north, there[:, :, 1] - east)
    wrong = ~same.any(axis=0)
    # The table's system is one that any of its rows is right in; else the file's own.
    shown = candidates.shown(same.any(axis=1), north, east)
    for i in np.flatnonzero(wrong & np.isfinite(there[:, :, 0]).any(axis=0)):
        stands = candidates.of_row(int(i))
        pair = (float(north[i]), float(east[i]))
        where = (float(there[shown[i], i, 0]), float(there[shown[i], i, 1]))
        yield _explained(scene, role, int(rows[i]), pair, stands, allowed, where)


@dataclass(frozen=True)
class Allowed:
    """What a table may differ by: metres between the points, or half of its last digit on either axis."""

    metres: float
    half_digit: float

    def met(self, north: Any, east: Any) -> Any:
        """Whether differences of northing and easting, metres, are allowed; False where one is NaN."""
        near = np.round(np.hypot(north, east), 6) <= self.metres
        # A point is stored to 0.1 mm.
        rounded = np.maximum(np.abs(north), np.abs(east)) <= self.half_digit + 1e-4
        return near | (rounded & (self.half_digit > 0))


def _numbers(column: NDArray[np.object_]) -> NDArray[np.float64]:
    found = (values.number(v) for v in column)
    return np.array([np.nan if v is None else v for v in found], dtype=float)


def _explained(
    scene: Scene,
    role: Role,
    row: int,
    stated: tuple[float, float],
    stands: list[tuple[str, float, float]],
    allowed: Allowed,
    where: tuple[float, float],
) -> Hit:
    """The hit, with the cause where the numbers prove one.

    stands: the drawn point in each system, with the system's name ("" for the file's own); where: in the one
    that is told.
    """
    refs, at = scene.refs(role, row), scene.frame(role).geometry.iat[row]
    north, east = stated
    for _, n, e in stands:
        if allowed.met(n - east, e - north):
            measure = {"distance_m": float(np.hypot(n - north, e - east))}
            return Hit(refs, says=(refs[0], n, e), measure=measure, at=at, text=SWAPPED, remedy=SWAP_REMEDY)
    measure = {"distance_m": float(np.hypot(where[0] - north, where[1] - east))}
    number = int(east // 1e6)
    # 3-degree zones have the numbers 25 to 45, 6-degree zones 13 to 23; one meridian can be of both.
    three = number >= 24
    for name, n, e in sorted(stands, key=lambda s: (s[2] // 1e6 >= 24) is not three):
        right = int(e // 1e6)
        if name and 0 < right != number > 0 and allowed.met(n - north, e % 1e6 - east % 1e6):
            says = (refs[0], number, name)
            return Hit(refs, says=says, measure=measure, at=at, text=ZONE, remedy=ZONE_REMEDY)
    return Hit(refs, says=(refs[0], north, east, *where), measure=measure, at=at)


def _degrees(scene: Scene, role: Role, rows: NDArray[np.intp], drawn: Drawn) -> Iterator[Hit]:
    there = drawn.degrees
    if there is None and drawn.own_is_degrees:
        there = drawn.own
    if there is None:
        return
    frame = scene.frame(role)
    raw_lon, raw_lat = frame["lon"].to_numpy()[rows], frame["lat"].to_numpy()[rows]
    # Seconds with two decimals are 0.3 m: what the column is written to is what can be compared.
    half_digit = _degree_rounding([*raw_lon, *raw_lat])
    allowed = Allowed(scene.tolerances.marker_table, half_digit * METRES_PER_DEGREE)
    for row, lon_text, lat_text in zip(rows, raw_lon, raw_lat, strict=True):
        lon, lat = values.degrees(lon_text), values.degrees(lat_text)
        if lon is None or lat is None or abs(lon) > 360 or abs(lat) > 360:
            continue
        x, y = there[row]
        if _same_place(lon, lat, x, y, allowed):
            continue
        metres = _apart(lon, lat, x, y)
        refs, at = scene.refs(role, int(row)), frame.geometry.iat[row]
        hit = Hit(refs, measure={"distance_m": metres}, at=at, text=DEGREES)
        packed = values.unpacked(lon), values.unpacked(lat)
        if _same_place(lat, lon, x, y, allowed):
            hit = Hit(refs, measure={"distance_m": metres}, at=at, text=SWAPPED_DEGREES, remedy=SWAP_REMEDY)
        elif None not in packed and _apart(packed[0] or 0.0, packed[1] or 0.0, x, y) <= max(
            allowed.metres, allowed.half_digit, 3.1
        ):
            says = (refs[0], values.text(lon_text), packed[0])
            hit = Hit(refs, says, {"distance_m": metres}, at, text=PACKED, remedy=PACKED_REMEDY)
        yield hit


def _same_place(lon: float, lat: float, x: float, y: float, allowed: Allowed) -> bool:
    """Whether two geographic positions are one: a digit of longitude is as many degrees as one of latitude."""
    apart = max(abs(lon - x), abs(lat - y)) * METRES_PER_DEGREE
    return apart <= allowed.half_digit + 1e-4 or round(_apart(lon, lat, x, y), 6) <= allowed.metres


def _apart(lon: float, lat: float, x: float, y: float) -> float:
    """Metres between two geographic positions, on the ellipsoid; infinite where one is none."""
    if abs(lat) > 90 or abs(y) > 90 or not np.isfinite([lon, lat, x, y]).all():
        return 2e7
    return float(ELLIPSOID.inv(lon, lat, x, y)[2])


def _last_digit(*columns: Any) -> float:
    """Half of the last digit of plane coordinates, metres."""
    # Both columns are written alike; a last digit of 0 is lost in a number.
    return float(0.5 * 10.0 ** -values.decimals(value for column in columns for value in column))


def _degree_rounding(column: list[Any]) -> float:
    """Half of the last digit of longitudes or latitudes, in degrees."""
    sexagesimal = any(isinstance(v, str) and values.number(v) is None for v in column if values.text(v))
    unit = 1 / 3600 if sexagesimal else 1.0
    if sexagesimal:
        seconds = [values.text(v) for v in column if isinstance(v, str)]
        return 0.5 * 10.0 ** -values.decimals(s for s in seconds) * unit
    return 0.5 * 10.0 ** -values.decimals(column)


_TRANSFORMERS: dict[int, pyproj.Transformer] = {}


@dataclass(frozen=True)
class Candidates:
    """The drawn points in the systems that a table may be in.

    names: k systems, "" for the file's own. there: (k, n, 2) north and east, NaN where a point is too far from
    a zone to be given in it.
    """

    names: list[str]
    there: NDArray[np.float64]

    @classmethod
    def of(
        cls, drawn: Drawn, rows: NDArray[np.intp], north: NDArray[np.float64], east: NDArray[np.float64]
    ) -> Candidates:
        """north, east: as stated, for the zone numbers that stand before them."""
        names: list[str] = []
        found: list[NDArray[np.float64]] = []
        if drawn.degrees is not None:
            degrees = drawn.degrees[rows]
            middle = np.round(degrees[:, 0])
            around = [zones_around(float(lon)) for lon in np.unique(middle[np.isfinite(middle)])]
            for epsg in sorted({epsg for zones in around for epsg in zones}):
                if epsg not in _TRANSFORMERS:
                    _TRANSFORMERS[epsg] = pyproj.Transformer.from_crs(STORED, epsg, always_xy=True)
                near = np.array([epsg in zones_around(float(lon)) for lon in middle])
                there = np.full(degrees.shape, np.nan)
                easting, northing = _TRANSFORMERS[epsg].transform(degrees[near, 0], degrees[near, 1])
                there[near] = np.column_stack([northing, easting])
                names.append(f"EPSG:{epsg}")
                found.append(there)
        if not drawn.own_is_degrees:
            own = drawn.own[rows][:, ::-1]
            numbers = {0} if drawn.degrees is not None else {0, *_zone_numbers(north, east)}
            for number in sorted(numbers):
                names.append("")
                found.append(np.column_stack([own[:, 0], own[:, 1] % 1e6 + number * 1e6]) if number else own)
        return cls(names, np.array(found))

    def of_row(self, i: int) -> list[tuple[str, float, float]]:
        """The systems that one point can be given in, with its north and east."""
        pairs = zip(self.names, self.there[:, i], strict=True)
        return [(name, float(n), float(e)) for name, (n, e) in pairs if np.isfinite(n)]

    def shown(
        self, right: NDArray[np.bool_], north: NDArray[np.float64], east: NDArray[np.float64]
    ) -> NDArray[np.intp]:
        """Which system to tell each row's point in: the nearest of those that the table is `right` in
        anywhere, else the file's own, written with a zone number or without as the table is. Of all systems
        the nearest would be another zone's where a digit is wrong."""
        chosen = right
        if not chosen.any() and "" in self.names:
            own = self.there[self.names.index("")]
            northing, easting = np.abs(self.there - own).transpose(2, 0, 1)
            easting = np.minimum(easting % 1e6, 1e6 - easting % 1e6)
            chosen = ((northing < 1e-3) & (easting < 1e-3)).any(axis=1)
        if not chosen.any():
            chosen = np.ones(len(self.names), dtype=bool)
        metres = np.hypot(self.there[:, :, 0] - north, self.there[:, :, 1] - east)
        metres = np.where(np.isnan(metres), np.inf, metres)
        # A row beyond the zones of the others is told in whatever it can be given in.
        metres += np.where(chosen, 0.0, 1e12)[:, None]
        return np.asarray(metres.argmin(axis=0))


def _zone_numbers(*columns: NDArray[np.float64]) -> set[int]:
    """Zone numbers (带号) that stand before eastings: 13 to 23 of 6 degrees, 25 to 45 of 3."""
    return {int(n) for column in columns for n in np.unique(column // 1e6) if 13 <= n <= 45}


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
