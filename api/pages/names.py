"""地名检索 /names: the answer to the search box, with filters, pages, and tips where nothing is found."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import searching
from api.doors import Searching
from api.pages.rendering import page, status_of, viewing_date
from api.paging import decode, encode
from geo.names.categories import Category
from geo.names.query import MOST_CHARACTERS
from geo.problems import BadInput, Problem
from geo.store import search
from geo.store.search import Answer, Filters
from geo.store.search_dates import as_on
from geo.terms import NAME_STATUS_NAMES, NameStatus
from geo.text import Text

router = APIRouter(include_in_schema=False)

PER_PAGE = 20


class OddFilter(BadInput):
    """A filter of the form cannot be read."""

    code = "odd-filter"
    title = Text(
        "筛选条件有误：政区代码为 2 至 12 位数字，日期如 2024-12-31",
        "A filter cannot be read: a unit's code has 2 to 12 digits, a date is like 2024-12-31",
    )


@router.get("/names")
def show(request: Request, session: Searching) -> Response:
    """The page: without a question all public names by rank."""
    asked = request.query_params
    q = asked.get("q", "")
    answer, problem, status = Answer((), None), None, 200
    try:
        searching.take_turn(request)
        filters = filters_of(asked.get("category", ""), asked.get("unit", ""), asked.get("on", ""))
        place = decode(asked.get("cursor"), str, "") or None
        look = search.search if q.strip() else None
        answer = (
            look(session, q, filters=filters, limit=PER_PAGE, cursor=place)
            if look
            else search.listed(session, filters=filters, limit=PER_PAGE, cursor=place)
        )
        answer = as_on(session, answer, filters.at or viewing_date(request))
    except Problem as refused:
        problem, status = refused.text, status_of(refused)
    filled = {name: asked.get(name, "") for name in ("q", "category", "unit", "on")}
    kept = {name: value for name, value in filled.items() if value}
    return page(
        request,
        "names.html",
        status=status,
        q=q[:MOST_CHARACTERS],
        answer=answer,
        problem=problem,
        filters=filled,
        categories=[c.value for c in Category],
        next_href=None if answer.next is None else "?" + urlencode(kept | {"cursor": encode(answer.next)}),
        first_href=None if asked.get("cursor") is None else "?" + urlencode(kept),
        statuses={status.value: text for status, text in NAME_STATUS_NAMES.items()},
        standard=NameStatus.STANDARD.value,
        pieces=pieces,
    )


def filters_of(category: str, unit: str, on: str) -> Filters:
    """The form's filters. Raises OddFilter."""
    try:
        kind = Category(category) if category else None
        day = date.fromisoformat(on) if on else None
    except ValueError:
        raise OddFilter() from None
    if unit and not (unit.isascii() and unit.isdigit() and 2 <= len(unit) <= 12):
        raise OddFilter()
    return Filters(category=kind, unit=unit or None, at=day)


def pieces(name: str, spans: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    """A name as (text, highlighted) from left to right."""
    found, at = [], 0
    for start, end in spans:
        found += [(name[at:start], False), (name[start:end], True)]
        at = end
    return [(text, marked) for text, marked in (*found, (name[at:], False)) if text]
