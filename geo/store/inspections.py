"""What an inspection answered (检查结果入库): findings and features into their tables by COPY, as text that a
database can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from psycopg import sql
from sqlalchemy import delete
from sqlalchemy.orm import Session

from geo.store.copy_rows import constant, geometry_column, numbers, rows_of, text_column
from geo.store.copying import BATCH, copy_rows
from geo.store.tables import FindingRow, Submission, SubmissionFeature


def keep(session: Session, row: Submission, report: Mapping[str, Any], features: pa.Table | None) -> None:
    """Store what an inspection answered for the row's present round, in place of what that round had.

    report: the contract's object of `check`, each finding with its key. features: columns role, layer,
    record, ident, fields, z, geometry (WKB, EPSG:4490). The row's state is the caller's, and its flush.
    """
    features_of, findings_of = (
        delete(table).where(table.submission_id == row.id, table.round == row.round)
        for table in (SubmissionFeature, FindingRow)
    )
    session.execute(findings_of.add_cte(features_of.cte("features")))
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    kept = storable(report)
    if kept["findings"]:
        rows = finding_rows(row, kept["findings"])
        copy_rows(connection, sql.Identifier("finding"), FINDING, iter([rows]))
    if features is not None and features.num_rows:
        batches = features.combine_chunks().to_batches(max_chunksize=BATCH)
        copy_rows(
            connection,
            sql.Identifier("submission_feature"),
            FEATURE,
            (feature_rows(row, batch) for batch in batches),
        )
    row.report = {name: value for name, value in kept.items() if name != "findings"}


def storable(value: Any) -> Any:
    """A JSON value as jsonb takes it: without U+0000, half surrogate pairs and numbers that are none. A
    file may hold any of them."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {storable(str(k)): storable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [storable(v) for v in value]
    return value


#: What `storable` would change in a JSON text.
SUSPECT = r"\\u0000|\\u[dD][89a-fA-F]|NaN|Infinity"


def storable_texts(texts: pa.Array) -> pa.Array:
    """JSON texts as jsonb takes them; only rows that look suspect are parsed."""
    suspect = np.asarray(
        pc.match_substring_regex(texts.cast(pa.string()), SUSPECT)
        .fill_null(False)
        .to_numpy(zero_copy_only=False)
    )
    if not suspect.any():
        return texts
    values = texts.to_pylist()
    for i in np.flatnonzero(suspect):
        values[i] = json.dumps(storable(json.loads(values[i])), ensure_ascii=False)
    return pa.array(values, pa.string())


FINDING = ("submission_id", "round", "key", "code", "severity", "detail", "geometry")
FEATURE = ("submission_id", "round", "role", "layer", "record", "ident", "fields", "z", "geometry")


def finding_rows(row: Submission, findings: Sequence[Mapping[str, Any]]) -> memoryview:
    """COPY rows of findings; `detail` is the finding without its geometry."""
    count = len(findings)
    places = [f.get("geometry") for f in findings]
    shapes = shapely.from_geojson([None if p is None else json.dumps(p) for p in places])
    details = [
        json.dumps({k: v for k, v in f.items() if k not in ("geometry", "key")}, ensure_ascii=False)
        for f in findings
    ]
    return rows_of(
        [
            constant(row.id.bytes, count),
            numbers(np.full(count, row.round), None, ">i4"),
            *(
                text_column(pa.array([f[name] for f in findings], pa.string()))
                for name in ("key", "code", "severity")
            ),
            text_column(pa.array(details, pa.string()), prefix=b"\x01"),
            geometry_column(pa.array(list(shapely.to_wkb(shapes, byte_order=1)), pa.binary())),
        ],
        count,
    )


def feature_rows(row: Submission, batch: pa.RecordBatch) -> memoryview:
    """COPY rows of features as the inspection read them."""
    count = batch.num_rows
    z = np.asarray(batch.column("z").cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float)
    none = np.isnan(z)
    return rows_of(
        [
            constant(row.id.bytes, count),
            numbers(np.full(count, row.round), None, ">i4"),
            text_column(batch.column("role")),
            text_column(batch.column("layer")),
            numbers(
                np.asarray(batch.column("record").cast(pa.int32()).to_numpy(zero_copy_only=False)),
                None,
                ">i4",
            ),
            text_column(batch.column("ident")),
            text_column(storable_texts(batch.column("fields")), prefix=b"\x01"),
            numbers(np.where(none, 0.0, z), none, ">f8"),
            geometry_column(batch.column("geometry")),
        ],
        count,
    )
