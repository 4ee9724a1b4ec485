"""One's own account (本人账号), for route and page alike: what is counted is kept where the request is refused."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request

from api.acts import own_account
from api.doors import settings_of, take_turn, transaction
from api.security.sessions import Known, Opened
from geo.problems import Problem

#: Tries to prove one's password again: at first, and by the minute. Each costs an argon2id hash.
BURST, PER_MINUTE = 10, 5.0


def change_password(request: Request, old: str, new: str) -> Opened | None:
    """A new password; the cookie session opened in place of the old one, None where a token asked."""
    known = _try(request)
    with transaction(request) as session:
        outcome = own_account.change_password(session, known, old, new, settings=settings_of(request))
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def make_token(request: Request, *, label: str, scopes: Iterable[str], days: int, password: str) -> Opened:
    """A new token for a program."""
    known = _try(request)
    with transaction(request) as session:
        outcome = own_account.make_token(
            session, known, label=label, scopes=scopes, days=days, password=password, settings=settings_of(request)
        )  # fmt: skip
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def _try(request: Request) -> Known:
    known: Known = request.state.known
    take_turn(request, "password", who=known.person.id, burst=BURST, per_minute=PER_MINUTE)
    return known
