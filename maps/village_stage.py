"""Furniture (图面布局) of the village-name map: title with search and filters, list, legend, card, foot line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlencode

from markupsafe import Markup

from geo.terms import PROGRAMME_KIND_NAMES, ProgrammeKind
from maps.panels import foot, legend_row, north
from maps.theme import DISTRICT_BAND, DISTRICT_LINE, SEAL, TOWNSHIP_LINE
from maps.words import word

#: Faces and colours of the names: famous (名录、故事、产业), village or community, natural village, gone.
FAMOUS, VILLAGE, HAMLET, GONE = SEAL, "#3B342D", "#766C61", "#857B6E"
#: Lines of the ground by form of the sign: colour, and the key of their name.
LINES = {"district": (DISTRICT_LINE, "district_line"), "township": (TOWNSHIP_LINE, "township_line")}
PAPERS = ("A4", "A3", "A2", "A1", "A0")
KIND_COLOURS = {"famous": FAMOUS, "village": VILLAGE, "hamlet": HAMLET, "gone": GONE}
ITEM_COLOURS = {
    ProgrammeKind.MUSEUM.value: "#7A4B9A",
    ProgrammeKind.PLAN.value: "#5468BE",
    ProgrammeKind.SIGN.value: "#2E7FB0",
    ProgrammeKind.MAP_LABEL.value: "#1E8C91",
    ProgrammeKind.PRODUCT.value: "#1B6B4A",
    ProgrammeKind.EVENT.value: "#B5588A",
}

#: What the filters offer, by the key that the script knows.
THEMES = {
    "famous": "theme_famous", "protected": "theme_protected", "story": "theme_story", "village": "theme_village",
    "hamlet": "theme_hamlet", "gone": "theme_gone",
}  # fmt: skip
PERIODS = {
    "before1949": "period_before1949", "to1978": "period_to1978", "to2000": "period_to2000",
    "since2000": "period_since2000", "unknown": "period_unknown",
}  # fmt: skip


def sign(form: str, colour: str) -> Markup:
    """The sign of a kind of name or line, as the legend shows it; js/map-village-pages.js draws the same."""
    shape = {
        "famous": Markup('<path d="M17 3.5 22.5 9 17 14.5 11.5 9z" fill="{}"/>'),
        "village": Markup('<circle cx="17" cy="9" r="3.4" fill="{}"/>'),
        "hamlet": Markup('<circle cx="17" cy="9" r="3" fill="#FFFDF8" stroke="{}" stroke-width="1.5"/>'),
        "gone": Markup('<path d="M13.5 5.5l7 7m0-7l-7 7" stroke="{}" stroke-width="1.7"/>'),
        "dot": Markup('<circle cx="17" cy="9" r="5.5" fill="{}" stroke="#FFFDF8" stroke-width="1.5"/>'),
        "district": Markup('<path d="M1 13h32" stroke="{}" stroke-opacity=".2" stroke-width="7"/>').format(
            DISTRICT_BAND
        )
        + Markup('<path d="M1 9h32" stroke="{}" stroke-width="1.9" stroke-dasharray="7 2.4 1.2 2.4"/>'),
        "township": Markup('<path d="M1 9h32" stroke="{}" stroke-dasharray="5 2 1 2"/>'),
    }[form].format(colour)
    return Markup(
        '<svg class="swatch" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">{}</svg>'
    ).format(shape)


def offered(kinds: Sequence[str], language: str) -> dict[str, dict[str, str]]:
    """What the filters offer: {themes, periods}, words by key. kinds: of the items that there are."""
    items = {f"item:{k}": PROGRAMME_KIND_NAMES[ProgrammeKind(k)].in_language(language) for k in kinds}
    return {
        "themes": {key: word(name, language) for key, name in THEMES.items()} | items,
        "periods": {key: word(name, language) for key, name in PERIODS.items()},
    }


def legend(kinds: Sequence[str], language: str) -> list[tuple[str, str, str]]:
    """The rows of the legend: form of the sign, colour, words."""
    names = [(kind, colour, word(f"kind_{kind}", language)) for kind, colour in KIND_COLOURS.items()]
    items = [
        ("dot", ITEM_COLOURS[k], PROGRAMME_KIND_NAMES[ProgrammeKind(k)].in_language(language)) for k in kinds
    ]
    lines = [(form, colour, word(key, language)) for form, (colour, key) in LINES.items()]
    return names + items + lines


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
    tiled: bool = False,
    poster: Mapping[str, str] = MappingProxyType({}),
) -> Markup:
    """The stage: title with search and filters, the list, the legend, the card. The script fills the list.

    poster: what the address of a poster says beside its paper. tiled: the list may be of what the map shows, and the script fills the filters and the legend too, so that the page
    stays small.
    """

    def say(key: str) -> str:
        return word(key, language)

    def options(of: Mapping[str, str]) -> Markup:
        return Markup("").join(
            Markup('<option value="{}">{}</option>').format(key, name) for key, name in of.items()
        )

    filters = {"themes": {}, "periods": {}} if tiled else offered(kinds, language)
    in_view = (
        Markup('<label class="map-box"><input type="checkbox" name="box" checked>{}</label>').format(
            say("villages_box")
        )
        if tiled
        else ""
    )
    hint = (
        Markup('<p class="panel-warning" data-hint hidden role="status">{}</p>').format(say("villages_no_gl"))
        if tiled
        else ""
    )
    printed = (
        Markup('<p class="map-posters">{} {} <a href="/maps/villages{}" data-part{}>{}</a></p>').format(
            say("villages_posters"),
            Markup(" ").join(
                Markup('<a href="/maps/villages/poster?{}">{}</a>').format(
                    urlencode({"paper": paper, **poster}), paper
                )
                for paper in PAPERS
            ),
            "" if poster.keys() & {"township", "village"} else "?township=",
            "" if poster.keys() & {"township", "village"} else Markup(" hidden"),
            say("villages_whole" if poster.keys() & {"township", "village"} else "villages_part"),
        )
        if links
        else ""
    )
    rows = Markup("").join(
        legend_row(sign(form, colour), name)
        for form, colour, name in (() if tiled else legend(kinds, language))
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
        '<label>{by_period}<select name="period"><option value="">{all}</option>{periods}</select></label>'
        "{in_view}</div>{posters}</details></form>{hint}</div>"
        '<details class="panel panel-list" data-list><summary>{list_title}<span class="count" data-count></span></summary>'
        '<p class="empty" data-empty role="status">{loading}</p><ol class="rows" data-rows></ol></details>'
        '<details class="panel panel-legend" data-legend open><summary>{legend_title}</summary>'
        '<ul class="legend" data-legend-rows>{legend}</ul></details></div>{north}'
        '<section class="card" data-card hidden aria-live="polite"></section>'
        "{foot}</section>"
    ).format(
        element=element, seal="乡村", title=title, subtitle=subtitle, find=say("villages_find"),
        filters=say("filters"), by_township=say("by_township"), by_theme=say("by_theme"),
        by_period=say("by_period"), all=say("all"), options=options({str(i): name for i, name in townships}),
        themes=options(filters["themes"]), periods=options(filters["periods"]), in_view=in_view, hint=hint, posters=printed, list_title=say("villages_list"),
        loading=say("villages_loading"), legend_title=say("legend"), legend=rows, north=north(language),
        foot=foot(approval, notes, language, attribution=attribution, report="/maps/villages" if links else None),
    )  # fmt: skip
