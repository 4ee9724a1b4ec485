"""办件事实: what the guards of a case are asked with, gathered from the case, the settings tables and the register."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.security.person import Person
from geo import days, settings
from geo.approvals import applicants, life, materials
from geo.approvals.applicants import ApplicantKind, Standing
from geo.approvals.authority import ApproverKind, Authority, Extent, NoAuthority, authority_for
from geo.approvals.clocks import Clock, limits
from geo.machine import Transition
from geo.names.categories import Category
from geo.names.rules.proposal import Existing, Proposal, Scope
from geo.names.rules.run import Verdict, run
from geo.settings import DistrictSettings
from geo.store import approvals_case, name_facts
from geo.store.approvals import NoSuchApplication
from geo.store.approvals_case import Case, CaseClock
from geo.store.tables import PlaceNameApplication
from geo.terms import ApplicationAction as Action
from geo.terms import ApplicationState as S
from geo.terms import UserRole as R
from geo.text import Text

OFFICERS = (R.ACCEPTANCE_OFFICER, R.REVIEWER, R.APPROVER, R.REGISTRAR, R.ADMINISTRATOR)
#: Days in which an applicant supplements, where the notice names no day.
SUPPLEMENT_DAYS = 15
#: The paper that protects a listed name which has to change (条例第二十五条).
MEASURES = "protection_measures"
#: Consultations -> the step that begins them, the step that ends them.
BEGUN = {"opinion": "seek_opinions", "expert": "hold_expert", "comment": "open_comment"}
ENDED = {"opinion": "record_opinion", "expert": "record_expert", "comment": "record_comment",
         "assessment": "record_assessment"}  # fmt: skip
LACKING: Mapping[str, Text] = {
    "name": Text("拟用名称", "the proposed name"),
    "subject": Text("原地名", "the name to change or end"),
    "category": Text("与原地名相同的类别", "the category of the old name"),
    "applicant_kind": Text("申请人类型", "what the applicant is"),
    "contact": Text("联系人及电话", "a contact person and phone"),
    "place": Text("位置（所在政区及图上位置）", "the place: its unit and its position on the map"),
    "reasons": Text("理由", "reasons"),
}


def is_officer(person: Person) -> bool:
    """Whether a person handles cases."""
    return person.holds(*OFFICERS)


def of_side(person: Person, applicant_id: int, organisation_id: int, applicant_kind: str | None) -> bool:
    """Whether a person is of the applicant's side: the applicant, or a colleague. Citizens are no colleagues of each
    other, whatever organisation their accounts are kept in."""
    if person.id == applicant_id:
        return True
    return person.organisation_id == organisation_id and applicant_kind != ApplicantKind.CITIZEN.value


def may_see(person: Person, case: Case) -> bool:
    """Whether a person may see a case: his own side's, or any but a draft as an officer of its district."""
    if _own(person, case.row):
        return True
    return (
        is_officer(person) and case.row["district"] == person.district and case.row["state"] != S.DRAFT.value
    )


def case_for(session: Session, person: Person, key: str | uuid.UUID) -> Case:
    """A case that a person may see. Raises NoSuchApplication for any other."""
    found = approvals_case.case(session, key)
    if not may_see(person, found):
        raise NoSuchApplication(key=str(key)[:60])
    return found


def offers(case: Case, person: Person, on: date | None = None) -> list[tuple[Transition, list[Text]]]:
    """The steps that a person may try on a case now, each with what it still needs (of what the case itself lacks;
    what the step's own form asks is left out)."""
    return life.LIFE.offers(case.row["state"], person.roles, facts_of(case, person, given=None, on=on))


def authority_of(
    row: Mapping[str, Any], on: date, district: DistrictSettings | None = None
) -> Authority | None:
    """Who decides on a case, as the table says on a day; None where it names nobody."""
    extent = row["form"].get("extent", Extent.DISTRICT.value)
    try:
        return authority_for(
            Category(row["category"]),
            Action(row["action"]),
            Extent(extent) if extent in set(Extent) else Extent.DISTRICT,
            on,
            district or settings.district(row["district"]),
        )
    except NoAuthority:
        return None


def standing_of(row: Mapping[str, Any], on: date) -> Standing:
    """What the paper is: an application, a suggestion, or neither."""
    kind = row["applicant_kind"]
    if kind not in set(ApplicantKind):
        return Standing.NEITHER
    return applicants.standing(ApplicantKind(kind), Category(row["category"]), Action(row["action"]), on)


def lacking(case: Case) -> list[str]:
    """Keys of LACKING: what a form must hold before it can be handed in."""
    row, form = case.row, case.row["form"]
    naming = row["action"] == Action.NAMING.value
    found = []
    if row["action"] != Action.ABOLITION.value and not row["name"].strip():
        found.append("name")
    if not naming and (case.subject is None or case.subject["status"] != "standard"):
        found.append("subject")
    if not naming and case.subject is not None and case.subject["category"] != row["category"]:
        found.append("category")
    if row["applicant_kind"] not in set(ApplicantKind):
        found.append("applicant_kind")
    if not ((row["contact_name"] or "").strip() and (row["contact_phone"] or "").strip()):
        found.append("contact")
    if naming and (not row["unit_code"] or row["geometry"] is None):
        found.append("place")
    if not str(form.get("reasons") or "").strip():
        found.append("reasons")
    return found


def missing_materials(case: Case) -> list[materials.Requirement]:
    """Obligatory papers that are not there, all at once."""
    return materials.missing(
        Category(case.row["category"]), Action(case.row["action"]), kinds={m["kind"] for m in case.materials},
        form=case.row["form"], protected=_protects(case),
    )  # fmt: skip


def measures_attached(case: Case) -> bool:
    """Whether the measures for a listed name are there: a paper, or words in the form."""
    written = str(case.row["form"].get("measures") or "").strip()
    return bool(written) or any(m["kind"] == MEASURES for m in case.materials)


def demands_of(case: Case) -> materials.Demands:
    """The consultations that a case must or may have."""
    return materials.demands(
        Category(case.row["category"]), Action(case.row["action"]), protected=_protects(case)
    )


def facts_of(
    case: Case, person: Person, *, given: Mapping[str, Any] | None = None, on: date | None = None
) -> life.Facts:
    """What the guards ask. given: the details of the step that is being taken; None where the steps on offer are
    asked for, and then what their forms will hold counts as given."""
    on = on or days.today()
    row = case.row
    asking = given is None
    details = given or {}
    authority = authority_of(row, on)
    suggestion = standing_of(row, on) is Standing.SUGGESTION
    demands = demands_of(case)
    hand = [s for s in case.steps if s.actor_id == person.id]
    done = consultations_done(case)
    errors = open_errors(case)
    filed = any(f["state"] == "filed" for f in case.filings)
    return life.Facts(
        own=_own(person, row),
        applied=_applied(person, case),
        accepted=any(s.transition in life.ACCEPTING for s in hand),
        reviewed=any(s.transition in life.REVIEWING for s in hand),
        of_township=person.organisation_kind == "township",
        route=None if suggestion else row["route"] or (authority.route.value if authority else life.DECIDE),
        department=authority is not None and authority.kind is ApproverKind.DEPARTMENT,
        action=Action(row["action"]),
        lacking=tuple(lacking(case)),
        missing=tuple(r.kind for r in missing_materials(case)),
        eligible=standing_of(row, on) is Standing.APPLICATION,
        checked=row["findings"] is not None,
        open_findings=len(errors),
        required=demands.required,
        done=done,
        pending=consultations_pending(case),
        protected_bare=_protects(case) and not measures_attached(case),
        answer_late=_answer_late(case, on),
        supplement_late=supplement_until(case) < on,
        reconsider_late=not asking and _reconsidered_late(case, details),
        was_accepted=bool(case.taken("accept")),
        was_refused=_came_from(case) == S.REFUSED.value,
        sent=any(f["state"] == "sent" for f in case.filings),
        filed=filed or (authority is not None and authority.files_with is None),
        announced=is_announced(case),
        delivered=bool(case.taken("deliver")),
        extended=any(c.clock.extended for c in case.clocks if c.limit_id in life.DECIDING),
        joint=_runs(case, life.JOINT),
        changing=_runs(case, life.CHANGE),
        coding=_runs(case, life.CODE),
        change_extended=any(c.clock.extended for c in case.clocks if c.limit_id == life.CHANGE),
        items=("…",) if asking else tuple(details.get("items", ())),
        asked=() if asking else asked_before(case),
        document=asking or all(details.get(key) for key in ("body", "number", "date")),
        stance=asking or details.get("stance") in ("agree", "agree_with_changes", "disagree"),
        rule_open=bool(errors) if asking else any(_names(details, e) for e in errors),
        period=asking or all(details.get(key) for key in ("opens", "closes", "says")),
        period_over=case.comment is not None and date.fromisoformat(case.comment["closes"]) < on,
        comments_open=case.comment["waiting"] if case.comment else 0,
        on=on,
    )


def _runs(case: Case, limit_id: str) -> bool:
    return any(c.limit_id == limit_id and c.clock.stopped is None for c in case.clocks)


def consultations_done(case: Case) -> frozenset[str]:
    """Consultations that have ended in this round of the review (a review that is done anew asks anew only for what
    it begins again)."""
    done = {what for what, step in ENDED.items() if case.taken(step)}
    return frozenset(done - consultations_pending(case))


def consultations_pending(case: Case) -> frozenset[str]:
    """Consultations that have begun and not ended; opinions until every department asked has answered."""
    pending = set()
    for what, begin in BEGUN.items():
        begun, ended = case.taken(begin), case.taken(ENDED[what])
        if what == "opinion":
            asked = {body for s in begun for body in s.details.get("items", ())}
            answered = {s.details.get("giver") for s in ended}
            if asked - answered:
                pending.add(what)
        elif begun and (not ended or begun[-1].version > ended[-1].version):
            pending.add(what)
    return frozenset(pending)


def asked_before(case: Case) -> tuple[str, ...]:
    """What the applicant was asked to supplement before acceptance, in the round that still counts."""
    return tuple(
        i for s in case.since("redo") if s.transition == "ask_supplement" for i in s.details.get("items", ())
    )


def open_errors(case: Case) -> list[Mapping[str, Any]]:
    """Rule errors that are neither gone nor overruled in writing."""
    overruled = [o["contents"].get("finding") for o in case.opinions if o["kind"] == "overrule"]
    found = (case.row["findings"] or {}).get("findings", ())
    return [f for f in found if f["severity"] == "error" and finding_key(f) not in overruled]


def finding_key(found: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a finding the same one: its rule, its words and the names that it meets. A name that came later
    makes another finding, which nobody has overruled."""
    met = sorted([c["name"], c["category"], c["unit"] or ""] for c in found["collides"])
    return {"rule": found["rule"], "message": found["message"], "met": met}


def is_announced(case: Case) -> bool:
    """Whether an announcement of the case stands: the last one is not a withdrawal."""
    kinds = [a["kind"] for a in case.announcements if a["kind"] != "correction"]
    return bool(kinds) and kinds[-1] == "announcement"


def proposal_of(case: Case) -> Proposal:
    """A case as the naming rules see it."""
    row = case.row
    sizes = {
        k: v for k, v in row["form"].items() if k in ("width_m", "area_m2", "green_ratio") and _number(v)
    }
    return Proposal(
        row["name"].strip(), Category(row["category"]), row["unit_code"], row["lon"], row["lat"],
        case.subject["name"] if row["action"] == Action.RENAMING.value and case.subject else None,
        measures_attached(case), sizes, True,
    )  # fmt: skip


def judged(session: Session, case: Case, at: date) -> dict[str, Any]:
    """The verdict of the naming rules on a case as the contract has it, against the register and the other names of
    its plan; of an abolition that it fits, or that the name is protected."""
    if case.row["action"] == Action.ABOLITION.value:
        name = case.subject["name"] if case.subject else ""
        return {
            "name": name,
            "category": case.row["category"],
            "verdict": "fits",
            "findings": [],
            "suggestions": [],
        }
    return verdict_of(session, case, at).to_json()


def verdict_of(session: Session, case: Case, at: date) -> Verdict:
    """What the naming rules say of the name of a case, with the names that it meets."""
    proposal = proposal_of(case)
    ignored = [n for n in (case.row["result_number"],) if n]
    facts = name_facts.facts_for(session, proposal, at=at, ignored=ignored)
    facts = replace(facts, existing=(*facts.existing, *_beside(session, case)))
    return run(proposal, facts)


def _beside(session: Session, case: Case) -> Iterable[Existing]:
    """The other open names of the same plan: a plan must not collide with itself."""
    if case.row["plan_id"] is None:
        return
    other = PlaceNameApplication
    rows = session.execute(
        select(other.name, other.category, other.unit_code).where(
            other.plan_id == case.row["plan_id"], other.id != case.row["id"], other.name != "",
            other.state.not_in([S.WITHDRAWN.value, S.REFUSED.value, S.LAPSED.value, S.NOT_ACCEPTED.value, S.APPROVED.value, S.CLOSED.value]),
        )
    )  # fmt: skip
    for name, category, unit in rows:
        near = (unit or "")[:9] == (case.row["unit_code"] or "")[:9]
        yield Existing(name, Category(category), shares=Scope.TOWNSHIP if near else Scope.COUNTY, unit=unit)


def answer_base(case: Case) -> date | None:
    """The day on which the application counts as accepted because nobody told in time what is missing: its receipt."""
    clock = next((c for c in reversed(case.clocks) if c.limit_id == life.ANSWER), None)
    return clock.clock.starts if clock is not None else None


def _answer_late(case: Case, on: date) -> bool:
    clock = next(
        (c for c in reversed(case.clocks) if c.limit_id == life.ANSWER and c.clock.stopped is None), None
    )
    return clock is not None and clock.clock.overdue(on)


def supplement_until(case: Case) -> date:
    asked = case.taken("ask_supplement", "ask_more")
    if not asked:
        return date.max
    until = asked[-1].details.get("until")
    return (
        date.fromisoformat(until)
        if until
        else asked[-1].at.astimezone(days.SHANGHAI).date() + timedelta(days=SUPPLEMENT_DAYS)
    )


def _reconsidered_late(case: Case, details: Mapping[str, Any]) -> bool:
    """Whether the reconsideration was applied for after the days for it. They run from knowing of the decision: from its
    delivery, for a case not accepted from the notice; who was never told has time (复议法第二十条)."""
    asked = details.get("applied") or details.get("date")
    if not asked or details.get("late_because"):
        return False
    return any(c.clock.overdue(date.fromisoformat(asked)) for c in reconsideration_clock(case))


def reconsideration_clock(case: Case) -> list[CaseClock]:
    """FY-1 of a case that was refused or not accepted, once its applicant was told; nothing of any other. It is nobody's
    duty here, so that it is worked out, not kept."""
    steps = {S.REFUSED.value: "deliver", S.NOT_ACCEPTED.value: "not_accept"}
    told = case.taken(steps[case.row["state"]]) if case.row["state"] in steps else ()
    if not told:
        return []
    clock = Clock(limits()[life.RECONSIDERATION], told[-1].at.astimezone(days.SHANGHAI).date())
    return [CaseClock(0, life.RECONSIDERATION, clock, clock.due())]


def _came_from(case: Case) -> str | None:
    begun = case.taken("reconsider")
    return begun[-1].from_state if begun else None


def _own(person: Person, row: Mapping[str, Any]) -> bool:
    return of_side(person, row["applicant_id"], row["organisation_id"], row["applicant_kind"])


def _applied(person: Person, case: Case) -> bool:
    """Whether it counts as the person's own application: he handed it in, or his organisation did; in the place-name
    authority itself, which applies for governments, the person alone counts."""
    if any(s.actor_id == person.id for s in case.taken("create", "submit", "supply")):
        return True
    return _own(person, case.row) and case.row["organisation_kind"] != "department"


def _protects(case: Case) -> bool:
    return case.protected and case.row["action"] != Action.NAMING.value


def _names(details: Mapping[str, Any], error: Mapping[str, Any]) -> bool:
    return details.get("rule") == error["rule"] and details.get("message") in (None, "", error["message"])


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
