"""乡村地名图的数据: what the map of village names fetches."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.doors import At, District, Language, PublicReading
from api.errors import problems
from api.keeping import kept_json
from api.paging import Cursor, Limit, decode, encode
from api.searching import box_of
from geo.store import village_names, village_pages
from geo.store.village_names import NoSuchPartOfMap
from geo.store.village_pages import PERIODS, THEMES, Wanted
from maps import village_map

router = APIRouter(tags=["place names 地名"])

Within = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{9}([0-9]{3})?$", description="镇街或村代码 Code of a township or village"),
]
THEME_KEYS, PERIOD_KEYS = tuple(THEMES), tuple(PERIODS)
ROW = (
    "每行：编号、地名、注记（0 为同地名）、罗马字母拼写、无声调拼音、首字母、经度、纬度、镇街序号、标志位、命名年份 "
    "Each row: number, name, label or 0, romanization, plain pinyin, initials, longitude, latitude, index of the "
    "township, flags (1 protected, 2 story, 4 meaning, 8 picture, 16 former or vanished, 32 village or community, "
    "64 demonstration), year of naming"
)


class VillagesOut(BaseModel):
    """地名与项目, in the order of the list."""

    names: list[list[Any]] = Field(description=ROW)
    items: list[dict[str, Any]] = Field(description="六个一批的项目 Items of the programme")
    whole: bool = Field(description="是否全部 Whether these are all of them")


@router.get(
    "/api/v1/maps/villages",
    summary="乡村地名图数据 Data of the village-name map",
    response_model=VillagesOut,
    responses=problems(NoSuchPartOfMap),
)
def villages(
    request: Request,
    session: PublicReading,
    district: District,
    at: At,
    lang: Language,
    within: Within = None,
) -> Any:
    """某日的村（社区）、自然村名称及乡村著名行动的项目。

    Names of villages, communities and natural villages on a date, and the programme's items."""

    def shown() -> dict[str, Any]:
        found = village_names.village_map(session, district=district.code, at=at, within=within)
        return village_map.contents(found, language=lang)

    return kept_json(
        request, session, ("villages", district.code, at, within, lang, village_names.MOST), shown
    )


class NamesPageOut(BaseModel):
    """地名清单的一页 A page of the list."""

    names: list[list[Any]] = Field(description=ROW)
    famous: list[int] = Field(description="其中名录地名和有相关项目的 Which of them are listed or have items")
    matching: int = Field(description="符合条件的总数 How many there are in all")
    next: str | None


@router.get(
    "/api/v1/maps/villages/names",
    summary="乡村地名图的清单，分页 List of the village-name map, page by page",
    response_model=NamesPageOut,
    responses=problems(NoSuchPartOfMap),
)
def page(
    response: Response,
    session: PublicReading,
    district: District,
    at: At,
    within: Within = None,
    unit: Annotated[
        str | None, Query(pattern=r"^[0-9]{9}$", description="镇街代码 Code of a township")
    ] = None,
    bbox: Annotated[
        str | None, Query(max_length=100, description="西,南,东,北 west,south,east,north")
    ] = None,
    q: Annotated[
        str,
        Query(max_length=60, description="汉字、无声调拼音或首字母 Characters, plain pinyin or initials"),
    ] = "",
    theme: Annotated[Literal[THEME_KEYS] | None, Query(description="主题 Theme")] = None,  # type: ignore[valid-type]
    period: Annotated[Literal[PERIOD_KEYS] | None, Query(description="命名年代 When it was named")] = None,  # type: ignore[valid-type]
    number: Annotated[int | None, Query(ge=1, le=2**62, description="只要这一编号 This one alone")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """某日的村（社区）、自然村名称，名录地名在前，再按地位和重要性；可按图幅、镇街、主题、命名年代和名称筛选。

    Names on a date, the listed ones first, then by standing and importance; by the map's box, township, theme, time of
    naming and name."""
    wanted = Wanted(unit, box_of(bbox), q.strip(), theme or "", period or "", number)
    after = max(0, decode(cursor, int, 0))
    found = village_pages.page(
        session, wanted, district=district.code, at=at, within=within, after=after, limit=limit
    )
    response.headers["Cache-Control"] = "public, max-age=60"
    return {
        "names": village_map.rows(found.rows, found.townships),
        "famous": found.famous,
        "matching": found.matching,
        "next": None if found.after is None else encode(found.after),
    }


@router.get(
    "/api/v1/maps/villages/rest",
    summary="乡村地名图的底图、图式和用语 Ground, style and words of the village-name map",
    responses=problems(NoSuchPartOfMap),
)
def rest(
    request: Request,
    session: PublicReading,
    district: District,
    at: At,
    lang: Language,
    within: Within = None,
) -> Any:
    """地名多、以瓦片绘制时，页面另取的部分。 What a page of tiles fetches beside itself."""

    def drawn() -> dict[str, Any]:
        found = village_names.without_names(session, district=district.code, at=at, within=within)
        return village_map.rest(found, at, lang)

    return kept_json(
        request, session, ("villages, the rest", district.code, at, within, lang, village_names.MOST), drawn
    )
