"""MK04 双立三立界桩位置: twin and triple markers that the line does not pass between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.ground import Ground, grounds
from geo.checks.numbers import grouped, markers
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import MarkerKind, Profile, Role, Severity
from geo.text import Text

TWINS = (MarkerKind.TWIN_A.value, MarkerKind.TWIN_B.value)
TRIPLES = (MarkerKind.TRIPLE_C.value, MarkerKind.TRIPLE_D.value, MarkerKind.TRIPLE_E.value)

MISSING = Text(
    "线 {1} 顺序号 {2} 的{3}界桩不全：只有 {0}，缺 {4}",
    "The {3} marker {2} of line {1} is incomplete: {0} is there, {4} is missing",
)
MISSING_REMEDY = Text(
    "补测并提交缺少的界桩，或把类型改为实际埋设的类型",
    "Survey and submit the missing one, or correct the type to what was set up",
)
ON_LINE = Text(
    "{0} 是双立或三立界桩，却在界线 {1} 上（距 {distance_m:.3f} 米）",
    "{0} is a twin or triple marker, yet stands on line {1} ({distance_m:.3f} m off)",
)
ON_LINE_REMEDY = Text(
    "双立、三立界桩立在河岸或路边，不在线上：核对坐标；若实为单立，类型改为 Q",
    "Twins and triples stand on the banks, not on the line: check the coordinates; if it is a single one, set "
    "its type to Q",
)
OFFSET = Text(
    "界桩 {0} 距界线 {1} {distance_m:.2f} 米，登记的偏距是 {2:.2f} 米",
    "Marker {0} is {distance_m:.2f} m from line {1}; its registered offset is {2:.2f} m",
)
OFFSET_REMEDY = Text(
    "核对登记表中的偏距、界桩坐标和此处界线，改正有误的一项",
    "Check the offset in the form, the marker's coordinates and the line here, and correct what is wrong",
)
WORDS = {TWINS: Text("同号双立", "twin"), TRIPLES: Text("同号三立", "triple")}


@CHECKS.rule(
    code="MK04",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "界线 {1} 不从界桩 {0} 之间通过：它们在线的同一侧",
        "Line {1} does not pass between markers {0}: they are on the same side",
    ),
    remedy=Text(
        "双立界桩须分立界线两侧、三立界桩须分立三岸：核对界桩坐标与 A/B、C/D/E 标注，或改正此处界线",
        "Twins stand on either side of the line, triples on three banks: check the coordinates and letters, "
        "or correct the line here",
    ),
    source="GB/T 17796-2009（原文未见 not seen）",
)
def sides(scene: Scene) -> Iterator[Hit]:
    """Twins (A, B) and triples (C, D, E): complete, off the line, on different sides, as far as registered.

    Twins: the segment between them crosses their line an odd number of times. Triples: with three
    branches of lines around them each pair is separated; with fewer (the tributary is no
    boundary), at least one of the three is parted from the others.
    """
    if scene.profile is Profile.GENERIC and not len(scene.lines):
        return
    lines = grounds(scene)
    placed = [m for m in markers(scene) if m.kind in (*TWINS, *TRIPLES) and m.line is not None]
    if not placed:
        return
    points = scene.shapes(Role.MARKERS)
    everything = [ground.geometry for ground in lines.values()]
    numbered = [m for m in placed if m.serial is not None]
    for (code, serial), same_number in grouped(numbered, lambda m: (str(m.line), m.serial or 0)):
        for letters in (TWINS, TRIPLES):
            group = {m.kind: m for m in reversed(same_number) if m.kind in letters}
            rows = [group[letter].row for letter in letters if letter in group]
            if not rows:
                continue
            yield from _complete(scene, rows, [x for x in letters if x not in group], letters, code, serial)
            if (ground := lines.get(code)) is not None:
                yield from _parted(scene, rows, letters, ground, points, everything)
    offsets = scene.markers["offset_m"].tolist()
    for marker in placed:
        if (ground := lines.get(marker.line or "")) is not None:
            yield from _offset(scene, marker.row, points[marker.row], offsets[marker.row], ground)


def _complete(
    scene: Scene, rows: list[int], absent: list[str], letters: tuple[str, ...], code: str, serial: int
) -> Iterator[Hit]:
    if absent and scene.published is not None:
        there = {values.code(n) for n in scene.published.markers["number"]}
        absent = [letter for letter in absent if f"{code}{serial:03d}{letter}" not in there]
    if absent:
        refs = scene.refs(Role.MARKERS, *rows)
        says = ("、".join(map(str, refs)), code, f"{serial:03d}", WORDS[letters], "、".join(absent))
        place = shapely.union_all(scene.shapes(Role.MARKERS)[rows])
        yield Hit(refs, says, at=place, text=MISSING, remedy=MISSING_REMEDY)


def _parted(
    scene: Scene,
    rows: list[int],
    letters: tuple[str, ...],
    ground: Ground,
    points: NDArray[np.object_],
    everything: list[BaseGeometry],
) -> Iterator[Hit]:
    pairs = list(combinations(rows, 2))
    if letters is TWINS:
        wrong = [p for p in pairs if not _crosses(points[p[0]], points[p[1]], [ground.geometry])]
    else:
        near, branches = _around(shapely.multipoints([points[i].centroid for i in rows]), everything)
        wrong = [p for p in pairs if not _crosses(points[p[0]], points[p[1]], near)]
        # With fewer than three branches two of the three banks are one side of every line here.
        allowed = 0 if branches >= 3 else 1
        wrong = wrong if len(wrong) > allowed else []
    if wrong:
        involved = list(dict.fromkeys(i for pair in wrong for i in pair))
        refs = scene.refs(Role.MARKERS, *involved)
        yield Hit(
            (*refs, ground.ref),
            says=("、".join(map(str, refs)), ground.code),
            at=shapely.multilinestrings([_between(points[a], points[b]) for a, b in wrong]),
        )


def _crosses(a: BaseGeometry, b: BaseGeometry, lines: list[BaseGeometry]) -> bool:
    """Whether the lines part the two points: the segment between them crosses some line oddly often."""
    segment = _between(a, b)
    for line in lines:
        met = shapely.intersection(segment, line)
        if not met.is_empty and len(shapely.get_parts(met)) % 2 == 1:
            return True
    return False


def _between(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    return shapely.LineString([a.centroid, b.centroid])


def _around(markers: BaseGeometry, lines: list[BaseGeometry]) -> tuple[list[BaseGeometry], int]:
    """The lines around a group of markers, and in how many branches they leave: a circle about its
    middle, as wide as the group."""
    spread = float(shapely.minimum_bounding_radius(markers))
    circle = shapely.buffer(shapely.centroid(markers), 2 * spread)
    near = [line for line in lines if shapely.intersects(circle, line)]
    if not near:
        return near, 0
    met = shapely.intersection(shapely.boundary(circle), shapely.union_all(near))
    return near, 0 if met.is_empty else len(shapely.get_parts(met))


def _offset(scene: Scene, row: int, point: BaseGeometry, stated_as: Any, ground: Ground) -> Iterator[Hit]:
    metres = float(np.round(shapely.distance(point, ground.geometry), 4))
    refs = (*scene.refs(Role.MARKERS, row), ground.ref)
    near = scene.tolerances.marker_near
    if metres <= near:
        yield Hit(refs, measure={"distance_m": metres}, at=point, text=ON_LINE, remedy=ON_LINE_REMEDY)
        return
    stated = values.number(stated_as)
    if stated is None or not scene.plane.measures:
        return
    allowed = max(near, min(0.5 * 10.0 ** -values.decimals([stated_as]), 0.5))
    if round(abs(metres - abs(stated)), 4) > allowed:
        yield Hit(
            refs,
            says=(refs[0], ground.code, abs(stated)),
            measure={"distance_m": metres},
            at=shapely.shortest_line(point, ground.geometry),
            text=OFFSET,
            remedy=OFFSET_REMEDY,
        )
