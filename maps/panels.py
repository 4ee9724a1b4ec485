"""Panels (图廓): what stands on and beside a map. Every text is escaped here, no style is inline."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from markupsafe import Markup

from maps.words import word


def line_swatch(colour: str, dash: str | None, *, band: str | None = None, wide: bool = False) -> Markup:
    """A piece of line as the legend shows it; attributes, because the policy forbids inline style."""
    under = (
        Markup('<path d="M1 12H33" stroke="{}" stroke-opacity=".25" stroke-width="7"/>').format(band)
        if band
        else ""
    )
    dashes = Markup(' stroke-dasharray="{}"').format(dash) if dash else ""
    return Markup(
        '<svg class="swatch" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">{}'
        '<path d="M1 9H33" fill="none" stroke="{}" stroke-width="{}"{}/></svg>'
    ).format(under, colour, "5" if wide else "2.6", dashes)


def marker_swatch(colour: str) -> Markup:
    return Markup(
        '<svg class="swatch" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">'
        '<circle cx="17" cy="9" r="3.6" fill="#FFFDF8" stroke="{}" stroke-width="1.7"/></svg>'
    ).format(colour)


def dot_swatch(colour: str) -> Markup:
    return Markup(
        '<svg class="swatch" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">'
        '<circle cx="17" cy="9" r="5.5" fill="{}" stroke="#FFFDF8" stroke-width="1.5"/></svg>'
    ).format(colour)


def tint_swatch(tints: Sequence[str]) -> Markup:
    parts = Markup("").join(
        Markup('<rect x="{}" y="3" width="8" height="12" fill="{}"/>').format(1 + i * 8, colour)
        for i, colour in enumerate(tints[:4])
    )
    return Markup(
        '<svg class="swatch" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">{}'
        '<rect x="1" y="3" width="32" height="12" fill="none" stroke="#A08774" stroke-width=".8"/></svg>'
    ).format(parts)


def legend_row(swatch: Markup, name: str, count: str = "") -> Markup:
    return Markup(
        '<li>{}<span class="legend-name">{}</span><span class="legend-count">{}</span></li>'
    ).format(swatch, name, count)


def north(language: str) -> Markup:
    """North arrow (指北针)."""
    return Markup(
        '<div class="north" aria-hidden="true"><svg width="26" height="40" viewBox="0 0 26 40">'
        '<path d="M13 2 4 36l9-7z" fill="#FFFDF8" stroke="#2B2622" stroke-width="1.2"/>'
        '<path d="M13 2l9 34-9-7z" fill="#2B2622" stroke="#2B2622" stroke-width="1.2"/></svg><span>{}</span></div>'
    ).format(word("north", language))


def foot(
    approval: str, notes: Sequence[str], language: str, *, attribution: str = "", report: str | None = None
) -> Markup:
    """The line at the foot of every map: approval number, notes, source, and where to say what is wrong.

    report: the address that a report is about; None in a file, which has no site to report to.
    """
    source = Markup('<span class="foot-source">{}</span>').format(attribution) if attribution else ""
    link = (
        Markup('<a class="foot-report" href="/report?about={}">{}</a>').format(
            quote(report, safe="/"), word("map_report", language)
        )
        if report
        else ""
    )
    return Markup(
        '<footer class="foot"><span class="foot-approval">{}</span><span class="foot-notes">{}</span>{}{}</footer>'
    ).format(approval, Markup(" · ").join(notes), source, link)


def stage(
    element: Markup,
    *,
    seal: str,
    title: str,
    subtitle: str,
    progress: tuple[int, int] | None,
    warning: str | None,
    list_title: str,
    rows: Sequence[Markup],
    apart: Sequence[tuple[str, Sequence[Markup]]] = (),
    empty: str,
    legend: Markup,
    legend_notes: Sequence[str],
    approval: str,
    notes: Sequence[str],
    attribution: str,
    language: str,
    report: str | None = None,
) -> Markup:
    """The whole stage of a map page: the map, its title, list twin, legend, north, card and foot line.

    progress: (settled, target) of the year. apart: titles and rows of groups of their own, not counted with the
    others; those without rows are left out. The list stands in the page, so it is there without
    JavaScript too; the map's script makes its rows move the map.
    """
    bar = Markup()
    if progress is not None:
        settled, target = progress
        bar = Markup(
            '<p class="panel-progress"><progress max="{}" value="{}"></progress><span>{}</span></p>'
        ).format(
            max(target, 1), min(settled, target), word("progress", language, settled=settled, target=target)
        )
    items = Markup("").join(Markup("<li>{}</li>").format(row) for row in rows)
    listing = Markup('<ul class="rows">{}</ul>').format(items) if rows else Markup("")
    for group, others in apart:
        if others:
            listing += Markup(
                '<h2 class="rows-title">{}<span class="count">{}</span></h2><ul class="rows">{}</ul>'
            ).format(group, len(others), Markup("").join(Markup("<li>{}</li>").format(row) for row in others))
    if not listing:
        listing = Markup('<p class="empty">{}</p>').format(empty)
    return Markup(
        '<section class="stage" data-stage>{element}'
        '<div class="side"><div class="panel panel-title"><span class="seal" aria-hidden="true">{seal}</span>'
        "<div><h1>{title}</h1><p>{subtitle}</p></div>{bar}{warning}</div>"
        '<details class="panel panel-list" data-list><summary>{list_title}<span class="count">{count}</span></summary>'
        "{listing}</details>"
        '<details class="panel panel-legend" data-legend open><summary>{legend_title}</summary>'
        '<ul class="legend">{legend}</ul>{legend_notes}</details></div>'
        "{north}"
        '<section class="card" data-card hidden aria-live="polite"></section>'
        "{foot}</section>"
    ).format(
        element=element,
        seal=seal,
        title=title,
        subtitle=subtitle,
        bar=bar,
        warning=Markup('<p class="panel-warning">{}</p>').format(warning) if warning else "",
        list_title=list_title,
        count=len(rows),
        listing=listing,
        legend_title=word("legend", language),
        legend=legend,
        legend_notes=Markup("").join(Markup('<p class="legend-note">{}</p>').format(n) for n in legend_notes),
        north=north(language),
        foot=foot(approval, notes, language, attribution=attribution, report=report),
    )


def small_stage(
    element: Markup,
    *,
    legend: Markup,
    legend_notes: Sequence[str] = (),
    approval: str,
    notes: Sequence[str],
    language: str,
    unfolded: bool = True,
    report: str | None = None,
) -> Markup:
    """A map inside a page: legend, north, card and foot line; title and list stand in the page itself.

    unfolded: whether the legend is open at first; where the map is all of a page's width it would hide a part.
    """
    return Markup(
        '<section class="stage stage-small" data-stage>{}'
        '<details class="panel panel-legend" data-legend{}><summary>{}</summary>'
        '<ul class="legend">{}</ul>{}</details>{}'
        '<section class="card" data-card hidden aria-live="polite"></section>'
        "{}</section>"
    ).format(
        element,
        " open" if unfolded else "",
        word("legend", language),
        legend,
        Markup("").join(Markup('<p class="legend-note">{}</p>').format(n) for n in legend_notes),
        north(language),
        foot(approval, notes, language, report=report),
    )
