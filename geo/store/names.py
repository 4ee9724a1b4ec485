"""The register of place names (地名) in the database: entering, changing, ending and finding names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.parts import split
from geo.names.romanize import romanize
from geo.problems import NotFound
from geo.store import search_forms, versions
from geo.store.tables import NameSuccession, Place, PlaceName
from geo.text import Text


class NoSuchName(NotFound):
    """No name of the register has this number."""

    code = "no-such-name"
    title = Text("没有编号为 {number} 的地名", "There is no place name with the number {number}")


def derived(name: str, category: Category) -> dict[str, Any]:
    """What follows from a name and its category: specific part, generic part (专名、通名), romanization."""
    parts = split(name, category)
    return {
        "specific": parts.specific,
        "generic": parts.generic,
        "romanization": romanize(name, category).romanization,
    }


def new_place(session: Session, *, demo: bool = False) -> int:
    """A new place (地理实体); its id is for good."""
    place = Place(demo=demo)
    session.add(place)
    session.flush()
    return place.id


def enter(session: Session, row: PlaceName) -> PlaceName:
    """Enter a name, or a new version of one: `row.number` None for a new name, `row.place_id` None for a new
    place; `row.valid` says from when. What the database holds of the same number and time gives way."""
    if row.place_id is None:
        row.place_id = new_place(session, demo=bool(row.demo))
    if row.number is None:
        row.number = session.scalar(select(func.nextval("place_name_number")))
    made = versions.supersede(session, row)
    search_forms.refresh(session, [row.number])
    return made


def succeed(session: Session, row: NameSuccession) -> None:
    """Note that one name gave way to another (地名沿革)."""
    session.add(row)
    session.flush()


def name_at(session: Session, number: int, at: date) -> PlaceName:
    """The version of a name in force on a date. Raises NoSuchName."""
    found = session.scalars(versions.as_of(PlaceName, at).where(PlaceName.number == number)).first()
    if found is None:
        raise NoSuchName(number=number)
    return found


def numbers_named(session: Session, name: str, district: str) -> Sequence[int]:
    """Numbers of the names of a district that are written so, at any time; at most ten."""
    return session.scalars(
        select(PlaceName.number)
        .where(
            PlaceName.name == name,
            PlaceName.unit_code.startswith(district),
            func.upper_inf(PlaceName.recorded),
        )
        .distinct()
        .order_by(PlaceName.number)
        .limit(10)
    ).all()
