"""设施变更 changes of facilities by editors and operators: entries, versions, reports, inspections."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api import care
from api.acts import edit_facilities
from api.acts.edit_facilities import BadFacility, NoSuchOperator, NotYourFacility
from api.acts.stale import NoReason, Stale
from api.doors import Acting, At, District, Reading, Writing
from api.errors import problems
from api.routes.facilities import Number, Strict
from geo.facilities.hours import BadHours
from geo.store import facilities as store
from geo.store.facilities import NoSuchFacility

router = APIRouter(prefix="/api/v1/facilities", tags=["facilities 设施"])


class ReportIn(Strict):
    """机构上报."""

    vacancies: int | None = Field(None, ge=0, le=100_000)
    nursing_vacancies: int | None = Field(None, ge=0, le=100_000)
    notice: str | None = Field(None, max_length=200)


class HoursIn(Strict):
    hours: str = Field(min_length=1, max_length=500)
    version: int
    reason: str = Field(min_length=1, max_length=2000)


class OperatorIn(Strict):
    operator: int | None = Field(description="机构编号 Number of the organisation")
    version: int
    reason: str = Field(min_length=1, max_length=2000)


class FieldsIn(Strict):
    """Fields as a file would have them: our column key -> text."""

    fields: dict[str, str] = Field(max_length=80)
    reason: str = Field(min_length=1, max_length=2000)
    version: int | None = None


class InspectionIn(Strict):
    on: date
    kind: str = Field(min_length=1, max_length=20)
    says: str = Field(min_length=1, max_length=5000)
    hazards: list[dict[str, str]] = Field(default_factory=list, max_length=50)


@router.post(
    "", summary="登记设施 Enter a facility", status_code=201, responses=problems(BadFacility, NoReason)
)
def enter(
    given: FieldsIn, actor: Acting, session: Writing, district: District, at: At, response: Response
) -> dict[str, int]:
    """登记设施."""
    drafted = care.drafted(session, given.fields, district, at)
    row = edit_facilities.enter(session, actor, drafted, reason=given.reason)
    response.headers["Location"] = f"/api/v1/facilities/{row.number}"
    return {"number": row.number, "version": row.id}


@router.patch(
    "/{number}",
    summary="修改设施 Change a facility",
    responses=problems(BadFacility, NoReason, Stale, NoSuchFacility),
)
def change(
    number: Number, given: FieldsIn, actor: Acting, session: Writing, district: District, at: At
) -> dict[str, int]:
    """修改: a new version; `version` is that of the row that was seen."""
    drafted = care.changed(session, number, given.fields, district, at)
    row = edit_facilities.change(
        session, actor, number, drafted, version=given.version or 0, reason=given.reason
    )
    return {"number": row.number, "version": row.id}


@router.post(
    "/{number}/reports",
    status_code=201,
    summary="上报空床 Report vacancies",
    responses=problems(NotYourFacility, BadFacility, NoSuchFacility),
)
def report(number: Number, given: ReportIn, actor: Acting, session: Writing) -> dict[str, Any]:
    """上报空床: by an editor, or the operator of this facility."""
    row = edit_facilities.report(
        session,
        actor,
        number,
        vacancies=given.vacancies,
        nursing=given.nursing_vacancies,
        notice=given.notice,
    )
    return {"number": number, "at": row.at}


@router.post(
    "/{number}/hours",
    summary="改开放时间 Change the hours",
    responses=problems(NotYourFacility, BadHours, Stale, NoSuchFacility),
)
def set_hours(number: Number, given: HoursIn, actor: Acting, session: Writing) -> dict[str, int]:
    """改开放时间: by an editor, or the operator of this facility."""
    row = edit_facilities.set_hours(
        session, actor, number, given.hours, version=given.version, reason=given.reason
    )
    return {"number": number, "version": row.id}


@router.post(
    "/{number}/operator", summary="指定运营机构 Assign the operator",
    responses=problems(NoSuchOperator, Stale, NoReason, NoSuchFacility),
)  # fmt: skip
def assign(number: Number, given: OperatorIn, actor: Acting, session: Writing) -> dict[str, int]:
    """指定运营机构: whose people report vacancies and hours of it; null for nobody's."""
    row = edit_facilities.assign(
        session, actor, number, given.operator, version=given.version, reason=given.reason
    )
    return {"number": number, "version": row.id}


@router.get("/{number}/history", summary="变更记录 Versions", responses=problems(NoSuchFacility))
def history(number: Number, own: Reading, actor: Acting) -> list[dict[str, Any]]:
    """变更记录: all versions, for editors; what is internal stays out."""
    return [
        {
            "version": r.id, "valid_from": r.valid.lower, "valid_to": r.valid.upper, "recorded": r.recorded.lower,
            "closed": r.recorded.upper, "reason": r.reason, "name": r.name, "status": r.status, "hours": r.hours,
            "beds": r.beds, "nursing_beds": r.nursing_beds, "checked_on": r.checked_on,
        }
        for r in store.history(own, number)
    ]  # fmt: skip


@router.get("/{number}/inspections", summary="检查记录 Inspections", responses=problems(NoSuchFacility))
def inspections(number: Number, own: Reading, actor: Acting) -> list[dict[str, Any]]:
    """检查记录: internal, for editors."""
    return [
        {"on": r.on_date, "kind": r.kind, "says": r.says, "hazards": r.hazards, "at": r.at}
        for r in store.inspections(own, number)
    ]


@router.post(
    "/{number}/inspections",
    summary="登记检查 Enter an inspection",
    status_code=201,
    responses=problems(BadFacility, NoSuchFacility),
)
def inspect(number: Number, given: InspectionIn, actor: Acting, session: Writing) -> dict[str, int]:
    """登记检查: internal."""
    row = edit_facilities.inspect(
        session, actor, number, on=given.on, kind=given.kind, says=given.says, hazards=list(given.hazards)
    )
    return {"id": row.id}
