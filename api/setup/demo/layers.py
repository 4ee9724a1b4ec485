"""Layers (图层) of a demonstration delivery: the generated district's records as a surveying firm hands them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import geopandas
import numpy as np
import pyproj
import shapely

from api.setup.demo.delivery import LINE, POINT_Z, POLYGON, Field, Table, parts_of
from geo.terms import LINE_STATE_NAMES, LineState

#: CGCS2000 3-degree zone 36 (CM 108°E, easting with the zone's number): what the deliveries are in.
DELIVERED = 4524
ZONE_PREFIX = 36_000_000.0

COLUMNS: Mapping[str, tuple[tuple[str, Field], ...]] = {
    "lines": (
        ("code", Field("线号", size=32)),
        ("name", Field("界线名称", size=60)),
        ("left", Field("左乡镇代码", size=9)),
        ("right", Field("右乡镇代码", size=9)),
        ("level", Field("级别", size=10)),
        ("status", Field("勘定状态", size=20)),
        ("document", Field("依据文号", size=60)),
        ("survey_date", Field("测量日期", "D", 8)),
        ("agreement_date", Field("协议日期", "D", 8)),
        ("approval_date", Field("批准日期", "D", 8)),
        ("length_m", Field("长度", "N", 14, 2)),
    ),
    "markers": (
        ("number", Field("界桩号", size=40)),
        ("line", Field("线号", size=32)),
        ("kind", Field("类型", size=4)),
        ("lon", Field("经度", "N", 16, 9)),
        ("lat", Field("纬度", "N", 16, 9)),
        ("north", Field("X坐标", "N", 16, 4)),
        ("east", Field("Y坐标", "N", 16, 4)),
        ("height", Field("高程", "N", 10, 1)),
        ("offset_m", Field("偏距", "N", 10, 2)),
    ),
    "tripoints": (
        ("number", Field("编号", size=60)),
        ("unit1", Field("乡镇代码1", size=9)),
        ("unit2", Field("乡镇代码2", size=9)),
        ("unit3", Field("乡镇代码3", size=9)),
        ("north", Field("X坐标", "N", 16, 4)),
        ("east", Field("Y坐标", "N", 16, 4)),
        ("height", Field("高程", "N", 10, 1)),
    ),
    "polygons": (
        ("code", Field("政区代码", size=9)),
        ("name", Field("政区名称", size=40)),
        ("area_m2", Field("面积", "N", 16, 1)),
    ),
}
STEMS = {"lines": "界线", "markers": "界桩", "tripoints": "三交点", "polygons": "政区面"}
KINDS = {"lines": LINE, "markers": POINT_Z, "tripoints": POINT_Z, "polygons": POLYGON}


@dataclass
class Record:
    """One record of a layer: our field names to values, and its geometry in EPSG:4545, metres.

    parts replaces the geometry where a defect cannot be said as one: raw shapefile parts.
    """

    values: dict[str, Any]
    geometry: shapely.Geometry | None
    parts: list[Any] | None = None


@dataclass
class Result:
    """成果: the records of the four layers, by role."""

    lines: list[Record] = field(default_factory=list)
    markers: list[Record] = field(default_factory=list)
    tripoints: list[Record] = field(default_factory=list)
    polygons: list[Record] = field(default_factory=list)

    def role(self, name: str) -> list[Record]:
        records: list[Record] = getattr(self, name)
        return records


def line_record(row: Any) -> Record:
    """A row of the generated lines as a surveyor's record; `row` from itertuples."""
    return Record(
        {
            "code": row.code,
            "name": row.name,
            "left": row.left_code,
            "right": row.right_code,
            "level": "乡镇级" if row.level == "township" else "县级",
            "status": LINE_STATE_NAMES[LineState(row.state)].zh,
            "document": row.document,
            "survey_date": row.survey_date,
            "agreement_date": row.agreement_date,
            "approval_date": row.approval_date,
            "length_m": row.length_m,
        },
        row.geometry,
    )


def marker_record(row: Any) -> Record:
    """A row of the generated markers; its stated coordinates are those of its place."""
    values = {"number": row.number, "line": row.line_code, "kind": row.kind, "height": row.height}
    values["offset_m"] = None if row.kind == "Q" else row.offset_m
    return Record(values | stated(row.geometry), shapely.Point(row.geometry.x, row.geometry.y, row.height))


def tripoint_record(row: Any) -> Record:
    """A row of the generated tripoints."""
    values = {"number": row.number, "unit1": row.unit1, "unit2": row.unit2, "unit3": row.unit3}
    place = {k: v for k, v in stated(row.geometry).items() if k in ("north", "east")}
    point = shapely.Point(row.geometry.x, row.geometry.y, row.height)
    return Record(values | place | {"height": row.height}, point)


def polygon_record(row: Any, crs: str) -> Record:
    """A row of the generated units with its area on the ellipsoid."""
    area = geodesic_area(row.geometry, crs)
    return Record({"code": row.code, "name": row.name, "area_m2": round(area, 1)}, row.geometry)


def stated(point: shapely.Point, zone: int = 4545) -> dict[str, float]:
    """The coordinates of a point as a table states them: 经度 纬度 (degrees), X 北 and Y 东 (zone 36)."""
    lon, lat = _to_degrees(zone).transform(point.x, point.y)
    return {
        "lon": round(lon, 9),
        "lat": round(lat, 9),
        "north": round(point.y, 4),
        "east": round(point.x + ZONE_PREFIX, 4),
    }


@cache
def _to_degrees(zone: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(zone, 4490, always_xy=True)


def geodesic_area(shape: shapely.Geometry, crs: str) -> float:
    """Area in square metres on the ellipsoid (GRS80, as CGCS2000)."""
    geod = pyproj.Geod(ellps="GRS80")
    degrees = geopandas.GeoSeries([shape], crs=crs).to_crs(4490).iloc[0]
    return abs(float(geod.geometry_area_perimeter(shapely.orient_polygons(degrees))[0]))


def tables(result: Result) -> list[Table]:
    """The layers that have records, in the order 界线 界桩 三交点 政区面."""
    return [table(role, result.role(role)) for role in STEMS if result.role(role)]


def table(role: str, records: Iterable[Record], stem: str | None = None) -> Table:
    """Records of one role as a shapefile layer in zone 36."""
    rows = list(records)
    columns = COLUMNS[role]
    shapes = [r.parts if r.parts is not None else parts_of(r.geometry) for r in rows]
    return Table(
        stem or STEMS[role],
        KINDS[role],
        [None if p is None else [_prefixed(part) for part in p] for p in shapes],
        [f for _, f in columns],
        [[_plain(r.values.get(name)) for name, _ in columns] for r in rows],
    )


def _prefixed(part: Any) -> Any:
    moved = np.array(part, dtype=float).reshape(len(part), -1)
    if len(moved):
        # Rounded again: the sum of two doubles may be a hair off the storage grid.
        moved[:, 0] = np.round(moved[:, 0] + ZONE_PREFIX, 4)
    return moved


def _plain(value: Any) -> object:
    if value is None or isinstance(value, str | bytes | int | float | date):
        return value
    return str(value)
