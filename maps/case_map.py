"""Case map (办件图): the place that is applied for, and the names that it meets, each by how much it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import shape

from geo.terms import Severity
from maps import labels, small_map
from maps.boundary_map import About
from maps.name_check_map import MEETS
from maps.page import Assets, MapParts
from maps.panels import dot_swatch, legend_row
from maps.theme import SEAL, SEVERITY_COLOURS
from maps.words import word

#: Degrees shown around a place at least: some two kilometres to each side.
ROOM = 0.02
#: Names farther away than this many degrees do not widen the view; they are found by pressing “whole map”.
NEAR = 0.25


def build(
    name: str,
    geometry: Mapping[str, Any] | None,
    meets: Sequence[Mapping[str, Any]],
    units: Iterable[tuple[str, Any]],
    about: About,
    assets: Assets,
    nonce: str,
) -> MapParts:
    """geometry: GeoJSON of any kind, EPSG:4490, None where nothing is drawn. meets: rows with name, lon, lat, severity,
    why and distance. units: (name, polygon) of the outlines in use."""
    language = about.language
    context, polygons = small_map.context_units(units)
    own = shape(geometry) if geometry is not None else None
    data = {
        "name": labels.label_text(name),
        "geometry": geometry,
        "meets": [
            {
                "name": labels.label_text(str(m["name"])),
                "at": [m["lon"], m["lat"]],
                "severity": m["severity"],
                "why": m["why"],
                "distance": m["distance"],
            }
            for m in meets
        ],
        "theme": {"severity": {s.value: c for s, c in SEVERITY_COLOURS.items()}, "seal": SEAL},
    }
    legend = legend_row(dot_swatch(SEAL), word("name_proposed", language))
    for severity, key in MEETS.items():
        count = sum(m["severity"] == severity.value for m in meets)
        if count:
            legend += legend_row(
                dot_swatch(SEVERITY_COLOURS[Severity(severity)]), word(key, language), str(count)
            )
    return small_map.build(
        "case_map", data, context, _bounds(own, meets, polygons), about, assets, nonce,
        legend=legend,
    )  # fmt: skip


def _bounds(
    own: Any, meets: Sequence[Mapping[str, Any]], polygons: Sequence[Any]
) -> tuple[float, float, float, float]:
    if own is None or own.is_empty:
        return small_map.around(polygons)
    centre = own.centroid
    near = [
        shapely.Point(m["lon"], m["lat"])
        for m in meets
        if abs(m["lon"] - centre.x) < NEAR and abs(m["lat"] - centre.y) < NEAR
    ]
    return small_map.around([own, *near], ROOM)
