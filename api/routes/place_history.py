"""地名沿革 the history of places: what one was called on a date, chains of names, names that are gone."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.doors import At, PublicReading
from api.errors import problems
from api.paging import Cursor, Limit, decode, page
from geo.names.categories import Category
from geo.store import name_history
from geo.store.name_history import NoSuchPlace
from geo.store.names import NoSuchName
from geo.terms import NameStatus

router = APIRouter(tags=["place names 地名"])

#: What a bigint of the database can be.
Number = Annotated[int, Path(ge=1, lt=2**63)]


class VersionOut(BaseModel):
    """一个地名在一段时间内: one name of a place while it was so."""

    number: int
    place_id: int
    code: str | None
    name: str
    specific: str = Field(description="专名 Specific part")
    generic: str = Field(description="通名 Generic part")
    romanization: str = Field(description="罗马字母拼写 With tone marks")
    category: str
    gb_code: str | None
    status: NameStatus
    must_be_used: bool = Field(description="是否应当使用 Whether the law asks to use it")
    unit_code: str
    names_unit: str | None
    meaning: str | None
    origin: str | None
    history: str | None
    document: str | None
    approved_by: str | None
    approved_on: date | None
    announcement: str | None
    announced_on: date | None
    sources: list[dict[str, Any]]
    facts: dict[str, Any]
    demo: bool
    valid_from: date | None
    valid_to: date | None = Field(description="不含当日 Not including this day")
    geometry: dict[str, Any] | None
    geometry_source: str | None


class LinkOut(BaseModel):
    """沿革: one name gave way to another, or ended."""

    from_number: int
    from_name: str | None
    from_place: int | None
    to_number: int | None
    to_name: str | None
    to_place: int | None
    kind: str = Field(description="renamed merged split moved recoded abolished vanished")
    on_date: date
    document: str | None
    source: str
    demo: bool


class UnitThenOut(BaseModel):
    code: str
    name: str
    level: str


class StretchOut(BaseModel):
    """隶属: in which units the place lay, and when."""

    valid_from: date | None
    valid_to: date | None
    units: list[UnitThenOut]


class PlaceAtOut(BaseModel):
    """一个地方在某日: what it is called, everything known of its names, and where it lay.

    called is null where the register holds no name of that date. gone: no name of it is in use on the date.
    """

    place_id: int
    uri: str
    at: date
    called: VersionOut | None
    others: list[VersionOut]
    gone: bool
    known_since: date | None = Field(
        description="地名录所载最早日期 The first date that the register speaks of"
    )
    versions: list[VersionOut]
    successions: list[LinkOut]
    moves: list[StretchOut]
    demo: bool


class ChainOut(BaseModel):
    """沿革链: every name that this one came from or became. complete is false where it was cut for length."""

    number: int
    names: list[VersionOut]
    links: list[LinkOut]
    complete: bool


class GoneOut(BaseModel):
    """已不使用的地名列表."""

    items: list[VersionOut]
    next: str | None


def shown(version: Any) -> dict[str, Any]:
    """A version as the interface gives it."""
    return {**version, "must_be_used": NameStatus(version["status"]).must_be_used}


@router.get(
    "/api/v1/places/{place_id}",
    summary="一个地方 A place and its names",
    response_model=PlaceAtOut,
    responses=problems(NoSuchPlace),
)
def show_place(place_id: Number, session: PublicReading, at: At) -> Any:
    """某日叫什么名字、在哪里；`at` 可为任何日期。What it was called on a date, and where it lay."""
    found = name_history.place_at(session, place_id, at)
    versions = found["versions"]
    units = name_history.unit_versions(session, {v["unit_code"] for v in versions})
    starts = [v["valid_from"] for v in versions]
    return {
        **found,
        "uri": f"/places/{place_id}",
        "called": None if found["called"] is None else shown(found["called"]),
        "others": [shown(v) for v in found["others"]],
        "versions": [shown(v) for v in versions],
        "known_since": None if None in starts else min(starts),
        "moves": name_history.moves(units, [v for v in versions if v["status"] == "standard"] or versions),
    }


@router.get(
    "/api/v1/place-names/{number}/chain",
    summary="沿革链 What a name came from and became",
    response_model=ChainOut,
    responses=problems(NoSuchName),
)
def show_chain(number: Number, session: PublicReading) -> Any:
    """更名、合并、分设、撤销，逐条注明来源和文件。Each link with its source and document."""
    found = name_history.chain(session, number)
    return {**found, "names": [shown(v) for v in found["names"]]}


@router.get("/api/v1/vanished-names", summary="已不使用的地名 Names that are gone", response_model=GoneOut)
def list_gone(
    session: PublicReading,
    at: At,
    unit: Annotated[str | None, Query(pattern=r"^\d{2,12}$", description="所在政区代码 Where it lay")] = None,
    category: Annotated[Category | None, Query(description="类别 Category")] = None,
    status: Annotated[
        list[NameStatus] | None,
        Query(description="former vanished historic; 缺省为三者 all three by default"),
    ] = None,
    since: Annotated[date | None, Query(description="何日起停用 Out of use from this date on")] = None,
    until: Annotated[date | None, Query(description="何日前停用 Out of use by this date")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """曾用名、消失地名、历史地名，按编号排列。Former, vanished and historic names, by number."""
    standing = [s for s in status or name_history.GONE if s in name_history.GONE]
    rows = name_history.gone_names(
        session,
        at=at,
        after=decode(cursor, int, 0),
        limit=limit,
        standing=standing,
        unit=unit,
        category=category.value if category else None,
        since=since,
        until=until,
    )
    answer = page(rows, limit, lambda row: row["number"])
    return {**answer, "items": [shown(row) for row in answer["items"]]}
