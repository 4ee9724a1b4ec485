"""行政区划 administrative units over time, and which of them hold a point."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.doors import At, PublicReading
from api.errors import problems
from api.paging import Cursor, Limit, decode, page
from geo.problems import NotFound
from geo.store import published_units
from geo.terms import UnitLevel

router = APIRouter(tags=["administrative units 行政区划"])

UnitCode = Annotated[str, Path(pattern=r"^\d{2,12}$", description="民政或统计代码 Either code")]


class UnitOut(BaseModel):
    """行政区划: a unit while its name, level and parent were so."""

    code: str = Field(description="民政区划代码 Civil-affairs code")
    statistical: str | None = Field(None, description="统计用区划代码 12-digit statistical code")
    name: str
    level: UnitLevel
    kind: str | None = None
    parent_code: str | None
    document: str | None = None
    source: str
    demo: bool
    valid_from: date | None
    valid_to: date | None = Field(description="不含当日 Not including this day")
    geometry: dict[str, Any] | None = Field(None, description="现用轮廓（概括）Outline in use, generalised")


class UnitsOut(BaseModel):
    """行政区划列表."""

    items: list[UnitOut]
    next: str | None


class SuccessionOut(BaseModel):
    """沿革: one unit became another."""

    from_code: str
    to_code: str | None
    to_name: str | None
    kind: str
    on_date: date
    document: str | None
    source: str
    demo: bool


class UnitHistoryOut(BaseModel):
    """一个行政区划: as it is on the date asked for (null where it is not then), all its times, and what
    became of it."""

    code: str
    at: date
    current: UnitOut | None
    versions: list[UnitOut]
    successions: list[SuccessionOut]


class PlaceOut(BaseModel):
    """所在: the units that hold a point on a date, the largest first."""

    lon: float
    lat: float
    at: date
    units: list[UnitOut]
    township: UnitOut | None
    village: UnitOut | None


@router.get("/api/v1/admin-units", summary="行政区划列表 Units", response_model=UnitsOut)
def list_units(
    session: PublicReading,
    at: At,
    level: UnitLevel | None = None,
    parent: Annotated[str | None, Query(pattern=r"^\d{2,12}$", description="上级代码 Parent's code")] = None,
    geometry: Annotated[bool, Query(description="是否带轮廓 With outlines")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """某日有效的行政区划。The units in force on a date."""
    rows = published_units.units(
        session,
        at=at,
        after=decode(cursor, str, ""),
        limit=limit,
        level=level.value if level else None,
        parent=parent,
        shapes=geometry,
    )
    return page(rows, limit, lambda row: row["code"])


@router.get(
    "/api/v1/admin-units/{code}",
    summary="一个行政区划 One unit",
    response_model=UnitHistoryOut,
    responses=problems(NotFound),
)
def show_unit(code: UnitCode, session: PublicReading, at: At) -> Any:
    """旧代码同样可查，并说明后来成为什么。Old codes resolve too, and say what became of them."""
    versions = published_units.times_of(session, code)
    if not versions:
        raise NotFound()
    current = next((v for v in versions if _holds(v, at)), None)
    return {
        "code": (current or versions[0])["code"],
        "at": at,
        "current": current,
        "versions": versions,
        "successions": published_units.successions(session, (current or versions[0])["code"]),
    }


@router.get("/api/v1/locate", summary="查所在 Which unit is this point in", response_model=PlaceOut)
def locate(
    session: PublicReading,
    at: At,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, description="经度 EPSG:4490")],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, description="纬度 EPSG:4490")],
) -> Any:
    """按现用轮廓（概括）判断，近界处以实地和成果为准。By the outlines in use, which are generalised: near a
    border the ground and the record decide."""
    units = published_units.holding(session, lon, lat, at)

    def of_level(level: UnitLevel) -> Any:
        return next((u for u in units if u["level"] == level.value), None)

    return {
        "lon": lon,
        "lat": lat,
        "at": at,
        "units": units,
        "township": of_level(UnitLevel.TOWNSHIP),
        "village": of_level(UnitLevel.VILLAGE),
    }


def _holds(version: dict[str, Any], at: date) -> bool:
    start, end = version["valid_from"], version["valid_to"]
    return (start is None or start <= at) and (end is None or at < end)
