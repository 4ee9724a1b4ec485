"""乡村著名行动 /programme: the six lists with what they hold, each leading to the map."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import PublicReading, district_of
from api.pages.rendering import page, viewing_date
from geo.programme.items import THEMES, columns
from geo.store import programme
from geo.terms import PROGRAMME_KIND_NAMES, PROGRAMME_STATUS_NAMES, ProgrammeKind

router = APIRouter(include_in_schema=False)

#: Items of one kind on the page; the rest is on the map and over HTTP.
SHOWN = 200


@router.get("/programme")
def show(request: Request, session: PublicReading) -> Response:
    """Counts of the six, and the items of one kind (`?kind=`), by default the first that holds any."""
    at, district = viewing_date(request), district_of(request).code
    found = programme.counts(session, district=district, at=at)
    asked = request.query_params.get("kind", "")
    filled = [k for k, n in found.items() if n["all"]]
    kind = ProgrammeKind(asked) if asked in set(ProgrammeKind) else (filled or list(ProgrammeKind))[0]
    rows = programme.items(session, district=district, at=at, kind=kind, limit=SHOWN)
    most = max((n["all"] for n in found.values()), default=0)
    return page(
        request,
        "programme.html",
        counts=[(k, PROGRAMME_KIND_NAMES[k], n) for k, n in found.items()],
        most=most,
        kind=kind,
        kind_name=PROGRAMME_KIND_NAMES[kind],
        items=rows,
        statuses={s.value: name for s, name in PROGRAMME_STATUS_NAMES.items()},
        themes=THEMES,
        fact_titles={c.key: c.title for c in columns().values() if c.into == "facts"},
        demo=any(row["demo"] for row in rows),
    )
