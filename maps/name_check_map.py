"""Name-check map (命名审查图): a small map to put a proposed name on, and to see the names that it meets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geo.terms import Severity
from maps import small_map
from maps.boundary_map import About
from maps.page import Assets, MapParts
from maps.panels import dot_swatch, legend_row
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
    context, polygons = small_map.context_units(units)
    data = {
        "theme": {"severity": {s.value: c for s, c in SEVERITY_COLOURS.items()}, "seal": SEAL},
    }
    legend = legend_row(dot_swatch(SEAL), word("name_proposed", language), "")
    for severity, key in MEETS.items():
        legend += legend_row(dot_swatch(SEVERITY_COLOURS[severity]), word(key, language), "")
    return small_map.build(
        "name_check_map", data, context, small_map.around(polygons), about, assets, nonce,
        legend=legend,
    )  # fmt: skip
