"""List of the elderly-care map (设施列表): what a row, a card and a filter know of a facility.

The list is the product on a phone: it stands in the page, in reading order, and works without the map. The map draws its
pins from the rows themselves, which carry what else it needs, so that nothing is written twice. Every text is escaped here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from markupsafe import Markup

from geo.days import SHANGHAI
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
from geo.facilities.kinds import GRADES
from geo.text import Text
from maps.care_words import care_word

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
#: Rows that stand open at first, and rows of a part; the rest is one press away.
FIRST = 60


@dataclass(frozen=True)
class About:
    """What the page knows: district's name, date looked at, moment, approval number, language, where the near-me
    question goes (None in a saved file), and the reader's filters as given in the address.

    rest: where the page's script fetches the whole list and the ground from (None puts all of them into the page);
    part: which part of the list the page then holds, from 1 on; carried: what else of the address its links keep.
    """

    district: str
    on: date
    now: datetime
    approval: str
    language: str = "zh"
    nearby: str | None = "/api/v1/facilities/nearby"
    links: bool = True
    parameters: Text | None = None
    filters: Mapping[str, str] | None = None
    rest: str | None = None
    part: int = 1
    carried: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Item:
    """A facility with its standing, as it is shown."""

    facility: Facility
    standing: Standing


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
    local = s.reported.astimezone(SHANGHAI)
    return care_word(key, language, count=s.vacancies, at=local.strftime("%m-%d %H:%M"))


def symbol(group: str, shape: str) -> Markup:
    """The pin of a kind as the list and the legend show it."""
    return Markup(
        '<svg class="care-symbol" width="22" height="22" viewBox="0 0 24 24" aria-hidden="true"><path d="{}" fill="{}"'
        ' stroke="{}" stroke-width="1.6" stroke-linejoin="round"/></svg>'
    ).format(
        SHAPES.get(shape, SHAPES["circle"]), COLOURS.get(group, "#4F5B66"), COLOURS.get(group, "#4F5B66")
    )


# --- the list -------------------------------------------------------------------------------------------


def fits(item: Item, want: Mapping[str, str]) -> bool:
    """Whether a facility passes a reader's filters: the same test that the map's script makes."""
    f = item.facility
    return (
        (not want.get("group") or f.of.group == want["group"])
        and (not want.get("unit") or f.unit_code.startswith(want["unit"]))
        and (not want.get("mode") or f.mode == want["mode"])
        and (not want.get("service") or want["service"] in f.services)
        and (not want.get("open") or item.standing.open.state is Openness.OPEN)
        and (not want.get("q") or want["q"].lower() in f"{f.name} {_where(f)}".lower())
    )


def _where(f: Facility) -> str:
    """What a search for words looks at beside the name; of a place that is not public, not its address."""
    return f"{(f.placed and f.address) or ''} {f.unit_name}"


def parts_of(count: int) -> int:
    """How many parts a list of so many comes in."""
    return max(1, math.ceil(count / FIRST))


def listed(items: Sequence[Item], about: About) -> tuple[Markup, int, int]:
    """(rows, which part of the list they are, how many rows there are in all): all rows for a saved file, else one part
    of those that pass the reader's filters, numbered as in the whole."""
    if about.rest is None:
        return rows_of(items, about), 1, len(items)
    found = [item for item in items if fits(item, about.filters or {})]
    part = min(max(about.part, 1), parts_of(len(found)))
    first = (part - 1) * FIRST
    shown = found[first : first + FIRST]
    return Markup("").join(list_row(first + i, item, about) for i, item in enumerate(shown)), part, len(found)


def rows_of(items: Sequence[Item], about: About) -> Markup:
    """Every row, with what the map draws of it."""
    return Markup("").join(list_row(i, item, about, drawn=True) for i, item in enumerate(items))


def turning(part: int, count: int, about: About) -> Markup:
    """Links to the list's other parts, for readers without the script; nothing where there is one part."""
    parts, language = parts_of(count), about.language
    if about.rest is None or parts == 1:
        return Markup("")

    def link(to: int, rel: str) -> Markup:
        if not 1 <= to <= parts:
            return Markup("")
        query = {**(about.carried or {}), **(about.filters or {}), "part": str(to)}
        return Markup('<a class="button" rel="{}" href="/maps/elderly-care?{}">{}</a>').format(
            rel, urlencode(query), care_word(rel, language)
        )

    return Markup('<nav class="care-parts" data-parts aria-label="{}">{}<span>{}</span>{}</nav>').format(
        care_word("list", language), link(part - 1, "prev"),
        care_word("part_of", language, part=part, parts=parts), link(part + 1, "next"),
    )  # fmt: skip


def _carried(item: Item, about: About) -> Markup:
    """What the map's script filters, draws and shows in a card beside what the row says."""
    f, language = item.facility, about.language
    at = f"{f.lon:.6f},{f.lat:.6f}" if f.placed and f.lon is not None and f.lat is not None else ""
    return Markup(
        ' data-kind="{}" data-group="{}" data-symbol="{}" data-mode="{}" data-unit="{}" data-services="{}"'
        ' data-open="{}" data-at="{}" data-phone="{}" data-where="{}" data-facts="{}"'
    ).format(
        f.of.name.in_language(language), f.of.group, f.of.symbol, f.mode or "", f.unit_code[:9], " ".join(f.services),
        _state(item, about), at, f.phone or "", _where(f), json.dumps(rows(item, about), ensure_ascii=False),
    )  # fmt: skip


def _state(item: Item, about: About) -> str:
    return (item.standing.open.state if about.links else Openness.UNKNOWN).value


def list_row(index: int, item: Item, about: About, *, drawn: bool = False) -> Markup:
    """One facility of the list: number, name, whether it is open, price, vacancies, phone to press. drawn: with what the
    map's script needs of it."""
    f, s, language = item.facility, item.standing, about.language
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
        '<li class="care-item" data-n="{number}"{carried}><span class="care-no" aria-hidden="true">{no}</span>{symbol}'
        '<div class="care-body"><h3>{name}</h3><p class="care-kind">{kind} · {unit}</p>'
        '<p class="care-open care-{state}">{says}</p><p class="care-walk" data-walk hidden></p>{lines}'
        '<div class="care-act">{phone}{show}{choose}</div></div></li>'
    ).format(
        number=f.number, carried=_carried(item, about) if drawn else "", no=index + 1, symbol=symbol(f.of.group, f.of.symbol),
        name=name, kind=f.of.name.in_language(language), unit=f.unit_name or "",
        state=_state(item, about), says=says, lines=lines, phone=phone, show=show, choose=choose,
    )  # fmt: skip
