"""乡村著名行动 /api/v1/programme: the items of its six lists and their counts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.doors import At, District, PublicReading
from api.paging import Cursor, Limit, decode, encode
from geo.store import programme
from geo.terms import PROGRAMME_KIND_NAMES, ProgrammeKind, ProgrammeStatus

router = APIRouter(prefix="/api/v1/programme", tags=["programme 乡村著名行动"])


class ItemOut(BaseModel):
    """一个项目. lon, lat: EPSG:4490."""

    number: int
    code: str | None
    kind: ProgrammeKind
    title: str
    theme: str | None
    status: ProgrammeStatus
    unit_code: str
    unit_name: str | None
    name_numbers: list[int] = Field(description="相关地名的编号 Numbers of the names it belongs to")
    says: str | None
    responsible: str | None
    on_date: date | None
    facts: dict[str, Any]
    lon: float | None
    lat: float | None
    demo: bool


class ItemsOut(BaseModel):
    items: list[ItemOut]
    next: str | None = None


class CountOut(BaseModel):
    """一类的数量. done: finished or checked."""

    kind: ProgrammeKind
    name: str
    name_en: str
    all: int
    done: int


class CountsOut(BaseModel):
    """formula: 公式; inputs and date beside it, so that anybody can count again."""

    at: date
    formula: str = "done = 进展为“完成”或“已验收”的项目数；all = 该日在册的全部项目数"
    formula_en: str = "done = items whose status is done or checked; all = items in force on the date"
    inputs: str = "/api/v1/programme/items"
    counts: list[CountOut]


@router.get("/items", summary="项目 Items")
def items(
    session: PublicReading,
    district: District,
    at: At,
    kind: ProgrammeKind | None = None,
    unit: Annotated[
        str | None, Query(pattern=r"^[0-9]{6,12}$", description="镇街或村代码 Code of a unit")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ItemsOut:
    """某日在册的项目，按编号。Items in force on a date, by number."""
    after = decode(cursor, int, 0)
    rows = programme.items(
        session, district=district.code, at=at, kind=kind, unit=unit, after=after, limit=limit + 1
    )
    more = len(rows) > limit
    shown = rows[:limit]
    return ItemsOut(
        items=[ItemOut.model_validate(row) for row in shown],
        next=encode(shown[-1]["number"]) if more else None,
    )


@router.get("/counts", summary="六个一批的数量 Counts of the six")
def counts(session: PublicReading, district: District, at: At) -> CountsOut:
    """各类在册和完成的数量，附公式。How many of each, with the formula."""
    found = programme.counts(session, district=district.code, at=at)
    return CountsOut(
        at=at,
        counts=[
            CountOut(kind=k, name=PROGRAMME_KIND_NAMES[k].zh, name_en=PROGRAMME_KIND_NAMES[k].en, **n)
            for k, n in found.items()
        ],
    )
