"""管理: people come and go. Logging in and out, the first administrator, further accounts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from api.security import passwords, sessions, watch
from api.security.access import SCOPES, PasswordDue
from api.security.person import Person
from api.security.sessions import Opened
from api.security.settings import DoorSettings
from geo.problems import BadInput, Conflict, NotAllowed, NotLoggedIn, Problem, TooMany
from geo.store import audit, people
from geo.store.tables.people import User
from geo.terms import UserRole
from geo.text import Text

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
KINDS = ("firm", "township", "department", "operator", "committee", "builder", "other", "citizen")


class WrongLogin(NotLoggedIn):
    """Login name or password is wrong; which of them is not said."""

    code = "wrong-login"
    title = Text("用户名或口令不对，请核对后重试", "The login name or the password is wrong")


class Locked(TooMany):
    """Too many wrong passwords in a row."""

    code = "account-locked"
    title = Text(
        "口令连续输错次数过多，账号暂停登录，请 {seconds} 秒后再试",
        "Too many wrong passwords in a row: the account rests, try again in {seconds} seconds",
    )


class FirstPasswordOver(NotLoggedIn):
    """A password set by somebody else was not changed in time."""

    code = "first-password-over"
    title = Text(
        "初始口令已过期，请联系管理员重新设置",
        "The first password was not changed in time: ask an administrator to set a new one",
    )


class BadLogin(BadInput):
    """The login name does not have the form."""

    code = "bad-login"
    title = Text(
        "登录名“{login}”不合格式：2 至 64 个小写字母、数字或 . _ -，以字母或数字开头",
        "Login name “{login}”: use 2 to 64 lower-case letters, digits, . _ or -, starting with a letter or digit",
    )


class BadScope(BadInput):
    """No such scope."""

    code = "bad-scope"
    title = Text("没有“{scope}”这一范围，可用：{known}", "No scope “{scope}”; there are: {known}")


class BadKind(BadInput):
    """No such kind of organisation."""

    code = "bad-organisation-kind"
    title = Text(
        "没有“{kind}”这种机构类型，可用：{known}", "No kind of organisation “{kind}”; there are: {known}"
    )


class LoginTaken(Conflict):
    """The login name is in use."""

    code = "login-taken"
    title = Text("登录名“{login}”已被使用，请换一个", "Login name “{login}” is taken; choose another")


class NotFirst(NotAllowed):
    """An administrator exists, so accounts are his to make."""

    code = "not-first"
    title = Text(
        "已有管理员；请用 --as 指明由哪位管理员添加",
        "There is an administrator already: name the one who adds the account with --as",
    )


class NoSuchUser(BadInput):
    """No active user of this login name."""

    code = "no-such-user"
    title = Text("没有登录名为“{login}”的有效用户", "No active user has the login name “{login}”")


def log_in(
    session: Session,
    *,
    login: str,
    password: str,
    kind: str,
    settings: DoorSettings,
    district: str,
    scopes: Iterable[str] | None = None,
    replaces: str | None = None,
    address: str | None = None,
    label: str | None = None,
) -> tuple[Opened, Person] | Problem:
    """登录: prove who one is, and open a session.

    The answer to a wrong password is returned, not raised: what was counted must be kept, so the door
    commits and raises then. kind: "cookie" or "token"; scopes: of a token, all where None. label: what its
    owner will know the session by.
    """
    wanted = _scopes(kind, scopes)
    user = people.user_by_login(session, login, lock=True)
    moment = sessions.now()
    if user is not None and user.locked_until is not None and user.locked_until > moment:
        note_refused_login(session, user, address, "locked")
        return Locked(seconds=int((user.locked_until - moment).total_seconds()) + 1)
    if user is None:
        name = hashlib.sha256(f"unknown\x1f{login.lower()}".encode("utf-8", "surrogatepass")).digest()
        until = people.count_unknown(
            session, name, now=moment, most=settings.lock_after, rest=settings.lock_for
        )
        if until is not None:
            note_refused_login(session, None, address, "unknown-login")
            return Locked(seconds=int((until - moment).total_seconds()) + 1)
    right = passwords.fits(user.password_hash if user else None, password)
    if user is None or not right or not user.active:
        if user is not None and not right:
            count_wrong(session, user, settings, district, address)
        why = "unknown-login" if user is None else "account-closed" if right else "wrong-password"
        note_refused_login(session, user, address, why)
        return WrongLogin()
    if user.must_change:
        if (
            user.password_changed is not None
            and moment - user.password_changed > settings.first_password_life
        ):
            note_refused_login(session, user, address, "first-password-over")
            return FirstPasswordOver()
        if kind == "token":
            return PasswordDue()
    user.failed_logins = 0
    user.locked_until = None
    if user.password_hash and passwords.outdated(user.password_hash):
        user.password_hash = passwords.hash_of(password)
    opened = sessions.open_session(
        session, user, kind=kind, settings=settings, scopes=wanted, replaces=replaces, label=label
    )
    person = sessions.person_of(
        user, district, scopes=None if wanted is None else frozenset(wanted), address=address
    )
    note_login(session, person, opened, kind=kind, scopes=wanted)
    return opened, person


def note_login(
    session: Session,
    person: Person,
    opened: Opened,
    *,
    kind: str,
    scopes: list[str] | None,
    by: str = "password",
) -> None:
    """Put a login on the audit chain. by: password, or single sign-on."""
    session_handle = sessions.handle(sessions.digest(opened.token))
    details = {"kind": kind, "session": session_handle, "by": by} | ({"scopes": scopes} if scopes else {})
    audit.append(
        session, actor=person, act="login", subject_kind="user", subject=person.login, reason="登录", after=details
    )  # fmt: skip


def note_refused_login(session: Session, user: User | None, address: str | None, why: str) -> None:
    """A name that is no account's is not kept: people type their password into the wrong field."""
    watch.refused(
        session,
        audit.Stranger(address),
        act="refuse-login",
        subject_kind="user",
        subject="" if user is None else user.login,
        reason="登录被拒绝",
        after={"why": why},
    )


def count_wrong(
    session: Session, user: User, settings: DoorSettings, district: str, address: str | None
) -> None:
    """Count a wrong password; the account rests after too many in a row."""
    user.failed_logins += 1
    if user.failed_logins < settings.lock_after:
        return
    user.failed_logins = 0
    user.locked_until = sessions.now() + settings.lock_for
    audit.append(
        session,
        actor=sessions.person_of(user, district, address=address),
        act="lock",
        subject_kind="user",
        subject=user.login,
        reason=f"{settings.lock_after} wrong passwords in a row",
    )


def _scopes(kind: str, scopes: Iterable[str] | None) -> list[str] | None:
    if kind == "cookie":
        return None
    wanted = sorted(set(SCOPES if scopes is None else scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise BadScope(scope=scope, known=" ".join(SCOPES))
    return wanted


def log_out(session: Session, person: Person, token_hash: bytes) -> None:
    """退出: end a session."""
    people.end_login(session, token_hash)
    audit.append(
        session, actor=person, act="logout", subject_kind="user", subject=person.login, reason="退出",
        after={"session": sessions.handle(token_hash)},
    )  # fmt: skip


def tidy(session: Session, settings: DoorSettings) -> int:
    """清理: delete login sessions that are over, and token buckets full again; how many sessions. For the
    worker, once a day."""
    moment = sessions.now()
    people.sweep_buckets(session, moment - timedelta(days=1))
    people.sweep_sign_ons(session, moment - timedelta(hours=1))
    swept = people.sweep_logins(session, moment, moment - settings.idle)
    watch.count_the_rest(session)
    return swept


def acting_user(session: Session, login: str, district: str) -> Person:
    """The person that a command acts for (`--as LOGIN`). Raises NoSuchUser."""
    user = people.user_by_login(session, login)
    if user is None or not user.active:
        raise NoSuchUser(login=login)
    return sessions.person_of(user, district)


def refuse_second_first(session: Session) -> None:
    """Raise NotFirst where an administrator exists. Holds the question until the transaction ends, so that
    two first administrators cannot race."""
    people.hold_administrators(session)
    if people.administrator_exists(session):
        raise NotFirst()


def add_user(
    session: Session,
    actor: Person | None,
    *,
    login: str,
    name: str,
    password: str,
    roles: Iterable[UserRole],
    organisation: str,
    organisation_kind: str = "department",
    unit_code: str | None = None,
    district: str,
    demo: bool = False,
) -> User:
    """添加用户: the first administrator of an empty installation (actor None), or any account by an
    administrator.

    Demonstration accounts do not count as an administrator. A password that an administrator has set has to be changed
    at the first login. Raises NotFirst, NotAllowed, BadLogin,
    LoginTaken, WeakPassword.
    """
    granted = set(roles)
    if actor is None:
        refuse_second_first(session)
        granted.add(UserRole.ADMINISTRATOR)
    elif not actor.holds(UserRole.ADMINISTRATOR):
        raise NotAllowed()
    if not LOGIN.fullmatch(login):
        raise BadLogin(login=login)
    if organisation_kind not in KINDS:
        raise BadKind(kind=organisation_kind, known=" ".join(KINDS))
    passwords.judge(password, login=login, name=name)
    if people.user_by_login(session, login) is not None:
        raise LoginTaken(login=login)
    user = people.add_user(
        session,
        login=login,
        name=name,
        organisation=people.organisation(
            session, organisation, kind=organisation_kind, unit_code=unit_code, demo=demo
        ),
        password_hash=passwords.hash_of(password),
        roles=granted,
        district=district,
        demo=demo,
    )
    user.password_changed = sessions.now()
    user.must_change = actor is not None
    audit.append(
        session,
        actor=actor or sessions.person_of(user, district),
        act="add",
        subject_kind="user",
        subject=user.login,
        reason="first administrator" if actor is None else "account added",
        after={"roles": sorted(role.value for role in granted), "organisation": organisation},
    )
    return user
