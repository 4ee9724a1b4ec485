"""Drawing: the boundary map for a reader, for the pages and for the command line alike."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from api.doors import Sight, district_of, language
from api.pages.rendering import approval
from geo.boundaries.progress import Progress
from geo.store import boundaries
from maps import boundary_map
from maps.page import Assets, MapParts


def district_map(
    request: Request, sight: Sight, at: date, *, compact: bool = False, progress: Progress | None = None
) -> tuple[MapParts, bool]:
    """The boundary map as this reader may see it, and whether demonstration data are on it. progress: where the page has
    counted it already."""
    district, spoken = district_of(request), language(request)
    frames = boundaries.map_frames(sight.session, district=district.code, at=at, officer=sight.officer)
    about = boundary_map.About(
        district=district.name_en if spoken == "en" else district.name,
        on=at,
        approval=approval(spoken),
        officer=sight.officer,
        language=spoken,
        target=district.settled_target,
        settled=(progress or district_progress(request, sight, at)).settled_in_year,
        compact=compact,
        # What officers see is theirs alone and stays in the page that was made for them.
        rest=None
        if sight.officer
        else "/api/v1/maps/boundaries?" + urlencode({"at": at.isoformat(), "lang": spoken}),
    )
    parts = boundary_map.build(frames, about, Assets(), request.state.nonce)
    return parts, is_demo(frames)


def is_demo(frames: Any) -> bool:
    """Whether any record of the map is demonstration data."""
    each = (frames.units, frames.lines, frames.pairs, frames.markers)
    return any(len(frame) and bool(frame["demo"].any()) for frame in each)


def district_progress(request: Request, sight: Sight, at: date) -> Progress:
    """勘界进度 of the configured district as this reader may see it."""
    district = district_of(request)
    return boundaries.district_progress(
        sight.session,
        district=district.code,
        at=at,
        officer=sight.officer,
        target=district.settled_target,
        year=district.target_year,
    )
