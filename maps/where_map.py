"""Where map (定位图): a press asks which units hold the point; the answer's township and the point stand on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from maps import small_map
from maps.boundary_map import About
from maps.page import Assets, MapParts
from maps.panels import dot_swatch, legend_row
from maps.theme import SEAL
from maps.words import word


def build(units: Iterable[tuple[str, Any]], about: About, assets: Assets, nonce: str) -> MapParts:
    """The map before any answer: township outlines in use. units: (name, polygon in EPSG:4490)."""
    context, polygons = small_map.context_units(units)
    return small_map.build(
        "where_map", {"theme": {"seal": SEAL}}, context, small_map.around(polygons), about, assets, nonce,
        legend=legend_row(dot_swatch(SEAL), word("where_point", about.language)),
        report=None if assets.alone else "/where",
    )  # fmt: skip
