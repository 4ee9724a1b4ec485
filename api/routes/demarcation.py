"""勘界进度 demarcation progress: counts and kilometres by state, against the year's target."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.doors import At, District, Seeing
from geo.store import boundaries
from geo.terms import LineState

router = APIRouter(prefix="/api/v1/demarcation", tags=["boundary lines 界线"])


class StateCountOut(BaseModel):
    """一种状态的条数和长度."""

    state: LineState
    name: str
    name_en: str
    count: int
    length_km: float = Field(description="椭球面公里 Geodesic kilometres")


class ProgressOut(BaseModel):
    """进度 of a district on a date; a line counts towards its year by the date of its approval document."""

    at: str
    year: int
    target: int
    settled_in_year: int
    settled_in_year_km: float
    share: float | None
    lines: int
    length_km: float
    unknown_length: int
    states: list[StateCountOut]
    in_dispute: int | None = Field(None, description="有争议的条数，仅有权人员可见 For officers only")


@router.get(
    "/progress", summary="勘界进度 Progress", response_model=ProgressOut, response_model_exclude_unset=True
)
def show_progress(sight: Seeing, district: District, at: At) -> Any:
    """按状态统计条数和长度，与年度任务对比。Counts and lengths by state, against the year's target."""
    found = boundaries.district_progress(
        sight.session,
        district=district.code,
        at=at,
        officer=sight.officer,
        target=district.settled_target,
        year=district.target_year,
    )
    return found.to_json(officer=sight.officer)
