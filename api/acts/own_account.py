"""本人账号: what everybody does with the account of his own. Password, open sessions, tokens for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api.acts.administer import BadScope, Locked, WrongLogin, count_wrong
from api.security import passwords, sessions
from api.security.access import SCOPES
from api.security.person import Person
from api.security.sessions import Known, Opened
from api.security.settings import DoorSettings
from geo.problems import BadInput, Conflict, NotAllowed, NotFound, Problem
from geo.store import audit, people
from geo.store.tables.people import LoginSession, User
from geo.text import Text

#: The longest life of a token for a program, in days, and how many one may hold.
LONGEST_DAYS = 366
MOST_TOKENS = 50


class WrongPassword(BadInput):
    """The present password is wrong."""

    code = "wrong-password"
    title = Text("当前口令不对，请核对后重试", "The present password is wrong; check it and try again")


class SamePassword(BadInput):
    """The new password is the old one."""

    code = "same-password"
    title = Text("新口令与当前口令相同，请换一个", "The new password is the present one: choose another")


class NoPassword(Conflict):
    """The account has no password: it logs in by the single sign-on."""

    code = "no-password"
    title = Text(
        "该账号没有本地口令，请用统一身份认证登录；需要口令请联系管理员",
        "This account has no password and logs in by the single sign-on; ask an administrator for a password",
    )


class NoSuchLogin(NotFound):
    """The session is not open, or not one's own."""

    code = "no-such-session"
    title = Text("没有这个会话或令牌，可能已经结束", "No such session or token; it may have ended already")


class BadLabel(BadInput):
    """A token needs a label."""

    code = "bad-label"
    title = Text("请写明令牌的用途（1 至 100 个字符）", "Say what the token is for, in 1 to 100 characters")


class BadLife(BadInput):
    """The token's life is too long or none."""

    code = "bad-token-life"
    title = Text("令牌有效期为 1 至 {most} 天", "A token lives for 1 to {most} days")


class WiderToken(NotAllowed):
    """A token asks for more than it has itself."""

    code = "wider-token"
    title = Text(
        "令牌不能再生成范围更大、时间更长的令牌，请登录后在“我的账号”页面操作",
        "A token cannot make one that may do more or lives longer: log in and use the page of your account",
    )


class TooManyTokens(Conflict):
    """The account holds as many tokens as it may."""

    code = "too-many-tokens"
    title = Text(
        "令牌已达 {most} 个，请先结束不用的", "You hold {most} tokens already: end those not in use first"
    )


def change_password(
    session: Session, known: Known, old: str, new: str, *, settings: DoorSettings
) -> Opened | Problem | None:
    """修改口令: all other sessions and tokens end. A cookie session is opened anew (Opened), a token stays (None).

    A wrong present password is returned, not raised, since it counts as a failed login. Raises WeakPassword,
    SamePassword, NoPassword.
    """
    actor = known.person
    user, refused = _proved(session, actor, old, settings)
    if refused is not None:
        return refused
    if passwords.normal(old) == passwords.normal(new):
        raise SamePassword()
    passwords.judge(new, login=user.login, name=user.name)
    first = user.must_change
    user.password_hash = passwords.hash_of(new)
    user.password_changed = sessions.now()
    user.must_change = False
    user.version += 1
    cookie = known.kind == "cookie"
    row = session.get(LoginSession, known.token_hash)
    label = row.label if row is not None else None
    ended = people.end_logins_of(session, user.id, but=None if cookie else known.token_hash)
    opened = (
        sessions.open_session(session, user, kind="cookie", settings=settings, label=label)
        if cookie
        else None
    )
    audit.append(
        session,
        actor=actor,
        act="password",
        subject_kind="user",
        subject=user.login,
        reason="首次登录改口令" if first else "本人修改口令",
        after={"sessions_ended": ended - cookie},
    )
    return opened


def _proved(
    session: Session, actor: Person, password: str, settings: DoorSettings
) -> tuple[User, Problem | None]:
    """The actor's row, held, and what is to be said where the password is not his."""
    user = people.user_by_id(session, actor.id, lock=True)
    if user is None or not user.active:
        raise WrongLogin()
    if user.password_hash is None:
        raise NoPassword()
    moment = sessions.now()
    if user.locked_until is not None and user.locked_until > moment:
        return user, Locked(seconds=int((user.locked_until - moment).total_seconds()) + 1)
    if not passwords.fits(user.password_hash, password):
        count_wrong(session, user, settings, actor.district, actor.address)
        return user, WrongPassword()
    user.failed_logins = 0
    return user, None


def own_sessions(session: Session, actor: Person, settings: DoorSettings) -> list[LoginSession]:
    """本人的会话和令牌 that still hold."""
    moment = sessions.now()
    return people.logins_of(session, actor.id, moment, moment - settings.idle)


def end_session(session: Session, actor: Person, handle: str) -> None:
    """结束会话: one of the actor's own sessions or tokens. Raises NoSuchLogin."""
    ended = people.end_login_called(session, actor.id, handle)
    if ended is None:
        raise NoSuchLogin()
    kind, label = ended
    audit.append(
        session, actor=actor, act="end-session", subject_kind="user", subject=actor.login, reason="本人结束会话",
        before={"kind": kind, "session": handle, "label": label},
    )  # fmt: skip


def make_token(
    session: Session,
    known: Known,
    *,
    label: str,
    scopes: Iterable[str],
    days: int,
    password: str,
    settings: DoorSettings,
) -> Opened | Problem:
    """生成令牌: a bearer token for a program, shown once. An account with a password proves it again, so that an
    open window is not enough.

    A wrong password is returned, not raised. Raises BadLabel, BadScope, BadLife, WiderToken, TooManyTokens.
    """
    actor = known.person
    name = " ".join(label.split())
    if not 1 <= len(name) <= 100:
        raise BadLabel()
    wanted = sorted(set(scopes))
    for scope in wanted or [""]:
        if scope not in SCOPES:
            raise BadScope(scope=scope, known=" ".join(SCOPES))
    if not 1 <= days <= LONGEST_DAYS:
        raise BadLife(most=LONGEST_DAYS)
    if known.kind == "token" and (
        not set(wanted) <= (actor.scopes or frozenset())
        or _ends(session, known) < sessions.now() + timedelta(days=days)
    ):
        raise WiderToken()
    user = people.user_by_id(session, actor.id, lock=True)
    if user is None:
        raise NoSuchLogin()
    if user.password_hash is not None:
        user, refused = _proved(session, actor, password, settings)
        if refused is not None:
            return refused
    if sum(row.kind == "token" for row in own_sessions(session, actor, settings)) >= MOST_TOKENS:
        raise TooManyTokens(most=MOST_TOKENS)
    opened = sessions.open_session(
        session, user, kind="token", settings=settings, scopes=wanted, label=name, life=timedelta(days=days)
    )
    audit.append(
        session, actor=actor, act="make-token", subject_kind="user", subject=actor.login, reason=name,
        after={"session": sessions.handle(sessions.digest(opened.token)), "scopes": wanted, "days": days},
    )  # fmt: skip
    return opened


def _ends(session: Session, known: Known) -> datetime:
    row = session.get(LoginSession, known.token_hash)
    return sessions.now() if row is None else row.expires
