"""地名方案 /review/plans/{ref}: the names of a plan as officers handle them, a step of all the chosen or of none."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import case_facts, decide
from api.doors import Acting, Reading, transaction
from api.pages.forms import whole
from api.pages.rendering import actor_of, page, reading_of, status_of
from api.pages.review import days_left
from api.pages.review_case import STANCES, details, offer_of
from api.security.person import Person
from geo import days
from geo.approvals import holidays
from geo.machine import Transition
from geo.problems import Problem
from geo.store import approvals_queue
from geo.store.approvals import NoSuchPlan
from geo.store.approvals_case import cases_by_id
from geo.terms import APPLICATION_STATE_NAMES, ApplicationState, UserRole
from geo.text import Text

router = APIRouter(include_in_schema=False)


@router.get("/review/plans/{ref}")
def show_plan(request: Request, ref: uuid.UUID, actor: Acting, session: Reading) -> Response:
    """A plan: its names, and a step of those that are chosen."""
    return _plan(request, session, actor, ref)


@router.post("/review/plans/{ref}")
async def step_of_plan(request: Request, ref: uuid.UUID) -> Response:
    """Take a step of the chosen names: of all of them, or of none."""
    form = of_step(await request.form())

    def act() -> Response:
        actor = actor_of(request)
        versions = {str(key): whole(form, f"version:{key}") for key in form.getlist("case")}
        try:
            with transaction(request) as session:
                decide.take_steps(
                    session, actor, ref, str(form.get("transition") or ""), reason=str(form.get("reason") or ""),
                    versions=versions, details=details(form),
                )  # fmt: skip
        except Problem as problem:
            with reading_of(request) as session:
                return _plan(
                    request, session, actor, ref, problem=problem.text, given=form, status=status_of(problem)
                )
        return RedirectResponse(f"/review/plans/{ref}?done=step", 303)

    return await run_in_threadpool(act)


def of_step(form: FormData) -> FormData:
    """A form of several steps with the fields of the chosen one by their own names, as a form of it alone has them."""
    chosen = f"{form.get('transition') or ''}:"
    return FormData([(key.removeprefix(chosen), value) for key, value in form.multi_items()])


def _plan(
    request: Request, session: Session, actor: Person, ref: uuid.UUID, *, problem: Text | None = None,
    given: Mapping[str, Any] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    held = approvals_queue.plan(session, ref)
    if held is None or held.district != actor.district:
        raise NoSuchPlan(key=str(ref))
    rows = [r for r in approvals_queue.of_plan(session, held.id) if r.state != ApplicationState.DRAFT.value]
    cases = cases_by_id(session, [r.id for r in rows])
    on = days.today()
    steps: dict[str, Transition] = {}
    steps_of: dict[str, int] = {}
    may: dict[int, set[str]] = {}
    for row in rows:
        offered = [t for t, needs in case_facts.offers(cases[row.id], actor, on) if not needs]
        may[row.id] = {t.name for t in offered if t.name in decide.BULK and UserRole.APPLICANT not in t.by}
        steps |= {t.name: t for t in offered if t.name in may[row.id]}
        steps_of |= {name: row.id for name in may[row.id]}
    return page(
        request, "review_plan.html", status=status, plan=held, rows=rows, may=may, problem=problem, given=given or {},
        steps=[offer_of(cases[steps_of[t.name]], t, [], given) for t in steps.values()],
        days={r.id: days_left(r) for r in rows},
        next_year=holidays.next_year(),
        states={s.value: name for s, name in APPLICATION_STATE_NAMES.items()}, stances=STANCES, demo=held.demo, today=on,
    )  # fmt: skip
