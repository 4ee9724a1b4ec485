"""Boundary map (界线图): townships, lines by state, markers. Frames in, HTML out.

What may be shown is decided by whoever made the frames: for officers every line, exact; for the public
the settled lines, generalised, and for the others the outline in use. This module only draws them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import geopandas
import numpy as np
import pandas as pd
import pyproj
import shapely
from markupsafe import Markup

from geo.terms import LINE_STATE_NAMES, LineState
from maps import labels
from maps.neighbours import neighbours
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import legend_row, line_swatch, marker_swatch, small_stage, stage, tint_swatch
from maps.theme import DISTRICT_BAND, DISTRICT_LINE, SEAL, STATE_COLOURS, STATE_DASHES, TINTS, tint_numbers
from maps.words import word

GEOD = pyproj.Geod(ellps="GRS80")

#: Metres on the ground per screen pixel at zoom 0 on the equator, 256-pixel tiles.
GROUND_RESOLUTION = 156_543.034

#: Tolerance of the colour fields: the side of the square that a left-out corner spans, about three metres.
FILL_DEGREES = 3e-5


class Frames(Protocol):
    """What is drawn; every frame in EPSG:4490, longitude first. See `geo.store.boundaries.map_frames`."""

    units: geopandas.GeoDataFrame
    lines: geopandas.GeoDataFrame
    pairs: geopandas.GeoDataFrame
    markers: geopandas.GeoDataFrame


@dataclass(frozen=True)
class About:
    """What the map says about itself.

    approval: the map-approval number (审图号) or the words that there is none. target: lines to settle
    in the year, None to leave progress out; settled: how many were, by default the settled lines on the
    map, of whatever year. links: whether lines have a page to open (not in a file).
    compact: without title and list, for a page that has its own. rest: where the page fetches what is drawn (`contents`),
    None puts it into the page.
    """

    district: str
    on: date
    approval: str
    officer: bool = False
    language: str = "zh"
    target: int | None = None
    settled: int | None = None
    links: bool = True
    compact: bool = False
    rest: str | None = None


COUNTY_LINE = re.compile(r"\d{6}-\d{6}(-\d+)?")


def _placed(frames: Frames) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """(units with an outline, townships among them)."""
    placed = frames.units[~missing(frames.units)]
    return placed, placed[placed["level"] == "township"].reset_index(drop=True)


def _numbered(frames: Frames, about: About) -> list[dict[str, Any]]:
    """All lines and pairs in the order of the list, numbered as in it."""
    _, units = _placed(frames)
    names = dict(zip(units["code"], units["name"], strict=True))
    ways = [
        *_ways(frames.lines[~missing(frames.lines)], names, about, True),
        *_ways(frames.pairs[~missing(frames.pairs)], names, about, False),
    ]
    ways.sort(key=lambda w: (_county(w), list(LineState).index(LineState(w["state"])), str(w["title"])))
    for number, way in enumerate(ways):
        way["number"] = number
    return ways


def contents(frames: Frames, about: About) -> dict[str, Any]:
    """What is drawn, as the page's script reads it."""
    language = about.language
    placed, units = _placed(frames)
    markers = frames.markers[~missing(frames.markers)]
    names = dict(zip(units["code"], units["name"], strict=True))
    tints = tint_numbers(units.geometry.to_numpy())
    ground = fills(units.geometry.to_numpy())
    outline = outline_of(placed[placed["level"] == "county"], units)
    digits = 7 if about.officer else 5
    ways = _numbered(frames, about)
    return {
        "units": [_unit(row, tints[i], ground[i], language) for i, row in enumerate(units.itertuples())],
        "ways": [{**way, "geometry": geojson(way["geometry"], digits)} for way in ways],
        "markers": [_marker(row, names, about) for row in markers.itertuples()],
        "outside": neighbours(filter(_county, ways), about.district, outline),
        "outline": geojson(outline.boundary, min(digits, 6)),
        "bands": bands(outline),
        "theme": theme_of(),
        "words": {
            key: word(key, language)
            for key in ("close", "zoom_in", "zoom_out", "whole", "details", "map_label")
        },
        "links": about.links,
    }


def build(frames: Frames, about: About, assets: Assets, nonce: str) -> MapParts:
    """The boundary map. frames may be empty; names in them may hold anything."""
    language = about.language
    placed, units = _placed(frames)
    lines, pairs, markers = frames.lines, frames.pairs, frames.markers[~missing(frames.markers)]
    outline = outline_of(placed[placed["level"] == "county"], units)
    ways = _numbered(frames, about)
    titles = {way["code"]: way["title"] for way in ways}
    names = dict(zip(units["code"], units["name"], strict=True))
    demo = any(len(f) and bool(f["demo"].any()) for f in (units, lines, pairs, markers))
    title = word("boundaries", language, district=about.district)
    bounds = tuple(outline.bounds) if not outline.is_empty else (106.4, 29.5, 107.0, 30.2)
    subtitle = " · ".join(
        (
            word("units_count", language, count=len(units)),
            word("on_date", language, date=about.on.isoformat()),
        )
    )
    on_map = sum(way["state"] == LineState.SETTLED for way in ways)
    settled = on_map if about.settled is None else about.settled
    progress = None if about.target is None else (settled, about.target)
    legend, legend_notes = _legend(ways, markers, about)

    def furniture(element: Markup) -> Markup:
        approval = word("approval", language, number=about.approval)
        notes = [word("demo", language)] * demo + [word("crs", language)]
        if about.compact:
            return small_stage(
                element,
                legend=legend,
                legend_notes=legend_notes,
                approval=approval,
                notes=notes,
                language=language,
                unfolded=False,
                report="/" if about.links else None,
            )
        return stage(
            element,
            seal="界线",
            title=title,
            subtitle=subtitle,
            progress=progress,
            warning=word("officer_version", language) if about.officer else None,
            list_title=word("list", language),
            rows=[_list_row(way, language) for way in ways if not _county(way)],
            apart=[
                (
                    word("county_lines", language),
                    [_list_row(way, language) for way in ways if _county(way)],
                ),
                (
                    word("markers", language),
                    [
                        _marker_row(number, _marker(row, names, about), titles)
                        for number, row in enumerate(markers.itertuples())
                    ],
                ),
            ],
            empty=word("no_lines", language),
            legend=legend,
            legend_notes=legend_notes,
            approval=approval,
            notes=notes,
            attribution=word("attribution", language, district=about.district),
            language=language,
            report="/maps/boundaries" if about.links else None,
        )

    return assemble(
        Drawing(
            title=title,
            script="yudi_boundary_map",
            function="boundaryMap",
            bounds=bounds,
            data={} if about.rest else contents(frames, about),
            rest=about.rest,
            style=labels.style(),
            panels=furniture,
            language=language,
        ),
        assets,
        nonce,
    )


def outline_of(county: geopandas.GeoDataFrame, units: geopandas.GeoDataFrame) -> Any:
    """The district's polygon: its own where it has one, else the townships together."""
    for frame in (county, units):
        if len(frame):
            return shapely.union_all(frame.geometry.to_numpy())
    return shapely.Polygon()


def missing(frame: geopandas.GeoDataFrame) -> Any:
    """Which rows have nothing to draw."""
    values = frame.geometry.to_numpy()
    return shapely.is_missing(values) | shapely.is_empty(values)


def _text(value: Any) -> str | None:
    """A value of a frame as text; None for nothing, NaN and NaT."""
    if value is None or (not isinstance(value, (list, tuple, dict)) and pd.isna(value)):
        return None
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text.strip() or None


def geojson(geometry: Any, digits: int) -> dict[str, Any]:
    """Geometry as GeoJSON, coordinates rounded: 7 digits are a centimetre, 5 a metre. By whole arrays:
    shapely's own way goes point by point, and a district has a hundred thousand."""
    kind = geometry.geom_type
    if kind in ("Point", "LineString", "LinearRing"):
        points = np.round(shapely.get_coordinates(geometry), digits).tolist()
        return {
            "type": "LineString" if kind == "LinearRing" else kind,
            "coordinates": points[0] if kind == "Point" else points,
        }
    if kind == "Polygon":
        rings = [] if geometry.is_empty else [geometry.exterior, *geometry.interiors]
        return {"type": kind, "coordinates": [geojson(ring, digits)["coordinates"] for ring in rings]}
    parts = [geojson(part, digits) for part in shapely.get_parts(geometry)]
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": parts}
    return {"type": kind, "coordinates": [part["coordinates"] for part in parts]}


def _facts(*facts: tuple[str, str | None]) -> list[list[str]]:
    return [[name, value] for name, value in facts if value]


def fills(polygons: Any) -> Any:
    """The units' colour fields: shared borders kept, vertices that move nothing by some metres left out. The
    lines on top of them are exact."""
    valid = len(polygons) and bool(shapely.is_valid(polygons).all())
    return shapely.coverage_simplify(polygons, FILL_DEGREES) if valid else polygons


def _unit(row: Any, tint: int, fill: Any, language: str) -> dict[str, Any]:
    point = row.geometry.representative_point()
    source = _text(row.source)
    return {
        "code": str(row.code),
        "title": str(row.name),
        "kind": word("unit", language),
        "label": labels.label_text(str(row.name)),
        "at": [round(point.x, 5), round(point.y, 5)],
        "rank": -round(float(row.geometry.area) * 1e6),
        "tint": tint,
        "facts": _facts(
            (word("code", language), str(row.code)),
            (word("parent", language), _text(row.parent_code)),
            (word("source", language), source),
        ),
        "demo": bool(row.demo),
        "geometry": geojson(fill, 5),
    }


def _ways(
    frame: geopandas.GeoDataFrame, names: Mapping[str, str], about: About, accepted: bool
) -> Iterator[dict[str, Any]]:
    """Lines of a frame as the JSON block's objects, geometry still a shape."""
    language = about.language
    for row in frame.to_dict("records"):
        state = LineState(row["state"])
        sides = [_text(row.get(key)) for key in ("left_code", "right_code")]
        length = row.get("length_m") if accepted else None
        if length is None or pd.isna(length):
            length = GEOD.geometry_length(row["geometry"])
        yield {
            "code": str(row["code"]),
            "title": str(row["name"]),
            "label": labels.label_text(str(row["name"])),
            "kind": word("lines", language),
            "state": state.value,
            "state_name": LINE_STATE_NAMES[state].in_language(language),
            "accepted": accepted,
            "dispute": bool(row.get("in_dispute")),
            "length_km": round(float(length) / 1000, 2),
            "facts": _facts(
                (word("code", language), str(row["code"])),
                (word("state", language), LINE_STATE_NAMES[state].in_language(language)),
                (
                    word("dispute", language),
                    word("dispute_line", language) if row.get("in_dispute") else None,
                ),
                (word("left_unit", language), names.get(sides[0] or "", sides[0])),
                (word("right_unit", language), names.get(sides[1] or "", sides[1])),
                (word("length", language), f"{float(length) / 1000:.2f} km"),
                (word("settled_on", language), _text(row.get("settled_on"))),
                (word("document", language), _text(row.get("document"))),
            ),
            "note": None
            if state is LineState.SETTLED
            else word("outline", language)
            if not accepted
            else None,
            "demo": bool(row.get("demo")),
            "geometry": row["geometry"],
        }


def _marker(row: Any, names: Mapping[str, str], about: About) -> dict[str, Any]:
    language = about.language
    kind = {"Q": "marker_single", "A": "marker_twin", "B": "marker_twin"}.get(str(row.kind), "marker_triple")
    exact = bool(row.exact)
    shown = _text(row.display_number) or str(row.number)
    digits = 7 if exact else 3
    return {
        "title": shown,
        "kind": word(kind, language),
        "label": labels.label_text(shown),
        "line": str(row.line_code),
        "facts": _facts(
            (word("number", language), str(row.number)),
            (word("line", language), str(row.line_code)),
            (word("kind", language), word(kind, language)),
            (word("condition", language), _text(row.condition)),
            (word("position", language), word("exact" if exact else "rounded", language)),
        ),
        "demo": bool(row.demo),
        "at": [round(row.geometry.x, digits), round(row.geometry.y, digits)],
    }


def bands(outline: Any) -> dict[str, Any]:
    """The colour band inside the district line, a polygon for each zoom: as a wide translucent line it
    would overlap itself at bends. Keys are Leaflet zooms; widths 8 px on the ground there."""
    if outline.is_empty:
        return {}
    latitude = (outline.bounds[1] + outline.bounds[3]) / 2
    shrink = float(np.cos(np.radians(latitude)))
    flat = shapely.transform(outline, lambda c: c * (shrink, 1.0))
    answer = {}
    rough = flat
    # From near to far, each from the one before: what was left out stays out.
    for zoom in range(15, 8, -1):
        pixel = GROUND_RESOLUTION * shrink / 2**zoom / 111_320
        rough = rough.simplify(pixel * 0.5)
        band = rough.difference(rough.buffer(-8 * pixel, quad_segs=3)).simplify(pixel * 0.4)
        back = shapely.transform(band, lambda c: c / (shrink, 1.0))
        answer[str(zoom)] = geojson(back, 5)
    return answer


def theme_of() -> dict[str, Any]:
    return {
        "tints": list(TINTS),
        "states": {s.value: [STATE_COLOURS[s], STATE_DASHES[s]] for s in LineState},
        "district": DISTRICT_LINE,
        "band": DISTRICT_BAND,
        "seal": SEAL,
    }


def _list_row(way: Mapping[str, Any], language: str) -> Markup:
    """One line in the list twin of the map: a button that the map's script listens to."""
    state = LineState(way["state"])
    flag = Markup('<span class="flag">{}</span>').format(word("dispute", language)) if way["dispute"] else ""
    return Markup(
        '<button type="button" class="row" data-way="{}">{}<span class="row-name">{}{}</span>'
        '<span class="row-state"><span class="row-number">{}</span> · {}</span><span class="row-km">{} km</span></button>'
    ).format(
        way["number"],
        line_swatch(STATE_COLOURS[state], STATE_DASHES[state]),
        way["title"],
        flag,
        way["number"] + 1,
        way["state_name"],
        f"{way['length_km']:.2f}",
    )


def _marker_row(place: int, marker: Mapping[str, Any], titles: Mapping[str, str]) -> Markup:
    """One marker in the list twin, by the number that stands beside it on the map. place: its own in the data."""
    return Markup(
        '<button type="button" class="row" data-marker="{}">{}<span class="row-name">{}</span>'
        '<span class="row-state">{} · {}</span></button>'
    ).format(
        place,
        marker_swatch(SEAL),
        marker["title"],
        marker["kind"],
        titles.get(marker["line"], marker["line"]),
    )


def _county(way: Mapping[str, Any]) -> bool:
    """Whether a line is of the district's own border (县级界线): its code is of two counties."""
    return COUNTY_LINE.fullmatch(way["code"]) is not None


def _extent(ways: list[dict[str, Any]]) -> str:
    """How many lines and how long, as the legend writes it."""
    return f"{len(ways)} · {sum(w['length_km'] for w in ways):.1f} km"


def _legend(
    ways: list[dict[str, Any]], markers: geopandas.GeoDataFrame, about: About
) -> tuple[Markup, list[str]]:
    """Legend with counts and kilometres: only what the map shows. County lines are the district's border and
    counted apart: the year's target is of the lines between townships."""
    language = about.language
    rows = Markup()
    counted = [w for w in ways if not _county(w)]
    county = [w for w in ways if _county(w)]
    for state in LineState:
        chosen = [w for w in counted if w["state"] == state]
        if chosen:
            rows += legend_row(
                line_swatch(STATE_COLOURS[state], STATE_DASHES[state]),
                LINE_STATE_NAMES[state].in_language(language),
                _extent(chosen),
            )
    if any(w["dispute"] for w in ways):
        rows += legend_row(
            line_swatch(SEAL, "1 4", wide=True),
            word("dispute_line", language),
            str(sum(w["dispute"] for w in ways)),
        )
    if len(markers):
        exact = bool(markers["exact"].all())
        rows += legend_row(
            marker_swatch(SEAL), word("marker" if exact else "marker_rounded", language), str(len(markers))
        )
    rows += legend_row(
        line_swatch(DISTRICT_LINE, "7 2.4 1.2 2.4", band=DISTRICT_BAND),
        word("county_lines" if county else "district_line", language),
        _extent(county) if county else "",
    )
    rows += legend_row(tint_swatch(TINTS), word("unit", language))
    unsettled = any(not w["accepted"] for w in ways)
    notes = [word("outline", language)] * unsettled + [word("generalised", language)] * (not about.officer)
    return rows, notes
