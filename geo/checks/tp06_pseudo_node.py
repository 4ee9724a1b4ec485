"""TP06 伪结点: two lines that should be one meet end to end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.linework import linework
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Profile, Role, Severity
from geo.text import Text


@CHECKS.rule(
    code="TP06",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 与 {1} 首尾相接，两侧政区相同：应是一条界线",
        "{0} and {1} meet end to end between the same two units: they are one line",
    ),
    remedy=Text(
        "合并成一条：ArcGIS 用“合并”或“取消线分割”，QGIS 用“合并线”，CASS 用“复合线连接”",
        "Make them one: Merge or Unsplit Line in ArcGIS, Merge Lines in QGIS, join polylines in CASS",
    ),
    source="docs/checks.md",
)
def pseudo_node(scene: Scene) -> Iterator[Hit]:
    """Places (伪结点) with exactly two ends, of two lines with the same pair of units, or of lines that
    name no units at all. A line given twice is TP08's.

    In profile generic nothing is laid onto units, but what the file calls the two sides, or the lines
    themselves, still says that two lines are not one.
    """
    work = linework(scene)
    told, bare = _told(scene), set(np.flatnonzero(scene.bare(Role.LINES)).tolist())
    order = np.argsort(work.spot, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(work.spot[order])) + 1)
    for ends in groups:
        if len(ends) != 2:
            continue
        a, b = sorted(int(i) for i in work.end_line[ends])
        if a == b or a >= work.own or work.pair(a) != work.pair(b):
            continue
        if bare & {a, b}:
            continue
        if told and told[a] != told[b]:
            continue
        if shapely.equals(work.shapes[a], work.shapes[b]):
            continue
        yield Hit(work.refs(scene, a, b), at=shapely.Point(work.end_xy[ends[0]]))


def _told(scene: Scene) -> list[frozenset[str]]:
    """In profile generic what tells each line from others: its sides' codes, else its number."""
    if scene.profile is not Profile.GENERIC:
        return []
    number, left, right = ([values.code(v) for v in scene.lines[name]] for name in ("code", "left", "right"))
    pairs = [frozenset(c for c in pair if c) for pair in zip(left, right, strict=True)]
    return [pair or frozenset([n] if n else []) for pair, n in zip(pairs, number, strict=True)]
