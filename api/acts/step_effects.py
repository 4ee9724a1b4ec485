"""What follows from a step (办理的后果): numbers, opinions, documents, the register, filing and announcement.

An effect works with a Work, inside the transaction of the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from api.acts import announcing, enter_name, papers
from api.acts.case_facts import (
    SUPPLEMENT_DAYS,
    answer_base,
    authority_of,
    finding_key,
    open_errors,
    standing_of,
)
from api.security.person import Person
from geo import settings
from geo.approvals import life, materials
from geo.approvals.applicants import Standing
from geo.approvals.authority import authority_name
from geo.machine import Transition
from geo.names.categories import Category
from geo.names.romanize import romanize
from geo.problems import BadInput
from geo.store import approvals, approvals_case, comments, filings
from geo.store.approvals_case import Case
from geo.store.name_facts import DIVISIONS
from geo.store.tables import CaseDocument, PlaceNameApplication
from geo.text import Text


class ReportIncomplete(BadInput):
    """A report leaves out what the Measures ask of it."""

    code = "report-incomplete"
    title = Text(
        "报告还缺：{missing}（地名管理条例实施办法第五条）",
        "The report lacks: {missing} (Measures, Article 5)",
    )


@dataclass
class Work:
    """办理中的一件: what an effect works with. shared: what the cases of one bulk step have in common.
    since, without, instead: of the clocks that the step starts, as geo.store.approvals.move_clocks has them.
    """

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
    instead: dict[str, str] = field(default_factory=dict)


def document(work: Work, kind: str) -> CaseDocument:
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


def nothing(work: Work) -> None:
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


def _ask(work: Work) -> None:
    """补正期限: the day until which the applicant has time, told with what is missing."""
    work.details.setdefault("until", (work.on + timedelta(days=SUPPLEMENT_DAYS)).isoformat())


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
    document(work, "extension")
    joint = any(c.limit_id == life.JOINT and c.clock.stopped is None for c in work.case.clocks)
    limit = life.JOINT if joint else life.DECISION
    approvals.extend_clock(work.session, work.row, limit, work.on, work.reason)


def _join(work: Work) -> None:
    """联合办理: the longer limit runs from the same acceptance, with the pauses that there were."""
    work.instead[life.JOINT] = life.DECISION


def _division(work: Work) -> None:
    """Only a change of divisions (行政区划管理条例) has a limit for carrying it out."""
    if Category(work.row.category) not in DIVISIONS:
        work.without.add(life.CHANGE)


def _carry_out(work: Work) -> None:
    if "date" in work.details:
        work.since[life.CODE] = date.fromisoformat(work.details["date"])


def _extend_change(work: Work) -> None:
    """延期 of a change of divisions: from the day on which the authority allowed it, so that one that came in time and
    is recorded later counts."""
    allowed = date.fromisoformat(work.details["date"])
    approvals.extend_clock(work.session, work.row, life.CHANGE, allowed, work.reason)


def _approve(work: Work) -> None:
    """Enter the name as approved, not yet announced; the decision gets its number."""
    _division(work)
    row = work.row
    row.decided_at = datetime.now(UTC)
    paper = document(work, "approval")
    row.decision_number = paper.number
    work.details["title"] = papers.decision_title(work.together)
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
    work.row.decision_number = document(work, "refusal").number


def _record_approval(work: Work) -> None:
    """Another body has approved: its document enters the name, and the days run from its date."""
    row, given = work.row, work.details
    on = date.fromisoformat(given["date"])
    # Beside what another system that brought the case said of it.
    row.external = (row.external or {}) | {
        k: given[k] for k in ("body", "number", "title", "date", "sha256") if k in given
    }
    row.decided_at = datetime.now(UTC)
    row.decision_number, row.body = given["number"], given["body"]
    row.result_number = enter_name.approve(
        work.session, work.actor, row,
        enter_name.Approved(
            given["number"], given["body"], on, min(on, settings.as_of()), f"{given['body']} {given['number']}"
        ),
    )  # fmt: skip
    _division(work)
    work.since |= {life.FILING: on, life.ANNOUNCEMENT: on, life.CHANGE: on}
    authority = authority_of(work.case.row, work.on)
    if authority is not None and authority.files_with is None:
        work.without.add(life.FILING)


def _record_refusal(work: Work) -> None:
    given = work.details
    paper = {k: given[k] for k in ("body", "number", "title", "date", "sha256") if k in given}
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
    "ask_supplement": _ask,
    "ask_more": _ask,
    "record_opinion": _opinion("opinion", None),
    "record_expert": _opinion("expert", materials.REPORTS["expert"]),
    "record_assessment": _opinion("assessment", materials.REPORTS["assessment"]),
    "open_comment": _open_comment,
    "record_comment": _record_comment,
    "overrule": _overrule,
    "report": _opinion("review", None),
    "extend": _extend,
    "join": _join,
    "carry_out": _carry_out,
    "extend_change": _extend_change,
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
