"""办件 /review/{number}: one case as an officer works on it: place and colliding names on a map, findings with their
articles, materials, opinions, history, and the steps that he may take."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from shapely.geometry import shape
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import case_facts, comment, decide
from api.doors import Acting, Reading, district_of, language, transaction
from api.pages import review_materials
from api.pages.amend import may_amend
from api.pages.forms import whole
from api.pages.name_check import far
from api.pages.rendering import actor_of, approval, page, reading_of, status_of, viewing_date
from api.pages.review import my_states
from api.security.person import Person
from geo import days
from geo.approvals import clocks, holidays, life, materials
from geo.approvals.authority import Route
from geo.machine import Transition
from geo.names.articles import article_of
from geo.names.rules.run import discover
from geo.problems import Problem
from geo.store import approvals_queue, comments, published_units
from geo.store.approvals_case import Case
from geo.store.name_facts import Registered
from geo.store.published_names import NoSuchPublicName, record
from geo.terms import (
    APPLICATION_ACTION_NAMES,
    APPLICATION_STATE_NAMES,
    ApplicationAction,
    ApplicationState,
    UserRole,
)
from geo.text import Text
from maps import case_map
from maps.boundary_map import About
from maps.page import Assets, MapParts

router = APIRouter(include_in_schema=False)

#: What the form of a step asks beside its reason, in order. contents: the points that a report must cover.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "ask_supplement": ("items", "until"),
    "ask_more": ("items", "until"),
    "seek_opinions": ("items",),
    "record_opinion": ("giver", "stance", "says"),
    "hold_expert": ("how",),
    "record_expert": ("stance", "contents"),
    "open_comment": ("opens", "closes", "says"),
    "record_comment": ("contents", "says"),
    "record_assessment": ("stance", "contents"),
    "overrule": ("rule",),
    "report": ("stance", "says"),
    "join": ("items",),
    "carry_out": ("date",),
    "extend_change": ("body", "number", "date"),
    "publish_code": ("number",),
    "record_approval": ("body", "number", "date", "title"),
    "record_refusal": ("body", "number", "date"),
    "reconsider": ("body", "number", "date", "applied", "late_because"),
    "uphold": ("body", "number", "date"),
    "redo": ("body", "number", "date"),
    "send_filing": ("body",),
    "file": ("date", "reference"),
    "deliver": ("how",),
    "announce": ("title", "says"),
    "withdraw_announcement": ("title", "says"),
}
#: The report that a step records.
REPORT_OF = {"record_expert": "expert", "record_comment": "comment", "record_assessment": "assessment"}
STANCES: Mapping[str, Text] = {
    "agree": Text("同意", "Agree"),
    "agree_with_changes": Text("修改后同意", "Agree with changes"),
    "disagree": Text("不同意", "Disagree"),
}


@router.get("/review/{number}")
def show(request: Request, number: str, actor: Acting, session: Reading) -> Response:
    """The case. Raises NoSuchApplication."""
    return show_case(request, session, actor, number)


@router.post("/review/{number}/steps")
async def step(request: Request, number: str) -> Response:
    """Take a step; refused, the page comes again with what was written."""
    form = await request.form()

    def act() -> Response:
        actor = actor_of(request)
        try:
            with transaction(request) as session:
                decide.take_step(
                    session, actor, number, str(form.get("transition") or ""), reason=str(form.get("reason") or ""),
                    version=whole(form, "version"), details=details(form),
                )  # fmt: skip
        except Problem as problem:
            with reading_of(request) as session:
                return show_case(
                    request,
                    session,
                    actor,
                    number,
                    problem=problem.text,
                    given=form,
                    status=status_of(problem),
                )
        return RedirectResponse(f"/review/{number}?done=step", 303)

    return await run_in_threadpool(act)


def details(form: FormData) -> dict[str, Any]:
    """The fields of a step's form as the act takes them: lines become a list, points of a report a mapping, and a
    finding to overrule its rule and words."""
    found: dict[str, Any] = {}
    for field in {f for fields in FIELDS.values() for f in fields} - {"items", "contents", "rule"}:
        said = str(form.get(field) or "").strip()
        if said:
            found[field] = said
    items = [line.strip() for line in str(form.get("items") or "").splitlines() if line.strip()]
    if items:
        found["items"] = items
    contents = {
        key.removeprefix("contents:"): str(value).strip()
        for key, value in form.multi_items()
        if key.startswith("contents:") and str(value).strip()
    }
    if contents:
        found["contents"] = contents
    rule, _, message = str(form.get("rule") or "").partition("\t")
    if rule:
        found |= {"rule": rule, "message": message}
    return found


def show_case(
    request: Request, session: Session, actor: Person, number: str, *, problem: Text | None = None,
    given: Mapping[str, Any] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """The page of a case for an officer. Raises NoSuchApplication."""
    case = case_facts.case_for(session, actor, number)
    on, at = days.today(), viewing_date(request)
    findings, meets = _findings(session, case, at)
    demanded = case_facts.demands_of(case)
    offers = [
        offer_of(case, transition, needs, given)
        for transition, needs in case_facts.offers(case, actor, on)
        if UserRole.APPLICANT not in transition.by
    ]
    state = ApplicationState(case.row["state"])
    return page(
        request,
        "review_case.html",
        status=status,
        case=case,
        row=case.row,
        state=state,
        state_name=APPLICATION_STATE_NAMES[state],
        action_name=APPLICATION_ACTION_NAMES[ApplicationAction(case.row["action"])],
        route_name=ROUTES.get(case.row["route"] or ""),
        map=_map(request, session, case, meets),
        findings=findings,
        overruled=[o for o in case.opinions if o["kind"] == "overrule"],
        offers=[o for o in offers if not o["needs"]],
        later=[o for o in offers if o["needs"]],
        problem=problem,
        tried=str((given or {}).get("transition") or ""),
        clocks=[
            {
                "title": clocks.limits()[c.limit_id].title, "source": clocks.limits()[c.limit_id].source, "due": c.due,
                "left": c.left(on), "state": c.state(on).value, "starts": c.clock.starts, "extended": c.clock.extended,
            }
            for c in [*case.clocks, *(c for c in case_facts.reconsideration_clock(case) if not c.clock.overdue(on))]
        ],
        next_year=holidays.next_year(),
        consultations=[
            {
                "says": life.CONSULTATIONS[what], "required": what in demanded.required,
                "done": what in case_facts.consultations_done(case), "pending": what in case_facts.consultations_pending(case),
            }
            for what in life.CONSULTATIONS
            if what in demanded.required or what in case_facts.consultations_done(case) | case_facts.consultations_pending(case)
        ],
        missing=case_facts.missing_materials(case),
        papers=review_materials.papers(case.materials),
        pdf=review_materials.library() if case.materials else None,
        form_fields=_filled(case),
        said_steps={t.name: t.says for t in life.LIFE.transitions},
        stances=STANCES | {"none": Text("", "")},
        states={s.value: name for s, name in APPLICATION_STATE_NAMES.items()},
        next_number=approvals_queue.next_in_queue(session, actor.district, [s.value for s in my_states(actor)], case.row["id"]),
        comments=comments.for_officers(session, case.row["id"]) if case.comment else [],
        moderates=actor.holds(*comment.MODERATORS),
        amends=may_amend(actor),
        comment_stances=COMMENT_STANCES,
        demo=case.row["demo"],
    )  # fmt: skip


#: What a comment says of the proposal.
COMMENT_STANCES: Mapping[str, Text] = {
    "support": Text("支持", "for"),
    "oppose": Text("反对", "against"),
    "other": Text("其他", "other"),
}

ROUTES: Mapping[str, Text] = {
    Route.DECIDE.value: Text("本级决定", "decided here"),
    Route.CONSULT.value: Text("其他机关决定，征求本部门意见", "decided elsewhere, this authority is asked"),
    Route.FILE.value: Text("其他机关决定，在本部门备案", "decided elsewhere, filed here"),
}

#: What a form may hold, in the order of reading.
FORM_FIELDS: Mapping[str, Text] = {
    "reasons": Text("理由", "Reasons"),
    "meaning": Text("含义", "Meaning"),
    "origin": Text("来历", "Origin"),
    "history": Text("沿革", "History"),
    "position": Text("位置", "Position"),
    "size": Text("规模", "Size"),
    "nature": Text("性质", "Nature"),
    "extent": Text("范围", "Extent"),
    "cause": Text("销名原因", "Cause"),
    "measures": Text("保护措施", "Protection measures"),
}


def _filled(case: Case) -> list[tuple[Text, str]]:
    form = case.row["form"]
    known = [
        (title, str(form[key])) for key, title in FORM_FIELDS.items() if form.get(key) not in (None, "", [])
    ]
    further = [
        (Text(key, key), str(value))
        for key, value in form.items()
        if key not in FORM_FIELDS and value not in (None, "", [])
    ]
    return known + further


def offer_of(
    case: Case, transition: Transition, needs: list[Text], given: Mapping[str, Any] | None
) -> dict[str, Any]:
    """One step on offer: what it still needs, and the fields of its form, filled as they were."""
    name = transition.name
    tried = given if given is not None and given.get("transition") == name else None
    report = REPORT_OF.get(name)
    asked = {body for s in case.taken("seek_opinions") for body in s.details.get("items", ())}
    answered = {s.details.get("giver") for s in case.taken("record_opinion")}
    today = days.today()
    defaults = {
        "opens": today.isoformat(), "closes": (today + timedelta(days=30)).isoformat(), "date": today.isoformat(),
        "until": (today + timedelta(days=case_facts.SUPPLEMENT_DAYS)).isoformat(),
        "items": "\n".join(r.title.zh for r in case_facts.missing_materials(case)) if name == "ask_supplement" else "",
    }  # fmt: skip
    return {
        "name": name,
        "says": transition.says,
        "needs": needs,
        "makes": transition.makes,
        "fields": FIELDS.get(name, ()),
        "values": {f: str(tried.get(f) or "") for f in FIELDS.get(name, ())} if tried else defaults,
        "reason": str(tried.get("reason") or "") if tried else "",
        "contents": [
            (key, says, str(tried.get(f"contents:{key}") or "") if tried else "")
            for key, says in materials.contents(report).items()
        ]
        if report
        else [],
        "givers": sorted(asked - answered),
        "errors": case_facts.open_errors(case) if name == "overrule" else [],
    }


def _findings(session: Session, case: Case, at: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The findings of the naming rules today with their articles, and the names they meet that have a place."""
    if case.row["action"] == ApplicationAction.ABOLITION.value or not case.row["name"]:
        return [], []
    verdict = case_facts.verdict_of(session, case, at)
    sources = {rule.code: rule.source for rule in discover()}
    open_ = [case_facts.finding_key(e) for e in case_facts.open_errors(case)]
    findings: list[dict[str, Any]] = []
    meets: list[dict[str, Any]] = []
    for told, finding in zip(verdict.to_json()["findings"], verdict.findings, strict=True):
        rows = []
        for said, collision in zip(told["collides"], finding.collides, strict=True):
            existing = collision.existing
            placed = isinstance(existing, Registered) and existing.lon is not None
            row = {**said, "distance": far(said["distance_m"]), "pin": len(meets) if placed else None,
                   "number": existing.number if isinstance(existing, Registered) else None}  # fmt: skip
            rows.append(row)
            if placed:
                meets.append({**row, "lon": existing.lon, "lat": existing.lat, "severity": told["severity"]})
        findings.append(
            {
                **told,
                "text": article_of(told["rule"]),
                "source": sources[told["rule"]],
                "meets": rows,
                "overruled": told["severity"] == "error" and case_facts.finding_key(told) not in open_,
            }
        )
    return findings, meets


def _map(request: Request, session: Session, case: Case, meets: list[dict[str, Any]]) -> MapParts:
    district, spoken = district_of(request), language(request)
    found = published_units.units(
        session, at=viewing_date(request), after="", limit=1000, level="township", shapes=True
    )
    outlines = [
        (u["name"], shape(u["geometry"]))
        for u in found
        if u["geometry"] and u["code"].startswith(district.code)
    ]
    about = About(
        district=district.name_en if spoken == "en" else district.name, on=viewing_date(request),
        approval=approval(spoken), officer=True, language=spoken, compact=True,
    )  # fmt: skip
    name = case.row["name"] or (case.subject or {}).get("name") or ""
    geometry = case.row["geometry"]
    if geometry is None and case.row["subject_number"]:
        # A change of a name is where the name is.
        with suppress(NoSuchPublicName):
            geometry = record(session, case.row["subject_number"], viewing_date(request))["geometry"]
    return case_map.build(name, geometry, meets, outlines, about, Assets(), request.state.nonce)
