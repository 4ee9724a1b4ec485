"""消失地名 /names/vanished: names that are gone, as the national form lists them, by township and by time."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import PublicReading, district_of
from api.pages.names import OddFilter
from api.pages.rendering import page, status_of, viewing_date
from api.paging import decode, encode
from geo.problems import Problem
from geo.store import name_history, published_units
from geo.terms import NAME_STATUS_NAMES, NameStatus

router = APIRouter(include_in_schema=False)

PER_PAGE = 50
ASKED = ("unit", "status", "since", "until")


@router.get("/names/vanished")
def show(request: Request, session: PublicReading) -> Response:
    """Names that are gone on the date looked at. since, until: when they went out of use."""
    asked = {name: value for name in ASKED if (value := request.query_params.get(name, "").strip())}
    at, district = viewing_date(request), district_of(request)
    rows, problem, status = [], None, 200
    try:
        standing, since, until = filters_of(asked)
        rows = name_history.gone_names(
            session, at=at, after=decode(request.query_params.get("cursor"), int, 0), limit=PER_PAGE,
            standing=standing, unit=asked.get("unit"), since=since, until=until,
        )  # fmt: skip
    except Problem as refused:
        problem, status = refused.text, status_of(refused)
    shown = rows[:PER_PAGE]
    townships = name_history.gone_from(session, district.code, at)
    units = {part for row in shown for part in (row["unit_code"][:6], row["unit_code"][:9])}
    return page(
        request,
        "names_vanished.html",
        status=status,
        rows=shown,
        problem=problem,
        asked=asked,
        standings={s.value: NAME_STATUS_NAMES[s] for s in name_history.GONE},
        townships=[(code, name) for code, name in townships.items() if code != district.code],
        whole=(district.code, district.name),
        units=published_units.names_of(session, units | {row["unit_code"] for row in shown}, at),
        next_href=None
        if len(rows) <= PER_PAGE
        else "?" + urlencode(asked | {"cursor": encode(shown[-1]["number"])}),
        first_href="?" + urlencode(asked) if request.query_params.get("cursor") else None,
    )


def filters_of(asked: dict[str, str]) -> tuple[list[NameStatus], date | None, date | None]:
    """(standings, since, until) of the form. Raises OddFilter."""
    unit = asked.get("unit", "")
    try:
        since, until = (date.fromisoformat(asked[k]) if k in asked else None for k in ("since", "until"))
        standing = [NameStatus(asked["status"])] if "status" in asked else list(name_history.GONE)
    except ValueError:
        raise OddFilter() from None
    if (unit and not (unit.isascii() and unit.isdigit() and 2 <= len(unit) <= 12)) or not set(
        standing
    ) <= set(name_history.GONE):
        raise OddFilter()
    return standing, since, until
