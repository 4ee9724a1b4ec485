"""Importing 1,000,000 names from a CSV, against bare COPY of the finished rows into the same table.

    ./yudi bench names_import

Ours: reading the file apart, checking every cell, cutting and spelling every name, matching with the register, a
place for each, one transaction, to the commit. Bare COPY: the very rows that ours wrote, in binary, into an empty
place_name with the same indexes and constraints, its places entered beforehand. The search forms are brought in
step after either, and are not in either time; they are stated beside. Names: 620,574 villages of China where
../shared/data is at hand, the rest from a seeded generator.
"""

from __future__ import annotations

import csv
import gzip
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from benchmarks.measure import ROOT, WORK, Comparison, report, side

ROWS = int(os.environ.get("YUDI_BENCH_ROWS", 1_000_000))
VILLAGES = ROOT.parent / "shared" / "data" / "codes" / "china" / "china_villages_2023.csv.gz"
DATABASES = ("yudi_bench_import", "yudi_bench_copy")
COLUMNS = """number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, status, unit_code,
    names_unit, meaning, origin, history, description, document, approved_by, approved_on, announcement, announced_on,
    sources, pictures, facts, importance, geometry, geometry_source, valid, recorded, reason, demo, submission_id, made_by"""


def names() -> Iterator[tuple[str, str]]:
    """(code, name) of all rows: real ones first."""
    count = 0
    if VILLAGES.is_file():
        with gzip.open(VILLAGES, "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                count += 1
                yield row["code"], row["name"]
    dice = random.Random(4490)
    first, last = (
        "金银龙凤石双大高新王李张陈青白黄红天长安永福兴和",
        "家山水江河湖桥坝湾坪沟坡岩塘溪林场寨店铺",
    )
    for serial in range(ROWS - count):
        name = dice.choice(first) + dice.choice(first) + dice.choice(last) + dice.choice("村村湾坪沟")
        yield f"50011213822200{serial:06d}", name


def write(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["标准名称", "地名代码", "类别", "地名含义", "经度", "纬度"])
        dice = random.Random(1)
        for number, (code, name) in zip(range(ROWS), names(), strict=False):
            kind = "行政村" if len(code) == 12 else "自然村"
            place = (
                (f"{106 + dice.random():.6f}", f"{29 + dice.random():.6f}") if number % 4 == 0 else ("", "")
            )
            out.writerow([name, code, kind, "", *place])


def _server() -> URL:
    from geo.store.engine import with_driver

    return with_driver(os.environ["YUDI_DATABASE_URL"])


@contextmanager
def databases() -> Iterator[None]:
    """Two empty, migrated databases of the measurement's own, gone afterwards."""
    from geo.store.engine import libpq
    from geo.store.migrate import upgrade
    from geo.store.tables import Organisation, User

    with psycopg.connect(libpq(_server()), autocommit=True) as admin:
        try:
            for name in DATABASES:
                admin.execute(f"drop database if exists {name} with (force)")
                admin.execute(f"create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'")
                upgrade(_server().set(database=name))
                with _session(name) as session:
                    home = Organisation(name="测速", kind="department")
                    session.add(home)
                    session.flush()
                    session.add(User(login="bench", name="测速", organisation_id=home.id))
                    session.commit()
            yield
        finally:
            for name in DATABASES:
                admin.execute(f"drop database if exists {name} with (force)")


def _session(database: str) -> Session:
    """As the product's own connections are: with no compiling of statements that take milliseconds."""
    from geo.store.engine import engine_of

    return Session(engine_of(_server().set(database=database), "owner"))


def ours(path: str) -> float:
    from dataclasses import replace

    from api.acts import import_names
    from geo.names.register import mapped
    from geo.names.register_rows import Batch
    from geo.settings import Limits
    from geo.store import name_import
    from geo.store.tables import User

    limits = replace(
        Limits(), upload_bytes=2 << 30, unpacked_bytes=4 << 30, cpu_seconds=600, wall_seconds=900
    )
    begun = time.perf_counter()
    with (
        import_names.read(Path(path), "names.csv", limits=limits) as table,
        _session(DATABASES[0]) as session,
    ):
        maker = session.scalar(select(User.id).where(User.login == "bench"))
        assert maker is not None
        done = name_import.load(
            session, table.records(), mapped(table.headings), Batch("测试文件", date(2023, 6, 30), "测试名录"),
            actor_id=maker, reason="bench", searched=False,
        )  # fmt: skip
        session.commit()
    seconds = time.perf_counter() - begun
    assert done.new + done.refused == ROWS and done.refused < ROWS // 100, done.counts()
    return seconds


def take_out(rows: str, places: str) -> None:
    """The rows that ours wrote, in binary."""
    from geo.store.engine import libpq

    with psycopg.connect(libpq(_server().set(database=DATABASES[0]))) as connection:
        for path, statement in ((rows, f"copy place_name ({COLUMNS}) to stdout (format binary)"),
                                (places, "copy place (id, created, demo) to stdout (format binary)")):  # fmt: skip
            with Path(path).open("wb") as file, connection.cursor().copy(statement) as copy:
                for piece in copy:
                    file.write(piece)


def bare(rows: str, places: str) -> float:
    from geo.store.engine import libpq

    def put(connection: psycopg.Connection[object], path: str, statement: str) -> None:
        with Path(path).open("rb") as file, connection.cursor().copy(statement) as copy:
            while piece := file.read(1 << 20):
                copy.write(piece)

    with psycopg.connect(libpq(_server().set(database=DATABASES[1]))) as connection:
        put(connection, places, "copy place (id, created, demo) from stdin (format binary)")
        connection.commit()
        begun = time.perf_counter()
        put(connection, rows, f"copy place_name ({COLUMNS}) from stdin (format binary)")
        connection.commit()
        return time.perf_counter() - begun


def searched() -> float:
    from geo.store import search_forms

    begun = time.perf_counter()
    with _session(DATABASES[0]) as session:
        search_forms.rebuild(session)
        session.commit()
    return time.perf_counter() - begun


def main() -> list[dict[str, object]]:
    if "YUDI_DATABASE_URL" not in os.environ:
        from api.setup import cluster

        os.environ["YUDI_DATABASE_URL"] = str(cluster.ensure(ROOT / "var" / "pg-bench"))
    WORK.mkdir(parents=True, exist_ok=True)
    path, rows, places = (str(WORK / f"names_import{ending}") for ending in (".csv", ".rows", ".places"))
    write(Path(path))
    with databases():
        mine = side("names_import", "ours", path, most=3600)
        print(f"  ours: {mine.seconds:.1f} s", flush=True)
        take_out(rows, places)
        peer = side("names_import", "bare", rows, places, most=3600)
        print(f"  bare COPY: {peer.seconds:.1f} s", flush=True)
        forms = side("names_import", "searched", most=3600)
    for made in (path, rows, places):
        Path(made).unlink()
    return report(
        f"Importing {ROWS:,} names from a CSV",
        [
            Comparison(
                "ours, file to commit / bare COPY of the finished rows", mine.seconds, peer.seconds, 2.0,
                note=f"{ROWS / mine.seconds:,.0f} names a second, peak {mine.peak_mib:.0f} MiB;"
                f" bringing the search in step afterwards: {forms.seconds:.0f} s",
            )
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
