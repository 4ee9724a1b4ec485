"""Bulk loading (批量入库): whole layers, and columns of our own making, into a table by binary COPY.

The file is read in Arrow batches by one thread while the batch before is encoded and sent, so that memory
is that of a few batches, however large the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from geo.problems import BadInput
from geo.store.copy_rows import HEADER, TRAILER, column, geometry_column, rows_of
from geo.text import Text

#: Rows of a batch: some megabytes of polygons, so that a few in flight stay far below the memory goal.
BATCH = 8192
#: Batches read ahead while the one before is encoded and sent.
AHEAD = 2


class NotOneKind(BadInput):
    """A layer whose geometries do not fit the column."""

    code = "geometry-kind"
    title = Text(
        "图层 {layer} 的几何类型不符，应为 {wanted}",
        "The geometries of layer {layer} are not of the kind that the table takes: {wanted}",
    )


class WrongSystem(BadInput):
    """A layer in another reference system than the table."""

    code = "wrong-system"
    title = Text(
        "图层 {layer} 的坐标系是 {given}，入库须为 EPSG:{wanted}；请先转换",
        "Layer {layer} is in {given}; the table takes EPSG:{wanted}. Transform it first",
    )


class InvalidGeometry(BadInput):
    """Rows whose geometry is invalid."""

    code = "invalid-geometry"
    title = Text(
        "{count} 个图斑几何无效，未入库；第一处：{reason}",
        "{count} geometries are invalid and nothing was stored; the first: {reason}",
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load brought in."""

    rows: int
    columns: tuple[str, ...]


def copy_rows(
    connection: psycopg.Connection[Any],
    table: sql.Composable,
    names: Sequence[str],
    chunks: Iterator[memoryview],
    *,
    freeze: bool = False,
) -> None:
    """Send encoded rows. The connection's transaction goes on."""
    statement = sql.SQL("copy {} ({}) from stdin with (format binary{})").format(
        table, sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", freeze true" if freeze else "")
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for chunk in chunks:
            if len(chunk):
                copy.write(chunk)
        copy.write(TRAILER)


def load(
    connection: psycopg.Connection[Any],
    path: Path | str,
    layer: str | None,
    table: str,
    *,
    srid: int = 4490,
    kind: str = "MultiPolygon",
    geometry: str = "geometry",
    fields: Mapping[str, str] | None = None,
    encoding: str | None = None,
    check: bool = True,
) -> Loaded:
    """Load a layer of any vector file into a new table: typed, valid, indexed, analysed.

    table: name, optionally schema-qualified; must not exist yet. kind: PostGIS type of the geometry column;
    single parts are promoted where it is a multi type. fields: file's field -> column; all, lower-cased,
    where None. check: refuse the whole layer where a geometry is invalid. All in the connection's
    transaction, which the caller commits. Raises WrongSystem, NotOneKind, InvalidGeometry.
    """
    from pyogrio.raw import open_arrow

    name = sql.Identifier(*table.split("."))
    with open_arrow(path, layer=layer, batch_size=BATCH, encoding=encoding, use_pyarrow=False) as (
        meta,
        stream,
    ):
        shown = layer or Path(path).stem
        require_system(meta["crs"], srid, shown)
        reader = pa.RecordBatchReader.from_stream(stream)
        shape = meta["geometry_name"] or "wkb_geometry"
        wanted = dict(fields) if fields is not None else {f: f.lower() for f in meta["fields"]}
        # The table's types follow the first batch: Arrow says them for all.
        schema = reader.schema
        types = [column(pa.array([], schema.field(f).type))[0] for f in wanted]
        create_table(connection, name, list(wanted.values()), types, geometry, kind, srid)
        multi = kind.lower().startswith("multi")
        counted = [0]

        def encoded(batch: pa.RecordBatch) -> memoryview:
            counted[0] += batch.num_rows
            columns = [column(batch.column(f))[1] for f in wanted]
            columns.append(geometry_column(batch.column(shape), multi=multi))
            return rows_of(columns, batch.num_rows)

        try:
            copy_rows(connection, name, [*wanted.values(), geometry], ahead(reader, encoded), freeze=True)
        except psycopg.errors.InvalidParameterValue as error:
            raise NotOneKind(layer=shown, wanted=kind) from error
    if check:
        require_valid(connection, name, geometry)
    finish(connection, name, table, geometry)
    return Loaded(counted[0], (*wanted.values(), geometry))


def ahead(
    reader: pa.RecordBatchReader, encoded: Callable[[pa.RecordBatch], memoryview]
) -> Iterator[memoryview]:
    """Encoded batches; the file is read in a thread of its own while the rows before are on their way."""
    queue: Queue[pa.RecordBatch | BaseException | None] = Queue(AHEAD)
    stopped = Event()

    def read() -> None:
        try:
            for batch in reader:
                queue.put(batch)
                if stopped.is_set():
                    return
            queue.put(None)
        except BaseException as error:
            queue.put(error)

    thread = Thread(target=read, name="reading ahead", daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield encoded(item)
    finally:
        stopped.set()
        while thread.is_alive():
            # Make room for the batch that the thread may be holding, so that it sees the end.
            if not queue.empty():
                queue.get_nowait()
            thread.join(0.01)


def create_table(
    connection: psycopg.Connection[Any],
    name: sql.Composable,
    names: Sequence[str],
    types: Sequence[str],
    geometry: str,
    kind: str,
    srid: int,
) -> None:
    """The empty table with its typed geometry column, made here so that COPY may freeze its rows."""
    columns: list[sql.Composable] = (
        [sql.SQL("id bigint generated always as identity primary key")] if "id" not in names else []
    )
    columns += [
        sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in zip(names, types, strict=True)
    ]
    columns.append(
        sql.SQL("{} geometry({}, {})").format(
            sql.Identifier(geometry),
            sql.SQL(kind),
            sql.Literal(srid),
        )
    )
    connection.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(columns)))


def require_system(crs: str | None, srid: int, layer: str) -> None:
    """Refuse a layer that is not in the table's system: a boundary is never transformed in passing."""
    import pyproj

    if crs is None or not pyproj.CRS.from_user_input(crs).equals(
        pyproj.CRS.from_epsg(srid), ignore_axis_order=True
    ):
        raise WrongSystem(layer=layer, given=crs or "未知 unknown", wanted=srid)


def require_valid(connection: psycopg.Connection[Any], name: sql.Composable, geometry: str) -> None:
    """Refuse rows with an invalid geometry."""
    column_ = sql.Identifier(geometry)
    found = connection.execute(
        sql.SQL("select count(*), min(st_isvalidreason({g})) from {t} where not st_isvalid({g})").format(
            g=column_, t=name
        )
    ).fetchone()
    if found and found[0]:
        raise InvalidGeometry(count=found[0], reason=found[1])


def finish(connection: psycopg.Connection[Any], name: sql.Composable, table: str, geometry: str) -> None:
    """Index and statistics."""
    index = sql.Identifier(f"{table.rsplit('.', 1)[-1]}_{geometry}_gist")
    connection.execute(
        sql.SQL("create index {} on {} using gist ({})").format(index, name, sql.Identifier(geometry))
    )
    connection.execute(sql.SQL("analyze {}").format(name))
