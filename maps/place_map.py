"""Place map (地名位置图): one place where it lies, and the places of its cluster around it."""

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

#: Colour of the places of the same specific part.
NEAR = "#2F6F9F"
#: Degrees shown around a place: some two kilometres to each side, and eight around a unit's seat.
ROOM, UNIT_ROOM = 0.02, 0.08


def build(
    name: str,
    geometry: Mapping[str, Any],
    cluster: Sequence[Mapping[str, Any]],
    units: Iterable[tuple[str, Any]],
    about: About,
    assets: Assets,
    nonce: str,
    *,
    source: str,
) -> MapParts:
    """The map of one place. geometry: GeoJSON of any kind; cluster: rows with name, lon, lat, number, all in
    EPSG:4490. units: (name, polygon) of the outlines in use. source: where the position comes from, in words."""
    language = about.language
    placed = [c for c in cluster if c.get("lon") is not None]
    context, _ = context_units(units)
    box = shapely.total_bounds([shape(geometry)])
    room = UNIT_ROOM if any(unit["label"] == labels.label_text(name) for unit in context) else ROOM
    data = {
        "name": labels.label_text(name),
        "geometry": geometry,
        "near": [
            {
                "name": labels.label_text(c["name"]),
                "at": [c["lon"], c["lat"]],
                "href": f"/names/{c['number']}",
            }
            for c in placed
        ],
        "units": context,
        "theme": {"seal": SEAL, "near": NEAR},
        "words": {key: word(key, language) for key in ("close", "zoom_in", "zoom_out", "whole", "map_label")},
    }
    legend = legend_row(dot_swatch(SEAL), word("place_here", language))
    if placed:
        legend += legend_row(dot_swatch(NEAR), word("place_near", language), str(len(placed)))
    notes = [word("crs", language), word("place_rounded", language, source=source)]
    return assemble(
        Drawing(
            title=word("place_map", language),
            script="yudi_place_map",
            function="placeMap",
            bounds=(float(box[0]) - room, float(box[1]) - room, float(box[2]) + room, float(box[3]) + room),
            data=data,
            style=labels.style(),
            panels=lambda element: small_stage(
                element,
                legend=legend,
                approval=word("approval", language, number=about.approval),
                notes=notes,
                language=language,
                unfolded=False,
            ),
            language=language,
        ),
        assets,
        nonce,
    )
