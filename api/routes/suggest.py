"""输入提示: what the search box offers while somebody types."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api import searching
from api.doors import Searching
from api.errors import problems
from api.searching import AnswerOut, Latitude, Longitude, Text_
from geo.names.query import QuestionTooLong
from geo.problems import TooMany
from geo.settings import as_of
from geo.store import search
from geo.store.search import Filters
from geo.store.search_dates import as_on

router = APIRouter(tags=["place names 地名"])


@router.get(
    "/api/v1/suggest",
    summary="输入提示 Suggestions",
    response_model=AnswerOut,
    responses=problems(QuestionTooLong, searching.BadNear, TooMany),
)
def suggest(
    request: Request,
    response: Response,
    session: Searching,
    q: Text_ = "",
    limit: Annotated[int, Query(ge=1, le=20, description="条数 How many")] = 8,
    lon: Longitude = None,
    lat: Latitude = None,
) -> Any:
    """汉字、拼音（带不带声调均可）、首字母、混写、曾用名；同音和差一字另列于 `offers`。

    Characters, pinyin with or without tones, initials, mixed, former names. Same sound and one slip stand
    apart in `offers`. `next` is always null here."""
    searching.take_turn(request)
    answer = search.search(session, q, filters=Filters(near=searching.near_of(lon, lat)), limit=limit)
    response.headers.update(searching.CACHE)
    return searching.shown(as_on(session, answer, as_of())) | {"next": None}
