"""办理: take one step of an application, alone or for the names of a plan together, with all that follows from it.

One transaction holds the state, the step, its clocks, its documents, what it writes into the register, and the audit
entry: all of it or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.acts import announcing, enter_name, notify, papers
from api.acts.case_facts import (
    OFFICERS,
    answer_base,
    authority_of,
    facts_of,
    finding_key,
    judged,
    of_side,
    open_errors,
    standing_of,
)
from api.acts.stale import require_reason, require_version
from api.acts.step_details import tidy
from api.security.person import Person
from geo import settings
from geo.approvals import holidays, life, materials
from geo.approvals.applicants import Standing
from geo.approvals.authority import authority_name
from geo.machine import Transition
from geo.names.categories import Category
from geo.names.romanize import romanize
from geo.problems import BadInput, Conflict
from geo.store import approvals, approvals_case, audit, comments, filings
from geo.store.approvals import NoSuchApplication
from geo.store.approvals_case import Case
from geo.store.tables import CaseDocument, PlaceNameApplication
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


class ReportIncomplete(BadInput):
    """A report leaves out what the Measures ask of it."""

    code = "report-incomplete"
    title = Text(
        "报告还缺：{missing}（地名管理条例实施办法第五条）",
        "The report lacks: {missing} (Measures, Article 5)",
    )


@dataclass
class Work:
    """办理中的一件: what an effect works with. shared: what the cases of one bulk step have in common."""

    session: Session
    actor: Person
    row: PlaceNameApplication
    case: Case
    step: Transition
    details: dict[str, Any]
    reason: str
    on: date
    together: Sequence[Case]
    shared: dict[str, Any]
    since: dict[str, date] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)


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
    on = holidays.today()
    step = life.LIFE.step(row.state, transition, actor.roles, facts_of(case, actor, given=given, on=on))
    before = {"state": row.state, "version": row.version}
    work = Work(session, actor, row, case, step, dict(given), reason, on, together, shared)
    EFFECTS.get(step.name, _nothing)(work)
    if actor.holds(*OFFICERS):
        row.officer_id = actor.id
    role = next(role.value for role in R if role in step.by & actor.roles)
    approvals.take(session, row, step, actor_id=actor.id, role=role, reason=reason, details=work.details)
    approvals.move_clocks(session, row, step, on, since=work.since, without=work.without)
    if row.state in (S.WITHDRAWN.value, S.LAPSED.value):
        row.due = None
    for kind in step.makes:
        if kind not in shared and kind != "announcement":
            _paper(work, kind)
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


def _paper(work: Work, kind: str) -> CaseDocument:
    """The document of a step: one for all the names of a bulk step, made once."""
    if kind not in work.shared:
        # Read again: the step may just have given the case its number, or its decision.
        work.session.flush()
        cases = (
            [approvals_case.case_by_id(work.session, work.row.id)]
            if len(work.together) == 1
            else [approvals_case.case_by_id(work.session, c.row["id"]) for c in work.together]
        )
        work.shared[kind] = papers.make(
            work.session, work.actor, kind, cases, work.details, work.reason, work.on
        )
    made: CaseDocument = work.shared[kind]
    return made


# What follows from a step -----------------------------------------------------------------------------------------


def _nothing(work: Work) -> None:
    pass


def _submit(work: Work) -> None:
    row = work.row
    row.number = approvals.application_number(work.session, row.district, work.on.year)
    row.submitted_at = datetime.now(UTC)
    if row.name:
        row.romanization = romanize(row.name, Category(row.category)).romanization
    if row.unit_code is None and work.case.subject is not None:
        row.unit_code = work.case.subject["unit_code"][:12]
    _route(work)


def _route(work: Work) -> None:
    """Who decides, as the table says on this day."""
    authority = authority_of(work.case.row, work.on)
    suggestion = standing_of(work.case.row, work.on) is Standing.SUGGESTION
    work.row.route = None if suggestion or authority is None else authority.route.value
    work.row.body = None if authority is None else authority.body.zh


def _supply(work: Work) -> None:
    if work.row.name:
        work.row.romanization = romanize(work.row.name, Category(work.row.category)).romanization
    _route(work)


def _accept(work: Work) -> None:
    """Told too late what is missing, the application counts as accepted on its receipt (许可法第三十二条)."""
    base = answer_base(work.case)
    if base is not None and any(
        c.limit_id == life.ANSWER and c.clock.stopped is None and c.clock.overdue(work.on)
        for c in work.case.clocks
    ):
        work.since[life.DECISION] = base
        work.details["deemed_on"] = base.isoformat()
    if work.row.route == life.FILE:
        work.without.add(life.DECISION)


def _opinion(kind: str, report: str | None) -> Callable[[Work], None]:
    """Note an opinion or a report. Raises ReportIncomplete where it leaves out what the Measures ask."""

    def effect(work: Work) -> None:
        given = work.details
        contents = given.get("contents", {})
        if report is not None and (left_out := materials.uncovered(report, contents)):
            raise ReportIncomplete(missing=_listed(left_out))
        approvals.note_opinion(
            work.session, work.row, kind=kind, giver=given.get("giver"), stance=given.get("stance", "none"),
            says=given.get("says") or work.reason, contents=contents, sha256=given.get("sha256"),
            made_by=work.actor.id,
        )  # fmt: skip

    return effect


def _listed(texts: Sequence[Text]) -> Text:
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))


def _open_comment(work: Work) -> None:
    comments.open_period(
        work.session, work.row, opens=date.fromisoformat(work.details["opens"]),
        closes=date.fromisoformat(work.details["closes"]), says=work.details["says"], opened_by=work.actor.id,
    )  # fmt: skip


def _record_comment(work: Work) -> None:
    _opinion("comment_report", materials.REPORTS["comment"])(work)
    period = comments.period_of(work.session, work.row.id, lock=True)
    assert period is not None
    period.answer, period.version = work.details.get("says") or work.reason, period.version + 1
    counts = work.case.comment or {}
    work.details["counts"] = {k: counts.get(k, 0) for k in ("received", "shown", "support", "oppose")}


def _overrule(work: Work) -> None:
    """书面排除: the rule and the finding's own words, so that another collision later is a new finding."""
    given = work.details
    found = next(
        e for e in open_errors(work.case)
        if e["rule"] == given["rule"] and given.get("message") in (None, e["message"])
    )  # fmt: skip
    given["message"] = found["message"]
    approvals.note_opinion(
        work.session, work.row, kind="overrule", giver=work.actor.name, says=work.reason, rule=found["rule"],
        contents={"message": found["message"], "finding": finding_key(found)}, made_by=work.actor.id,
    )  # fmt: skip


def _extend(work: Work) -> None:
    _paper(work, "extension")
    approvals.extend_clock(work.session, work.row, life.DECISION, work.on, work.reason)


def _approve(work: Work) -> None:
    """Enter the name as approved, not yet announced; the decision gets its number."""
    row = work.row
    row.decided_at = datetime.now(UTC)
    paper = _paper(work, "approval")
    row.decision_number = paper.number
    authority = authority_of(work.case.row, work.on)
    body = row.body or (authority.body.zh if authority else authority_name(settings.district(row.district)))
    decision = enter_name.Approved(
        paper.number, body, work.on, settings.as_of(), f"地名申请 {row.number} 批准：{work.reason}"[:2000]
    )
    row.result_number = enter_name.approve(work.session, work.actor, row, decision)
    if authority is not None and authority.files_with is None:
        work.without.add(life.FILING)


def _refuse(work: Work) -> None:
    work.row.decided_at = datetime.now(UTC)
    work.row.decision_number = _paper(work, "refusal").number


def _record_approval(work: Work) -> None:
    """Another body has approved: its document enters the name, and the days run from its date."""
    row, given = work.row, work.details
    on = date.fromisoformat(given["date"])
    # Beside what another system that brought the case said of it.
    row.external = (row.external or {}) | {
        k: given[k] for k in ("body", "number", "date", "sha256") if k in given
    }
    row.decided_at = datetime.now(UTC)
    row.decision_number, row.body = given["number"], given["body"]
    row.result_number = enter_name.approve(
        work.session, work.actor, row,
        enter_name.Approved(
            given["number"], given["body"], on, min(on, settings.as_of()), f"{given['body']} {given['number']}"
        ),
    )  # fmt: skip
    work.since |= {life.FILING: on, life.ANNOUNCEMENT: on}
    authority = authority_of(work.case.row, work.on)
    if authority is not None and authority.files_with is None:
        work.without.add(life.FILING)


def _record_refusal(work: Work) -> None:
    given = work.details
    paper = {k: given[k] for k in ("body", "number", "date", "sha256") if k in given}
    work.row.external = (work.row.external or {}) | paper
    work.row.decided_at, work.row.decision_number = datetime.now(UTC), given["number"]


def _send_filing(work: Work) -> None:
    authority = authority_of(work.case.row, work.on)
    to = work.details.get("body") or (authority.files_with.zh if authority and authority.files_with else "")
    work.details["body"] = to
    filings.send(
        work.session, work.row, to_body=to, sent_on=work.on, reason=work.reason, made_by=work.actor.id
    )


def _return_filing(work: Work) -> None:
    filings.give_back(work.session, work.row.id)
    first = next((c.clock.starts for c in work.case.clocks if c.limit_id == life.FILING), work.on)
    work.since[life.FILING] = first


def _file(work: Work) -> None:
    given = work.details
    filed_on = date.fromisoformat(given.get("date") or work.on.isoformat())
    filings.done(work.session, work.row.id, filed_on=filed_on, reference=given.get("reference"))
    work.since[life.ANNOUNCEMENT_FILED] = filed_on


def _announce(work: Work) -> None:
    announcing.announce(
        work.session, work.actor, work.row, work.together, work.details, work.reason, work.on, work.shared
    )


def _withdraw_announcement(work: Work) -> None:
    announcing.withdraw(
        work.session, work.actor, work.row, work.case, work.details, work.reason, work.on, work.shared
    )


EFFECTS: Mapping[str, Callable[[Work], None]] = {
    "submit": _submit,
    "supply": _supply,
    "accept": _accept,
    "record_opinion": _opinion("opinion", None),
    "record_expert": _opinion("expert", materials.REPORTS["expert"]),
    "record_assessment": _opinion("assessment", materials.REPORTS["assessment"]),
    "open_comment": _open_comment,
    "record_comment": _record_comment,
    "overrule": _overrule,
    "report": _opinion("review", None),
    "extend": _extend,
    "approve": _approve,
    "refuse": _refuse,
    "record_approval": _record_approval,
    "record_refusal": _record_refusal,
    "send_filing": _send_filing,
    "return_filing": _return_filing,
    "file": _file,
    "announce": _announce,
    "withdraw_announcement": _withdraw_announcement,
}
