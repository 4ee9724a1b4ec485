"""首页 /: the district's map, its demarcation progress, and the doors to everything else."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import Seeing, language
from api.pages.drawing import district_frames, district_map, district_progress
from api.pages.figure_words import how, words
from api.pages.passing_on import sharing
from api.pages.rendering import page, viewing_date

router = APIRouter(include_in_schema=False)


@router.get("/")
def show(request: Request, sight: Seeing) -> Response:
    """The home page; officers see their own version of map and progress."""
    at = viewing_date(request)
    frames = district_frames(request, sight, at)
    progress = district_progress(request, sight, at, frames)
    parts, demo = district_map(request, sight, at, compact=True, frames=frames)
    return page(
        request, "home.html", map=parts, demo=demo, progress=progress, officer=sight.officer,
        how=how(request), figures_word=words(language(request)), **sharing(request, parts.title),
    )  # fmt: skip
