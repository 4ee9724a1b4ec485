"""Name-check map (命名审查图): a small map to put a proposed name on, and to see the names that it meets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely

from geo.terms import Severity
from maps import labels
from maps.boundary_map import About
from maps.finding_map import context_units
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import dot_swatch, legend_row, small_stage
from maps.theme import SEAL, SEVERITY_COLOURS
from maps.words import word

#: What a name is that stands on the map in the colour of a severity.
MEETS = {
    Severity.ERROR: "name_error",
    Severity.WARNING: "name_warning",
    Severity.INFO: "name_info",
}


def build(units: Iterable[tuple[str, Any]], about: About, assets: Assets, nonce: str) -> MapParts:
    """The map before any answer: township outlines in use. units: (name, polygon in EPSG:4490).

    What an answer puts on it stands in the page, as elements with data-lon and data-lat; the map's script
    reads them, so that the list and the map cannot disagree.
    """
    language = about.language
    context, polygons = context_units(units)
    box = shapely.total_bounds(polygons) if polygons else (106.45, 29.57, 106.97, 30.13)
    data = {
        "units": context,
        "theme": {"severity": {s.value: c for s, c in SEVERITY_COLOURS.items()}, "seal": SEAL},
        "words": {key: word(key, language) for key in ("close", "zoom_in", "zoom_out", "whole", "map_label")},
    }
    legend = legend_row(dot_swatch(SEAL), word("name_proposed", language), "")
    for severity, key in MEETS.items():
        legend += legend_row(dot_swatch(SEVERITY_COLOURS[severity]), word(key, language), "")
    return assemble(
        Drawing(
            title=word("name_check", language),
            script="yudi_name_check_map",
            function="nameCheckMap",
            bounds=tuple(float(v) for v in box),  # type: ignore[arg-type]
            data=data,
            style=labels.style(),
            panels=lambda element: small_stage(
                element,
                legend=legend,
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
