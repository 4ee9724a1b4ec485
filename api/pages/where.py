"""这里属于哪里 /where: which township, and which village, a point lies in, now or on a date.

The point comes in the body of the request: an address with a visitor's position would stay in logs and histories.
"""

from __future__ import annotations

import math
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api import searching
from api.doors import transaction
from api.pages.rendering import page, status_of, viewing_date
from geo.problems import BadInput, Problem
from geo.store import published_units
from geo.text import Text

router = APIRouter(include_in_schema=False)


class BadPoint(BadInput):
    """The point is no pair of degrees."""

    code = "bad-point"
    title = Text(
        "请填写经度（-180 到 180）和纬度（-90 到 90），单位为度",
        "Give longitude (-180 to 180) and latitude (-90 to 90) in degrees",
    )


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
    filled = {key: str(given.get(key) or "").strip()[:20] for key in ("lon", "lat")}
    try:
        searching.take_turn(request)
        lon, lat = _degrees(filled["lon"], 180), _degrees(filled["lat"], 90)
    except Problem as problem:
        return _page(request, filled, problem=problem.text, status=status_of(problem))
    with transaction(request, "public") as session:
        return _page(request, filled, units=_units(session, request, lon, lat))


def _units(session: Session, request: Request, lon: float, lat: float) -> list[Any]:
    return published_units.holding(session, lon, lat, viewing_date(request))


def _degrees(given: str, most: int) -> float:
    try:
        value = float(given)
    except ValueError:
        raise BadPoint() from None
    if not math.isfinite(value) or abs(value) > most:
        raise BadPoint()
    return value


def _page(
    request: Request, given: dict[str, str], *, units: Any = None, problem: Any = None, status: int = 200
) -> Response:
    return page(request, "where.html", status=status, given=given, units=units, problem=problem)
