"""dBase table (.dbf): header, field names and raw text, for what GDAL decodes or leaves out unasked."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DbfField:
    """One field: name as bytes, type letter, place and width in the record."""

    name: bytes
    type: str
    offset: int
    width: int


@dataclass
class Dbf:
    """The header and rows of a .dbf. rows: physical records, (n, record length) bytes, deleted ones too.

    stated: records by the header. language: the language driver byte (LDID). broken, odd: as in Shapes.
    """

    stated: int = 0
    language: int = 0
    fields: list[DbfField] = field(default_factory=list)
    rows: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    broken: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    @property
    def deleted(self) -> tuple[int, ...]:
        """Rows flagged deleted (first byte `*`)."""
        if not self.rows.size:
            return ()
        return tuple(np.flatnonzero(self.rows[:, 0] == 0x2A).tolist())

    def column(self, item: DbfField) -> NDArray[np.bytes_]:
        """The raw values of one field, trailing NULs cut."""
        part = np.ascontiguousarray(self.rows[:, item.offset : item.offset + item.width])
        return part.view(f"S{item.width}").ravel()

    def texts(self) -> list[tuple[bytes, bool]]:
        """All distinct values of the text fields, stripped, each with whether it fills its field.

        Deleted rows too: their bytes are of the same encoding.
        """
        found: dict[bytes, bool] = {}
        for item in self.fields:
            if item.type == "C" and item.width and len(self.rows):
                for value in np.unique(self.column(item)).tolist():
                    bare = value.strip(b" \x00")
                    if bare:
                        found[bare] = found.get(bare, False) or len(value.rstrip(b" ")) >= item.width
        return list(found.items())


def read_dbf(path: Path) -> Dbf:
    """Read a .dbf as far as it goes. Raises nothing."""
    data = path.read_bytes()
    dbf = Dbf()
    if len(data) < 32:
        dbf.broken.append(f".dbf {len(data)} 字节，短于文件头 (bytes; shorter than a header)")
        return dbf
    dbf.stated, head, width = struct.unpack_from("<IHH", data, 4)
    dbf.language = data[29]
    if data[0] & 0x07 not in (2, 3, 4, 5) and data[0] not in (0x30, 0x31, 0x32, 0x43, 0x63, 0xF5, 0x8B, 0xCB):
        dbf.broken.append(f".dbf 版本字节 0x{data[0]:02X} 未知 (unknown version)")
        return dbf
    if head < 33 or width < 1 or head > len(data):
        dbf.broken.append(".dbf 文件头被截断 (header cut off)")
        return dbf
    offset = 1
    at = 32
    while at + 32 <= head and data[at] != 0x0D:
        name = data[at : at + 11].split(b"\x00")[0].rstrip(b" ")
        size = data[at + 16]
        kind = chr(data[at + 11])
        if kind in "CV" and data[at + 17] and size + 256 * data[at + 17] <= width:
            size += 256 * data[at + 17]  # long text fields keep the upper byte where others keep decimals
        dbf.fields.append(DbfField(name, kind, offset, size))
        offset += size
        at += 32
    if offset > width:
        dbf.broken.append(".dbf 字段宽度之和大于记录长度 (fields are wider than the record)")
        return dbf
    there = (len(data) - head) // width
    if there < dbf.stated:
        dbf.broken.append(f".dbf 只有 {there}/{dbf.stated} 条记录，被截断 (rows cut off)")
    rest = len(data) - head - dbf.stated * width
    if rest > 1 and not (rest <= 2 and data[-1] in (0x1A, 0)):
        dbf.odd.append(f".dbf +{rest}")
    n = min(there, dbf.stated)
    dbf.rows = np.frombuffer(data, np.uint8, n * width, head).reshape(n, width)
    return dbf


def rename_fields(path: Path, count: int) -> None:
    """Give the fields of a *copy* the names F0, F1 …: GDAL then neither decodes nor changes any name."""
    with path.open("r+b") as file:
        for number in range(count):
            file.seek(32 + 32 * number)
            file.write(f"F{number}".encode().ljust(11, b"\x00"))
