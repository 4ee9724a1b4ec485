"""乡村地名图 /maps/villages: every village name, of the district, of one township or of one village."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.doors import PublicReading, district_of, language
from api.pages.passing_on import sharing
from api.pages.rendering import approval, page, viewing_date
from geo.store import village_names
from maps import village_map
from maps.page import Assets, MapParts

router = APIRouter(include_in_schema=False)


@router.get("/maps/villages")
def show(request: Request, session: PublicReading) -> Response:
    """The map and its list on the date looked at; the names are fetched by the page's script, and without one they
    stand below as a plain list."""
    parts, demo = village_parts(request, session)
    return page(request, "villages.html", map=parts, demo=demo, **sharing(request, parts.title))


def village_parts(request: Request, session: Session) -> tuple[MapParts, bool]:
    """The map of the part that the address names, and whether demonstration data are on it. Raises NoSuchPartOfMap."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    within = (
        request.query_params.get("village") or request.query_params.get("township") or ""
    ).strip() or None
    found = village_names.without_names(session, district=district.code, at=at, within=within)
    asked = {"at": at.isoformat(), "lang": spoken} | ({"within": within} if within else {})
    about = village_map.About(
        district=district.name_en if spoken == "en" else district.name,
        on=at,
        approval=approval(spoken),
        language=spoken,
        data=f"/api/v1/maps/villages{'' if found.whole else '/names'}?" + urlencode(asked),
        rest="/api/v1/maps/villages/rest?" + urlencode(asked),
        record="/api/v1/place-names/",
        part=village_names.name_of_part(session, within, at=at) if within else None,
        within=within,
    )
    parts = village_map.build(found, about, Assets(), request.state.nonce)
    return parts, found.demo
