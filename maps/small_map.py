"""Small maps (示意图): a map inside a page, as wide as its column; its list stands in the page. What all of them share:
the township outlines below, the words of the controls, legend, north and foot line. In the browser: `ground` of js/map.js."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry import mapping

from maps import labels
from maps.boundary_map import About
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import small_stage
from maps.words import word

#: Where a map looks while there is nothing to look at: the whole country.
NOWHERE = (73.5, 18.0, 135.1, 53.6)
#: Words of the controls that every map has.
CONTROLS = ("close", "zoom_in", "zoom_out", "whole", "map_label")


def build(
    name: str,
    data: Mapping[str, Any],
    units: Sequence[Mapping[str, Any]],
    bounds: Sequence[float],
    about: About,
    assets: Assets,
    nonce: str,
    *,
    legend: Markup,
    notes: Sequence[str] = (),
    words: Sequence[str] = (),
    scripts: tuple[str, ...] = (),
    unfolded: bool = False,
    report: str | None = None,
) -> MapParts:
    """name: the map's own, as its title in maps/words.py has it; `place_map` is drawn by yudi_place_map with
    placeMap(). data: what that function draws. units: of `context_units`. bounds: west, south, east, north in degrees,
    EPSG:4490. words: keys beside those of the controls. unfolded: whether the legend is open at first."""
    language = about.language
    west, south, east, north = (float(v) for v in bounds)
    head, *rest = name.split("_")
    return assemble(
        Drawing(
            title=word(name, language),
            script=f"yudi_{name}",
            scripts=scripts,
            function=head + "".join(part.title() for part in rest),
            bounds=(west, south, east, north),
            data={
                **data,
                "units": units,
                "words": {key: word(key, language) for key in (*CONTROLS, *words)},
            },
            style=labels.style(),
            panels=lambda element: small_stage(
                element,
                legend=legend,
                approval=word("approval", language, number=about.approval),
                notes=[word("crs", language), *notes],
                language=language,
                unfolded=unfolded,
                report=report,
            ),
            language=language,
        ),
        assets,
        nonce,
    )


def context_units(units: Iterable[tuple[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Township outlines under a map of something else: as data, coarse, and as polygons."""
    present = [(name, polygon) for name, polygon in units if polygon is not None and not polygon.is_empty]
    data = [{"label": labels.label_text(str(name)), **_coarse(polygon.wkb)} for name, polygon in present]
    return data, [polygon for _, polygon in present]


@lru_cache(maxsize=500)
def _coarse(wkb: bytes) -> dict[str, Any]:
    """What is drawn of an outline, kept: the same townships stand under every map. Nobody may change it."""
    polygon = shapely.from_wkb(wkb)
    point = polygon.representative_point()
    return {
        "at": [round(point.x, 5), round(point.y, 5)],
        "rank": -round(float(polygon.area) * 1e6),
        "geometry": mapping(shapely.set_precision(polygon.simplify(0.0002), 1e-5)),
    }


def around(shapes: Sequence[Any], room: float = 0.0) -> tuple[float, float, float, float]:
    """The box of shapes with so many degrees to each side; of nothing, the whole country."""
    if not shapes:
        return NOWHERE
    west, south, east, north = (float(v) for v in shapely.total_bounds(list(shapes)))
    return west - room, south - room, east + room, north + room
