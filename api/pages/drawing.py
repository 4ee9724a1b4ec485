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
from geo.store.boundaries import MapFrames
from geo.store.kept import kept
from maps import boundary_map
from maps.page import Assets, MapParts


def district_frames(request: Request, sight: Sight, at: date) -> MapFrames:
    """What the boundary map draws for this reader; what the public sees is kept while nothing is written."""
    district = district_of(request).code
    if sight.officer:
        return boundaries.map_frames(sight.session, district=district, at=at, officer=True)
    return boundaries.public_frames(sight.session, district=district, at=at)


def district_map(
    request: Request, sight: Sight, at: date, *, compact: bool = False, frames: MapFrames | None = None
) -> tuple[MapParts, bool]:
    """The boundary map as this reader may see it, and whether demonstration data are on it. frames: where the page has
    read them already."""
    district, spoken = district_of(request), language(request)
    frames = frames or district_frames(request, sight, at)
    about = boundary_map.About(
        district=district.name_en if spoken == "en" else district.name,
        on=at,
        approval=approval(spoken),
        officer=sight.officer,
        language=spoken,
        target=district.settled_target,
        settled=district_progress(request, sight, at, frames).settled_in_year,
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


def district_progress(request: Request, sight: Sight, at: date, frames: MapFrames | None = None) -> Progress:
    """勘界进度 of the configured district as this reader may see it; frames as for `district_map`."""
    district = district_of(request)

    def counted() -> Progress:
        return boundaries.district_progress(
            sight.session,
            district=district.code,
            at=at,
            officer=sight.officer,
            target=district.settled_target,
            year=district.target_year,
            frames=lambda: frames or district_frames(request, sight, at),
        )

    if sight.officer:
        return counted()
    key = ("progress", district.code, at, district.settled_target, district.target_year)
    return kept(sight.session, key, counted)
