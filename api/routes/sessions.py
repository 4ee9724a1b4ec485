"""登录会话: log in and out. A cookie for pages, a bearer token for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.acts import administer
from api.doors import Acting, Csrf, enter, leave, secure
from api.errors import problems
from api.security.access import SCOPES
from api.security.person import Person
from api.security.sessions import clear_cookie, set_cookie
from geo.problems import TooMany

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])


class LoginIn(BaseModel):
    """登录 Log in."""

    user: str = Field(min_length=1, max_length=64, description="登录名 Login name")
    password: str = Field(min_length=1, max_length=1024, description="口令 Password")
    kind: Literal["cookie", "token"] = Field("cookie", description="页面用 cookie，程序用 token")
    scopes: list[str] | None = Field(
        None,
        max_length=10,
        description=f"令牌范围 Scopes of a token: {' '.join(SCOPES)}; 缺省为全部 all by default",
    )


class PersonOut(BaseModel):
    """当前用户 Who is logged in."""

    login: str
    name: str
    organisation: str
    roles: list[str]
    district: str


class SessionOut(BaseModel):
    """登录结果. `token` only for kind "token"; `csrf` only for kind "cookie": send it as X-CSRF-Token
    with every write."""

    kind: str
    token: str | None = None
    csrf: str | None = None
    expires: datetime | None = None
    scopes: list[str] | None = None
    person: PersonOut


def person_out(person: Person) -> PersonOut:
    return PersonOut(
        login=person.login,
        name=person.name,
        organisation=person.organisation,
        roles=sorted(role.value for role in person.roles),
        district=person.district,
    )


@router.post(
    "",
    status_code=201,
    summary="登录 Log in",
    responses=problems(administer.WrongLogin, administer.Locked, TooMany),
)
def log_in(request: Request, response: Response, body: LoginIn) -> SessionOut:
    """登录：页面得到 cookie 和 csrf，程序得到 bearer 令牌。Log in: a cookie with its csrf, or a bearer token."""
    opened, person = enter(request, body.user, body.password, body.kind, body.scopes)
    if body.kind == "cookie":
        set_cookie(response, opened, secure=secure(request))
    return SessionOut(
        kind=body.kind,
        token=opened.token if body.kind == "token" else None,
        csrf=opened.csrf,
        expires=opened.expires,
        scopes=None if person.scopes is None else sorted(person.scopes),
        person=person_out(person),
    )


@router.get("/current", summary="当前会话 Current session")
def current(request: Request, actor: Acting, csrf: Csrf) -> SessionOut:
    """我是谁。Who is logged in, and the session's csrf token."""
    return SessionOut(
        kind=request.state.known.kind,
        csrf=csrf or None,
        scopes=None if actor.scopes is None else sorted(actor.scopes),
        person=person_out(actor),
    )


@router.delete("/current", status_code=204, summary="退出 Log out")
def log_out(request: Request, actor: Acting) -> Response:
    """退出：会话立即失效。Log out: the session is worth nothing from now on."""
    leave(request)
    response = Response(status_code=204)
    clear_cookie(response, secure=secure(request))
    return response
