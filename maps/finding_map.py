"""Finding map (检查意见图): what was submitted, and every finding pinned where it is.

The list of findings stands beside the map in the page, as rows with `data-finding`; the map's script
makes either lead to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry import shape

from geo.terms import Role, Severity
from maps import labels, small_map
from maps.boundary_map import About
from maps.page import Assets, MapParts
from maps.panels import dot_swatch, legend_row, line_swatch
from maps.theme import SEAL, SEVERITY_COLOURS
from maps.words import word

#: Colour of the submitted features by role; quiet, because the findings speak.
ROLE_COLOURS: dict[Role, str] = {
    Role.LINES: "#4B5A6A",
    Role.MARKERS: "#4B5A6A",
    Role.TRIPOINTS: "#4B5A6A",
    Role.POLYGONS: "#A08774",
}


def build(
    findings: Sequence[Mapping[str, Any]],
    features: Iterable[Mapping[str, Any]],
    units: Iterable[tuple[str, Any]],
    about: About,
    assets: Assets,
    nonce: str,
) -> MapParts:
    """The map of one submission.

    findings: the contract's finding objects with "key" and "geometry" (GeoJSON, EPSG:4490) or null.
    features: GeoJSON features of the submission, properties role, layer, ident. units: (name, polygon)
    of the township outlines in use, for orientation. Findings without a place are in the list only.
    """
    language = about.language
    placed = [f for f in findings if f.get("geometry")]
    shown = [f for f in features if f.get("geometry")]
    context, polygons = small_map.context_units(units)
    data = {
        "findings": [_finding(f, language) for f in placed],
        "features": [
            {
                "role": f["properties"].get("role"),
                "ident": labels.label_text(str(f["properties"].get("ident") or "")),
                "geometry": f["geometry"],
            }
            for f in shown
        ],
        "theme": {
            "severity": {s.value: SEVERITY_COLOURS[s] for s in Severity},
            "role": {r.value: ROLE_COLOURS[r] for r in Role},
            "seal": SEAL,
        },
    }
    return small_map.build(
        "finding_map", data, context, _bounds(shown, placed, polygons), about, assets, nonce,
        legend=_legend(findings, shown, language), unfolded=True,
    )  # fmt: skip


def _finding(finding: Mapping[str, Any], language: str) -> dict[str, Any]:
    geometry = shape(finding["geometry"])
    point = geometry if geometry.geom_type == "Point" else shapely.Point(*_middle(geometry))
    english = language == "en"
    return {
        "key": str(finding["key"]),
        "code": str(finding["code"]),
        "severity": str(finding["severity"]),
        "title": str(finding["message_en" if english else "message"]),
        "at": [point.x, point.y],
        "geometry": finding["geometry"],
    }


def _middle(geometry: Any) -> tuple[float, float]:
    """A point on the geometry, near its middle: where the pin stands."""
    if geometry.is_empty:
        return (0.0, 0.0)
    if geometry.geom_type in ("LineString", "MultiLineString"):
        parts = shapely.get_parts(geometry)
        longest = max(parts, key=lambda part: part.length)
        middle = longest.interpolate(0.5, normalized=True)
    else:
        middle = geometry.representative_point()
    return (middle.x, middle.y)


def _bounds(
    features: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]], units: Sequence[Any]
) -> tuple[float, float, float, float]:
    """Around what was submitted; around the findings, then the units, where nothing has a place."""
    for group in ([f["geometry"] for f in features], [f["geometry"] for f in findings]):
        if group:
            box = shapely.total_bounds([shape(g) for g in group])
            if box[2] - box[0] < 90:
                return tuple(float(v) for v in box)  # type: ignore[return-value]
    return small_map.around(units)


def _legend(
    findings: Sequence[Mapping[str, Any]], features: Sequence[Mapping[str, Any]], language: str
) -> Markup:
    rows = Markup()
    for severity in Severity:
        count = sum(f["severity"] == severity.value for f in findings)
        if count:
            rows += legend_row(
                dot_swatch(SEVERITY_COLOURS[severity]), word(severity.value, language), str(count)
            )
    for role in Role:
        count = sum(f["properties"].get("role") == role.value for f in features)
        if count:
            swatch = (
                line_swatch(ROLE_COLOURS[role], None)
                if role in (Role.LINES, Role.POLYGONS)
                else dot_swatch(ROLE_COLOURS[role])
            )
            rows += legend_row(swatch, word(role.value, language), str(count))
    return rows
