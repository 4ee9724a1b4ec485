"""界桩 boundary markers: rounded positions of settled lines for the public, exact ones for officers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.doors import At, District, Seeing
from api.errors import problems
from api.paging import Cursor, Limit, decode, of_store
from geo.store import lists

router = APIRouter(prefix="/api/v1/markers", tags=["markers 界桩"])


class MarkerOut(BaseModel):
    """界桩. `height` and `accuracy_m` are for officers only and absent from the public's answers."""

    number: str = Field(description="界桩编号")
    display_number: str | None
    kind: str = Field(description="类型码 Q A B C D E (GB/T 17796)")
    line_code: str
    condition: str | None
    demo: bool
    exact: bool = Field(description="false：位置取整到 0.001 度 rounded to 0.001 degree")
    geometry: dict[str, Any] = Field(description="EPSG:4490")
    height: float | None = Field(None, description="米，1985 国家高程基准")
    accuracy_m: float | None = None


class MarkersOut(BaseModel):
    """界桩列表."""

    items: list[MarkerOut]
    next: str | None


@router.get("", summary="界桩列表 Markers", response_model=MarkersOut, response_model_exclude_unset=True)
def list_markers(
    sight: Seeing,
    district: District,
    at: At,
    line: Annotated[str | None, Query(max_length=30, description="界线代码 A line's code")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """公众只见已勘定界线的界桩，位置取整；有权人员见精确位置和高程。

    The public sees markers of settled lines, rounded; officers see exact positions and heights."""
    found = lists.markers(
        sight.session,
        district=district.code,
        at=at,
        officer=sight.officer,
        line_code=line,
        limit=limit,
        cursor=decode(cursor, str, ""),
    )
    return of_store(found, marker_out)


@router.get(
    "/{number}",
    summary="一个界桩 One marker",
    response_model=MarkerOut,
    response_model_exclude_unset=True,
    responses=problems(lists.NoSuchMarker),
)
def show_marker(number: Annotated[str, Path(max_length=40)], sight: Seeing, at: At) -> Any:
    """一个界桩；公众无权得知未勘定界线的界桩。One marker; to the public, those of unsettled lines do not exist."""
    return marker_out(lists.marker(sight.session, number, at=at, officer=sight.officer))


def marker_out(row: dict[str, Any]) -> dict[str, Any]:
    """A record of the store as its answer. What the public gets is rounded in the view; three decimals are
    all that it holds."""
    facts = {k: v for k, v in row.items() if k not in ("lon", "lat")}
    return facts | {"geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]}}
