"""Village-name map (乡村地名图): every village name where it lies, with what the programme collects around it.

Rows in, HTML out. Names, stories and items are data of the JSON block or are fetched by the page's script; none
of them passes through a Folium template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import geopandas
import shapely
from markupsafe import Markup

from geo.terms import PROGRAMME_KIND_NAMES, ProgrammeKind
from maps import labels
from maps.boundary_map import bands, fills, geojson, outline_of, theme_of
from maps.page import Assets, Drawing, MapParts, assemble
from maps.theme import HALO, tint_numbers
from maps.tiles.style import IN_USE
from maps.tiles.style import style as style_of_tiles
from maps.vector_tiles import LateTiles
from maps.village_stage import (
    FAMOUS,
    GONE,
    HAMLET,
    ITEM_COLOURS,
    KIND_COLOURS,
    VILLAGE,
    legend,
    offered,
    stage,
)
from maps.words import WORDS, word

#: Bits of a row's flags.
PROTECTED, STORY, MEANING, PICTURED, GONE_FLAG, COMMITTEE, DEMO = 1, 2, 4, 8, 16, 32, 64
YEAR = re.compile(r"\d{4}")


class Names(Protocol):
    """What is drawn; see `geo.store.village_names.VillageMap`."""

    units: geopandas.GeoDataFrame
    names: list[dict[str, Any]]
    items: list[dict[str, Any]]
    whole: bool
    count: int
    box: tuple[float, float, float, float] | None
    demo: bool


@dataclass(frozen=True)
class About:
    """What the map says about itself. data: where the names are fetched from; None puts them into the page. rest:
    where a map of tiles fetches what it needs beside them (see `rest`). record: the address of one name's record, to which its number is added, None where the rows carry all. part: name of the
    township or village that the map is of, within: its code."""

    district: str
    on: date
    approval: str
    language: str = "zh"
    data: str | None = None
    record: str | None = None
    rest: str | None = None
    links: bool = True
    part: str | None = None
    within: str | None = None

    @property
    def part_address(self) -> dict[str, str]:
        """What the address of the part's own map says."""
        return (
            {} if self.within is None else {"township" if len(self.within) == 9 else "village": self.within}
        )


def rows(names: Sequence[Mapping[str, Any]], units: Sequence[str], *, full: bool = False) -> list[list[Any]]:
    """The names as compact rows, in the order of the list.

    units: codes of the townships; a row names its own by index, -1 for none. Each row: number, name, label or 0 where
    it equals the name, romanization, plain pinyin, initials, longitude, latitude (null without a position), township,
    flags, year of naming (else of the village's beginning, else of the yearly list that first shows it) or null. full: with meaning and story behind, for a file that can fetch nothing.
    """
    index = {code: i for i, code in enumerate(units)}
    found = []
    for name in names:
        shown = labels.label_text(str(name["name"]))
        row = [
            name["number"], name["name"], 0 if shown == name["name"] else shown, name["romanization"],
            name["plain"] or "", name["initials"] or "", _rounded(name["lon"]), _rounded(name["lat"]),
            index.get(str(name["unit_code"])[:9], -1), _flags(name), _year(name),
        ]  # fmt: skip
        if full:
            row += [name["meaning"], name["story"]]
        found.append(row)
    return found


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(float(degrees), 5)


def _flags(name: Mapping[str, Any]) -> int:
    return (
        PROTECTED * bool(name["protected"])
        | STORY * bool(name["story"])
        | MEANING * bool(name["meaning"])
        | PICTURED * bool(name["pictured"])
        | GONE_FLAG * (name["status"] != "standard")
        | COMMITTEE * (name["category"] == "村委会、居委会所在地")
        | DEMO * bool(name["demo"])
    )


def _year(name: Mapping[str, Any]) -> int | None:
    for key in ("named_on", "founded", "first_listed"):
        found = YEAR.match(str(name[key] or ""))
        if found:
            return int(found[0])
    return None


def items(found: Sequence[Mapping[str, Any]], units: Sequence[str], language: str) -> list[dict[str, Any]]:
    """The programme's items as the page's script reads them."""
    index = {code: i for i, code in enumerate(units)}
    return [
        {
            "kind": item["kind"],
            "kind_name": PROGRAMME_KIND_NAMES[ProgrammeKind(item["kind"])].in_language(language),
            "title": item["title"],
            "theme": item["theme"],
            "says": item["says"],
            "at": None if item["lon"] is None else [_rounded(item["lon"]), _rounded(item["lat"])],
            "unit": index.get(str(item["unit_code"])[:9], -1),
            "names": item["name_numbers"],
            "on": item["on_date"].isoformat() if item["on_date"] else None,
            "responsible": item["responsible"],
            "demo": bool(item["demo"]),
        }
        for item in found
    ]


def townships(units: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """The townships that have an outline, in the order that rows count them in."""
    placed = units[
        ~(shapely.is_missing(units.geometry.to_numpy()) | shapely.is_empty(units.geometry.to_numpy()))
    ]
    return placed[placed["level"] == "township"].reset_index(drop=True)


def contents(frames: Names, *, language: str, full: bool = False) -> dict[str, Any]:
    """What the page's script fetches: {names, items, whole}."""
    codes = list(townships(frames.units)["code"])
    return {
        "names": rows(frames.names, codes, full=full),
        "items": items(frames.items, codes, language),
        "whole": frames.whole,
    }


def style() -> dict[str, Any]:
    """Townships first, then famous names, villages, natural villages; what would collide is left out and appears when
    zoomed in. A name and its sign are one symbol, so that no dot lies under another's name."""
    base = labels.style()
    base["layers"] = [layer for layer in base["layers"] if layer["id"] in ("outside", "units")]
    base["sources"] = {"names": labels.EMPTY, "ways": labels.EMPTY, "places": labels.EMPTY}
    base["layers"][:0] = [
        _places("hamlet", 10.5, HAMLET, [10, 11, 14, 12.5]),
        _places("gone", 9.5, GONE, [10, 11, 14, 12.5]),
        _places("village", 9, VILLAGE, [9, 11.5, 14, 14]),
        _places("famous", 7, FAMOUS, [8, 12.5, 14, 15], bold=True),
    ]
    return base


def _places(
    kind: str, since: float, colour: str, sizes: list[float], *, bold: bool = False
) -> dict[str, Any]:
    face = ["Bold," + labels.SANS[0]] if bold else labels.SANS
    return {
        "id": kind,
        "type": "symbol",
        "source": "places",
        "minzoom": since,
        "filter": ["==", ["get", "kind"], kind],
        "layout": {
            "icon-image": kind,
            "icon-padding": 1,
            "text-field": ["get", "text"],
            "text-font": face,
            "text-size": ["interpolate", ["linear"], ["zoom"], *sizes],
            "text-variable-anchor": ["left", "right", "top", "bottom"],
            "text-radial-offset": 0.55,
            "text-justify": "auto",
            "text-padding": 3,
            "symbol-sort-key": ["get", "rank"],
        },
        "paint": {"text-color": colour, "text-halo-color": HALO, "text-halo-width": 1.3},
    }


def rest(frames: Names, at: date, language: str) -> dict[str, Any]:
    """What a page fetches beside itself, so that it stays small: ground and words; and for a map of tiles their style, what
    the filters and the legend say, and the programme's items, which come with the names otherwise."""
    units = townships(frames.units)
    answer = _ground(frames, units) | _said(language)
    if frames.whole:
        return answer
    kinds = kinds_of(frames)
    return answer | offered(kinds, language) | {
        "style": tile_style(at),
        "symbols": {"yudi-village": ["dot", VILLAGE], "yudi-hamlet": ["ring", HAMLET], "yudi-gone": ["cross", HAMLET]},
        "legend": legend(kinds, language),
        "items": items(frames.items, list(units["code"]), language),
    }  # fmt: skip


def _said(language: str) -> dict[str, Any]:
    return {
        "theme": _theme(),
        "words": {key: WORDS[key].in_language(language) for key in SCRIPT_WORDS},
        "kinds": _kinds(language),
    }


def kinds_of(frames: Names) -> list[str]:
    """The kinds of items that there are, in the legend's order."""
    there = {item["kind"] for item in frames.items}
    return [kind for kind in ITEM_COLOURS if kind in there]


def _ground(frames: Names, units: geopandas.GeoDataFrame) -> dict[str, Any]:
    """Townships and the district's line with its band."""
    outline = _outline(frames.units, units)
    return {"units": _units(units), "outline": geojson(outline.boundary, 5), "bands": bands(outline)}


def _outline(all_units: geopandas.GeoDataFrame, units: geopandas.GeoDataFrame) -> Any:
    outline = outline_of(all_units[all_units["level"] == "county"], units)
    # Empty where no unit has a public outline yet.
    return shapely.Polygon() if outline.is_empty else outline


def _units(units: geopandas.GeoDataFrame) -> list[dict[str, Any]]:
    """The townships as the script reads them."""
    shapes = units.geometry.to_numpy()
    tints, ground = tint_numbers(shapes), fills(shapes)
    return [
        {
            "code": str(row.code),
            "title": str(row.name),
            "label": labels.label_text(str(row.name)),
            "at": _middle(row.geometry),
            "rank": -round(float(row.geometry.area) * 1e6),
            "tint": tints[i],
            "geometry": geojson(ground[i], 5),
        }
        for i, row in enumerate(units.itertuples())
    ]


def _theme() -> dict[str, Any]:
    return theme_of() | {"items": ITEM_COLOURS, "kinds": KIND_COLOURS}


def _kinds(language: str) -> dict[str, str]:
    return {k.value: PROGRAMME_KIND_NAMES[k].in_language(language) for k in ProgrammeKind}


def build(frames: Names, about: About, assets: Assets, nonce: str) -> MapParts:
    """The map of village names. frames may be empty; names in them may hold anything."""
    language = about.language
    units = townships(frames.units)
    # Too many names for one answer: the names come as tiles, the list in pages. A file has no tiles.
    tiled = about.data is not None and not frames.whole
    data: dict[str, Any] = {
        "tiled": tiled,
        "source": about.data,
        "record": about.record,
        "links": about.links,
        "on": about.on.isoformat(),
        "part": about.part is not None,
        "within": about.within,
    }
    if about.rest is None:
        data |= _ground(frames, units) | _said(language)
    whole = tuple(units.total_bounds) if len(units) else NOWHERE
    if about.data is None:
        data["contents"] = contents(frames, language=language, full=True)
    bounds = _around(frames.box) if about.part and frames.box else whole
    title = word("villages_map", language, district=about.part or about.district)
    demo = frames.demo or any(i["demo"] for i in frames.items)
    kinds = kinds_of(frames)

    def furniture(element: Markup) -> Markup:
        return stage(
            element,
            title=title,
            subtitle=" · ".join(
                (
                    word("villages_count", language, count=f"{frames.count:,}"),
                    word("on_date", language, date=about.on.isoformat()),
                )
            ),
            townships=() if tiled else [(i, str(name)) for i, name in enumerate(units["name"])],
            kinds=kinds,
            approval=word("approval", language, number=about.approval),
            notes=[word("demo_villages", language)] * demo + [word("crs", language)],
            attribution=word("villages_source", language, district=about.district),
            language=language,
            links=about.links,
            tiled=tiled,
            poster={"at": about.on.isoformat()} | about.part_address,
        )

    return assemble(
        Drawing(
            title=title,
            script="yudi_village_map",
            function="villageMap",
            bounds=bounds,
            data=data,
            rest=about.rest,
            style={} if tiled else style(),
            layer=_tiles if tiled else None,
            engine=not tiled,
            panels=furniture,
            language=language,
            styles=("yudi_village_css",),
            later=("yudi_village_card", *("yudi_village_pages",) * tiled),
        ),
        assets,
        nonce,
    )


def tile_style(on: date) -> dict[str, Any]:
    """The names of the date as tiles, by their kind, and over them those that the script draws from the list: the famous
    ones, or what a filter leaves. The tiles' own famous ones are so by weight alone, and are villages here."""
    drawn, own = style_of_tiles(("villages",), at=on), style()
    tiles = [layer for layer in drawn["layers"] if layer["id"] in TILED]
    for layer in tiles:
        layer["filter"] = [
            "all",
            TILED_GONE if layer["id"] == "villages-gone" else IN_USE,
            *TILED[layer["id"]],
        ]
    # Where a filter leaves few names they are all drawn, from afar too.
    names = [layer | {"minzoom": 5} if layer["source"] == "places" else layer for layer in own["layers"]]
    return drawn | {"sources": drawn["sources"] | own["sources"], "layers": [*tiles, *names]}


TILED_GONE = ["!", IN_USE]
#: Layers of the tiles' style that are drawn, with the kind of names of each.
TILED: dict[str, list[Any]] = {
    "villages-gone": [],
    "villages-hamlet": [["==", ["get", "kind"], "natural_village"]],
    "villages-village": [["==", ["get", "kind"], "committee"]],
}


def _tiles(_: Mapping[str, Any], assets: Assets) -> LateTiles:
    return LateTiles(assets.url("maplibre_worker"), [assets.url("maplibre"), assets.url("maplibre_leaflet")])


def _middle(shape: Any) -> list[float]:
    point = shape.representative_point()
    return [round(point.x, 5), round(point.y, 5)]


def _around(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north_ = box
    return west - 0.01, south - 0.01, east + 0.01, north_ + 0.01


#: Where a map without any outline looks.
NOWHERE = (106.4, 29.5, 107.0, 30.2)
SCRIPT_WORDS = (
    "close", "zoom_in", "zoom_out", "whole", "map_label", "villages_open", "villages_none", "villages_failed",
    "villages_shown", "villages_more", "villages_unplaced", "kind_famous", "kind_village", "kind_hamlet", "kind_gone",
    "meaning", "story", "pinyin_of", "township_of", "programme_items", "read_aloud", "read_stop", "item_on",
    "responsible", "demo_mark", "again", "named_in", "villages_share", "villages_copied", "villages_own",
)  # fmt: skip
