"""What an inspection is told of the world: units on the date, and what is published around."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.checks.scene import FIELDS, Published
from geo.crs.plane import STORED, Plane
from geo.settings import DistrictSettings
from geo.store.frames import frame
from geo.terms import Role

# Each served by the column's GiST index; the district's margin takes in the neighbours.
LINES = """
    select l.code, l.name, l.left_code as "left", l.right_code as "right", l.level, l.document,
           coalesce(step.to_state, 'undemarcated') as state, l.length_m, ST_AsBinary(l.geometry) as geometry
    from boundary_line l
    left join lateral (
        select s.to_state from demarcation_step s
        where s.code = l.code and s.on_date <= :at order by s.version desc limit 1
    ) step on true
    where l.valid @> :at and upper_inf(l.recorded)
      and l.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
    order by l.code"""

MARKERS = """
    select m.number, m.line_code as line, m.kind, m.height, ST_AsBinary(m.geometry) as geometry
    from boundary_marker m
    where m.valid @> :at and upper_inf(m.recorded)
      and m.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
    order by m.number"""

TRIPOINTS = """
    select t.number, t.unit1, t.unit2, t.unit3, t.height, ST_AsBinary(t.geometry) as geometry
    from tripoint t
    where t.valid @> :at and upper_inf(t.recorded)
      and t.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
    order by t.number"""

POLYGONS = """
    select u.code, u.name, u.parent_code as parent, ST_AsBinary(u.geometry) as geometry
    from admin_unit u
    where u.valid @> :at and upper_inf(u.recorded) and u.level = 'township' and u.geometry is not null
      and u.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
    order by u.code"""

DISTRICT = """
    select ST_AsBinary(u.geometry) as geometry from admin_unit u
    where u.code = :district and u.valid @> :at and upper_inf(u.recorded) and u.geometry is not null"""

COUNTY_LINES = """
    select l.code, ST_AsBinary(l.geometry) as geometry from boundary_line l
    where l.level = 'county' and l.valid @> :at and upper_inf(l.recorded)
      and position(:district in l.code) > 0"""

#: Degrees around the district's box: neighbours' lines end there, and a surveyor's strip may reach over.
MARGIN = 0.05


def around(session: Session, district: DistrictSettings, at: date) -> Published | None:
    """What is in force in and around a district on a date, in the plane of its zone (metres).

    None where nothing is published there at all, which tells the checks that they have no reference.
    """
    west, south, east, north = district.box
    where: dict[str, Any] = {
        "at": at,
        "west": west - MARGIN,
        "south": south - MARGIN,
        "east": east + MARGIN,
        "north": north + MARGIN,
    }
    plane = Plane.of_zone(district.zone, STORED)
    lines = _role(session, LINES, Role.LINES, plane, where)
    markers = _role(session, MARKERS, Role.MARKERS, plane, where)
    tripoints = _role(session, TRIPOINTS, Role.TRIPOINTS, plane, where)
    polygons = _role(session, POLYGONS, Role.POLYGONS, plane, where)
    own = polygons[_of_district(polygons, district.code)].drop(columns="parent")
    border = frame(session, DISTRICT, district=district.code, at=at).geometry
    if len(border):
        outline = plane.project(border.iloc[0])
    elif len(own):
        outline = shapely.union_all(own.geometry.to_numpy())
    else:
        outline = None
    county = frame(session, COUNTY_LINES, district=district.code, at=at).geometry
    if outline is None and lines.empty and polygons.empty:
        return None
    return Published(
        lines=lines,
        markers=markers,
        tripoints=tripoints,
        polygons=own.reset_index(drop=True),
        district=outline,
        county_line=shapely.union_all(plane.project(county.to_numpy())) if len(county) else None,
    )


def _of_district(polygons: geopandas.GeoDataFrame, district: str) -> Any:
    """Townships of the district: by parent, or by the code they kept when their district was abolished."""
    if polygons.empty:
        return pd.Series(False, index=polygons.index)
    return (polygons["parent"] == district) | polygons["code"].str.startswith(district)


def _role(
    session: Session, statement: str, role: Role, plane: Plane, where: dict[str, Any]
) -> geopandas.GeoDataFrame:
    """Rows as a scene's frame of a role: our field names, None where the record has no such field."""
    rows = frame(session, statement, **where)
    geometry = geopandas.GeoSeries(plane.project(rows.geometry.to_numpy()), index=rows.index)
    answer = geopandas.GeoDataFrame(rows.drop(columns="geometry"), geometry=geometry)
    for name in FIELDS[role]:
        if name not in answer:
            answer[name] = pd.Series([None] * len(answer), index=answer.index, dtype=object)
    answer["ident"] = answer["number"] if "number" in rows else answer["code"]
    heights = answer["height"] if "height" in rows else pd.Series(dtype=float, index=answer.index)
    answer["z"] = pd.to_numeric(heights, errors="coerce").astype(float)
    return answer
