"""海报 /maps/villages/poster: the map of village names for paper, of the district, of one township or of one village."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.doors import district_of, language, public_of, take_turn
from api.pages.rendering import approval, viewing_date
from geo.store import village_names
from maps import sheets, village_map
from maps.sheets import village_sheet
from maps.sheets.paper import fitting

router = APIRouter(include_in_schema=False)

#: Posters that one address may have drawn: at once, and in a minute after that.
BURST, PER_MINUTE = 6, 2.0


@router.get("/maps/villages/poster")
def poster(
    request: Request,
    paper: Annotated[Literal["A4", "A3", "A2", "A1", "A0"], Query()] = "A3",
) -> Response:
    """A vector PDF, lying or standing as the part wants it."""
    take_turn(request, "poster", burst=BURST, per_minute=PER_MINUTE)
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    within = (
        request.query_params.get("village") or request.query_params.get("township") or ""
    ).strip() or None
    with public_of(request) as session:
        found = village_names.village_map(session, district=district.code, at=at, within=within)
        part = village_names.name_of_part(session, within, at=at) if within else None
    about = village_map.About(
        district=district.name_en if spoken == "en" else district.name, on=at, approval=approval(spoken), language=spoken,
        links=False, part=part,
    )  # fmt: skip
    made = sheets.pdf(village_sheet.build(found, about, fitting(paper, village_sheet.extent(found, about))))
    name = f"{about.part or about.district}-{paper}.pdf"
    return Response(
        made,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename=\"village-names-{paper}.pdf\"; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
    )
