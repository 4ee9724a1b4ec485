"""Storing 200,000 polygons from a GeoPackage and from a shapefile: to typed, valid, indexed, analysed.

    ./yudi bench ingest

Same file, columns, checks and indexes on all sides. Peers: ogr2ogr with COPY followed by the same SQL
steps, and geopandas.to_postgis followed by them. Needs Debian's gdal-bin for the first peer.
"""

from __future__ import annotations

import os
import shutil
import time

import psycopg
from sqlalchemy import URL

from benchmarks.data import coverage, write
from benchmarks.measure import ROOT, WORK, Comparison, Side, program, report, side

POLYGONS = 200_000
SCHEMA = "bench"
STEPS = (
    "select count(*) from {t} where not st_isvalid(geometry)",
    "create index on {t} using gist (geometry)",
    "analyze {t}",
)


def _url() -> URL:
    from geo.store.engine import with_driver

    return with_driver(os.environ["YUDI_DATABASE_URL"])


def _connect() -> psycopg.Connection[object]:
    from geo.store.engine import libpq

    return psycopg.connect(libpq(_url()))


def _fresh() -> None:
    with _connect() as connection:
        connection.execute(f"drop schema if exists {SCHEMA} cascade")
        connection.execute(f"create schema {SCHEMA}")


def _finish(table: str) -> None:
    with _connect() as connection:
        for step in STEPS:
            connection.execute(step.format(t=table))


def ours(path: str) -> float:
    from geo.store.copying import load

    begun = time.perf_counter()
    with _connect() as connection:
        done = load(connection, path, None, f"{SCHEMA}.ours", srid=4545)
    assert done.rows == POLYGONS
    return time.perf_counter() - begun


def to_postgis(path: str) -> float:
    import geopandas
    from sqlalchemy import create_engine

    begun = time.perf_counter()
    frame = geopandas.read_file(path, engine="pyogrio", use_arrow=True)
    frame.to_postgis("theirs", create_engine(_url()), schema=SCHEMA)
    _finish(f"{SCHEMA}.theirs")
    return time.perf_counter() - begun


def ogr2ogr(path: str) -> Side:
    from geo.store.engine import libpq

    command = [
        "ogr2ogr", "-f", "PostgreSQL", f"PG:{libpq(_url())}", path, "-nln", f"{SCHEMA}.peer", "-nlt", "MULTIPOLYGON",
        "-lco", "GEOMETRY_NAME=geometry", "-lco", "SPATIAL_INDEX=NONE", "--config", "PG_USE_COPY", "YES", "-a_srs", "EPSG:4545",
    ]  # fmt: skip
    copied = program(command)
    begun = time.perf_counter()
    _finish(f"{SCHEMA}.peer")
    return Side(copied.seconds + time.perf_counter() - begun, copied.peak_mib)


def main() -> list[dict[str, object]]:
    if "YUDI_DATABASE_URL" not in os.environ:
        from api.setup import cluster

        os.environ["YUDI_DATABASE_URL"] = str(cluster.ensure(ROOT / "var" / "pg-bench"))
    WORK.mkdir(parents=True, exist_ok=True)
    geometries = coverage(POLYGONS, 30, cell_m=100.0)
    rows: list[Comparison] = []
    for ending in (".gpkg", ".shp"):
        path = str(write(geometries, WORK / f"ingest{ending}"))
        best = Side(float("inf"), 0.0)
        peer = Side(float("inf"), 0.0)
        for _ in range(3):
            _fresh()
            ran = side("ingest", "ours", path)
            best = Side(min(best.seconds, ran.seconds), max(best.peak_mib, ran.peak_mib))
            if shutil.which("ogr2ogr"):
                _fresh()
                peer = min(peer, ogr2ogr(path), key=lambda s: s.seconds)
        _fresh()
        slow = side("ingest", "to_postgis", path)
        if shutil.which("ogr2ogr"):
            rows.append(
                Comparison(f"{ending}: ours / ogr2ogr with COPY (1/0.7)", best.seconds, peer.seconds, 1 / 0.7)
            )
        else:
            print("ogr2ogr is not installed (Debian: gdal-bin); that peer is left out")
        rows.append(Comparison(f"{ending}: ours / to_postgis (1/3)", best.seconds, slow.seconds, 1 / 3))
        rows.append(Comparison(f"{ending}: peak memory of ours / 400 MiB", best.peak_mib, 400.0, 1.0, "MiB"))
    with _connect() as connection:
        connection.execute(f"drop schema if exists {SCHEMA} cascade")
    return report("Storing 200,000 polygons", rows)


if __name__ == "__main__":
    main()
