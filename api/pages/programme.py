"""乡村著名行动 /programme: the six lists with what they hold, each leading to the map."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import PublicReading, district_of, language
from api.pages.figure_words import how, words
from api.pages.rendering import elder, page, viewing_date
from geo.programme.items import THEMES, columns
from geo.store import programme
from geo.terms import PROGRAMME_KIND_NAMES, PROGRAMME_STATUS_NAMES, ProgrammeKind
from maps.charts import Bar, bars

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
    spoken = language(request)
    rows_of_chart = [
        Bar(
            PROGRAMME_KIND_NAMES[k].in_language(spoken),
            n["done"],
            f"{n['done']} / {n['all']}",
            whole=n["all"],
        )
        for k, n in found.items()
    ]
    return page(
        request,
        "programme.html",
        counts=[(k, PROGRAMME_KIND_NAMES[k], n) for k, n in found.items()],
        chart=bars(rows_of_chart, words(spoken)("programme_chart"), large=elder(request)),
        how=how(request),
        kind=kind,
        kind_name=PROGRAMME_KIND_NAMES[kind],
        items=rows,
        statuses={s.value: name for s, name in PROGRAMME_STATUS_NAMES.items()},
        themes=THEMES,
        fact_titles={c.key: c.title for c in columns().values() if c.into == "facts"},
        demo=any(row["demo"] for row in rows),
    )
