"""Boundary sheet (界线图图幅): the boundary map on paper, A4 to A0, of the same frames as the Folium map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.terms import LINE_STATE_NAMES, LineState
from maps.boundary_map import COUNTY_LINE, About, Frames, missing, outline_of
from maps.neighbours import neighbours
from maps.sheets import furniture
from maps.sheets.compose import sheet
from maps.sheets.layers import Areas, Band, Layer, Layers, Lettering, Lines, Name, Points, Stroke
from maps.sheets.paper import Paper
from maps.sheets.sheet import Sheet
from maps.theme import (
    DISTRICT_BAND,
    DISTRICT_LINE,
    INK,
    SEAL,
    SECOND,
    STATE_COLOURS,
    THIRD,
    TINTS,
    UNIT_LABEL,
    tint_numbers,
)
from maps.words import word

GEOD = pyproj.Geod(ellps="GRS80")

#: Shown where there is nothing to draw yet, degrees.
EMPTY = (106.4, 29.5, 107.0, 30.2)

#: Dashes of the states on paper, as theme.STATE_DASHES on the screen.
CHANGING, OPEN = (0.4, 1.0), (2.0, 1.2)
DISTRICT = Stroke(DISTRICT_LINE, 0.42, (2.4, 0.8, 0.4, 0.8))

UNIT = Lettering(10, UNIT_LABEL, serif=True, bold=True, spacing_em=0.06)
WAY = Lettering(5.6, SECOND)
OUTSIDE = Lettering(9.5, THIRD, serif=True, spacing_em=0.3, halo=False)
NUMBER = Lettering(5.2, INK)


def build(frames: Frames, about: About, paper: Paper) -> Sheet:
    """The boundary map as a sheet. frames: what may be shown, EPSG:4490, as for `maps.boundary_map.build`."""
    language = about.language
    placed = frames.units[~missing(frames.units)]
    units = placed[placed["level"] == "township"].reset_index(drop=True)
    county = placed[placed["level"] == "county"]
    polygons = units.geometry.to_numpy()
    outline = outline_of(county, units)
    ways = _ways(frames)
    markers = frames.markers[~missing(frames.markers)]
    fills = [TINTS[i] for i in tint_numbers(polygons)] if len(units) else []
    drawn: list[Layer] = [Areas(list(polygons), fills, legend=word("unit", language))]
    names = [Name(str(row.name), row.geometry, UNIT, rank=-float(row.geometry.area)) for row in _named(units)]
    if not outline.is_empty:
        drawn.append(Band(outline, DISTRICT_BAND, 1.5))
    drawn += _states(ways, language)
    border = ways[ways["county"]]
    if len(border):
        drawn.append(
            Lines(list(border["geometry"]), DISTRICT, word("county_lines", language), _extent(border))
        )
    elif not outline.is_empty:
        drawn.append(Lines([outline.boundary], DISTRICT, word("district_line", language)))
    disputed = ways[ways["dispute"]]
    if len(disputed):
        drawn.append(
            Lines(
                list(disputed["geometry"]),
                Stroke(SEAL, 0.9, (0.5, 0.9)),
                word("dispute_line", language),
                str(len(disputed)),
            )
        )
    if len(markers):
        exact = bool(markers["exact"].all())
        drawn.append(
            Points(
                list(markers.geometry),
                "post",
                SEAL,
                0.9,
                word("marker" if exact else "marker_rounded", language),
                str(len(markers)),
            )
        )
        shown = markers["display_number"].where(markers["display_number"].notna(), markers["number"])
        names += [
            Name(str(text), at, NUMBER, rank=2e6 + i, sits="point", clear_mm=0.8)
            for i, (text, at) in enumerate(zip(shown, markers.geometry, strict=True))
            if str(text).strip()
        ]
    names += [
        Name(str(row.title), row.geometry, WAY, rank=1e6 - float(row.length_m), sits="line", clear_mm=0.35)
        for row in ways[~ways["county"]].itertuples()
    ]
    names += _outside(border, about.district, outline)
    subtitle = [
        word("units_count", language, count=len(units)),
        word("on_date", language, date=about.on.isoformat()),
    ]
    if about.target is not None:
        settled = (
            int((ways["state"] == LineState.SETTLED.value).sum()) if about.settled is None else about.settled
        )
        subtitle.append(word("progress", language, settled=settled, target=about.target))
    notes = []
    if len(ways) and not bool(ways["accepted"].all()):
        notes.append(word("outline", language))
    if not about.officer:
        notes.append(word("generalised", language))
    said = furniture.About(
        title=word("boundaries", language, district=about.district),
        on=about.on,
        approval=about.approval,
        subtitle=" · ".join(subtitle),
        sources=f"{about.district}民政部门界线成果"
        if language == "zh"
        else f"civil affairs office, {about.district}",
        notes=tuple(notes),
        warning=word("officer_version", language) if about.officer else "",
        demo=any(len(f) and bool(f["demo"].any()) for f in (units, frames.lines, frames.pairs, markers)),
        language=language,
    )
    return sheet(Layers(drawn, names, extent(frames)), said, paper)


def extent(frames: Frames) -> tuple[float, float, float, float]:
    """What the sheet has to show, degrees: the district, or the townships where it has no polygon."""
    placed = frames.units[~missing(frames.units)]
    outline = outline_of(placed[placed["level"] == "county"], placed[placed["level"] == "township"])
    west, south, east, north = outline.bounds if not outline.is_empty else EMPTY
    return float(west), float(south), float(east), float(north)


def _named(units: Any) -> list[Any]:
    return [row for row in units.itertuples() if str(row.name).strip()]


def _ways(frames: Frames) -> pd.DataFrame:
    """Lines and outlines in use in one table."""
    rows = []
    for frame, accepted in ((frames.lines, True), (frames.pairs, False)):
        for row in frame[~missing(frame)].to_dict("records"):
            length = row.get("length_m") if accepted else None
            rows.append(
                {
                    "title": str(row["name"]),
                    "state": str(row["state"]),
                    "county": COUNTY_LINE.fullmatch(str(row["code"])) is not None,
                    "dispute": bool(row.get("in_dispute")),
                    "accepted": accepted,
                    "length_m": GEOD.geometry_length(row["geometry"])
                    if length is None or pd.isna(length)
                    else float(length),
                    "geometry": row["geometry"],
                }
            )
    columns = ["title", "state", "county", "dispute", "accepted", "length_m", "geometry"]
    made = pd.DataFrame(rows, columns=columns)
    return made.astype({"county": bool, "dispute": bool, "accepted": bool})


def _extent(ways: pd.DataFrame) -> str:
    """How many lines and how long, as the legend writes it."""
    return f"{len(ways)} · {ways['length_m'].sum() / 1000:.1f} km"


def _states(ways: pd.DataFrame, language: str) -> list[Layer]:
    """Lines between townships by state, settled ones uppermost."""
    layers: list[Layer] = []
    inner = ways[~ways["county"]]
    for state in LineState:
        chosen = inner[inner["state"] == state.value]
        if not len(chosen):
            continue
        dash = () if state is LineState.SETTLED else CHANGING if state is LineState.CHANGING else OPEN
        layers.append(
            Lines(
                list(chosen["geometry"]),
                Stroke(STATE_COLOURS[state], 0.45 if state is LineState.SETTLED else 0.38, dash),
                LINE_STATE_NAMES[state].in_language(language),
                _extent(chosen),
            )
        )
    # The legend is read from the top layer down: the first state is to stand first.
    return layers[::-1]


def _outside(border: pd.DataFrame, district: str, outline: Any) -> list[Name]:
    """Names of the units around, outside the line."""
    if outline.is_empty:
        return []
    found = neighbours(border[["title", "geometry"]].to_dict("records"), district, outline)
    return [
        Name(str(one["text"]), shapely.Point(*np.asarray(one["at"])), OUTSIDE, rank=-1e6 + i, sits="area")
        for i, one in enumerate(found)
    ]
