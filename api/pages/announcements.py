"""公告 /announcements: what was announced, for good; corrections and withdrawals beside what they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.doors import PublicReading, district_of
from api.pages.amend import FIELDS, may_amend
from api.pages.drawing_form import places_map, townships
from api.pages.rendering import page, person_of
from api.paging import decode, encode
from api.sharing import base_of
from geo.problems import NotFound
from geo.store import announcements
from geo.store.announcements import Shown
from geo.terms import APPLICATION_ACTION_NAMES
from geo.terms import ApplicationAction as Action
from geo.text import Text

router = APIRouter(include_in_schema=False)

LISTED = 20
KINDS = {
    "announcement": Text("公告", "Announcement"),
    "correction": Text("更正", "Correction"),
    "withdrawal": Text("撤销", "Withdrawal"),
}


@router.get("/announcements")
def show_all(request: Request, session: PublicReading) -> Response:
    """The list, the newest first, by kind, year and name."""
    asked = {
        k: v.strip()[:60]
        for k, v in request.query_params.items()
        if k in ("q", "kind", "year") and v.strip() and v.isprintable()
    }
    kind = asked.get("kind") if asked.get("kind") in KINDS else None
    year = int(asked["year"]) if re.fullmatch("[0-9]{4}", asked.get("year", "")) else None
    found = announcements.latest(
        session, district_of(request).code, limit=LISTED + 1, before=_before(request.query_params.get("cursor")),
        kind=kind, year=year, text=asked.get("q"),
    )  # fmt: skip
    shown = found[:LISTED]
    more = None
    if len(found) > LISTED:
        last = shown[-1]
        cursor = encode(f"{last.published_at.isoformat()}/{last.id}")
        more = f"/announcements?{urlencode({**asked, 'cursor': cursor})}"
    return page(
        request,
        "announcements.html",
        rows=shown,
        kinds=KINDS,
        years=announcements.years(session, district_of(request).code),
        asked=asked,
        next_href=more,
        first_href=f"/announcements?{urlencode(asked)}" if "cursor" in request.query_params else None,
        demo=any(r.demo for r in shown),
    )


def _before(cursor: str | None) -> tuple[datetime, int] | None:
    """The place in the list that a cursor names; its beginning for one that names none."""
    if cursor is None:
        return None
    try:
        moment, _, last = decode(cursor, str, "").partition("/")
        at = datetime.fromisoformat(moment)
        return (at, int(last)) if at.tzinfo is not None and 0 < int(last) < 2**63 else None
    except ValueError:
        return None


@router.get("/announcements/{year:int}/{serial:int}")
def show(request: Request, year: int, serial: int, session: PublicReading) -> Response:
    """One announcement at its permanent address. Raises NoSuchAnnouncement."""
    if not (1900 <= year <= 9999 and 0 < serial < 2**31):
        raise NotFound()
    found = announcements.shown(session, district_of(request).code, year, serial)
    places = _places(session, found.names)
    return page(
        request,
        "announcement.html",
        a=found,
        kind=KINDS[found.kind],
        kinds=KINDS,
        items=_items(session, district_of(request).code, found),
        amends=may_amend(person_of(request)),
        url=f"{base_of(request)}{found.path}",
        map=places_map(request, places, townships(request, session)) if places else None,
        demo=found.demo,
    )


def _items(session: Session, district: str, found: Shown) -> list[dict[str, Any]]:
    """What was announced; in a correction with what stood there before."""
    before: Sequence[Any] = ()
    if found.kind == "correction" and found.of_path:
        year, serial = found.of_path.rsplit("/", 2)[1:]
        before = announcements.shown(session, district, int(year), int(serial)).items
    items = []
    for at, item in enumerate(found.items):
        old = before[at] if at < len(before) else item
        was = {k: old.get(k) or "–" for k in FIELDS if (old.get(k) or "") != (item.get(k) or "")}
        items.append({"document": None, "number": None, **item, "action_name": _action(item), "was": was})
    return items


def _action(item: Any) -> Text:
    action = str(item.get("action"))
    return APPLICATION_ACTION_NAMES[Action(action)] if action in set(Action) else Text(action, action)


def _places(session: Session, numbers: Sequence[int]) -> list[tuple[str, Any]]:
    """The announced names that have a place, with their shapes."""
    return [(n, json.loads(g)) for n, g in announcements.shapes(session, numbers)]


def announced(rows: Sequence[Shown]) -> list[tuple[str, str, Text]]:
    """Announcements as links: number, path and kind."""
    return [(r.number, r.path, KINDS[r.kind]) for r in rows]
