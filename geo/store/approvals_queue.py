"""Lists of applications: the officers' queue, an applicant's own, plans, and the status that anybody may ask for."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.store.tables import NamePlan
from geo.terms import ApplicationState as S

#: States in which a case waits for somebody.
OPEN = (
    S.SUBMITTED,
    S.SUPPLEMENT,
    S.ACCEPTED,
    S.REVIEW,
    S.REVIEWED,
    S.CONSULTED,
    S.APPROVED,
    S.RECONSIDERATION,
)

COLUMNS = """
    a.id, a.ref, a.number, a.action, a.category, a.state, a.version, a.name, a.romanization, a.unit_code, a.route,
    a.due, a.submitted_at, a.saved, a.created, a.plan_id, a.subject_number, a.result_number, a.officer_id, a.demo,
    a.findings ->> 'verdict' as verdict, u.name as applicant, o.name as organisation, f.name as officer,
    (select n.name from admin_unit n where n.code = left(a.unit_code, 9) and upper_inf(n.recorded)
     order by n.valid desc limit 1) as unit_name,
    (select s.name from place_name s where s.number = a.subject_number and upper_inf(s.recorded)
     order by s.valid desc limit 1) as subject_name"""
FROM = """
    from place_name_application a
    join app_user u on u.id = a.applicant_id
    join organisation o on o.id = a.organisation_id
    left join app_user f on f.id = a.officer_id"""

#: place_name_application_queue_ix gives the order; a page reads as many rows as it shows, filters aside.
QUEUE = f"""
    select {COLUMNS} {FROM}
    where a.district = :district and a.state = any(:states) and a.state in ({", ".join(f"'{s.value}'" for s in OPEN)})
      /*filters*/
    order by a.due, a.id limit :limit"""

#: Ended cases: place_name_application_state_ix, the newest first.
ENDED = f"""
    select {COLUMNS} {FROM}
    where a.district = :district and a.state = :state /*filters*/
    order by a.id desc limit :limit"""

#: place_name_application_queue_ix alone: counts of the open cases.
COUNTS = f"""
    select a.state, count(*) as cases, count(*) filter (where a.due < :on) as overdue,
           count(*) filter (where a.due between :on and :soon) as soon
    from place_name_application a
    where a.district = :district and a.state in ({", ".join(f"'{s.value}'" for s in OPEN)})
    group by a.state"""

#: place_name_application_applicant_ix
MINE = f"""
    select {COLUMNS} {FROM}
    where (a.applicant_id = :person or a.organisation_id = :organisation) and a.id < :before
    order by a.id desc limit :limit"""


@dataclass(frozen=True, slots=True)
class Filters:
    """筛选. states: any of the open ones by default, or one ended state. overdue_on: only cases due before this day.
    officer_id: only his. text: part of a name, or a number. verdict: of the naming rules."""

    states: Collection[str] = tuple(s.value for s in OPEN)
    category: str | None = None
    action: str | None = None
    unit: str | None = None
    officer_id: int | None = None
    overdue_on: date | None = None
    verdict: str | None = None
    text: str | None = None
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """办件列表的一行."""

    id: int
    ref: uuid.UUID
    number: str | None
    action: str
    category: str
    state: str
    version: int
    name: str
    romanization: str | None
    unit_code: str | None
    route: str | None
    due: date | None
    submitted_at: datetime | None
    saved: datetime
    created: datetime
    plan_id: int | None
    subject_number: int | None
    result_number: int | None
    officer_id: int | None
    demo: bool
    verdict: str | None
    applicant: str
    organisation: str
    officer: str | None
    unit_name: str | None
    subject_name: str | None

    @property
    def key(self) -> str:
        return self.number or str(self.ref)


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases are in a state, how many overdue, how many due within the days asked."""

    cases: int
    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class Status:
    """What anybody who has the number and the phone is told of a case."""

    number: str
    action: str
    category: str
    name: str
    state: str
    submitted_at: datetime
    due: date | None
    asked: tuple[str, ...]
    until: str | None
    decision_number: str | None
    announcements: tuple[str, ...]
    demo: bool


def queue(
    session: Session,
    district: str,
    filters: Filters = Filters(),
    *,
    limit: int = 50,
    after: tuple[date | None, int] | None = None,
) -> list[QueueRow]:
    """The officers' queue: open cases, the soonest due first, those without a due date last; up to limit rows.

    after: due date and id of the last row of the page before. Drafts are nobody's business but their applicant's.
    One ended state is read newest first, `after` then giving the id alone.
    """
    states = [s for s in filters.states if s != S.DRAFT.value]
    ended = [s for s in states if s not in {o.value for o in OPEN}]
    parts, values = _conditions(filters)
    values |= {"district": district, "limit": limit}
    if ended:
        if after is not None:
            parts.append("and a.id < :after_id")
            values["after_id"] = after[1]
        return _rows(session, ENDED, parts, values | {"state": ended[0]})
    if after is not None:
        values["after_id"] = after[1]
        if after[0] is None:
            parts.append("and a.due is null and a.id > :after_id")
        else:
            parts.append(
                "and (a.due > :after_due or a.due = :after_due and a.id > :after_id or a.due is null)"
            )
            values["after_due"] = after[0]
    return _rows(session, QUEUE, parts, values | {"states": states})


def _conditions(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    parts, values = [], {}
    for column in ("category", "action", "officer_id", "plan_id"):
        if (wanted := getattr(filters, column)) is not None:
            parts.append(f"and a.{column} = :{column}")
            values[column] = wanted
    if filters.unit:
        parts.append("and starts_with(a.unit_code, :unit)")
        values["unit"] = filters.unit
    if filters.overdue_on:
        parts.append("and a.due < :overdue_on")
        values["overdue_on"] = filters.overdue_on
    if filters.verdict:
        parts.append("and a.findings ->> 'verdict' = :verdict")
        values["verdict"] = filters.verdict
    if filters.text:
        parts.append("and (strpos(a.name, :text) > 0 or a.number = :text)")
        values["text"] = filters.text
    return parts, values


def _rows(
    session: Session, statement: str, parts: Sequence[str], values: Mapping[str, Any]
) -> list[QueueRow]:
    found = session.execute(text(statement.replace("/*filters*/", " ".join(parts))), dict(values))
    return [QueueRow(**row._mapping) for row in found]


def counts(session: Session, district: str, on: date, soon: date) -> dict[str, Count]:
    """Open cases by state: all, overdue on a day, and due from then to `soon`."""
    rows = session.execute(text(COUNTS), {"district": district, "on": on, "soon": soon})
    return {r.state: Count(r.cases, r.overdue, r.soon) for r in rows}


def own(
    session: Session, person_id: int, organisation_id: int, *, limit: int = 50, before: int | None = None
) -> list[QueueRow]:
    """An applicant's cases and those of his organisation, drafts too, the newest first."""
    values = {"person": person_id, "organisation": organisation_id, "limit": limit, "before": before or 2**62}
    return [QueueRow(**row._mapping) for row in session.execute(text(MINE), values)]


def of_plan(session: Session, plan_id: int) -> list[QueueRow]:
    """All cases of a plan, in the order of their making."""
    statement = f"select {COLUMNS} {FROM} where a.plan_id = :plan order by a.id"
    return [QueueRow(**row._mapping) for row in session.execute(text(statement), {"plan": plan_id})]


def plan(session: Session, ref: uuid.UUID) -> NamePlan | None:
    """A plan by its ref."""
    return session.scalars(select(NamePlan).where(NamePlan.ref == ref)).first()


def next_in_queue(session: Session, district: str, states: Collection[str], but: int) -> str | None:
    """The number of the next case to work on in these states: the soonest due that is not `but`."""
    rows = queue(session, district, Filters(states=tuple(states)), limit=2)
    return next((row.number for row in rows if row.id != but), None)


STATUS = """
    select a.number, a.action, a.category, coalesce(nullif(a.name, ''), (select n.name from place_name n
            where n.number = a.subject_number and upper_inf(n.recorded) order by n.valid desc limit 1), '') as name,
        a.state, a.submitted_at, a.due, a.contact_phone, a.decision_number, a.demo,
        (select s.details from application_step s where s.application_id = a.id
            and s.transition in ('ask_supplement', 'ask_more') order by s.version desc limit 1) as asked,
        (select coalesce(array_agg(n.number order by n.id), '{}') from announcement_case j
            join announcement n on n.id = j.announcement_id where j.application_id = a.id) as announcements
    from place_name_application a where a.number = :number"""


def phone_digits(phone: str | None) -> str:
    """A phone number as it is compared: its digits, without the country's code."""
    digits = "".join(c for c in (phone or "") if c.isascii() and c.isdigit())
    return digits.removeprefix("86") if len(digits) == 13 and digits.startswith("861") else digits


def status(session: Session, number: str, phone: str) -> Status | None:
    """The status of a case for whoever has its number and the applicant's phone; None for a wrong one of either.

    The work is the same in all cases: one query by the number, one comparison in constant time.
    """
    row = session.execute(text(STATUS), {"number": number}).first()
    held = phone_digits(row.contact_phone if row is not None else None).encode()
    given = phone_digits(phone).encode()
    same = hmac.compare_digest(held.rjust(32, b"-"), given[:32].rjust(32, b"-"))
    if not same or row is None or not held:
        return None
    asked = row.asked or {}
    waiting = row.state == S.SUPPLEMENT.value
    return Status(
        number=row.number,
        action=row.action,
        category=row.category,
        name=row.name,
        state=row.state,
        submitted_at=row.submitted_at,
        due=row.due,
        asked=tuple(asked.get("items", ())) if waiting else (),
        until=asked.get("until") if waiting else None,
        decision_number=row.decision_number,
        announcements=tuple(row.announcements),
        demo=row.demo,
    )
