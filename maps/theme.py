"""Theme (图式): the colours, line styles and faces of every map and page, and the greedy colouring of units.

The same values stand in api/static/css/tokens.css for the pages; a test compares the two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.terms import LineState, Severity

INK = "#2B2622"
SECOND = "#6B6259"
THIRD = "#8F8578"
SEAL = "#A8392B"
PANEL = "#FFFDF8"
RULE = "#E2DACB"
OUTSIDE = "#EAE7DE"
HALO = "rgba(255,253,247,.92)"
UNIT_LABEL = "#6A3527"
DISTRICT_LINE = "#8A4B3C"
DISTRICT_BAND = "#B5614F"
TOWNSHIP_LINE = "#A08774"

TINTS = ("#FAF3E2", "#EFF1E1", "#F8EADF", "#E8EEE6", "#F4EDE6", "#F1EFDA")

#: One colour a state (勘定状态), once round the wheel from ochre to green: a line's colour says how far
#: it has come. Settled lines are drawn solid, all others dashed, so that colour is never the only sign.
STATE_COLOURS: dict[LineState, str] = {
    LineState.UNDEMARCATED: "#857B6E",
    LineState.PREPARING: "#B8901F",
    LineState.FIELD_SURVEY: "#CC7722",
    LineState.ALIGNMENT_CONFIRMED: "#B5588A",
    LineState.MARKERS_DONE: "#8460AE",
    LineState.RESULTS_CHECKED: "#5468BE",
    LineState.AGREEMENT_SIGNED: "#2E7FB0",
    LineState.SUBMITTED: "#1E8C91",
    LineState.SETTLED: "#1B6B4A",
    LineState.CHANGING: "#6B3E2E",
}

#: Dash of each state in pixels, None for a solid line.
STATE_DASHES: dict[LineState, str | None] = {
    state: None if state is LineState.SETTLED else "2 5" if state is LineState.CHANGING else "8 5"
    for state in LineState
}

SEVERITY_COLOURS: dict[Severity, str] = {
    Severity.ERROR: "#B3261E",
    Severity.WARNING: "#B26A00",
    Severity.INFO: "#2F6F9F",
}

#: Colours of a difference (变化): what was, what is, what moved.
CHANGE_COLOURS = {
    "kept": "#857B6E",
    "old": "#B26A00",
    "new": "#1E6FB0",
    "gained": "#1B6B4A",
    "lost": "#B3261E",
}


def tint_numbers(polygons: NDArray[Any]) -> list[int]:
    """A number of TINTS for each polygon (政区面), neighbours differing where six colours suffice.

    polygons: (n,) shapely polygons in any one system, None and empty ones allowed. Greedy, the unit
    with most neighbours first, so the answer is the same whatever the order of equal units.
    """
    present = ~(shapely.is_missing(polygons) | shapely.is_empty(polygons))
    tree = shapely.STRtree(np.where(present, polygons, None))
    left, right = tree.query(polygons, predicate="intersects")
    neighbours: dict[int, set[int]] = {i: set() for i in range(len(polygons))}
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if a != b:
            neighbours[a].add(b)
    chosen: dict[int, int] = {}
    for i in sorted(neighbours, key=lambda k: (-len(neighbours[k]), k)):
        taken = [chosen[j] for j in neighbours[i] if j in chosen]
        free = [c for c in range(len(TINTS)) if c not in taken]
        # Spread the tints over the map instead of always taking the first free one.
        used = [list(chosen.values()).count(c) for c in range(len(TINTS))]
        chosen[i] = min(free or range(len(TINTS)), key=lambda c: (used[c], c))
    return [chosen[i] for i in range(len(polygons))]
