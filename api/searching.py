"""Searching at the doors: the public's turn, and what the interface and the pages ask the search for."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field

from api import doors
from geo.names.categories import Category
from geo.names.query import Tier
from geo.problems import BadInput
from geo.store.search import Filters
from geo.terms import NameStatus
from geo.text import Text

#: Searches of one address: so many at once, and a minute. Typing asks for some five a second at most.
BURST, PER_MINUTE = 400, 1200.0
#: What a program or a browser may keep of an answer.
CACHE = {"Cache-Control": "public, max-age=60", "Vary": "Accept-Encoding"}


class BadBox(BadInput):
    """The box is not four numbers in order."""

    code = "bad-box"
    title = Text(
        "bbox 应为 西,南,东,北（经纬度，度），西小于东、南小于北",
        "bbox is west,south,east,north in degrees, west below east and south below north",
    )


class BadNear(BadInput):
    """A longitude without a latitude, or the other way round."""

    code = "bad-near"
    title = Text("lon 与 lat 须一并给出", "Give lon and lat together")


def take_turn(request: Request) -> None:
    """Count a search of this address. Raises TooMany."""
    doors.take_turn(request, "search", burst=BURST, per_minute=PER_MINUTE)


def box_of(given: str | None) -> tuple[float, float, float, float] | None:
    """west,south,east,north. Raises BadBox."""
    if given is None or not given.strip():
        return None
    parts = given.split(",")
    number = re.compile(r"\s*-?\d{1,3}(\.\d{1,12})?\s*", re.ASCII)
    if len(parts) != 4 or not all(number.fullmatch(p) for p in parts):
        raise BadBox()
    west, south, east, north = map(float, parts)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadBox()
    return west, south, east, north


def near_of(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    """The point that nearer names are preferred to. Raises BadNear."""
    if (lon is None) != (lat is None):
        raise BadNear()
    return None if lon is None or lat is None else (lon, lat)


Text_ = Annotated[
    str, Query(description="检索词：汉字、拼音、首字母 What to look for; at most 200 characters")
]
Longitude = Annotated[
    float | None, Query(ge=-180, le=180, allow_inf_nan=False, description="较近者优先 Nearer names first")
]
Latitude = Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)]


class StandardOut(BaseModel):
    """The standard name of the same place."""

    number: int
    name: str


class HitOut(BaseModel):
    """检索结果: a name, why it answers, and which of its characters to highlight ([start, end) in code points)."""

    number: int
    place_id: int
    name: str
    kind: str = Field(description="name、alias、short、map_name")
    romanization: str
    status: NameStatus
    category: Category
    unit_code: str
    unit_name: str | None
    valid_from: date | None
    valid_to: date | None = Field(description="不含当日 Not including this day")
    lon: float | None
    lat: float | None
    demo: bool
    tier: Tier
    why: str
    why_en: str
    highlight: list[list[int]]
    standard: StandardOut | None = Field(
        description="该地现行标准名，若非本名 The place's standard name, if another"
    )


class AnswerOut(BaseModel):
    """items: what answers the question, best first. offers: 同音、差一字, what may have been meant, on the first
    page only."""

    items: list[HitOut]
    next: str | None
    offers: list[HitOut]


def shown(answer: Any) -> dict[str, Any]:
    """An answer of the store as JSON."""
    return {
        "items": [hit.to_json() for hit in answer.items],
        "next": answer.next,
        "offers": [hit.to_json() for hit in answer.offers],
    }


def filters_of(
    category: Category | None,
    unit: str | None,
    bbox: str | None,
    at: date | None,
    near: tuple[float, float] | None,
) -> Filters:
    """The store's filters. Raises BadBox."""
    return Filters(category=category, unit=unit or None, box=box_of(bbox), at=at, near=near)
