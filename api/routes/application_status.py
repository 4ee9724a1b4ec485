"""办理状态 what whoever has the number of a case and the applicant's phone is told of it."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.case_status import NoSuchStatus, ask_status
from api.doors import Reading
from api.errors import problems
from api.routes.application_answers import Strict
from geo.names.categories import Category
from geo.problems import TooMany
from geo.store.approvals_queue import Status
from geo.terms import APPLICATION_STATE_NAMES, ApplicationAction, ApplicationState

router = APIRouter(prefix="/api/v1", tags=["applications 地名申请"])


class StatusIn(Strict):
    """凭编号和电话查询."""

    number: str = Field(max_length=40)
    phone: str = Field(max_length=40)


class StatusOut(BaseModel):
    """办理状态: what whoever has the number and the phone is told."""

    number: str
    action: ApplicationAction
    category: Category
    name: str
    state: ApplicationState
    state_name: str
    state_name_en: str
    submitted_at: datetime
    due: date | None
    asked: list[str]
    until: date | None
    decision_number: str | None
    announcements: list[str]
    demo: bool


@router.post(
    "/application-status",
    summary="凭编号和电话查询 Status by number and phone",
    responses=problems(NoSuchStatus, TooMany),
)
def status(body: StatusIn, request: Request, session: Reading) -> StatusOut:
    """无需账号；编号错和电话错答复相同。No account is needed; a wrong number and a wrong phone get the same answer."""
    return status_out(ask_status(request, session, body.number, body.phone))


def status_out(found: Status) -> StatusOut:
    state = APPLICATION_STATE_NAMES[ApplicationState(found.state)]
    return StatusOut(
        number=found.number, action=found.action, category=found.category, name=found.name, state=found.state,
        state_name=state.zh, state_name_en=state.en, submitted_at=found.submitted_at, due=found.due,
        asked=list(found.asked), until=found.until, decision_number=found.decision_number,
        announcements=list(found.announcements), demo=found.demo,
    )  # fmt: skip
