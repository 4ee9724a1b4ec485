"""统一身份登录: an identity of the single sign-on logs in as the account that it is linked to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from api.acts.administer import note_login, note_refused_login
from api.acts.manage_users import facts
from api.security import sessions
from api.security.oidc import Begun, Identity, SignOnOver
from api.security.person import Person
from api.security.sessions import SIGN_ON, Opened
from api.security.settings import DoorSettings
from geo.problems import NotAllowed, Problem
from geo.store import audit, people
from geo.store.tables.people import RoleGrant, User
from geo.terms import UserRole
from geo.text import Text

#: How long a person may take at the provider.
PATIENCE = timedelta(minutes=10)


class NotLinked(NotAllowed):
    """The identity is linked to no account."""

    code = "identity-not-linked"
    title = Text(
        "身份已核实，但尚未关联本系统账号。请把主体标识 {subject} 告诉管理员，由其在“用户”页面关联",
        "You are known to the single sign-on, but linked to no account here. Give your subject {subject} to an "
        "administrator, who links it on the page of users",
    )


class AccountClosed(NotAllowed):
    """The account that the identity is linked to is closed."""

    code = "account-closed"
    title = Text("账号已停用，请联系管理员", "The account is closed: ask an administrator")


def begin(session: Session, begun: Begun, way_back: str) -> None:
    """开始: keep what the answer has to fit."""
    people.keep_sign_on(
        session, sessions.digest(begun.state), nonce=begun.nonce, verifier=begun.verifier, back=way_back,
        now=sessions.now(),
    )  # fmt: skip


def take_up(session: Session, state: str) -> tuple[str, str, str]:
    """(nonce, verifier, way back) of the login that an answer's state names; good once. Raises SignOnOver."""
    found = people.take_sign_on(session, sessions.digest(state), sessions.now() - PATIENCE)
    if found is None:
        raise SignOnOver()
    return found


def log_in(
    session: Session,
    identity: Identity,
    *,
    roles: set[UserRole] | None,
    settings: DoorSettings,
    district: str,
    replaces: str | None,
    address: str | None,
    device: str | None,
) -> tuple[Opened, Person] | Problem:
    """登录. roles: what the provider's claims stand for, None where it has no say. A refusal is returned, not raised,
    since it is noted."""
    user = people.user_by_identity(session, identity.issuer, identity.subject)
    if user is None or not user.active:
        why = "identity-not-linked" if user is None else "account-closed"
        note_refused_login(session, user, address, why)
        return NotLinked(subject=identity.subject) if user is None else AccountClosed()
    if roles is not None:
        _grant(session, user, roles, district)
    opened = sessions.open_session(
        session, user, kind="cookie", settings=settings, replaces=replaces,
        label=f"{SIGN_ON} · {device}" if device else SIGN_ON,
    )  # fmt: skip
    person = sessions.person_of(user, district, address=address)
    note_login(session, person, opened, kind="cookie", scopes=None, by="single sign-on")
    return opened, person


def _grant(session: Session, user: User, roles: set[UserRole], district: str) -> None:
    """Let the claims decide on the roles in this district, but for administrator: that one a person grants."""
    administrator = UserRole.ADMINISTRATOR
    held = {UserRole(g.role) for g in user.roles if g.district == district}
    wanted = (roles - {administrator}) | (held & {administrator})
    if wanted == held:
        return
    before = facts(user)
    user.roles = [g for g in user.roles if g.district != district or UserRole(g.role) in wanted] + [
        RoleGrant(role=role.value, district=district) for role in sorted(wanted - held)
    ]
    user.version += 1
    session.flush()
    audit.append(
        session, actor=None, act="change", subject_kind="user", subject=user.login,
        reason="统一身份认证的角色映射", before=before, after=facts(user),
    )  # fmt: skip
