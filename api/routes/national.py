"""国家地名信息库查询接口（仿）: the paths, parameters and field names of that library's public query interface, over this
register's public names.

A program that was written for that interface asks here by another base address. Coordinates are CGCS2000.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api import searching
from api.doors import At, PublicReading
from api.errors import problems
from geo.problems import BadInput, NotFound, TooMany
from geo.store import national
from geo.text import Text

router = APIRouter(prefix="/api/v1/national", tags=["national library 国家地名信息库接口"])

SearchType = Literal["精确", "模糊"]
Code = Annotated[str, Query(pattern=r"^[0-9]{0,12}$", description="行政区划代码 Code of a division")]
Year = Annotated[
    int | None, Query(ge=0, le=2200, description="年份：该年末的情况 As it was at the end of the year")
]
Name = Annotated[str, Query(min_length=1, max_length=100)]


class NoText(BadInput):
    """Nothing to look for."""

    code = "nothing-asked"
    title = Text(
        "请给出地名或拼音（拼音至少三个字母）", "Give a name, or a spelling of three letters or more"
    )


class NoSuchRecord(NotFound):
    """No public name has this id."""

    code = "no-such-record"
    title = Text("没有标识为 {id} 的地名", "No place name has the id {id}")


class RecordOut(BaseModel):
    """公开记录的字段（国家地名信息库）. `demo`: 演示数据 is an addition of this register."""

    id: str = Field(description="数据 ID：本库的地名编号")
    standard_name: str = Field(description="标准名称")
    roman_alphabet_spelling: str = Field(description="罗马字母拼写")
    ethnic_minorities_writing: str = Field(description="少数民族语书写")
    place_type: str = Field(description="地名类别")
    place_type_code: str = Field(description="地名类别代码（GB/T 18521），未知为空")
    place_code: str = Field(description="地名代码，未赋码为空")
    province: str
    province_name: str
    city: str
    city_name: str
    area: str
    area_name: str
    gdm: dict[str, Any] | None = Field(description="空间坐标 GeoJSON，CGCS2000；type 为小写")
    demo: bool


class DetailsOut(RecordOut):
    """地名详情."""

    place_origin: str = Field(description="地名的来历")
    place_meaning: str = Field(description="地名的含义")
    place_history: str = Field(description="地名的历史沿革")
    old_name: str = Field(description="历史地名")
    government_history: str = Field(description="政区的历史沿革")


class ListOut(BaseModel):
    """检索结果. total 数到一万为止 is counted up to 10,000."""

    records: list[RecordOut]
    total: int


class StatisticsOut(BaseModel):
    """统计."""

    data: list[dict[str, Any]]
    message: str = ""
    status: int = 200
    total: int


class DetailsIn(BaseModel):
    """地名 ID."""

    id: str = Field(max_length=40)


def at_end_of(year: int | None, at: date) -> date:
    """The day whose truth a year asks for; the reading date for none, or for a year that is not over."""
    return min(at, date(year, 12, 31)) if year else at


@router.get(
    "/stname/listPub",
    summary="地名搜索 Search",
    response_model=ListOut,
    responses=problems(NoText, TooMany),
)
def list_pub(
    request: Request,
    response: Response,
    session: PublicReading,
    at: At,
    stName: Name,
    searchType: SearchType = "模糊",
    placeTypeCode: Annotated[str, Query(pattern=r"^[0-9]{0,5}$")] = "",
    code: Code = "",
    year: Year = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Any:
    """标准地名：精确为名称相同，模糊为名称含有（汉字或拼音）。Standard names: the same, or with it inside (characters or
    spelling)."""
    searching.take_turn(request)
    asked = national.named(stName, exact=searchType == "精确")
    if asked is None:
        raise NoText()
    found, total = national.page(
        session, asked, code=code, type_code=placeTypeCode, at=at_end_of(year, at), size=size, number=page
    )
    response.headers.update(searching.CACHE)
    return {"records": found, "total": total}


def details_of(session: PublicReading, id: str, at: date) -> Any:
    """One record. Raises NoSuchRecord."""
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    found = national.records(session, [number], at)
    if not found:
        raise NoSuchRecord(id=id)
    return found[0]


@router.get(
    "/stname/detailsPub",
    summary="地名详情 Details",
    response_model=DetailsOut,
    responses=problems(NoSuchRecord),
)
def details(session: PublicReading, at: At, id: Annotated[str, Query(max_length=40)]) -> Any:
    """一个标准地名的全部公开字段。All public fields of a standard name."""
    return details_of(session, id, at)


@router.post(
    "/stname/detailsPub",
    summary="地名详情 Details",
    response_model=DetailsOut,
    responses=problems(NoSuchRecord),
)
def details_by_post(session: PublicReading, at: At, asked: Annotated[DetailsIn, Body()]) -> Any:
    """与 GET 相同；原接口用 POST。As GET; the library's own interface takes a POST."""
    return details_of(session, asked.id, at)


def _same_name(request: Request, name: Name) -> national.Asked | None:
    searching.take_turn(request)
    return national.named(name, exact=True)


def _same_sound(request: Request, name: Name) -> national.Asked | None:
    searching.take_turn(request)
    return national.sounding(name)


SameName = Annotated[national.Asked | None, Depends(_same_name)]
SameSound = Annotated[national.Asked | None, Depends(_same_sound)]
Counted = Callable[..., list[dict[str, Any]]]


def _statistics(
    count: Counted, session: PublicReading, asked: national.Asked | None, code: str, at: date
) -> StatisticsOut:
    if asked is None:
        raise NoText()
    rows = count(session, asked, code=code, at=at)
    return StatisticsOut(data=rows, total=sum(r["count"] for r in rows))


STATISTICS: dict[str, Any] = {"responses": problems(NoText, TooMany)}


@router.get("/datastatis/GroupCountNameByCode", summary="同名区划统计 Same name, by division", **STATISTICS)
def same_name_by_code(session: PublicReading, at: At, asked: SameName, distCode: Code = "") -> StatisticsOut:
    """名称相同的标准地名，按下一级区划计数。Standard names of the same name, counted by the next level of divisions."""
    return _statistics(national.by_division, session, asked, distCode, at)


@router.get("/datastatis/GroupCountNameByType", summary="同名类别统计 Same name, by kind", **STATISTICS)
def same_name_by_type(session: PublicReading, at: At, asked: SameName, distCode: Code = "") -> StatisticsOut:
    """名称相同的标准地名，按类别计数。Counted by kind."""
    return _statistics(national.by_type, session, asked, distCode, at)


@router.get(
    "/datastatis/GroupCountPinyinByCode", summary="同音区划统计 Same sound, by division", **STATISTICS
)
def same_sound_by_code(
    session: PublicReading, at: At, asked: SameSound, distCode: Code = ""
) -> StatisticsOut:
    """读音相同的标准地名：带声调则声调也须相同。Of the same sound; tone marks, where given, have to agree."""
    return _statistics(national.by_division, session, asked, distCode, at)


@router.get("/datastatis/GroupCountPinyinByType", summary="同音类别统计 Same sound, by kind", **STATISTICS)
def same_sound_by_type(
    session: PublicReading, at: At, asked: SameSound, distCode: Code = ""
) -> StatisticsOut:
    """读音相同的标准地名，按类别计数。Counted by kind."""
    return _statistics(national.by_type, session, asked, distCode, at)


@router.get("/xzqh/getList", summary="行政区划 Divisions", responses=problems(TooMany))
def divisions(
    request: Request,
    session: PublicReading,
    at: At,
    code: Code = "",
    maxLevel: Annotated[int, Query(ge=0, le=2, description="0 本级，1 含下级，2 含下两级")] = 1,
    year: Year = None,
) -> dict[str, Any]:
    """本库所有的行政区划。The divisions that this register has."""
    searching.take_turn(request)
    found = national.divisions(session, code, maxLevel, at_end_of(year, at))
    return {"data": found, "message": "", "status": 200, "total": len(found)}
