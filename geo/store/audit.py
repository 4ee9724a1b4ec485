"""审计: who did what, when, before, after, why. Append-only and hash-chained.

Every row's hash covers the digest of its own content and the hash of the row before it, so that a row
changed, taken out, moved or put in between shows (geo/store/audit_chain.py), and so that outsiders can follow
the chain over the digests alone, without a name or a reason. docs/audit.md publishes the form. The hash is SM3
(GB/T 32905) where the machine's OpenSSL has it, else SHA-256; each row says which.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import math
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Protocol

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from geo.store.tables import AuditEvent, User

#: Two appends follow each other until the end of their transactions.
CHAIN_LOCK = 7_308_114

#: What `algorithm` may say -> the hash function. Those without "-2" are of the first form, in which the row's
#: hash covers content and predecessor in one: rows written before the second form came stay as they are.
ALGORITHMS = {"sm3": "sm3", "sha256": "sha256", "sm3-2": "sm3", "sha256-2": "sha256"}

#: What an event of the machine's own is signed with.
SYSTEM = "系统"

#: Where a request's door looks whether its act has left an event: numbers are added to the list.
WRITTEN: ContextVar[list[int] | None] = ContextVar("audit events written", default=None)


class Actor(Protocol):
    """Who acts: a person, or None for the machine's own work."""

    @property
    def id(self) -> int | None: ...
    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who has not proved who he is (未登录者): a refused login."""

    address: str | None
    id: int | None = None
    login: str = ""
    name: str = "未登录者"


@dataclass(frozen=True, slots=True)
class Head:
    """链头: the newest event's number, time and hash; who holds them can tell that nothing before it was
    changed and that the chain was not cut short of it."""

    id: int
    at: datetime
    algorithm: str
    hash: str

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


def algorithm() -> str:
    """The form that new events are written in: SM3 where it is to be had."""
    try:
        hashlib.new("sm3")
    except ValueError:
        return "sha256-2"
    return "sm3-2"


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
    # A statement of its own: its snapshot must be younger than the lock. The values come back as the database will
    # give them later; its jsonb writes numbers in its own way.
    kept = session.execute(
        text(
            "select clock_timestamp() as at, cast(:before as jsonb) as before, cast(:after as jsonb) as after,"
            " last.id, last.hash from (select 1) as one"
            " left join lateral (select id, hash from audit_event order by id desc limit 1) as last on true"
        ),
        {"before": _json(before), "after": _json(after)},
    ).one()
    event = AuditEvent(
        id=(kept.id or 0) + 1,
        at=kept.at,
        actor_id=None if actor is None else actor.id,
        actor=SYSTEM if actor is None else signed(actor),
        act=act,
        subject_kind=_clean(subject_kind),
        subject=_clean(subject),
        reason=_clean(reason),
        before=kept.before,
        after=kept.after,
        address=None if actor is None else address_of(actor.address),
        algorithm=algorithm(),
        salt=secrets.token_bytes(16),
        previous=kept.hash or b"",
    )
    event.hash = digest(event)
    session.add(event)
    session.flush()
    heard = WRITTEN.get()
    if heard is not None:
        heard.append(event.id)
    return event


def signed(actor: Actor) -> str:
    """Who acted, in words that stay when the account is renamed."""
    return f"{actor.name}（{actor.login}）" if actor.login else actor.name


def address_of(given: str | None) -> str | None:
    """An address as it is kept: IPv4 inside IPv6 as IPv4, no zone of this machine's own."""
    if given is None:
        return None
    return _address(str(given).partition("/")[0].partition("%")[0])


@lru_cache(maxsize=1024)
def _address(given: str) -> str:
    parsed = ipaddress.ip_address(given)
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(_clean(value), ensure_ascii=False)


def _clean(value: Any) -> Any:
    """A value as JSON in PostgreSQL can hold it: no NUL, no half characters, no numbers that are none."""
    if isinstance(value, str):
        return value.replace("\0", "�").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def content(event: AuditEvent, *, id: int | None = None) -> dict[str, Any]:
    """What an event says, as it is digested. id: as if it had that number.

    The salt is there so that nobody can find out by trying what a digest is of.
    """
    said = {
        "id": event.id if id is None else id,
        "at": event.at.isoformat(),
        "actor_id": event.actor_id,
        "actor": event.actor,
        "act": event.act,
        "subject_kind": event.subject_kind,
        "subject": event.subject,
        "reason": event.reason,
        "before": event.before,
        "after": event.after,
        "address": None if event.address is None else address_of(str(event.address)),
    }
    return said if event.salt is None else said | {"salt": event.salt.hex()}


def canonical(value: dict[str, Any]) -> bytes:
    """The one form of a JSON object: keys in order, no blanks, characters as they are, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@cache
def _fresh(name: str) -> Any:
    return hashlib.new(name)


def _hash(name: str, data: bytes) -> bytes:
    """H(data). A copy of a fresh one: looking an algorithm up takes longer than hashing an event."""
    made = _fresh(name).copy()
    made.update(data)
    return bytes(made.digest())


def content_digest(event: AuditEvent, *, id: int | None = None) -> bytes:
    """The digest of what an event says (内容摘要), which is all that outsiders get of it."""
    return _hash(ALGORITHMS[event.algorithm], canonical(content(event, id=id)))


def digest(event: AuditEvent, *, id: int | None = None, previous: bytes | None = None) -> bytes:
    """The hash that an event must carry; id, previous: as if it stood elsewhere."""
    before = event.previous if previous is None else previous
    if event.algorithm.endswith("-2"):
        return _hash(ALGORITHMS[event.algorithm], before + content_digest(event, id=id))
    whole = canonical(content(event, id=id) | {"previous": before.hex()})
    return _hash(ALGORITHMS[event.algorithm], whole)


def head(session: Session) -> Head | None:
    """The newest event's number, time and hash; None for an empty chain. One row by the primary key."""
    row = session.execute(
        select(AuditEvent.id, AuditEvent.at, AuditEvent.algorithm, AuditEvent.hash)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Head(row.id, row.at, row.algorithm, row.hash.hex())


def heads_by_day(session: Session, days: int) -> list[Head]:
    """The last event of each of the last days on which there was one, newest first (Beijing days)."""
    day = func.date(func.timezone("Asia/Shanghai", AuditEvent.at))
    rows = session.execute(
        select(AuditEvent.id, AuditEvent.at, AuditEvent.algorithm, AuditEvent.hash)
        .where(AuditEvent.at >= func.now() - timedelta(days=days))
        .ext(distinct_on(day))
        .order_by(day.desc(), AuditEvent.id.desc())
    )
    return [Head(r.id, r.at, r.algorithm, r.hash.hex()) for r in rows]


def events(
    session: Session,
    *,
    who: str = "",
    act: str = "",
    subject_kind: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[AuditEvent]:
    """Events, the newest first, up to limit + 1: the last one says that there are more.

    who: a login name, or a part of the name as it was signed. act, subject_kind: exactly; subject: how it
    begins. before: only events of smaller number.
    """
    question = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit + 1)
    if who:
        known = session.scalar(select(User.id).where(User.login == who.lower()))
        question = question.where(
            AuditEvent.actor_id == known if known is not None else func.strpos(AuditEvent.actor, who) > 0
        )
    for column, value in ((AuditEvent.act, act), (AuditEvent.subject_kind, subject_kind)):
        if value:
            question = question.where(column == value)
    if subject:
        question = question.where(AuditEvent.subject.startswith(subject, autoescape=True))
    if since is not None:
        question = question.where(AuditEvent.at >= since)
    if until is not None:
        question = question.where(AuditEvent.at < until)
    if before is not None:
        question = question.where(AuditEvent.id < before)
    return list(session.scalars(question))


def kinds(session: Session) -> tuple[list[str], list[str]]:
    """The acts and the kinds of subject that occur, each once. Steps from one value to the next by the indexes on
    (act, id) and (subject_kind, subject), so that a long chain is not read for a list of thirty words."""
    found = []
    for column in ("act", "subject_kind"):
        rows = session.execute(
            text(
                f"""
                with recursive each as (
                    select min({column}) as v from audit_event
                    union all
                    select (select min(e.{column}) from audit_event e where e.{column} > each.v)
                    from each where each.v is not null
                )
                select v from each where v is not null
                """
            )
        )
        found.append([row.v for row in rows])
    return found[0], found[1]
