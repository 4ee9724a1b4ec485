"""登录 /login and /logout, as forms that work without JavaScript."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.doors import enter, leave, secure, settings_of
from api.pages.rendering import page, person_of
from api.pages.sign_on import left
from api.pages.way import way_back
from api.security.sessions import clear_cookie, set_cookie
from geo.problems import Problem

router = APIRouter(include_in_schema=False)


@router.get("/login")
def show(request: Request, next: str = "/survey") -> Response:
    """The form; who is logged in already goes on."""
    if person_of(request) is not None:
        return RedirectResponse(way_back(next), status_code=303)
    return page(
        request, "login.html", next=way_back(next), user="", problem=None, sign_on=_sign_on(request)
    )  # fmt: skip


def _sign_on(request: Request) -> bool:
    return settings_of(request).oidc is not None


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
            request, "login.html", status=401, next=way_back(next), user=user, problem=problem.text,
            sign_on=_sign_on(request),
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
