"""这里属于哪里 /where: which township, and which village, a point lies in, now or on a date.

The point comes in the body of the request: an address with a visitor's position would stay in logs and histories.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api import searching
from api.doors import district_of, language, transaction
from api.pages.care import outlines
from api.pages.passing_on import Shared
from api.pages.rendering import approval, page, status_of, viewing_date
from api.sharing import base_of
from geo.problems import BadInput, Problem
from geo.store import published_units
from geo.text import Text
from maps import where_map
from maps.boundary_map import About
from maps.page import Assets

router = APIRouter(include_in_schema=False)


class BadPoint(BadInput):
    """The point is no pair of degrees."""

    code = "bad-point"
    title = Text(
        "请填写经度（-180 到 180）和纬度（-90 到 90），单位为度",
        "Give longitude (-180 to 180) and latitude (-90 to 90) in degrees",
    )


class BadDay(BadInput):
    """The date is none."""

    code = "bad-day"
    title = Text("日期写作 2024-12-31", "Write the date as 2024-12-31")


@router.get("/where")
def form(request: Request) -> Response:
    """The form, empty: an address holds no position."""
    return _page(request, {})


@router.post("/where")
async def find(request: Request) -> Response:
    """The units that hold the point on the date looked at."""
    given = await request.form()
    return await run_in_threadpool(_find, request, given)


def _find(request: Request, given: FormData) -> Response:
    filled = {key: str(given.get(key) or "").strip()[:20] for key in ("lon", "lat", "at")}
    try:
        searching.take_turn(request)
        on = _day(filled["at"]) if filled["at"] else viewing_date(request)
        lon, lat = _degrees(filled["lon"], 180), _degrees(filled["lat"], 90)
    except Problem as problem:
        return _page(request, filled, problem=problem.text, status=status_of(problem))
    with transaction(request, "public") as session:
        units = published_units.holding(session, lon, lat, on)
    return _page(request, filled, units=units, on=on)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadDay() from None


def _degrees(given: str, most: int) -> float:
    try:
        value = float(given)
    except ValueError:
        raise BadPoint() from None
    if not math.isfinite(value) or abs(value) > most:
        raise BadPoint()
    return value


def _page(
    request: Request,
    given: dict[str, str],
    *,
    units: Any = None,
    problem: Any = None,
    status: int = 200,
    on: date | None = None,
) -> Response:
    at, spoken = viewing_date(request), language(request)
    district = district_of(request)
    with transaction(request, "public") as session:
        drawn = outlines(session, district.code, on or at)
        demo = published_units.outlines_are_demonstration(session, district.code, on or at)
    about = About(
        district=district.name_en if spoken == "en" else district.name,
        on=on or at,
        approval=approval(spoken),
        language=spoken,
    )
    parts = where_map.build(drawn, about, Assets(), request.state.nonce)
    return page(
        request,
        "where.html",
        status=status,
        given=given,
        units=units,
        problem=problem,
        on=on or at,
        map=parts,
        demo=demo,
        shared=Shared(parts.title, f"{base_of(request)}/where"),
    )
