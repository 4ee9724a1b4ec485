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
from maps.panels import dot_swatch, legend_row, north
from maps.theme import HALO, SEAL, tint_numbers
from maps.tiles.style import style as style_of_tiles
from maps.vector_tiles import VectorTiles
from maps.words import WORDS, word

#: Faces and colours of the names: famous (名录、故事、产业), village or community, natural village, gone.
FAMOUS, VILLAGE, HAMLET, GONE = SEAL, "#3B342D", "#766C61", "#857B6E"
ITEM_COLOURS = {
    ProgrammeKind.MUSEUM.value: "#7A4B9A",
    ProgrammeKind.PLAN.value: "#5468BE",
    ProgrammeKind.SIGN.value: "#2E7FB0",
    ProgrammeKind.MAP_LABEL.value: "#1E8C91",
    ProgrammeKind.PRODUCT.value: "#1B6B4A",
    ProgrammeKind.EVENT.value: "#B5588A",
}
#: Bits of a row's flags.
PROTECTED, STORY, MEANING, PICTURED, GONE_FLAG, COMMITTEE, DEMO = 1, 2, 4, 8, 16, 32, 64
YEAR = re.compile(r"\d{4}")


class Names(Protocol):
    """What is drawn; see `geo.store.village_names.VillageMap`."""

    units: geopandas.GeoDataFrame
    names: list[dict[str, Any]]
    items: list[dict[str, Any]]
    whole: bool


@dataclass(frozen=True)
class About:
    """What the map says about itself. data: where the names are fetched from; None puts them into the page. record:
    the address of one name's record, to which its number is added, None where the rows carry all. part: name of the
    township or village that the map is of, within: its code."""

    district: str
    on: date
    approval: str
    language: str = "zh"
    data: str | None = None
    record: str | None = None
    tiles: str | None = None
    links: bool = True
    part: str | None = None
    within: str | None = None


def rows(names: Sequence[Mapping[str, Any]], units: Sequence[str], *, full: bool = False) -> list[list[Any]]:
    """The names as compact rows, in the order of the list.

    units: codes of the townships; a row names its own by index, -1 for none. Each row: number, name, label or 0 where
    it equals the name, romanization, plain pinyin, initials, longitude, latitude (null without a position), township,
    flags, year of naming or null. full: with meaning and story behind, for a file that can fetch nothing.
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
    for key in ("named_on", "founded"):
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


def build(frames: Names, about: About, assets: Assets, nonce: str) -> MapParts:
    """The map of village names. frames may be empty; names in them may hold anything."""
    language = about.language
    units = townships(frames.units)
    # Too many names for one answer: the ground and the names come as tiles, the list in pages. A file has no tiles.
    tiled = about.data is not None and not frames.whole
    shapes = units.geometry.to_numpy()
    tints = tint_numbers(shapes)
    ground = fills(shapes)
    outline = outline_of(frames.units[frames.units["level"] == "county"], units)
    if outline.is_empty:
        # No unit has a public outline yet.
        outline = shapely.Polygon()
    codes = list(units["code"])
    data: dict[str, Any] = {
        "units": [
            {
                "code": str(row.code),
                "title": str(row.name),
            }
            | (
                {"box": [round(v, 3) for v in row.geometry.bounds]}
                if tiled
                else {
                    "label": labels.label_text(str(row.name)),
                    "at": _middle(row.geometry),
                    "rank": -round(float(row.geometry.area) * 1e6),
                    "tint": tints[i],
                    "geometry": geojson(ground[i], 5),
                }
            )
            for i, row in enumerate(units.itertuples())
        ],
        "outline": None if tiled else geojson(outline.boundary, 5),
        "bands": {} if tiled else bands(outline),
        "tiled": tiled,
        "theme": theme_of() | {"items": ITEM_COLOURS, "kinds": {"famous": FAMOUS, "village": VILLAGE, "hamlet": HAMLET, "gone": GONE}},
        "words": {key: WORDS[key].in_language(language) for key in SCRIPT_WORDS},
        "kinds": {k.value: PROGRAMME_KIND_NAMES[k].in_language(language) for k in ProgrammeKind},
        "source": about.data,
        "record": about.record,
        "links": about.links,
        "on": about.on.isoformat(),
        "part": about.part is not None,
        "within": about.within,
    }  # fmt: skip
    if about.data is None:
        data["contents"] = contents(frames, language=language, full=True)
    named = [(n["lon"], n["lat"]) for n in frames.names if n["lon"] is not None]
    bounds = _bounds(outline, named if about.part else [])
    title = word("villages_map", language, district=about.part or about.district)
    demo = any(n["demo"] for n in frames.names) or any(i["demo"] for i in frames.items)
    kinds = [k for k in ITEM_COLOURS if any(i["kind"] == k for i in frames.items)]

    def furniture(element: Markup) -> Markup:
        return stage(
            element,
            title=title,
            subtitle=" · ".join(
                (
                    word("villages_many" if tiled else "villages_count", language, count=len(frames.names)),
                    word("on_date", language, date=about.on.isoformat()),
                )
            ),
            townships=[(i, str(name)) for i, name in enumerate(units["name"])],
            kinds=kinds,
            approval=word("approval", language, number=about.approval),
            notes=[word("demo_villages", language)] * demo + [word("crs", language)],
            attribution=word("villages_source", language, district=about.district),
            language=language,
            links=about.links,
            themes=TILED_THEMES if tiled else THEMES,
            periods={} if tiled else PERIODS,
        )

    return assemble(
        Drawing(
            title=title,
            script="yudi_village_map",
            function="villageMap",
            bounds=bounds,
            data=data | {"codes": codes},
            style=tile_style(about.on) if tiled else style(),
            layer=_tiles if tiled else None,
            panels=furniture,
            language=language,
            styles=("yudi_village_css",),
        ),
        assets,
        nonce,
    )


def tile_style(on: date) -> dict[str, Any]:
    """Townships and names as tiles of the date, with the sources that the shared scripts give names to."""
    drawn = style_of_tiles(("townships", "villages"), at=on)
    return drawn | {"sources": drawn["sources"] | {"names": labels.EMPTY, "ways": labels.EMPTY}}


def _tiles(drawn: Mapping[str, Any], worker: str | None) -> VectorTiles:
    return VectorTiles(styled=drawn, worker=worker)


def _middle(shape: Any) -> list[float]:
    point = shape.representative_point()
    return [round(point.x, 5), round(point.y, 5)]


def _bounds(outline: Any, points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    if points:
        west, south, east, north_ = shapely.MultiPoint(points).bounds
        return west - 0.01, south - 0.01, east + 0.01, north_ + 0.01
    return tuple(outline.bounds) if not outline.is_empty else (106.4, 29.5, 107.0, 30.2)


SCRIPT_WORDS = (
    "close", "zoom_in", "zoom_out", "whole", "map_label", "villages_open", "villages_none", "villages_failed",
    "villages_shown", "villages_more", "villages_unplaced", "kind_famous", "kind_village", "kind_hamlet", "kind_gone",
    "meaning", "story", "pinyin_of", "township_of", "programme_items", "read_aloud", "read_stop", "item_on",
    "responsible", "demo_mark", "again", "named_in", "villages_share", "villages_copied",
)  # fmt: skip

#: What the filters offer, by the key that the script knows.
THEMES = {
    "famous": "theme_famous", "protected": "theme_protected", "story": "theme_story", "village": "theme_village",
    "hamlet": "theme_hamlet", "gone": "theme_gone",
}  # fmt: skip
#: What the server can filter a list of pages by.
TILED_THEMES = {key: THEMES[key] for key in ("village", "hamlet")}
PERIODS = {
    "before1949": "period_before1949", "to1978": "period_to1978", "to2000": "period_to2000",
    "since2000": "period_since2000", "unknown": "period_unknown",
}  # fmt: skip


def sign(kind: str) -> Markup:
    """The sign of a kind of name, as the legend shows it."""
    shape = {
        "famous": Markup('<path d="M17 3.5 22.5 9 17 14.5 11.5 9z" fill="{}"/>').format(FAMOUS),
        "village": Markup('<circle cx="17" cy="9" r="3.4" fill="{}"/>').format(VILLAGE),
        "hamlet": Markup(
            '<circle cx="17" cy="9" r="3" fill="#FFFDF8" stroke="{}" stroke-width="1.5"/>'
        ).format(HAMLET),
        "gone": Markup('<path d="M13.5 5.5l7 7m0-7l-7 7" stroke="{}" stroke-width="1.7"/>').format(GONE),
    }[kind]
    return Markup(
        '<svg class="swatch" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">{}</svg>'
    ).format(shape)


def stage(
    element: Markup,
    *,
    title: str,
    subtitle: str,
    townships: Sequence[tuple[int, str]],
    kinds: Sequence[str],
    approval: str,
    notes: Sequence[str],
    attribution: str,
    language: str,
    links: bool = True,
    themes: Mapping[str, str] = THEMES,
    periods: Mapping[str, str] = PERIODS,
) -> Markup:
    """The stage: title with search and filters, the list, the legend, the card. The script fills the list."""

    def say(key: str) -> str:
        return word(key, language)

    options = Markup("").join(
        Markup('<option value="{}">{}</option>').format(i, name) for i, name in townships
    )
    offered = Markup("").join(
        Markup('<option value="{}">{}</option>').format(key, say(name)) for key, name in themes.items()
    ) + Markup("").join(
        Markup('<option value="item:{}">{}</option>').format(
            k, PROGRAMME_KIND_NAMES[ProgrammeKind(k)].in_language(language)
        )
        for k in (kinds if periods else ())
    )
    times = Markup("").join(
        Markup('<option value="{}">{}</option>').format(key, say(name)) for key, name in periods.items()
    )
    by_time = (
        Markup('<label>{}<select name="period"><option value="">{}</option>{}</select></label>').format(
            say("by_period"), say("all"), times
        )
        if periods
        else ""
    )
    legend = Markup("").join(
        legend_row(sign(kind), say(f"kind_{kind}")) for kind in ("famous", "village", "hamlet", "gone")
    ) + Markup("").join(
        legend_row(dot_swatch(ITEM_COLOURS[k]), PROGRAMME_KIND_NAMES[ProgrammeKind(k)].in_language(language))
        for k in kinds
    )
    return Markup(
        '<section class="stage stage-villages" data-stage>{element}'
        '<div class="side"><div class="panel panel-title"><span class="seal" aria-hidden="true">{seal}</span>'
        "<div><h1>{title}</h1><p>{subtitle}</p></div>"
        '<form class="map-search" role="search" data-search><label class="visually-hidden" for="village-q">{find}</label>'
        '<input id="village-q" name="q" type="search" maxlength="60" autocomplete="off" placeholder="{find}">'
        '<details class="map-filters" data-filters><summary>{filters}</summary><div class="map-filter-fields">'
        '<label>{by_township}<select name="township"><option value="">{all}</option>{options}</select></label>'
        '<label>{by_theme}<select name="theme"><option value="">{all}</option>{themes}</select></label>'
        "{by_time}"
        '</div></details></form></div>'
        '<details class="panel panel-list" data-list><summary>{list_title}<span class="count" data-count></span></summary>'
        '<p class="empty" data-empty role="status">{loading}</p><ol class="rows" data-rows></ol></details>'
        '<details class="panel panel-legend" data-legend open><summary>{legend_title}</summary>'
        '<ul class="legend">{legend}</ul></details></div>{north}'
        '<section class="card" data-card hidden aria-live="polite"></section>'
        '<footer class="foot"><span class="foot-approval">{approval}</span>'
        '<span class="foot-notes">{notes}</span><span class="foot-source">{attribution}</span>{report}</footer></section>'
    ).format(
        element=element, seal="乡村", title=title, subtitle=subtitle, find=say("villages_find"),
        filters=say("filters"), by_township=say("by_township"), by_theme=say("by_theme"), by_time=by_time,
        all=say("all"), options=options, themes=offered, list_title=say("villages_list"),
        loading=say("villages_loading"), legend_title=say("legend"), legend=legend, north=north(language),
        approval=approval, notes=Markup(" · ").join(notes), attribution=attribution,
        report=Markup('<a class="foot-report" href="/report?about=/maps/villages">{}</a>').format(say("map_report")) if links else "",
    )  # fmt: skip
