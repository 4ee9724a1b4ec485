"""Name table (登记表): a file of place names as one stream of text columns and shapes, whatever format it is in.

Runs in the limited process like every reading; the rows leave it in Arrow batches, so that a file of a
million rows is never held whole by anybody.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo.names import register
from geo.reading import archive, encoding
from geo.reading.layers import ReadOptions
from geo.reading.name_sheets import HEAD_ROWS, NoSuchSheet, sheet_of
from geo.reading.notes import Notes, Refused
from geo.reading.package import UP02, Dataset
from geo.reading.shapefile import UP13
from geo.reading.sheets import delimiter_of
from geo.reading.workbook import cell_text
from geo.settings import DistrictSettings, Limits
from geo.terms import Profile, Severity
from geo.text import Text

#: Rows of a batch.
BATCH = 16_384
#: Bytes that are looked at for the encoding.
HEAD_BYTES = 1 << 20

Send = Callable[[bytes], None]

#: A sheet, layer or table was named that the file does not hold.
NO_SHEET = Text(
    "没有名为“{0}”的工作表、图层或表；文件里有：{1}",
    "there is no sheet, layer or table “{0}”; the file has: {1}",
)


@dataclass(frozen=True)
class Ask:
    """Given in place of the surroundings: read the file as a table of names. sheet: of a workbook or package, or a
    table of an archive."""

    district: DistrictSettings | None = None
    sheet: str | None = None


def answer(
    path: Path, file: str, ask: Ask, options: ReadOptions, limits: Limits, work: Path, send: Send
) -> dict[str, Any]:
    """Read the file and send its rows as an Arrow stream; what it turned out to be is returned.

    Columns: `row` (as the file counts, from 1), one string column a heading, `wkb` (EPSG:4490, 2D).
    The answer has `headings`, `rows`, `sheet`, `others` (sheets, layers and tables that were not read), `encoding`,
    `crs` and, where nothing can be read, `problems` ({code, zh, en}). Where an archive holds layers and tables, the
    layers are read unless a table is named.
    """
    notes = Notes(Profile.GENERIC)
    try:
        datasets = archive.unpack(path, file, work, limits, notes)
        tables = [d for d in datasets if d.kind == "table"]
        named = [d for d in tables if d.name == ask.sheet]
        beside = [d.name for d in tables]
        if named or len(tables) == len(datasets):
            chosen = (named or tables)[0]
            found = _from_table(
                chosen, replace(ask, sheet=None) if named else ask, options, limits, notes, work, send
            )
            found["others"] += [d.name for d in datasets if d is not chosen]
            return found
        return _from_layer(path, file, ask, beside, options, limits, work, send)
    except NoSuchSheet as error:
        said = NO_SHEET.fill(ask.sheet, "、".join(error.there))
        return {"problems": [{"code": UP02.code, "zh": said.zh, "en": said.en}]}
    except Refused:
        return {"problems": _problems(notes)}


def _problems(notes: Notes) -> list[dict[str, str]]:
    found = [f for f in notes.findings if f.severity is Severity.ERROR]
    return [{"code": f.code, "zh": f.text.zh, "en": f.text.en} for f in found]


# --- tables ---------------------------------------------------------------------------------------------


def _from_table(
    dataset: Dataset, ask: Ask, options: ReadOptions, limits: Limits, notes: Notes, work: Path, send: Send
) -> dict[str, Any]:
    with dataset.path.open("rb") as file:
        head = file.read(8)
    decided: dict[str, str] | None = None
    others: list[str] = []
    if head[:2] == b"PK" or head[:4] == b"\xd0\xcf\x11\xe0":
        sheet, others, rows = sheet_of(dataset, ask.sheet, limits, notes)
    else:
        sheet = dataset.name
        rows, decided = _csv(dataset, options, work, notes)
    first: list[tuple[int, list[str]]] = []
    for item in rows:
        first.append(item)
        if len(first) >= HEAD_ROWS:
            break
    at = _header(first)
    if at is None:
        raise notes.refuse(UP02, dataset.name)
    headings = _unique(first[at][1])

    def body() -> Iterator[tuple[int, list[str]]]:
        yield from first[at + 1 :]
        yield from rows

    count = _write(headings, body(), send)
    return {
        "headings": headings, "rows": count, "sheet": sheet, "others": others, "encoding": decided, "crs": None,
        "header_row": first[at][0], "problems": [],
    }  # fmt: skip


def _header(rows: Sequence[tuple[int, list[str]]]) -> int | None:
    """The position of the row of headings: the one with the most that the register knows, else the first that
    fills more than one cell. Titles above the table stand in one cell."""
    scores = [register.known(c for c in cells if c.strip()) for _, cells in rows]
    if scores and max(scores) > 0:
        return scores.index(max(scores))
    return next(
        (i for i, (_, cells) in enumerate(rows) if sum(bool(c.strip()) for c in cells) > 1),
        0 if rows else None,
    )


def _unique(cells: Sequence[str]) -> list[str]:
    """Headings without blanks and repetitions; an empty one gets its column's number."""
    answer: list[str] = []
    taken = {"row", "wkb"}
    for number, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()).strip("\ufeff")[:100] or f"列{number}"
        base, more = name, 2
        while name in taken:
            name, more = f"{base}_{more}", more + 1
        taken.add(name)
        answer.append(name)
    while len(answer) > 1 and answer[-1] == f"列{len(answer)}":
        answer.pop()
    return answer


def _csv(
    dataset: Dataset, options: ReadOptions, work: Path, notes: Notes
) -> tuple[Iterator[tuple[int, list[str]]], dict[str, str]]:
    """Rows of a text table with their line numbers, decoded while they are read."""
    codec, source = _codec(dataset, options, notes)
    csv.field_size_limit(1 << 24)
    text = dataset.path.open(encoding=codec, errors="replace", newline="")
    head = "".join(text.readline() for _ in range(HEAD_ROWS))
    text.seek(0)
    sign = delimiter_of(head.lstrip("\ufeff"))
    reader = csv.reader(_lines(text), delimiter=sign, skipinitialspace=True)

    def rows() -> Iterator[tuple[int, list[str]]]:
        line = 0
        try:
            for cells in reader:
                begun, line = line + 1, reader.line_num
                if begun == 1 and cells:
                    cells[0] = cells[0].lstrip("\ufeff")
                if any(cells):
                    yield begun, cells
        except csv.Error as error:
            raise notes.refuse(UP13, dataset.name, f"CSV {line + 1}: {error}", layer=dataset.name) from None
        finally:
            text.close()

    return rows(), {"name": encoding.shown(codec), "source": source}


def _lines(text: Any) -> Iterator[str]:
    """Lines; those of an old Mac end with a carriage return alone."""
    first = text.readline()
    if "\r" in first.rstrip("\r\n") and "\n" not in first:
        text.seek(0)
        yield from io.StringIO(text.read(), newline=None)
        return
    yield first
    yield from text


def _codec(dataset: Dataset, options: ReadOptions, notes: Notes) -> tuple[str, str]:
    """The Python codec of a text file: its mark, UTF-8 where the whole file is, else what its beginning says."""
    with dataset.path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            return codec, "declared"
    if options.encoding:
        return encoding.decoder_of(options.encoding), "given"
    if _is_utf8(dataset.path):
        return "utf-8", "guessed"
    lines = head.splitlines()[:-1] or [head]
    codec, _ = encoding.decide([encoding.Raw(line) for line in lines], [], None, notes, dataset.name)
    return encoding.decoder_of(codec), "guessed"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(HEAD_BYTES):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


# --- layers ---------------------------------------------------------------------------------------------


def _from_layer(
    path: Path,
    file: str,
    ask: Ask,
    beside: list[str],
    options: ReadOptions,
    limits: Limits,
    work: Path,
    send: Send,
) -> dict[str, Any]:
    """The layer of a GeoPackage, shapefile, GeoJSON or KML with its shapes in degrees of EPSG:4490: the one named,
    else the one with most headings of ours, and of these the one with most rows. beside: tables of the archive."""
    import pyproj

    from geo.crs.plane import transformed
    from geo.reading.read import read

    again = work / "layers"
    again.mkdir()
    reading = read(path, options, limits, ask.district, file=file, work=again)
    errors = [
        f for f in reading.findings if f.severity is Severity.ERROR and f.code[:2] in ("UP", "EN", "CR")
    ]
    layers = [x for x in reading.layers if ask.sheet is None or x.name == ask.sheet]
    if reading.layers and not layers:
        raise NoSuchSheet([*(x.name for x in reading.layers), *beside])
    if errors or not layers:
        return {
            "problems": [
                {"code": f.code, "zh": f.text.zh, "en": f.text.en} for f in errors or reading.findings
            ]
        }
    layer = max(layers, key=lambda x: (register.known(map(str, x.frame.columns)), len(x.frame)))
    shapes = np.asarray(shapely.force_2d(layer.frame.geometry.to_numpy()), dtype=object)
    stored = pyproj.CRS.from_epsg(4490)
    if layer.crs.crs is not None and layer.crs.epsg != 4490:
        shapes = np.asarray(transformed(shapes, layer.crs.crs, stored), dtype=object)
    names = [str(c) for c in layer.frame.columns if c != layer.frame.geometry.name]
    headings = _unique(names)
    columns = [layer.frame[c].tolist() for c in names]
    rows = layer.fids.tolist() if layer.fids is not None else [int(i) + 1 for i in layer.frame.index]
    wkb = shapely.to_wkb(shapes, byte_order=1)

    def body() -> Iterator[tuple[int, list[str]]]:
        for i, number in enumerate(rows):
            yield number, [_plain(column[i]) for column in columns]

    count = _write(headings, body(), send, wkb)
    return {
        "headings": headings, "rows": count, "sheet": layer.name, "header_row": 0, "problems": [],
        "others": [*(x.name for x in reading.layers if x is not layer), *beside],
        "encoding": None if layer.encoding is None else layer.encoding.to_json(), "crs": layer.crs.to_json(),
    }  # fmt: skip


def _plain(value: object) -> str:
    if value is None or value != value:
        return ""
    return cell_text(value)


def _write(headings: list[str], rows: Iterable[tuple[int, list[str]]], send: Send, wkb: Any = None) -> int:
    """Send rows in batches; cells without blanks around them, empty ones as null."""
    fields = [
        pa.field("row", pa.int64()),
        *(pa.field(h, pa.string()) for h in headings),
        pa.field("wkb", pa.binary()),
    ]
    width, sent = len(headings), 0
    with pa.ipc.new_stream(_Sink(send), pa.schema(fields)) as writer:
        numbers: list[int] = []
        cells: list[list[str]] = []

        def flush() -> None:
            nonlocal sent
            shapes = [None] * len(cells) if wkb is None else list(wkb[sent : sent + len(cells)])
            columns = list(zip(*cells, strict=True)) if cells else [()] * width
            arrays = [pa.array(numbers, pa.int64())]
            arrays += [pa.array([_stripped(v) for v in column], pa.string()) for column in columns]
            arrays.append(pa.array(shapes, pa.binary()))
            writer.write_batch(pa.record_batch(arrays, schema=writer_schema))
            sent += len(cells)
            numbers.clear()
            cells.clear()

        writer_schema = pa.schema(fields)
        for number, row in rows:
            if len(row) != width:
                row = [*row[:width], *[""] * (width - len(row))]
            numbers.append(number)
            cells.append(row)
            if len(cells) >= BATCH:
                flush()
        if cells:
            flush()
    return sent


def _stripped(value: str) -> str | None:
    return value.strip(" \t\r\n\u3000") or None


class _Sink(io.RawIOBase):
    """A file that Arrow writes to and that sends what it gets."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        if len(self._waiting) >= 1 << 20:
            self._out()
        return len(data)

    def _out(self) -> None:
        if self._waiting:
            self._send(bytes(self._waiting))
            self._waiting.clear()

    def close(self) -> None:
        if not self.closed:
            self._out()
        super().close()


def as_json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
