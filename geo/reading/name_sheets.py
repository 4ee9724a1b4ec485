"""Sheets (工作表) of a workbook of names: the one to read, its rows, and what other tables there are."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from geo.names import register
from geo.reading.notes import Notes
from geo.reading.package import UP02, UP08, Dataset
from geo.reading.shapefile import UP13
from geo.reading.workbook import cell_text
from geo.settings import Limits

#: Rows that are looked through for the header.
HEAD_ROWS = 20


class NoSuchSheet(Exception):
    """there: what the file holds instead."""

    def __init__(self, there: Sequence[str]) -> None:
        self.there = there


def sheet_of(
    dataset: Dataset, wanted: str | None, limits: Limits, notes: Notes
) -> tuple[str, list[str], Iterator[tuple[int, list[str]]]]:
    """Rows of a sheet with their numbers: the one named, else the one whose rows have most headings of ours, else
    the first; and the names of all other sheets that hold a table. Cells that were merged all hold what the merged
    cell holds."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(dataset.path.read_bytes())) as book:
            found: tuple[str, Any, int] | None = None
            names = book.sheet_names[: limits.layers]
            if wanted is not None and wanted not in names:
                raise NoSuchSheet(names)
            others = []
            for name in names:
                sheet = book.get_sheet_by_name(name)
                rows = sheet.to_python(skip_empty_area=False, nrows=HEAD_ROWS)
                # What fills one cell a row is a note, not a table.
                if any(sum(bool(cell_text(v)) for v in row) > 1 for row in rows):
                    others.append(name)
                if wanted is not None and name != wanted:
                    continue
                score = max((register.known(cell_text(v) for v in row) for row in rows), default=0)
                if found is None or score > found[2]:
                    found = (name, sheet, score)
            if found is None:
                raise notes.refuse(UP02, dataset.name)
            name, sheet, _ = found
            if sheet.total_height * max(sheet.total_width, 1) > 60 * limits.vertices:
                raise notes.refuse(UP08, f"{name}：{sheet.total_height} 行 (rows)")
            values = sheet.to_python(skip_empty_area=False)
            _unmerge(values, sheet.merged_cell_ranges or ())
    except (CalamineError, ValueError, OSError, UnicodeDecodeError) as error:
        raise notes.refuse(UP13, dataset.name, str(error)[:80] or "xlsx", layer=dataset.name) from None

    def body() -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(values, start=1):
            cells = [cell_text(v) for v in row]
            if any(cells):
                yield number, cells

    return name, [other for other in others if other != name], body()


def _unmerge(values: list[list[Any]], ranges: Iterable[Any]) -> None:
    """Write a merged cell's value into all that it covers below its first row; a title merged across the sheet
    stays one cell."""
    for (top, left), (bottom, right) in ranges:
        if top >= len(values) or bottom == top or left >= len(values[top]):
            continue
        value = values[top][left]
        for row in range(top, min(bottom, len(values) - 1) + 1):
            for column in range(left, min(right, len(values[row]) - 1) + 1):
                values[row][column] = value
