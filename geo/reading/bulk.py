"""Bulk: whole layers through pyogrio, as Arrow columns, into a GeoDataFrame with every row of the file.

Geometries are taken as WKB and built here, so that one row that GEOS cannot hold costs that row alone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError

from geo import frames
from geo.reading import encoding
from geo.reading.describe import quiet


@dataclass
class Bulk:
    """One layer as GDAL gives it. attributes: columns in file order, index = record number from 0; geometry:
    (n,) shapely, 3D as in the file, None where the file has none. fids: (n,) GDAL's feature ids. curved, unclosed: positions of rows whose geometry had
    to be replaced: curves by a collection of their points, open rings by closed ones. lost: positions
    of rows whose WKB cannot be read at all. codec: of the texts, UTF-8 as GDAL promises, another where a
    program wrote other bytes, None where no encoding decodes them."""

    attributes: pd.DataFrame
    geometry: NDArray[np.object_]
    fids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    curved: list[int] = field(default_factory=list)
    unclosed: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    codec: str | None = "utf-8"
    kind: str = "Unknown"
    has_m: bool = False


def read(path: Path, layer: str | None, *, encoding: str | None = None) -> Bulk:
    """Read one layer whole. Raises pyogrio's DataSourceError and DataLayerError, pyarrow's ArrowException.

    encoding: for shapefiles only; ISO-8859-1 gives every byte as one character, so that the text is
    decoded once, by us.
    """
    import pyogrio

    with quiet():
        info, table = pyogrio.raw.read_arrow(path, layer=layer, encoding=encoding, return_fids=True)
    column = info["geometry_name"] or "wkb_geometry"
    fid = info.get("fid_column") or table.column_names[0]
    kind = info.get("geometry_type") or "None"
    wkb = np.full(table.num_rows, None, dtype=object)
    names = list(table.column_names)
    if column in names and kind != "None":
        position = len(names) - 1 - names[::-1].index(column)
        wkb = table.column(position).to_numpy(zero_copy_only=False).astype(object)
        table = table.remove_column(position)
    fids = table.column(0).to_numpy() if table.column_names[0] == fid else np.arange(len(wkb))
    table = table.remove_column(0) if table.column_names[0] == fid else table
    table, codec = _decoded(table)
    attributes = _columns(table)
    bulk = Bulk(attributes, np.full(len(wkb), None, dtype=object), fids.astype(np.int64), kind=kind)
    bulk.codec = codec
    bulk.has_m = " M" in kind or " ZM" in kind or kind.endswith("M")
    _build(bulk, wkb)
    return bulk


def _decoded(table: pa.Table) -> tuple[pa.Table, str | None]:
    """The table with all its texts in UTF-8, and the codec that those were in which were not."""
    spoilt: dict[int, list[bytes | None]] = {}
    for number, column in enumerate(table.columns):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            try:
                column.validate(full=True)
            except pa.ArrowInvalid:
                blind = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
                spoilt[number] = column.cast(blind).to_pylist()
    if not spoilt:
        return table, "utf-8"
    wide = [encoding.Raw(v) for values in spoilt.values() for v in values if v is not None and not _utf8(v)]
    codec = encoding.detect(wide)
    decoder = encoding.decoder_of(codec or "latin-1")
    for number, values in spoilt.items():
        texts = [None if v is None else v.decode("utf-8" if _utf8(v) else decoder, "replace") for v in values]
        table = table.set_column(number, table.field(number).name, pa.array(texts, pa.large_string()))
    return table, codec


def _utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _columns(table: pa.Table) -> pd.DataFrame:
    """Arrow columns as pandas ones: numbers as numbers, dates as ISO text, the rest as text; null is None."""
    columns: dict[int, pd.Series[Any]] = {}
    # One index for all: columns that have one each are laid beside one another value by value.
    index = pd.RangeIndex(table.num_rows)
    for number in range(table.num_columns):
        values = table.column(number)
        kind = values.type
        if pa.types.is_date(kind) or pa.types.is_time(kind):
            values = values.cast(pa.string())
        elif pa.types.is_timestamp(kind):
            values = pa.array([None if v is None else v.isoformat() for v in values.to_pylist()], pa.string())
        elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            values = pa.array([None if v is None else v.hex() for v in values.to_pylist()], pa.string())
        elif pa.types.is_nested(kind):
            values = pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.string())
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            columns[number] = pd.Series(values.to_numpy(zero_copy_only=False), index, dtype=object)
        else:
            columns[number] = values.to_pandas(integer_object_nulls=True).set_axis(index)
    frame = pd.DataFrame(columns, index)
    if columns:
        frame.columns = pd.Index(table.column_names, dtype=object)
    return frame


def _build(bulk: Bulk, wkb: NDArray[np.object_]) -> None:
    """WKB to geometries: all at once, and one by one only where that fails."""
    try:
        with np.errstate(invalid="ignore"):
            bulk.geometry = np.asarray(shapely.from_wkb(wkb), dtype=object)
        return
    except (ShapelyError, NotImplementedError, ValueError):
        pass
    for row, raw in enumerate(wkb):
        if raw is None:
            continue
        try:
            with np.errstate(invalid="ignore"):
                bulk.geometry[row] = shapely.from_wkb(raw)
        except NotImplementedError:
            bulk.geometry[row] = _points_of(raw)
            bulk.curved.append(row)
        except (ShapelyError, ValueError) as error:
            closed = (
                _closed(raw) if "closed" in str(error) or "Invalid number of points" in str(error) else None
            )
            if closed is None:
                bulk.lost.append(row)
                continue
            bulk.geometry[row] = closed
            if bool(np.isfinite(shapely.get_coordinates(closed)).all()):
                bulk.unclosed.append(row)


def _closed(raw: bytes) -> Any | None:
    """The geometry with its rings closed; None where even that fails.

    NaN becomes infinite: a ring that begins with it ends nowhere (see geo.reading.rings).
    """
    copy = bytearray(raw)
    try:
        _vertices(copy, 0, mend=True)
        with np.errstate(invalid="ignore"), quiet():
            return shapely.from_wkb(bytes(copy), on_invalid="fix")
    except (ShapelyError, ValueError, struct.error, IndexError):
        return None


def _points_of(raw: bytes) -> Any:
    """A curve as a collection of its control points: GEOS holds no curves, and GE08 refuses collections."""
    return shapely.GeometryCollection([shapely.MultiPoint(_vertices(raw, 0)[0])])


def _vertices(raw: bytes | bytearray, at: int, *, mend: bool = False) -> tuple[NDArray[np.float64], int]:
    """All vertices of a WKB geometry of any type, curves too, and where it ends.

    mend: write infinite for every NaN of x and y, in place; not in points, where it means an empty one.
    """
    order = "<" if raw[at] == 1 else ">"
    code = struct.unpack_from(f"{order}I", raw, at + 1)[0]
    flags, kind = code & 0xE0000000, code & 0x0FFFFFFF
    at += 5 + (4 if flags & 0x20000000 else 0)
    width = (
        2
        + (kind // 1000 in (1, 3))
        + (kind // 1000 in (2, 3))
        + bool(flags & 0x80000000)
        + bool(flags & 0x40000000)
    )
    base = kind % 1000
    if base == 1:
        return np.frombuffer(raw, f"{order}f8", width, at).reshape(1, width)[:, :2].astype(
            float
        ), at + 8 * width
    count = struct.unpack_from(f"{order}I", raw, at)[0]
    at += 4
    if base in (2, 8, 13):
        flat = np.frombuffer(raw, f"{order}f8", count * width, at)
        return _plane(flat, width, mend), at + 8 * count * width
    blocks = [np.zeros((0, 2))]
    for _ in range(count):
        if base in (3, 17):
            points = struct.unpack_from(f"{order}I", raw, at)[0]
            flat = np.frombuffer(raw, f"{order}f8", points * width, at + 4)
            block, at = _plane(flat, width, mend), at + 4 + 8 * points * width
        else:
            block, at = _vertices(raw, at, mend=mend)
        blocks.append(block)
    return np.concatenate(blocks), at


def _plane(flat: NDArray[np.float64], width: int, mend: bool) -> NDArray[np.float64]:
    """x and y of coordinates in a row; (n, 2)."""
    pairs = flat.reshape(-1, width)[:, :2]
    if mend:
        pairs[np.isnan(pairs)] = np.inf
    return pairs.astype(float)


def to_frame(bulk: Bulk) -> geopandas.GeoDataFrame:
    """The layer as a GeoDataFrame: attributes, then `geometry` in 2D."""
    flat = np.asarray(shapely.force_2d(bulk.geometry), dtype=object)
    # Columns may repeat in odd files; names were made unique before.
    return frames.frame(bulk.attributes, flat)


def heights(geometry: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """Height (高程) by row: of the point, or of the first vertex of a line or polygon; NaN where none.

    None where no row has any.
    """
    if not bool(shapely.has_z(geometry).any()):
        return None
    coordinates, index = shapely.get_coordinates(geometry, include_z=True, return_index=True)
    answer = np.full(len(geometry), np.nan)
    rows, first = np.unique(index, return_index=True)
    answer[rows] = coordinates[first, 2]
    return answer if bool(np.isfinite(answer).any()) else None
