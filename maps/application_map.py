"""Application map (申请位置图): what is applied for or announced, where it lies; on a form, the place to draw it.

The shape that is drawn stands in the page's own form (js/map-application.js reads and writes it), so the map and the typed
coordinates cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shapely.geometry import shape

from maps import labels, small_map
from maps.boundary_map import About
from maps.page import Assets, MapParts
from maps.panels import dot_swatch, legend_row
from maps.theme import SEAL
from maps.words import word

#: Degrees shown around a place: a kilometre to each side.
ROOM = 0.01
#: Words of the tools that draw.
TOOLS = ("draw_point", "draw_line", "draw_polygon", "draw_change",
        "draw_done", "draw_clear", "draw_tools", "draw_help", "draw_help_line", "draw_help_change",
        "draw_next")  # fmt: skip


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
    context, polygons = small_map.context_units(units)
    shapes = [shape(geometry) for _, geometry in places]
    bounds = small_map.around(shapes, ROOM) if shapes else small_map.around(polygons)
    data = {
        "places": [{"name": labels.label_text(name), "geometry": g} for name, g in places],
        "draw": draw,
        "theme": {"seal": SEAL},
    }
    return small_map.build(
        "application_map", data, context, bounds, about, assets, nonce,
        legend=legend_row(dot_swatch(SEAL), word("application_place", language), ""), words=TOOLS,
        scripts=("terra_draw", "terra_draw_leaflet") if draw else (),
    )  # fmt: skip
