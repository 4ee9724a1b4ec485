"""TP08 重复图形: the same geometry twice, or lines that run over each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import coverage
from geo.checks.linework import linework, meetings
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text

OVER = Text("{0} 与 {1} 有 {length_m:.4f} 米重合", "{0} and {1} run over each other for {length_m:.4f} m")
OVER_REMEDY = Text(
    "只保留一条，另一条在重合段两端断开后删去重合部分：ArcGIS 用“修剪”，QGIS 用“差异”或“分割要素”，CASS 用“打断/删除”",
    "Keep one; split the other at both ends of the stretch and delete it there: Trim in ArcGIS, Difference or "
    "Split Features in QGIS, break and erase in CASS",
)


@CHECKS.rule(
    code="TP08",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text("{0} 与 {1} 图形完全相同", "{0} and {1} are the same geometry"),
    remedy=Text(
        "删除其中一个：ArcGIS 用“删除相同的”，QGIS 用“删除重复几何”，CASS 用“删除重复实体”",
        "Delete one of them: Delete Identical in ArcGIS, Delete Duplicate Geometries in QGIS, erase duplicates in "
        "CASS",
    ),
    source="docs/checks.md",
)
def duplicate(scene: Scene) -> Iterator[Hit]:
    """Lines or polygons that are the same on the grid, whatever vertex or direction they start with, and
    lines that share more than `equal` of their run."""
    work, cover = linework(scene), coverage(scene)
    same: set[tuple[int, int]] = set()
    for i, j in twins(work.shapes[: work.own]):
        same.add((i, j))
        yield Hit(work.refs(scene, i, j), at=work.shapes[j])
    for meeting in meetings(scene):
        if (meeting.a, meeting.b) in same:
            continue
        length = float(shapely.length(meeting.stretches).sum())
        if round(length, 6) > scene.tolerances.equal:
            yield Hit(
                work.refs(scene, meeting.a, meeting.b),
                measure={"length_m": length},
                at=shapely.multilinestrings(meeting.stretches),
                text=OVER,
                remedy=OVER_REMEDY,
            )
    for i, j in twins(cover.shapes[: cover.own]):
        yield Hit((cover.ref(scene, i), cover.ref(scene, j)), at=cover.shapes[j])


def twins(shapes: NDArray[np.object_]) -> list[tuple[int, int]]:
    """(first, other) positions of equal geometries. Sorted by what is cheap, compared only where that
    agrees."""
    if len(shapes) < 2:
        return []
    cheap = np.concatenate([shapely.bounds(shapes), shapely.get_num_coordinates(shapes)[:, None]], axis=1)
    _, group, size = np.unique(cheap, axis=0, return_inverse=True, return_counts=True)
    suspects = np.flatnonzero(size[group.reshape(-1)] > 1)
    first: dict[bytes, int] = {}
    found = []
    for i, key in zip(suspects, shapely.to_wkb(shapely.normalize(shapes[suspects])), strict=True):
        if key in first:
            found.append((first[key], int(i)))
        else:
            first[key] = int(i)
    return found
