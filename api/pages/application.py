"""办件 /applications/{number}: where an application stands, for its applicant; and its status without an account."""

from __future__ import annotations

from typing import Any

import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import apply, case_facts
from api.acts.read_document import documents_for
from api.case_status import ask_status
from api.doors import Acting, Reading, district_of, transaction
from api.pages.apply import acted
from api.pages.apply_form import asked_of, state_of
from api.pages.drawing_form import places_map, townships
from api.pages.forms import whole
from api.pages.rendering import page, person_of, reading_of, status_of
from api.security.person import Person
from api.sharing import base_of
from geo import days
from geo.approvals import applicants, fields, life
from geo.approvals.applicants import ApplicantKind
from geo.approvals.clocks import ClockState
from geo.approvals.clocks import limits as statutory
from geo.problems import Problem
from geo.store.approvals_case import Case
from geo.store.approvals_queue import Status
from geo.terms import APPLICATION_ACTION_NAMES, APPLICATION_STATE_NAMES, UserRole
from geo.terms import ApplicationAction as Action
from geo.terms import ApplicationState as S
from geo.text import Text
from maps.documents.kinds import Kind

router = APIRouter(include_in_schema=False)

#: 办理阶段: what a case passes, with the steps that bring it there.
STAGES: tuple[tuple[Text, frozenset[str]], ...] = (
    (Text("提交", "Handed in"), frozenset({"submit"})),
    (Text("受理", "Accepted"), frozenset({"accept"})),
    (Text("审查", "Review"), frozenset({"begin_review"})),
    (
        Text("决定", "Decision"),
        frozenset({"approve", "refuse", "answer", "record_approval", "record_refusal"}),
    ),
    (Text("公告", "Announcement"), frozenset({"announce"})),
    (Text("备案", "Filing"), frozenset({"file"})),
)
#: States in which it ends before its last stage.
BROKEN = frozenset({S.WITHDRAWN, S.LAPSED, S.NOT_ACCEPTED, S.REFUSED})


@router.get("/applications/status")
def ask(request: Request, number: str = "") -> Response:
    """The form of the status; a QR code brings the number."""
    return page(request, "application_status.html", number=number[:40], found=None, problem=None)


@router.post("/applications/status")
async def answer(request: Request) -> Response:
    """The status, by number and phone. The same answer for a wrong number and a wrong phone."""
    from starlette.concurrency import run_in_threadpool

    async with request.form() as form:
        return await run_in_threadpool(_status, request, form)


def _status(request: Request, form: FormData) -> Response:
    number = str(form.get("number") or "")[:40]
    found: Status | None = None
    problem: Problem | None = None
    try:
        with reading_of(request) as session:
            found = ask_status(request, session, number, str(form.get("phone") or "")[:40])
    except Problem as raised:
        problem = raised
    return page(
        request,
        "application_status.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        number=number,
        found=found,
        state_name=None if found is None else APPLICATION_STATE_NAMES[S(found.state)],
        action_name=None if found is None else APPLICATION_ACTION_NAMES[Action(found.action)],
        left=None if found is None or found.due is None else (found.due - days.today()).days,
        paths={} if found is None else {n: announcement_path(n) for n in found.announcements},
        demo=found is not None and found.demo,
    )


def announcement_path(number: str) -> str:
    """The permanent address of an announcement by its number (…公告〔2026〕3号)."""
    year, _, serial = number.partition("〔")[2].partition("〕")
    return f"/announcements/{year}/{serial.rstrip('号')}"


@router.get("/applications/{number}")
def show(request: Request, number: str) -> Response:
    """One's own case; an officer is led to his desk, somebody without an account to the status with its number filled in."""
    person = person_of(request)
    if person is None or not person.holds(UserRole.APPLICANT, *case_facts.OFFICERS):
        return RedirectResponse(f"/applications/status?number={number[:40]}", status_code=303)
    with reading_of(request) as session:
        return _page(request, session, person, number)


@router.post("/applications/{number}")
async def step(request: Request, number: str) -> Response:
    """Withdraw, or hand in what was asked for."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        reason, version = str(form.get("reason") or ""), whole(form, "version")
        if form.get("do") == "withdraw":
            apply.withdraw(session, actor, number, version=version, reason=reason)
        else:
            apply.supply(session, actor, number, version=version, reason=reason.strip() or "提交补正")
        return f"/applications/{number}?done=step"

    def again(problem: Problem, form: FormData) -> Response:
        person = person_of(request)
        assert person is not None
        with reading_of(request) as session:
            return _page(request, session, person, number, problem, form)

    return await acted(request, act, again)


@router.get("/applications/{number}/receipt")
def receipt(request: Request, number: str, actor: Acting, session: Reading) -> Response:
    """回执: the receipt, to be printed, with a QR code that leads to the status."""
    case = case_facts.case_for(session, actor, number)
    if case.row["number"] is None:
        return RedirectResponse(f"/apply/{case.key}", status_code=303)
    url = f"{base_of(request)}/applications/{case.row['number']}"
    return page(
        request,
        "application_receipt.html",
        demo=case.row["demo"],
        url=url,
        qr=qr(url),
        **_facts(request, case),
    )


def qr(url: str) -> Markup:
    """A QR code as SVG."""
    return Markup(segno.make_qr(url, error="m").svg_inline(scale=5, border=2, dark="#2B2622"))


def _page(
    request: Request,
    session: Session,
    actor: Person,
    number: str,
    problem: Problem | None = None,
    form: FormData | None = None,
) -> Response:
    case = case_facts.case_for(session, actor, number)
    row = case.row
    if row["state"] == S.DRAFT.value:
        return RedirectResponse(f"/apply/{case.key}", status_code=303)
    today = days.today()
    own = case_facts.of_side(actor, row["applicant_id"], row["organisation_id"], row["applicant_kind"])
    if not own:
        return RedirectResponse(f"/review/{case.key}", status_code=303)
    may = {t.name: needs for t, needs in case_facts.offers(case, actor, today)}
    with transaction(request, "public") as public:
        units = townships(request, public) if row["geometry"] else []
    items, until = asked_of(case)
    name = row["name"] or (case.subject["name"] if case.subject else "")
    return page(
        request,
        "application.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        given="" if form is None else str(form.get("reason") or ""),
        map=places_map(request, [(name, row["geometry"])], units) if row["geometry"] else None,
        stages=stages(case),
        steps=told(case),
        clocks=clocks(case),
        documents=[
            {**d, "title": Kind(d["kind"]).title if d["kind"] in set(Kind) else Text(d["kind"], d["kind"])}
            for d in documents_for(actor, case)
        ],
        may=may,
        version=row["version"],
        supplementing=row["state"] == S.SUPPLEMENT.value,
        announcements=[{**a, "path": announcement_path(a["number"])} for a in case.announcements],
        demo=row["demo"],
        **_facts(request, case),
        **(state_of(actor, case) | {"items": items if row["state"] == S.SUPPLEMENT.value else [], "until": until, "back": "case"}),
    )  # fmt: skip


def _facts(request: Request, case: Case) -> dict[str, Any]:
    """What the application itself says."""
    row = case.row
    titles = fields.titles()
    options = {f.key: f.options for f in fields.every() if f.options}
    kind = row["applicant_kind"]
    return {
        "row": row,
        "name": row["name"] or (case.subject["name"] if case.subject else ""),
        "subject": case.subject,
        "result": case.result if case_facts.is_announced(case) else None,
        "state": row["state"],
        "state_name": APPLICATION_STATE_NAMES[S(row["state"])],
        "action_name": APPLICATION_ACTION_NAMES[Action(row["action"])],
        "kind_name": applicants.names_of_kinds()[ApplicantKind(kind)] if kind in set(ApplicantKind) else None,
        "said_fields": [
            (titles[k], options.get(k, {}).get(str(v), v), k in options)
            for k, v in row["form"].items()
            if k in titles
        ],
        "authority": f"{district_of(request).name}民政局",
    }


def stages(case: Case) -> list[dict[str, Any]]:
    """办理进度: each stage, whether it was reached, when, and where the case is now."""
    state = S(case.row["state"])
    broken = state in BROKEN
    found: list[dict[str, Any]] = []
    last = -1
    for title, steps in STAGES:
        taken = case.taken(*steps)
        found.append({"title": title, "reached": bool(taken), "on": taken[-1].at.date() if taken else None})
        if taken:
            last = len(found) - 1
    if broken:
        ended = {"title": APPLICATION_STATE_NAMES[state], "reached": True, "on": case.steps[-1].at.date()}
        found = [*found[: last + 1], ended]
        if state is S.REFUSED:
            found.pop(last)
    for at, stage in enumerate(found):
        stage["current"] = at == (len(found) - 1 if broken else last)
    return found


def told(case: Case) -> list[dict[str, Any]]:
    """办理经过 as the applicant reads it: what was done, when, and the words that are meant for him."""
    says = {t.name: t.says for t in life.LIFE.transitions}
    return [
        {
            "says": says.get(s.transition, Text("起草", "Drafted")),
            "at": s.at,
            "reason": "" if s.transition in life.INTERNAL else s.reason,
            "items": list(s.details.get("items", ())) if s.transition in ("ask_supplement", "ask_more") else [],
        }
        for s in reversed(case.steps)
    ]  # fmt: skip


def clocks(case: Case) -> list[dict[str, Any]]:
    """期限 that run or pause, with the days left in their own unit."""
    today = days.today()
    found: list[dict[str, Any]] = []
    for clock in case.clocks:
        if clock.clock.stopped is not None:
            continue
        limit, state = statutory()[clock.limit_id], clock.state(today)
        found.append(
            {"title": limit.title, "source": limit.source, "due": clock.due, "left": clock.left(today),
             "unit": limit.unit.value, "paused": state is ClockState.PAUSED, "overdue": clock.clock.overdue(today)}
        )  # fmt: skip
    return found
