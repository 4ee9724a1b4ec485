"""用户 users: accounts, roles and the districts they hold in, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.acts import manage_users
from api.acts.administer import BadKind, BadLogin, LoginTaken
from api.acts.stale import NoReason, Stale
from api.doors import Acting, Reading, Settings, Writing
from api.errors import problems
from api.paging import Cursor, Limit, decode
from api.paging import page as cut
from geo.store.tables.people import User
from geo.terms import UserRole

router = APIRouter(prefix="/api/v1/users", tags=["users 用户"])

UserId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Grants = dict[str, list[UserRole]]
REFUSALS = (
    manage_users.NoSuchAccount, manage_users.OwnRights, manage_users.OtherDistrict, Stale, NoReason,
)  # fmt: skip


class UserOut(BaseModel):
    """用户."""

    id: int
    login: str
    name: str
    organisation: str
    organisation_kind: str
    active: bool
    roles: Grants = Field(description="行政区代码 → 角色 Roles by district code")
    must_change: bool = Field(description="须改初始口令 Has yet to change the first password")
    locked_until: datetime | None
    identity: str | None = Field(description="统一身份的主体标识 Subject at the single sign-on")
    created: datetime
    demo: bool
    version: int


class UsersOut(BaseModel):
    """用户列表."""

    items: list[UserOut]
    next: str | None


class Change(BaseModel):
    """所见版本和理由."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, description="所见的版本 The version that was seen")
    reason: str = Field(min_length=1, max_length=1000, description="理由 Why")


class UserIn(BaseModel):
    """新用户."""

    model_config = ConfigDict(extra="forbid")

    login: str = Field(min_length=2, max_length=64)
    name: str = Field(min_length=1, max_length=100)
    organisation: str = Field(min_length=1, max_length=100)
    organisation_kind: str = Field("department", max_length=20)
    unit_code: str | None = Field(None, pattern=r"^\d{6,12}$")
    roles: Grants = Field(default_factory=dict)
    reason: str = Field(min_length=1, max_length=1000, description="理由 Why")


class UserChange(Change):
    """更改用户: what is left out stays."""

    name: str | None = Field(None, max_length=100)
    organisation: str | None = Field(None, max_length=100)
    organisation_kind: str = Field("department", max_length=20)
    unit_code: str | None = Field(None, pattern=r"^\d{6,12}$")
    active: bool | None = None
    roles: Grants | None = None


class IdentityIn(Change):
    """关联统一身份: null takes the link away."""

    subject: str | None = Field(None, max_length=255, description="主体标识 Subject at the single sign-on")


class WithPassword(BaseModel):
    """初始口令只显示这一次 The first password is answered once; it has to be changed at the first login."""

    user: UserOut
    password: str


def user_out(user: User) -> UserOut:
    return UserOut(
        id=user.id, login=user.login, name=user.name, organisation=user.organisation.name,
        organisation_kind=user.organisation.kind, active=user.active, roles=manage_users.grants_of(user),
        must_change=user.must_change, locked_until=user.locked_until, identity=user.oidc_subject,
        created=user.created, demo=user.demo, version=user.version,
    )  # fmt: skip


@router.get("", summary="用户列表 Users")
def list_users(
    actor: Acting,
    session: Reading,
    q: Annotated[str, Query(max_length=60, description="登录名、姓名、机构 Login, name, organisation")] = "",
    role: UserRole | None = None,
    active: bool | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> UsersOut:
    """在本人所管行政区有角色的用户，以及尚无角色的用户。Users with a role where one administers, or with none yet."""
    found = manage_users.listed(
        session, actor, words=q.replace("\0", ""), role=role.value if role else "", active=active,
        after=decode(cursor, str, ""), limit=limit,
    )  # fmt: skip
    answer = cut(found, limit, lambda user: user.login)
    return UsersOut(items=[user_out(user) for user in answer["items"]], next=answer["next"])


@router.post(
    "",
    status_code=201,
    summary="新建用户 Add a user",
    responses=problems(
        BadLogin,
        LoginTaken,
        BadKind,
        manage_users.BadName,
        manage_users.BadDistrict,
        manage_users.OtherDistrict,
    ),
)
def create_user(body: UserIn, actor: Acting, session: Writing) -> WithPassword:
    """得到初始口令，首次登录须改。Answers a first password, to be changed at the first login."""
    given = body.model_dump()
    user, password = manage_users.create(session, actor, grants=given.pop("roles"), **given)
    return WithPassword(user=user_out(user), password=password)


@router.get("/{user_id}", summary="一个用户 One user", responses=problems(manage_users.NoSuchAccount))
def show_user(user_id: UserId, actor: Acting, session: Reading) -> UserOut:
    """一个用户的角色、状态和版本。Roles, state and version of one user."""
    return user_out(manage_users.account(session, actor, user_id))


@router.patch(
    "/{user_id}",
    summary="更改用户 Change a user",
    responses=problems(
        *REFUSALS, manage_users.LastAdministrator, manage_users.BadDistrict, manage_users.BadName
    ),
)
def change_user(user_id: UserId, body: UserChange, actor: Acting, session: Writing) -> UserOut:
    """姓名、机构、启用或停用、各行政区的角色；角色立即生效，停用立即退出。

    Name, organisation, state, roles by district: roles hold at once, a closed account is out at once."""
    given: dict[str, Any] = body.model_dump()
    return user_out(manage_users.change(session, actor, user_id, grants=given.pop("roles"), **given))


@router.post("/{user_id}/password", summary="重设口令 Reset the password", responses=problems(*REFUSALS))
def reset_password(user_id: UserId, body: Change, actor: Acting, session: Writing) -> WithPassword:
    """得到新的初始口令；该用户的会话和令牌全部结束。A new first password; the user's sessions and tokens end."""
    user, password = manage_users.reset(session, actor, user_id, version=body.version, reason=body.reason)
    return WithPassword(user=user_out(user), password=password)


@router.post("/{user_id}/unlock", summary="解除锁定 Unlock", responses=problems(*REFUSALS))
def unlock(user_id: UserId, body: Change, actor: Acting, session: Writing) -> UserOut:
    """口令输错被锁的账号立即可以登录。An account locked by wrong passwords may log in at once."""
    return user_out(manage_users.unlock(session, actor, user_id, version=body.version, reason=body.reason))


@router.post(
    "/{user_id}/identity",
    summary="关联统一身份 Link an identity",
    responses=problems(*REFUSALS, manage_users.IdentityTaken, manage_users.NoSignOn),
)
def link_identity(
    user_id: UserId, body: IdentityIn, actor: Acting, session: Writing, settings: Settings
) -> UserOut:
    """此后该统一身份以这个账号登录。From then on the identity logs in as this account."""
    return user_out(
        manage_users.link(
            session, actor, user_id, issuer=settings.oidc_issuer, subject=body.subject, version=body.version,
            reason=body.reason,
        )
    )  # fmt: skip
