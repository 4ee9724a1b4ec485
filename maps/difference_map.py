"""Difference map (变化图): what accepting a submission would change, line by line, unit by unit.

The words stand beside the map in the page, as rows with `data-change`; the map's script goes to the pieces
of the row that is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry import mapping

from maps import labels
from maps.boundary_map import About
from maps.finding_map import context_units
from maps.page import Assets, Drawing, MapParts, assemble
from maps.panels import dot_swatch, legend_row, line_swatch, small_stage
from maps.theme import CHANGE_COLOURS, SEAL
from maps.words import word

#: Pieces in the order they are drawn: what stays lies under what changes.
KINDS = ("kept", "old", "new", "gained", "lost", "moved", "inserted", "deleted")
POINTS = frozenset({"moved", "inserted", "deleted"})


@dataclass(frozen=True)
class Piece:
    """One piece of a change: of which change (its row), what kind, and where (shapely, EPSG:4490)."""

    change: int
    kind: str
    geometry: Any
    says: str = ""


def colour(kind: str) -> str:
    """Colour of a kind of piece: moved and inserted as what is new, deleted as what was."""
    return CHANGE_COLOURS.get(kind) or CHANGE_COLOURS["old" if kind == "deleted" else "new"]


def build(
    pieces: Sequence[Piece], units: Iterable[tuple[str, Any]], about: About, assets: Assets, nonce: str
) -> MapParts:
    """The map of a difference. units: (name, polygon) of the outlines in use, for orientation."""
    language = about.language
    shown = [p for p in pieces if p.geometry is not None and not p.geometry.is_empty]
    shown.sort(key=lambda p: KINDS.index(p.kind))
    context, polygons = context_units(units)
    changed = [p.geometry for p in shown if p.kind != "kept"] or [p.geometry for p in shown] or polygons
    box = shapely.total_bounds(changed) if changed else (106.45, 29.57, 106.97, 30.13)
    data = {
        "pieces": [
            {"change": p.change, "kind": p.kind, "says": p.says, "geometry": mapping(p.geometry)}
            for p in shown
        ],
        "units": context,
        "theme": {"kinds": {kind: colour(kind) for kind in KINDS}, "seal": SEAL},
        "words": {key: word(key, language) for key in ("close", "zoom_in", "zoom_out", "whole", "map_label")},
    }
    present = [kind for kind in KINDS if any(p.kind == kind for p in shown)]
    legend = Markup().join(
        legend_row(
            dot_swatch(colour(kind))
            if kind in POINTS
            else line_swatch(colour(kind), "5 4" if kind == "old" else None),
            word(kind, language),
            str(sum(p.kind == kind for p in shown)),
        )
        for kind in present
    )
    return assemble(
        Drawing(
            title=word("difference", language),
            script="yudi_difference_map",
            function="differenceMap",
            bounds=tuple(float(v) for v in box),  # type: ignore[arg-type]
            data=data,
            style=labels.style(),
            panels=lambda element: small_stage(
                element,
                legend=legend,
                approval=word("approval", language, number=about.approval),
                notes=[word("crs", language)],
                language=language,
            ),
            language=language,
        ),
        assets,
        nonce,
    )
