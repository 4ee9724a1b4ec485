"""Login sessions (登录会话): an opaque token goes to the client, only its hash is stored.

A cookie session ends after a time without requests and in any case after an absolute time; every
login makes a new token and ends the one before it, so a token planted beforehand is worth nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session
from starlette.responses import Response

from api.security.person import Person
from api.security.settings import DoorSettings
from geo.store import people
from geo.store.tables.people import User
from geo.terms import UserRole

COOKIE = "yudi_session"
#: How often at most the time of last use is written.
TOUCH_EVERY = timedelta(seconds=60)
TOKEN_MARK = "yudi_"
#: How the label of a cookie session begins that the single sign-on opened.
SIGN_ON = "统一身份认证"
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened. token: for the client alone; csrf: None for a bearer token."""

    token: str
    csrf: str | None
    expires: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A session that a request brought: who it is, and what guards its writes.

    must_change: the password was set by somebody else; until it is changed the person holds no role.
    sign_on: opened by the single sign-on, whose session ends with this one.
    """

    person: Person
    kind: str
    csrf: str | None
    token_hash: bytes
    must_change: bool = False
    sign_on: bool = False


def now() -> datetime:
    """The real clock; YUDI_AS_OF has no say here."""
    return datetime.now(UTC)


def digest(token: str) -> bytes:
    """What is stored of a token. Tokens are 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def open_session(
    session: Session,
    user: User,
    *,
    kind: str,
    settings: DoorSettings,
    scopes: Iterable[str] | None = None,
    replaces: str | None = None,
    label: str | None = None,
    life: timedelta | None = None,
) -> Opened:
    """Open a session for a user who has just proved who he is.

    kind: "cookie" or "token". replaces: the token that the client came with, ended here. label: what its owner
    knows it by. life: of a token, else that of the settings.
    """
    moment = now()
    if replaces:
        people.end_login(session, digest(replaces))
    if life is None:
        life = settings.absolute if kind == "cookie" else settings.token_life
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    opened = Opened(token, secrets.token_urlsafe(32) if kind == "cookie" else None, moment + life)
    people.add_login(
        session,
        token_hash=digest(token),
        user_id=user.id,
        kind=kind,
        csrf=opened.csrf,
        scopes=None if scopes is None else sorted(set(scopes)),
        now=moment,
        expires=opened.expires,
        label=label,
    )
    return opened


def handle(token_hash: bytes) -> str:
    """What a session is called where its owner or the audit trail speaks of it; of no use to get in."""
    return token_hash.hex()[:16]


def recognise(
    session: Session, token: str, *, kind: str, settings: DoorSettings, district: str, address: str | None
) -> Known | None:
    """The session of a token, or None where it is unknown, over, idle for too long, of the other kind,
    or its account is closed. A session that is over is deleted."""
    hashed = digest(token)
    login = people.login_of(session, hashed, district)
    if login is None:
        return None
    moment = now()
    idle = login.kind == "cookie" and moment - login.last_seen > settings.idle
    if moment >= login.expires or idle or not login.active:
        people.end_login(session, hashed)
        return None
    if login.kind != kind:
        return None
    if moment - login.last_seen > TOUCH_EVERY:
        people.touch_login(session, hashed, moment)
    scopes = None if login.kind == "cookie" else frozenset(login.scopes or ())
    person = Person(
        id=login.id, login=login.login, name=login.name, organisation_id=login.organisation_id,
        organisation=login.organisation, organisation_kind=login.organisation_kind, unit_code=login.unit_code,
        roles=frozenset(UserRole(role) for role in login.roles), district=district, scopes=scopes, address=address,
    )  # fmt: skip
    sign_on = login.kind == "cookie" and (login.label or "").startswith(SIGN_ON)
    must_change = login.must_change and not sign_on
    if must_change:
        person = replace(person, roles=frozenset())
    return Known(person, login.kind, login.csrf, hashed, must_change, sign_on)


def person_of(
    user: User, district: str, *, scopes: frozenset[str] | None = None, address: str | None = None
) -> Person:
    """The person that a user is in a district."""
    return Person(
        id=user.id,
        login=user.login,
        name=user.name,
        organisation_id=user.organisation_id,
        organisation=user.organisation.name,
        organisation_kind=user.organisation.kind,
        unit_code=user.organisation.unit_code,
        roles=frozenset(UserRole(grant.role) for grant in user.roles if grant.district == district),
        district=district,
        scopes=scopes,
        address=address,
    )


def cookie_name(secure: bool) -> str:
    """The cookie's name: with the __Host- prefix over https, so that no sibling host can set it."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def set_cookie(response: Response, opened: Opened, *, secure: bool) -> None:
    """Hand the token to a browser. No Expires: it goes when the browser closes, or with the session."""
    response.set_cookie(
        cookie_name(secure), opened.token, path="/", secure=secure, httponly=True, samesite="lax"
    )


def clear_cookie(response: Response, *, secure: bool) -> None:
    """Take the token back."""
    response.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax")


def device(user_agent: str) -> str | None:
    """What a browser says of itself, short, so that its owner knows his sessions apart."""
    found = [next((name for mark, name in names if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return " · ".join(part for part in found if part) or None
