"""审计链校验: where the chain of audit events does not hold, and what it shows to outsiders.

What can be found in the database alone: a row changed, taken out, put in or moved. What cannot: a tail that was
cut off, and a history that was written anew from some row on with all hashes made again. Against those, heads
that others hold (on announcements, on /audit/head, in a mail) are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.store.audit import ALGORITHMS, content, content_digest, digest
from geo.store.tables import AuditEvent
from geo.text import Text

#: How far from its place a moved event is looked for.
REACH = 1000
#: Events that are read at once.
STEP = 1000

KINDS: dict[str, Text] = {
    "changed": Text("第 {id} 条被改动", "event {id} was changed"),
    "removed": Text("第 {id} 条被删除", "event {id} was removed"),
    "inserted": Text("第 {id} 条是后来插入的", "event {id} was put in afterwards"),
    "reordered": Text(
        "第 {id} 条的位置上是原第 {other} 条：次序被调换",
        "where event {id} was stands event {other}: the order was changed",
    ),
    "cut": Text(
        "第 {id} 条至第 {other} 条不见了：链的末尾被截去",
        "events {id} to {other} are gone: the end of the chain was cut off",
    ),
    "rewritten": Text(
        "第 {id} 条与所持链头不符：该条或其以前的记录被重写",
        "event {id} does not have the hash of the head that was given: it or what is before it was written anew",
    ),
    "unreadable": Text("第 {id} 条的算法无法识别", "event {id} names an algorithm that is not known"),
}


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold: the event's number and what was done. other: a second number, where
    the kind has one."""

    id: int
    kind: str
    other: int | None = None

    @property
    def text(self) -> Text:
        return KINDS[self.kind].fill(id=self.id, other=self.other)


def verify(session: Session, heads: Iterable[tuple[int, str]] = ()) -> list[Break]:
    """The first place where the chain does not hold; empty where every event is as it was written.

    heads: (number, hash in hexadecimal, at least 16 digits of it) as others hold them.
    """
    known = {number: value.lower() for number, value in heads}
    previous: AuditEvent | None = None
    for event in _walk(session):
        number = 1 if previous is None else previous.id + 1
        if event.id > number:
            return [Break(number, "removed")]
        if event.id < number:
            return [Break(event.id, "inserted")]
        if event.algorithm not in ALGORITHMS:
            return [Break(event.id, "unreadable")]
        follows = event.previous == (b"" if previous is None else previous.hash)
        if not (follows and digest(event) == event.hash):
            return [_named(session, event, previous, follows)]
        if number in known and not event.hash.hex().startswith(known[number]):
            return [Break(number, "rewritten")]
        previous = event
    last = 0 if previous is None else previous.id
    beyond = [number for number in known if number > last]
    return [Break(last + 1, "cut", max(beyond))] if beyond else []


def _walk(session: Session, after: int | None = None) -> Iterator[AuditEvent]:
    """All events in order, a thousand at a time and by the primary key, as they are in the database now."""
    while True:
        question = select(AuditEvent).order_by(AuditEvent.id).limit(STEP)
        if after is not None:
            question = question.where(AuditEvent.id > after)
        rows = session.scalars(question.execution_options(populate_existing=True)).all()
        for row in rows:
            session.expunge(row)
        yield from rows
        if len(rows) < STEP:
            return
        after = rows[-1].id


def _named(session: Session, event: AuditEvent, previous: AuditEvent | None, follows: bool) -> Break:
    """What was done where `event` is the first that does not fit."""
    number = event.id
    after = session.get(AuditEvent, number + 1, populate_existing=True)
    if digest(event) == event.hash:
        # Whole in itself, and yet it does not follow. Where the next one follows it, it is as it was written,
        # and the one before it was written anew.
        if previous is not None and after is not None and after.previous == event.hash:
            return Break(number - 1, "changed")
        if previous is not None and after is None:
            return Break(number - 1, "changed")
        return Break(number, "changed")
    origin = _origin(event)
    if origin is not None and origin < number:
        return Break(origin, "inserted")
    if origin is not None:
        # It was written as a later one. What stood here is elsewhere now, or nowhere.
        before = b"" if previous is None else previous.hash
        moved = session.scalar(
            select(AuditEvent.id).where(AuditEvent.previous == before, AuditEvent.id != number).limit(1)
        )
        return Break(number, "removed") if moved is None else Break(number, "reordered", origin)
    for other in _around(session, number):
        if digest(event, id=other.id, previous=other.previous) == other.hash:
            return Break(number, "reordered", other.id)
    if after is not None and not follows and _origin(after) == number:
        return Break(number, "inserted")
    return Break(number, "changed")


def _origin(event: AuditEvent) -> int | None:
    """The number that an event was written with, where it is not the one that it has now."""
    if event.algorithm not in ALGORITHMS:
        return None
    for step in range(1, REACH + 1):
        for number in (event.id - step, event.id + step):
            if number > 0 and digest(event, id=number) == event.hash:
                return number
    return None


def _around(session: Session, number: int) -> Iterator[AuditEvent]:
    """The events behind one, for contents that were exchanged."""
    rows = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.id > number, AuditEvent.id <= number + REACH)
        .order_by(AuditEvent.id)
        .execution_options(populate_existing=True)
    )
    yield from (row for row in rows.all() if row.algorithm in ALGORITHMS)


def chain(
    session: Session, *, after: int = 0, limit: int | None = None, whole: bool = False
) -> Iterator[dict[str, Any]]:
    """The chain as it leaves the house: number, algorithm, digest of the content, hash. whole: the content and
    the hash before it too, for those who may read it.

    Events of the first form have no digest of their own (None): outsiders take their hash as given.
    """
    for event in islice(_walk(session, after), limit):
        two = event.algorithm.endswith("-2")
        row: dict[str, Any] = {
            "id": event.id,
            "algorithm": event.algorithm,
            "content": content_digest(event).hex() if two else None,
            "hash": event.hash.hex(),
        }
        if whole:
            row |= {"previous": event.previous.hex(), "event": content(event)}
        yield row
