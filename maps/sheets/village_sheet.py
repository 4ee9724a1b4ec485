"""Village sheet (乡村地名图图幅): the village names on paper, A4 to A0, of the same rows as the Folium map.

Of the district, of one township or of one village: famous names first, then villages and communities, then
natural villages; a dot without room for its name gives way or stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geo.terms import PROGRAMME_KIND_NAMES, ProgrammeKind
from geo.text import Text
from maps.boundary_map import outline_of
from maps.sheets import furniture
from maps.sheets.boundary_sheet import EMPTY
from maps.sheets.compose import sheet
from maps.sheets.layers import Areas, Band, Layer, Layers, Lettering, Lines, Mark, Name, Points, Stroke
from maps.sheets.paper import Paper
from maps.sheets.sheet import Sheet
from maps.theme import DISTRICT_BAND, DISTRICT_LINE, TINTS, TOWNSHIP_LINE, UNIT_LABEL, tint_numbers
from maps.village_map import FAMOUS, GONE, HAMLET, ITEM_COLOURS, VILLAGE, About, Names, townships
from maps.words import word

#: How each kind of name is set; the smaller its number, the earlier it is placed.
KINDS: dict[str, tuple[int, Lettering, Mark]] = {
    "famous": (0, Lettering(8.4, FAMOUS, bold=True), Mark("diamond", FAMOUS, 1.5)),
    "village": (1, Lettering(7, VILLAGE), Mark("dot", VILLAGE, 1.0)),
    "hamlet": (2, Lettering(6, HAMLET), Mark("ring", HAMLET, 0.85)),
    "gone": (3, Lettering(5.6, GONE), Mark("square", GONE, 0.7)),
}
SOURCE = Text("{0}标准地名库", "register of place names, {0}")
UNIT = Lettering(11, UNIT_LABEL, serif=True, bold=True, spacing_em=0.14)


def build(frames: Names, about: About, paper: Paper) -> Sheet:
    """The village names as a sheet. frames: as for `maps.village_map.build`; names without a position are
    counted in the subtitle's number and stand on no map."""
    language = about.language
    units = townships(frames.units)
    polygons = units.geometry.to_numpy()
    outline = outline_of(frames.units[frames.units["level"] == "county"], units)
    drawn: list[Layer] = []
    if len(units):
        fills = [TINTS[i] for i in tint_numbers(polygons)]
        drawn.append(Areas(list(polygons), fills, legend=word("unit", language)))
        drawn.append(
            Lines(list(shapely.boundary(polygons)), Stroke(TOWNSHIP_LINE, 0.22, (1.4, 0.6, 0.3, 0.6)))
        )
    if not outline.is_empty:
        drawn.append(Band(outline, DISTRICT_BAND, 1.6))
        drawn.append(
            Lines(
                [outline.boundary],
                Stroke(DISTRICT_LINE, 0.42, (2.4, 0.8, 0.4, 0.8)),
                word("district_line", language),
            )
        )
    drawn += _items(frames.items, language)
    names = [Name(str(row.name), row.geometry, UNIT, rank=-1.0) for row in units.itertuples()]
    names += _names(frames.names, frames.items, language)
    said = furniture.About(
        title=word("villages_map", language, district=about.part or about.district),
        on=about.on,
        approval=about.approval,
        subtitle=" · ".join(
            (
                word("villages_count", language, count=len(frames.names)),
                word("on_date", language, date=about.on.isoformat()),
            )
        ),
        sources=SOURCE.fill(about.district).in_language(language),
        notes=(word("demo_villages", language),) if _demo(frames) else (),
        demo=_demo(frames),
        language=language,
    )
    return sheet(Layers(drawn, names, extent(frames, about)), said, paper)


def extent(frames: Names, about: About) -> tuple[float, float, float, float]:
    """What the sheet has to show, degrees: the district, or the names of a part with some room around them."""
    units = townships(frames.units)
    if about.part:
        # The names' own ground where the part has an outline among the townships, else the names themselves.
        points = [shapely.Point(n["lon"], n["lat"]) for n in frames.names if n["lon"] is not None]
        found: list[BaseGeometry] = [
            u.geometry for u in units.itertuples() if str(u.name) == about.part
        ] or points
        if found:
            west, south, east, north = shapely.union_all(found).bounds
            return west - 0.004, south - 0.004, east + 0.004, north + 0.004
    outline = outline_of(frames.units[frames.units["level"] == "county"], units)
    west, south, east, north = outline.bounds if not outline.is_empty else EMPTY
    return float(west), float(south), float(east), float(north)


def kind_of(name: Mapping[str, Any], listed: set[Any]) -> str:
    """famous (in a protection list, or named by something that the programme collects), village, hamlet or gone:
    as the page's script has it."""
    if name["status"] != "standard":
        return "gone"
    if name["protected"] or name["number"] in listed:
        return "famous"
    return "village" if name["category"] == "村委会、居委会所在地" else "hamlet"


def _names(
    found: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]], language: str
) -> list[Name]:
    listed = {number for item in items for number in item["name_numbers"] or ()}
    made = []
    for i, name in enumerate(found):
        if name["lon"] is None:
            continue
        kind = kind_of(name, listed)
        rank, lettering, mark = KINDS[kind]
        at = shapely.Point(float(name["lon"]), float(name["lat"]))
        # The rows come by importance already.
        named = Mark(mark.symbol, mark.colour, mark.size_mm, word(f"kind_{kind}", language))
        made.append(
            Name(str(name["name"]), at, lettering, rank * 1e6 + i, "point", mark.size_mm * 0.62 + 0.25, named)
        )
    return made


def _items(found: Sequence[Mapping[str, Any]], language: str) -> list[Layer]:
    """What the programme collects (六个一批), a layer of squares a kind."""
    layers: list[Layer] = []
    for kind, colour in ITEM_COLOURS.items():
        placed = [
            shapely.Point(i["lon"], i["lat"]) for i in found if i["kind"] == kind and i["lon"] is not None
        ]
        if placed:
            words = PROGRAMME_KIND_NAMES[ProgrammeKind(kind)].in_language(language)
            layers.append(Points(placed, "square", colour, 1.3, words, str(len(placed))))
    return layers


def _demo(frames: Names) -> bool:
    return any(n["demo"] for n in frames.names) or any(i["demo"] for i in frames.items)
