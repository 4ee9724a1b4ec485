"""Care sheet (养老设施图幅): the facilities on paper, A4 to A0, of the same items as the Folium map; each kind by its
own symbol, canteens and care centres named first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.facilities.kinds import CARE, GROUPS
from maps.care_list import COLOURS, About, Item
from maps.care_words import care_word
from maps.sheets import furniture
from maps.sheets.compose import sheet
from maps.sheets.layers import Areas, Layer, Layers, Lettering, Lines, Mark, Name, Points, Stroke
from maps.sheets.paper import Paper
from maps.sheets.sheet import Sheet
from maps.theme import TINTS, TOWNSHIP_LINE, UNIT_LABEL, tint_numbers
from maps.words import word

SYMBOLS = {
    "meal": "diamond", "centre": "square", "residential": "square", "mutual": "ring", "medical": "diamond",
    "service": "dot", "meal_supply": "ring",
}  # fmt: skip
UNIT = Lettering(11, UNIT_LABEL, serif=True, bold=True, spacing_em=0.14)


def build(items: Sequence[Item], units: Sequence[tuple[str, Any]], about: About, paper: Paper) -> Sheet:
    """The facilities as a sheet. items and units as for `maps.care_map.build`."""
    language = about.language
    polygons = np.empty(len(units), dtype=object)
    polygons[:] = [shape for _, shape in units]
    drawn: list[Layer] = []
    if len(units):
        fills = [TINTS[i] for i in tint_numbers(polygons)]
        drawn.append(Areas(list(polygons), fills, legend=word("unit", language)))
        drawn.append(
            Lines(list(shapely.boundary(polygons)), Stroke(TOWNSHIP_LINE, 0.22, (1.4, 0.6, 0.3, 0.6)))
        )
    names = [Name(name, shape, UNIT, rank=-1.0) for name, shape in units]
    placed = [i for i in items if i.facility.placed]
    for rank, group in enumerate(CARE):
        own = [i for i in placed if i.facility.of.group == group]
        if not own:
            continue
        colour = COLOURS[group]
        points = [shapely.Point(i.facility.lon, i.facility.lat) for i in own]
        drawn.append(
            Points(points, SYMBOLS[group], colour, 1.35, GROUPS[group].in_language(language), str(len(own)))
        )
        mark = Mark(SYMBOLS[group], colour, 1.35)
        lettering = Lettering(6, colour)
        names += [
            Name(i.facility.name, point, lettering, rank * 1e6 + n, "point", 1.1, mark)
            for n, (i, point) in enumerate(zip(own, points, strict=True))
        ]
    demo = any(i.facility.demo for i in items)
    said = furniture.About(
        title=f"{about.district}{'' if language == 'zh' else ': '}{care_word('title', language)}",
        on=about.on,
        approval=about.approval,
        subtitle=" · ".join(
            (
                care_word("found", language, count=len(items)),
                care_word("on_date", language, date=about.on.isoformat()),
            )
        ),
        sources=care_word("source", language, district=about.district),
        notes=(care_word("demo", language),) if demo else (),
        demo=demo,
        language=language,
    )
    return sheet(Layers(drawn, names, extent(items, units)), said, paper)


def extent(items: Sequence[Item], units: Sequence[tuple[str, Any]]) -> tuple[float, float, float, float]:
    """What the sheet has to show, degrees."""
    shapes = [s for _, s in units] or [
        shapely.Point(i.facility.lon, i.facility.lat).buffer(0.01) for i in items if i.facility.placed
    ]
    west, south, east, north = (
        shapely.total_bounds(np.array(shapes, dtype=object)) if shapes else (106.3, 29.4, 107.0, 30.2)
    )
    return float(west), float(south), float(east), float(north)
