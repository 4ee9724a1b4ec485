"""办理: take one step of an application, alone or for the names of a plan together, with all that follows from it.

One transaction holds the state, the step, its clocks, its documents, what it writes into the register, and the audit
entry: all of it or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.acts import notify
from api.acts.case_facts import OFFICERS, facts_of, judged, of_side
from api.acts.stale import require_reason, require_version
from api.acts.step_details import tidy
from api.acts.step_effects import EFFECTS, Work, document, nothing
from api.security.person import Person
from geo import days, settings
from geo.approvals import life
from geo.problems import BadInput, Conflict
from geo.store import approvals, approvals_case, audit
from geo.store.approvals import NoSuchApplication
from geo.store.approvals_case import Case
from geo.store.tables import PlaceNameApplication
from geo.terms import ApplicationState as S
from geo.terms import UserRole as R
from geo.text import Text


class UnknownStep(BadInput):
    """No step has this name."""

    code = "unknown-step"
    title = Text("没有“{name}”这一步；可办理的步骤：{known}", "There is no step “{name}”; there are: {known}")


class OneByOne(BadInput):
    """A step that each case takes by itself."""

    code = "one-by-one"
    title = Text("“{step}”须逐件办理", "“{step}” is taken case by case")


class NothingChosen(BadInput):
    """A bulk step of no case."""

    code = "nothing-chosen"
    title = Text("请选择要办理的申请", "Choose the applications to handle")


class PlanStepFailed(Conflict):
    """One of the names of a plan does not allow the step, so none was taken."""

    code = "plan-step-failed"
    title = Text(
        "{number} 不能办理，方案内各件均未办理：{why}",
        "{number} does not allow it, so no case was changed: {why}",
    )


#: Steps of several cases of a plan at once.
BULK = frozenset(
    {
        "accept", "begin_review", "report", "return_to_review", "approve", "refuse", "answer", "deliver",
        "record_approval", "send_filing", "file", "announce", "withdraw", "submit",
    }
)  # fmt: skip


#: Steps before which the naming rules are asked anew.
CHECKED_ANEW = frozenset({"submit", "supply", "report", "approve", "overrule"})


def take_step(
    session: Session,
    actor: Person,
    key: str | uuid.UUID,
    transition: str,
    *,
    reason: str,
    version: int,
    details: Mapping[str, Any] | None = None,
) -> PlaceNameApplication:
    """Take a step of a case. version: of the case as the person saw it. details: what the form of the step holds.

    Raises NoSuchApplication, Stale, NoReason, UnknownStep, WrongState, StepNotYours, GuardUnmet, BadDetail,
    ReportIncomplete, SubjectGone, SubjectBusy.
    """
    words = require_reason(reason)
    row = approvals.locked(session, key)
    _known(transition, actor, row, key)
    require_version(version, row.version)
    given = tidy(session, details)
    if transition in life.ENTERING:
        approvals.lock_register(session)
    case = _asked(session, row, transition)
    note = _take(session, actor, row, case, transition, words, given, [case], {})
    audit.append(session, actor=actor, **note)
    return row


def take_steps(
    session: Session,
    actor: Person,
    plan: uuid.UUID,
    transition: str,
    *,
    reason: str,
    versions: Mapping[str, int],
    details: Mapping[str, Any] | None = None,
) -> list[PlaceNameApplication]:
    """Take a step of several cases of a plan: all of those that `versions` names, each with its own record, or none.

    Raises NoSuchPlan, OneByOne, NothingChosen, PlanStepFailed, besides what take_step raises.
    """
    words = require_reason(reason)
    held = approvals.locked_plan(session, plan)
    rows = [r for r in approvals.cases_of_plan(session, held.id) if _key(r) in versions]
    if transition in life.LIFE.by_name and transition not in BULK:
        raise OneByOne(step=life.LIFE.by_name[transition][0].says)
    if not rows or len(rows) != len(versions):
        raise NothingChosen()
    given = tidy(session, details)
    if transition in life.ENTERING:
        approvals.lock_register(session)
    shared: dict[str, Any] = {}
    cases: list[Case] = []
    for row in rows:
        _known(transition, actor, row, _key(row))
        require_version(versions[_key(row)], row.version)
        cases.append(_asked(session, row, transition))
    notes = []
    for row, case in zip(rows, cases, strict=True):
        if shared and transition in life.ENTERING:
            # The names entered a moment ago count against those that follow.
            case = _asked(session, row, transition)
        try:
            notes.append(_take(session, actor, row, case, transition, words, given, cases, shared))
        except Conflict as problem:
            raise PlanStepFailed(number=row.number or row.name, why=problem.text) from problem
    # All at the end: the chain is held from the first of them on, and nothing else may be waited for then.
    for note in notes:
        audit.append(session, actor=actor, **note)
    return rows


def _key(row: PlaceNameApplication) -> str:
    return row.number or str(row.ref)


def _known(transition: str, actor: Person, row: PlaceNameApplication, key: str | uuid.UUID) -> None:
    """The step exists, and the case is one that the person may know of."""
    own = of_side(actor, row.applicant_id, row.organisation_id, row.applicant_kind)
    officer = actor.holds(*OFFICERS) and row.state != S.DRAFT.value
    taking_up = transition == "take_up" and actor.holds(R.APPLICANT)
    if row.district != actor.district or not (own or officer or taking_up):
        raise NoSuchApplication(key=str(key)[:60])
    if transition not in life.LIFE.by_name:
        raise UnknownStep(name=transition[:40], known="、".join(life.LIFE.by_name))


def _asked(session: Session, row: PlaceNameApplication, transition: str) -> Case:
    """The case, with the naming rules asked anew where the step rests on their answer."""
    session.flush()
    case = approvals_case.case_by_id(session, row.id)
    if transition in CHECKED_ANEW:
        row.findings = judged(session, case, settings.as_of())
        row.checked_at = datetime.now(UTC)
        case = replace(case, row={**case.row, "findings": row.findings})
    return case


def _take(
    session: Session,
    actor: Person,
    row: PlaceNameApplication,
    case: Case,
    transition: str,
    reason: str,
    given: dict[str, Any],
    together: Sequence[Case],
    shared: dict[str, Any],
) -> dict[str, Any]:
    """Take the step; returns what the audit trail says of it."""
    on = days.today()
    step = life.LIFE.step(row.state, transition, actor.roles, facts_of(case, actor, given=given, on=on))
    before = {"state": row.state, "version": row.version}
    work = Work(session, actor, row, case, step, dict(given), reason, on, together, shared)
    EFFECTS.get(step.name, nothing)(work)
    if actor.holds(*OFFICERS):
        row.officer_id = actor.id
    role = next(role.value for role in R if role in step.by & actor.roles)
    approvals.take(session, row, step, actor_id=actor.id, role=role, reason=reason, details=work.details)
    approvals.move_clocks(
        session, row, step, on, since=work.since, without=work.without, instead=work.instead
    )
    if row.state in (S.WITHDRAWN.value, S.LAPSED.value):
        row.due = None
    for kind in step.makes:
        if kind not in shared and kind != "announcement":
            document(work, kind)
    session.flush()
    notify.case_moved(session, row, step)
    return {
        "act": f"application.{step.name}", "subject_kind": "application", "subject": _key(row), "reason": reason,
        "before": before,
        "after": {
            "state": row.state, "version": row.version, "details": work.details,
            **({"name_number": row.result_number} if step.name in life.ENTERING else {}),
        },
    }  # fmt: skip
