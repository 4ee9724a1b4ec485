"""People (用户): organisations, users, roles, login sessions and token buckets, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from geo.store.tables.people import LoginSession, OidcPending, Organisation, RoleGrant, User
from geo.terms import UserRole


def user_by_login(session: Session, login: str, *, lock: bool = False) -> User | None:
    """The user (用户) of a login name, in any case of letters, with organisation and roles.

    lock: hold the row until the transaction ends, so that failed logins are counted one by one.
    """
    question = (
        select(User)
        .where(User.login == login.lower())
        .options(joinedload(User.organisation), selectinload(User.roles))
    )
    if lock:
        question = question.with_for_update(of=User)
    return session.execute(question).scalar_one_or_none()


def user_by_id(session: Session, user_id: int, *, lock: bool = False) -> User | None:
    """The user (用户) of a number, with organisation and roles. lock: hold the row until the transaction ends."""
    question = (
        select(User)
        .where(User.id == user_id)
        .options(joinedload(User.organisation), selectinload(User.roles))
        .execution_options(populate_existing=True)
    )
    if lock:
        question = question.with_for_update(of=User)
    return session.execute(question).scalar_one_or_none()


def user_by_identity(session: Session, issuer: str, subject: str) -> User | None:
    """The user to whom an identity of a single sign-on (统一身份认证) is linked. Holds the row."""
    question = (
        select(User)
        .where(User.oidc_issuer == issuer, User.oidc_subject == subject)
        .options(joinedload(User.organisation), selectinload(User.roles))
        .with_for_update(of=User)
    )
    return session.execute(question).scalar_one_or_none()


def phone_of(session: Session, user_id: int) -> str | None:
    """The phone of a user who registered himself."""
    return session.scalar(select(User.phone).where(User.id == user_id))


def users(
    session: Session,
    districts: Iterable[str],
    *,
    words: str = "",
    role: str = "",
    active: bool | None = None,
    after: str = "",
    limit: int = 50,
) -> list[User]:
    """Users who hold a role in one of the districts, or none anywhere; by login name, up to limit + 1.

    words: part of login, name or organisation. after: the login behind which the page begins.
    """
    of_user = select(RoleGrant.user_id).where(RoleGrant.user_id == User.id)
    question = (
        select(User)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(
            User.login > after,
            exists(of_user.where(RoleGrant.district.in_(list(districts)))) | ~exists(of_user),
        )
        .options(contains_eager(User.organisation), selectinload(User.roles))
        .order_by(User.login)
        .limit(limit + 1)
    )
    if words:
        question = question.where(
            func.strpos(
                func.concat_ws(" ", User.login, func.lower(User.name), func.lower(Organisation.name)),
                words.lower(),
            )
            > 0
        )
    if role:
        question = question.where(
            exists(of_user.where(RoleGrant.role == role, RoleGrant.district.in_(list(districts))))
        )
    if active is not None:
        question = question.where(User.active.is_(active))
    return list(session.execute(question).scalars())


def every_user(session: Session) -> list[User]:
    """All users by login name, for the machine's owner."""
    question = (
        select(User).options(joinedload(User.organisation), selectinload(User.roles)).order_by(User.login)
    )
    return list(session.execute(question).scalars())


def administered(session: Session, user_id: int) -> frozenset[str]:
    """The districts (行政区) in which a user is administrator."""
    question = select(RoleGrant.district).where(
        RoleGrant.user_id == user_id, RoleGrant.role == UserRole.ADMINISTRATOR.value
    )
    return frozenset(session.scalars(question))


def other_administrators(session: Session, user: User, district: str) -> bool:
    """Whether another active administrator of a district is left without this user. Demonstration accounts stand
    in for one another only."""
    question = select(
        exists().where(
            RoleGrant.user_id == User.id,
            RoleGrant.role == UserRole.ADMINISTRATOR.value,
            RoleGrant.district == district,
            User.active,
            User.id != user.id,
            *(() if user.demo else (User.demo.is_(False),)),
        )
    )
    return bool(session.execute(question).scalar_one())


def users_with(session: Session, role: UserRole, district: str) -> list[User]:
    """The active users who hold a role (角色) in a district, oldest first."""
    question = (
        select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == role.value, RoleGrant.district == district, User.active)
        .options(joinedload(User.organisation), selectinload(User.roles))
        .order_by(User.id)
    )
    return list(session.execute(question).scalars())


def administrator_exists(session: Session) -> bool:
    """Whether any active administrator (管理员) that is not demonstration data exists."""
    question = select(
        exists().where(
            RoleGrant.user_id == User.id,
            RoleGrant.role == UserRole.ADMINISTRATOR.value,
            User.active,
            User.demo.is_(False),
        )
    )
    return bool(session.execute(question).scalar_one())


def hold_administrators(session: Session) -> None:
    """Until the transaction ends nobody else may count administrators: two first ones cannot race."""
    session.execute(text("select pg_advisory_xact_lock(hashtext('yudi.administrators'))"))


def organisation(
    session: Session, name: str, *, kind: str, unit_code: str | None, demo: bool
) -> Organisation:
    """The organisation (机构) of a name; made with `kind` and `unit_code` where there is none."""
    known = session.execute(select(Organisation).where(Organisation.name == name)).scalar_one_or_none()
    if known is not None:
        return known
    made = Organisation(name=name, kind=kind, unit_code=unit_code, demo=demo)
    session.add(made)
    session.flush()
    return made


def add_user(
    session: Session,
    *,
    login: str,
    name: str,
    organisation: Organisation,
    password_hash: str | None,
    roles: Iterable[UserRole],
    district: str,
    demo: bool,
) -> User:
    """A new user with roles in one district. IntegrityError where the login name is taken."""
    user = User(
        login=login.lower(),
        name=name,
        organisation=organisation,
        password_hash=password_hash,
        demo=demo,
        roles=[RoleGrant(role=role.value, district=district) for role in sorted(set(roles))],
    )
    session.add(user)
    session.flush()
    return user


def add_login(
    session: Session,
    *,
    token_hash: bytes,
    user_id: int,
    kind: str,
    csrf: str | None,
    scopes: list[str] | None,
    now: datetime,
    expires: datetime,
    label: str | None = None,
) -> None:
    """Keep a login session (登录会话) by the hash of its token."""
    session.add(
        LoginSession(
            token_hash=token_hash,
            user_id=user_id,
            kind=kind,
            csrf=csrf,
            scopes=scopes,
            created=now,
            last_seen=now,
            expires=expires,
            label=label,
        )
    )
    session.flush()


LOGIN = text("""
    select s.kind, s.csrf, s.scopes, s.label, s.last_seen, s.expires, u.id, u.login, u.name, u.active, u.must_change,
        u.organisation_id, o.name as organisation, o.kind as organisation_kind, o.unit_code,
        array(select g.role from role_grant g where g.user_id = u.id and g.district = :district) as roles
    from login_session s join app_user u on u.id = s.user_id join organisation o on o.id = u.organisation_id
    where s.token_hash = :token_hash""")


def login_of(session: Session, token_hash: bytes, district: str) -> Any:
    """The login session of a token's hash with its user, organisation and roles in a district, None where there is
    none: one statement, by primary keys, before everything that anybody asks."""
    return session.execute(LOGIN, {"token_hash": token_hash, "district": district}).one_or_none()


def touch_login(session: Session, token_hash: bytes, now: datetime) -> None:
    """Note that a login session was used."""
    session.execute(update(LoginSession).where(LoginSession.token_hash == token_hash).values(last_seen=now))


def end_login(session: Session, token_hash: bytes) -> None:
    """End one login session."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == token_hash))


def end_logins_of(session: Session, user_id: int, *, but: bytes | None = None) -> int:
    """End all login sessions of a user, after a new password or when the account is closed; how many. but: the
    token's hash of one that stays."""
    question = delete(LoginSession).where(LoginSession.user_id == user_id)
    if but is not None:
        question = question.where(LoginSession.token_hash != but)
    return len(session.execute(question.returning(LoginSession.token_hash)).all())


def logins_of(session: Session, user_id: int, now: datetime, idle_since: datetime) -> list[LoginSession]:
    """The login sessions of a user that still hold, last used first."""
    question = (
        select(LoginSession)
        .where(
            LoginSession.user_id == user_id,
            LoginSession.expires > now,
            (LoginSession.kind != "cookie") | (LoginSession.last_seen > idle_since),
        )
        .order_by(LoginSession.last_seen.desc(), LoginSession.created.desc())
    )
    return list(session.scalars(question))


def sweep_logins(session: Session, now: datetime, idle_since: datetime) -> int:
    """Delete login sessions that are past their end, and cookie ones idle for too long; how many."""
    gone = session.execute(
        delete(LoginSession)
        .where(
            (LoginSession.expires <= now)
            | ((LoginSession.kind == "cookie") & (LoginSession.last_seen <= idle_since))
        )
        .returning(LoginSession.token_hash)
    )
    return len(gone.all())


def take_token(session: Session, key: bytes, *, capacity: float, per_second: float, now: datetime) -> float:
    """Take one token from the bucket (令牌桶) of `key`: 0 where it was given, else seconds to wait.

    One statement, so that processes and hosts that ask at once are served in turn by the row's lock.
    """
    given = session.execute(
        text(
            """
            insert into rate_bucket as b (key, tokens, refilled)
            values (:key, :capacity - 1, :now)
            on conflict (key) do update set
                tokens = greatest(-1, least(
                    :capacity,
                    b.tokens + :rate * greatest(0, extract(epoch from (:now - b.refilled)))
                ) - 1),
                refilled = greatest(b.refilled, :now)
            returning tokens
            """
        ),
        {"key": key, "capacity": capacity, "rate": per_second, "now": now},
    ).scalar_one()
    if given >= 0:
        return 0.0
    # The refused try is not counted: give its token back, or a patient client would never get in.
    session.execute(text("update rate_bucket set tokens = tokens + 1 where key = :key"), {"key": key})
    return max(1.0, -float(given) / per_second)


#: The bucket that counts refusals without an event of their own.
_UNRECORDED = b"unrecorded refusals"


def count_unrecorded(session: Session, now: datetime) -> None:
    """Count a refusal that gets no event of its own."""
    session.execute(
        text(
            "insert into rate_bucket as b (key, tokens, refilled) values (:key, 1, :now)"
            " on conflict (key) do update set tokens = b.tokens + 1, refilled = :now"
        ),
        {"key": _UNRECORDED, "now": now},
    )


def take_unrecorded(session: Session) -> int:
    """How many refusals were counted since this was asked last; the count begins anew."""
    taken = session.scalar(
        text("delete from rate_bucket where key = :key returning tokens"), {"key": _UNRECORDED}
    )
    return int(taken or 0)


def count_unknown(
    session: Session, key: bytes, *, now: datetime, most: int, rest: timedelta
) -> datetime | None:
    """Count a login under a name that is no account's, as the row of an account would: the end of its lock-out where
    it rests, else None. So that locking does not tell which names exist."""
    row = session.execute(
        text(
            """
            insert into rate_bucket as b (key, tokens, refilled) values (:key, 1, :now)
            on conflict (key) do update set
                tokens = case
                    when b.tokens < :most then b.tokens + 1
                    when b.refilled + :rest > :now then b.tokens
                    else 1
                end,
                refilled = case when b.tokens >= :most and b.refilled + :rest > :now then b.refilled else :now end
            returning tokens, refilled
            """
        ),
        {"key": key, "now": now, "most": most, "rest": rest},
    ).one()
    return row.refilled + rest if row.tokens >= most and row.refilled < now else None


def sweep_buckets(session: Session, before: datetime) -> None:
    """Delete buckets that nobody has used since `before`: they are full again."""
    session.execute(text("delete from rate_bucket where refilled < :before"), {"before": before})


def end_login_called(session: Session, user_id: int, handle: str) -> tuple[str, str | None] | None:
    """End the one login session of a user whose token's hash begins with `handle` (16 hexadecimal digits); its
    kind and label, None where there is none."""
    row = session.execute(
        delete(LoginSession)
        .where(
            LoginSession.user_id == user_id,
            func.left(func.encode(LoginSession.token_hash, "hex"), 16) == handle,
        )
        .returning(LoginSession.kind, LoginSession.label)
    ).first()
    return None if row is None else (row.kind, row.label)


def keep_sign_on(
    session: Session, state_hash: bytes, *, nonce: str, verifier: str, back: str, now: datetime
) -> None:
    """Keep what the answer of a single sign-on (统一身份认证) must fit, by the hash of its state."""
    session.add(OidcPending(state_hash=state_hash, nonce=nonce, verifier=verifier, back=back, created=now))
    session.flush()


def take_sign_on(session: Session, state_hash: bytes, since: datetime) -> tuple[str, str, str] | None:
    """(nonce, verifier, back) of a single sign-on that was begun after `since`; it is gone then, so that an answer
    counts once."""
    row = session.execute(
        delete(OidcPending)
        .where(OidcPending.state_hash == state_hash)
        .returning(OidcPending.nonce, OidcPending.verifier, OidcPending.back, OidcPending.created)
    ).first()
    return None if row is None or row.created < since else (row.nonce, row.verifier, row.back or "/")


def sweep_sign_ons(session: Session, before: datetime) -> None:
    """Delete single sign-ons that were begun and never came back."""
    session.execute(delete(OidcPending).where(OidcPending.created < before))
