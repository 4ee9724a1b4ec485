"""Difference map (变化图): what accepting a submission would change, line by line, unit by unit.

The words stand beside the map in the page, as rows with `data-change`; the map's script goes to the pieces
of the row that is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from shapely.geometry import mapping

from maps import small_map
from maps.boundary_map import About
from maps.page import Assets, MapParts
from maps.panels import dot_swatch, legend_row, line_swatch
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
    context, polygons = small_map.context_units(units)
    changed = [p.geometry for p in shown if p.kind != "kept"] or [p.geometry for p in shown] or polygons
    data = {
        "pieces": [
            {"change": p.change, "kind": p.kind, "says": p.says, "geometry": mapping(p.geometry)}
            for p in shown
        ],
        "theme": {"kinds": {kind: colour(kind) for kind in KINDS}, "seal": SEAL},
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
    return small_map.build(
        "difference_map", data, context, small_map.around(changed), about, assets, nonce,
        legend=legend, unfolded=True,
    )  # fmt: skip
