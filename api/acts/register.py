"""自行注册: people make an account to apply with; whom they apply for counts once an administrator has confirmed it.

Until then the account is a citizen's: what it hands in is a suggestion that a township may take up. A login name
always gets digits of its own, so that the answer is the same whether the name that was asked for is in use or not.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from api.acts import manage_users
from api.acts.administer import LOGIN, BadLogin
from api.acts.stale import require_reason
from api.acts.step_details import BadDetail, words
from api.security import passwords, sessions
from api.security.person import Person
from geo.approvals import applicants
from geo.approvals.applicants import ApplicantKind
from geo.problems import BadInput, Conflict, NotAllowed, NotFound
from geo.store import audit, claims, people
from geo.store.tables import OrganisationClaim, User
from geo.terms import UserRole
from geo.text import Text

#: Kinds of applicant that an organisation has to be behind -> the kind that its organisation is kept as.
CLAIMED = {
    ApplicantKind.TOWNSHIP: "township",
    ApplicantKind.COMMITTEE: "committee",
    ApplicantKind.BUILDER: "builder",
    ApplicantKind.DEPARTMENT: "department",
    ApplicantKind.GOVERNMENT: "department",
}
#: Of the login name that is asked for: digits follow.
LONGEST_LOGIN = 40
#: A form that is sent again within this time makes no second account.
AGAIN = timedelta(minutes=10)
PHONE = re.compile(r"\+?[0-9]{7,15}")
UNIT = re.compile(r"[0-9]{6}([0-9]{3}([0-9]{3})?)?")


class RegistrationOff(NotAllowed):
    """Accounts are made by administrators alone."""

    code = "registration-off"
    title = Text(
        "本系统不开放自行注册，请联系地名主管部门开通账号",
        "Nobody registers himself here: ask the place-name authority for an account",
    )


class BadPhone(BadInput):
    """No phone number."""

    code = "bad-phone"
    title = Text("请填写能联系到您的电话号码（7 至 15 位数字）", "Give a phone number of 7 to 15 digits")


class ClaimWaiting(Conflict):
    """One claim at a time."""

    code = "claim-waiting"
    title = Text(
        "您的机构身份正在核实，请等待结果", "Your organisation is being confirmed: wait for the answer"
    )


class HasOrganisation(Conflict):
    """The account belongs to an organisation already."""

    code = "has-organisation"
    title = Text(
        "此账号已属于一个机构；需要变更请联系管理员",
        "This account belongs to an organisation: ask an administrator for a change",
    )


class NoSuchClaim(NotFound):
    """No claim of this number that the actor may know of."""

    code = "no-such-claim"
    title = Text("没有这件机构身份申请", "No such claim of an organisation")


class ClaimDecided(Conflict):
    """Somebody else was quicker."""

    code = "claim-decided"
    title = Text("这件申请已经办理，请刷新", "This claim has been decided already; reload")


class OtherKind(Conflict):
    """The organisation is known as something else."""

    code = "organisation-of-other-kind"
    title = Text(
        "机构“{organisation}”已按其他类型登记，请核对名称或类型",
        "“{organisation}” is kept as an organisation of another kind: check its name or kind",
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """机构身份: kind of applicant, the organisation's full name, the unit that it is of, and what proves it."""

    kind: ApplicantKind
    organisation: str
    unit_code: str | None = None
    says: str = ""


def register(
    session: Session,
    *,
    login: str,
    name: str,
    phone: str,
    password: str,
    claim: Claim | None,
    district: str,
    address: str | None,
) -> User:
    """注册: an account with the applicant's role. claim: whom the person applies for, None for a citizen.

    Sent twice, the form makes one account. Raises BadLogin, BadDetail, BadPhone, WeakPassword.
    """
    if not LOGIN.fullmatch(login) or len(login) > LONGEST_LOGIN:
        raise BadLogin(login=login[:64])
    who, number = _filled("name", name), _phone(phone)
    claimed = None if claim is None else _sound(claim)
    passwords.judge(password, login=login, name=who)
    moment = sessions.now()
    for known in claims.registered_again(session, name=who, phone=number, since=moment - AGAIN):
        if known.login.rpartition("-")[0] == login and passwords.fits(known.password_hash, password):
            return known
    given = _free(session, login)
    user = people.add_user(
        session,
        login=given,
        name=who,
        organisation=people.organisation(
            session, f"{who}（个人，{given}）", kind="citizen", unit_code=None, demo=False
        ),
        password_hash=passwords.hash_of(password),
        roles=(UserRole.APPLICANT,),
        district=district,
        demo=False,
    )
    user.phone = number
    user.password_changed = moment
    person = sessions.person_of(user, district, address=address)
    if claimed is not None:
        _add(session, user, claimed, district)
    audit.append(
        session, actor=person, act="register", subject_kind="user", subject=given, reason="自行注册",
        after={"roles": [UserRole.APPLICANT.value], **_told(claimed)},
    )  # fmt: skip
    return user


def claim(session: Session, actor: Person, made: Claim) -> OrganisationClaim:
    """申请机构身份: afterwards, or again after a refusal. Raises HasOrganisation, ClaimWaiting, BadDetail."""
    if not actor.holds(UserRole.APPLICANT):
        raise NotAllowed()
    claimed = _sound(made)
    user = people.user_by_id(session, actor.id, lock=True)
    if user is None or user.organisation.kind != "citizen":
        raise HasOrganisation()
    before = claims.latest_of(session, user.id)
    if before is not None and before.state == "waiting":
        raise ClaimWaiting()
    row = _add(session, user, claimed, actor.district)
    audit.append(
        session, actor=actor, act="claim-organisation", subject_kind="user", subject=actor.login,
        reason=claimed.says or "申请机构身份", after=_told(claimed),
    )  # fmt: skip
    return row


def listed(
    session: Session, actor: Person, *, waiting: bool, limit: int = 200, after: int = 0
) -> list[OrganisationClaim]:
    """The claims that an administrator decides on, or those decided. after: the one that the page before ended with."""
    return claims.of_district(
        session, manage_users.districts_of(session, actor), waiting=waiting, limit=limit, after=after
    )


def decide(
    session: Session,
    actor: Person,
    claim_id: int,
    *,
    confirm: bool,
    reason: str,
    organisation: str | None = None,
    unit_code: str | None = None,
) -> OrganisationClaim:
    """核实机构身份: confirmed, the person belongs to the organisation from his next request on, and his drafts with him;
    refused, he stays a citizen and may claim again. organisation, unit_code: as the administrator has them, where
    that differs. Nobody confirms himself. Raises NoSuchClaim, ClaimDecided, OwnRights, OtherKind, NoReason."""
    mine = manage_users.districts_of(session, actor)
    why = require_reason(reason)[:2000]
    row = claims.held(session, claim_id)
    if row is None or row.district not in mine:
        raise NoSuchClaim()
    if row.state != "waiting":
        raise ClaimDecided()
    if row.user_id == actor.id:
        raise manage_users.OwnRights()
    user = manage_users.account(session, actor, row.user_id, lock=True)
    before = {"organisation": user.organisation.name}
    after = {"claim": row.id, "kind": row.kind, "organisation": row.organisation, "confirmed": confirm}
    if confirm:
        kind = ApplicantKind(row.kind)
        settled = _sound(Claim(kind, organisation or row.organisation, unit_code or row.unit_code))
        home = people.organisation(
            session, settled.organisation, kind=CLAIMED[kind], unit_code=settled.unit_code, demo=user.demo
        )
        if kind not in applicants.kinds_of(home.kind) or home.kind == "citizen":
            raise OtherKind(organisation=settled.organisation)
        user.organisation = home
        user.version += 1
        session.flush()
        after |= {"organisation": home.name, "drafts": claims.move_drafts(session, user.id, home.id)}
    row.state = "confirmed" if confirm else "refused"
    row.answer, row.decided_by, row.decided_at = why, actor.id, sessions.now()
    session.flush()
    audit.append(
        session, actor=actor, act="confirm-organisation" if confirm else "refuse-organisation", subject_kind="user",
        subject=user.login, reason=why, before=before, after=after,
    )  # fmt: skip
    return row


def _free(session: Session, login: str) -> str:
    """The login name with four digits behind it, drawn until nobody has it; six where four are used up."""
    for digits in (4,) * 20 + (6,) * 20 + (9,) * 20:
        given = f"{login}-{secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1)}"
        if people.user_by_login(session, given) is None:
            return given
    raise BadLogin(login=login)


def _add(session: Session, user: User, made: Claim, district: str) -> OrganisationClaim:
    return claims.add(
        session,
        OrganisationClaim(
            district=district, user_id=user.id, kind=made.kind.value, organisation=made.organisation,
            unit_code=made.unit_code, says=made.says,
        ),
    )  # fmt: skip


def _told(made: Claim | None) -> dict[str, str]:
    return {} if made is None else {"kind": made.kind.value, "claims": made.organisation}


def _sound(made: Claim) -> Claim:
    """A claim that can be kept. Raises BadDetail."""
    if made.kind not in CLAIMED:
        raise BadDetail(field="kind", why=Text("个人无须核实", "a citizen needs no confirmation"))
    unit = (made.unit_code or "").strip() or None
    if unit is not None and not UNIT.fullmatch(unit):
        raise BadDetail(field="unit", why=Text("应为 6、9 或 12 位代码", "it is a code of 6, 9 or 12 digits"))
    if unit is None and made.kind is ApplicantKind.TOWNSHIP:
        raise BadDetail(field="unit", why=Text("请选择是哪个乡镇（街道）", "say which township it is"))
    return Claim(made.kind, _filled("organisation", made.organisation), unit, words("says", made.says, 2000))


def _filled(field: str, given: str) -> str:
    said = " ".join(words(field, given, 100, lines=False).split())
    if not said:
        raise manage_users.BadName()
    return said


def _phone(given: str) -> str:
    number = re.sub(r"[\s()（）.-]", "", given)
    if not PHONE.fullmatch(number) or not number.isascii():
        raise BadPhone()
    return number
