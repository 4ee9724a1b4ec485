"""审计: who did what, when, before, after, why. Append-only and hash-chained.

Every row's hash covers its own content and the hash of the row before it, so that a row changed, taken
out or put in between shows. The hash is SM3 (GB/T 32905) where the machine's OpenSSL has it, else SHA-256;
each row says which.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo.store.tables import AuditEvent

#: Two appends follow each other until the end of their transactions.
CHAIN_LOCK = 7_308_114

ALGORITHMS = ("sm3", "sha256")


class Actor(Protocol):
    """Who acts: a person, or None for the machine's own work."""

    @property
    def id(self) -> int: ...
    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold: the event's id and what is wrong, in English."""

    id: int
    what: str


def algorithm() -> str:
    """SM3 where it is to be had."""
    try:
        hashlib.new("sm3")
    except ValueError:
        return "sha256"
    return "sm3"


def append(
    session: Session,
    *,
    actor: Actor | None,
    act: str,
    subject_kind: str,
    subject: str,
    reason: str,
    before: Any = None,
    after: Any = None,
) -> AuditEvent:
    """Add an event to the chain, last in its transaction: others wait for the chain until it ends.

    actor: None for the worker and the command line's own work. before, after: JSON values.
    """
    session.flush()
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    last = session.execute(
        select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
    ).first()
    at = session.scalar(select(func.clock_timestamp()))
    assert at is not None
    event = AuditEvent(
        id=1 if last is None else last.id + 1,
        at=at,
        actor_id=None if actor is None else actor.id,
        actor="系统" if actor is None else f"{actor.name}（{actor.login}）",
        act=act,
        subject_kind=subject_kind,
        subject=subject,
        reason=reason,
        before=before,
        after=after,
        address=None if actor is None else actor.address,
        algorithm=algorithm(),
        previous=b"" if last is None else last.hash,
    )
    event.hash = digest(event)
    session.add(event)
    session.flush()
    return event


def digest(event: AuditEvent) -> bytes:
    """The hash that an event must carry."""
    content = {
        "id": event.id,
        "at": event.at.isoformat() if isinstance(event.at, datetime) else event.at,
        "actor_id": event.actor_id,
        "actor": event.actor,
        "act": event.act,
        "subject_kind": event.subject_kind,
        "subject": event.subject,
        "reason": event.reason,
        "before": event.before,
        "after": event.after,
        "address": None if event.address is None else str(event.address),
        "previous": event.previous.hex(),
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.new(event.algorithm, canonical.encode()).digest()


def verify(session: Session) -> list[Break]:
    """All places where the chain does not hold; empty where every event is as it was written.

    A tail that was cut off leaves a shorter chain that holds: keep the last id and hash elsewhere
    (`./yudi audit verify` prints them) to see that too.
    """
    breaks: list[Break] = []
    previous, expected = b"", 1
    rows = session.scalars(
        select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000, populate_existing=True)
    )
    for event in rows:
        if event.id != expected:
            breaks.append(Break(event.id, f"event {expected} is missing before it"))
        elif event.previous != previous:
            breaks.append(Break(event.id, "it does not follow the event before it"))
        if event.algorithm not in ALGORITHMS:
            breaks.append(Break(event.id, f"unknown algorithm {event.algorithm}"))
        elif digest(event) != event.hash:
            breaks.append(Break(event.id, "its content is not what was written"))
        previous, expected = event.hash, event.id + 1
    return breaks
