"""Claims (机构身份申请) of people who registered themselves, and what is moved when one is confirmed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from geo.store.tables import Organisation, OrganisationClaim, PlaceNameApplication, User
from geo.terms import ApplicationState


def registered_again(session: Session, *, name: str, phone: str, since: datetime) -> list[User]:
    """Accounts that somebody of this name and phone made for himself since then; nobody else of this phone
    registers until the transaction ends, so that a form sent twice is seen."""
    session.execute(text("select pg_advisory_xact_lock(hashtext(:key))"), {"key": f"yudi.register {phone}"})
    question = (
        select(User)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(User.phone == phone, User.name == name, User.created >= since, Organisation.kind == "citizen")
        .options(contains_eager(User.organisation), selectinload(User.roles))
        .order_by(User.id)
    )
    return list(session.scalars(question))


def add(session: Session, claim: OrganisationClaim) -> OrganisationClaim:
    """Keep a claim."""
    session.add(claim)
    session.flush()
    return claim


def latest_of(session: Session, user_id: int) -> OrganisationClaim | None:
    """The last claim of a user."""
    question = select(OrganisationClaim).where(OrganisationClaim.user_id == user_id)
    return session.scalars(question.order_by(OrganisationClaim.id.desc()).limit(1)).first()


def held(session: Session, claim_id: int) -> OrganisationClaim | None:
    """A claim with its user, both held until the transaction ends."""
    question = (
        select(OrganisationClaim)
        .where(OrganisationClaim.id == claim_id)
        .options(
            joinedload(OrganisationClaim.user, innerjoin=True).joinedload(User.organisation, innerjoin=True)
        )
        .with_for_update(of=OrganisationClaim)
    )
    return session.scalars(question).first()


def of_district(
    session: Session, districts: frozenset[str], *, waiting: bool, limit: int, after: int = 0
) -> list[OrganisationClaim]:
    """Claims in some districts, with their users: those that wait, the oldest first, or those decided, the newest
    first. after: behind which claim to begin, 0 for the first page."""
    order = OrganisationClaim.id if waiting else OrganisationClaim.id.desc()
    question = (
        select(OrganisationClaim)
        .where(
            OrganisationClaim.district.in_(sorted(districts)),
            OrganisationClaim.state == "waiting" if waiting else OrganisationClaim.state != "waiting",
        )
        .options(
            joinedload(OrganisationClaim.user, innerjoin=True).joinedload(User.organisation, innerjoin=True)
        )
        .order_by(order)
        .limit(limit)
    )
    if after:
        question = question.where(OrganisationClaim.id > after if waiting else OrganisationClaim.id < after)
    return list(session.scalars(question))


def accounts_in(session: Session, names: list[str]) -> dict[str, tuple[str, int]]:
    """What is known already under these names of organisations: kind, and how many open accounts."""
    question = (
        select(Organisation.name, Organisation.kind, func.count(User.id))
        .outerjoin(User, (User.organisation_id == Organisation.id) & User.active)
        .where(Organisation.name.in_(names))
        .group_by(Organisation.id)
    )
    return {name: (kind, people) for name, kind, people in session.execute(question)}


def move_drafts(session: Session, user_id: int, organisation_id: int) -> int:
    """What a person has not handed in yet is from now on his organisation's; how many drafts."""
    moved = session.execute(
        update(PlaceNameApplication)
        .where(
            PlaceNameApplication.applicant_id == user_id,
            PlaceNameApplication.state == ApplicationState.DRAFT.value,
        )
        .values(organisation_id=organisation_id)
        .returning(PlaceNameApplication.id)
    )
    return len(moved.all())
