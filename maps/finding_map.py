"""Finding map (检查意见图): what was submitted, and every finding pinned where it is.

The list of findings stands beside the map in the page, as rows with `data-finding`; the map's script
makes either lead to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry import mapping, shape

from geo.terms import Role, Severity
from maps import labels
from maps.boundary_map import About
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import dot_swatch, legend_row, line_swatch, small_stage
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
    context, polygons = context_units(units)
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
        "units": context,
        "theme": {
            "severity": {s.value: SEVERITY_COLOURS[s] for s in Severity},
            "role": {r.value: ROLE_COLOURS[r] for r in Role},
            "seal": SEAL,
        },
        "words": {key: word(key, language) for key in ("close", "zoom_in", "zoom_out", "whole", "map_label")},
    }
    title = word("findings", language)
    return assemble(
        Drawing(
            title=title,
            script="yudi_finding_map",
            function="findingMap",
            bounds=_bounds(shown, placed, polygons),
            data=data,
            style=labels.style(),
            panels=lambda element: small_stage(
                element,
                legend=_legend(findings, shown, language),
                approval=word("approval", language, number=about.approval),
                notes=[word("crs", language)],
                language=language,
            ),
            language=language,
        ),
        assets,
        nonce,
    )


def context_units(units: Iterable[tuple[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Township outlines under a map of something else: as data, coarse, and as polygons."""
    present = [(name, polygon) for name, polygon in units if polygon is not None and not polygon.is_empty]
    data = []
    for name, polygon in present:
        point = polygon.representative_point()
        data.append(
            {
                "label": labels.label_text(str(name)),
                "at": [round(point.x, 5), round(point.y, 5)],
                "rank": -round(float(polygon.area) * 1e6),
                "geometry": mapping(shapely.set_precision(polygon.simplify(0.0002), 1e-5)),
            }
        )
    return data, [polygon for _, polygon in present]


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
    if units:
        return tuple(float(v) for v in shapely.total_bounds(units))  # type: ignore[return-value]
    return (106.45, 29.57, 106.97, 30.13)


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
