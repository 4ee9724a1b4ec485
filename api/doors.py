"""Doors: what a request brings. The person, the sessions of the database, the language.

A route names what it needs by type (`actor: Acting, session: Writing`). Writing is committed after the
route's function has returned and before the answer is sent, rolled back where it raised; acts never
commit.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

from api.acts import administer
from api.security import csrf, limits, map_fence, permissions, watch
from api.security.access import PasswordDue, may_see_restricted, permit
from api.security.person import Person
from api.security.sessions import Known, Opened, cookie_name, device, recognise
from api.security.settings import DoorSettings
from geo.problems import NotLoggedIn, Problem
from geo.settings import DistrictSettings, as_of
from geo.store import engine
from geo.text import Text

Lang = Literal["zh", "en"]
LANGUAGE_COOKIE = "yudi_lang"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class BadToken(NotLoggedIn):
    """The bearer token is unknown, or its time is over."""

    code = "bad-token"
    title = Text("令牌无效或已过期，请重新登录取得", "The token is unknown or over; log in for a new one")


def settings_of(request: Request) -> DoorSettings:
    return request.app.state.settings  # type: ignore[no-any-return]


def district_of(request: Request) -> DistrictSettings:
    """The configured district."""
    return request.app.state.district  # type: ignore[no-any-return]


def secure(request: Request) -> bool:
    """Whether the client came over https."""
    return request.url.scheme == "https" or settings_of(request).https


def address(request: Request) -> str | None:
    """The client's address, for the audit trail and the limits, never for the log."""
    host = request.client.host if request.client else ""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None  # a socket of the machine itself


def transactions(request: Request) -> Callable[[str], sessionmaker[Session]]:
    """The makers of database sessions, by role."""
    return request.app.state.sessions  # type: ignore[no-any-return]


@contextmanager
def transaction(request: Request, role: str = "app") -> Iterator[Session]:
    """A transaction of its own, for what must be kept even where the request is refused (a failed
    login, a token taken from a bucket)."""
    with transactions(request)(role).begin() as session:
        yield session


def take_turn(
    request: Request, what: str, *, burst: int, per_minute: float, who: object | None = None
) -> None:
    """Count one doing of somebody: of the address, where nobody is named. What was counted is kept where the request is
    refused, without waiting for the disk: a count lost with the machine lets somebody in once more. Raises TooMany."""
    with transaction(request) as session:
        engine.lightly(session)
        refused = limits.take(
            session, what, str(who or address(request) or ""), burst=burst, per_minute=per_minute
        )
    if refused is not None:
        raise refused


def identify(request: Request) -> Known | None:
    """Who sent the request: by bearer token or cookie. A wrong token is an error, a stale cookie is
    nobody."""
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if header and (scheme.lower() != "bearer" or not token.strip()):
        raise BadToken()
    kind = "token" if header else "cookie"
    token = token.strip() if header else request.cookies.get(cookie_name(secure(request)), "")
    if not token:
        return None
    with transaction(request) as session:
        known = recognise(
            session,
            token,
            kind=kind,
            settings=settings_of(request),
            district=district_of(request).code,
            address=address(request),
        )
    if known is None and kind == "token":
        raise BadToken()
    return known


async def pass_gate(request: Request, known: Annotated[Known | None, Depends(identify)]) -> None:
    """The first door of every route: the permission table, then the fences against forged writes."""
    request.state.known = known
    access = permissions.access_to(request.method, request.scope["route"].path)
    request.state.access = access
    bearer = known is not None and known.kind == "token"
    if request.method not in csrf.SAFE and not bearer and not access.foreign:
        csrf.refuse_foreign(request.headers, settings_of(request).public_url)
    if known is not None and known.must_change and not access.public and not access.fresh:
        raise PasswordDue()
    permit(access, None if known is None else known.person)
    map_fence.guard(
        request.scope["route"].path, settings_of(request), None if known is None else known.person
    )
    if request.method not in csrf.SAFE and known is not None and not bearer and access.token:
        given = request.headers.get(csrf.HEADER)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given is None and kind in FORMS and not request.url.path.startswith("/api/"):
            field = (await request.form()).get(csrf.FIELD)
            given = field if isinstance(field, str) else None
        csrf.check(known.csrf, given)
    if access.watched and known is not None:
        await run_in_threadpool(watch.note_reading, request, known, access)


async def maybe_acting(request: Request, known: Annotated[Known | None, Depends(identify)]) -> Person | None:
    return None if known is None else known.person


async def acting(known: Annotated[Known | None, Depends(identify)]) -> Person:
    if known is None:
        raise NotLoggedIn()
    return known.person


def writing(request: Request) -> Iterator[Session]:
    with transactions(request)("app").begin() as session:
        yield session
    request.app.state.tiles.touched()


def reading(request: Request) -> Iterator[Session]:
    yield from _reading(request, "app")


def reading_public(request: Request) -> Iterator[Session]:
    yield from _reading(request, "public")


#: The same for a part of a request: something slow follows, and no connection should wait for it.
public_of = contextmanager(reading_public)


def searching(request: Request) -> Iterator[Session]:
    with transactions(request)("search")() as session:
        yield session


def _reading(request: Request, role: str) -> Iterator[Session]:
    with transactions(request)(role)() as session:
        session.connection(execution_options={"postgresql_readonly": True})
        yield session
        # Ended by a commit, there being nothing to keep: on a rollback the driver forgets what it has prepared, and
        # the next reader's statements are planned anew, which takes longer than their answers.
        session.expunge_all()
        session.commit()


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may see, and the session to read it with.

    officer: exact markers and unsettled lines too, by the application's role; else the published views, by
    the public's role, which could not read more if it tried.
    """

    session: Session
    officer: bool


def seeing(request: Request, known: Annotated[Known | None, Depends(identify)]) -> Iterator[Sight]:
    officer = may_see_restricted(None if known is None else known.person)
    for session in (reading if officer else reading_public)(request):
        yield Sight(session, officer)


def language(request: Request) -> Lang:
    """The reader's language: `?lang=`, else the cookie, else Chinese, whatever the browser asks for."""
    given = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or "zh"
    return "en" if given.lower().startswith("en") else "zh"


def enter(
    request: Request, login: str, password: str, kind: str = "cookie", scopes: list[str] | None = None
) -> tuple[Opened, Person]:
    """Log in, for the route and the page alike: the address's limit first, then the account. What they
    counted is kept where the login is refused. Raises WrongLogin, Locked, TooMany."""
    settings = settings_of(request)
    take_turn(request, "login", burst=settings.login_burst, per_minute=settings.login_per_minute)
    with transaction(request) as session:
        outcome: Any = administer.log_in(
            session,
            login=login,
            password=password,
            kind=kind,
            settings=settings,
            district=district_of(request).code,
            scopes=scopes,
            replaces=request.cookies.get(cookie_name(secure(request))) if kind == "cookie" else None,
            address=address(request),
            label=device(request.headers.get("user-agent", "")) if kind == "cookie" else None,
        )
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def leave(request: Request) -> None:
    """Log out: the session that the request brought ends, if it brought one."""
    known: Known | None = request.state.known
    if known is not None:
        with transaction(request) as session:
            administer.log_out(session, known.person, known.token_hash)


async def csrf_token(known: Annotated[Known | None, Depends(identify)]) -> str:
    """The session's token against forged writes, for a page's <meta name="csrf"> and its forms."""
    return (known.csrf or "") if known else ""


async def at_date(
    at: Annotated[
        date | None,
        Query(description="在哪一天有效，缺省为系统的基准日期 Valid on this date; the site's own by default"),
    ] = None,
) -> date:
    return at or as_of()


async def _language(request: Request) -> Lang:
    return language(request)


async def _district(request: Request) -> DistrictSettings:
    return district_of(request)


async def _settings(request: Request) -> DoorSettings:
    return settings_of(request)


# What asks neither the database nor the disk is a coroutine: a thread of its own would cost more than the answer.
#: The person who acts; 401 where nobody is logged in.
Acting = Annotated[Person, Depends(acting)]
#: The person who asks, or None.
MaybeActing = Annotated[Person | None, Depends(maybe_acting)]
#: A transaction of the app role, committed at the door.
Writing = Annotated[Session, Depends(writing, scope="function")]
#: A read-only transaction of the app role, for officers.
Reading = Annotated[Session, Depends(reading, scope="function")]
#: A read-only transaction of the public role: sees the published views only.
PublicReading = Annotated[Session, Depends(reading_public, scope="function")]
#: As the public's, for what is asked while somebody types: every statement by itself, in a short time.
Searching = Annotated[Session, Depends(searching, scope="function")]
#: The date whose truth is asked for: `?at=`, else YUDI_AS_OF, else today.
At = Annotated[date, Depends(at_date)]
#: A read-only session fit for the reader: the public's, or for officers the application's.
Seeing = Annotated[Sight, Depends(seeing, scope="function")]
Language = Annotated[Lang, Depends(_language)]
Csrf = Annotated[str, Depends(csrf_token)]
District = Annotated[DistrictSettings, Depends(_district)]
Settings = Annotated[DoorSettings, Depends(_settings)]
GATE: Any = Depends(pass_gate)
