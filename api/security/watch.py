"""Watch (留痕): refusals, readings of restricted data and writes that left no event of their own, put on the
audit chain.

A reading is noted before it is answered, in a transaction of its own: where it cannot be noted, nothing is
read. Refusals are noted after the fact, and not without limit: whoever is refused over and over gets a few
events, the rest is counted and the number stands in the next event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.log import log
from api.security import csrf, limits
from api.security.access import LOGIN, Access, may_see_restricted
from api.security.person import Person
from api.security.sessions import Known, now
from geo.store import audit, people
from geo.store.audit import Actor

#: Events of refusals that one person or address may cause: at first, and by the minute.
OWN_BURST, OWN_PER_MINUTE = 20, 2.0
#: Those that all strangers together may cause.
ALL_BURST, ALL_PER_MINUTE = 200, 30.0

REFUSED, READ, WROTE = "无权办理，已拒绝", "查阅受限数据", "写入（该步骤没有自己的审计记录）"
MORE = "此前另有拒绝未逐条记录"


def refused(
    session: Session,
    actor: Actor,
    *,
    act: str,
    subject_kind: str,
    subject: str,
    reason: str,
    after: Mapping[str, Any] | None = None,
) -> bool:
    """Note a refusal, or count it where this person or address has had its share; whether it was noted."""
    stranger = actor.id is None
    shares = [(f"{actor.id or actor.address}", OWN_BURST, OWN_PER_MINUTE)]
    if stranger:
        shares.append(("*", ALL_BURST, ALL_PER_MINUTE))
    for who, burst, per_minute in shares:
        if limits.take(session, "refusal", who, burst=burst, per_minute=per_minute) is not None:
            people.count_unrecorded(session, now())
            return False
    unrecorded = people.take_unrecorded(session)
    details = dict(after or {}) | ({"unrecorded": unrecorded} if unrecorded else {})
    audit.append(
        session,
        actor=actor,
        act=act,
        subject_kind=subject_kind,
        subject=subject,
        reason=reason,
        after=details or None,
    )
    return True


def count_the_rest(session: Session) -> int:
    """Put refusals that no event has counted yet on the chain; how many. For the worker, once a day."""
    unrecorded = people.take_unrecorded(session)
    if unrecorded:
        audit.append(
            session, actor=None, act="refuse", subject_kind="refusals", subject="*", reason=MORE,
            after={"unrecorded": unrecorded},
        )  # fmt: skip
    return unrecorded


def note_reading(request: Request, known: Known | None, access: Access) -> None:
    """Note that a person asks for restricted data, before the answer. What raises here refuses the reading."""
    if not access.watched or known is None:
        return
    if access.public and not may_see_restricted(known.person):
        return  # gets what the public gets
    with request.app.state.sessions("app").begin() as session:
        audit.append(
            session,
            actor=known.person,
            act="read",
            subject_kind=access.watched,
            subject=_subject(request.path_params),
            reason=READ,
            after={"route": _route(request), **({"query": _query(request)} if request.query_params else {})},
        )


def _subject(parameters: Mapping[str, Any]) -> str:
    return "/".join(str(value) for value in parameters.values())[:200] or "*"


def _query(request: Request) -> dict[str, str]:
    return {key[:40]: value[:200] for key, value in list(request.query_params.items())[:20]}


def _route(request: Request) -> str:
    return f"{request.method} {getattr(request.scope.get('route'), 'path', request.url.path)}"


class Watch:
    """Sees what was answered: 401 and 403 to a person who is logged in, and writes that left no event."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        written: list[int] = []
        mark = audit.WRITTEN.set(written)

        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self.look(Request(scope), message["status"], written)
            await send(message)

        try:
            await self.app(scope, receive, seen)
        finally:
            audit.WRITTEN.reset(mark)

    async def look(self, request: Request, status: int, written: list[int]) -> None:
        known: Known | None = getattr(request.state, "known", None)
        access: Access | None = getattr(request.state, "access", None)
        if known is None or (access is not None and access == LOGIN):
            return
        note = None
        if status in (401, 403):
            note = _note_refusal
        elif status < 400 and request.method not in csrf.SAFE and access is not None and not access.public:
            note = None if written else _note_write
        if note is None:
            return
        try:
            await run_in_threadpool(note, request, known.person, status)
        except Exception as error:  # the answer stands, whatever becomes of its note
            log.error("audit", kind=type(error).__qualname__, note=note.__name__)


def _note_refusal(request: Request, person: Person, status: int) -> None:
    with request.app.state.sessions("app").begin() as session:
        refused(
            session,
            person,
            act="refuse",
            subject_kind="route",
            subject=_route(request),
            reason=REFUSED,
            after={"status": status, "what": _subject(request.path_params)},
        )


def _note_write(request: Request, person: Person, status: int) -> None:
    with request.app.state.sessions("app").begin() as session:
        audit.append(
            session, actor=person, act="write", subject_kind="route", subject=_route(request), reason=WROTE,
            after={"status": status, "what": _subject(request.path_params)},
        )  # fmt: skip
