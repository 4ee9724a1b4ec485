"""界线图的数据: what the boundary map fetches, as the public sees it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.doors import At, District, Language, PublicReading
from api.keeping import kept_json
from geo.store import boundaries
from maps import boundary_map

router = APIRouter(tags=["boundary lines 界线"])


@router.get("/api/v1/maps/boundaries", summary="界线图数据 Data of the boundary map")
def contents(request: Request, session: PublicReading, district: District, at: At, lang: Language) -> Any:
    """某日公众可见的乡镇、界线、界桩和图式。 Townships, lines, markers and signs on a date, as the public sees them."""
    about = boundary_map.About(
        district=district.name_en if lang == "en" else district.name, on=at, approval="", language=lang
    )

    def drawn() -> dict[str, Any]:
        return boundary_map.contents(boundaries.public_frames(session, district=district.code, at=at), about)

    return kept_json(request, session, ("boundaries", district.code, at, lang), drawn)
