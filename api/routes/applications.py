"""地名申请 place-name applications: drafts, the queue, a case, and every step of its life."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.acts import apply, case_facts, decide
from api.acts.apply import BadShape, DraftMoved, TooManyOpen
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from api.acts.step_effects import ReportIncomplete
from api.doors import Acting, Reading, Writing
from api.errors import problems
from api.paging import Cursor, Limit, decode, encode
from api.routes.application_answers import (
    CaseOut,
    ContentIn,
    RowOut,
    Strict,
    TakenOut,
    case_out,
    row_out,
    taken,
)
from geo import days
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.names.categories import Category
from geo.store import approvals_queue
from geo.store.approvals import NoSuchApplication, NoSuchPlan
from geo.store.approvals_queue import OPEN, Filters
from geo.terms import ApplicationAction, ApplicationState

router = APIRouter(prefix="/api/v1", tags=["applications 地名申请"])

Number = Annotated[
    str, Path(max_length=60, description="受理编号；草稿为其标识 Number of the case; of a draft its id")
]


class DraftIn(ContentIn):
    """新草稿. plan: of the plan that it belongs to."""

    plan: uuid.UUID | None = None


class SaveIn(ContentIn):
    """保存. saved: when the form was last saved as it was seen; another window's work is not written over."""

    version: int = Field(ge=1)
    saved: datetime | None = None


class StepIn(Strict):
    """办理一步."""

    transition: str = Field(min_length=1, max_length=40)
    reason: str = Field(max_length=4000)
    version: int = Field(ge=1, description="所见的版本 The version that was seen")
    details: dict[str, Any] = Field(
        default_factory=dict,
        description="items、until、giver、stance、says、contents、opens、closes、rule、message、body、number、date、reference、sha256 …",
    )


class RowsOut(BaseModel):
    items: list[RowOut]
    next: str | None = None


STEPS = problems(
    NoSuchApplication, Stale, NoReason, WrongState, StepNotYours, GuardUnmet, BadDetail, decide.UnknownStep,
    ReportIncomplete,
)  # fmt: skip


@router.post(
    "/applications",
    status_code=201,
    summary="起草申请 A new draft",
    responses=problems(StepNotYours, TooManyOpen, BadDetail, BadShape, NoSuchPlan),
)
def create(body: DraftIn, actor: Acting, session: Writing, response: Response) -> TakenOut:
    """草稿可以不完整，随时保存。A draft may be incomplete, and is saved at any time."""
    row = apply.begin(session, actor, body.content(), plan=body.plan)
    response.headers["Location"] = f"/api/v1/applications/{row.ref}"
    return taken(row)


@router.get("/applications", summary="办件列表 The queue, or one's own")
def listed(
    actor: Acting,
    session: Reading,
    mine: Annotated[bool, Query(description="本人及本单位的申请 One's own and one's organisation's")] = False,
    state: Annotated[list[ApplicationState] | None, Query()] = None,
    category: Category | None = None,
    action: ApplicationAction | None = None,
    unit: Annotated[str | None, Query(pattern=r"^[0-9]{2,12}$")] = None,
    overdue: bool = False,
    verdict: Annotated[str | None, Query(pattern="^(fits|doubtful|refused)$")] = None,
    text: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RowsOut:
    """工作人员：待办件，最先到期的在前；申请人：本单位的申请。Officers: open cases, the soonest due first; applicants:
    those of their organisation."""
    if mine or not case_facts.is_officer(actor):
        before = decode(cursor, int, 2**62)
        rows = approvals_queue.own(session, actor.id, actor.organisation_id, limit=limit + 1, before=before)
        shown, more = rows[:limit], len(rows) > limit
        return RowsOut(items=[row_out(r) for r in shown], next=encode(shown[-1].id) if more else None)
    asked = Filters(
        states=tuple(s.value for s in state) if state else tuple(s.value for s in OPEN), category=category,
        action=action, unit=unit, overdue_on=days.today() if overdue else None, verdict=verdict, text=text,
    )  # fmt: skip
    due, last = _after(decode(cursor, str, ""))
    rows = approvals_queue.queue(
        session, actor.district, asked, limit=limit + 1, after=None if last is None else (due, last)
    )
    shown, more = rows[:limit], len(rows) > limit
    end = shown[-1] if shown else None
    return RowsOut(
        items=[row_out(r) for r in shown],
        next=encode(f"{end.due.isoformat() if end.due else ''}/{end.id}") if more and end else None,
    )


def _after(key: str) -> tuple[date | None, int | None]:
    day, _, last = key.partition("/")
    try:
        return (date.fromisoformat(day) if day else None), (int(last) if last else None)
    except ValueError:
        return None, None


@router.get("/applications/{number}", summary="办件 One case", responses=problems(NoSuchApplication))
def read(number: Number, actor: Acting, session: Reading) -> CaseOut:
    """本单位的或（工作人员）本区的申请。A case of one's own side or, for officers, of the district."""
    return case_out(case_facts.case_for(session, actor, number), actor)


@router.put(
    "/applications/{number}",
    summary="保存草稿或补正内容 Save a draft or a supplement",
    responses=problems(NoSuchApplication, Stale, DraftMoved, WrongState, StepNotYours, BadDetail, BadShape),
)
def save(number: Number, body: SaveIn, actor: Acting, session: Writing) -> TakenOut:
    """草稿自动保存，不算一步。Drafts save themselves; this is no step."""
    return taken(apply.save(session, actor, number, body.content(), version=body.version, saved=body.saved))


@router.get(
    "/applications/{number}/check",
    summary="按命名规则审查 What the naming rules say",
    responses=problems(NoSuchApplication),
)
def check(number: Number, actor: Acting, session: Reading) -> dict[str, Any]:
    """对照登记簿和同一方案的其他名称。Against the register and the other names of the plan."""
    return apply.check(session, actor, number)


@router.post("/applications/{number}/transitions", summary="办理一步 Take a step", responses=STEPS)
def take_step(number: Number, body: StepIn, actor: Acting, session: Writing) -> TakenOut:
    """须写明理由和所见的版本；已被他人办理的答 409。With the reason and the version seen; 409 where somebody else was
    first."""
    return taken(
        decide.take_step(
            session, actor, number, body.transition, reason=body.reason, version=body.version, details=body.details
        )
    )  # fmt: skip


@router.post(
    "/applications/{number}/taking-up",
    status_code=201,
    summary="采纳建议 Take up a suggestion",
    responses=STEPS,
)
def take_up(number: Number, body: StepIn, actor: Acting, session: Writing) -> TakenOut:
    """乡镇（街道）把公民建议作为自己的申请（草稿）。A township makes a citizen's suggestion its own draft."""
    _, draft = apply.take_up(session, actor, number, version=body.version, reason=body.reason)
    return taken(draft)
