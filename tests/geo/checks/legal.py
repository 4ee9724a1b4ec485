"""Small scenes for the checks of markers and attributes: frames by role, in the district's zone, metres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import geopandas
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geo.checks import values
from geo.checks.run import discover, run
from geo.checks.scene import FIELDS, Published, Scene, Units, empty_frame
from geo.crs.plane import Plane
from geo.findings import Finding
from geo.settings import DistrictSettings, district, tolerances
from geo.terms import Profile, Role

EPSG = 4545
#: A place in 渝北: easting and northing of the origin of small test drawings.
EAST, NORTH = 370_000.0, 3_300_000.0

XINGLONG, CIZHU, TONGJING = "500112138", "500112140", "500112133"
LINE = f"{XINGLONG}-{CIZHU}"


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def frame(role: Role, rows: Sequence[Mapping[str, Any]], layer: str | None = None) -> geopandas.GeoDataFrame:
    """Rows with our field names and `geometry`; everything else is None."""
    if not rows:
        return empty_frame(role)
    columns: dict[str, Any] = {
        "layer": [row.get("layer", layer or role.value) for row in rows],
        "record": range(len(rows)),
    }
    for name in FIELDS[role]:
        columns[name] = pd.Series([row.get(name) for row in rows], dtype=object)
    key = "number" if role in (Role.MARKERS, Role.TRIPOINTS) else "code"
    columns["ident"] = [values.text(row.get(key)) or f"#{i}" for i, row in enumerate(rows)]
    columns["z"] = [row.get("z", float("nan")) for row in rows]
    return geopandas.GeoDataFrame(columns, geometry=[row["geometry"] for row in rows])


def a_line(geometry: BaseGeometry | None = None, **fields: Any) -> dict[str, Any]:
    """A complete line record between 兴隆镇 and 茨竹镇."""
    return {
        "code": LINE, "name": "兴隆—茨竹线", "left": XINGLONG, "right": CIZHU, "level": "乡镇级",
        "status": "成果审查", "geometry": geometry or line((0, 0), (1000, 0)), **fields,
    }  # fmt: skip


def a_marker(x: float, y: float, serial: int = 1, kind: str = "Q", **fields: Any) -> dict[str, Any]:
    """A complete marker record of that line."""
    return {
        "number": f"{LINE}{serial:03d}{kind}", "line": LINE, "kind": kind, "geometry": at(x, y), **fields,
    }  # fmt: skip


def a_unit(code: str, name: str, geometry: BaseGeometry, **fields: Any) -> dict[str, Any]:
    return {"code": code, "name": name, "geometry": geometry, **fields}


UNITS = Units(
    pd.DataFrame(
        [
            ("500112138", "500112138", "兴隆镇", "township", (), ("500112113",)),
            ("500112140", "500112140", "茨竹镇", "township", (), ("500112115",)),
            ("500112133", "500112133", "统景镇", "township", ("统景场镇",), ("500112121",)),
            ("500112009", "500112009", "人和街道", "township", (), ()),
            ("500112018", "500112018", "王家街道", "township", (), ("500112009",)),
        ],
        columns=["code", "statistical", "name", "level", "former_names", "other_codes"],
    )
)


def scene(
    *,
    lines: Sequence[Mapping[str, Any]] = (),
    markers: Sequence[Mapping[str, Any]] = (),
    tripoints: Sequence[Mapping[str, Any]] = (),
    polygons: Sequence[Mapping[str, Any]] = (),
    profile: Profile = Profile.TOWNSHIP,
    units: Units | None = UNITS,
    published: Published | None = None,
    settings: DistrictSettings | None = None,
    as_of: date = date(2024, 12, 31),
    today: date = date(2025, 1, 31),
    **changed: Any,
) -> Scene:
    made = Scene(
        profile=profile,
        plane=Plane.of_zone(EPSG, pyproj.CRS.from_epsg(EPSG)),
        tolerances=tolerances(),
        lines=frame(Role.LINES, lines),
        markers=frame(Role.MARKERS, markers),
        tripoints=frame(Role.TRIPOINTS, tripoints),
        polygons=frame(Role.POLYGONS, polygons),
        district=settings or district("500112"),
        units=units,
        published=published,
        as_of=as_of,
        today=today,
    )
    return replace(made, **changed)


def published(
    *,
    lines: Sequence[Mapping[str, Any]] = (),
    markers: Sequence[Mapping[str, Any]] = (),
    tripoints: Sequence[Mapping[str, Any]] = (),
    polygons: Sequence[Mapping[str, Any]] = (),
    district_outline: BaseGeometry | None = None,
) -> Published:
    frames = {
        role.value: frame(role, rows).drop(columns=["layer", "record"])
        for role, rows in zip(Role, (lines, markers, tripoints, polygons), strict=True)
    }
    frames["lines"]["state"] = [row.get("state", "settled") for row in lines] if lines else []
    return Published(**frames, district=district_outline)


def found(code: str, made: Scene) -> list[Finding]:
    """What one check finds; a check that raises makes the test fail."""
    return run(made, rules=[discover()[code]], strict=True)
