"""Elderly-care map (养老地图): facilities as numbered pins, and the same as a list with the same filters.

The list (care_list.py) stands in the page, in reading order; of a long one the page holds a part, and its script fetches
the whole, with the ground, beside it. Names and all other data are in escaped panels and rows and in the JSON block, never
in a Folium template.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup

from geo.facilities.kinds import CARE, GROUPS, MODES, SERVICES, kinds
from geo.walking.model import PROFILES
from maps import labels
from maps.care_list import COLOURS, FIRST, About, Item, listed, rows_of, symbol, turning
from maps.care_words import WORDS, care_word
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import small_stage
from maps.small_map import context_units
from maps.theme import SEAL
from maps.words import word


def build(
    items: Sequence[Item], units: Iterable[tuple[str, Any]], townships: Mapping[str, str], about: About,
    assets: Assets, nonce: str,
) -> MapParts:  # fmt: skip
    """The map and its list. items: in the order of the list; units: (name, polygon) of township outlines."""
    language = about.language
    grounds = [(name, polygon) for name, polygon in units if polygon is not None and not polygon.is_empty]
    bounds = _bounds([p for _, p in grounds], [item for item in items if item.facility.placed])
    found = listed(items, about)
    data = {"nearby": about.nearby, "minutes": 15, "first": FIRST, "part": found[1]}
    if about.rest is None:
        data |= _drawn(grounds, language)
    return assemble(
        Drawing(
            title=care_word("title", language),
            script="yudi_care_map",
            function="careMap",
            bounds=bounds,
            data=data,
            style=labels.style(),
            rest=about.rest,
            panels=lambda element: _page(element, items, found, townships, about),
            language=language,
            styles=("yudi_care_css",),
        ),
        assets,
        nonce,
    )


def rest(items: Sequence[Item], units: Iterable[tuple[str, Any]], about: About) -> dict[str, Any]:
    """What a page fetches beside itself: every row of the list, with what is drawn of it, the ground and the words."""
    return {"list": rows_of(items, about), **_drawn(units, about.language)}


def _drawn(units: Iterable[tuple[str, Any]], language: str) -> dict[str, Any]:
    return {
        "units": context_units(units)[0],
        "colours": COLOURS,
        "theme": {"seal": SEAL},
        "words": {k: t.in_language(language) for k, t in WORDS.items()},
    }


def _bounds(polygons: Sequence[Any], shown: Sequence[Item]) -> tuple[float, float, float, float]:
    if polygons:
        west, south, east, north = shapely.total_bounds(np.array(polygons, dtype=object))
    elif shown:
        points = np.array([(i.facility.lon, i.facility.lat) for i in shown], dtype=float)
        (west, south), (east, north) = points.min(axis=0) - 0.01, points.max(axis=0) + 0.01
    else:
        west, south, east, north = 106.3, 29.4, 107.0, 30.2
    return float(west), float(south), float(east), float(north)


# --- the page's own parts -------------------------------------------------------------------------------


def _page(
    element: Markup, items: Sequence[Item], found: tuple[Markup, int, int], townships: Mapping[str, str], about: About
) -> Markup:  # fmt: skip
    language = about.language
    rows, part, count = found
    demo = any(i.facility.demo for i in items)
    notes = [word("crs", language), care_word("source", language, district=about.district)]
    groups = [g for g in CARE if any(i.facility.of.group == g for i in items)]
    legend = Markup("").join(
        Markup('<li>{}<span class="legend-name">{}</span><span class="legend-count">{}</span></li>').format(
            symbol(g, next(k.symbol for k in kinds().values() if k.group == g)),
            GROUPS[g].in_language(language),
            sum(i.facility.of.group == g for i in items),
        )
        for g in groups
    )
    stage = small_stage(
        element, legend=legend, approval=word("approval", language, number=about.approval), notes=notes,
        language=language, unfolded=False, report="/maps/elderly-care" if about.links else None,
    )  # fmt: skip
    return Markup(
        '<div class="care" data-care><div class="care-side">'
        '<div class="care-head"><h1>{title}</h1><p class="care-sub">{district} · {on}</p>{demo}<p class="care-lead">{lead}</p></div>'
        "{near}{filters}"
        '<h2 class="hidden-text">{listed}</h2><p class="care-count" role="status" data-count>{count}</p>'
        '{compare_open}<ol class="care-list" data-list-of>{rows}</ol>{compare_close}{turning}'
        '<p class="care-empty" data-empty{hidden}>{nothing}</p>'
        '<button type="button" class="button" data-more hidden>{more}</button>'
        '</div><div class="care-map">{stage}</div></div>'
    ).format(
        title=care_word("title", language),
        district=about.district,
        on=care_word("on_date", language, date=about.on.isoformat()),
        demo=Markup('<p class="tag tag-demo care-demo">{}</p>').format(care_word("demo", language))
        if demo
        else "",
        lead=care_word("lead" if about.links else "saved", language),
        near=_near(about) if about.nearby else "",
        filters=_filters(groups, townships, about),
        listed=care_word("list", language),
        count=care_word("found", language, count=count),
        compare_open=Markup('<form method="get" action="/facilities/compare" data-compare>')
        if about.links
        else "",
        compare_close=Markup(
            '<p class="care-compare"><button class="button" type="submit">{}</button></p></form>'
        ).format(care_word("compare", language))
        if about.links
        else "",
        rows=rows,
        turning=turning(part, count, about),
        hidden=Markup(" hidden") if count else "",
        nothing=care_word("nothing", language),
        more=care_word("more", language),
        stage=stage,
    )


def _near(about: About) -> Markup:
    language = about.language
    options = Markup("").join(
        Markup('<option value="{}">{}</option>').format(p.value, t.in_language(language))
        for p, t in PROFILES.items()
    )
    minutes = Markup("").join(
        Markup('<option value="{0}"{1}>{0}</option>').format(m, Markup(" selected") if m == 15 else "")
        for m in (5, 10, 15, 20, 30)
    )
    return Markup(
        '<section class="care-near" aria-labelledby="near-title"><h2 id="near-title">{title}</h2>'
        '<div class="care-buttons"><button class="button button-main" type="button" data-position>{use}</button>'
        '<button class="button" type="button" data-pick aria-pressed="false">{pick}</button></div>'
        '<div class="care-options"><label>{profile}<select data-profile>{options}</select></label>'
        '<label>{minutes}<select data-minutes>{counts}</select></label>'
        '<button class="button" type="button" data-clear hidden>{clear}</button></div>'
        '<p class="quiet">{lead}</p><p class="care-status" role="status" data-status hidden></p>'
        '<p class="care-model" data-model hidden></p>'
        '<form method="post" action="/facilities/leaflet" data-leaflet hidden><input type="hidden" name="lon"><input type="hidden" name="lat">'
        '<input type="hidden" name="profile"><input type="hidden" name="minutes"><input type="hidden" name="csrf">'
        '<button class="button" type="submit">{leaflet}</button></form></section>'
    ).format(
        title=care_word("near_me", language), use=care_word("use_position", language), pick=care_word("pick", language),
        profile=care_word("profile", language), options=options, minutes=care_word("minutes", language), counts=minutes,
        clear=care_word("clear", language), lead=care_word("near_lead", language), leaflet=care_word("leaflet", language),
    )  # fmt: skip


def _filters(groups: Sequence[str], townships: Mapping[str, str], about: About) -> Markup:
    """A form that works by its address alone; the script answers at once."""
    language, given = about.language, about.filters or {}

    def option(value: str, name: str, key: str) -> Markup:
        chosen = Markup(" selected") if given.get(key) == value else ""
        return Markup('<option value="{}"{}>{}</option>').format(value, chosen, name)

    def select(key: str, label: str, options: Iterable[tuple[str, str]]) -> Markup:
        return Markup('<label>{}<select name="{}" data-filter="{}"><option value="">{}</option>{}</select></label>').format(
            care_word(label, language), key, key, care_word("all", language),
            Markup("").join(option(v, n, key) for v, n in options),
        )  # fmt: skip

    chips = Markup("").join(
        Markup(
            '<label class="care-chip"><input type="radio" name="group" value="{}" data-filter="group"{}>{}<span>{}</span></label>'
        ).format(
            g,
            Markup(" checked") if given.get("group", "") == g else "",
            symbol(g, next(k.symbol for k in kinds().values() if k.group == g)) if g else "",
            GROUPS[g].in_language(language) if g else care_word("all", language),
        )
        for g in ("", *groups)
    )
    opened = (
        Markup(
            '<label class="care-check"><input type="checkbox" name="open" value="1" data-filter="open"{}>{}</label>'
        ).format(Markup(" checked") if given.get("open") else "", care_word("open_now", language))
        if about.links
        else ""
    )
    return Markup(
        '<form class="care-filter" method="get" action="/maps/elderly-care" data-filters><fieldset class="care-chips"><legend>{kinds}</legend>{chips}</fieldset>'
        '<details class="care-more"{unfolded}><summary>{filter}</summary><div class="care-selects">{unit}{mode}{service}'
        '<label>{words}<input type="search" name="q" data-filter="q" value="{q}" maxlength="50" autocomplete="off"></label></div></details>'
        '<div class="care-apply">{open}<button class="button" type="submit" data-apply>{apply}</button></div></form>'
    ).format(
        kinds=care_word("kinds", language), chips=chips, filter=care_word("filter", language),
        unfolded=Markup(" open") if any(given.get(k) for k in ("unit", "mode", "service", "q")) else "",
        unit=select("unit", "township", townships.items()),
        mode=select("mode", "mode", ((m.value, t.in_language(language)) for m, t in MODES.items())),
        service=select("service", "service", ((k, t.in_language(language)) for k, t in SERVICES.items())),
        words=care_word("words", language), q=given.get("q", ""), open=opened, apply=care_word("apply", language),
    )  # fmt: skip
