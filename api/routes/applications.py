"""地名申请 place-name applications: drafts, the queue, a case with all that belongs to it, and every step of its life."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.acts import apply, case_facts, decide
from api.acts.apply import BadShape, Content, DraftMoved
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from api.acts.step_effects import ReportIncomplete
from api.case_status import NoSuchStatus, ask_status
from api.doors import Acting, Reading, Writing
from api.errors import problems
from api.paging import Cursor, Limit, decode, encode
from api.security.person import Person
from geo.approvals import holidays, life
from geo.approvals.clocks import limits as statutory
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.names.categories import Category
from geo.problems import TooMany
from geo.store import approvals_queue
from geo.store.approvals import NoSuchApplication, NoSuchPlan
from geo.store.approvals_case import Case
from geo.store.approvals_queue import OPEN, Filters, QueueRow, Status
from geo.terms import APPLICATION_STATE_NAMES, ApplicationAction, ApplicationState

router = APIRouter(prefix="/api/v1", tags=["applications 地名申请"])

Number = Annotated[
    str, Path(max_length=60, description="受理编号；草稿为其标识 Number of the case; of a draft its id")
]
Ref = Annotated[uuid.UUID, Path(description="方案标识 Id of the plan")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContentIn(Strict):
    """申请内容. A draft may be incomplete; what is missing is told when it is handed in."""

    action: ApplicationAction = Field(description="命名、更名、销名")
    category: Category
    name: str = Field("", max_length=200)
    unit: str | None = Field(None, max_length=12, description="所在政区代码 Code of the unit")
    geometry: dict[str, Any] | None = Field(None, description="GeoJSON, EPSG:4490")
    subject_number: int | None = Field(
        None, description="更名、销名：原地名编号 Number of the name to change or end"
    )
    applicant_kind: str | None = Field(None, max_length=20)
    contact_name: str | None = Field(None, max_length=200)
    contact_phone: str | None = Field(None, max_length=100)
    form: dict[str, Any] = Field(
        default_factory=dict, description="reasons、position、size、nature、meaning、origin …"
    )

    def content(self) -> Content:
        """As the act takes it. Raises BadShape."""
        shape = None
        if self.geometry is not None:
            try:
                shape = shapely.geometry.shape(self.geometry)
            except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError):
                raise BadShape(why=apply.EMPTY) from None
        return Content(
            self.action, self.category, self.name, self.unit, shape, self.subject_number, self.applicant_kind,
            self.contact_name, self.contact_phone, self.form,
        )  # fmt: skip


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


class PlanIn(Strict):
    title: str = Field(min_length=1, max_length=200)


class PlanStepIn(Strict):
    """方案批量办理: the chosen names, by number (drafts by id), with the versions that were seen."""

    transition: str = Field(min_length=1, max_length=40)
    reason: str = Field(max_length=4000)
    versions: dict[str, int] = Field(max_length=200)
    details: dict[str, Any] = Field(default_factory=dict)


class StatusIn(Strict):
    """凭编号和电话查询."""

    number: str = Field(max_length=40)
    phone: str = Field(max_length=40)


class OfferOut(BaseModel):
    """此人现在可办理的一步，以及还缺什么."""

    transition: str
    says: str
    says_en: str
    needs: list[str]
    needs_en: list[str]


class RowOut(BaseModel):
    """办件列表的一行. days_left: of the soonest limit, by the calendar; null where none runs."""

    id: str
    number: str | None
    action: ApplicationAction
    category: Category
    state: ApplicationState
    state_name: str
    state_name_en: str
    version: int
    name: str
    romanization: str | None
    subject: str | None
    unit: str | None
    unit_name: str | None
    route: str | None
    verdict: str | None
    due: date | None
    overdue: bool
    submitted_at: datetime | None
    saved: datetime
    applicant: str
    organisation: str
    officer: str | None
    plan: int | None
    name_number: int | None
    demo: bool


class RowsOut(BaseModel):
    items: list[RowOut]
    next: str | None = None


class CaseStepOut(BaseModel):
    version: int
    transition: str
    from_state: str | None
    to_state: str
    at: datetime
    actor: str | None = Field(description="办理人，仅工作人员可见 For officers only")
    reason: str
    details: dict[str, Any]


class ClockOut(BaseModel):
    """期限. left: days left in the limit's own unit, negative when overdue."""

    limit: str
    title: str
    title_en: str
    source: str
    starts: date
    due: date | None
    left: int | None
    state: str
    extended: int
    stopped: date | None


class CaseOut(RowOut):
    """办件 with all that belongs to it. contact and officers' notes only for those who may see them."""

    geometry: dict[str, Any] | None
    form: dict[str, Any]
    applicant_kind: str | None
    contact_name: str | None
    contact_phone: str | None
    body: str | None
    decision_number: str | None
    external: dict[str, Any] | None
    findings: dict[str, Any] | None
    checked_at: datetime | None
    lacking: list[str] = Field(description="提交前还缺 What is missing before it can be handed in")
    missing_materials: list[str]
    may: list[OfferOut]
    steps: list[CaseStepOut]
    clocks: list[ClockOut]
    materials: list[dict[str, Any]]
    opinions: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    filings: list[dict[str, Any]]
    announcements: list[dict[str, Any]]
    siblings: list[dict[str, Any]]
    rivals: list[dict[str, Any]]
    comment: dict[str, Any] | None
    subject_name: dict[str, Any] | None
    result_name: dict[str, Any] | None
    protected: bool


class TakenOut(BaseModel):
    """办理结果."""

    id: str
    number: str | None
    state: ApplicationState
    state_name: str
    state_name_en: str
    version: int
    due: date | None
    name_number: int | None
    decision_number: str | None
    saved: datetime


class PlanOut(BaseModel):
    """地名方案."""

    ref: uuid.UUID
    title: str
    created: datetime
    demo: bool
    cases: list[RowOut]


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


STEPS = problems(
    NoSuchApplication, Stale, NoReason, WrongState, StepNotYours, GuardUnmet, BadDetail, decide.UnknownStep,
    ReportIncomplete,
)  # fmt: skip


def row_out(row: QueueRow) -> RowOut:
    """A row of a list as its answer."""
    state = APPLICATION_STATE_NAMES[ApplicationState(row.state)]
    plain = {
        k: getattr(row, k)
        for k in ("number", "action", "category", "state", "version", "name", "romanization", "unit_name", "route",
                  "verdict", "due", "submitted_at", "saved", "applicant", "organisation", "officer", "demo")
    }  # fmt: skip
    return RowOut(
        **plain, id=str(row.ref), state_name=state.zh, state_name_en=state.en, unit=row.unit_code,
        subject=row.subject_name, plan=row.plan_id, name_number=row.result_number,
        overdue=row.due is not None and row.due < holidays.today(),
    )  # fmt: skip


def taken(row: Any) -> TakenOut:
    """A case after a step as its answer."""
    state = APPLICATION_STATE_NAMES[ApplicationState(row.state)]
    return TakenOut(
        id=str(row.ref), number=row.number, state=row.state, state_name=state.zh, state_name_en=state.en,
        version=row.version, due=row.due, name_number=row.result_number, decision_number=row.decision_number,
        saved=row.saved,
    )  # fmt: skip


def case_out(case: Case, person: Person) -> CaseOut:
    """A case as its answer to one who may see it: the applicant's side does not learn who handles it, nor what was
    written for the officers."""
    row, on = case.row, holidays.today()
    officer = case_facts.is_officer(person)
    state = APPLICATION_STATE_NAMES[ApplicationState(row["state"])]
    shared = {k: row[k] for k in (
        "number", "action", "category", "state", "version", "name", "romanization", "unit_name", "route", "due",
        "submitted_at", "saved", "applicant", "organisation", "demo", "geometry", "form", "applicant_kind", "contact_name",
        "contact_phone", "body", "decision_number", "external", "findings", "checked_at",
    )}  # fmt: skip
    opinions = [dict(o) for o in case.opinions if officer or o["kind"] not in ("review", "overrule")]
    if not officer:
        opinions = [{k: v for k, v in o.items() if k not in ("by", "made_by")} for o in opinions]
    return CaseOut(
        **shared,
        id=str(row["ref"]),
        state_name=state.zh,
        state_name_en=state.en,
        unit=row["unit_code"],
        subject=case.subject["name"] if case.subject else None,
        verdict=(row["findings"] or {}).get("verdict"),
        overdue=row["due"] is not None and row["due"] < on,
        officer=row["officer"] if officer else None,
        plan=row["plan_id"],
        name_number=row["result_number"],
        lacking=[case_facts.LACKING[key].zh for key in case_facts.lacking(case)],
        missing_materials=[r.title.zh for r in case_facts.missing_materials(case)],
        may=[
            OfferOut(
                transition=t.name, says=t.says.zh, says_en=t.says.en,
                needs=[n.zh for n in needs], needs_en=[n.en for n in needs],
            )
            for t, needs in case_facts.offers(case, person, on)
        ],
        steps=[
            CaseStepOut(
                version=s.version, transition=s.transition, from_state=s.from_state, to_state=s.to_state, at=s.at,
                actor=s.actor if officer else None, reason=s.reason if officer or s.transition not in life.INTERNAL else "", details=dict(s.details) if officer or s.transition not in life.INTERNAL else {},
            )
            for s in case.steps
        ],
        clocks=[
            ClockOut(
                limit=c.limit_id, title=statutory()[c.limit_id].title.zh, title_en=statutory()[c.limit_id].title.en,
                source=statutory()[c.limit_id].source, starts=c.clock.starts, due=c.due, left=c.left(on),
                state=c.state(on).value, extended=c.clock.extended, stopped=c.clock.stopped,
            )
            for c in case.clocks
        ],
        opinions=opinions,
        rivals=[dict(r) for r in case.rivals] if officer else [],
        comment=None if case.comment is None else dict(case.comment),
        subject_name=None if case.subject is None else dict(case.subject),
        result_name=dict(case.result) if case.result is not None and (officer or case_facts.is_announced(case)) else None,
        protected=case.protected,
        **{k: [dict(r) for r in getattr(case, k)] for k in ("materials", "documents", "filings", "announcements", "siblings")},
    )  # fmt: skip


@router.post(
    "/applications",
    status_code=201,
    summary="起草申请 A new draft",
    responses=problems(StepNotYours, BadDetail, BadShape, NoSuchPlan),
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
        action=action, unit=unit, overdue_on=holidays.today() if overdue else None, verdict=verdict, text=text,
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
