"""Nodes (结点) where three lines should be one point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.derived import per_scene
from geo.checks.linework import linework, surround
from geo.checks.scene import Scene
from geo.network.build import clusters


@dataclass(frozen=True)
class Node:
    """Ends near each other that are not one point.

    ends: positions in LineWork.end_xy. spread: the greatest distance between two of the places,
    metres. tripoints: whether a registered tripoint is one of the places.
    """

    ends: tuple[int, ...]
    places: NDArray[np.float64]
    spread: float
    tripoint: bool


@per_scene
def three_way(scene: Scene) -> list[Node]:
    """Groups within `snap` of each other that hold three ends of lines or more, or ends and a tripoint,
    but spread over more than `equal`; with at least one uploaded end."""
    work, t = linework(scene), scene.tolerances
    corners = shapely.get_coordinates(surround(scene).tripoints)
    if not len(work.end_xy):
        return []
    xy = np.concatenate([work.end_xy, corners])
    label = clusters(xy, t.snap + 1e-6)
    low, high = np.full((len(xy), 2), np.inf), np.full((len(xy), 2), -np.inf)
    np.minimum.at(low, label, xy)
    np.maximum.at(high, label, xy)
    # Nearly every place is one point: only those that are not are looked at.
    wide = np.hypot(*(high - low)[label].T) > t.equal
    order = np.flatnonzero(wide)[np.argsort(label[wide], kind="stable")]
    if not len(order):
        return []
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    found = []
    for group in groups:
        ends = group[group < len(work.end_xy)]
        tripoint = len(ends) < len(group)
        lines = {int(work.end_line[e]) for e in ends}
        if len(ends) < (1 if tripoint else 3) or min(lines, default=work.own) >= work.own:
            continue
        if len(lines) < 2 and not tripoint:
            continue
        places = np.unique(xy[group], axis=0)
        spread = float(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)).max())
        if round(spread, 6) > t.equal:
            found.append(Node(tuple(int(e) for e in ends), places, spread, tripoint))
    return found
