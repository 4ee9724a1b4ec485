"""申请 /apply: what one can apply for and who may, one's own drafts, cases and plans, and beginning another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import apply
from api.acts.apply import Content
from api.doors import Reading, settings_of, transaction
from api.pages.rendering import actor_of, page, person_of, reading_of, status_of
from api.security.person import Person
from geo import days
from geo.approvals import applicants, materials
from geo.approvals.applicants import ApplicantKind, Standing
from geo.names.categories import Category
from geo.problems import BadInput, Problem
from geo.store import approvals_queue, claims, people, plans
from geo.store.approvals_queue import QueueRow
from geo.terms import APPLICATION_ACTION_NAMES, APPLICATION_STATE_NAMES, UserRole
from geo.terms import ApplicationAction as Action
from geo.terms import ApplicationState as S
from geo.text import Text

router = APIRouter(include_in_schema=False)

#: Cases on the page at once.
LISTED = 50
#: What waits for the applicant stands in front.
FIRST = (S.SUPPLEMENT.value, S.DRAFT.value)


class NothingToApplyFor(BadInput):
    """No kind of name was chosen."""

    code = "nothing-to-apply-for"
    title = Text("请选择事项和类别", "Choose what to apply for, and the category")


@router.get("/apply")
def show(request: Request, session: Reading) -> Response:
    """For anybody what it takes; for an applicant what is his."""
    return _page(request, session)


@router.post("/apply")
async def begin(request: Request) -> Response:
    """Begin a draft, or a plan of several names."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        if form.get("do") == "plan":
            return f"/apply/plans/{apply.begin_plan(session, actor, str(form.get('title') or '')).ref}"
        content = begun(actor, str(form.get("action") or ""), str(form.get("category") or ""))
        if (phone := people.phone_of(session, actor.id)) is not None:
            content = replace(content, contact_name=actor.name[:60], contact_phone=phone)
        return f"/apply/{apply.begin(session, actor, content).ref}"

    return await acted(request, act, lambda problem, form: _again(request, problem, form))


async def acted(
    request: Request,
    act: Callable[[Session, Person, FormData], str],
    again: Callable[[Problem, FormData], Response],
) -> Response:
    """Carry a form out and go where it says; where it is refused, show the page again with what is wrong."""
    actor = actor_of(request)

    def work(form: FormData) -> Response:
        try:
            with transaction(request) as session:
                there = act(session, actor, form)
        except Problem as problem:
            return again(problem, form)
        return RedirectResponse(there, status_code=303)

    async with request.form() as form:
        return await run_in_threadpool(work, form)


def begun(actor: Person, action: str, category: str) -> Content:
    """An empty form of what was chosen, by the kind of applicant that may hand it in. Raises NothingToApplyFor."""
    if action not in set(Action) or category not in set(Category):
        raise NothingToApplyFor()
    kinds = applicants.kinds_of(actor.organisation_kind)
    today = days.today()
    fit = [
        k
        for k in kinds
        if applicants.standing(k, Category(category), Action(action), today) is Standing.APPLICATION
    ]
    kind = next(iter(fit or [k for k in kinds if k is ApplicantKind.CITIZEN] or kinds), None)
    return Content(Action(action), Category(category), applicant_kind=None if kind is None else kind.value)


def _again(request: Request, problem: Problem, form: FormData) -> Response:
    with reading_of(request) as session:
        return _page(request, session, problem, dict(form))


def _page(
    request: Request,
    session: Session,
    problem: Problem | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response:
    person = person_of(request)
    mine = person is not None and person.holds(UserRole.APPLICANT)
    today = days.today()
    rows: list[QueueRow] = []
    held: list[plans.PlanRow] = []
    if mine and person is not None:
        rows = approvals_queue.own(session, person.id, person.organisation_id, limit=LISTED)
        rows.sort(key=lambda r: FIRST.index(r.state) if r.state in FIRST else len(FIRST))
        held = plans.own(session, person.organisation_id)
    kinds = applicants.kinds_of(person.organisation_kind) if mine and person is not None else ()
    asked = request.query_params
    single = mine and person is not None and person.organisation_kind == "citizen"
    return page(
        request,
        "apply.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        given=dict(given) if given is not None else {k: asked[k] for k in ("action", "category") if k in asked},
        mine=mine,
        rows=[row_of(r, today) for r in rows],
        plans=held,
        table=may_table(kinds, today),
        categories=[c.value for c in Category],
        actions=[(a.value, APPLICATION_ACTION_NAMES[a]) for a in Action],
        kind_names=[applicants.names_of_kinds()[k] for k in kinds],
        demo=any(r.demo for r in rows),
        registration=settings_of(request).registration,
        single=single,
        claim=claims.latest_of(session, person.id) if single and person is not None else None,
    )  # fmt: skip


def row_of(row: QueueRow, today: date) -> dict[str, Any]:
    """A case in a list: where it stands, and how many days are left by the calendar."""
    return {
        "key": row.key,
        "href": f"/apply/{row.key}" if row.state == S.DRAFT.value else f"/applications/{row.key}",
        "number": row.number,
        "name": row.name or row.subject_name,
        "was": row.subject_name if row.name else None,
        "action": APPLICATION_ACTION_NAMES[Action(row.action)],
        "category": row.category,
        "unit": row.unit_name,
        "state": row.state,
        "state_name": APPLICATION_STATE_NAMES[S(row.state)],
        "due": row.due,
        "left": None if row.due is None else (row.due - today).days,
        "saved": row.saved,
        "version": row.version,
        "demo": row.demo,
        "ref": str(row.ref),
        "verdict": row.verdict,
    }


def may_table(kinds: tuple[ApplicantKind, ...], today: date) -> list[dict[str, Any]]:
    """Who may apply for a name of each category, and what is handed in. can: the actions open to these kinds."""
    found = []
    for category in Category:
        who: dict[str, list[str]] = {}
        can: list[Action] = []
        sure = True
        for action in Action:
            row = applicants.applicants_for(category, action, today)
            if row is None:
                continue
            sure = sure and row.sure
            who.setdefault("|".join(row.kinds), []).append(action.value)
            if set(row.kinds) & set(kinds):
                can.append(action)
        found.append(
            {
                "category": category.value,
                "who": [
                    (
                        _words(tuple(ApplicantKind(k) for k in key.split("|"))),
                        [APPLICATION_ACTION_NAMES[Action(a)] for a in actions],
                        len(actions) == len(Action),
                    )
                    for key, actions in who.items()
                ],
                "papers": [
                    need.title
                    for need in materials.requirements(category, Action.NAMING)
                    if not need.optional and not need.demanded
                ],
                "can": can,
                "sure": sure,
            }
        )
    return found


def _words(kinds: tuple[ApplicantKind, ...]) -> Text:
    names = [applicants.names_of_kinds()[k] for k in kinds]
    return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
