"""Areas of policy (政策区域): what was in force before a change and what is in force after, on one map with its list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from shapely.geometry import shape

from geo.text import Text
from maps import small_map
from maps.boundary_map import About
from maps.page import Assets, MapParts
from maps.words import word

#: Kinds that have words and a pattern of their own; any other kind is drawn like the last.
KINDS: dict[str, tuple[Text, str, str | None]] = {
    "burial": (Text("土葬改革区（调整前）", "Burial area, before"), "#8A5A00", "3 4"),
    "cremation": (Text("火葬区（调整后）", "Cremation area, after"), "#2F6F9F", None),
}
OTHER = "#4F5B66"


def kind_name(kind: str, language: str) -> str:
    return KINDS[kind][0].in_language(language) if kind in KINDS else kind


def build(
    areas: Sequence[Mapping[str, Any]],
    units: Iterable[tuple[str, Any]],
    about: About,
    assets: Assets,
    nonce: str,
) -> MapParts:
    """areas: rows of `geo.store.facilities.policy_areas` with their GeoJSON; units: township outlines."""
    context, polygons = small_map.context_units(units)
    shapes = [shape(a["geometry"]) for a in areas]
    language = about.language
    data = {
        "areas": [
            {
                "name": a["name"], "kind": kind_name(a["kind"], language), "colour": KINDS.get(a["kind"], (None, OTHER))[1],
                "dash": KINDS[a["kind"]][2] if a["kind"] in KINDS else None, "geometry": a["geometry"],
                "facts": [[word("document", language), a["document"]]] + ([[word("settled_on", language), str(a["valid_from"])]] if a["valid_from"] else []),
            }
            for a in areas
        ],
    }  # fmt: skip
    legend = Markup("").join(
        Markup(
            '<li><svg class="swatch" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true"><rect x="4" y="3" width="26" height="12"'
            ' fill="{0}" fill-opacity=".3" stroke="{0}" stroke-width="1.6"{1}/></svg><span class="legend-name">{2}</span>'
            '<span class="legend-count">{3}</span></li>'
        ).format(
            KINDS.get(kind, (None, OTHER))[1],
            Markup(' stroke-dasharray="{}"').format(KINDS[kind][2])
            if kind in KINDS and KINDS[kind][2]
            else "",
            kind_name(kind, language),
            sum(a["kind"] == kind for a in areas),
        )
        for kind in dict.fromkeys(a["kind"] for a in areas)
    )
    return small_map.build(
        "area_map", data, context, small_map.around([*polygons, *shapes]), about, assets, nonce,
        legend=legend, unfolded=True, report=None if assets.alone else "/facilities/areas",
    )  # fmt: skip
