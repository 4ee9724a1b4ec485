"""登录 /login and /logout, as forms that work without JavaScript."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.doors import enter, leave, secure
from api.pages.rendering import page, person_of
from api.pages.sign_on import left, ways_in
from api.pages.way import way_back
from api.security.sessions import clear_cookie, set_cookie
from geo.problems import Problem

router = APIRouter(include_in_schema=False)

#: A login name as registering gives it.
REGISTERED = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}-[0-9]{4,9}")


@router.get("/login")
def show(request: Request, next: str = "/survey", made: str = "") -> Response:
    """The form; who is logged in already goes on. made: the login name of an account that was registered just now."""
    if person_of(request) is not None:
        return RedirectResponse(way_back(next), status_code=303)
    if not REGISTERED.fullmatch(made):
        made = ""
    return page(
        request, "login.html", next=way_back(next), user=made, made=made, problem=None, **ways_in(request)
    )  # fmt: skip


@router.post("/login")
def log_in(
    request: Request,
    user: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=500)] = "/survey",
) -> Response:
    """Log in and go on; a refusal shows the form again with its reason."""
    try:
        opened, _ = enter(request, user, password)
    except Problem as problem:
        return page(
            request, "login.html", status=401, next=way_back(next), user=user, made="", problem=problem.text,
            **ways_in(request),
        )  # fmt: skip
    response = RedirectResponse(way_back(next), status_code=303)
    set_cookie(response, opened, secure=secure(request))
    return response


@router.post("/logout")
def log_out(request: Request) -> Response:
    """Log out: the session is worth nothing from now on, and that of the single sign-on ends too."""
    leave(request)
    response = left(request) or RedirectResponse("/", status_code=303)
    clear_cookie(response, secure=secure(request))
    return response
