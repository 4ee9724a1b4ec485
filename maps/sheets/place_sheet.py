"""Place sheet (地名位置图): the attached map of an application, decision or announcement.

The names asked for in red, the names around them, townships as ground. Made for the type area of a document
(`paper.ATTACHED`), and for any other paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.text import Text
from maps.sheets import furniture
from maps.sheets.compose import sheet
from maps.sheets.layers import Areas, Layer, Layers, Lettering, Lines, Mark, Name, Points, Stroke
from maps.sheets.paper import ATTACHED, Paper
from maps.sheets.sheet import Sheet
from maps.theme import DISTRICT_LINE, SEAL, SECOND, TINTS, TOWNSHIP_LINE, UNIT_LABEL, tint_numbers

TITLE = Text("“{0}”位置图", "Position of “{0}”")
MANY = Text("“{0}”等{1}处地名位置图", "Positions of “{0}” and others, {1} names")
HERE = Text("申请的地名", "Names applied for")
WAY = Text("申请的地名（道路、河流等）", "Names applied for (lines)")
AREA = Text("申请的地名（范围）", "Names applied for (areas)")
NEAR = Text("现有地名", "Names around")
UNIT = Text("镇街", "Township")
UNIT_EDGE = Text("镇街界", "Township boundary")
DISTRICT = Text("区界", "District boundary")
ROUGH = Text(
    "位置为示意，不作权属和定界依据", "Positions are schematic; not evidence of rights or boundaries"
)

SUBJECT = Lettering(10, SEAL, bold=True)
AROUND = Lettering(6.8, "#3B342D")
UNITS = Lettering(9, UNIT_LABEL, serif=True, bold=True, spacing_em=0.1)

#: Less than this is not shown around a name, metres on the ground.
LEAST_M = 900.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A name and where it is, EPSG:4490. rank: importance, the smaller the earlier."""

    name: str
    geometry: BaseGeometry
    rank: float = 0.0


def build(
    subjects: Sequence[Spot],
    around: Sequence[Spot],
    units: Sequence[Spot],
    *,
    on: date,
    approval: str,
    demo: bool,
    title: str = "",
    sources: str = "",
    outline: BaseGeometry | None = None,
    paper: Paper = ATTACHED,
    language: str = "zh",
) -> Sheet:
    """The map of some names. subjects: those of the application, points, lines or areas, at least one with a
    geometry; around: standing names; units: townships; outline: the district. title: of a plan, else made of
    the name. Raises ValueError where no subject has a geometry.
    """
    chosen = [s for s in subjects if s.geometry is not None and not s.geometry.is_empty]
    if not chosen:
        raise ValueError("no name has a geometry to draw")
    kinds = {"points": [], "lines": [], "areas": []}  # type: dict[str, list[Spot]]
    for spot in chosen:
        kinds[("points", "lines", "areas")[int(shapely.get_dimensions(spot.geometry))]].append(spot)
    polygons = np.array([u.geometry for u in units], dtype=object)
    drawn: list[Layer] = []
    if len(units):
        fills = [TINTS[i] for i in tint_numbers(polygons)]
        drawn.append(Areas(list(polygons), fills, legend=UNIT.in_language(language)))
        drawn.append(
            Lines(
                list(shapely.boundary(polygons)),
                Stroke(TOWNSHIP_LINE, 0.25, (1.6, 0.6, 0.3, 0.6)),
                UNIT_EDGE.in_language(language),
            )
        )
    if outline is not None and not outline.is_empty:
        drawn.append(
            Lines(
                [outline.boundary],
                Stroke(DISTRICT_LINE, 0.42, (2.4, 0.8, 0.4, 0.8)),
                DISTRICT.in_language(language),
            )
        )
    near = [s for s in around if s.geometry is not None and not s.geometry.is_empty]
    drawn.append(
        Areas([s.geometry for s in kinds["areas"]], [SEAL] * len(kinds["areas"]), Stroke(SEAL, 0.4),
              AREA.in_language(language), opacity=0.22)
    )  # fmt: skip
    drawn.append(
        Lines([s.geometry for s in kinds["lines"]], Stroke(SEAL, 0.75), WAY.in_language(language), avoid=True)
    )
    drawn.append(
        Points(
            [_middle(s.geometry) for s in kinds["points"]], "diamond", SEAL, 1.9, HERE.in_language(language)
        )
    )
    names = [
        Name(s.name, _middle(s.geometry), SUBJECT, rank=-1e9 + i, sits="point", clear_mm=1.7, must=True)
        for i, s in enumerate(chosen)
    ]
    names += [Name(u.name, u.geometry, UNITS, rank=-1e6 + u.rank) for u in units]
    dot = Mark("dot", SECOND, 0.85, NEAR.in_language(language))
    names += [
        Name(
            s.name,
            shapely.point_on_surface(s.geometry),
            AROUND,
            rank=s.rank,
            sits="point",
            clear_mm=0.75,
            mark=dot,
        )
        for s in near
    ]
    if not title:
        title = TITLE.fill(chosen[0].name).in_language(language)
        if len(chosen) > 1:
            title = MANY.fill(chosen[0].name, len(chosen)).in_language(language)
    about = furniture.About(
        title=title,
        on=on,
        approval=approval,
        sources=sources,
        notes=(ROUGH.in_language(language),),
        demo=demo,
        language=language,
    )
    return sheet(Layers(drawn, names, extent(chosen)), about, paper)


def _middle(geometry: BaseGeometry) -> BaseGeometry:
    """Where the name of a subject stands: a point of it, half way along a line, inside an area."""
    if geometry.geom_type == "LineString":
        return shapely.line_interpolate_point(geometry, 0.5, normalized=True)
    return shapely.point_on_surface(geometry)


def extent(chosen: Sequence[Spot]) -> tuple[float, float, float, float]:
    """The box of the subjects with as much around them, and never less than LEAST_M to each side."""
    west, south, east, north = shapely.total_bounds(np.array([s.geometry for s in chosen], dtype=object))
    metre_lat = 1 / 111_320
    metre_lon = metre_lat / np.cos(np.radians((south + north) / 2))
    across = max((east - west) * 0.6, LEAST_M * metre_lon)
    up = max((north - south) * 0.6, LEAST_M * metre_lat)
    return float(west - across), float(south - up), float(east + across), float(north + up)
