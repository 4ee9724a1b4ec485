"""入库: rows encoded from columns are what the database reads, and whole layers come in typed and valid."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import psycopg
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from geo.store import copy_rows as rows
from geo.store import copying, engine


@pytest.fixture
def connection(database_url: str) -> Any:
    with psycopg.connect(engine.libpq(engine.with_driver(database_url))) as made:
        yield made
        made.rollback()


def through(connection: psycopg.Connection, array: pa.Array) -> list[Any]:
    """A column sent by COPY and read back."""
    kind, parts = rows.column(array)
    connection.execute("drop table if exists t")
    connection.execute(sql.SQL("create temporary table t (n serial, v {})").format(sql.SQL(kind)))
    copying.copy_rows(connection, sql.Identifier("t"), ["v"], iter([rows.rows_of([parts], len(array))]))
    return [v for (v,) in connection.execute("select v from t order by n")]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.int16(), [1, None, -(2**15), 2**15 - 1]),
        (pa.int32(), [0, None, -(2**31), 2**31 - 1]),
        (pa.int64(), [0, None, -(2**63), 2**63 - 1]),
        (pa.float64(), [0.1, None, -1e300, 5e-324]),
        (pa.float32(), [0.5, None, -2.0]),
        (pa.bool_(), [True, False, None]),
        (pa.string(), ["界线", "", None, "a\n\t\\N"]),
        (pa.large_string(), ["界线", "", None]),
        (pa.binary(), [b"\0\1", b"", None]),
        (pa.date32(), [date(2024, 12, 31), date(1970, 1, 1), date(1899, 1, 1), None]),
        (pa.timestamp("ms", "UTC"), [datetime(2024, 12, 31, 1, 2, 3, 4000, UTC), None]),
        (pa.timestamp("us"), [datetime(1960, 1, 1, 23, 59, 59, 999999), None]),
        (pa.dictionary(pa.int32(), pa.string()), ["甲", None, "乙", "甲"]),
    ],
)
def test_every_type_comes_back(connection: psycopg.Connection, kind: pa.DataType, values: list) -> None:
    array = pa.array(values, kind)
    assert through(connection, array) == values
    # A slice does not start at its buffer's beginning.
    assert through(connection, array.slice(1)) == values[1:]
    without = [v for v in values if v is not None]
    assert through(connection, pa.array(without, kind)) == without
    assert through(connection, pa.array([None, None], kind)) == [None, None]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"])))))
def test_any_text_comes_back_without_nul(connection: psycopg.Connection, values: list[str | None]) -> None:
    assert through(connection, pa.array(values, pa.string())) == [
        None if v is None else v.replace("\0", "") for v in values
    ]


SHAPES = [
    shapely.from_wkt("POLYGON ((0 0, 1 0, 1 1, 0 0))"),
    None,
    shapely.from_wkt("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"),
    shapely.from_wkt("POLYGON EMPTY"),
]


@pytest.mark.parametrize("shapes", [SHAPES, SHAPES[:1] * 3, SHAPES[2:3], [None]])
def test_polygons_are_promoted(connection: psycopg.Connection, shapes: list) -> None:
    wkb = pa.array([None if s is None else shapely.to_wkb(s, byte_order=1) for s in shapes], pa.binary())
    connection.execute("create temporary table g (n serial, v geometry(MultiPolygon, 4490))")
    parts = rows.geometry_column(wkb, multi=True)
    copying.copy_rows(connection, sql.Identifier("g"), ["v"], iter([rows.rows_of([parts], len(shapes))]))
    read = connection.execute(
        "select geometrytype(v), st_srid(v), st_asbinary(v) from g order by n"
    ).fetchall()
    for shape, (kind, srid, back) in zip(shapes, read, strict=True):
        if shape is None:
            assert back is None
        else:
            assert (kind, srid) == ("MULTIPOLYGON", 4490)
            assert shapely.from_wkb(back).equals(shape)


def test_big_endian_is_refused() -> None:
    with pytest.raises(ValueError, match="little-endian"):
        rows.geometry_column(
            pa.array([shapely.to_wkb(shapely.Point(1, 2), byte_order=0)], pa.binary()), multi=True
        )


def layer(folder: Path, suffix: str, shapes: list, crs: int | None = 4490) -> Path:
    n = len(shapes)
    frame = geopandas.GeoDataFrame(
        {
            "代码": [f"50011{i}" for i in range(n)],
            "Area": np.linspace(0, 1, n),
            "备注": ["说明", None] * (n // 2) + ["x"] * (n % 2),
        },
        geometry=shapes,
        crs=crs,
    )
    path = folder / f"面{suffix}"
    frame.to_file(path, encoding="UTF-8") if suffix == ".shp" else frame.to_file(path)
    return path


SQUARES = [shapely.box(106 + i / 100, 29, 106.01 + i / 100, 29.01) for i in range(7)]


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson"])
def test_a_layer_comes_in_typed_valid_indexed_analysed(
    connection: psycopg.Connection, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "BATCH", 3)  # several batches
    path = layer(tmp_path, suffix, SQUARES)
    done = copying.load(connection, path, None, "imported", check=True)
    assert done.rows == 7 and done.columns == ("代码", "area", "备注", "geometry")
    read = connection.execute(
        'select "代码", area, "备注", st_asbinary(geometry) from imported order by id'
    ).fetchall()
    for i, (code, area, note, wkb) in enumerate(read):
        assert (code, note) == (f"50011{i}", ["说明", None][i % 2] if i < 6 else "x")
        assert (
            area == pytest.approx(i / 6)
            and shapely.from_wkb(wkb).symmetric_difference(SQUARES[i]).area < 1e-9
        )
    kind = "select type, srid from geometry_columns where f_table_name = 'imported'"
    assert connection.execute(kind).fetchone() == ("MULTIPOLYGON", 4490)
    indexes = connection.execute("select indexdef from pg_indexes where tablename = 'imported'").fetchall()
    assert any("gist" in d for (d,) in indexes)
    assert connection.execute("select reltuples from pg_class where relname = 'imported'").fetchone() == (7,)


def test_chosen_fields_alone(connection: psycopg.Connection, tmp_path: Path) -> None:
    done = copying.load(
        connection, layer(tmp_path, ".gpkg", SQUARES), None, "public.imported", fields={"代码": "code"}
    )
    assert done.columns == ("code", "geometry")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_refusals_leave_nothing(connection: psycopg.Connection, tmp_path: Path) -> None:
    bow = shapely.from_wkt("POLYGON ((106 29, 107 30, 107 29, 106 30, 106 29))")
    for shapes, crs, problem in (
        ([*SQUARES, bow], 4490, copying.InvalidGeometry),
        (SQUARES, 4326, copying.WrongSystem),
        (SQUARES, None, copying.WrongSystem),
        ([shapely.Point(106, 29)], 4490, copying.NotOneKind),
    ):
        for old in tmp_path.iterdir():
            old.unlink()
        path = layer(tmp_path, ".gpkg", shapes, crs)
        with pytest.raises(problem) as refusal, connection.transaction():
            copying.load(connection, path, None, "imported")
        assert refusal.value.text.zh and refusal.value.text.en
        assert connection.execute("select to_regclass('imported')").fetchone() == (None,)


def test_a_reader_that_breaks_stops_the_load(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    def batches() -> Any:
        yield pa.record_batch({"a": [1]})
        raise OSError("the file ended")

    with pytest.raises(OSError, match="the file ended"):
        list(copying.ahead(batches(), lambda batch: memoryview(b"x")))
    # And where the receiver breaks, the reading thread does not stay.
    with pytest.raises(ZeroDivisionError):
        list(copying.ahead(iter([pa.record_batch({"a": [1]})] * 50), lambda batch: 1 / 0))  # type: ignore[arg-type, return-value]
    assert not [t for t in threading.enumerate() if t.name == "reading ahead"]
