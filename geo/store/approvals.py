"""Applications (地名申请) in the database: making, saving, locking and moving cases, their clocks and their numbers.

A case's state and version move only together with an ApplicationStep; the database checks that, too.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo.approvals.clocks import Clock, limits
from geo.machine import Transition
from geo.problems import NotFound
from geo.store.tables import (
    ApplicationClock,
    ApplicationOpinion,
    ApplicationStep,
    CaseDocument,
    NamePlan,
    NumberSeries,
    PlaceNameApplication,
)
from geo.text import Text

NUMBER = re.compile(r"[0-9]{6}-[0-9]{4}-[0-9]{5,}")


class NoSuchApplication(NotFound):
    """No application has this number, or it is not this person's to see."""

    code = "no-such-application"
    title = Text("没有编号为 {key} 的申请", "There is no application {key}")


class NoSuchPlan(NotFound):
    """No plan of names has this id, or it is not this person's to see."""

    code = "no-such-plan"
    title = Text("没有编号为 {key} 的地名方案", "There is no naming plan {key}")


def next_serial(session: Session, district: str, kind: str, year: int) -> int:
    """The next number of a kind and year, without gaps: others wait for it until this transaction ends."""
    statement = insert(NumberSeries).values(district=district, kind=kind, year=year, last=1)
    taken: int | None = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["district", "kind", "year"], set_={"last": NumberSeries.last + 1}
        ).returning(NumberSeries.last)
    )
    assert taken is not None
    return taken


def application_number(session: Session, district: str, year: int) -> str:
    """受理编号: 500112-2026-00012."""
    return f"{district}-{year}-{next_serial(session, district, 'application', year):05d}"


def which(key: str | uuid.UUID) -> Any:
    """The condition that finds an application by its number or, while a draft, by its ref. Raises NoSuchApplication."""
    if isinstance(key, uuid.UUID):
        return PlaceNameApplication.ref == key
    if NUMBER.fullmatch(key):
        return PlaceNameApplication.number == key
    try:
        return PlaceNameApplication.ref == uuid.UUID(key)
    except ValueError:
        raise NoSuchApplication(key=key[:60]) from None


def in_state(session: Session, district: str, state: str) -> list[int]:
    """Ids of the cases of a district in a state, the oldest first (place_name_application_state_ix)."""
    question = select(PlaceNameApplication.id).where(
        PlaceNameApplication.district == district, PlaceNameApplication.state == state
    )
    return list(session.scalars(question.order_by(PlaceNameApplication.id)))


def locked_by_id(session: Session, case_id: int) -> PlaceNameApplication | None:
    """A case, locked until the transaction ends."""
    question = select(PlaceNameApplication).where(PlaceNameApplication.id == case_id).with_for_update()
    return session.scalars(question.execution_options(populate_existing=True)).first()


def locked(session: Session, key: str | uuid.UUID) -> PlaceNameApplication:
    """A case, locked until the transaction ends. Raises NoSuchApplication."""
    row = session.scalars(
        select(PlaceNameApplication)
        .where(which(key))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NoSuchApplication(key=str(key)[:60])
    return row


#: Two approvals follow each other, so that each sees the names that the one before has entered.
REGISTER_LOCK = 7_308_117


def lock_register(session: Session) -> None:
    """Hold the register against other approvals until the transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": REGISTER_LOCK})


def locked_plan(session: Session, ref: uuid.UUID) -> NamePlan:
    """A plan, locked until the transaction ends. Raises NoSuchPlan."""
    row = session.scalars(
        select(NamePlan)
        .where(NamePlan.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NoSuchPlan(key=str(ref))
    return row


def cases_of_plan(session: Session, plan_id: int) -> Sequence[PlaceNameApplication]:
    """The cases of a plan in the order of their making, locked: two bulk decisions lock them alike."""
    return session.scalars(
        select(PlaceNameApplication)
        .where(PlaceNameApplication.plan_id == plan_id)
        .order_by(PlaceNameApplication.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def add(session: Session, row: PlaceNameApplication, *, actor_id: int, reason: str) -> PlaceNameApplication:
    """A new draft with its first step."""
    session.add(row)
    session.flush()
    session.add(
        ApplicationStep(
            application_id=row.id, version=1, transition="create", from_state=None, to_state=row.state,
            actor_id=actor_id, role="applicant", reason=reason, demo=row.demo,
        )
    )  # fmt: skip
    session.flush()
    return row


def take(
    session: Session,
    row: PlaceNameApplication,
    step: Transition,
    *,
    actor_id: int | None,
    role: str | None,
    reason: str,
    details: Mapping[str, Any] | None = None,
) -> ApplicationStep:
    """Take a step of a locked case: state, version and step together."""
    start = row.state
    row.state, row.version = step.to, row.version + 1
    session.flush()
    taken = ApplicationStep(
        application_id=row.id, version=row.version, transition=step.name, from_state=start, to_state=step.to,
        actor_id=actor_id, role=role, reason=reason, details=dict(details or {}), demo=row.demo,
    )  # fmt: skip
    session.add(taken)
    session.flush()
    return taken


# Clocks ---------------------------------------------------------------------------------------------------------


def clock_of(row: ApplicationClock) -> Clock:
    """The clock that a row keeps."""
    return Clock.restored(
        row.limit_id, unit=row.unit, days=row.days, starts=row.starts, pauses=row.pauses,
        extended=row.extended, extension_reason=row.extension_reason, stopped=row.stopped,
    )  # fmt: skip


def clocks_of(session: Session, application_id: int) -> list[ApplicationClock]:
    """All clocks of a case, the oldest first."""
    return list(
        session.scalars(
            select(ApplicationClock)
            .where(ApplicationClock.application_id == application_id)
            .order_by(ApplicationClock.id)
        )
    )


def move_clocks(
    session: Session,
    row: PlaceNameApplication,
    step: Transition,
    on: date,
    *,
    since: Mapping[str, date] | None = None,
    without: Iterable[str] = (),
    instead: Mapping[str, str] | None = None,
) -> None:
    """Start, pause, resume and stop the clocks that a step names, and keep the case's next due date.

    on: the day of the step. since: the day that a limit runs from where it is not `on` (another body's approval).
    without: limits that this case does not have. instead: limits that begin in the place of another: from its first day,
    with its pauses.
    """
    held = clocks_of(session, row.id)
    running = {c.limit_id: c for c in held if c.stopped is None}

    def change(limit_id: str, act: str) -> None:
        kept = running.get(limit_id)
        if kept is None:
            return
        clock = clock_of(kept)
        # A clock that begins later than today (a corrected machine clock) is not turned back.
        day = max(on, clock.stands_at)
        if (act == "pause" and clock.paused) or (act == "go_on" and not clock.paused):
            return
        clock = getattr(clock, act)(day)
        kept.pauses, kept.stopped, kept.due = clock.pauses_as_json(), clock.stopped, clock.due()

    before = {c.limit_id: clock_of(c) for c in running.values()}
    for limit_id in step.stops:
        change(limit_id, "stop")
    for limit_id in step.pauses:
        change(limit_id, "pause")
    for limit_id in step.resumes:
        change(limit_id, "go_on")
    for limit_id in step.starts:
        if limit_id in set(without):
            continue
        if limit_id in running and running[limit_id].stopped is None:
            change(limit_id, "stop")
        clock = Clock(limits()[limit_id], (since or {}).get(limit_id, on))
        if (other := before.get((instead or {}).get(limit_id, ""))) is not None:
            clock = Clock(limits()[limit_id], other.starts, pauses=other.pauses)
        begun = ApplicationClock(
            application_id=row.id, limit_id=limit_id, unit=clock.limit.unit.value, days=clock.total,
            round=1 + sum(c.limit_id == limit_id for c in held), starts=clock.starts, pauses=clock.pauses_as_json(),
            due=clock.due(), demo=row.demo,
        )  # fmt: skip
        session.add(begun)
        held.append(begun)
    session.flush()
    keep_due(row, held)
    session.flush()


def keep_due(row: PlaceNameApplication, clocks: Iterable[ApplicationClock]) -> None:
    """The earliest due date among the running clocks of a case."""
    row.due = min((c.due for c in clocks if c.stopped is None and c.due is not None), default=None)


def extend_clock(
    session: Session, row: PlaceNameApplication, limit_id: str, on: date, reason: str
) -> ApplicationClock:
    """Extend the running clock of a limit. Raises NotExtendable, ExtensionNeedsReason, ClockStands, NoSuchApplication."""
    held = clocks_of(session, row.id)
    kept = next((c for c in held if c.limit_id == limit_id and c.stopped is None), None)
    if kept is None:
        raise NoSuchApplication(key=f"{row.number} {limit_id}")
    clock = clock_of(kept).extend(on, reason)
    kept.extended, kept.extension_reason, kept.due = clock.extended, clock.extension_reason, clock.due()
    keep_due(row, held)
    session.flush()
    return kept


# Opinions and documents -------------------------------------------------------------------------------------------


def note_opinion(session: Session, row: PlaceNameApplication, **values: Any) -> ApplicationOpinion:
    """Write an opinion, a report or an overruled finding down."""
    opinion = ApplicationOpinion(application_id=row.id, demo=row.demo, **values)
    session.add(opinion)
    session.flush()
    return opinion


def add_document(
    session: Session,
    *,
    district: str,
    kind: str,
    prefix: str,
    dated: date,
    facts: Mapping[str, Any],
    made_by: int | None,
    application_id: int | None = None,
    plan_id: int | None = None,
    announcement_id: int | None = None,
    number: str | None = None,
    demo: bool = False,
) -> CaseDocument:
    """A document to be made, numbered by year (文号) unless `number` is given. Its files are null until the worker
    has made them."""
    series = "document" if number is None else f"{kind} document"
    serial = next_serial(session, district, series, dated.year)
    row = CaseDocument(
        district=district, kind=kind, year=dated.year, serial=serial,
        number=number if number is not None else f"{prefix}〔{dated.year}〕{serial}号",
        application_id=application_id, plan_id=plan_id, announcement_id=announcement_id, facts=dict(facts),
        dated=dated, made_by=made_by, demo=demo,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def document_to_make(session: Session, document_id: int) -> CaseDocument | None:
    """A document whose files are not made yet, locked; None where they are, or where another worker has it."""
    return session.scalars(
        select(CaseDocument)
        .where(
            CaseDocument.id == document_id,
            CaseDocument.pdf_sha256.is_(None) | CaseDocument.docx_sha256.is_(None),
        )
        .with_for_update(skip_locked=True)
    ).first()


def documents_waiting(session: Session, limit: int = 100) -> Sequence[int]:
    """Ids of documents whose files are not made and for which no job waits: their job was lost."""
    return session.scalars(
        text(
            "select d.id from case_document d where d.pdf_sha256 is null and not exists (select from procrastinate_jobs j"
            " where j.task_name = 'make_document' and j.status in ('todo', 'doing')"
            " and (j.args ->> 'document')::bigint = d.id) order by d.id limit :limit"
        ),
        {"limit": limit},
    ).all()


def had_a_hand(session: Session, application_id: int, actor_id: int, transitions: Iterable[str]) -> bool:
    """Whether a person has taken one of these steps of a case."""
    return bool(
        session.scalar(
            select(func.count()).where(
                ApplicationStep.application_id == application_id,
                ApplicationStep.actor_id == actor_id,
                ApplicationStep.transition.in_(list(transitions)),
            )
        )
    )
