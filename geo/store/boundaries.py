"""Boundary lines (界线), markers (界桩) and the demarcation life (勘界), as lists, single records and history.

What a reader sees follows from `officer`: officers read the exact records, the public the views of schema
`published`. A list answers {items, next}: `next` is the cursor of the rest, None at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pyproj
import shapely
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from geo.boundaries.progress import Progress, progress
from geo.problems import NotFound
from geo.store.frames import table
from geo.store.map_frames import STATE_AT, MapFrames, map_frames
from geo.store.surroundings import around
from geo.store.tables import Demarcation, DemarcationStep, DistrictState
from geo.text import Text

__all__ = [
    "MapFrames",
    "NoSuchLine",
    "NoSuchMarker",
    "Page",
    "around",
    "district_progress",
    "history",
    "line",
    "lines",
    "map_frames",
    "marker",
    "markers",
    "publication",
    "touch_publication",
]

_GEOD = pyproj.Geod(ellps="GRS80")

MOST = 500


class NoSuchLine(NotFound):
    """No line has this code."""

    code = "no-such-line"
    title = Text("没有代码为 {line} 的界线", "There is no line with the code {line}")


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
           {dispute}, d.demo, {length} as length_m, settled.settled_on, settled.document, {version}
    from {schema}.demarcation d {state_at}
    left join lateral (
        select s.on_date as settled_on, s.document from published.demarcation_step s
        where s.code = d.code and s.to_state = 'settled' and s.on_date <= :at
        order by s.version desc limit 1
    ) settled on true
    left join {schema}.boundary_line l on l.code = d.code and l.valid @> :at {open}
    where {where}
    order by d.code limit :limit"""


def _lines(session: Session, officer: bool, where: str, **values: Any) -> list[dict[str, Any]]:
    schema = "public" if officer else "published"
    statement = LINES.format(
        schema=schema,
        state_at=STATE_AT.format(schema=schema),
        dispute="d.in_dispute, d.inspection_due" if officer else "null as in_dispute, null as inspection_due",
        version="d.version" if officer else "null as version",
        length="l.length_m",
        open="and upper_inf(l.recorded)" if officer else "",
        where=where,
    )
    rows = [dict(row._mapping) for row in session.execute(text(statement), values)]
    if not officer:
        for row in rows:
            for name in ("in_dispute", "inspection_due", "version"):
                del row[name]
    return rows


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
    inspection_due and version as well.
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


PROGRESS = """
    select d.code, d.unit_a, d.unit_b, coalesce(step.to_state, 'undemarcated') as state, {dispute} as in_dispute,
           l.length_m,
           (select min(s.approved_on) from published.demarcation_step s
            where s.code = d.code and s.to_state = 'settled' and s.from_state <> 'changing'
              and s.on_date <= :at and extract(year from s.approved_on) = :year) as approved_on
    from {schema}.demarcation d {state_at}
    left join {schema}.boundary_line l on l.code = d.code and l.valid @> :at {open}
    where d.district = :district order by d.code"""


def district_progress(
    session: Session, *, district: str, at: date, officer: bool, target: int, year: int
) -> Progress:
    """勘界进度: counts and geodesic kilometres by status, against the year's target.

    A line without a geometry that this reader may see has the length of the outline in use.
    """
    schema = "public" if officer else "published"
    rows = table(
        session,
        PROGRESS.format(
            schema=schema,
            dispute="d.in_dispute" if officer else "false",
            state_at=STATE_AT.format(schema=schema),
            open="and upper_inf(l.recorded)" if officer else "",
        ),
        district=district,
        at=at,
        year=year,
    )
    bare = rows["length_m"].isna()
    if bare.any():
        pairs = map_frames(session, district=district, at=at, officer=officer).pairs
        outline = {
            code: float(_GEOD.geometry_length(shape))
            for code, shape in zip(pairs["code"], pairs.geometry, strict=True)
        }
        rows.loc[bare, "length_m"] = pd.Series(
            [outline.get(code) for code in rows.loc[bare, "code"]], index=rows.index[bare], dtype=object
        )
    return progress(rows, at=at, target=target, year=year)


def publication(session: Session, district: str) -> int:
    """How often the published state of a district has changed."""
    return session.scalar(select(DistrictState.published).where(DistrictState.district == district)) or 0


def lock_publication(session: Session, district: str) -> int:
    """Wait for whoever else changes the district's published state; returns how often it has changed."""
    session.execute(
        text("insert into district_state (district, published) values (:d, 0) on conflict do nothing"),
        {"d": district},
    )
    found = session.scalar(
        select(DistrictState.published).where(DistrictState.district == district).with_for_update()
    )
    assert found is not None
    return found


def touch_publication(session: Session, district: str) -> None:
    """Note that the published state of a district has changed in this transaction."""
    lock_publication(session, district)
    session.execute(
        update(DistrictState)
        .where(DistrictState.district == district)
        .values(published=DistrictState.published + 1, changed=text("clock_timestamp()"))
        .execution_options(synchronize_session=False)
    )


def locked(session: Session, code: str) -> Demarcation:
    """A line's row, locked until the transaction ends. Raises NoSuchLine."""
    row = session.get(Demarcation, code, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchLine(line=code)
    return row


def steps(session: Session, code: str) -> Sequence[DemarcationStep]:
    """All steps of a line in order."""
    return session.scalars(
        select(DemarcationStep).where(DemarcationStep.code == code).order_by(DemarcationStep.version)
    ).all()


def take(
    session: Session,
    row: Demarcation,
    *,
    transition: str,
    to: str,
    on_date: date,
    actor_id: int,
    reason: str,
    evidence: Sequence[Mapping[str, Any]],
) -> DemarcationStep:
    """Enter a step and move its line, both in this transaction. row: locked."""
    step = DemarcationStep(
        code=row.code,
        version=row.version + 1,
        transition=transition,
        from_state=row.state,
        to_state=to,
        on_date=on_date,
        actor_id=actor_id,
        reason=reason,
        evidence=[dict(e) for e in evidence],
        demo=row.demo,
    )
    session.add(step)
    row.state, row.version = to, row.version + 1
    session.flush()
    return step
