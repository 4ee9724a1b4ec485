"""Corners (拐点串): the rows of a table in order become points, lines or rings.

Lists of corners part their rings in many ways: by a column (地块号、圈号), by a line of words between them,
by repeating the first point at the end, or by counting from J1 again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.reading import recognise
from geo.reading.layers import ReadOptions
from geo.reading.rings import held
from geo.terms import Role

if TYPE_CHECKING:
    from geo.reading.tables import Table

_PARCEL = re.compile(
    r"地块(号|编号|名称)?|宗地(号|编号)?|图斑(号|编号)?|parcel(no|id)?|plot|polygon(id)?|面号"
)
_RING = re.compile(r"圈号|环号|ring(no|id)?|part(no|id)?|部件号?")
#: The column of a corner's own number.
LABEL = re.compile(
    r"(拐点|界址点|边界点|角点|点|顺|序|顺序)(号|编号|名|序号)|点|序号|dh|dianhao|no|id|pointno|pointid|label|vertex"
)
#: Words of a line that begins another parcel, or another ring of the same.
PARCEL_WORDS = re.compile(r"地块|宗地|图斑|区块|片区|parcel|plot", re.IGNORECASE)
RING_WORDS = re.compile(r"圈|环|岛|洞|ring|hole", re.IGNORECASE)


def shape(
    table: Table, points: NDArray[np.float64], options: ReadOptions
) -> tuple[str, list[tuple[str, str]]]:
    """Whether the rows are points, a line or a ring, and the group (parcel or line, ring) of each row.

    points: (n, 2), a row each.

    Set by a person through the role or `ring`; else by the headings: 界桩 and 三交点 tables are points,
    边界点 tables and those with a line's number are lines, other lists of three corners and more are rings.
    """
    role = options.roles.get(table.name, options.role)
    bare = [recognise.plain(h) for h in table.header]
    parcel = next((i for i, h in enumerate(bare) if _PARCEL.fullmatch(h)), None)
    ring = next((i for i, h in enumerate(bare) if _RING.fullmatch(h)), None)
    line = recognise.map_fields(Role.LINES, [h for h in table.header if "点" not in h and "桩" not in h])
    line_column = table.header.index(line["code"]) if "code" in line else None
    titles = " ".join((table.name, *table.header))
    named_line = line_column is not None and bool(re.search(r"线|line|xh|jx", bare[line_column]))
    markers = bool(
        re.search(r"界桩|桩号|桩类型|marker|jiezhuang|三交点|tripoint", titles, re.IGNORECASE)
    ) and not re.search("边界点|界址点", table.name)
    if role in (Role.MARKERS, Role.TRIPOINTS):
        form = "points"
    elif role is Role.LINES or options.ring is False:
        form = "line"
    elif role is Role.POLYGONS or options.ring is True:
        form = "ring"
    elif markers:
        form = "points"
    elif named_line or re.search(r"边界点|boundary ?point|拐点表|走向", titles, re.IGNORECASE):
        form = "line"
    else:
        form = "ring" if len(table.rows) >= 3 else "points"
    if form == "points":
        return form, []
    first = line_column if form == "line" and named_line else parcel
    keys = _filled(table.column(first)) if first is not None else _sections(table, PARCEL_WORDS)
    parts = _filled(table.column(ring)) if ring is not None else _sections(table, RING_WORDS)
    groups = list(zip(keys, parts, strict=True))
    return form, _parted(table, groups, points) if form == "ring" else groups


def _sections(table: Table, words: re.Pattern[str]) -> list[str]:
    """What each row belongs to by the lines of words between the rows; "" without any."""
    last = ""
    answer: list[str] = []
    for before in table.before:
        last = f"{before} {len(answer)}" if words.search(before) else last
        answer.append(last)
    return answer


def _parted(
    table: Table, groups: list[tuple[str, str]], points: NDArray[np.float64]
) -> list[tuple[str, str]]:
    """The groups with rings parted that follow each other in one: a ring ends where its first point comes
    again, and where its first label does with another point, if what follows is a ring too."""
    bare = [recognise.plain(h) for h in table.header]
    column = next((i for i, h in enumerate(bare) if LABEL.fullmatch(h)), None)
    labels = table.column(column) if column is not None else [""] * len(groups)
    whole = [
        (group, label, tuple(p)) for group, label, p in zip(groups, labels, points.tolist(), strict=True)
    ]
    answer: list[tuple[str, str]] = []
    ring, start, closed = 0, 0, False
    for row, (group, label, point) in enumerate(whole):
        if row and group != whole[row - 1][0]:
            ring, start, closed = 0, row, False
        elif row and (
            closed or (row - start >= 3 and label and label == whole[start][1] and point != whole[start][2])
        ):
            left = sum(g == group for g, _, _ in whole[row : row + 3])
            if left >= 3:
                ring, start = ring + 1, row
            closed = False
        if row - start >= 3 and point == whole[start][2]:
            closed = True
        answer.append((group[0], f"{group[1]}/{ring}" if ring else group[1]))
    return answer


def _filled(cells: list[str]) -> list[str]:
    """Blank cells take the value above, as merged cells are meant."""
    last, answer = "", []
    for cell in cells:
        last = cell or last
        answer.append(last)
    return answer


def strung(
    points: NDArray[np.float64], groups: list[tuple[str, str]], form: str, known: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Points in order as one geometry a group; the rings of one parcel are its shell and holes.

    known: rows that hold a point at all; the others have been said.
    """
    order: dict[str, dict[str, list[int]]] = {}
    for row, (key, part) in enumerate(groups):
        order.setdefault(key, {}).setdefault(part, []).append(row)
    shapes: list[shapely.Geometry | None] = []
    for parts in order.values():
        strings = [points[kept] for r in parts.values() if (kept := [i for i in r if known[i]])]
        if not strings:
            shapes.append(None)
        elif form == "line":
            lines = [shapely.LineString(s if len(s) > 1 else np.repeat(s, 2, axis=0)) for s in strings]
            shapes.append(lines[0] if len(lines) == 1 else shapely.MultiLineString(lines))
        else:
            shapes.append(_rings([held(s)[0] for s in strings]))
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return geometry


def _rings(rings: list[NDArray[np.float64]]) -> shapely.Geometry:
    """Rings of one parcel: those inside the first are holes, others further parts."""
    shell = shapely.Polygon(rings[0])
    if len(rings) == 1 or not all(bool(np.isfinite(r).all()) for r in rings):
        return shell if len(rings) == 1 else shapely.MultiPolygon([shapely.Polygon(r) for r in rings])
    inside = [bool(np.mean(shapely.contains_xy(shell, r[:, 0], r[:, 1])) > 0.5) for r in rings[1:]]
    holes = [r for r, within in zip(rings[1:], inside, strict=True) if within]
    others = [shapely.Polygon(r) for r, within in zip(rings[1:], inside, strict=True) if not within]
    first = shapely.Polygon(rings[0], holes)
    return first if not others else shapely.MultiPolygon([first, *others])
