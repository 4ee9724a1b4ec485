"""The demarcation life (勘界) of lines: where each stands, its steps, the district's progress, and the
counter that tells an inspection from before a change from one after it. Lists and single records for the
doors: lists.py; what the map draws: map_frames.py; what an inspection is told: surroundings.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pyproj
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from geo.boundaries.progress import Progress, progress
from geo.problems import NotFound
from geo.store.frames import table
from geo.store.map_frames import STATE_AT, MapFrames, map_frames, public_frames
from geo.store.surroundings import around
from geo.store.tables import Demarcation, DemarcationStep, DistrictState
from geo.text import Text

__all__ = [
    "MapFrames",
    "NoSuchLine",
    "around",
    "district_progress",
    "lock_publication",
    "locked",
    "map_frames",
    "public_frames",
    "publication",
    "steps",
    "take",
    "touch_publication",
]

_GEOD = pyproj.Geod(ellps="GRS80")


class NoSuchLine(NotFound):
    """No line has this code."""

    code = "no-such-line"
    title = Text("没有代码为 {line} 的界线", "There is no line with the code {line}")


PROGRESS = """
    select d.code, d.unit_a, d.unit_b, coalesce(step.to_state, 'undemarcated') as state, {dispute} as in_dispute,
           l.length_m,
           (select min(s.approved_on) from published.demarcation_step s
            where s.code = d.code and s.to_state = 'settled' and s.from_state <> 'changing'
              and s.on_date <= :at and extract(year from s.approved_on) = :year) as approved_on
    from {schema}.demarcation d {state_at}
    left join {schema}.boundary_line l on l.code = d.code and l.valid @> :at {open}
    where d.district = :district and d.level = 'township' order by d.code"""


def district_progress(
    session: Session,
    *,
    district: str,
    at: date,
    officer: bool,
    target: int,
    year: int,
    frames: Callable[[], MapFrames] | None = None,
) -> Progress:
    """勘界进度 of the lines between townships: counts and geodesic kilometres by status, against the
    year's target, which speaks of them alone; county lines are not counted.

    A line without a geometry that this reader may see has the length of the outline in use. frames: what the map of this
    reader and date draws, where the caller has it already.
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
        drawn = frames() if frames else map_frames(session, district=district, at=at, officer=officer)
        outline = {
            code: float(_GEOD.geometry_length(shape))
            for code, shape in zip(drawn.pairs["code"], drawn.pairs.geometry, strict=True)
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


def holds_demonstration(session: Session, *, district: str) -> bool:
    """Whether any line of a district is demonstration data (演示数据): a page of counts says so too."""
    return bool(
        session.scalar(
            text("select exists (select from published.demarcation where district = :district and demo)"),
            {"district": district},
        )
    )
