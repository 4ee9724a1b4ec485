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

from geo import days
from geo.approvals import holidays
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

#: A page of cases first, then what stands beside them: a name is looked up once for all rows that show it.
PAGE = """
    with page as materialized ({page}),
    units as (
        select distinct on (n.code) n.code, n.name from admin_unit n
        where n.code in (select distinct left(unit_code, 9) from page) and upper_inf(n.recorded)
        order by n.code, n.valid desc
    ), subjects as (
        select distinct on (s.number) s.number, s.name from place_name s
        where s.number in (select distinct subject_number from page) and upper_inf(s.recorded)
        order by s.number, s.valid desc
    )
    select a.*, u.name as applicant, o.name as organisation, f.name as officer, w.name as unit_name, s.name as subject_name,
        p.ref as plan_ref, p.title as plan_title,
        case when a.state = 'supplement' then (select t.details ->> 'until' from application_step t
            where t.application_id = a.id and t.transition in ('ask_supplement', 'ask_more')
            order by t.version desc limit 1)::date end as until,
        /*undated*/ false as undated
    from page a
    join app_user u on u.id = a.applicant_id
    join organisation o on o.id = a.organisation_id
    left join app_user f on f.id = a.officer_id
    left join name_plan p on p.id = a.plan_id
    left join units w on w.code = left(a.unit_code, 9)
    left join subjects s on s.number = a.subject_number
    order by {order}"""
#: Asked for only where the holiday table ends soon (application_clock_application_ix). A clock that pauses has no due date
#: for another reason.
UNDATED = """exists (select from application_clock c
            where c.application_id = a.id and c.stopped is null and c.due is null
              and (c.pauses = '[]'::jsonb or c.pauses -> -1 ->> 'until' is not null))"""
COLUMNS = """
    a.id, a.ref, a.number, a.action, a.category, a.state, a.version, a.name, a.romanization, a.unit_code, a.route,
    a.due, a.submitted_at, a.saved, a.created, a.plan_id, a.subject_number, a.result_number, a.officer_id, a.demo,
    a.findings ->> 'verdict' as verdict, a.applicant_id, a.organisation_id"""
_OPEN = ", ".join(f"'{s.value}'" for s in OPEN)

#: place_name_application_queue_ix gives the order; a page reads as many rows as it shows, filters aside. The states and
#: the number of rows stand in the statement (both are ours): with them unknown, the planner thinks anew for every page,
#: which takes five times as long as the answer.
QUEUE = PAGE.format(
    page=f"""
    select {COLUMNS} from place_name_application a
    where a.district = :district and a.state in (/*states*/) /*filters*/
    order by a.due, a.id limit /*limit*/""",
    order="a.due, a.id",
)

#: One state's cases, the newest first: place_name_application_state_ix.
ENDED = PAGE.format(
    page=f"""
    select {COLUMNS} from place_name_application a
    where a.district = :district and a.state in (/*states*/) /*filters*/
    order by a.id desc limit /*limit*/""",
    order="a.id desc",
)

#: Nobody reads further than this: a larger count says that there are at least so many.
MOST = 200
# Each state by its name: the planner knows which are rare, and which end at the limit at once.
_EACH = " union all ".join(
    f"select '{s.value}' as state, 'cases' as what, (select count(*) from (select from place_name_application a"
    f" where a.district = :district and a.state = '{s.value}' limit {MOST}) held) as n"
    for s in OPEN
)
#: place_name_application_state_ix for how many, place_name_application_queue_ix for how many are due.
COUNTS = f"""
    {_EACH}
    union all
    select late.state, 'overdue', count(*) from (
        select a.state from place_name_application a
        where a.district = :district and a.state in ({_OPEN}) and a.due < :on order by a.due limit {MOST}
    ) late group by late.state
    union all
    select soon.state, 'soon', count(*) from (
        select a.state from place_name_application a
        where a.district = :district and a.state in ({_OPEN}) and a.due between :on and :soon order by a.due limit {MOST}
    ) soon group by soon.state"""

#: place_name_application_applicant_ix
MINE = PAGE.format(
    page=f"""
    select {COLUMNS} from place_name_application a
    where (a.applicant_id = :person or a.organisation_id = :organisation and a.applicant_kind is distinct from 'citizen')
      and a.id < :before
    order by a.id desc limit :limit""",
    order="a.id desc",
)
#: place_name_application_plan_ix
OF_PLAN = PAGE.format(
    page=f"select {COLUMNS} from place_name_application a where a.plan_id = :plan order by a.id", order="a.id"
)


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
    """办件列表的一行. due: of the officers' soonest limit; until: what the applicant has for his supplement (补正期限).
    undated: whether the due date of a limit is open, because the holiday table ends before it."""

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
    plan_ref: uuid.UUID | None
    plan_title: str | None
    until: date | None
    undated: bool

    @property
    def key(self) -> str:
        return self.number or str(self.ref)


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases are in a state, how many overdue, how many due within the days asked; each up to MOST."""

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
    values["district"] = district
    if ended:
        if after is not None:
            parts.append("and a.id < :after_id")
            values["after_id"] = after[1]
        return _rows(session, of_states(ENDED, ended[:1], limit), parts, values)
    if after is None:
        return _rows(session, of_states(QUEUE, states, limit), parts, values)
    values["after_id"] = after[1]
    found: list[QueueRow] = []
    if after[0] is not None:
        # Compared as a pair, so that the index begins there; what has no due date comes behind all that has.
        dated = [*parts, "and (a.due, a.id) > (:after_due, :after_id)"]
        found = _rows(session, of_states(QUEUE, states, limit), dated, values | {"after_due": after[0]})
        values["after_id"] = 0
    if len(found) < limit:
        bare = [*parts, "and a.due is null and a.id > :after_id"]
        found += _rows(session, of_states(QUEUE, states, limit - len(found)), bare, values)
    return found


def of_states(statement: str, states: Collection[str], limit: int) -> str:
    """A list's statement for some states, no other than there are, and so many rows."""
    named = ", ".join(f"'{S(state).value}'" for state in states) or "null"
    return statement.replace("/*states*/", named).replace("/*limit*/", str(int(limit)))


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
    if holidays.may_lack(days.today()):
        statement = statement.replace("/*undated*/ false", UNDATED)
    found = session.execute(text(statement.replace("/*filters*/", " ".join(parts))), dict(values))
    return [_row(row) for row in found]


def _row(row: Any) -> QueueRow:
    values = dict(row._mapping)
    del values["applicant_id"], values["organisation_id"]
    return QueueRow(**values)


def counts(session: Session, district: str, on: date, soon: date) -> dict[str, Count]:
    """Open cases by state: all, overdue on a day, and due from then to `soon`."""
    rows = session.execute(text(COUNTS), {"district": district, "on": on, "soon": soon})
    by: dict[str, dict[str, int]] = {}
    for row in rows:
        by.setdefault(row.state, {})[row.what] = row.n
    return {
        state: Count(n["cases"], n.get("overdue", 0), n.get("soon", 0))
        for state, n in by.items()
        if n["cases"]
    }


def own(
    session: Session, person_id: int, organisation_id: int, *, limit: int = 50, before: int | None = None
) -> list[QueueRow]:
    """An applicant's cases and those of his organisation, drafts too, the newest first; a citizen's are his alone."""
    values = {"person": person_id, "organisation": organisation_id, "limit": limit, "before": before or 2**62}
    return [_row(row) for row in session.execute(text(MINE), values)]


def of_plan(session: Session, plan_id: int) -> list[QueueRow]:
    """All cases of a plan, in the order of their making."""
    return _rows(session, OF_PLAN, (), {"plan": plan_id})


def plan(session: Session, ref: uuid.UUID) -> NamePlan | None:
    """A plan by its ref."""
    return session.scalars(select(NamePlan).where(NamePlan.ref == ref)).first()


#: place_name_application_queue_ix
NEXT = text(f"""
    select a.number from place_name_application a
    where a.district = :district and a.state = any(:states) and a.state in ({_OPEN}) and a.id <> :but
    order by a.due, a.id limit 1""")


def next_in_queue(session: Session, district: str, states: Collection[str], but: int) -> str | None:
    """The number of the next case to work on in these states: the soonest due that is not `but`."""
    number: str | None = session.scalar(NEXT, {"district": district, "states": list(states), "but": but})
    return number


#: place_name_application_number_key
PHONE_OF = "select contact_phone from place_name_application where number = :number"
STATUS = """
    select a.number, a.action, a.category, coalesce(nullif(a.name, ''), (select n.name from place_name n
            where n.number = a.subject_number and upper_inf(n.recorded) order by n.valid desc limit 1), '') as name,
        a.state, a.submitted_at, a.due, a.decision_number, a.demo,
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

    A wrong number and a wrong phone cost the same: one look-up by the number, one comparison in constant time. Only
    where both are right is the case read.
    """
    held = phone_digits(session.scalar(text(PHONE_OF), {"number": number})).encode()
    given = phone_digits(phone).encode()
    same = hmac.compare_digest(held[:32].rjust(32, b"-"), given[:32].rjust(32, b"-"))
    if not same or not held:
        return None
    row = session.execute(text(STATUS), {"number": number}).one()
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


#: place_name_application_state_ix: what waits to be accepted is never much.
SUGGESTIONS = """
    select a.number, a.version, a.action, a.category, a.name, a.romanization, a.unit_code, a.submitted_at, a.demo,
        a.form ->> 'reasons' as reasons, a.form ->> 'position' as position, a.findings ->> 'verdict' as verdict,
        st_asgeojson(a.geometry, 7)::jsonb as geometry
    from place_name_application a
    where a.district = :district and a.state = 'submitted' and a.route is null and a.applicant_kind = 'citizen'
      and starts_with(a.unit_code, :unit)
    order by a.id limit :limit"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """公民建议 as a township sees it: the proposal, and nobody's name or phone. geometry: GeoJSON, EPSG:4490."""

    number: str
    version: int
    action: str
    category: str
    name: str
    romanization: str | None
    unit_code: str
    submitted_at: datetime
    demo: bool
    reasons: str | None
    position: str | None
    verdict: str | None
    geometry: Mapping[str, Any] | None


def suggestions(session: Session, district: str, unit: str, *, limit: int = 100) -> list[Suggestion]:
    """Suggestions of citizens that wait to be taken up in a unit, the oldest first."""
    rows = session.execute(text(SUGGESTIONS), {"district": district, "unit": unit, "limit": limit})
    return [Suggestion(**row._mapping) for row in rows]
