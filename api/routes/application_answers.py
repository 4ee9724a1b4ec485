"""地名申请 place-name applications as JSON: what a form brings, and what is told of a case to whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import shapely
from pydantic import BaseModel, ConfigDict, Field

from api.acts import apply, case_facts
from api.acts.apply import BadShape, Content
from api.security.person import Person
from geo import days
from geo.approvals import life
from geo.approvals.clocks import limits as statutory
from geo.names.categories import Category
from geo.store.approvals_case import Case
from geo.store.approvals_queue import QueueRow
from geo.terms import APPLICATION_STATE_NAMES, ApplicationAction, ApplicationState


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
    until: date | None = Field(
        None, description="待补正的，申请人补正的截止日 Last day of the applicant's supplement"
    )
    submitted_at: datetime | None
    saved: datetime
    applicant: str
    organisation: str
    officer: str | None
    plan: int | None
    name_number: int | None
    demo: bool


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


def row_out(row: QueueRow) -> RowOut:
    """A row of a list as its answer."""
    state = APPLICATION_STATE_NAMES[ApplicationState(row.state)]
    plain = {
        k: getattr(row, k)
        for k in ("number", "action", "category", "state", "version", "name", "romanization", "unit_name", "route",
                  "verdict", "due", "until", "submitted_at", "saved", "applicant", "organisation", "officer", "demo")
    }  # fmt: skip
    return RowOut(
        **plain, id=str(row.ref), state_name=state.zh, state_name_en=state.en, unit=row.unit_code,
        subject=row.subject_name, plan=row.plan_id, name_number=row.result_number,
        overdue=row.due is not None and row.due < days.today(),
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
    row, on = case.row, days.today()
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
