"""oEmbed 1.0: what another site's editor asks when somebody pastes the address of a map or a place.

https://oembed.com: an unknown address is 404, a format other than json and xml 501.
"""

from __future__ import annotations

from typing import Annotated, Any
from xml.etree import ElementTree

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from api import embedding, errors
from api.doors import District, PublicReading
from api.sharing import base_of
from geo.settings import as_of
from geo.store import name_history
from geo.text import Text

router = APIRouter(include_in_schema=False)

HOUR = 3600


@router.get("/oembed", response_model=None)
def oembed(
    request: Request,
    session: PublicReading,
    district: District,
    url: Annotated[str, Query(max_length=2000)],
    format: Annotated[str, Query(max_length=20)] = "json",
    maxwidth: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    maxheight: Annotated[int | None, Query(ge=1, le=100_000)] = None,
) -> Response:
    """The frame of a page, as oEmbed tells it. Raises NothingToEmbed, NoSuchName, NoSuchPlace."""
    if format not in ("json", "xml"):
        return errors.answer(
            request, 501, "format-not-offered",
            Text("只提供 json 和 xml 两种格式", "Only the formats json and xml are offered"),
        )  # fmt: skip
    found = embedding.of_address(request, url)
    english = "lang=en" in found.frame
    width, height = embedding.sizes(found, maxwidth, maxheight)
    base = base_of(request)
    title = _title(session, found, district.name_en if english else district.name, english)
    told: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Yudi" if english else "舆地",
        "provider_url": base + "/",
        "title": title,
        "cache_age": HOUR,
        "width": width,
        "height": height,
        "html": embedding.snippet(base + found.frame, title, width, height),
    }
    headers = {"Cache-Control": f"public, max-age={HOUR}"}
    if format == "json":
        return JSONResponse(told, headers=headers)
    root = ElementTree.Element("oembed")
    for key, value in told.items():
        ElementTree.SubElement(root, key).text = str(value)
    text = ElementTree.tostring(root, encoding="unicode")
    return Response(
        '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n' + text,
        media_type="text/xml",
        headers=headers,
    )


def _title(session: Any, found: embedding.Embedded, district: str, english: bool) -> str:
    """What the frame shows. Raises NoSuchName, NoSuchPlace."""
    if not found.kind:
        what = embedding.MAPS[found.page.partition("?")[0].partition("#")[0]]
        return f"{what.en}, {district}" if english else f"{district}{what.zh}"
    place = name_history.place_of(session, found.number) if found.kind == "names" else found.number
    shown = name_history.place_at(session, place, as_of())
    own = [v for v in shown["versions"] if found.kind == "names" and v["number"] == found.number]
    lead = own[-1] if own else shown["called"] or shown["versions"][-1]
    return f"{lead['name']} {lead['romanization']}"
