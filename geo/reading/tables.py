"""Tables (界桩成果表、边界点成果表、拐点坐标表): rows of coordinates become points, lines or rings.

Chinese tables print X (north) before Y (east); which column is which is decided from its heading and
proved from its numbers, whose ranges never meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.reading import corners, encoding, headings, parcels, wkt
from geo.reading.layers import EncodingDecision, ReadOptions
from geo.reading.notes import Notes, listed
from geo.reading.numbers import number_of, unpacked_degrees
from geo.reading.package import UP02, UP08, UP10, Dataset
from geo.reading.sets import Raw
from geo.reading.shapefile import UP13
from geo.reading.sheets import Rows, sheets
from geo.reading.systems import Stated
from geo.settings import Limits
from geo.text import Text

_FOOT = re.compile(
    r"合计|总计|小计|制表|填表|审核|校核|备注[:：]|说明[:：]|^注[:：]|日期[:：]|单位[:：]|^第.+页|^以下空白"
)
#: How Excel says that a formula has no value; `=…` is one whose value the program did not store.
_ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NUM!|NAME\?|NULL!|SPILL!|CALC!|GETTING_DATA)|Err:\d+|=.+")
ERRORS = Text(
    "{0}：{count:.0f} 个单元格的公式没有结果：{1}", "{0}: formulas without a value in {count:.0f} cells: {1}"
)
ERRORS_REMEDY = Text(
    "在 Excel 或 WPS 中改正或补全这些单元格（公式可“粘贴为数值”），保存后重新上传",
    "Correct or fill these cells in the spreadsheet (paste formulas as values), save, and upload again",
)


@dataclass
class Table:
    """Rows under a heading. place: what a column of coordinates is -> its position. before: for each row
    the words of a line without coordinates that stands before it, "" where none does."""

    name: str
    header: list[str]
    rows: Rows
    place: dict[str, int]
    before: list[str]
    decided: EncodingDecision | None = None
    crs: pyproj.CRS | None = None

    def column(self, position: int) -> list[str]:
        return [row[position].strip() if position < len(row) else "" for row in self.rows]


def read_tables(
    dataset: Dataset, options: ReadOptions, limits: Limits, notes: Notes, *, only: bool
) -> list[Raw]:
    """The layers of a table file, one a sheet. only: nothing else was uploaded, so that a table
    without coordinates is no layer (UP02) rather than ignored (UP10). Raises Refused."""
    said = len(notes.findings)
    found_sheets, decided = sheets(dataset, options, limits, notes)
    found = []
    for name, rows in found_sheets:
        if (position := wkt.column(rows)) is not None:
            names = _unique([cell.strip() for cell in rows[0]])
            if len(names) > limits.fields:
                raise notes.refuse(UP08, f"{name}：字段 {len(names)} > {limits.fields} (fields)")
            found.append(wkt.layer(name, rows, position, names, decided, notes))
            continue
        rows = headings.joined(rows)
        plots = parcels.parcels(rows)
        table = _table(name, rows if plots is None else [parcels.HEADING, *plots.rows])
        if plots is not None and table is not None:
            table.crs = plots.crs
            if plots.short:
                says = f"点数少于所记 (fewer points than stated)：{listed(plots.short)}"
                notes.say(UP13, name, says, layer=name, count=len(plots.short))
        if table is None:
            continue
        if len(table.header) > limits.fields:
            raise notes.refuse(UP08, f"{name}：字段 {len(table.header)} > {limits.fields} (fields)")
        table.decided = decided
        found.append(_layer(table, options, notes))
    if not found:
        # How a text is encoded matters to nobody where it is no table.
        notes.findings[said:] = [f for f in notes.findings[said:] if not f.code.startswith("EN")]
    if not found and not notes.blocked:
        if only:
            raise notes.refuse(
                UP02, f"{dataset.name}：没有坐标列 (no coordinate columns)",
                remedy=Text(
                    "表头应有 X、Y（北、东坐标）或 经度、纬度，首行为表头",
                    "Head the columns X and Y (north, east) or longitude and latitude, in the first row",
                ),
            )  # fmt: skip
        notes.say(UP10, dataset.name)
    return found


# -- rows to a table -----------------------------------------------------------------------------------


def _table(name: str, rows: Rows) -> Table | None:
    """The heading and the rows below it; headings of two rows are joined; None without coordinates."""
    for at in range(min(12, len(rows))):
        for depth in (1, 2, 3):
            if at + depth >= len(rows) + 1:
                continue
            header = _header(rows[at : at + depth])
            place = headings.places(header)
            if place is not None and _numeric(rows[at + depth :], place):
                body, before = _body(rows[at + depth :], place, rows[at : at + depth])
                return Table(name, _unique(header), body, place, before)
    return _headless(name, rows)


def _body(rows: Rows, place: dict[str, int], heading: Rows) -> tuple[Rows, list[str]]:
    """The rows of the table itself, and the words before each: headings repeated at the top of every page
    are left out, and what stands below the last coordinate and is no row."""
    columns = [p for what, p in place.items() if what != "height"]
    heads = [[c.strip() for c in row] for row in heading]
    ends = max(
        (n for n, r in enumerate(rows) if all(p < len(r) and number_of(r[p]) is not None for p in columns)),
        default=-1,
    )
    body: Rows = []
    before: list[str] = []
    words = ""
    for number, row in enumerate(rows):
        cells = [c.strip() for c in row]
        if cells in heads:
            continue
        foot = number > ends and _FOOT.search("".join(cells))
        if not foot and (_says_something(row, place) or (number < ends and _numbered(cells))):
            body.append(row)
            before.append(words)
            words = ""
        else:
            words += "".join(cells)
    return body, before


def _header(rows: Rows) -> list[str]:
    width = max(map(len, rows), default=0)
    filled = [""] * width
    for number, row in enumerate(rows):
        last = ""
        for i in range(width):
            cell = row[i].strip() if i < len(row) else ""
            # A cell of an upper row spans those right of it; the lowest that says something counts.
            last = cell or last
            lowest = number == len(rows) - 1
            filled[i] = cell or filled[i] if lowest else last or filled[i]
    return filled


def _unique(header: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    answer = []
    for number, cell in enumerate(header):
        name = cell or f"field_{number + 1}"
        seen[name] = seen.get(name, 0) + 1
        answer.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return ["geometry_1" if n == "geometry" else n for n in answer]


def _numeric(rows: Rows, place: dict[str, int]) -> bool:
    """Whether most rows below a heading hold a number in its coordinate columns."""
    columns = [p for what, p in place.items() if what != "height"]
    full = [r for r in rows[:200] if any(c < len(r) and r[c].strip() for c in columns)]
    good = [r for r in full if any(c < len(r) and number_of(r[c]) is not None for c in columns)]
    return not full or len(good) * 2 >= len(full)


def _says_something(row: list[str], place: dict[str, int]) -> bool:
    """Whether a row is one of the table: notes and signatures below it fill a cell or two, no coordinates."""
    coordinates = [p for what, p in place.items() if what != "height"]
    if any(p < len(row) and row[p].strip() for p in coordinates):
        return True
    cells = [c for c in row if c.strip()]
    return len(cells) > 2 and not _FOOT.search("".join(cells))


def _numbered(cells: list[str]) -> bool:
    """Whether a row among the others has a point's number and nothing that begins another list: its
    coordinates are missing."""
    filled = [c for c in cells if c]
    words = "".join(filled)
    begins = corners.PARCEL_WORDS.search(words) or corners.RING_WORDS.search(words)
    return bool(filled) and not begins and re.fullmatch(r"[A-Za-z]{0,3}-?\d+", filled[0]) is not None


def _headless(name: str, rows: Rows) -> Table | None:
    """A list without a heading (CASS and hand-made ones): two columns whose numbers are coordinates."""
    full = [r for r in rows if any(c.strip() for c in r)]
    if not full or len({len(r) for r in full[:50]}) > 2:
        return None
    width = min(len(r) for r in full[:50])
    columns: dict[int, NDArray[np.float64]] = {}
    for i in range(width):
        values = [number_of(r[i]) if i < len(r) else None for r in full]
        if values and all(v is not None for v in values):
            columns[i] = np.array(values, dtype=np.float64)
    for i, j in zip(columns, list(columns)[1:], strict=False):
        a, b = columns[i], columns[j]
        if (_north(a) and _east(b)) or (_east(a) and _north(b)):
            place = {"north": i, "east": j} if _north(a) else {"east": i, "north": j}
        elif (_china_lon(a) and _china_lat(b)) or (_china_lat(a) and _china_lon(b)):
            place = {"lon": i, "lat": j} if _china_lon(a) else {"lat": i, "lon": j}
        else:
            continue
        if any("." not in row[k] for row in full[:5] for k in (i, j)):
            continue
        header = [f"field_{k + 1}" for k in range(max(map(len, full)))]
        for what, position in place.items():
            header[position] = what
        return Table(name, header, full, place, [""] * len(full))
    return None


# -- numbers to coordinates ----------------------------------------------------------------------------


def _north(v: NDArray[np.float64]) -> bool:
    return bool(len(v)) and bool(((v > 1_500_000) & (v < 6_300_000)).all())


def _east(v: NDArray[np.float64]) -> bool:
    """Easting with or without a zone number of China."""
    rest = np.where(v >= 13_000_000, v % 1_000_000, v)
    return bool(len(v)) and bool(((v < 46_000_000) & (rest >= 100_000) & (rest <= 900_000)).all())


def _china_lon(v: NDArray[np.float64]) -> bool:
    return bool(len(v)) and bool(((v > 73) & (v < 136)).all())


def _china_lat(v: NDArray[np.float64]) -> bool:
    return bool(len(v)) and bool(((v > 3) & (v < 54)).all())


def coordinates(table: Table, notes: Notes) -> tuple[NDArray[np.float64], Text | None]:
    """The points as (n, 2), east or longitude first, NaN for blank cells; and, where the columns stand the
    other way round than their headings say, the proof in words."""
    pair = next(p for p in (("lon", "lat"), ("east", "north"), ("y", "x")) if set(p) <= set(table.place))
    read = {what: _numbers(table, table.place[what], notes) for what in pair}
    first, second = read[pair[0]], read[pair[1]]
    if pair == ("lon", "lat"):
        degrees = [unpacked_degrees(v) for v in (first, second)]
        if degrees[0] is not None and degrees[1] is not None:
            first, second = degrees[0], degrees[1]
    known = np.isfinite(first) & np.isfinite(second)
    a, b = first[known], second[known]
    heads = {what: table.header[table.place[what]] for what in pair}
    swapped: Text | None = None
    if pair == ("lon", "lat"):
        if (_china_lat(a) and _china_lon(b)) or (
            len(a) and (np.abs(b) > 90).all() and (np.abs(a) <= 90).all()
        ):
            swapped = Text(
                f"“{heads['lon']}”列是纬度，“{heads['lat']}”列是经度（{a[0]:g}，{b[0]:g}），已对调读取",
                f"column “{heads['lon']}” holds latitudes and “{heads['lat']}” longitudes; read the other way round",
            )
    elif _china_lon(b) and _china_lat(a):
        if pair == ("y", "x"):  # degrees under X and Y: the numbers say which is which
            return np.column_stack([second, first]), None
    elif not (_east(a) and _north(b)) and _east(b) and _north(a):
        swapped = Text(
            f"X/Y（纵横坐标）颠倒：“{heads[pair[1]]}”列是东坐标（{b[0]:.3f}），“{heads[pair[0]]}”列是北坐标（{a[0]:.3f}），已对调读取",
            f"X and Y look swapped: “{heads[pair[1]]}” holds the easting ({b[0]:.3f}), “{heads[pair[0]]}” the northing ({a[0]:.3f}); read the other way round",
        )
    elif (
        len(a)
        and (np.abs(a) <= 90).all()
        and (np.abs(b) <= 180).all()
        and pair == ("y", "x")
        and not _china_lon(a)
    ):
        return np.column_stack([second, first]), None  # degrees outside China under X, Y: longitude first
    ordered = (second, first) if swapped is not None else (first, second)
    return np.column_stack(ordered), swapped


def _numbers(table: Table, position: int, notes: Notes) -> NDArray[np.float64]:
    cells = table.column(position)
    answer = np.full(len(cells), np.nan)
    unreadable = []
    for row, cell in enumerate(cells):
        value = number_of(cell)
        if value is not None:
            answer[row] = value
        elif cell:
            unreadable.append(row)
    if unreadable:
        notes.say(
            UP13, table.name, f"坐标不是数字 (not a number)：{listed(cells[r] for r in unreadable[:3])}",
            layer=table.name, aspect=str(table.header[position]), records=unreadable[:1000], count=len(unreadable),
        )  # fmt: skip
    return answer


# -- coordinates to a layer ----------------------------------------------------------------------------


def _layer(table: Table, options: ReadOptions, notes: Notes) -> Raw:
    points, swapped = coordinates(table, notes)
    texts = [c for row in table.rows for c in row if not c.isascii() or "?" in c]
    encoding.judge_texts([*texts, *(h for h in table.header if not h.isascii())], 0, notes, table.name)
    form, groups = corners.shape(table, points, options)
    cells = {name: [v or None for v in table.column(i)] for i, name in enumerate(table.header)}
    _errors(table, cells, notes)
    attributes = pd.DataFrame(cells, dtype=object, index=range(len(table.rows)))
    z = _numbers(table, table.place["height"], notes) if "height" in table.place else None
    stated = Stated(crs=table.crs, origin="table", table=True, swapped=swapped)
    if form == "points":
        geometry = np.full(len(points), None, dtype=object)
        blank = _blank(table)
        geometry[~blank] = shapely.points(points[~blank]) if (~blank).any() else []
        return Raw(
            table.name, "Point", len(points), attributes, geometry, table.decided, stated, z=z, hint=form
        )
    known = ~_blank(table)
    _gaps(table, notes)
    with np.errstate(invalid="ignore"):
        geometry = corners.strung(points, groups, form, known)
    # What differs from point to point is of the points, not of the line or ring they make.
    of_group = attributes.groupby([key for key, _ in groups], sort=False).nunique().max() <= 1
    places = {table.header[p] for p in table.place.values()}
    constant = [c for c in attributes if bool(of_group[c]) and c not in places]
    first = attributes.groupby([key for key, _ in groups], sort=False).first()
    kept = first[constant].reset_index(drop=True)
    kind = "Polygon" if form == "ring" else "LineString"
    return Raw(table.name, kind, len(geometry), kept, geometry, table.decided, stated, hint=form)


def _errors(table: Table, cells: dict[str, list[str | None]], notes: Notes) -> None:
    """EN04 for attributes that a formula left without a value; they are empty then, not text."""
    places = {table.header[p] for p in table.place.values()}
    found = [
        (row, value)
        for name, values in cells.items()
        if name not in places
        for row, value in enumerate(values)
        if value and _ERROR.fullmatch(value)
    ]
    for name, values in cells.items():
        cells[name] = [None if v and _ERROR.fullmatch(v) else v for v in values]
    if found:
        notes.say(
            encoding.EN04, table.name, listed(value for _, value in found[:3]),
            layer=table.name, records=sorted({row for row, _ in found})[:1000], count=len(found),
            text=ERRORS, remedy=ERRORS_REMEDY,
        )  # fmt: skip


def _gaps(table: Table, notes: Notes) -> None:
    """UP13 for corners whose coordinates are left blank: without them the ring or line is another one."""
    pair = next(p for p in headings.PAIRS if set(p) <= set(table.place))
    first, second = (table.column(table.place[what]) for what in pair)
    gaps = [row for row, both in enumerate(zip(first, second, strict=True)) if not all(both)]
    if gaps:
        notes.say(
            UP13, table.name, "有的点没有坐标 (points without coordinates)",
            layer=table.name, records=gaps[:1000], count=len(gaps), remedy=ERRORS_REMEDY,
        )  # fmt: skip


def _blank(table: Table) -> NDArray[np.bool_]:
    """Rows without a coordinate: no geometry, not an impossible one."""
    pair = next(p for p in headings.PAIRS if set(p) <= set(table.place))
    first, second = (table.column(table.place[what]) for what in pair)
    return np.array(
        [number_of(a) is None or number_of(b) is None for a, b in zip(first, second, strict=True)], dtype=bool
    )
