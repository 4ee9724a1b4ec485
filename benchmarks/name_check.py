"""One name check (地名审查), all rules, in a register of a million names, beside a primary-key lookup.

    ./yudi bench name_check

Both sides go through the same pool, a session each, as the application's role. The proposals are a fixed mix,
drawn by a seed: names of all categories, very common ones, heteronyms, refused ones, with and without a point.
The database is made on the server of YUDI_DATABASE_URL under a name of its own; one of that name and size is used as
it stands. With YUDI_BENCH_KEEP set it stays, else it is dropped at the end. Needs the list of the nation's villages
beside the repository.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date

import psycopg
from sqlalchemy import URL, Engine, text
from sqlalchemy.orm import Session

from benchmarks import name_data
from benchmarks.measure import ROOT, Comparison, report
from geo.names.categories import Category
from geo.names.rules.proposal import Proposal
from geo.names.rules.run import run
from geo.store import engine as engines
from geo.store.engine import libpq, with_driver
from geo.store.migrate import upgrade
from geo.store.name_facts import facts_for

NAMES = 1_000_000
CHECKS = 1_000
DATABASE = "yudi_bench_name_check"
ON = date(2026, 1, 1)
AT_MOST = 20.0

#: Names that a register holds by the hundred, names with an open reading, names that some rule refuses.
PICKED: tuple[tuple[str, Category], ...] = (
    ("新村", Category.COMMITTEE), ("新村村委会", Category.COMMITTEE), ("和平村", Category.COMMITTEE),
    ("新华社区", Category.COMMITTEE), ("新村", Category.NATURAL_VILLAGE), ("王家湾", Category.NATURAL_VILLAGE),
    ("人民路", Category.STREET), ("解放路", Category.STREET), ("建设路", Category.STREET),
    ("人民公园", Category.PARK), ("幸福小区", Category.ESTATE), ("和平大桥", Category.FACILITY),
    ("大山", Category.NATURAL), ("龙山", Category.NATURAL), ("青山镇", Category.TOWNSHIP),
    ("龙山街道", Category.SUBDISTRICT), ("朝阳区", Category.COUNTY_UP), ("长坪村", Category.COMMITTEE),
    ("重石村", Category.COMMITTEE), ("乐业路", Category.STREET), ("行宫巷", Category.STREET),
    ("曾家湾", Category.NATURAL_VILLAGE), ("东方巴黎小区", Category.ESTATE), ("罗斯福路", Category.STREET),
    ("中华第一城", Category.ESTATE), ("A区花园", Category.ESTATE), ("邏山村", Category.COMMITTEE),
    ("北京镇", Category.TOWNSHIP), ("可口可乐广场", Category.PARK), ("世界大桥", Category.FACILITY),
)  # fmt: skip


def proposals(count: int, seed: int = 11) -> list[Proposal]:
    """`count` proposals: a quarter of PICKED, the others after names of the register, as they are or one
    character changed, each in a township of the nation; half with a point, a tenth renamings."""
    chance = random.Random(seed)
    register = list(name_data.names(NAMES))
    by: dict[Category, list[name_data.Named]] = {}
    for row in register:
        by.setdefault(row.category, []).append(row)
    kinds = list(Category)
    characters = "新龙兴隆长重和平金石安永福天大高明清"
    codes = [code[:9] for _, code in name_data.villages()]
    answer: list[Proposal] = []
    while len(answer) < count:
        if chance.random() < 0.25:
            name, category = chance.choice(PICKED)
        else:
            category = chance.choice(kinds)
            like = by.get(category) or by[Category.COMMITTEE]
            name = chance.choice(like).name
            if chance.random() < 0.6:
                at = chance.randrange(len(name))
                name = name[:at] + chance.choice(characters) + name[at + 1 :]
        unit = chance.choice(codes)
        lon, lat = name_data.middle(unit)
        pointed = chance.random() < 0.5
        answer.append(
            Proposal(
                name, category, unit if chance.random() < 0.8 or not pointed else None,
                lon if pointed else None, lat if pointed else None,
                chance.choice(by[Category.COMMITTEE]).name if chance.random() < 0.1 else None,
            )
        )  # fmt: skip
    return answer


def timed(work: Sequence[Callable[[], object]]) -> list[float]:
    """Milliseconds of each."""
    answer = []
    for piece in work:
        begun = time.perf_counter()
        piece()
        answer.append((time.perf_counter() - begun) * 1000)
    return answer


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def measure(engine: Engine, checks: int = CHECKS) -> list[Comparison]:
    """Both sides in turns, so that what else the machine does meets both."""
    chance = random.Random(5)
    mix = proposals(checks)

    def check(proposal: Proposal) -> None:
        # As the doors do it: ended by a commit, so that statements stay prepared.
        with Session(engine) as session:
            run(proposal, facts_for(session, proposal, at=ON))
            session.commit()

    key = text("select id, number, name, category, status, unit_code from place_name where id = :id")

    def lookup(number: int) -> None:
        with Session(engine) as session:
            assert session.execute(key, {"id": number}).one()
            session.commit()

    with Session(engine) as session:
        last = session.scalar(text("select max(id) from place_name"))
    assert last is not None
    for proposal in proposals(
        200, seed=12
    ):  # the caches of the process and the server, which a running server has filled
        check(proposal)
        lookup(chance.randint(1, last))
    ours: list[float] = []
    peer: list[float] = []
    for proposal in mix:
        ours += timed([lambda p=proposal: check(p)])  # type: ignore[misc]
        peer += timed([lambda n=chance.randint(1, last): lookup(n) for _ in range(5)])  # type: ignore[misc]
    for category in Category:
        times = [t for t, p in zip(ours, mix, strict=True) if p.category is category]
        print(
            f"  {category.value}: {len(times)} checks, p50 {statistics.median(times):.1f} ms, longest {max(times):.1f} ms"
        )
    print(
        f"  one check: p50 {statistics.median(ours):.1f} ms, p99 {percentile(ours, 0.99):.1f} ms;"
        f" primary key: p50 {statistics.median(peer):.2f} ms, p99 {percentile(peer, 0.99):.2f} ms"
    )
    return [
        Comparison(
            f"all rules of one check of {checks:,}, p99 / primary-key lookup, p99",
            percentile(ours, 0.99),
            percentile(peer, 0.99),
            AT_MOST,
            "ms",
        ),
        Comparison(
            "the same, p50 / p50",
            statistics.median(ours),
            statistics.median(peer),
            AT_MOST,
            "ms",
        ),
    ]


def sizes(engine: Engine) -> list[tuple[str, float]]:
    """Relations of the two tables with their sizes in MiB, the largest first."""
    with Session(engine) as session:
        rows = session.execute(
            text(
                "select c.relname, pg_relation_size(c.oid) / 1048576.0 from pg_class c"
                " where c.oid in ('place_name'::regclass, 'name_shape'::regclass) or c.oid in (select indexrelid"
                " from pg_index where indrelid in ('place_name'::regclass, 'name_shape'::regclass)) order by 2 desc"
            )
        ).all()
    return [(row[0], float(row[1])) for row in rows]


def main() -> list[dict[str, object]]:
    if not name_data.VILLAGES.exists():
        print(f"{name_data.VILLAGES.name} does not lie beside the repository; the check of names is left out")
        return []
    if "YUDI_DATABASE_URL" not in os.environ:
        from api.setup import cluster

        os.environ["YUDI_DATABASE_URL"] = str(cluster.ensure(ROOT / "var" / "pg-bench"))
    own = prepared()
    try:
        engine = engines.engine_of(own, "app")
        try:
            for name, mib in sizes(engine):
                print(f"  {name}: {mib:.0f} MiB")
            return report("Check of a name", measure(engine))
        finally:
            engine.dispose()
    finally:
        if not os.environ.get("YUDI_BENCH_KEEP"):
            dropped()


def prepared() -> URL:
    """The address of the filled database."""
    server = with_driver(os.environ["YUDI_DATABASE_URL"])
    own = server.set(database=DATABASE)
    with psycopg.connect(libpq(server), autocommit=True) as admin:
        if admin.execute("select from pg_database where datname = %s", (DATABASE,)).fetchone():
            with psycopg.connect(libpq(own)) as connection:
                held = connection.execute("select count(*), count(keys) from name_shape").fetchone()
                named = connection.execute("select count(*) from place_name").fetchone()
            if named and held and named[0] == NAMES and held[0] == held[1] > 0:
                return own
        dropped()
        admin.execute(f"create database {DATABASE} template template0 encoding 'UTF8' locale 'C.UTF-8'")
    upgrade(own)
    begun = time.perf_counter()
    name_data.fill(libpq(own), NAMES)
    print(f"  {NAMES:,} names with their keys and indexes: {time.perf_counter() - begun:.0f} s")
    return own


def dropped() -> None:
    with psycopg.connect(libpq(with_driver(os.environ["YUDI_DATABASE_URL"])), autocommit=True) as admin:
        admin.execute(f"drop database if exists {DATABASE} with (force)")


if __name__ == "__main__":
    main()
