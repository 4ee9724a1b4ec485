"""Versions: records in force over time (valid) and as the database held them (recorded).

Nothing is updated in place. A new version closes what it replaces, keeps the part of the old validity that
it leaves untouched as a version of its own, and adds its row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import shapely
from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import ARRAY, BigInteger, Select, any_, func, inspect, literal, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.store.tables.base import SRID, Base, Versioned

Row = TypeVar("Row", bound=Versioned)

#: What belongs to a row and not to what it says.
OWN = ("id", "recorded", "valid")
#: Numbers that are asked for at once.
BLOCK = 200


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
        close(session, table, [old.id], moment)
        for rest in remainders(old.valid, row.valid):
            session.add(copy_of(old, rest, moment))
    row.recorded = Range(moment, None, bounds="[)")
    session.add(row)
    session.flush()
    return row


def supersede_many(session: Session, rows: Sequence[Versioned]) -> None:
    """As `supersede` for many records of one table, each of them once, in a few statements: what keeps the maps in
    step works by the statement. The rows have a number each and do not come into the session."""
    if not rows:
        return
    table = type(rows[0])
    key = key_of(table)
    session.flush()
    moment = session.scalar(select(func.clock_timestamp()))
    given = {getattr(row, key.key): row for row in rows}
    assert len(given) == len(rows)
    in_the_way = session.scalars(
        select(table)
        .where(key == any_(literal(list(given), ARRAY(key.type))), func.upper_inf(table.recorded))
        .order_by(table.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    in_the_way = [old for old in in_the_way if old.valid.overlaps(given[getattr(old, key.key)].valid)]
    close(session, table, [old.id for old in in_the_way], moment)
    rest = [
        copy_of(old, part, moment)
        for old in in_the_way
        for part in remainders(old.valid, given[getattr(old, key.key)].valid)
    ]
    for row in rows:
        row.recorded = Range(moment, None, bounds="[)")
    _insert(session, table, [*rest, *rows])
    for old in in_the_way:
        session.expire(old)


def _insert(session: Session, table: type[Versioned], rows: Sequence[Versioned]) -> None:
    """Rows in a statement for those of the same columns; what a row does not say is the database's default."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        values = {k: v for k, v in vars(row).items() if not k.startswith("_sa_")}
        alike.setdefault(tuple(sorted(values)), []).append({k: _written(v) for k, v in values.items()})
    of = inspect(table).local_table
    for names, group in alike.items():
        listed = ", ".join(of.c[name].name for name in names)
        session.execute(
            text(
                f"insert into {of.name} ({listed}) select {listed} from jsonb_populate_recordset(null::{of.name}, cast(:rows as jsonb))"
            ),
            {"rows": json.dumps(group, ensure_ascii=False)},
        )


def _written(value: Any) -> Any:
    """A column's value as PostgreSQL reads it from JSON."""
    if isinstance(value, Range):
        lower, upper = ("" if end is None else f'"{end.isoformat()}"' for end in (value.lower, value.upper))
        return f"[{lower},{upper})"
    if isinstance(value, WKBElement):
        return shapely.to_wkb(shapely.set_srid(to_shape(value), SRID), hex=True, include_srid=True)
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def numbers(session: Session, sequence: str) -> Iterator[int]:
    """New numbers of a sequence, many at a time."""
    while True:
        series = func.generate_series(1, BLOCK)
        yield from session.scalars(select(func.nextval(sequence)).select_from(series)).all()


def all_for_change(session: Session, table: type[Row]) -> Sequence[Row]:
    """Every record as the database holds it now, locked until the transaction ends: for an import, which finds its own
    among them. One import of a table at a time, so that neither enters what the other has just entered."""
    key = {"key": f"yudi.import {inspect(table).local_table.name}"}
    session.execute(text("select pg_advisory_xact_lock(hashtext(:key))"), key)
    return session.scalars(
        select(table)
        .where(func.upper_inf(table.recorded), func.upper_inf(table.valid))
        .order_by(table.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


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
        close(session, table, [old.id], moment)
        for rest in remainders(old.valid, gone):
            session.add(copy_of(old, rest, moment))
    session.flush()
    return len(rows)


def close(session: Session, table: type[Versioned], ids: Sequence[int], moment: Any) -> None:
    """Close `recorded` of versions, in one statement."""
    if not ids:
        return
    session.execute(
        update(table)
        .where(table.id == any_(literal(ids, ARRAY(BigInteger))))
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
