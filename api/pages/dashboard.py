"""进度 /dashboard: lines settled against the year's target, and every state's count and kilometres."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import Seeing
from api.pages.drawing import district_progress
from api.pages.rendering import page, viewing_date

router = APIRouter(include_in_schema=False)


@router.get("/dashboard")
def show(request: Request, sight: Seeing) -> Response:
    """The progress of the district on the date looked at."""
    progress = district_progress(request, sight, viewing_date(request))
    return page(request, "dashboard.html", progress=progress, officer=sight.officer)
