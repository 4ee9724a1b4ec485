"""What the boundary map draws: units, lines, outlines in use where no line is shown, markers.

The public's frames come from the views of schema `published` alone, so that a session of yudi_public is
enough; the officers' from the exact records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.network.borders import by_code, shared_borders
from geo.store.frames import frame, table
from geo.store.kept import kept
from geo.store.tables import SRID

#: A unit is of a district by its parent or by its code: after the district was abolished, by the code it kept.
OF_DISTRICT = "(u.parent_code = :district or u.code = :district or left(u.code, 6) = :district)"

PUBLIC_UNITS = f"""
    select u.code, u.name, u.level, u.parent_code, u.demo, u.source, ST_AsBinary(u.geometry) as geometry
    from published.admin_unit u
    where u.valid @> :at and u.level in ('county', 'township') and {OF_DISTRICT}
    order by u.level, u.code"""

# Served by the GiST exclusion index on (code, valid, recorded) and admin_unit_parent_ix.
OFFICER_UNITS = f"""
    select u.code, u.name, u.level, u.parent_code, u.demo, u.source, ST_AsBinary(u.geometry) as geometry
    from admin_unit u
    where u.valid @> :at and upper_inf(u.recorded) and u.level in ('county', 'township') and {OF_DISTRICT}
    order by u.level, u.code"""

#: The state of a line on a date: where the last step dated by then took it (demarcation_step_code_version_key).
STATE_AT = """
    left join lateral (
        select s.to_state from {schema}.demarcation_step s
        where s.code = d.code and s.on_date <= :at order by s.version desc limit 1
    ) step on true"""

SETTLED_AT = """
    left join lateral (
        select s.on_date as settled_on, s.document
        from published.demarcation_step s
        where s.code = d.code and s.to_state = 'settled' and s.on_date <= :at
        order by s.version desc limit 1
    ) settled on true"""

PUBLIC_LINES = f"""
    select l.code, l.name, coalesce(step.to_state, 'undemarcated') as state, l.left_code, l.right_code,
           l.length_m, settled.settled_on, settled.document, false as in_dispute, l.demo,
           ST_AsBinary(l.geometry) as geometry
    from published.demarcation d
    join published.boundary_line l on l.code = d.code and l.valid @> :at
    {STATE_AT.format(schema="published")} {SETTLED_AT}
    where d.district = :district
    order by l.code"""

OFFICER_LINES = f"""
    select l.code, l.name, coalesce(step.to_state, 'undemarcated') as state, l.left_code, l.right_code,
           l.length_m, settled.settled_on, settled.document, d.in_dispute, l.demo,
           ST_AsBinary(l.geometry) as geometry
    from demarcation d
    join boundary_line l on l.code = d.code and l.valid @> :at and upper_inf(l.recorded)
    {STATE_AT.format(schema="public")} {SETTLED_AT}
    where d.district = :district
    order by l.code"""

PUBLIC_PAIRS = f"""
    select d.code, d.name, d.unit_a, d.unit_b, coalesce(step.to_state, 'undemarcated') as state,
           false as in_dispute, d.demo
    from published.demarcation d {STATE_AT.format(schema="published")}
    where d.district = :district order by d.code"""

OFFICER_PAIRS = f"""
    select d.code, d.name, d.unit_a, d.unit_b, coalesce(step.to_state, 'undemarcated') as state,
           d.in_dispute, d.demo
    from demarcation d {STATE_AT.format(schema="public")} where d.district = :district order by d.code"""

PUBLIC_MARKERS = """
    select m.number, m.display_number, m.kind, m.line_code, m.condition, m.demo, false as exact,
           ST_AsBinary(m.geometry) as geometry
    from published.boundary_marker m join published.demarcation d on d.code = m.line_code
    where d.district = :district and m.valid @> :at
    order by m.number"""

OFFICER_MARKERS = """
    select m.number, m.display_number, m.kind, m.line_code, m.condition, m.demo, true as exact,
           ST_AsBinary(m.geometry) as geometry
    from boundary_marker m join demarcation d on d.code = m.line_code
    where d.district = :district and m.valid @> :at and upper_inf(m.recorded)
    order by m.number"""


@dataclass(frozen=True)
class MapFrames:
    """Frames in EPSG:4490, for the date and the reader that they were asked for.

    units: code, name, level, parent_code, demo, source. lines: code, name, state, left_code, right_code,
    length_m, settled_on, document, in_dispute, demo. pairs: code, name, state, in_dispute, demo; the
    outline in use between the two units of every line that `lines` does not show. markers: number,
    display_number, kind, line_code, condition, demo, exact. Each with `geometry`.
    """

    units: geopandas.GeoDataFrame
    lines: geopandas.GeoDataFrame
    pairs: geopandas.GeoDataFrame
    markers: geopandas.GeoDataFrame


def map_frames(session: Session, *, district: str, at: date, officer: bool) -> MapFrames:
    """The frames of the boundary map on a date.

    officer: every line and marker exactly (a session of role app); else settled lines generalised and
    markers of settled lines rounded (a session of role public or app).
    """
    where = {"district": district, "at": at}
    units = frame(session, OFFICER_UNITS if officer else PUBLIC_UNITS, **where)
    lines = frame(session, OFFICER_LINES if officer else PUBLIC_LINES, **where)
    known = table(session, OFFICER_PAIRS if officer else PUBLIC_PAIRS, **where)
    markers = frame(session, OFFICER_MARKERS if officer else PUBLIC_MARKERS, **where)
    return MapFrames(units, lines, pairs_of(units, known[~known["code"].isin(lines["code"])]), markers)


def public_frames(session: Session, *, district: str, at: date) -> MapFrames:
    """What the public sees of the boundary map on a date, kept while nothing is written. Nobody may change the frames."""
    return kept(
        session,
        ("boundaries", district, at),
        lambda: map_frames(session, district=district, at=at, officer=False),
    )


def pairs_of(units: geopandas.GeoDataFrame, pairs: pd.DataFrame) -> geopandas.GeoDataFrame:
    """The outline in use between two units, for pairs with columns unit_a and unit_b."""
    outlines = by_code(units[units["level"] == "township"])
    wanted = [tuple(sorted(p)) for p in zip(pairs["unit_a"], pairs["unit_b"], strict=True)]
    borders = shared_borders(list(outlines), outlines.values(), wanted)
    shapes = [borders.get(pair) for pair in wanted]
    columns = pairs[["code", "name", "state", "in_dispute", "demo"]].reset_index(drop=True)
    answer = geopandas.GeoDataFrame(columns, geometry=geopandas.GeoSeries(shapes, crs=SRID, dtype="geometry"))
    return answer[~shapely.is_missing(answer.geometry.to_numpy())].reset_index(drop=True)
