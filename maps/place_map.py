"""Place map (地名位置图): one place where it lies, and the places of its cluster around it."""

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
    number: int | None = None,
) -> MapParts:
    """The map of one place. geometry: GeoJSON of any kind; cluster: rows with name, lon, lat, number, all in
    EPSG:4490. units: (name, polygon) of the outlines in use. source: where the position comes from, in words. number: the name's, that reports are about."""
    language = about.language
    placed = [c for c in cluster if c.get("lon") is not None]
    context, _ = small_map.context_units(units)
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
        "theme": {"seal": SEAL, "near": NEAR},
    }
    legend = legend_row(dot_swatch(SEAL), word("place_here", language))
    if placed:
        legend += legend_row(dot_swatch(NEAR), word("place_near", language), str(len(placed)))
    return small_map.build(
        "place_map", data, context, small_map.around([shape(geometry)], room), about, assets, nonce,
        legend=legend, notes=[word("place_rounded", language, source=source)],
        report=f"/names/{number}" if number and about.links else None,
    )  # fmt: skip
