"""Removal (清除) of what the demonstration put into the register of names; real names stay as the facts they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, exists, func, insert, literal, null, select, update
from sqlalchemy.orm import Session

from geo.store import search_forms
from geo.store.tables import BuiltUpArea, NameSuccession, Place, PlaceName

REASON = "清除演示位置（虚构）"
INVENTED_POSITION = (func.upper_inf(PlaceName.recorded), PlaceName.geometry_source == "demo", ~PlaceName.demo)


def remove_names(session: Session) -> dict[str, int]:
    """Take the invented names, their places and the invented positions of real names away; the counts.

    Within the caller's transaction, after it has said that it removes the demonstration. A real name with an
    invented position gets a version without one; what a person has since entered about it is kept. A place that
    has a real name besides an invented one stays.
    """
    gone = {"name_succession": _rows(session, delete(NameSuccession).where(NameSuccession.demo))}
    gone["place_name"] = _rows(session, delete(PlaceName).where(PlaceName.demo))
    gone["built_up_area"] = _rows(session, delete(BuiltUpArea).where(BuiltUpArea.demo))
    named = exists().where(PlaceName.place_id == Place.id)
    gone["place"] = _rows(session, delete(Place).where(Place.demo, ~named))
    session.execute(update(Place).where(Place.demo).values(demo=False))
    gone["name_position"] = session.scalar(select(func.count()).where(*INVENTED_POSITION)) or 0
    session.execute(_without_positions())
    search_forms.rebuild(session)
    return gone


def _without_positions() -> Any:
    """Closes every version in force whose position is invented, and enters it again without the position."""
    columns = PlaceName.__table__.c
    now = select(func.clock_timestamp().label("moment")).cte("now").prefix_with("materialized")
    moment = select(now.c.moment).scalar_subquery()
    closed = (
        update(PlaceName)
        .where(*INVENTED_POSITION)
        .values(recorded=func.tstzrange(func.lower(PlaceName.recorded), moment, "[)"))
        .returning(*columns)
        .cte("closed")
    )
    other = {
        "recorded": func.tstzrange(func.upper(closed.c.recorded), null(), "[)"),
        "reason": literal(REASON),
        "geometry": null(),
        "geometry_source": null(),
    }
    kept = [c for c in columns if c.name not in ("id", *other)]
    return insert(PlaceName).from_select(
        [*(c.name for c in kept), *other],
        select(*(closed.c[c.name] for c in kept), *other.values()),
    )


def _rows(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
