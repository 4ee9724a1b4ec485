"""Shapefile: our own reader of .shp and .shx headers, records and rings.

GDAL keeps silent about counts that differ, bytes after the last record, part indexes out of range and
rings of the wrong way round (docs/checks.md, traps 7 and 8); this reads them as they are in the file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.terms import Severity
from geo.text import Text

SOURCE = "ESRI Shapefile Technical Description (1998)；docs/checks.md"

UP12 = CHECKS.declare(
    code="UP12",
    severity=Severity.ERROR,
    message=Text(
        "{0}：记录数不一致（.shp {1}，.shx {2}，.dbf {3}）",
        "{0}: record counts differ (.shp {1}, .shx {2}, .dbf {3})",
    ),
    remedy=Text(
        "三个文件不是同一次导出的；在原软件中重新导出整套文件",
        "The files are not of one export; export the whole set again",
    ),
    source=SOURCE,
)
UP13 = CHECKS.declare(
    code="UP13",
    severity=Severity.ERROR,
    message=Text("{0}：文件结构已损坏：{1}", "{0}: the file's structure is broken: {1}"),
    remedy=Text(
        "用原软件打开后重新导出；若打不开，请用备份",
        "Open it in the program that made it and export it again; if it does not open, use a backup",
    ),
    source=SOURCE,
)
UP14 = CHECKS.declare(
    code="UP14",
    severity=Severity.WARNING,
    message=Text(
        "{0}：{count:.0f} 条记录已标记删除，未读入", "{0}: {count:.0f} rows flagged as deleted were left out"
    ),
    remedy=Text(
        "若确已删除，请压缩(pack)属性表后导出；否则恢复这些记录",
        "Pack the table and export again if they are to go; otherwise restore them",
    ),
    source=SOURCE,
)
UP15 = CHECKS.declare(
    code="UP15",
    severity=Severity.WARNING,
    message=Text(
        "{0}：文件头所记长度与实际不符：{1}", "{0}: length in the header differs from the file: {1}"
    ),
    remedy=Text("在原软件中重新导出", "Export it again from the program that made it"),
    source=SOURCE,
)

TYPES = {
    0: "Null", 1: "Point", 3: "LineString", 5: "Polygon", 8: "MultiPoint",
    11: "Point", 13: "LineString", 15: "Polygon", 18: "MultiPoint",
    21: "Point", 23: "LineString", 25: "Polygon", 28: "MultiPoint", 31: "MultiPatch",
}  # fmt: skip
_NO_DATA = -1e38
#: What a .shp begins with: 9994.
MAGIC = (9994).to_bytes(4, "big")


@dataclass
class Shapes:
    """The records of a .shp, as far as they can be walked.

    kind: shape type of the header; types: of each record. start, size: of each record's content, in
    bytes. points, parts: counts of each. broken: why the structure is broken, by record (-1: the file).
    odd: differences of length. index: records in the .shx, None where there is none.
    hollow: records with a part that has no points.
    """

    data: bytes
    kind: int = -1
    types: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    start: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    size: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    points: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    parts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    broken: list[tuple[int, str]] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    index: int | None = None
    hollow: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.types)

    @property
    def has_z(self) -> bool:
        return 11 <= self.kind <= 18 or self.kind == 31

    @property
    def has_m(self) -> bool:
        """Whether the type carries M: measured types always, Z types where M values are stored."""
        if 21 <= self.kind <= 28:
            return True
        if not 11 <= self.kind <= 18:
            return False
        for row in np.flatnonzero(self.types == self.kind)[:64]:
            measures = self._measures(int(row))
            if measures is not None and bool(np.any(measures > _NO_DATA)):
                return True
        return False

    def _measures(self, row: int) -> NDArray[np.float64] | None:
        start, size = int(self.start[row]), int(self.size[row])
        if self.kind == 11:
            return np.frombuffer(self.data, "<f8", 1, start + 28) if size >= 36 else None
        n, k = int(self.points[row]), int(self.parts[row])
        at = start + (40 if self.kind == 18 else 44 + 4 * k) + 16 * n + 16 + 8 * n + 16
        return np.frombuffer(self.data, "<f8", n, at) if at + 8 * n <= start + size else None

    def base(self, row: int) -> str | None:
        """The type of one record, Z and M apart; None where it is unknown."""
        return TYPES.get(int(self.types[row]))

    def rings(self, row: int) -> list[NDArray[np.float64]]:
        """The parts of one record, as (n, 2) arrays, as they are in the file."""
        start, n, k = int(self.start[row]), int(self.points[row]), int(self.parts[row])
        base = TYPES.get(int(self.types[row]))
        if base == "Point":
            return [np.frombuffer(self.data, "<f8", 2, start + 4).reshape(1, 2)]
        if base == "MultiPoint":
            return [np.frombuffer(self.data, "<f8", 2 * n, start + 40).reshape(-1, 2)]
        offsets = np.frombuffer(self.data, "<i4", k, start + 44)
        head = 44 + (8 if base == "MultiPatch" else 4) * k
        coordinates = np.frombuffer(self.data, "<f8", 2 * n, start + head).reshape(-1, 2)
        return np.split(coordinates, offsets[1:]) if k else []

    def coordinates(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """x and y of records that are points; (n, 2)."""
        if not len(rows):
            return np.zeros((0, 2))
        return np.column_stack(
            [_gather(self.data, self.start[rows] + 4 + 8 * axis, "<f8") for axis in (0, 1)]
        )


def read_shapes(shp: Path, shx: Path | None) -> Shapes:
    """Walk a .shp from record to record, and compare it with its index. Raises nothing."""
    shapes = Shapes(shp.read_bytes())
    data = shapes.data
    if len(data) < 100:
        shapes.broken.append((-1, f".shp {len(data)} 字节，短于文件头 (bytes; shorter than a header)"))
        return shapes
    code, words = struct.unpack_from(">i", data, 0)[0], struct.unpack_from(">i", data, 24)[0]
    version, shapes.kind = struct.unpack_from("<ii", data, 28)
    if code != 9994 or version != 1000:
        shapes.broken.append((-1, ".shp 文件头不符 (not a .shp header)"))
        return shapes
    if shapes.kind not in TYPES:
        shapes.broken.append((-1, f".shp 几何类型 {shapes.kind} 未知 (unknown shape type)"))
        return shapes
    if words * 2 != len(data):
        shapes.odd.append(f".shp {words * 2} ≠ {len(data)}")
    _walk(shapes, min(len(data), words * 2) if words * 2 >= 100 else len(data))
    if shx is not None:
        _compare(shapes, shx.read_bytes())
    return shapes


def _walk(shapes: Shapes, end: int) -> None:
    data = shapes.data
    at = 100
    starts: list[int] = []
    sizes: list[int] = []
    unpack = struct.Struct(">ii").unpack_from
    while at + 8 <= len(data):
        number, words = unpack(data, at)
        if at >= end and (number != len(starts) + 1 or words < 2):
            break  # bytes after the last record: said as a difference of length
        if words < 2 or at + 8 + 2 * words > len(data):
            shapes.broken.append((len(starts), "记录被截断 (record cut off)"))
            break
        starts.append(at + 8)
        sizes.append(2 * words)
        at += 8 + 2 * words
    else:
        if at < len(data) and at < end:
            shapes.broken.append((len(starts), "记录被截断 (record cut off)"))
    if end > len(data) or (at < end and not shapes.broken):
        shapes.broken.append((len(starts), "文件被截断 (file cut off)"))
    shapes.start, shapes.size = np.array(starts, np.int64), np.array(sizes, np.int64)
    _measure(shapes)


def _gather(data: bytes, offsets: NDArray[np.int64], dtype: str) -> NDArray[Any]:
    """Numbers at any byte offsets of a buffer, as one array."""
    width = np.dtype(dtype).itemsize
    raw = np.frombuffer(data, np.uint8)
    return np.ascontiguousarray(raw[offsets[:, None] + np.arange(width)]).view(dtype).ravel()


def _measure(shapes: Shapes) -> None:
    """Types and counts of all records at once, and what in them cannot be."""
    n = len(shapes.start)
    shapes.types = _gather(shapes.data, shapes.start, "<i4") if n else np.zeros(0, np.int32)
    shapes.points, shapes.parts = np.zeros(n, np.int64), np.zeros(n, np.int64)
    base = np.array(
        [{"Point": 1, "MultiPoint": 2, "Null": 0}.get(TYPES.get(int(t), ""), 3) for t in range(0, 32)]
    )
    known = np.isin(shapes.types, list(TYPES))
    form = np.where(known, base[np.clip(shapes.types, 0, 31)], -1)
    least = np.select([form == 0, form == 1, form == 2, form == 3], [4, 20, 40, 44], 4)
    fits = known & (shapes.size >= least)
    shapes.points[fits & (form == 1)] = 1
    multi = np.flatnonzero(fits & (form == 2))
    shapes.points[multi] = _gather(shapes.data, shapes.start[multi] + 36, "<i4") if len(multi) else 0
    lined = np.flatnonzero(fits & (form == 3))
    if len(lined):
        shapes.parts[lined] = _gather(shapes.data, shapes.start[lined] + 36, "<i4")
        shapes.points[lined] = _gather(shapes.data, shapes.start[lined] + 40, "<i4")
    patch = shapes.types == 31
    need = np.where(form == 3, 44 + np.where(patch, 8, 4) * shapes.parts, np.where(form == 2, 40, 0))
    need = need + np.where(form >= 2, 16 * shapes.points, 0)
    fits &= (shapes.points >= 0) & (shapes.parts >= 0) & (need <= shapes.size)
    for row in np.flatnonzero(~fits):
        shapes.broken.append((int(row), "记录内容超出其长度 (content does not fit its record)"))
    strange = np.flatnonzero(fits & (form > 0) & (shapes.types != shapes.kind))
    for row in strange:
        shapes.broken.append(
            (int(row), f"几何类型 {shapes.types[row]} ≠ {shapes.kind} (type differs from the file's)")
        )
    _check_parts(shapes, np.flatnonzero(fits & (form == 3) & (shapes.parts > 0)))
    wrong = [row for row, _ in shapes.broken if 0 <= row < n]
    shapes.points[wrong], shapes.parts[wrong] = 0, 0


def _check_parts(shapes: Shapes, rows: NDArray[np.int64]) -> None:
    """Part indexes must begin at 0, never fall, and stay inside the points."""
    counts = shapes.parts[rows]
    if not len(rows):
        return
    first = np.repeat(shapes.start[rows] + 44, counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    index = _gather(shapes.data, first + 4 * step, "<i4").astype(np.int64)
    owner = np.repeat(np.arange(len(rows)), counts)
    bad = (index < 0) | (index > shapes.points[rows][owner])
    bad |= (step == 0) & (index != 0)
    falls = np.zeros(len(index), bool)
    falls[1:] = (np.diff(index) < 0) & (owner[1:] == owner[:-1])
    ends = np.append(index[1:], 0)
    last = np.append(owner[1:] != owner[:-1], True)
    ends[last] = shapes.points[rows]
    shapes.hollow = np.unique(rows[owner[ends == index]]).tolist()
    for row in np.unique(rows[owner[bad | falls]]):
        shapes.broken.append((int(row), "部件索引越界 (part index out of range)"))


def _compare(shapes: Shapes, index: bytes) -> None:
    """The .shx against the records that were walked."""
    if len(index) < 100 or struct.unpack_from(">i", index, 0)[0] != 9994:
        shapes.broken.append((-1, ".shx 文件头不符 (not a .shx header)"))
        return
    words = struct.unpack_from(">i", index, 24)[0]
    shapes.index = (len(index) - 100) // 8
    if words * 2 != len(index):
        shapes.odd.append(f".shx {words * 2} ≠ {len(index)}")
        shapes.index = min(shapes.index, max(0, (words * 2 - 100) // 8))
    short = struct.unpack_from(">i", shapes.data, 24)[0] * 2 > len(shapes.data)
    if short and shapes.index > len(shapes) and not shapes.broken:
        # Cut off right behind a record: header and index both tell of more.
        shapes.broken.append((len(shapes), "文件被截断 (file cut off)"))
    n = min(shapes.index, len(shapes))
    pairs = np.frombuffer(index, ">i4", 2 * n, 100).reshape(-1, 2).astype(np.int64)
    elsewhere = np.flatnonzero(pairs[:, 0] * 2 + 8 != shapes.start[:n])
    if len(elsewhere) and not shapes.broken:
        shapes.broken.append((int(elsewhere[0]), ".shx 与 .shp 位置不符 (index points elsewhere)"))
    elif (pairs[:, 1] * 2 != shapes.size[:n]).any():
        shapes.odd.append(".shx 所记记录长度 (record lengths)")


def signed_areas(shapes: Shapes, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Owner row and signed area (positive: anticlockwise) of every ring of the rows, in file order."""
    owners: list[int] = []
    blocks: list[NDArray[np.float64]] = []
    lengths: list[int] = []
    for row in rows:
        start, n, k = int(shapes.start[row]), int(shapes.points[row]), int(shapes.parts[row])
        if not n or not k:
            continue
        if k == 1:
            lengths.append(n)
        else:
            offsets = np.frombuffer(shapes.data, "<i4", k, start + 44)
            lengths.extend(np.diff(np.append(offsets, n)).tolist())
        owners.extend([int(row)] * k)
        blocks.append(np.frombuffer(shapes.data, "<f8", 2 * n, start + 44 + 4 * k).reshape(-1, 2))
    if not blocks:
        return np.zeros(0, np.int64), np.zeros(0)
    points = np.concatenate(blocks)
    size = np.array(lengths, np.int64)
    ends = np.cumsum(size)
    begins = ends - size
    # Shifted to each ring's first vertex: easting with a zone number would cost all digits of the area.
    origin = points[np.minimum(begins, len(points) - 1)]
    with np.errstate(all="ignore"):
        x, y = (points - np.repeat(origin, size, axis=0)).T
        cross = x[:-1] * y[1:] - x[1:] * y[:-1]
        cross = np.append(cross, 0.0)
        cross[np.minimum(ends - 1, len(cross) - 1)] = 0.0
        total = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(cross), cross, 0.0))])
    return np.array(owners, np.int64), (total[ends] - total[begins]) / 2


def judge_rings(shapes: Shapes) -> tuple[int, ...]:
    """Rows whose rings run the wrong way round (GE04): outer rings run clockwise, holes anticlockwise.

    An anticlockwise ring that lies in no other is an outer ring of the wrong direction, which GDAL reads as
    it is meant. A clockwise ring inside another is a shell inside a shell, which is GE02's.
    """
    rows = np.flatnonzero(np.isin(shapes.types, (5, 15, 25)) & (shapes.points > 0))
    owner, area = signed_areas(shapes, rows)
    if not len(owner):
        return ()
    many = shapes.parts[owner] > 1
    wrong = set(owner[~many & (area > 0)].tolist())
    for row in np.unique(owner[many & (area > 0)]).tolist():
        rings = shapes.rings(row)
        if any(_outside(rings, int(i)) for i in np.flatnonzero(area[owner == row] > 0)):
            wrong.add(row)
    return tuple(sorted(wrong))


def _outside(rings: list[NDArray[np.float64]], which: int) -> bool:
    """Whether a ring of a record lies in none of the others; rings that are none decide nothing."""
    ring = rings[which]
    if len(ring) < 4 or not bool(np.isfinite(ring).all()):
        return False
    low, high = ring.min(axis=0), ring.max(axis=0)
    for number, other in enumerate(rings):
        if number == which or len(other) < 4 or not bool(np.isfinite(other).all()):
            continue
        around = (other.min(axis=0) <= low).all() and (other.max(axis=0) >= high).all()
        if around and (other[0] == other[-1]).all() and _mostly_inside(ring, shapely.Polygon(other)):
            return False
    return True


def _mostly_inside(ring: NDArray[np.float64], shell: Any) -> bool:
    """Whether most vertices of a ring lie inside another: touching vertices do not decide."""
    inside = shapely.contains_xy(shell, ring[:, 0], ring[:, 1])
    return bool(np.count_nonzero(inside) * 2 > len(ring))
