"""变化对照: a submission beside what is in force, or was when it was accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import geopandas
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.boundaries import codes
from geo.boundaries.merge import text_of
from geo.crs.plane import STORED, Plane
from geo.network.changes import Difference
from geo.network.difference import Frames, difference
from geo.settings import DistrictSettings, tolerances
from geo.store import submissions, units
from geo.store.frames import frame
from geo.store.tables import Submission
from geo.terms import Role

# Records held by the database just before :before, in force on :at; by the key's index on the district's codes.
HELD = "valid @> :at and lower(recorded) < :before and (upper_inf(recorded) or upper(recorded) >= :before)"

LINES = f"""
    select l.code, l.name, l.left_code as "left", l.right_code as "right", ST_AsBinary(l.geometry) as geometry
    from (select * from boundary_line where {HELD}) l join demarcation d on d.code = l.code
    where d.district = :district order by l.code"""
MARKERS = f"""
    select m.number, m.line_code as line, ST_AsBinary(m.geometry) as geometry
    from (select * from boundary_marker where {HELD}) m join demarcation d on d.code = m.line_code
    where d.district = :district order by m.number"""
POLYGONS = f"""
    select u.code, u.name, ST_AsBinary(u.geometry) as geometry from admin_unit u
    where {HELD} and u.level = 'township' and u.geometry is not null
      and (u.parent_code = :district or left(u.code, 6) = :district) order by u.code"""

# When the first record of a submission came into force, where it was accepted.
ENTERED = """
    select min(lower(recorded)) from (
        select recorded from boundary_line where submission_id = :id
        union all select recorded from boundary_marker where submission_id = :id
        union all select recorded from admin_unit where submission_id = :id
        union all select recorded from tripoint where submission_id = :id
    ) own"""


def difference_of(session: Session, row: Submission, *, district: DistrictSettings, at: date) -> Difference:
    """What accepting a submission would change, or what accepting it has changed.

    Lines and markers that the submission does not hold are left in peace. at: the date on which the
    published records are in force. Distances and areas are measured in the district's zone.
    """
    entered = session.scalar(text(ENTERED), {"id": row.id})
    tolerance = tolerances()
    return difference(
        in_force(session, district.code, at, entered or submissions.now(session)),
        brought(submissions.features(session, row)),
        Plane.of_zone(district.zone, STORED),
        names=units.names_at(session, district.code, at),
        same=tolerance.equal,
        noise=tolerance.snap,
    )


def in_force(session: Session, district: str, at: date, before: datetime) -> Frames:
    """A district's lines, markers and township polygons on a date, as held just before a moment."""
    asked = {"district": district, "at": at, "before": before}
    return Frames(
        lines=frame(session, LINES, **asked),
        polygons=frame(session, POLYGONS, **asked),
        markers=frame(session, MARKERS, **asked),
    )


def brought(features: Iterable[Mapping[str, Any]]) -> Frames:
    """What a submission's inspection read, under the codes that accepting it would give."""
    rows: dict[Role, list[dict[str, Any]]] = {role: [] for role in Role}
    for feature in features:
        if feature["geometry"] is not None:
            rows[Role(feature["role"])].append(_named(feature))
    return Frames(*(_frame(rows[role]) for role in (Role.LINES, Role.POLYGONS, Role.MARKERS)))


def _named(feature: Mapping[str, Any]) -> dict[str, Any]:
    fields = feature["fields"]
    given = {name: text_of(fields.get(name)) for name in ("code", "name", "left", "right", "number", "line")}
    if feature["role"] == Role.LINES:
        stated = codes.tidy_line(given["code"] or "")
        if stated is None and given["left"] and given["right"] and given["left"] != given["right"]:
            stated = "-".join(sorted((given["left"], given["right"])))
        given["code"] = stated
    elif feature["role"] == Role.MARKERS and given["number"]:
        parts = codes.parse_marker(given["number"])
        if parts is not None:
            given |= {"number": str(parts), "line": given["line"] or parts.line}
    return {**given, "geometry": shapely.force_2d(feature["geometry"])}


def _frame(rows: list[dict[str, Any]]) -> geopandas.GeoDataFrame:
    columns = ["code", "name", "left", "right", "number", "line"]
    data = {name: [row[name] for row in rows] for name in columns}
    shapes = geopandas.GeoSeries([row["geometry"] for row in rows], dtype="geometry", crs=STORED)
    return geopandas.GeoDataFrame(data, geometry=shapes)
