"""Boundary files made from bytes, right and broken: what no library would write."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def gauss(name: str, meridian: float, east: float, geographic: str = CGCS2000) -> str:
    """A Gauss-Krüger .prj as Esri writes it: names, no authority."""
    return (
        f'PROJCS["{name}",{geographic},PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{east}],'
        f'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],'
        'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


CM108 = gauss("CGCS2000_3_Degree_GK_CM_108E", 108.0, 500000.0)
ZONE36 = gauss("CGCS2000_3_Degree_GK_Zone_36", 108.0, 36500000.0)
CM105 = gauss("CGCS2000_3_Degree_GK_CM_105E", 105.0, 500000.0)

#: A square of 100 m in the district, in EPSG:4545, clockwise as shapefiles want it.
SQUARE = [(370000.125, 3300000.125), (370000.125, 3300100.25), (370100.375, 3300100.25), (370100.375, 3300000.125), (370000.125, 3300000.125)]  # fmt: skip


def square(x: float = 370000.125, y: float = 3300000.125, size: float = 100.25) -> list[tuple[float, float]]:
    return [(x, y), (x, y + size), (x + size, y + size), (x + size, y), (x, y)]


def poly(*parts: Sequence[tuple[float, float]], kind: int = 5, offsets: Sequence[int] | None = None) -> bytes:
    """The content of a polygon or polyline record."""
    points = [p for part in parts for p in part]
    at, starts = 0, []
    for part in parts:
        starts.append(at)
        at += len(part)
    starts = list(offsets) if offsets is not None else starts
    xs, ys = [p[0] for p in points] or [0.0], [p[1] for p in points] or [0.0]
    box = struct.pack("<4d", min(xs), min(ys), max(xs), max(ys))
    return (
        struct.pack("<i", kind) + box + struct.pack("<ii", len(parts), len(points))
        + struct.pack(f"<{len(starts)}i", *starts) + b"".join(struct.pack("<dd", *p) for p in points)
    )  # fmt: skip


def line(*parts: Sequence[tuple[float, float]]) -> bytes:
    return poly(*parts, kind=3)


def point(x: float, y: float) -> bytes:
    return struct.pack("<idd", 1, x, y)


NULL = struct.pack("<i", 0)


def shp(kind: int, records: Sequence[bytes]) -> tuple[bytes, bytes]:
    """.shp and .shx."""
    body, index, at = b"", b"", 50
    for number, content in enumerate(records):
        body += struct.pack(">ii", number + 1, len(content) // 2) + content
        index += struct.pack(">ii", at, len(content) // 2)
        at += 4 + len(content) // 2

    def head(size: int) -> bytes:
        return (
            struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + size) // 2)
            + struct.pack("<ii", 1000, kind) + struct.pack("<8d", 0, 0, 1, 1, 0, 0, 0, 0)
        )  # fmt: skip

    return head(len(body)) + body, head(len(index)) + index


def dbf(
    fields: Sequence[tuple[bytes, str, int]], rows: Sequence[Sequence[bytes]], *, ldid: int = 0,
    deleted: Sequence[int] = (),
) -> bytes:  # fmt: skip
    """A .dbf of byte values: names and texts in any encoding, or none."""
    width = 1 + sum(size for _, _, size in fields)
    head = struct.pack("<BBBBIHH", 3, 124, 1, 1, len(rows), 33 + 32 * len(fields), width)
    head += bytes(17) + bytes([ldid]) + bytes(2)
    for name, kind, size in fields:
        head += name[:10].ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([size, 0]) + bytes(14)
    body = b""
    for number, row in enumerate(rows):
        body += b"*" if number in deleted else b" "
        for (_, kind, size), value in zip(fields, row, strict=True):
            body += value.rjust(size)[:size] if kind in "NF" else value.ljust(size)[:size]
    return head + b"\r" + body + b"\x1a"


def shapefile(
    kind: int = 5,
    records: Sequence[bytes] | None = None,
    *,
    names: Sequence[str] = ("名称",),
    values: Sequence[Sequence[str]] | None = None,
    codec: str = "gbk",
    cpg: bytes | None = None,
    ldid: int = 0,
    prj: str | bytes | None = CM108,
    deleted: Sequence[int] = (),
) -> dict[str, bytes]:
    """A whole set by extension; every value a text of 20 bytes."""
    records = [poly(SQUARE)] if records is None else records
    values = [["兴隆镇"] * len(names)] * len(records) if values is None else values
    main, index = shp(kind, records)
    fields = [(name.encode(codec), "C", 20) for name in names]
    rows = [[v.encode(codec) for v in row] for row in values]
    answer = {"shp": main, "shx": index, "dbf": dbf(fields, rows, ldid=ldid, deleted=deleted)}
    if prj is not None:
        answer["prj"] = prj if isinstance(prj, bytes) else prj.encode()
    if cpg is not None:
        answer["cpg"] = cpg
    return answer


def zipped(entries: dict[str, bytes], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def named(parts: dict[str, bytes], stem: str = "面") -> dict[str, bytes]:
    return {f"{stem}.{extension}": data for extension, data in parts.items()}


def raw_zip(entries: Sequence[tuple[bytes, bytes]], *, flags: int = 0, mode: int = 0) -> bytes:
    """A stored archive whose entry names are bytes as given, without the UTF-8 flag."""
    import zlib

    body, directory = b"", b""
    for name, data in entries:
        fixed = struct.pack(
            "<HHHHHIIIHH", 20, flags, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", (3 << 8) | 20) + fixed
        directory += struct.pack("<HHHII", 0, 0, 0, mode << 16, len(body)) + name
        body += b"PK\x03\x04" + fixed + name + data
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def put(folder: Path, name: str, data: bytes | str | dict[str, Any]) -> Path:
    """A file in a folder."""
    import json

    path = folder / name
    if isinstance(data, dict):
        data = json.dumps(data, ensure_ascii=False)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def geojson(
    *geometries: dict[str, Any] | None, crs: str | None = "urn:ogc:def:crs:EPSG::4490", **more: Any
) -> dict[str, Any]:
    features = [{"type": "Feature", "properties": {"名称": "甲镇"}, "geometry": g} for g in geometries]
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features, **more}
    if crs is not None:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    return content


RING = [[106.6, 29.8], [106.61, 29.8], [106.61, 29.81], [106.6, 29.81], [106.6, 29.8]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}
