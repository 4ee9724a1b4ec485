"""Elderly-care map (养老地图): facilities as numbered pins, and the same as a list with the same filters.

The list is the product on a phone: it stands in the page, in reading order, and works without the map. Names
and all other data are in escaped panels and in the JSON block, never in a Folium template.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from markupsafe import Markup

from geo.facilities.facility import (
    Facility,
    Standing,
    access_text,
    fact_rows,
    mode_name,
    named,
    price_text,
    services_text,
)
from geo.facilities.freshness import Freshness
from geo.facilities.hours import Openness, market_days
from geo.facilities.kinds import CARE, GRADES, GROUPS, MODES, SERVICES, kinds
from geo.text import Text
from geo.walking.model import PROFILES
from maps import labels
from maps.care_words import WORDS, care_word
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import small_stage
from maps.small_map import context_units
from maps.theme import SEAL
from maps.words import word

#: One colour a group, dark enough for white figures; the shape of the pin says the same without colour.
COLOURS = {
    "meal": "#A8392B", "centre": "#1B6B4A", "residential": "#2F6F9F", "mutual": "#8A5A00", "medical": "#7A3E8E",
    "service": "#4F5B66", "meal_supply": "#6B3E2E", "funeral": "#4F5B66", "civil": "#4F5B66",
}  # fmt: skip
#: Outline of each symbol in a box of 24, for the legend and the list; the map's script draws the same.
SHAPES = {
    "bowl": "M3 10h18a9 9 0 0 1-18 0zM7 20.5h10",
    "square": "M4 4h16v16H4z",
    "house": "M12 2.5 21.5 11v10.5h-19V11z",
    "triangle": "M12 3 22 21H2z",
    "cross": "M8.5 2.5h7v6h6v7h-6v6h-7v-6h-6v-7h6z",
    "circle": "M12 3a9 9 0 1 0 .01 0z",
    "diamond": "M12 2 22 12 12 22 2 12z",
}
ZONE = ZoneInfo("Asia/Shanghai")
#: Rows that stand open at first; the rest is one press away.
FIRST = 60


@dataclass(frozen=True)
class About:
    """What the page knows: district's name, date looked at, moment, approval number, language, where the near-me
    question goes (None in a saved file), and the reader's filters as given in the address."""

    district: str
    on: date
    now: datetime
    approval: str
    language: str = "zh"
    nearby: str | None = "/api/v1/facilities/nearby"
    links: bool = True
    parameters: Text | None = None
    filters: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Item:
    """A facility with its standing, as it is shown."""

    facility: Facility
    standing: Standing


def build(
    items: Sequence[Item], units: Iterable[tuple[str, Any]], townships: Mapping[str, str], about: About,
    assets: Assets, nonce: str,
) -> MapParts:  # fmt: skip
    """The map and its list. items: in the order of the list; units: (name, polygon) of township outlines."""
    language = about.language
    context, polygons = context_units(units)
    shown = [item for item in items if item.facility.placed]
    bounds = _bounds(polygons, shown)
    data = {
        "items": [_datum(i, item, about) for i, item in enumerate(items)],
        "units": context,
        "nearby": about.nearby,
        "minutes": 15,
        "first": FIRST,
        "colours": COLOURS,
        "theme": {"seal": SEAL},
        "words": {k: t.in_language(language) for k, t in WORDS.items()}
        | {"map_label": care_word("map_label", language)},
    }
    return assemble(
        Drawing(
            title=care_word("title", language),
            script="yudi_care_map",
            function="careMap",
            bounds=bounds,
            data=data,
            style=labels.style(),
            panels=lambda element: _page(element, items, townships, about),
            language=language,
            styles=("yudi_care_css",),
        ),
        assets,
        nonce,
    )


def _bounds(polygons: Sequence[Any], shown: Sequence[Item]) -> tuple[float, float, float, float]:
    if polygons:
        west, south, east, north = shapely.total_bounds(np.array(polygons, dtype=object))
    elif shown:
        points = np.array([(i.facility.lon, i.facility.lat) for i in shown], dtype=float)
        (west, south), (east, north) = points.min(axis=0) - 0.01, points.max(axis=0) + 0.01
    else:
        west, south, east, north = 106.3, 29.4, 107.0, 30.2
    return float(west), float(south), float(east), float(north)


def _datum(index: int, item: Item, about: About) -> dict[str, Any]:
    """One item of the JSON block: what the script filters, draws and shows in a card."""
    f, language = item.facility, about.language
    return {
        "n": f.number,
        "i": index,
        "name": f.name,
        "kind": f.of.name.in_language(language),
        "group": f.of.group,
        "symbol": f.of.symbol,
        "mode": f.mode or "",
        "unit": f.unit_code[:9],
        "services": list(f.services),
        "open": item.standing.open.state.value if about.links else "unknown",
        "at": [round(f.lon, 6), round(f.lat, 6)]
        if f.placed and f.lon is not None and f.lat is not None
        else None,
        "facts": [[k, v] for k, v in rows(item, about)],
        "phone": f.phone or "",
        "says": _says(item, about),
        "href": f"/facilities/{f.number}" if about.links else "",
    }


def _says(item: Item, about: About) -> str:
    """The state in one line: open now, or the hours alone in a saved file, which is read on another day."""
    if about.links:
        return item.standing.open.says.in_language(about.language)
    hours = item.standing.hours
    return hours.in_language(about.language) if hours else ""


def rows(item: Item, about: About, *, full: bool = False) -> list[tuple[str, str]]:
    """Label and value of what the public may know of a facility; full: further facts too."""
    f, s, language = item.facility, item.standing, about.language
    out: list[tuple[str, str]] = []

    def put(key: str, value: Text | str | None) -> None:
        if value:
            out.append(
                (care_word(key, language), value.in_language(language) if isinstance(value, Text) else value)
            )

    put("mode", mode_name(f))
    put("hours", s.hours)
    if market := f.hours.get("market"):
        days = market_days(market, about.on, 12)[:3]
        if days:
            written = (
                "、".join(f"{d.month} 月 {d.day} 日" for d in days)
                if language == "zh"
                else ", ".join(d.strftime("%d %b") for d in days)
            )
            put("market", care_word("next_market", language, days=written))
    put("price", price_text(f))
    if not full:
        put("grade", named(f.grade, GRADES))
    if f.beds:
        put("beds", care_word("beds_value", language, beds=f.beds, nursing=f.nursing_beds or 0))
    put("vacancies", vacancies(item, language))
    put("services", services_text(f))
    put("access", access_text(f))
    put("unit", f.unit_name)
    put("address", care_word("restricted", language) if not f.placed else f.address)
    if full:
        out += [(label.in_language(language), value.in_language(language)) for label, value in fact_rows(f)]
    put("checked", f.checked_on.isoformat() if f.checked_on else care_word("never_checked", language))
    return out


def vacancies(item: Item, language: str) -> str | None:
    """Vacancies with the time of report; nothing where the report is stale."""
    s = item.standing
    if s.vacancies is None or s.reported is None:
        return None
    key = "vacancies_old" if s.fresh is Freshness.OLD else "vacancies_value"
    local = s.reported.astimezone(ZONE)
    return care_word(key, language, count=s.vacancies, at=local.strftime("%m-%d %H:%M"))


def symbol(group: str, shape: str) -> Markup:
    """The pin of a kind as the list and the legend show it."""
    return Markup(
        '<svg class="care-symbol" width="22" height="22" viewBox="0 0 24 24" aria-hidden="true"><path d="{}" fill="{}"'
        ' stroke="{}" stroke-width="1.6" stroke-linejoin="round"/></svg>'
    ).format(
        SHAPES.get(shape, SHAPES["circle"]), COLOURS.get(group, "#4F5B66"), COLOURS.get(group, "#4F5B66")
    )


# --- the page's own parts -------------------------------------------------------------------------------


def _page(element: Markup, items: Sequence[Item], townships: Mapping[str, str], about: About) -> Markup:
    language = about.language
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
        '{compare_open}<ol class="care-list" data-list-of>{rows}</ol>{compare_close}'
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
        count=care_word("found", language, count=len(items)),
        compare_open=Markup('<form method="get" action="/facilities/compare" data-compare>')
        if about.links
        else "",
        compare_close=Markup(
            '<p class="care-compare"><button class="button" type="submit">{}</button></p></form>'
        ).format(care_word("compare", language))
        if about.links
        else "",
        rows=Markup("").join(list_row(i, item, about) for i, item in enumerate(items)),
        hidden=Markup(" hidden") if items else "",
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


def list_row(index: int, item: Item, about: About) -> Markup:
    """One facility of the list: number, name, whether it is open, price, vacancies, phone to press."""
    f, s, language = item.facility, item.standing, about.language
    state = s.open.state
    says = _says(item, about)
    lines = Markup("")
    if free := vacancies(item, language):
        lines += Markup('<p class="care-free{}">{} {}</p>').format(
            " care-old" if s.fresh is Freshness.OLD else "", care_word("vacancies", language), free
        )
    if price := price_text(f):
        lines += Markup('<p class="care-price">{}</p>').format(price.in_language(language))
    if s.notice:
        lines += Markup('<p class="care-notice">{}</p>').format(s.notice)
    phone = (
        Markup('<a class="care-call" href="tel:{}"><span class="hidden-text">{} {} </span>{}</a>').format(
            "".join(c for c in f.phone if c in "+0123456789"), care_word("call", language), f.name, f.phone
        )
        if f.phone
        else ""
    )
    name = (
        Markup('<a href="/facilities/{}">{}</a>').format(f.number, f.name)
        if about.links
        else Markup("{}").format(f.name)
    )
    choose = (
        Markup(
            '<label class="care-choose"><input type="checkbox" name="n" value="{}"><span>{}<span class="hidden-text"> {}</span></span></label>'
        ).format(f.number, care_word("choose", language), f.name)
        if about.links
        else ""
    )
    show = (
        Markup(
            '<button type="button" class="care-show" data-show hidden>{}<span class="hidden-text"> {}</span></button>'
        ).format(care_word("on_map", language), f.name)
        if f.placed
        else ""
    )
    return Markup(
        '<li class="care-item" data-i="{index}"{hidden}><span class="care-no" aria-hidden="true">{no}</span>{symbol}'
        '<div class="care-body"><h3>{name}</h3><p class="care-kind">{kind} · {unit}</p>'
        '<p class="care-open care-{state}">{says}</p><p class="care-walk" data-walk hidden></p>{lines}'
        '<div class="care-act">{phone}{show}{choose}</div></div></li>'
    ).format(
        index=index, no=index + 1, hidden="", symbol=symbol(f.of.group, f.of.symbol),
        name=name, kind=f.of.name.in_language(language), unit=f.unit_name or "",
        state=state.value if about.links else Openness.UNKNOWN.value, says=says, lines=lines, phone=phone, show=show, choose=choose,
    )  # fmt: skip
