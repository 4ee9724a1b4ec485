"""本人账号: one's own password, open sessions and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import owning
from api.acts import own_account
from api.acts.administer import BadScope, Locked
from api.doors import Acting, Reading, Settings, Writing, secure
from api.errors import problems
from api.security.access import SCOPES
from api.security.passwords import WeakPassword
from api.security.sessions import digest, handle, set_cookie
from geo.problems import TooMany

router = APIRouter(prefix="/api/v1/account", tags=["account 本人账号"])


class PasswordIn(BaseModel):
    """修改口令."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(min_length=1, max_length=1024, description="当前口令 The present one")
    new: str = Field(min_length=1, max_length=1024, description="新口令 The new one")


class PasswordOut(BaseModel):
    """已修改. With a cookie, its new csrf token; all other sessions and tokens have ended."""

    csrf: str | None


class SessionRow(BaseModel):
    """一个会话或令牌."""

    id: str
    kind: str
    label: str | None
    scopes: list[str] | None
    created: datetime
    last_seen: datetime
    expires: datetime
    current: bool


class SessionsOut(BaseModel):
    """本人的会话和令牌."""

    items: list[SessionRow]


class TokenIn(BaseModel):
    """生成令牌."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=100, description="用途 What it is for")
    scopes: list[str] = Field(min_length=1, max_length=10, description=" ".join(SCOPES))
    days: int = Field(90, ge=1, le=own_account.LONGEST_DAYS, description="有效天数 Days until it ends")
    password: str = Field("", max_length=1024, description="当前口令；只用统一身份认证的账号不填")


class TokenOut(BaseModel):
    """令牌只显示这一次 The token is answered once and never again."""

    id: str
    token: str
    expires: datetime


@router.put(
    "/password",
    summary="修改口令 Change the password",
    responses=problems(
        own_account.WrongPassword,
        own_account.SamePassword,
        own_account.NoPassword,
        WeakPassword,
        Locked,
        TooMany,
    ),
)
def change_password(request: Request, response: Response, body: PasswordIn) -> PasswordOut:
    """修改本人口令；其他会话和令牌全部结束。Change one's own password; all other sessions and tokens end."""
    opened = owning.change_password(request, body.old, body.new)
    if opened is not None:
        set_cookie(response, opened, secure=secure(request))
    return PasswordOut(csrf=None if opened is None else opened.csrf)


@router.get("/sessions", summary="本人的会话和令牌 Own sessions and tokens")
def list_sessions(request: Request, actor: Acting, session: Reading, settings: Settings) -> SessionsOut:
    """哪些设备、哪些程序正以本人身份登录。Which devices and programs are logged in as oneself."""
    current = request.state.known.token_hash
    rows = own_account.own_sessions(session, actor, settings)
    return SessionsOut(
        items=[
            SessionRow(
                id=handle(row.token_hash), kind=row.kind, label=row.label, scopes=row.scopes, created=row.created,
                last_seen=row.last_seen, expires=row.expires, current=row.token_hash == current,
            )
            for row in rows
        ]
    )  # fmt: skip


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    summary="结束会话或令牌 End a session or token",
    responses=problems(own_account.NoSuchLogin),
)
def end_session(
    session_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")], actor: Acting, session: Writing
) -> None:
    """立即失效。It is worth nothing from now on."""
    own_account.end_session(session, actor, session_id)


@router.post(
    "/tokens",
    status_code=201,
    summary="生成令牌 Make a token",
    responses=problems(
        own_account.BadLabel, BadScope, own_account.BadLife, own_account.WiderToken, own_account.TooManyTokens,
        own_account.WrongPassword, Locked, TooMany,
    ),
)  # fmt: skip
def make_token(request: Request, body: TokenIn) -> TokenOut:
    """为程序生成令牌，写明用途、范围和期限。A token for a program, with its purpose, scopes and end."""
    made = owning.make_token(
        request, label=body.label, scopes=body.scopes, days=body.days, password=body.password
    )
    return TokenOut(id=handle(digest(made.token)), token=made.token, expires=made.expires)
