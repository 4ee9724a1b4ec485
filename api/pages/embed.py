"""嵌入页 /embed/…: the maps and the page of a place for other sites to frame. Read-only, without cookies.

No other page may be framed. `api.security.headers` takes cookies away on the way in and on the way out, and says who
may frame; what is asked for stands in the address alone: ?at=, ?lang=, and the map's own filters.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api import embedding
from api.doors import PublicReading, Sight
from api.pages.care import built, drawn_areas
from api.pages.drawing import district_map
from api.pages.place import PlaceShown, shown_place
from api.pages.rendering import around, environment, viewing_date
from api.pages.villages import village_parts
from api.sharing import base_of
from maps.page import MapParts

router = APIRouter(include_in_schema=False)

CACHE = "public, max-age=300"


@router.get("/embed/villages")
def villages(request: Request, session: PublicReading) -> Response:
    """The map of village names, or of one township's or village's. Raises NoSuchPartOfMap."""
    parts, demo = village_parts(request, session)
    return _page(request, parts, "/maps/villages", demo)


@router.get("/embed/elderly-care")
def care(request: Request, session: PublicReading) -> Response:
    """The elderly-care map with its list; it asks nobody for a position."""
    parts, demo = built(request, session, near=False)
    return _page(request, parts, "/maps/elderly-care", demo)


@router.get("/embed/boundaries")
def boundaries(request: Request, session: PublicReading) -> Response:
    """The public's boundary map, whoever asks."""
    parts, demo = district_map(request, Sight(session, officer=False), viewing_date(request))
    return _page(request, parts, "/maps/boundaries", demo)


@router.get("/embed/areas")
def areas(request: Request, session: PublicReading) -> Response:
    """The map of the areas of policy."""
    parts, demo = drawn_areas(request, session)
    return _page(request, parts, "/facilities/areas", demo, heading=parts.title)


@router.get("/embed/names/{number:int}")
def name(request: Request, number: int, session: PublicReading) -> Response:
    """One name with its map. Raises NoSuchName."""
    return _place(request, shown_place(request, session, number=number))


@router.get("/embed/places/{place_id:int}")
def place(request: Request, place_id: int, session: PublicReading) -> Response:
    """One place as it is called on the date. Raises NoSuchPlace."""
    return _place(request, shown_place(request, session, place_id=place_id))


def _place(request: Request, shown: PlaceShown) -> Response:
    path = request.url.path.replace("/embed/", "/", 1)
    return _page(request, shown.map, path, shown.name["demo"], place=shown)


def _page(request: Request, parts: MapParts | None, path: str, demo: bool, **more: Any) -> Response:
    found = embedding.embedded(path, dict(request.query_params))
    assert found is not None
    context = {
        **around(request), "map": parts, "demo": demo, "whole": base_of(request) + found.page, "place": None, "heading": None, **more,
    }  # fmt: skip
    text = environment().get_template("embed.html").render(context)
    return HTMLResponse(text, headers={"Cache-Control": CACHE if parts is None else "no-store"})
