"""地名: search in the public names, and one public name."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api import searching
from api.doors import At, PublicReading, Searching
from api.errors import problems
from api.paging import Cursor, Limit, decode, encode
from api.searching import AnswerOut, Latitude, Longitude, Text_
from geo.names.categories import Category
from geo.names.query import QuestionTooLong
from geo.problems import TooMany
from geo.settings import as_of
from geo.store import published_names, search
from geo.store.published_names import NoSuchPublicName
from geo.store.search_dates import as_on
from geo.terms import NameStatus

router = APIRouter(tags=["place names 地名"])


class NameOut(BaseModel):
    """另一个地名: of the same place, or with the same specific part in the same county."""

    number: int
    name: str
    status: NameStatus
    category: Category
    unit_code: str
    valid_from: date | None
    valid_to: date | None


class RecordOut(BaseModel):
    """地名的公开记录. Who entered it and internal notes are not in it."""

    number: int
    place_id: int
    code: str | None
    name: str
    specific: str
    generic: str
    romanization: str
    readings: list[str] | None
    category: Category
    gb_code: str | None
    status: NameStatus
    must_be_used: bool = Field(description="是否应当使用（标准地名） Whether the law asks to use it")
    unit_code: str
    names_unit: str | None
    meaning: str | None
    origin: str | None
    history: str | None
    description: str | None
    document: str | None
    approved_by: str | None
    approved_on: date | None
    announcement: str | None
    announced_on: date | None
    sources: list[dict[str, Any]]
    pictures: list[dict[str, Any]]
    facts: dict[str, Any]
    importance: int
    demo: bool
    valid_from: date | None
    valid_to: date | None = Field(description="不含当日 Not including this day")
    geometry: dict[str, Any] | None = Field(description="GeoJSON, EPSG:4490")
    geometry_source: str | None
    names: list[NameOut] = Field(description="同一地方的其他名称 Other names of the same place")
    cluster: list[NameOut] = Field(
        description="同县内专名相同的地名 Names of the same specific part in the county"
    )


@router.get(
    "/api/v1/place-names",
    summary="检索地名 Search place names",
    response_model=AnswerOut,
    responses=problems(QuestionTooLong, searching.BadBox, searching.BadNear, TooMany),
)
def list_names(
    request: Request,
    response: Response,
    session: Searching,
    q: Text_ = "",
    category: Annotated[Category | None, Query(description="类别 Category")] = None,
    unit: Annotated[
        str | None, Query(pattern=r"^[0-9]{2,12}$", description="政区代码 Code of a unit")
    ] = None,
    bbox: Annotated[
        str | None, Query(max_length=100, description="西,南,东,北 west,south,east,north")
    ] = None,
    at: Annotated[
        date | None,
        Query(description="只要该日有效的地名 Names valid on this day only; of all times by default"),
    ] = None,
    lon: Longitude = None,
    lat: Latitude = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Any:
    """按匹配方式、类别、远近、重要性排列；`tier`、`why` 说明为何命中，`highlight` 标出字。不给 `q` 时列出全部。

    Ordered by match, category, nearness and importance. `tier` and `why` say why a name answers, `highlight`
    which characters. Without `q` all names, by rank."""
    searching.take_turn(request)
    filters = searching.filters_of(category, unit, bbox, at, searching.near_of(lon, lat))
    place = decode(cursor, str, "") or None
    if q.strip():
        answer = search.search(session, q, filters=filters, limit=limit, cursor=place)
    else:
        answer = search.listed(session, filters=filters, limit=limit, cursor=place)
    response.headers.update(searching.CACHE)
    return searching.shown(as_on(session, answer, at or as_of())) | {
        "next": None if answer.next is None else encode(answer.next)
    }


@router.get(
    "/api/v1/place-names/{number}",
    summary="一个地名 One place name",
    response_model=RecordOut,
    responses=problems(NoSuchPublicName),
)
def show_name(
    number: Annotated[int, Path(ge=1, lt=2**63, description="地名编号 Number of the name")],
    response: Response,
    session: PublicReading,
    at: At,
) -> Any:
    """该日有效的版本；该日无效的地名给出最后的版本。The version in force on the day, else the last one."""
    response.headers.update(searching.CACHE)
    return published_names.record(session, number, at)
