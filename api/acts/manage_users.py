"""用户管理: administrators make accounts, change them, and grant roles by district.

Nobody changes his own roles. An administrator grants in the districts that he administers, and touches only
accounts whose roles all lie there: a new password for somebody with rights elsewhere would be a way to them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.acts.administer import KINDS, LOGIN, BadKind, BadLogin, LoginTaken, NoSuchUser
from api.acts.stale import require_reason, require_version
from api.security import passwords, sessions
from api.security.person import Person
from geo.problems import BadInput, Conflict, NotAllowed, NotFound
from geo.store import audit, people
from geo.store.tables.people import RoleGrant, User
from geo.terms import UserRole
from geo.text import Text

#: Roles by district code.
Grants = Mapping[str, Iterable[UserRole]]

#: Letters that nobody mistakes for one another when copying by hand.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
DISTRICT = re.compile(r"\d{6}")
#: What the machine itself, or nobody, is called: these accounts stay as they are.
OF_THE_MACHINE = ("system",)


class NoSuchAccount(NotFound):
    """No account of this number that the actor may know of."""

    code = "no-such-account"
    title = Text("没有这个用户", "No such user")


class OwnRights(NotAllowed):
    """Nobody changes his own rights."""

    code = "own-rights"
    title = Text(
        "不能更改自己的角色、状态或重设自己的口令，请由另一位管理员办理",
        "Nobody changes his own roles or state, or resets his own password: ask another administrator",
    )


class OtherDistrict(NotAllowed):
    """The account or the role belongs to a district that the actor does not administer."""

    code = "other-district"
    title = Text(
        "您不是行政区 {districts} 的管理员，不能在那里授予或更改角色",
        "You are not administrator of district {districts} and cannot grant or change roles there",
    )


class LastAdministrator(Conflict):
    """A district would be left without an administrator."""

    code = "last-administrator"
    title = Text(
        "这是行政区 {district} 的最后一位管理员，请先另设一位",
        "This is the last administrator of district {district}: make another one first",
    )


class HasAdministrator(Conflict):
    """The district has an administrator, who grants its roles."""

    code = "has-administrator"
    title = Text(
        "行政区 {district} 已有管理员，请由其授予角色",
        "District {district} has an administrator: roles there are his to grant",
    )


class BadDistrict(BadInput):
    """No code of a district."""

    code = "bad-district"
    title = Text("“{code}”不是六位行政区划代码", "“{code}” is not a district code of six digits")


class BadName(BadInput):
    """A person or an organisation needs a name."""

    code = "bad-name"
    title = Text(
        "请填写姓名和机构（各 1 至 100 个字符）", "Give name and organisation, 1 to 100 characters each"
    )


class NoSignOn(Conflict):
    """No single sign-on is configured."""

    code = "no-sign-on"
    title = Text("本系统未接入统一身份认证", "No single sign-on is configured here")


class IdentityTaken(Conflict):
    """The identity of the single sign-on belongs to another account."""

    code = "identity-taken"
    title = Text(
        "该统一身份已关联另一账号，请先解除",
        "This identity is linked to another account: unlink it there first",
    )


def drawn_password() -> str:
    """A random first password: 20 letters in groups, some 98 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def grants_of(user: User) -> dict[str, list[str]]:
    """Roles by district, in order."""
    found: dict[str, list[str]] = {}
    for grant in sorted(user.roles, key=lambda g: (g.district, g.role)):
        found.setdefault(grant.district, []).append(grant.role)
    return found


def account(session: Session, actor: Person, user_id: int, *, lock: bool = False) -> User:
    """The account of a number, for an administrator who may see it. Raises NoSuchAccount, NotAllowed."""
    mine = districts_of(session, actor)
    user = people.user_by_id(session, user_id, lock=lock)
    if user is None or (user.roles and not mine & {g.district for g in user.roles}):
        raise NoSuchAccount()
    return user


def listed(session: Session, actor: Person, **filters: Any) -> list[User]:
    """The accounts that an administrator may see (see people.users)."""
    return people.users(session, districts_of(session, actor), **filters)


def create(
    session: Session,
    actor: Person,
    *,
    login: str,
    name: str,
    organisation: str,
    organisation_kind: str,
    unit_code: str | None,
    grants: Grants,
    reason: str,
) -> tuple[User, str]:
    """新建用户: an account with a first password, which is answered once and has to be changed at the first
    login. Raises BadLogin, LoginTaken, BadName, BadKind, BadDistrict, OtherDistrict, NoReason."""
    mine = districts_of(session, actor)
    why = require_reason(reason)
    wanted = _wanted(grants)
    _within(mine, wanted)
    if not LOGIN.fullmatch(login):
        raise BadLogin(login=login)
    if people.user_by_login(session, login) is not None:
        raise LoginTaken(login=login)
    home = _organisation(session, organisation, organisation_kind, unit_code)
    password = drawn_password()
    user = people.add_user(
        session,
        login=login,
        name=_name(name),
        organisation=home,
        password_hash=passwords.hash_of(password),
        roles=(),
        district=actor.district,
        demo=False,
    )
    user.roles = [RoleGrant(role=r, district=d) for d, roles in wanted.items() for r in roles]
    user.must_change = True
    user.password_changed = sessions.now()
    session.flush()
    _note(session, actor, "add", user, why, after=facts(user))
    return user, password


def change(
    session: Session,
    actor: Person,
    user_id: int,
    *,
    version: int,
    reason: str,
    name: str | None = None,
    organisation: str | None = None,
    organisation_kind: str = "department",
    unit_code: str | None = None,
    active: bool | None = None,
    grants: Grants | None = None,
) -> User:
    """更改用户: what is None stays. Closing an account ends its sessions; roles hold from the next request on.

    Raises Stale, OwnRights, OtherDistrict, LastAdministrator and what `create` raises.
    """
    people.hold_administrators(session)
    user = _in_charge(session, actor, user_id, version)
    why = require_reason(reason)
    before = facts(user)
    wanted = grants_of(user) if grants is None else _wanted(grants)
    open_ = user.active if active is None else active
    rights = wanted != before["roles"] or open_ != user.active
    if rights and user.id == actor.id:
        raise OwnRights()
    _within(districts_of(session, actor), wanted)
    administrator = UserRole.ADMINISTRATOR.value
    for district, roles in before["roles"].items():
        leaves = user.active and administrator in roles
        leaves = leaves and not (open_ and administrator in wanted.get(district, ()))
        if leaves and not people.other_administrators(session, user, district):
            raise LastAdministrator(district=district)
    if name is not None:
        user.name = _name(name)
    if organisation is not None and organisation.strip() != user.organisation.name:
        user.organisation = _organisation(session, organisation, organisation_kind, unit_code)
    if wanted != before["roles"]:
        kept = {(g.district, g.role): g for g in user.roles}
        user.roles = [
            kept.get((d, r)) or RoleGrant(role=r, district=d) for d, roles in wanted.items() for r in roles
        ]
    user.active = open_
    if not open_:
        people.end_logins_of(session, user.id)
    user.version += 1
    session.flush()
    _note(session, actor, "change", user, why, before=before, after=facts(user))
    return user


def reset(session: Session, actor: Person, user_id: int, *, version: int, reason: str) -> tuple[User, str]:
    """重设口令: a new first password, answered once; all sessions and tokens end, a lock-out too."""
    user = _in_charge(session, actor, user_id, version)
    why = require_reason(reason)
    if user.id == actor.id:
        raise OwnRights()
    password = drawn_password()
    user.password_hash = passwords.hash_of(password)
    user.password_changed = sessions.now()
    user.must_change = True
    user.failed_logins, user.locked_until = 0, None
    user.version += 1
    ended = people.end_logins_of(session, user.id)
    _note(session, actor, "reset-password", user, why, after={"sessions_ended": ended})
    return user, password


def unlock(session: Session, actor: Person, user_id: int, *, version: int, reason: str) -> User:
    """解除锁定: the account may log in again at once."""
    user = _in_charge(session, actor, user_id, version)
    why = require_reason(reason)
    if user.id == actor.id:
        raise OwnRights()
    before = None if user.locked_until is None else user.locked_until.isoformat()
    user.failed_logins, user.locked_until = 0, None
    user.version += 1
    _note(session, actor, "unlock", user, why, before={"locked_until": before})
    return user


def link(
    session: Session,
    actor: Person,
    user_id: int,
    *,
    issuer: str | None,
    subject: str | None,
    version: int,
    reason: str,
) -> User:
    """关联统一身份: the subject of the single sign-on that may log in as this account; None takes it away."""
    user = _in_charge(session, actor, user_id, version)
    why = require_reason(reason)
    if user.id == actor.id:
        raise OwnRights()
    given = (subject or "").strip()[:255] or None
    if issuer is None:
        raise NoSignOn()
    if given is not None:
        other = people.user_by_identity(session, issuer, given)
        if other is not None and other.id != user.id:
            raise IdentityTaken()
    before = {"issuer": user.oidc_issuer, "subject": user.oidc_subject}
    user.oidc_issuer, user.oidc_subject = (None, None) if given is None else (issuer, given)
    user.version += 1
    if given is None:
        people.end_logins_of(session, user.id)
    session.flush()
    after = {"issuer": user.oidc_issuer, "subject": user.oidc_subject}
    _note(session, actor, "link", user, why, before=before, after=after)
    return user


def recover(session: Session, login: str) -> tuple[User, str]:
    """找回账号: a new first password from the machine itself, for an administrator who cannot get in any more. Whoever
    runs the machine could write the database as well; this way it is noted. Raises NoSuchUser."""
    user = _of_login(session, login)
    password = drawn_password()
    user.password_hash = passwords.hash_of(password)
    user.password_changed = sessions.now()
    user.must_change = True
    user.failed_logins, user.locked_until = 0, None
    user.version += 1
    ended = people.end_logins_of(session, user.id)
    _note(session, None, "reset-password", user, "由主机管理员重设", after={"sessions_ended": ended})
    return user, password


def appoint(session: Session, login: str, district: str) -> User:
    """设首位管理员: the first administrator of a district that has none; further ones are his to grant. Raises
    NoSuchUser, BadDistrict, HasAdministrator."""
    people.hold_administrators(session)
    user = _of_login(session, login)
    if not DISTRICT.fullmatch(district) or not district.isascii():
        raise BadDistrict(code=district)
    if people.other_administrators(session, user, district) or district in people.administered(
        session, user.id
    ):
        raise HasAdministrator(district=district)
    before = facts(user)
    user.roles = [*user.roles, RoleGrant(role=UserRole.ADMINISTRATOR.value, district=district)]
    user.version += 1
    session.flush()
    _note(session, None, "change", user, "设首位管理员", before=before, after=facts(user))
    return user


def _of_login(session: Session, login: str) -> User:
    user = people.user_by_login(session, login, lock=True)
    if user is None or not user.active or user.login in OF_THE_MACHINE:
        raise NoSuchUser(login=login)
    return user


def facts(user: User) -> dict[str, Any]:
    """What an administrator may change of an account, as the audit trail keeps it."""
    return {
        "name": user.name,
        "organisation": user.organisation.name,
        "active": user.active,
        "roles": grants_of(user),
    }


def districts_of(session: Session, actor: Person) -> frozenset[str]:
    """Where the actor administers. Raises NotAllowed for those who are no administrator here."""
    if not actor.holds(UserRole.ADMINISTRATOR):
        raise NotAllowed()
    return people.administered(session, actor.id)


def _in_charge(session: Session, actor: Person, user_id: int, version: int) -> User:
    """The account, held, that the actor may change. Raises NoSuchAccount, OtherDistrict, Stale."""
    user = account(session, actor, user_id, lock=True)
    if user.login in OF_THE_MACHINE:
        raise NoSuchAccount()
    require_version(version, user.version)
    _within(districts_of(session, actor), grants_of(user))
    return user


def _within(mine: frozenset[str], wanted: Iterable[str]) -> None:
    foreign = sorted(set(wanted) - mine)
    if foreign:
        raise OtherDistrict(districts=" ".join(foreign))


def _wanted(grants: Grants) -> dict[str, list[str]]:
    found = {}
    for district, roles in sorted(grants.items()):
        if not DISTRICT.fullmatch(district) or not district.isascii():
            raise BadDistrict(code=district)
        held = sorted({UserRole(role).value for role in roles})
        if held:
            found[district] = held
    return found


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not 1 <= len(name) <= 100:
        raise BadName()
    return name


def _organisation(session: Session, name: str, kind: str, unit_code: str | None) -> Any:
    if kind not in KINDS:
        raise BadKind(kind=kind, known=" ".join(KINDS))
    return people.organisation(session, _name(name), kind=kind, unit_code=unit_code or None, demo=False)


def _note(
    session: Session,
    actor: Person | None,
    act: str,
    user: User,
    why: str,
    *,
    before: Any = None,
    after: Any = None,
) -> None:
    audit.append(
        session, actor=actor, act=act, subject_kind="user", subject=user.login, reason=why, before=before, after=after
    )  # fmt: skip
