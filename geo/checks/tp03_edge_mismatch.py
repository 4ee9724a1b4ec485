"""TP03 公共边不一致: two polygons whose shared border is not the same vertex for vertex."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import coverage, disputed_edges
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text

ALONE = Text(
    "{0} 有 {length_m:.2f} 米边界与相邻面不一致", "{length_m:.2f} m of the border of {0} match no neighbour"
)


@CHECKS.rule(
    code="TP03",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 与 {1} 的公共边界有 {length_m:.2f} 米折点不一致",
        "{length_m:.2f} m of the border between {0} and {1} are not the same vertex for vertex",
    ),
    remedy=Text(
        "以一方为准捕捉另一方，补齐折点：ArcGIS 用“对齐要素”或“捕捉”工具，QGIS 用“捕捉几何到图层”并打开拓扑编辑，"
        "CASS 由同一条界线重新构面",
        "Snap one side to the other so that both have every vertex: Align Features or Snap in ArcGIS, Snap "
        "Geometries to Layer with topological editing in QGIS, rebuild both from one line in CASS",
    ),
    source="docs/checks.md",
)
def edge_mismatch(scene: Scene) -> Iterator[Hit]:
    """Edges that do not match a neighbour's after rounding to the grid, one hit a pair of polygons.

    A corner of one unit on the straight border of another counts: the other lacks that vertex.
    """
    cover = coverage(scene)
    edges = disputed_edges(scene)
    flagged = np.flatnonzero(~shapely.is_empty(edges))
    if not len(flagged):
        return
    pieces, index = shapely.get_parts(edges[flagged], return_index=True)
    owner = flagged[index]
    which, other = shapely.STRtree(cover.shapes).query(pieces, predicate="intersects")
    shared = shapely.length(shapely.intersection(pieces[which], cover.shapes[other]))
    foreign = (owner[which] != other) & (shared > 0)
    # Each piece goes to the neighbour that it has most of; without one it stands for itself.
    best = owner.copy()
    order = np.lexsort((-other[foreign], shared[foreign]))
    best[which[foreign][order]] = other[foreign][order]
    pairs = np.sort(np.stack([owner, best], axis=1), axis=1)
    length = shapely.length(pieces)
    kinds, group = np.unique(pairs, axis=0, return_inverse=True)
    group = group.reshape(-1)
    for k, (i, j) in enumerate(kinds):
        if i >= cover.own:
            continue
        mine = group == k
        refs = tuple(cover.ref(scene, int(n)) for n in dict.fromkeys((i, j)))
        yield Hit(
            refs,
            measure={"length_m": float(length[mine].sum())},
            at=shapely.line_merge(shapely.multilinestrings(pieces[mine])),
            text=ALONE if i == j else None,
        )
