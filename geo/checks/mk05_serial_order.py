"""MK05 界桩顺序号: serials that do not rise along their line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.checks.ground import grounds
from geo.checks.numbers import grouped, markers
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Profile, Role, Severity
from geo.text import Text

BACKWARDS = Text(
    "界线 {1} 的界桩顺序号从终点向起点递增：{0}（共 {count:.0f} 个）",
    "Serials of line {1} rise from its end to its start: {0} ({count:.0f} markers)",
)
BACKWARDS_REMEDY = Text(
    "编号应自西向东或自北向南：若界线画反了，反转线方向（ArcGIS 翻转，QGIS 反转线方向，CASS 线型换向）；若编号反了，重新编号",
    "Numbers run from west to east or north to south: reverse the line if it was drawn backwards (Flip in "
    "ArcGIS, Reverse Line Direction in QGIS), or renumber the markers",
)


@CHECKS.rule(
    code="MK05",
    severity=Severity.WARNING,
    message=Text(
        "界线 {1} 上界桩 {0} 的顺序号与它沿线的位置不符",
        "The serial of marker {0} does not fit its place along line {1}",
    ),
    remedy=Text(
        "沿线从起点数起重排顺序号，或核对该界桩是否标错号、属错线",
        "Number the markers in order from the line's start, or check whether this one has another's number or line",
    ),
    source="GB/T 17796-2009",
)
def serial_order(scene: Scene) -> Iterator[Hit]:
    """Markers that are not in the longest run of rising serials along the line as drawn.

    Markers of one serial count as one place, the middle of theirs. Where all serials fall, the line is
    drawn backwards: one hit; so on a closed line where all after the first fall. Lines that do not join
    into one are left out.
    """
    if scene.profile is Profile.GENERIC and not len(scene.lines):
        return
    known = [m for m in markers(scene) if m.line is not None and m.serial is not None]
    if not known:
        return
    lines = grounds(scene)
    points = shapely.centroid(scene.shapes(Role.MARKERS))
    for code, group in grouped(known, lambda m: m.line):
        ground = lines.get(code or "")
        if ground is None or ground.geometry.geom_type != "LineString":
            continue
        rows = np.array([m.row for m in group])
        where = shapely.line_locate_point(ground.geometry, points[rows])
        serials, member = np.unique([m.serial or 0 for m in group], return_inverse=True)
        if len(serials) < 2:
            continue
        middle = np.bincount(member, weights=where) / np.bincount(member)
        order, falling = np.argsort(where), middle
        if ground.geometry.is_closed:
            # A ring has no beginning: count from the first serial, which is then at 0 whichever way the ring runs.
            middle = (middle - middle[0]) % ground.geometry.length
            order, falling = np.argsort(member, kind="stable"), middle[1:]
        if len(serials) > 2 and bool((np.diff(falling) < 0).all()):
            refs = scene.refs(Role.MARKERS, *rows[order])
            yield Hit(
                (*refs, ground.ref),
                says=(f"{refs[0]} … {refs[-1]}", ground.code),
                measure={"count": len(rows)},
                at=ground.geometry,
                text=BACKWARDS,
                remedy=BACKWARDS_REMEDY,
            )
            continue
        for odd in np.setdiff1d(np.arange(len(serials)), longest_rise(middle, scene.tolerances.marker_near)):
            chosen = rows[member == odd]
            refs = scene.refs(Role.MARKERS, *chosen)
            yield Hit(
                (*refs, ground.ref),
                says=("、".join(map(str, refs)), ground.code),
                at=shapely.multipoints(points[chosen]) if len(chosen) > 1 else points[chosen[0]],
            )


def longest_rise(numbers: NDArray[np.float64], slack: float = 0.0) -> NDArray[np.intp]:
    """Positions of the longest subsequence that does not fall by more than `slack` from one to the next.

    Of several equally long ones, that of the earliest end. Two markers on one place (MK09) are in order
    either way, whatever the last digit says.
    """
    length = np.ones(len(numbers), dtype=np.intp)
    before = np.full(len(numbers), -1, dtype=np.intp)
    for i in range(1, len(numbers)):
        fitting = np.flatnonzero(numbers[:i] <= numbers[i] + slack)
        if len(fitting):
            best = fitting[np.argmax(length[fitting])]
            length[i], before[i] = length[best] + 1, best
    kept = []
    step = int(np.argmax(length)) if len(numbers) else -1
    while step >= 0:
        kept.append(step)
        step = int(before[step])
    return np.array(kept[::-1], dtype=np.intp)
