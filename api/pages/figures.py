"""数字 /figures: the district's public numbers as small charts with their tables, each with what it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import care
from api.doors import PublicReading, Reading, Seeing, district_of, language
from api.pages.drawing import district_progress
from api.pages.figure_words import how, words
from api.pages.rendering import elder, page, viewing_date
from geo.facilities.kinds import kinds
from geo.names.categories import CATEGORY_NAMES
from geo.store import boundaries, programme, published_names
from geo.terms import LINE_STATE_NAMES, PROGRAMME_KIND_NAMES, LineState
from geo.walking.model import Profile
from maps.charts import Bar, bars

router = APIRouter(include_in_schema=False)

MINUTES = 15


@router.get("/figures")
def show(request: Request, sight: Seeing, public: PublicReading, own: Reading) -> Response:
    """The public's numbers, to officers too: what they alone may see stands on their own pages."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    w = words(spoken)
    progress = district_progress(request, sight, at)
    names = published_names.counts(public, district=district.code, at=at)
    coverage = _coverage(own, public, district.code, at)
    counts = programme.counts(public, district=district.code, at=at)
    totals = [t for t in care.totals(own, district.code, at) if t.figure.target is not None]
    large = elder(request)

    def say(text: Any) -> str:
        return str(text.in_language(spoken))

    charts = {
        "names": bars([Bar(say(CATEGORY_NAMES[c]), n, f"{n:,}") for c, n in names.items()], w("names_chart"), large=large),
        "lines": bars(
            [Bar(say(LINE_STATE_NAMES[s.state]), s.count, str(s.count), kind=_kind(s.state)) for s in progress.states],
            w("lines_chart"), large=large,
        ),
        "programme": bars(
            [Bar(say(PROGRAMME_KIND_NAMES[k]), n["done"], f"{n['done']} / {n['all']}", whole=n["all"]) for k, n in counts.items()],
            w("programme_chart"), large=large,
        ),
        "targets": bars([_reached(t, say(t.figure.name)) for t in totals], w("targets_chart"), large=large, most=1),
    }  # fmt: skip
    if coverage is not None:
        charts["coverage"] = bars(
            [_share(row, w("withheld")) for row in coverage["townships"]],
            w("coverage_chart"),
            large=large,
            most=1,
        )
    return page(
        request, "figures.html", w=w, how=how(request), at=at, progress=progress, names=names, category_names=CATEGORY_NAMES,
        coverage=coverage, programme=[(PROGRAMME_KIND_NAMES[k], n) for k, n in counts.items()], totals=totals, charts=charts,
        year=at.year, demo=boundaries.holds_demonstration(sight.session, district=district.code),
        target_source=district.target_source,
    )  # fmt: skip


def _kind(state: LineState) -> str:
    return "" if state is LineState.SETTLED else "blue"


def _reached(total: care.Total, name: str) -> Bar:
    """A target as a bar: full where it is reached."""
    target = float(total.figure.target or 0)
    value = total.value or 0.0
    return Bar(name, value / target if target else None, f"{value:,.0f} / {target:,.0f}", whole=1.0)


def _share(row: dict[str, Any], withheld: str) -> Bar:
    share = row["share"]
    return Bar(
        row["name"], share, withheld if row["withheld"] else "–" if share is None else f"{share * 100:.1f} %"
    )


def _coverage(own: Session, public: Session, district: str, at: date) -> dict[str, Any] | None:
    """Coverage by canteens and meal points for elders, small numbers withheld; None where it cannot be known."""
    codes = [k.code for k in kinds().values() if k.group == "meal"]
    try:
        return care.coverage_out(care.coverage(own, public, district, at, codes, MINUTES, Profile.ELDER))
    except care.NoStreetsYet:
        return None
