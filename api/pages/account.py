"""我的账号 /account: one's own password, open sessions, tokens for programs. Forms that work without JavaScript."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api import owning
from api.acts import own_account
from api.doors import Acting, secure, settings_of, transaction
from api.pages.forms import whole
from api.pages.rendering import page, person_of, reading_of, status_of
from api.security.access import SCOPES
from api.security.passwords import SHORTEST
from api.security.sessions import Known, handle, set_cookie
from geo.problems import BadInput, Problem
from geo.terms import USER_ROLE_NAMES
from geo.text import Text

router = APIRouter(include_in_schema=False)

#: How long a token may be asked to live, in days.
LIVES = (7, 30, 90, 180, 365)


class Unlike(BadInput):
    """The new password was not typed alike twice."""

    code = "passwords-differ"
    title = Text("两次输入的新口令不一样", "The new password was not typed alike twice")


@router.get("/account")
def show(request: Request) -> Response:
    """What one is, where one is logged in, which programs act for one."""
    return _page(request)


def _page(
    request: Request, *, problem: Problem | None = None, made: Any = None, asked: Any = None
) -> Response:
    person = person_of(request)
    assert person is not None  # the gate has seen to it
    current = request.state.known.token_hash
    with reading_of(request) as session:
        rows = own_account.own_sessions(session, person, settings_of(request))
    shown = [
        {
            "id": handle(row.token_hash), "kind": row.kind, "label": row.label, "created": row.created,
            "seen": row.last_seen, "expires": row.expires, "current": row.token_hash == current,
            "scopes": [SCOPES[s] for s in SCOPES if s in (row.scopes or ())],
        }
        for row in rows
    ]  # fmt: skip
    response = page(
        request,
        "account.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        roles=[USER_ROLE_NAMES[role] for role in USER_ROLE_NAMES if role in person.roles],
        browsers=[r for r in shown if r["kind"] == "cookie"],
        tokens=[r for r in shown if r["kind"] == "token"],
        scopes=SCOPES,
        lives=LIVES,
        made=made,
        asked=asked or {"label": "", "scopes": ["read"], "days": 90},
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/account/password")
def show_password(request: Request) -> Response:
    """The form of a new password; who still has a first one is told why."""
    return _password(request)


def _password(request: Request, problem: Problem | None = None) -> Response:
    known: Known = request.state.known
    return page(
        request, "account_password.html", status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text, shortest=SHORTEST, first=known.must_change,
    )  # fmt: skip


@router.post("/account/password")
def change_password(
    request: Request,
    old: Annotated[str, Form(max_length=1024)] = "",
    new: Annotated[str, Form(max_length=1024)] = "",
    again: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    """All other sessions end; this one goes on under a new token."""
    try:
        if new != again:
            raise Unlike()
        opened = owning.change_password(request, old, new)
    except Problem as problem:
        return _password(request, problem)
    response = RedirectResponse("/account?done=password", status_code=303)
    if opened is not None:
        set_cookie(response, opened, secure=secure(request))
    return response


@router.post("/account/sessions")
def end_session(
    request: Request, actor: Acting, session_id: Annotated[str, Form(max_length=16)] = ""
) -> Response:
    """A session or token of one's own ends."""
    try:
        with transaction(request) as session:
            own_account.end_session(session, actor, session_id)
    except Problem as problem:
        return _page(request, problem=problem)
    return RedirectResponse("/account?done=session", status_code=303)


@router.post("/account/tokens")
async def make_token(request: Request) -> Response:
    """A token for a program, shown on this one answer."""
    form = await request.form()
    asked = {
        "label": str(form.get("label") or ""),
        "scopes": [str(s) for s in form.getlist("scopes")],
        "days": str(form.get("days") or ""),
    }
    return await run_in_threadpool(_make_token, request, form, asked)


def _make_token(request: Request, form: Any, asked: dict[str, Any]) -> Response:
    try:
        made = owning.make_token(
            request, label=asked["label"], scopes=asked["scopes"], days=whole(form, "days"),
            password=str(form.get("password") or "")[:1024],
        )  # fmt: skip
    except Problem as problem:
        return _page(request, problem=problem, asked=asked)
    return _page(request, made=made)
