"""COPY rows (入库编码): Arrow columns as the rows of PostgreSQL's binary COPY.

Every field is a binary Arrow array with its length in front, and one element-wise join of all of them is
the stream, so that no Python runs per row. Geometry goes in as it was read: single parts are promoted by
nine bytes put in front, the system follows from the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

#: PostgreSQL counts days and microseconds from 2000-01-01.
DAYS = 10_957
MICROSECONDS = 946_684_800_000_000

#: WKB types of single parts; the multi type is three more.
SINGLE = (1, 2, 3)


def lengths(sizes: NDArray[np.int64], null: NDArray[np.bool_] | None) -> pa.Array:
    """Four-byte lengths, -1 where null, as a binary array."""
    values = sizes.astype(">i4")
    if null is not None:
        values = np.where(null, np.int32(-1), values).astype(">i4")
    return fixed(values.view(np.uint8).reshape(-1, 4))


def fixed(matrix: NDArray[np.uint8]) -> pa.Array:
    """The rows of a byte matrix as a large binary array, without a copy of the bytes."""
    rows, width = matrix.shape
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    return pa.Array.from_buffers(
        pa.large_binary(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix))]
    )


def binary_of(array: pa.Array) -> pa.Array:
    """A string or binary array as large binary, empty where null."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not pa.types.is_large_binary(array.type):
        array = array.cast(pa.large_binary())
    return array.fill_null(b"") if array.null_count else array


def nulls(array: pa.Array) -> NDArray[np.bool_] | None:
    """Where an array is null; None where it nowhere is."""
    if not array.null_count:
        return None
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False), dtype=bool)


def sizes_of(array: pa.Array) -> NDArray[np.int64]:
    """Bytes of every value of a binary array."""
    return np.asarray(pc.binary_length(array).to_numpy(zero_copy_only=False), dtype=np.int64)


def numbers(values: NDArray[Any], null: NDArray[np.bool_] | None, kind: str) -> list[pa.Array]:
    """A fixed-width column; kind: the big-endian numpy type that PostgreSQL expects, such as `>i4`."""
    rows = len(values)
    width = np.dtype(kind).itemsize
    matrix = np.empty((rows, 4 + width), dtype=np.uint8)
    matrix[:, :4] = np.array([width], dtype=">i4").view(np.uint8)
    matrix[:, 4:] = values.astype(kind).view(np.uint8).reshape(rows, width)
    if null is None or not null.any():
        return [fixed(matrix)]
    matrix[null, :4] = 0xFF
    return [ragged(matrix, np.where(null, 4, 4 + width))]


def text_column(array: pa.Array, prefix: bytes = b"") -> list[pa.Array]:
    """A text, bytea or (prefix: version byte 1) jsonb column."""
    null = nulls(array)
    values = binary_of(array)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        values = without_nul(values)
    parts = [lengths(sizes_of(values) + len(prefix), null)]
    if prefix:
        first = pa.scalar(prefix, pa.large_binary())
        parts.append(pa.repeat(first, len(array)) if null is None else pc.if_else(pa.array(null), b"", first))
    return [*parts, values]


def without_nul(values: pa.Array) -> pa.Array:
    """Text without U+0000, which PostgreSQL's text cannot hold."""
    data = values.buffers()[2]
    if data is None or not len(values) or not (np.frombuffer(data, dtype=np.uint8) == 0).any():
        return values
    return pc.replace_substring(values.cast(pa.large_string()), "\0", "").cast(pa.large_binary())


def column(array: pa.Array) -> tuple[str, list[pa.Array]]:
    """The PostgreSQL type of an Arrow array and its encoding.

    Integers, floats, booleans, dates, timestamps, text and bytes; everything else as its text.
    """
    kind = array.type
    null = nulls(array)

    def plain(to: pa.DataType | None = None, fill: Any = 0) -> NDArray[Any]:
        filled = array if null is None else array.fill_null(fill)
        return np.asarray((filled if to is None else filled.cast(to)).to_numpy(zero_copy_only=False))

    if pa.types.is_boolean(kind):
        return "boolean", numbers(plain(fill=False).astype(np.uint8), null, ">u1")
    if pa.types.is_int8(kind) or pa.types.is_int16(kind) or pa.types.is_uint8(kind):
        return "smallint", numbers(plain(), null, ">i2")
    if pa.types.is_int32(kind) or pa.types.is_uint16(kind):
        return "integer", numbers(plain(), null, ">i4")
    if pa.types.is_int64(kind) or pa.types.is_uint32(kind):
        return "bigint", numbers(plain(), null, ">i8")
    if pa.types.is_float32(kind):
        return "real", numbers(plain(), null, ">f4")
    if pa.types.is_float64(kind):
        return "double precision", numbers(plain(), null, ">f8")
    if pa.types.is_date32(kind):
        days = np.asarray(array.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False))
        return "date", numbers(days - DAYS, null, ">i4")
    if pa.types.is_timestamp(kind):
        ticks = array.cast(pa.timestamp("us", kind.tz)).cast(pa.int64()).fill_null(0)
        name = "timestamptz" if kind.tz else "timestamp"
        return name, numbers(np.asarray(ticks.to_numpy(zero_copy_only=False)) - MICROSECONDS, null, ">i8")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text", text_column(array)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "bytea", text_column(array)
    if pa.types.is_dictionary(kind):
        return column(array.dictionary_decode())
    return "text", text_column(array.cast(pa.string()))


def geometry_column(wkb: pa.Array, *, multi: bool = False) -> list[pa.Array]:
    """A geometry column from little-endian WKB, single parts promoted where `multi`.

    The system is left to the column: PostGIS gives a geometry without one that of the column's type, and
    refuses one of another kind.
    """
    null = nulls(wkb)
    values = binary_of(wkb)
    if not multi:
        return [lengths(sizes_of(values), null), values]
    kinds = wkb_types(values)
    single = np.isin(kinds % 1000, SINGLE)
    # 01 <multi type> <1 part>, then the part as it is.
    prefix = np.zeros((len(values), 9), dtype=np.uint8)
    prefix[:, 0] = 1
    prefix[:, 1:5] = (kinds + 3).astype("<u4").view(np.uint8).reshape(-1, 4)
    prefix[:, 5] = 1
    front = fixed(prefix) if single.all() else ragged(prefix, np.where(single, 9, 0))
    return [lengths(sizes_of(values) + 9 * single, null), front, values]


def wkb_types(values: pa.Array) -> NDArray[np.int64]:
    """Type numbers of non-null large binary WKB (plus 1000, 2000, 3000 for Z, M, ZM); 0 where empty.

    Raises ValueError for big-endian WKB.
    """
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int64)[values.offset :][: len(values) + 1]
    kinds = np.zeros(len(values), dtype=np.int64)
    some = offsets[1:] > offsets[:-1]
    if some.any():
        data = np.frombuffer(values.buffers()[2], dtype=np.uint8)
        heads = data[offsets[:-1][some][:, None] + np.arange(5)]
        if (heads[:, 0] != 1).any():
            raise ValueError("WKB must be little-endian")
        kinds[some] = heads[:, 1:].copy().view("<u4").reshape(-1)
    return kinds


def ragged(matrix: NDArray[np.uint8], sizes: NDArray[np.int64]) -> pa.Array:
    """The first `sizes[i]` bytes of every row i of a byte matrix, as a large binary array."""
    keep = np.arange(matrix.shape[1])[None, :] < sizes[:, None]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(matrix[keep])]
    return pa.Array.from_buffers(pa.large_binary(), len(matrix), buffers)


def constant(value: bytes, rows: int) -> list[pa.Array]:
    """A column of one value for all rows: its binary form."""
    head = len(value).to_bytes(4, "big") + value
    return [pa.repeat(pa.scalar(head, pa.large_binary()), rows)]


def rows_of(columns: Sequence[list[pa.Array]], rows: int) -> memoryview:
    """The COPY rows of encoded columns."""
    if not rows:
        return memoryview(b"")
    count = pa.repeat(pa.scalar(len(columns).to_bytes(2, "big"), pa.large_binary()), rows)
    parts = [count, *(part for column_ in columns for part in column_)]
    joined = pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.large_binary()))
    start, end = (joined.buffers()[1][: 8 * (rows + 1)].to_pybytes()[i : i + 8 or None] for i in (0, -8))
    return memoryview(joined.buffers()[2])[int.from_bytes(start, "little") : int.from_bytes(end, "little")]
