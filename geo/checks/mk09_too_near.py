"""MK09 界桩过近: two markers with different numbers where only one can stand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.checks.numbers import Marker, markers, parse
from geo.checks.scene import Scene
from geo.findings import Hit, Ref
from geo.terms import Profile, Role, Severity
from geo.text import Text

OF_RECORD = Text(
    "界桩 {0} 距已公布的界桩 {1} 只有 {distance_m:.2f} 米，编号不同",
    "Marker {0} is only {distance_m:.2f} m from the published marker {1}, under another number",
)


@CHECKS.rule(
    code="MK09",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "界桩 {0} 与 {1} 相距只有 {distance_m:.2f} 米，编号不同",
        "Markers {0} and {1} are only {distance_m:.2f} m apart, with different numbers",
    ),
    remedy=Text(
        "同一界桩重复编号的删去一个；三条界线共用的三交点界桩只登记一次，放入三交点图层；坐标录错的改正",
        "If it is one marker, delete a record; a marker that three lines share is recorded once, in the layer "
        "of tripoints; otherwise correct the coordinates",
    ),
    source="docs/checks.md MK09",
)
def too_near(scene: Scene) -> Iterator[Hit]:
    """Pairs of markers nearer than `marker_twin`, twins and triples of one serial aside.

    Also against published markers of lines that the upload brings no markers of. In profile generic
    only among numbers of the configured form.
    """
    limit = scene.tolerances.marker_twin
    known = [m for m in markers(scene) if m.number is not None]
    if scene.profile is Profile.GENERIC:
        known = [m for m in known if m.own.fits]
    if not known:
        return
    points = scene.shapes(Role.MARKERS)[[m.row for m in known]]
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=limit)
    for i, j in sorted({(int(i), int(j)) for i, j in zip(a, b, strict=True) if i < j}):
        metres = float(np.round(shapely.distance(points[i], points[j]), 4))
        if metres < limit and not _one_group(known[i], known[j]):
            refs = scene.refs(Role.MARKERS, known[i].row, known[j].row)
            place = shapely.multipoints([points[i].centroid, points[j].centroid])
            yield Hit(refs, measure={"distance_m": metres}, at=place)
    yield from _against_published(scene, known, points, limit)


def _one_group(a: Marker, b: Marker) -> bool:
    """The same number (MK01's affair), or letters of one serial."""
    if a.number == b.number:
        return True
    return a.line == b.line and a.serial is not None and a.serial == b.serial and a.kind != b.kind


def _against_published(
    scene: Scene, known: list[Marker], points: NDArray[np.object_], limit: float
) -> Iterator[Hit]:
    if scene.published is None or len(scene.published.markers) == 0:
        return
    brought = {m.line for m in known if m.line is not None}
    numbers = {m.number for m in known}
    there = scene.published.markers
    parsed = [parse(n, scene.district) for n in there["number"].tolist()]
    foreign = [i for i, p in enumerate(parsed) if p.line not in brought and p.text not in numbers]
    if not foreign:
        return
    others = there.geometry.to_numpy()[foreign]
    found = shapely.STRtree(others).query(points, predicate="dwithin", distance=limit)
    for i, j in sorted((int(i), int(j)) for i, j in zip(*found, strict=True)):
        metres = float(np.round(shapely.distance(points[i], others[j]), 4))
        if metres < limit:
            refs = (*scene.refs(Role.MARKERS, known[i].row), Ref(None, None, parsed[foreign[j]].text))
            yield Hit(refs, measure={"distance_m": metres}, at=points[i], text=OF_RECORD)
