"""AT04 两侧不相邻: the two units of a line are the same, or have no border with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.unit_codes import CodeTables, System, code_tables, code_uses, systems
from geo.findings import Hit, Ref
from geo.network.build import segments, to_grid
from geo.terms import Role, Severity
from geo.text import Text

SAME = Text("界线 {0} 的左、右乡镇代码相同：{1}", "Both sides of line {0} have the same code, {1}")
SAME_REMEDY = Text(
    "核对走向两侧各是哪个乡镇，分别填写",
    "Check which unit is on either side in line direction, and fill in both",
)
ABSENT = Text(
    "没有 {0} 的政区面可对照，未检查 {count:.0f} 条界线两侧是否相邻",
    "No polygons of {0} to compare with: whether both sides are neighbours was not checked for {count:.0f} lines",
)
ABSENT_REMEDY = Text(
    "把政区面与界线一起提交，或在有已公布政区的系统中检查",
    "Submit the township polygons with the lines, or check where the published ones are",
)


@CHECKS.rule(
    code="AT04",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "界线 {0} 的两侧 {1} 与 {2} 不相邻", "The two sides of line {0}, {1} and {2}, are not neighbours"
    ),
    remedy=Text(
        "核对左、右乡镇代码；代码无误时，核对政区面在此处是否画到了界线",
        "Check the left and right codes; if they are right, check whether the polygons reach the line here",
    ),
    source="docs/checks.md AT04",
)
def not_neighbours(scene: Scene) -> Iterator[Hit]:
    """A line's two units must differ and share a border in the topology of the upload's own polygons,
    else of the published ones. Borders that match only within `displacement` count: TP has those.
    """
    frame = scene.lines
    if len(frame) == 0:
        return
    canon = _canon(scene)
    topology = Topology.of(scene, canon)
    unknown: dict[int, list[str]] = {}
    for i in range(len(frame)):
        left, right = (values.code(frame[side].iat[i]) for side in ("left", "right"))
        if left is None or right is None or 9 not in (len(left), len(right)):
            # Between two counties there are no townships to be neighbours.
            continue
        ref, at = scene.refs(Role.LINES, i)[0], frame.geometry.iat[i]
        a, b = canon.of(Role.LINES, ref.layer, left), canon.of(Role.LINES, ref.layer, right)
        if a == b:
            yield Hit((ref,), (ref, left), at=at, text=SAME, remedy=SAME_REMEDY)
        elif missing := [c for c, k in ((left, a), (right, b)) if k not in topology.codes]:
            # A code that no table knows is AT02's; it says nothing of polygons.
            if named := [c for c in missing if canon.knows(c)]:
                unknown[i] = named
        elif not topology.neighbours(a, b):
            yield Hit((ref,), (ref, canon.called(a, left), canon.called(b, right)), at=at)
    if unknown:
        codes = sorted({c for cs in unknown.values() for c in cs})
        shown = "、".join(codes[:6]) + ("…" if len(codes) > 6 else "")
        yield Hit(
            scene.refs(Role.LINES, *unknown),
            says=(shown,),
            measure={"count": len(unknown)},
            severity=Severity.INFO,
            text=ABSENT,
            remedy=ABSENT_REMEDY,
        )


@dataclass(frozen=True)
class Canon:
    """Codes of either system as the unit's own code, so that layers in different systems can be compared."""

    tables: CodeTables | None
    by_layer: dict[tuple[Role, str], System]

    def of(self, role: Role, layer: str | None, code: str) -> str:
        if self.tables is None:
            return code
        return self.tables.key(code, self.by_layer.get((role, layer or ""), System.EITHER))

    def knows(self, code: str) -> bool:
        return self.tables is None or self.tables.known(code)

    def called(self, key: str, code: str) -> str:
        name = self.tables.names.get(key) if self.tables else None
        return f"{name}（{code}）" if name else code


def _canon(scene: Scene) -> Canon:
    if scene.units is None:
        return Canon(None, {})
    tables = code_tables(scene)
    return Canon(tables, systems(code_uses(scene), tables))


class Topology:
    """The polygons to judge by: codes, shapes, and who borders on whom."""

    def __init__(self, codes: list[str], shapes: NDArray[np.object_], scene: Scene) -> None:
        self.codes = set(codes)
        self._codes, self._shapes, self._scene = np.array(codes, dtype=object), shapes, scene
        self._exact: set[tuple[str, str]] | None = None

    @classmethod
    def of(cls, scene: Scene, canon: Canon) -> Topology:
        """The upload's polygons; published ones for the units that it brings none of."""
        codes: list[str] = []
        shapes = []
        refs: list[Ref] = list(scene.refs(Role.POLYGONS, *range(len(scene.polygons))))
        for raw, shape, ref in zip(scene.polygons["code"], scene.polygons.geometry, refs, strict=True):
            if (code := values.code(raw)) is not None:
                codes.append(canon.of(Role.POLYGONS, ref.layer, code))
                shapes.append(shape)
        if scene.published is not None:
            own = set(codes)
            there = scene.published.polygons
            for raw, shape in zip(there["code"], there.geometry, strict=True):
                code = values.code(raw)
                if code is not None and code not in own and shape is not None and not shape.is_empty:
                    codes.append(code)
                    shapes.append(shape)
        array = np.empty(len(shapes), dtype=object)
        array[:] = shapes
        return cls(codes, array, scene)

    def neighbours(self, a: str, b: str) -> bool:
        if self._exact is None:
            self._exact = self._sharing()
        return (min(a, b), max(a, b)) in self._exact or self._nearly(a, b)

    def _sharing(self) -> set[tuple[str, str]]:
        """Pairs of codes with a segment in common, vertex for vertex."""
        pieces = segments(to_grid(self._shapes, self._scene.tolerances.grid))
        flipped = (pieces.start[:, 0] > pieces.end[:, 0]) | (
            (pieces.start[:, 0] == pieces.end[:, 0]) & (pieces.start[:, 1] > pieces.end[:, 1])
        )
        low = np.where(flipped[:, None], pieces.end, pieces.start)
        high = np.where(flipped[:, None], pieces.start, pieces.end)
        table = np.hstack([low, high])
        order = np.lexsort(table.T)
        table, owner = table[order], pieces.owner[order]
        same = (table[1:] == table[:-1]).all(axis=1)
        pairs = np.unique(np.column_stack([owner[:-1][same], owner[1:][same]]), axis=0)
        named = ((str(self._codes[i]), str(self._codes[j])) for i, j in pairs)
        return {(min(pair), max(pair)) for pair in named}

    def _nearly(self, a: str, b: str) -> bool:
        """Whether the outlines run along each other for more than a touch, vertices apart."""
        reach = self._scene.tolerances.displacement
        one, other = (
            shapely.boundary(shapely.multipolygons(shapely.get_parts(self._shapes[self._codes == code])))
            for code in (a, b)
        )
        if not shapely.dwithin(one, other, reach):
            return False
        near = shapely.intersection(one, shapely.box(*_grown(other.bounds, reach)))
        along = shapely.intersection(near, shapely.buffer(shapely.intersection(
            other, shapely.box(*_grown(one.bounds, reach))), reach, quad_segs=2))  # fmt: skip
        # Two outlines that only touch at a corner lie within `reach` for a few times `reach`.
        return bool(shapely.length(along) > 10 * reach)


def _grown(bounds: tuple[float, ...], by: float) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    return west - by, south - by, east + by, north + by
