"""Delivery (成果包): a surveying firm's zip of shapefiles, byte by byte, so that the tutorial is the same on
every machine and can hold the very defects that no well-behaved writer makes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

POINT, LINE, POLYGON, POINT_Z = 1, 3, 5, 11
#: M "no data" (any value below -1e38).
NO_MEASURE = -1e39
#: Language byte of a dbf in GBK, as ArcGIS on a Chinese Windows writes it.
LDID_GBK = 0x4D
#: One date for every file, so that the same content gives the same bytes.
STAMP = (2024, 11, 20, 9, 30, 0)

Parts = Sequence[NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Field:
    """A dbf column: name (ten bytes at most in the file's encoding), type C, N or D, size, decimals."""

    name: str
    kind: str = "C"
    size: int = 40
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One shapefile layer before it is written.

    shapes: for each record its parts, each (n, 2) or (n, 3), or None for a null shape. rows: values by
    column. deleted: rows flagged deleted in the dbf.
    """

    stem: str
    kind: int
    shapes: Sequence[Parts | None]
    fields: Sequence[Field]
    rows: Sequence[Sequence[object]]
    deleted: frozenset[int] = frozenset()


def parts_of(geometry: shapely.Geometry | None) -> Parts | None:
    """A geometry as shapefile parts: outer rings clockwise, holes the other way."""
    if geometry is None:
        return None
    found: list[NDArray[np.float64]] = []
    for piece in shapely.get_parts(geometry):
        if piece.geom_type == "Polygon":
            turned = shapely.orient_polygons(piece, exterior_cw=True)
            found.append(shapely.get_coordinates(turned.exterior))
            found.extend(shapely.get_coordinates(hole) for hole in turned.interiors)
        else:
            found.append(shapely.get_coordinates(piece, include_z=bool(shapely.has_z(piece))))
    return found


def files(table: Table, *, encoding: str = "gbk", language: int = LDID_GBK, epsg: int | None = 4524,
          cpg: str | None = "GBK") -> dict[str, bytes]:  # fmt: skip
    """The layer's files by name: .shp .shx .dbf, .prj where `epsg` is given, .cpg where `cpg` is."""
    shp, shx = shapes(table.kind, table.shapes)
    answer = {
        f"{table.stem}.shp": shp,
        f"{table.stem}.shx": shx,
        f"{table.stem}.dbf": dbf(table, encoding, language),
    }
    if epsg is not None:
        answer[f"{table.stem}.prj"] = projection(epsg)
    if cpg is not None:
        answer[f"{table.stem}.cpg"] = cpg.encode("ascii")
    return answer


def projection(epsg: int) -> bytes:
    """The reference system as ESRI writes it into a .prj."""
    return pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI").encode("ascii")


def shapes(kind: int, records: Sequence[Parts | None]) -> tuple[bytes, bytes]:
    """.shp and .shx."""
    bodies = [_record(kind, parts) for parts in records]
    offset, index, content = 50, [], []
    for number, body in enumerate(bodies, 1):
        words = len(body) // 2
        index.append(struct.pack(">2i", offset, words))
        content.append(struct.pack(">2i", number, words) + body)
        offset += words + 4
    box, heights = _extent(records)
    return (
        _header(kind, offset, box, heights) + b"".join(content),
        _header(kind, 50 + 4 * len(bodies), box, heights) + b"".join(index),
    )


def _extent(records: Sequence[Parts | None]) -> tuple[list[float], list[float]]:
    points = [p for parts in records if parts is not None for p in parts if len(p)]
    if not points:
        return [0.0] * 4, [0.0] * 2
    flat = np.vstack([p[:, :2] for p in points])
    flat = flat[np.isfinite(flat).all(axis=1)]
    z = [p[:, 2] for p in points if p.shape[1] > 2]
    heights = np.concatenate(z) if z else np.zeros(1)
    return [*flat.min(axis=0), *flat.max(axis=0)], [float(heights.min()), float(heights.max())]


def _header(kind: int, words: int, box: Sequence[float], heights: Sequence[float]) -> bytes:
    return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words) + struct.pack(
        "<2i8d", 1000, kind, *box, *heights, 0.0, 0.0
    )


def _record(kind: int, parts: Parts | None) -> bytes:
    if parts is None:
        return struct.pack("<i", 0)
    if kind == POINT:
        return struct.pack("<i2d", kind, *parts[0][0, :2])
    if kind == POINT_Z:
        x, y, z = parts[0][0]
        return struct.pack("<i4d", kind, x, y, z, NO_MEASURE)
    box, _ = _extent([parts])
    starts = np.concatenate(([0], np.cumsum([len(p) for p in parts])[:-1])).astype("<i4")
    points = np.vstack([p[:, :2] for p in parts]).astype("<f8")
    head = struct.pack("<i4d2i", kind, *box, len(parts), len(points))
    return head + starts.tobytes() + points.tobytes()


def dbf(table: Table, encoding: str, language: int) -> bytes:
    """.dbf of the table; a name or value too long for its column raises ValueError."""
    size = 1 + sum(f.size for f in table.fields)
    head = struct.pack(
        "<4BIHH17sB2s", 3, STAMP[0] - 1900, STAMP[1], STAMP[2], len(table.rows),
        32 * len(table.fields) + 33, size, b"", language, b"",
    )  # fmt: skip
    columns = []
    for field in table.fields:
        name = field.name.encode(encoding)
        if len(name) > 10:
            raise ValueError(f"{field.name} takes more than ten bytes")
        columns.append(struct.pack("<11sc4xBB14x", name, field.kind.encode(), field.size, field.decimals))
    lines = []
    for number, row in enumerate(table.rows):
        flag = b"*" if number in table.deleted else b" "
        cells = (_cell(f, v, encoding) for f, v in zip(table.fields, row, strict=True))
        lines.append(flag + b"".join(cells))
    return head + b"".join(columns) + b"\r" + b"".join(lines) + b"\x1a"


def _cell(field: Field, value: object, encoding: str) -> bytes:
    if value is None:
        return b" " * field.size
    if field.kind == "N":
        assert isinstance(value, int | float)
        text = f"{value:.{field.decimals}f}".rjust(field.size).encode("ascii")
    elif field.kind == "D":
        assert isinstance(value, date)
        text = value.strftime("%Y%m%d").encode("ascii")
    else:
        raw = value if isinstance(value, bytes) else str(value).encode(encoding)
        text = raw.ljust(field.size)
    if len(text) > field.size:
        raise ValueError(f"{value} does not fit {field.name}")
    return text


def archive(members: Iterable[tuple[str, bytes]], *, utf8: bool = True) -> bytes:
    """A zip of (name, content), in the order given, always the same bytes.

    utf8: whether names carry the UTF-8 flag; without it they are GBK, as older packers write them.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            entry = zipfile.ZipInfo(name, STAMP) if utf8 else _GbkEntry(name, STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            packed.writestr(entry, content)
    return buffer.getvalue()


class _GbkEntry(zipfile.ZipInfo):
    """An entry whose name is written in GBK without the UTF-8 flag."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800
