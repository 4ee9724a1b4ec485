"""Sheets: a .csv, .xlsx, .xls or .ods as rows of text, whatever encoding and separator it is in."""

from __future__ import annotations

import csv
import io
import re

from geo.reading import encoding, workbook
from geo.reading.layers import EncodingDecision, ReadOptions
from geo.reading.notes import Notes
from geo.reading.package import UP08, Dataset
from geo.reading.shapefile import UP13
from geo.settings import Limits
from geo.text import Text

Rows = list[list[str]]
_COMMA = re.compile(r"[-+]?\d+,\d+")
_POINT = re.compile(r"[-+]?[\d,]*\.\d+")
#: What parts no cells, whatever signs it holds: a quoted text; the coordinates of a geometry in WKT.
_QUOTED = re.compile(r"(?<![^,;\t|，])\"(?:[^\"]|\"\")*\"(?=[,;\t|，]|\s*$)")
_BRACKETS = re.compile(r"\([^()]*\)")
_PAIR = re.compile(r"\d[ \t]+[-+.\d]")


def sheets(
    dataset: Dataset, options: ReadOptions, limits: Limits, notes: Notes
) -> tuple[list[tuple[str, Rows]], EncodingDecision | None]:
    data = dataset.path.read_bytes()
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        return workbook.sheets(dataset, limits, notes), None
    text, decided = _text(dataset, data, options, notes)
    try:
        sign = delimiter_of(text)
        csv.field_size_limit(limits.unpacked_bytes)  # a boundary in WKT is one cell
        # newline=None: an old Mac's lines end with a carriage return alone.
        lines = io.StringIO(text, newline=None)
        rows = list(csv.reader(lines, delimiter=sign, skipinitialspace=True))
    except csv.Error as error:
        raise notes.refuse(UP13, dataset.name, f"CSV: {error}", layer=dataset.name) from None
    if len(rows) > limits.vertices:
        raise notes.refuse(UP08, f"{len(rows)} > {limits.vertices} 行 (rows)")
    return [(dataset.name, rows if sign in ",，" else _with_points(rows))], decided


def _with_points(rows: Rows) -> Rows:
    """Decimal commas as points, where commas part no cells, no cell has a point, and some comma can be
    nothing else: not followed by just three digits, or more than three before it."""
    numbers = [c for row in rows for c in row if _COMMA.fullmatch(c.strip())]
    if any(_POINT.fullmatch(c.strip()) for row in rows for c in row) or not any(
        len(whole.lstrip("+-")) > 3 or len(rest) != 3
        for whole, rest in (c.strip().split(",") for c in numbers)
    ):
        return rows
    return [[c.replace(",", ".") if _COMMA.fullmatch(c.strip()) else c for c in row] for row in rows]


def _text(dataset: Dataset, data: bytes, options: ReadOptions, notes: Notes) -> tuple[str, EncodingDecision]:
    if not options.encoding:
        for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
            if data.startswith(mark):
                try:
                    text = data.decode(codec)
                except UnicodeDecodeError:
                    break
                name = codec.removesuffix("-sig").upper()
                return text, EncodingDecision(
                    name, "declared", Text("文件带 BOM", "The file has a byte-order mark")
                )
    lines = [encoding.Raw(line) for line in data.splitlines()]
    codec, decided = encoding.decide(lines, [], options.encoding, notes, dataset.name)
    return data.decode(encoding.decoder_of(codec), errors="replace").lstrip("\ufeff"), decided


def _bare(line: str) -> str:
    return _BRACKETS.sub(lambda found: "" if _PAIR.search(found[0]) else found[0], _QUOTED.sub("", line))


def delimiter_of(text: str) -> str:
    """The sign that cuts the first lines into the most, equally many, cells."""
    lines = [_bare(line) for line in text.splitlines()[:20] if line.strip()]

    def score(sign: str) -> tuple[bool, float]:
        counts = [line.count(sign) for line in lines]
        usual = max(set(counts), key=counts.count) if counts else 0
        share = counts.count(usual) / max(len(counts), 1)
        return (usual > 0, counts.count(usual) * min(usual, 20) * share**2)

    return max((",", "\t", ";", "，", "|", " "), key=score)
