"""界线 boundary lines: where each stands, its geometry for those who may see it, its history, its next step.

The public's answers come from the published views by the public role: the state of every line, the shape of
settled ones, generalised. Officers get the exact geometry in force, disputes, and what they may do next.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import mapping

from api.acts import demarcate
from api.acts.stale import Stale
from api.doors import Acting, At, District, MaybeActing, Seeing, Writing
from api.errors import problems
from api.paging import Cursor, Limit, decode, of_store
from api.security.person import Person
from geo.boundaries.life import LIFE
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.store import lists
from geo.terms import LINE_STATE_NAMES, LineState

router = APIRouter(prefix="/api/v1/boundary-lines", tags=["boundary lines 界线"])

LineCode = Annotated[
    str, Path(pattern=r"^[0-9]{6,9}-[0-9]{6,9}(-[0-9]{1,3})?$", description="界线代码 Line code")
]


class LineOut(BaseModel):
    """界线. `in_dispute` and what follows is for officers only and absent from the public's answers."""

    code: str = Field(description="界线代码")
    name: str
    units: list[str] = Field(description="两侧单位代码 Codes of the two units")
    level: str
    state: LineState
    state_name: str
    state_name_en: str
    length_m: float | None = Field(None, description="椭球面长度，米 Geodesic length, metres")
    settled_on: date | None = None
    document: str | None = Field(None, description="批准文号 Number of the approval document")
    demo: bool
    geometry: dict[str, Any] | None = Field(None, description="EPSG:4490")
    in_dispute: bool | None = None
    inspection_due: date | None = None
    version: int | None = Field(None, description="办理时须回传 To be sent back with a step")
    may: list[str] | None = Field(None, description="此人现在可办理的步骤 Steps open to this person")


class LinesOut(BaseModel):
    """界线列表."""

    items: list[LineOut]
    next: str | None


class EvidenceIn(BaseModel):
    """证据: one document that a step rests on; upload its file first (POST /api/v1/evidence)."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(min_length=1, max_length=40, description="种类 Kind, as in the step's list")
    title: str | None = Field(None, max_length=300)
    number: str | None = Field(None, max_length=100, description="文号")
    date: str | None = Field(None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="成文日期")
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="POST /api/v1/evidence 的答复")
    signed_by: list[str] = Field(default_factory=list, max_length=10, description="签字盖章的单位代码")


class StepIn(BaseModel):
    """办理一步."""

    model_config = ConfigDict(extra="forbid")

    transition: str = Field(min_length=1, max_length=40)
    reason: str = Field(min_length=1, max_length=2000, description="理由 Why")
    version: int = Field(ge=1, description="所见的版本 The version that was seen")
    evidence: list[EvidenceIn] = Field(default_factory=list, max_length=50)
    on_date: date | None = Field(
        None, description="所据文件的日期 Date of the document that the step rests on"
    )


class StepDone(BaseModel):
    """办理结果."""

    code: str
    state: LineState
    state_name: str
    in_dispute: bool
    version: int
    may: list[str]


class StepOut(BaseModel):
    """一步办理经过. Persons, reasons and papers are for officers only."""

    version: int
    from_state: LineState
    to_state: LineState
    state_name: str
    on_date: date
    document: str | None = None
    transition: str | None = None
    name: str | None = None
    name_en: str | None = None
    at: datetime | None = None
    actor: str | None = None
    reason: str | None = None
    evidence: list[dict[str, Any]] | None = None


class LineVersionOut(BaseModel):
    """界线的一个版本. From `id` on, for officers only."""

    valid_from: date | None
    valid_to: date | None
    length_m: float
    id: int | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    reason: str | None = None
    made_by: str | None = None
    submission: int | None = None
    submission_id: UUID | None = None


class HistoryOut(BaseModel):
    """历史 of a line: its steps and its versions."""

    code: str
    steps: list[StepOut]
    versions: list[LineVersionOut]


def open_steps(state: str, person: Person, *, in_dispute: bool) -> list[str]:
    """The names of the steps that a person may try on a line, in the order of the life; the guards' demands
    aside, but not those that the line's own flag already answers."""
    hidden = "set_dispute" if in_dispute else "clear_dispute"
    names = [t.name for t in LIFE.open_to(state, person.roles)]
    return [n for n in dict.fromkeys(names) if n not in (hidden, "check_results")]


def line_out(row: dict[str, Any], person: Person | None) -> dict[str, Any]:
    """A record of the store as its answer; `person` only where an officer asks."""
    state = LineState(row["state"])
    words = LINE_STATE_NAMES[state]
    answer = {k: v for k, v in row.items() if k not in ("unit_a", "unit_b", "state_now")}
    answer |= {"units": [row["unit_a"], row["unit_b"]], "state_name": words.zh, "state_name_en": words.en}
    if person is not None:
        answer["may"] = open_steps(row["state_now"], person, in_dispute=row["in_dispute"])
    return answer


@router.get("", summary="界线列表 Lines", response_model=LinesOut, response_model_exclude_unset=True)
def list_lines(
    person: MaybeActing,
    sight: Seeing,
    district: District,
    at: At,
    state: Annotated[LineState | None, Query(description="勘定状态 State")] = None,
    unit: Annotated[
        str | None, Query(pattern=r"^\d{6,12}$", description="一侧的单位代码 A unit's code")
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """公众得到每条界线的状态，以及已勘定界线的长度；有权人员得到全部。

    The public gets the state of every line, and the length of settled ones; officers get all."""
    found = lists.lines(
        sight.session,
        district=district.code,
        at=at,
        officer=sight.officer,
        state=state.value if state else None,
        unit=unit,
        limit=limit,
        cursor=decode(cursor, str, ""),
    )
    return of_store(found, lambda row: line_out(row, person if sight.officer else None))


@router.get(
    "/{code}",
    summary="一条界线 One line",
    response_model=LineOut,
    response_model_exclude_unset=True,
    responses=problems(lists.NoSuchLine),
)
def show_line(code: LineCode, person: MaybeActing, sight: Seeing, at: At) -> Any:
    """界线的状态、事实和图形；公众只见已勘定界线的概括图形。

    State, facts and geometry of a line; the public sees the generalised shape of a settled one."""
    row = lists.line(sight.session, code, at=at, officer=sight.officer)
    shape = row.pop("geometry")
    answer = line_out(row, person if sight.officer else None)
    answer["geometry"] = None if shape is None else mapping(shape)
    return answer


@router.get(
    "/{code}/history",
    summary="历史 History",
    response_model=HistoryOut,
    response_model_exclude_unset=True,
    responses=problems(lists.NoSuchLine),
)
def show_history(code: LineCode, sight: Seeing) -> Any:
    """公众看到历次公布的版本和状态变化；有权人员看到全部版本、办理人、理由和证据。

    Published versions and changes of state for the public; for officers every version and step with person,
    reason and evidence."""
    found = lists.history(sight.session, code, officer=sight.officer)
    for step in found["steps"]:
        known = LIFE.by_name.get(step.get("transition", ""))
        if known:
            step |= {"name": known[0].says.zh, "name_en": known[0].says.en}
        step["state_name"] = LINE_STATE_NAMES[LineState(step["to_state"])].zh
    return found


@router.post(
    "/{code}/transitions",
    summary="办理一步 Take a step",
    responses=problems(
        lists.NoSuchLine,
        StepNotYours,
        WrongState,
        GuardUnmet,
        Stale,
        demarcate.BadEvidence,
        demarcate.UnknownStep,
    ),
)
def take_step(code: LineCode, step: StepIn, actor: Acting, session: Writing) -> StepDone:
    """办理勘界的一步，附理由和证据；不可跳步。Take one step of a line's demarcation; none can be skipped."""
    done = demarcate.take_step(
        session,
        actor,
        code,
        step.transition,
        reason=step.reason,
        version=step.version,
        evidence=[e.model_dump(exclude_none=True) for e in step.evidence],
        on_date=step.on_date,
    )
    state = LineState(done.state)
    return StepDone(
        code=done.code,
        state=state,
        state_name=LINE_STATE_NAMES[state].zh,
        in_dispute=done.in_dispute,
        version=done.version,
        may=open_steps(done.state, actor, in_dispute=done.in_dispute),
    )
