"""Boundary lines (界线) and markers (界桩) as the doors list and show them: lists, single records, history.

What a reader sees follows from `officer`: officers read the exact records, with the application's role; the
public the views of schema `published`, with its own. A list answers a Page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store.boundaries import NoSuchLine
from geo.store.map_frames import SETTLED_AT, STATE_AT
from geo.text import Text

MOST = 500


class NoSuchMarker(NotFound):
    """No marker has this number, or none that this reader may know of."""

    code = "no-such-marker"
    title = Text("没有编号为 {number} 的界桩", "There is no marker with the number {number}")


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list. next: the cursor of the rest, None at the end."""

    items: list[dict[str, Any]]
    next: str | None


# The schema's name is one of two constants; everything else is bound.
LINES = """
    select d.code, d.name, d.unit_a, d.unit_b, d.level, coalesce(step.to_state, 'undemarcated') as state,
           d.demo, l.length_m, settled.settled_on, settled.document {more}
    from {schema}.demarcation d {state_at}
    {settled_at}
    left join {schema}.boundary_line l on l.code = d.code and l.valid @> :at {open}
    where {where}
    order by d.code limit :limit"""


def _lines(session: Session, officer: bool, where: str, **values: Any) -> list[dict[str, Any]]:
    schema = "public" if officer else "published"
    statement = LINES.format(
        schema=schema,
        state_at=STATE_AT.format(schema=schema),
        settled_at=SETTLED_AT,
        more=", d.in_dispute, d.inspection_due, d.version, d.state as state_now" if officer else "",
        open="and upper_inf(l.recorded)" if officer else "",
        where=where,
    )
    return [dict(row._mapping) for row in session.execute(text(statement), values)]


def lines(
    session: Session,
    *,
    district: str,
    at: date,
    officer: bool,
    state: str | None = None,
    unit: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page:
    """The lines of a district by code, with where each stands on a date.

    Items: code, name, unit_a, unit_b, level, state, demo, length_m (geodesic metres of the geometry that
    this reader may see, None where there is none), settled_on, document; for officers in_dispute,
    inspection_due, version and state_now (where the line stands whatever the date) as well.
    """
    limit = max(1, min(limit, MOST))
    where = ["d.district = :district", "d.code > :cursor"]
    values: dict[str, Any] = {
        "district": district,
        "at": at,
        "cursor": cursor or "",
        "limit": limit + 1,
    }
    if state:
        where.append("coalesce(step.to_state, 'undemarcated') = :state")
        values["state"] = state
    if unit:
        where.append("(d.unit_a = :unit or d.unit_b = :unit)")
        values["unit"] = unit
    rows = _lines(session, officer, " and ".join(where), **values)
    return page(rows, limit, "code")


def page(rows: list[dict[str, Any]], limit: int, key: str) -> Page:
    """A page of rows fetched with one more than its limit."""
    more = len(rows) > limit
    return Page(rows[:limit], str(rows[limit - 1][key]) if more else None)


def line(session: Session, code: str, *, at: date, officer: bool) -> dict[str, Any]:
    """One line as in `lines`, and its geometry (shapely, EPSG:4490, or None). Raises NoSuchLine."""
    rows = _lines(session, officer, "d.code = :code", code=code, at=at, limit=1)
    if not rows:
        raise NoSuchLine(line=code)
    shape = session.scalar(
        text(
            "select ST_AsBinary(geometry) from boundary_line"
            " where code = :code and valid @> :at and upper_inf(recorded)"
            if officer
            else "select ST_AsBinary(geometry) from published.boundary_line where code = :code and valid @> :at"
        ),
        {"code": code, "at": at},
    )
    return rows[0] | {"geometry": None if shape is None else shapely.from_wkb(bytes(shape))}


HISTORY = """
    select s.version, s.transition, s.from_state, s.to_state, s.on_date, s.at, s.reason, s.evidence,
           u.name as actor
    from demarcation_step s join app_user u on u.id = s.actor_id
    where s.code = :code order by s.version"""

PUBLIC_HISTORY = """
    select version, from_state, to_state, on_date, document from published.demarcation_step
    where code = :code order by version"""

VERSIONS = """
    select l.id, lower(l.valid) as valid_from, upper(l.valid) as valid_to, lower(l.recorded) as recorded_from,
           upper(l.recorded) as recorded_to, l.length_m, l.reason, l.submission_id, s.number as submission,
           u.name as made_by
    from boundary_line l join app_user u on u.id = l.made_by left join submission s on s.id = l.submission_id
    where l.code = :code order by l.id"""

PUBLIC_VERSIONS = """
    select lower(valid) as valid_from, upper(valid) as valid_to, length_m from published.boundary_line
    where code = :code order by valid"""


def history(session: Session, code: str, *, officer: bool) -> dict[str, Any]:
    """How a line came to where it is: {code, steps, versions}. Raises NoSuchLine.

    The public reads the steps without persons, reasons and papers, and the settled versions only.
    """
    schema = "public" if officer else "published"
    if not session.scalar(text(f"select 1 from {schema}.demarcation where code = :code"), {"code": code}):
        raise NoSuchLine(line=code)
    steps = session.execute(text(HISTORY if officer else PUBLIC_HISTORY), {"code": code})
    versions = session.execute(text(VERSIONS if officer else PUBLIC_VERSIONS), {"code": code})
    return {
        "code": code,
        "steps": [dict(row._mapping) for row in steps],
        "versions": [dict(row._mapping) for row in versions],
    }


MARKERS = """
    select m.number, m.display_number, m.kind, m.line_code, m.condition, m.demo, {more}
           ST_X(m.geometry) as lon, ST_Y(m.geometry) as lat
    from {schema}.boundary_marker m join {schema}.demarcation d on d.code = m.line_code
    where {where}
    order by m.number limit :limit"""


def _markers(session: Session, officer: bool, where: list[str], **values: Any) -> list[dict[str, Any]]:
    statement = MARKERS.format(
        schema="public" if officer else "published",
        more="m.height, m.accuracy_m," if officer else "",
        where=" and ".join([*where, "m.valid @> :at", *(["upper_inf(m.recorded)"] if officer else [])]),
    )
    return [dict(r._mapping) | {"exact": officer} for r in session.execute(text(statement), values)]


def markers(
    session: Session,
    *,
    district: str,
    at: date,
    officer: bool,
    line_code: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page:
    """The markers of a district by number. Items: number, display_number, kind, line_code, condition, demo,
    lon, lat, exact; for officers height and accuracy_m as well. The public's positions are rounded to
    0.001 degree and are those of settled lines."""
    limit = max(1, min(limit, MOST))
    where = ["d.district = :district", "m.number > :cursor"]
    values: dict[str, Any] = {
        "district": district,
        "at": at,
        "cursor": cursor or "",
        "limit": limit + 1,
    }
    if line_code:
        where.append("m.line_code = :line_code")
        values["line_code"] = line_code
    return page(_markers(session, officer, where, **values), limit, "number")


def marker(session: Session, number: str, *, at: date, officer: bool) -> dict[str, Any]:
    """One marker as in `markers`. Raises NoSuchMarker."""
    rows = _markers(session, officer, ["m.number = :number"], number=number, at=at, limit=1)
    if not rows:
        raise NoSuchMarker(number=number)
    return rows[0]
