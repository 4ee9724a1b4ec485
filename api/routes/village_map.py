"""乡村地名图的数据: what the map of village names fetches."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.doors import At, District, Language, PublicReading
from api.errors import problems
from geo.store import village_names
from geo.store.village_names import NoSuchPartOfMap
from maps import village_map

router = APIRouter(tags=["place names 地名"])


class VillagesOut(BaseModel):
    """地名与项目, in the order of the list."""

    names: list[list[Any]] = Field(
        description="每行：编号、地名、注记（0 为同地名）、罗马字母拼写、无声调拼音、首字母、经度、纬度、镇街序号、标志位、命名年份 "
        "Each row: number, name, label or 0, romanization, plain pinyin, initials, longitude, latitude, index of the "
        "township, flags (1 protected, 2 story, 4 meaning, 8 picture, 16 former or vanished, 32 village or community, "
        "64 demonstration), year of naming"
    )
    items: list[dict[str, Any]] = Field(description="六个一批的项目 Items of the programme")
    whole: bool = Field(description="是否全部 Whether these are all of them")


@router.get(
    "/api/v1/maps/villages",
    summary="乡村地名图数据 Data of the village-name map",
    response_model=VillagesOut,
    responses=problems(NoSuchPartOfMap),
)
def villages(
    response: Response,
    session: PublicReading,
    district: District,
    at: At,
    lang: Language,
    within: Annotated[
        str | None,
        Query(pattern=r"^[0-9]{9}([0-9]{3})?$", description="镇街或村代码 Code of a township or village"),
    ] = None,
) -> Any:
    """某日的村（社区）、自然村名称及乡村著名行动的项目。

    Names of villages, communities and natural villages on a date, and the programme's items."""
    found = village_names.village_map(session, district=district.code, at=at, within=within)
    response.headers["Cache-Control"] = "public, max-age=60"
    return village_map.contents(found, language=lang)
