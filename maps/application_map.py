"""Application map (申请位置图): what is applied for or announced, where it lies; on a form, the place to draw it.

The shape that is drawn stands in the page's own form (js/map-application.js reads and writes it), so the map and the typed
coordinates cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import shape

from maps import labels
from maps.boundary_map import About
from maps.finding_map import context_units
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import dot_swatch, legend_row, small_stage
from maps.theme import SEAL
from maps.words import word

#: Degrees shown around a place: a kilometre to each side.
ROOM = 0.01
#: Where the map looks while there is neither a place nor an outline.
NOWHERE = (106.45, 29.57, 106.97, 30.13)
KEYS = ("close", "zoom_in", "zoom_out", "whole", "map_label", "draw_point", "draw_line", "draw_polygon", "draw_change",
        "draw_done", "draw_clear", "draw_tools", "draw_help", "draw_help_line", "draw_help_change")  # fmt: skip


def build(
    places: Sequence[tuple[str, Mapping[str, Any]]],
    units: Iterable[tuple[str, Any]],
    about: About,
    assets: Assets,
    nonce: str,
    *,
    draw: bool = False,
) -> MapParts:
    """The map of some places. places: (name, GeoJSON of any kind, EPSG:4490); units: (name, polygon) of the township
    outlines in use. draw: whether the place of the form in the page is drawn here."""
    language = about.language
    context, polygons = context_units(units)
    shapes = [shape(geometry) for _, geometry in places]
    if shapes:
        west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
        box = (west - ROOM, south - ROOM, east + ROOM, north + ROOM)
    elif polygons:
        west, south, east, north = (float(v) for v in shapely.total_bounds(polygons))
        box = (west, south, east, north)
    else:
        box = NOWHERE
    data = {
        "places": [{"name": labels.label_text(name), "geometry": g} for name, g in places],
        "units": context,
        "draw": draw,
        "theme": {"seal": SEAL},
        "words": {key: word(key, language) for key in KEYS},
    }
    scripts = ("terra_draw", "terra_draw_leaflet") if draw else ()
    return assemble(
        Drawing(
            title=word("application_map", language),
            script="yudi_application_map",
            scripts=scripts,
            function="applicationMap",
            bounds=box,
            data=data,
            style=labels.style(),
            panels=lambda element: small_stage(
                element,
                legend=legend_row(dot_swatch(SEAL), word("application_place", language), ""),
                approval=word("approval", language, number=about.approval),
                notes=[word("crs", language)],
                language=language,
                unfolded=False,
            ),
            language=language,
        ),
        assets,
        nonce,
    )
