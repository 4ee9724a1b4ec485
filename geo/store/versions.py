"""Versions: records in force over time (valid) and as the database held them (recorded).

Nothing is updated in place. A new version closes what it replaces, keeps the part of the old validity that
it leaves untouched as a version of its own, and adds its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, func, inspect, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.store.tables.base import Base, Versioned

Row = TypeVar("Row", bound=Versioned)

#: What belongs to a row and not to what it says.
OWN = ("id", "recorded", "valid")


def key_of(table: type[Versioned]) -> Any:
    """The column that names a record through all its versions: code, or number."""
    return table.number if hasattr(table, "number") else table.code  # type: ignore[attr-defined]


def as_of(table: type[Row], at: date, known: datetime | None = None) -> Select[Row]:
    """The versions in force on a date. known: as the database held it at that time; None for now."""
    held = func.upper_inf(table.recorded) if known is None else table.recorded.contains(known)
    return select(table).where(table.valid.contains(at), held)


def history(session: Session, table: type[Row], key: str | int) -> Sequence[Row]:
    """All versions of one record, the newest recorded first."""
    return session.scalars(
        select(table)
        .where(key_of(table) == key)
        .order_by(func.lower(table.recorded).desc(), func.lower(table.valid).desc())
        # `close` writes past the session, so what it holds may be stale.
        .execution_options(populate_existing=True)
    ).all()


def supersede(session: Session, row: Row) -> Row:
    """Put a new version in force: `row.valid` says from when (and until when, if not for good).

    row: new, not yet in the session, without `recorded`. What was recorded of the same record and lies in
    that time is closed; what reaches beyond it on either side is entered again for the rest, with the
    submission and the person of its origin. Locks the versions that it closes.
    """
    table = type(row)
    key = key_of(table)
    session.flush()
    moment = session.scalar(select(func.clock_timestamp()))
    assert moment is not None
    name = getattr(row, key.key)
    overlapping = session.scalars(
        select(table)
        .where(key == name, func.upper_inf(table.recorded), table.valid.overlaps(row.valid))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for old in overlapping:
        close(session, table, old.id, moment)
        for rest in remainders(old.valid, row.valid):
            session.add(copy_of(old, rest, moment))
    row.recorded = Range(moment, None, bounds="[)")
    session.add(row)
    session.flush()
    return row


def end(session: Session, table: type[Row], key: str | int, on: date) -> int:
    """End a record's validity on a date without a successor. Returns how many versions that closed."""
    session.flush()
    moment = session.scalar(select(func.clock_timestamp()))
    gone = Range(on, None, bounds="[)")
    rows = session.scalars(
        select(table)
        .where(key_of(table) == key, func.upper_inf(table.recorded), table.valid.overlaps(gone))
        .with_for_update()
    ).all()
    for old in rows:
        close(session, table, old.id, moment)
        for rest in remainders(old.valid, gone):
            session.add(copy_of(old, rest, moment))
    session.flush()
    return len(rows)


def close(session: Session, table: type[Versioned], row_id: int, moment: Any) -> None:
    """Close `recorded` of one version."""
    session.execute(
        update(table)
        .where(table.id == row_id)
        .values(recorded=func.tstzrange(func.lower(table.recorded), moment, "[)"))
        .execution_options(synchronize_session=False)
    )


def remainders(old: Range[date], new: Range[date]) -> list[Range[date]]:
    """What is left of `old` outside `new`: none, one or two ranges, [) each."""
    rest = []
    if new.lower is not None and (old.lower is None or old.lower < new.lower):
        rest.append(Range(old.lower, new.lower, bounds="[)"))
    if new.upper is not None and (old.upper is None or old.upper > new.upper):
        rest.append(Range(new.upper, old.upper, bounds="[)"))
    return rest


def copy_of(old: Row, valid: Range[date], moment: Any) -> Row:
    """The same facts for another stretch of time, recorded now."""
    columns: Iterable[str] = (c.key for c in inspect(type(old)).mapper.column_attrs)
    facts = {name: getattr(old, name) for name in columns if name not in OWN}
    assert isinstance(old, Base)
    return type(old)(**facts, valid=valid, recorded=Range(moment, None, bounds="[)"))
