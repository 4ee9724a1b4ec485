"""六个一批 in the database: the items as they stand, their counts, and one by its list's code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store import versions
from geo.store.tables import SRID, ProgrammeItem
from geo.terms import ProgrammeKind, ProgrammeStatus
from geo.text import Text


class NoSuchItem(NotFound):
    """No item has this number."""

    code = "no-such-programme-item"
    title = Text("没有编号为 {number} 的项目", "There is no item {number}")


# programme_item_kind_ix, programme_item_unit_code_ix.
ITEMS = """
    select i.number, i.code, i.kind, i.title, i.theme, i.status, i.unit_code, i.name_numbers, i.says, i.responsible,
           i.on_date, i.facts, i.pictures, i.demo, ST_X(i.geometry) as lon, ST_Y(i.geometry) as lat,
           (select u.name from published.admin_unit u where u.code = left(i.unit_code, 9)
              and u.valid @> cast(:at as date) limit 1) as unit_name
    from published.programme_item i
    where i.valid @> cast(:at as date) and i.unit_code like :district || '%'
      and (cast(:kind as text) is null or i.kind = :kind) and (cast(:unit as text) is null or i.unit_code like :unit || '%')
      and i.number > :after
    order by i.number limit :limit"""

COUNTS = """
    select kind, status, count(*) as n, bool_or(demo) as demo from published.programme_item
    where valid @> cast(:at as date) and unit_code like :district || '%' group by kind, status"""


def items(
    session: Session, *, district: str, at: date, kind: ProgrammeKind | None = None, unit: str | None = None,
    after: int = 0, limit: int = 200,
) -> list[dict[str, Any]]:  # fmt: skip
    """Items (项目) in force on a date, by number. For the public's session."""
    asked = {
        "district": district,
        "at": at,
        "kind": kind and kind.value,
        "unit": unit,
        "after": after,
        "limit": limit,
    }
    return [dict(row) for row in session.execute(text(ITEMS), asked).mappings()]


def counts(session: Session, *, district: str, at: date) -> dict[ProgrammeKind, dict[str, int]]:
    """How many of each kind: {all, done}; done: finished or checked. Every kind is there. For the public's session."""
    found = {kind: {"all": 0, "done": 0} for kind in ProgrammeKind}
    finished = {ProgrammeStatus.DONE.value, ProgrammeStatus.CHECKED.value}
    for row in session.execute(text(COUNTS), {"district": district, "at": at}):
        of = found[ProgrammeKind(row.kind)]
        of["all"] += row.n
        of["done"] += row.n if row.status in finished else 0
    return found


def current(session: Session, number: int, *, lock: bool = False) -> ProgrammeItem:
    """An item as the database holds it now, for a change. Raises NoSuchItem."""
    question = (
        select(ProgrammeItem)
        .where(
            ProgrammeItem.number == number,
            func.upper_inf(ProgrammeItem.recorded),
            func.upper_inf(ProgrammeItem.valid),
        )
        .execution_options(populate_existing=True)
    )
    row = session.scalars(question.with_for_update() if lock else question).first()
    if row is None:
        raise NoSuchItem(number=number)
    return row


def numbers(session: Session) -> Iterator[int]:
    """New numbers, many at a time."""
    return versions.numbers(session, "programme_item_number")


def enter(session: Session, row: ProgrammeItem) -> ProgrammeItem:
    """A new item (`row.number` None), or a new version of one."""
    if row.number is None:
        row.number = session.scalar(select(func.nextval("programme_item_number")))
    return versions.supersede(session, row)


def history(session: Session, number: int) -> Sequence[ProgrammeItem]:
    """All versions, the newest recorded first. Raises NoSuchItem."""
    found = versions.history(session, ProgrammeItem, number)
    if not found:
        raise NoSuchItem(number=number)
    return found


def point(place: tuple[float, float] | None) -> Any:
    return None if place is None else from_shape(shapely.Point(*place), srid=SRID)


def since(on: date) -> Range[date]:
    return Range(on, None, bounds="[)")
