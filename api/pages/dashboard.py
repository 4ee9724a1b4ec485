"""进度 /dashboard: lines settled against the year's target, and every state's count and kilometres."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import Seeing, district_of, language
from api.pages.drawing import district_progress
from api.pages.figure_words import how, words
from api.pages.rendering import page, viewing_date
from geo.store import boundaries

router = APIRouter(include_in_schema=False)


@router.get("/dashboard")
def show(request: Request, sight: Seeing) -> Response:
    """The progress of the district on the date looked at."""
    progress = district_progress(request, sight, viewing_date(request))
    demo = boundaries.holds_demonstration(sight.session, district=district_of(request).code)
    return page(
        request, "dashboard.html", progress=progress, officer=sight.officer, demo=demo,
        how=how(request), figures_word=words(language(request)),
    )  # fmt: skip
