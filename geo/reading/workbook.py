"""Workbook (工作簿): the sheets of .xlsx, .xls and .ods as rows of text: values, never formulas.

Hidden sheets are what a person did not mean to hand in. An error (#REF!) and a formula whose value was never
stored come out of the reader as blanks, with which a row would vanish unsaid: they are put back as text.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import ParseError

from geo.reading.notes import Notes, listed
from geo.reading.package import UP08, UP10, Dataset
from geo.reading.shapefile import UP13
from geo.settings import Limits
from geo.text import Text

Rows = list[list[str]]

HIDDEN = Text("隐藏的工作表已忽略：{0}", "Hidden sheets were ignored: {0}")
HIDDEN_REMEDY = Text(
    "要提交其中的数据，请先取消隐藏再保存", "To submit what they hold, unhide them and save the workbook"
)
_BREAK = re.compile(rb">\s*\n\s*<")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>])")
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)")


def sheets(dataset: Dataset, limits: Limits, notes: Notes) -> list[tuple[str, Rows]]:
    """The visible sheets by name; a book of one sheet is called as the file is. Raises Refused."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    data = dataset.path.read_bytes()
    found: list[tuple[str, Rows]] = []
    try:
        with _opened(CalamineWorkbook.from_filelike, data) as book:
            tables = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
            if len(tables) > limits.layers:
                raise notes.refuse(UP08, f"工作表 {len(tables)} > {limits.layers} (sheets)")
            shown = [s.name for s in tables if s.visible == SheetVisibleEnum.Visible]
            hidden = [s.name for s in tables if s.name not in shown]
            if hidden:
                notes.say(UP10, listed(hidden), text=HIDDEN, remedy=HIDDEN_REMEDY)
            lost = _lost(data) if data[:2] == b"PK" else {}
            for name in shown:
                sheet = book.get_sheet_by_name(name)
                height, width = sheet.total_height, sheet.total_width
                if height * width > 20 * limits.vertices:
                    raise notes.refuse(UP08, f"{name}：{height} × {width} 单元格 (cells)")
                rows = [[cell_text(v) for v in row] for row in sheet.to_python(skip_empty_area=False)]
                found.append((name if len(shown) > 1 else dataset.name, _put(rows, lost.get(name, {}))))
    except (CalamineError, ValueError, OSError, UnicodeDecodeError) as error:
        raise notes.refuse(UP13, dataset.name, str(error)[:80] or "xlsx", layer=dataset.name) from None
    return found


def _opened(open_: Callable[[io.BytesIO], Any], data: bytes) -> Any:
    """The workbook. GDAL, and QGIS with it, breaks the lines of an .ods between its elements, which the reader
    takes for cells: it is given one without."""
    from python_calamine import CalamineError

    try:
        return open_(io.BytesIO(data))
    except CalamineError:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as given:
                parts = {
                    name: given.read(name) for name in ("mimetype", "META-INF/manifest.xml", "content.xml")
                }
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
            parts = {}
        if b">\n" not in parts.get("content.xml", b""):
            raise
        parts["content.xml"] = _BREAK.sub(b"><", parts["content.xml"])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for name, part in parts.items():
                made.writestr(name, part)
        return open_(io.BytesIO(out.getvalue()))


def cell_text(value: object) -> str:
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else str(value)


def _put(rows: Rows, lost: dict[tuple[int, int], str]) -> Rows:
    """The rows with the lost cells in their places, without the blank ones above and left of the table."""
    for (row, column), text in lost.items():
        if row < len(rows) and (column >= len(rows[row]) or not rows[row][column]):
            rows[row] += [""] * (column + 1 - len(rows[row]))
            rows[row][column] = text
    top = next((n for n, row in enumerate(rows) if any(row)), len(rows))
    left = min((next(i for i, c in enumerate(row) if c) for row in rows if any(row)), default=0)
    return [row[left:] for row in rows[top:]]


def _lost(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Cells of an .xlsx with an error or with a formula that has no value, by sheet and (row, column).

    What is odd in the archive is the reader's to refuse: nothing is lost then.
    """
    import defusedxml.ElementTree as xml
    from defusedxml.common import DefusedXmlException

    answer: dict[str, dict[tuple[int, int], str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {
                e.get("Id"): e.get("Target", "")
                for e in xml.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
            }
            for element in xml.fromstring(archive.read("xl/workbook.xml")).iter():
                if element.tag.rpartition("}")[2] != "sheet":
                    continue
                link = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
                target = parts.get(link, "").lstrip("/").removeprefix("xl/")
                if target and f"xl/{target}" in archive.namelist():
                    answer[element.get("name", "")] = _cells(archive.read(f"xl/{target}"))
    except (zipfile.BadZipFile, KeyError, ParseError, DefusedXmlException, NotImplementedError, RuntimeError):
        return {}
    return answer


def _cells(part: bytes) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    if b't="e"' not in part and b"<f" not in part and b":f" not in part:
        return found
    for piece in _CELL.split(part)[1:]:
        tag, _, inside = piece.partition(b">")
        place = _PLACE.search(tag)
        formula = _FORMULA.search(inside)
        value = _VALUE.search(inside)
        error = re.search(rb"\bt=[\"']e[\"']", tag)
        if place is None or not (error or (formula and not value)):
            continue
        column = 0
        for letter in place[1]:
            column = column * 26 + letter - 64
        text = value[1] if value else b"=" + ((formula[1] if formula else None) or b"...")
        found[int(place[2]) - 1, column - 1] = text.decode("utf-8", "replace")[:60]
    return found
