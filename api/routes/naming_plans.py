"""地名方案 plans of several names: begun, read, and handled together."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api.acts import apply, case_facts, decide
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from api.doors import Acting, Reading, Writing
from api.errors import problems
from api.routes.application_answers import RowOut, Strict, TakenOut, row_out, taken
from geo.machine import StepNotYours
from geo.store import approvals_queue
from geo.store.approvals import NoSuchPlan
from geo.terms import ApplicationState

router = APIRouter(prefix="/api/v1", tags=["applications 地名申请"])

Ref = Annotated[uuid.UUID, Path(description="方案标识 Id of the plan")]


class PlanIn(Strict):
    title: str = Field(min_length=1, max_length=200)


class PlanStepIn(Strict):
    """方案批量办理: the chosen names, by number (drafts by id), with the versions that were seen."""

    transition: str = Field(min_length=1, max_length=40)
    reason: str = Field(max_length=4000)
    versions: dict[str, int] = Field(max_length=200)
    details: dict[str, Any] = Field(default_factory=dict)


class PlanOut(BaseModel):
    """地名方案."""

    ref: uuid.UUID
    title: str
    created: datetime
    demo: bool
    cases: list[RowOut]


@router.post(
    "/naming-plans",
    status_code=201,
    summary="新建地名方案 A new plan",
    responses=problems(StepNotYours, BadDetail),
)
def create_plan(body: PlanIn, actor: Acting, session: Writing, response: Response) -> PlanOut:
    """方案内的地名用 POST /api/v1/applications 逐个起草，附 plan。Its names are begun one by one with its id."""
    held = apply.begin_plan(session, actor, body.title)
    response.headers["Location"] = f"/api/v1/naming-plans/{held.ref}"
    return PlanOut(ref=held.ref, title=held.title, created=held.created, demo=held.demo, cases=[])


@router.get("/naming-plans/{ref}", summary="地名方案 One plan", responses=problems(NoSuchPlan))
def read_plan(ref: Ref, actor: Acting, session: Reading) -> PlanOut:
    """方案及其地名。A plan with its names."""
    held = approvals_queue.plan(session, ref)
    officer = case_facts.is_officer(actor)
    if (
        held is None
        or held.district != actor.district
        or not (officer or held.organisation_id == actor.organisation_id)
    ):
        raise NoSuchPlan(key=str(ref))
    own = held.organisation_id == actor.organisation_id
    cases = [
        r for r in approvals_queue.of_plan(session, held.id) if own or r.state != ApplicationState.DRAFT.value
    ]
    return PlanOut(
        ref=held.ref,
        title=held.title,
        created=held.created,
        demo=held.demo,
        cases=[row_out(r) for r in cases],
    )


@router.post(
    "/naming-plans/{ref}/transitions",
    summary="方案批量办理 Take a step of several names",
    responses=problems(
        NoSuchPlan, Stale, NoReason, decide.PlanStepFailed, decide.OneByOne, decide.NothingChosen, StepNotYours, BadDetail
    ),
)  # fmt: skip
def take_plan_step(ref: Ref, body: PlanStepIn, actor: Acting, session: Writing) -> list[TakenOut]:
    """所选各件各有记录；有一件不能办理则都不办理。Each of the chosen names gets its own record; all of them, or none."""
    rows = decide.take_steps(
        session, actor, ref, body.transition, reason=body.reason, versions=body.versions, details=body.details
    )
    return [taken(r) for r in rows]
