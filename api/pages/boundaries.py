"""界线图 /maps/boundaries: the public sees what is public, officers every line."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import Seeing
from api.pages.drawing import district_map
from api.pages.passing_on import sharing
from api.pages.rendering import page, viewing_date

router = APIRouter(include_in_schema=False)


@router.get("/maps/boundaries")
def show(request: Request, sight: Seeing) -> Response:
    """The boundary map on the date looked at."""
    parts, demo = district_map(request, sight, viewing_date(request))
    return page(request, "boundaries.html", map=parts, demo=demo, **sharing(request, parts.title))
