"""TP14 飞地: a piece of a unit inside another, cut off from its own, or joined by a point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import coverage
from geo.checks.ge02_invalid import valid
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.network.enclaves import EnclaveKind, enclaves
from geo.terms import Severity
from geo.text import Text

WHOLE = Text("{0} 整个位于 {1} 之内（飞地）", "{2} lies wholly inside {3} (enclave)")
DETACHED = Text(
    "{0} 有一块 {area_m2:.0f} 平方米与本体不相连，邻接 {1}（飞地）",
    "A piece of {2} of {area_m2:.0f} m² is cut off from the rest, beside {3} (exclave)",
)
POINT = Text("{0} 的两部分只在一点相连", "Two parts of {2} are joined by a point only")


@CHECKS.rule(
    code="TP14",
    severity=Severity.WARNING,
    message=Text(
        "{0} 有一块 {area_m2:.0f} 平方米位于 {1} 之内（飞地）",
        "A piece of {2} of {area_m2:.0f} m² lies inside {3} (enclave)",
    ),
    remedy=Text(
        "核对协议书：确为飞地的保留并在协议书中写明；画错的改归相邻政区：ArcGIS 用“合并/拆分”，QGIS 用“合并所选要素”，CASS 重新构面",
        "Compare the agreement: a real enclave stays and is named there, a slip goes to its neighbour: Merge and "
        "Split in ArcGIS, Merge Selected Features in QGIS, rebuild in CASS",
    ),
    source="docs/checks.md; 行政区域界线管理条例（国务院令第353号）第十一条",
)
def enclave(scene: Scene) -> Iterator[Hit]:
    """Enclaves and exclaves (飞地) among the polygons, found from the touch graph; `at` is the piece.

    What falls apart of a polygon that is not valid is GE02's: no unit of such a one is named here."""
    cover = coverage(scene)
    if not cover.own:
        return
    subjects = cover.subjects()
    first: dict[object, int] = {}
    for i, subject in enumerate(subjects):
        first.setdefault(subject, i)
    sound = valid(scene)[cover.rows]
    broken = {subjects[i] for i in np.flatnonzero(~sound)}
    texts = {EnclaveKind.DETACHED: DETACHED, EnclaveKind.AT_A_POINT: POINT}
    for found in enclaves(cover.shapes, subjects):
        if broken.intersection((found.unit, *found.others)):
            continue
        involved = [first[u] for u in (found.unit, *found.others)]
        if min(involved) >= cover.own:
            continue
        refs = [cover.ref(scene, i) for i in involved]
        around = refs[1:5]
        yield Hit(
            tuple(refs),
            says=(refs[0], "、".join(map(str, around)), refs[0], ", ".join(map(str, around))),
            measure={"area_m2": float(found.piece.area)},
            at=found.at,
            text=WHOLE if found.kind is EnclaveKind.ENCLOSED and found.whole else texts.get(found.kind),
        )
