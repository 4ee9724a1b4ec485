"""Search (地名检索) in a million names: every kind beside a primary-key lookup through the same pool, and beside
SQLite FTS5 and tantivy for the kinds that they can do (benchmarks.search_peers); recall beside LIKE.

./yudi bench search [--rows N]

The names are the villages of the nation, where the folder of real data lies beside the repository, and from them
generated ones up to N: another specific part before a real one's end, seeded. The database is made on the server of
YUDI_DATABASE_URL under a name of its own; one of that name and size is used as it stands. With YUDI_BENCH_KEEP set it
stays, else it is dropped at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import gzip
import io
import math
import multiprocessing
import os
import random
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from benchmarks import search_peers
from benchmarks.cases import get
from benchmarks.measure import WORK, Comparison, report
from geo.names.categories import Category
from geo.names.parts import split
from geo.names.query import Tier
from geo.settings import ROOT
from geo.store import engine as engines
from geo.store import search, search_forms
from geo.store.engine import database_url, libpq
from geo.store.migrate import upgrade

VILLAGES = ROOT.parent / "shared" / "data" / "codes" / "china" / "china_villages_2023.csv.gz"
SHIPPED = ROOT / "data" / "placenames" / "divisions_2023.csv"
NAMES = 1_000_000
QUESTIONS, ROUNDS = 200, 3
#: Ways of asking beside the peers: the lookup, the whole search, and what of it a peer can do.
KEY, OURS, PLAIN = "primary key", "ours", "ours, without offers"
DATABASE = "yudi_bench_search"
#: Times a primary-key lookup that the slowest hundredth of a kind may take.
BOUND, WIDE = 20, 60
#: A question of more names is not paged through for the recall.
MOST_PAGED = 2_000


def names(count: int) -> Iterator[tuple[str, str]]:
    """(name, 12-digit code): the real ones, then generated ones."""
    if VILLAGES.exists():
        with gzip.open(VILLAGES, "rt", encoding="utf-8") as file:
            real = [(row["name"], row["code"]) for row in csv.DictReader(file) if 0 < len(row["name"]) <= 100]
    else:
        with SHIPPED.open(encoding="utf-8", newline="") as file:
            real = [(row["name"], row["code"]) for row in csv.DictReader(file)]
    yield from real[:count]
    rng = random.Random(4)
    for _ in range(count - len(real)):
        (head, code), (tail, _) = rng.choice(real), rng.choice(real)
        yield (head[: rng.choice((1, 1, 2))] + tail[rng.choice((0, 1)) :])[:100], code


def versions(numbered: Iterable[tuple[int, tuple[str, str]]]) -> Iterator[dict[str, Any]]:
    """What the register would hold of them, as geo.store.search_forms reads it."""
    valid = Range(date(2023, 1, 1), None, bounds="[)")
    for number, (name, code) in numbered:
        rng = random.Random(number)
        yield {
            "version_id": number, "number": number, "place_id": number, "name": name,
            "specific": split(name, Category.COMMITTEE).specific, "readings": None, "romanization": "",
            "status": "standard", "category": Category.COMMITTEE.value, "unit_code": code, "names_unit": None,
            "importance": rng.randrange(0, 60), "valid": valid, "demo": False, "facts": {},
            "point": f"SRID=4490;POINT({rng.uniform(75, 130):.6f} {rng.uniform(20, 50):.6f})",
        }  # fmt: skip


def load(url: str, part: list[tuple[int, tuple[str, str]]]) -> None:
    """COPY the forms of one part."""
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"copy published.name_form ({', '.join(search_forms.COLUMNS)}) from stdin") as copy,
    ):
        for row in search_forms.rows_of(versions(part)):
            copy.write_row(row)


def fill(url: str, session: Session, count: int) -> None:
    """The forms, their index and the lists of common keys."""
    session.execute(text("drop index published.name_form_keys_gin"))
    session.commit()
    table = list(enumerate(names(count), start=1))
    parts = [(url, table[i : i + 20_000]) for i in range(0, len(table), 20_000)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(load, parts)
    session.execute(text("set maintenance_work_mem = '1GB'"))
    session.execute(text(search_forms.KEYS_INDEX))
    search_forms.count_common(session)
    session.commit()
    session.execute(text("analyze published.name_form, published.common_name, published.common_key"))
    session.commit()


def prepared(count: int) -> str:
    """The address of the filled database."""
    owner = database_url()
    url = owner.set(database=DATABASE)
    with psycopg.connect(libpq(owner), autocommit=True) as admin:
        there = admin.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
    if there:
        with psycopg.connect(libpq(url)) as connection:
            held = connection.execute("select count(*) from published.name_form").fetchone()
        if held and abs(held[0] - count) <= count // 100:
            upgrade(url)
            return url.render_as_string(hide_password=False)
    dropped()
    with psycopg.connect(libpq(owner), autocommit=True) as admin:
        admin.execute(
            sql.SQL("create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'").format(
                sql.Identifier(DATABASE)
            )
        )
    upgrade(url)
    begun = time.perf_counter()
    with Session(engines.engine_of(url, "owner")) as session:
        fill(libpq(url), session, count)
    print(f"  filled with {count:,} forms in {time.perf_counter() - begun:.0f} s")
    return url.render_as_string(hide_password=False)


def dropped() -> None:
    with psycopg.connect(libpq(database_url()), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))


def percentile(seconds: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed, in milliseconds."""
    return sorted(seconds)[max(0, math.ceil(len(seconds) * share) - 1)] * 1000


def timed(ask: Callable[[Any], Any], questions: Sequence[Any]) -> list[float]:
    took = []
    for q in questions:
        begun = time.perf_counter()
        ask(q)
        took.append(time.perf_counter() - begun)
    return took


def questions(rows: Sequence[Any]) -> dict[str, tuple[list[str], int]]:
    """Questions of every kind from forms of the register, and the kind's bound."""
    rng = random.Random(1)

    def pieces(text_of: str, n: int) -> list[str]:
        found = [getattr(row, text_of) for row in rows]
        starts = [(t, rng.randrange(len(t) - n + 1)) for t in found if len(t) >= n]
        return [t[i : i + n] for t, i in starts]

    sound = {"村": "邨", "新": "欣", "大": "达", "王": "旺", "李": "里", "张": "章", "石": "时", "马": "码"}
    alike = [r.form.translate(str.maketrans(sound)) for r in rows if set(r.form) & set(sound)]
    return {
        "exact": ([r.form for r in rows], BOUND),
        "prefix": ([r.form[:2] for r in rows], BOUND),
        **{f"substring of {n}": (pieces("form", n), BOUND) for n in (1, 2, 3, 4)},
        "very common characters": (list("村委会居社区大新上下东西南北") * (QUESTIONS // 14 + 1), BOUND),
        "pinyin prefix": ([r.plain[:6] for r in rows], BOUND),
        "initials": ([r.initials[:3] for r in rows], WIDE),
        "pinyin inside": ([r.plain[2:8] for r in rows if len(r.plain) > 8], WIDE),
        "one slip": ([r.form[:1] + "岽" + r.form[2:] for r in rows if len(r.form) > 3], WIDE),
        "same sound": (alike, WIDE),
    }


def recall(session: Session, asked: Sequence[str]) -> tuple[int, int]:
    """(names that LIKE finds, those of them that the search finds, page by page): sets of numbers, all pages."""
    found: dict[str, set[int]] = {q: set() for q in asked}
    like = session.execute(
        text(
            "select q, f.number from published.name_form f join unnest(cast(:asked as text[])) q"
            " on f.form like '%' || q || '%' where f.latest"
        ),
        {"asked": list(asked)},
    )
    for q, number in like:
        found[q].add(number)
    written = {Tier.EXACT, Tier.BARE, Tier.PREFIX, Tier.INSIDE}
    same = total = 0
    for q, expected in found.items():
        if len(expected) > MOST_PAGED:
            continue
        mine: set[int] = set()
        cursor = None
        while True:
            page = search.search(session, q, limit=100, cursor=cursor)
            mine |= {hit.number for hit in page.items if hit.tier in written}
            cursor = page.next
            if cursor is None:
                break
        total += len(expected | mine)
        same += len(expected & mine)
    return total, same


def main() -> list[dict[str, object]]:
    WORK.mkdir(parents=True, exist_ok=True)
    count = int(os.environ.get("YUDI_BENCH_ROWS", NAMES))
    url = prepared(count)
    try:
        return measured(url, count)
    finally:
        if not os.environ.get("YUDI_BENCH_KEEP"):
            dropped()
            (WORK / "search-fields.sqlite").unlink(missing_ok=True)
            shutil.rmtree(WORK / "search.tantivy", ignore_errors=True)


def measured(url: str, count: int) -> list[dict[str, object]]:
    engine = engines.engine_of(engines.with_driver(url), "search")
    with Session(engine) as session:
        step = max(1, count // QUESTIONS)
        rows = session.execute(
            text(
                "select form, plain, initials, bare from published.name_form where id % :step = :rest order by id"
            ),
            {"step": step, "rest": 7 % step},
        ).all()
        for size in session.execute(text(SIZES)):
            print(f"  {size.name}: {size.mib:,.0f} MiB")

    def by_key(number: int) -> None:
        with Session(engine) as session:
            session.execute(text("select * from published.name_form where id = :id"), {"id": number}).all()

    def ask(q: str) -> None:
        with Session(engine) as session:
            search.search(session, q)

    def ask_without_offers(q: str) -> None:
        with Session(engine) as session:
            search.search(session, q, offers=False)

    rng = random.Random(2)
    kinds = questions(rows)
    others = peers(engine)
    asking: dict[str, dict[str, search_peers.Ask]] = {
        kind: {
            KEY: lambda _: by_key(rng.randrange(1, count)),
            OURS: ask,
            PLAIN: ask_without_offers,
            **{peer: can[kind] for peer, can in others.items() if kind in can},
        }
        for kind in kinds
    }
    for kind, ways in asking.items():
        for each in ways.values():
            timed(each, kinds[kind][0][:20])
    times = {
        kind: {way: [[] for _ in kinds[kind][0][:QUESTIONS]] for way in ways} for kind, ways in asking.items()
    }
    # All kinds and ways by turns, so that what else the machine does falls on all of them.
    for i in [*range(QUESTIONS)] * ROUNDS:
        for kind, ways in asking.items():
            if i < len(times[kind][OURS]):
                for way, each in ways.items():
                    times[kind][way][i] += timed(each, [kinds[kind][0][i]])
    keyed = [second for ways in times.values() for took in ways[KEY] for second in took]
    base = percentile(keyed, 0.99)
    print(f"  primary key: p50 {percentile(keyed, 0.5):.2f} ms, p99 {base:.2f} ms, {len(keyed)} lookups")
    table = []
    for kind, (_, bound) in kinds.items():
        took = [second for each in times[kind][OURS] for second in each]
        p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
        note = f"p50 {p50:.1f} ms, {len(took)} times"
        table.append(Comparison(f"{kind}, p99 / primary key", p99, base, bound, "ms", note))
        print(
            f"  {kind}: p50 {p50:.1f} ms, p99 {p99:.1f} ms = {p99 / base:.1f} times (at most {bound})",
            flush=True,
        )
    with Session(engine) as session:
        session.execute(text("set statement_timeout = 0"))
        sample = [q for kind in ("prefix", "substring of 2", "substring of 3", "substring of 4")
                  for q in kinds[kind][0][:200:50]]  # fmt: skip
        total, same = recall(session, sample)
        print(f"  recall: {same:,} of {total:,} names that LIKE or the search finds", flush=True)
        note = f"{len(set(sample))} questions, all pages"
        table.append(Comparison("names by LIKE / found or shared", total, same, 1.0, "", note))
    asyncio.run(asked_for(url, kinds))
    table += beside(times)
    return report("Search", table)


async def asked_for(url: str, kinds: dict[str, tuple[list[str], int]]) -> None:
    """What a whole request for suggestions takes, in this process: door, counting of the address, search, answer."""
    made = {
        role: sessionmaker(engines.engine_of(engines.with_driver(url), role), expire_on_commit=False)
        for role in ("app", "public", "search")
    }
    app = create_app(sessions=made.__getitem__)
    for kind in ("exact", "prefix", "pinyin prefix"):
        took = []
        # Fewer than one address may ask for at once.
        for i, q in enumerate(kinds[kind][0][:100]):
            begun = time.perf_counter()
            with contextlib.redirect_stderr(io.StringIO()):
                status, _ = await get(app, "", f"/api/v1/suggest?q={quote(q)}")
            assert status == 200, status
            took += [time.perf_counter() - begun] if i >= 20 else []
        print(
            f"  /api/v1/suggest, {kind}: p50 {percentile(took, 0.5):.1f} ms, p99 {percentile(took, 0.99):.1f} ms",
            flush=True,
        )


def peers(engine: Engine) -> dict[str, dict[str, search_peers.Ask]]:
    """The peers with the kinds that each can do; their indexes are kept with the database."""
    path, folder = WORK / "search-fields.sqlite", WORK / "search.tantivy"
    forms: list[Any] = []
    if not (os.environ.get("YUDI_BENCH_KEEP") and path.exists() and folder.exists()):
        # A search leaves its own time limit behind in its transaction.
        with Session(engine) as session:
            session.execute(text("set statement_timeout = 0"))
            forms = [tuple(row) for row in session.execute(text(FORMS))]
    lite, tantivy = search_peers.Lite(forms, path), search_peers.Tantivy(forms, folder)
    print(
        f"  SQLite FTS5, two tables and the fields: {lite.size() / 2**20:,.0f} MiB; tantivy: {tantivy.size() / 2**20:,.0f} MiB"
    )
    return {
        "SQLite FTS5, ranked as ours": lite.kinds("ranked"),
        "SQLite FTS5, ranked as ours in steps": lite.kinds("in steps"),
        "SQLite FTS5, first 20 by rank": lite.kinds("first"),
        "tantivy, first 20 by rank": tantivy.kinds(),
    }


def beside(times: dict[str, dict[str, list[list[float]]]]) -> list[Comparison]:
    """Our p99 of a kind, without offers, which no peer can do, beside each peer's on the same questions: of all times, and
    of the least of each question's, which leaves out what else the machine did. FTS5 with the same answer is a bound."""
    table = []
    for kind, ways in times.items():
        for peer in [way for way in ways if way not in (KEY, OURS, PLAIN)]:
            ours, theirs = ([second for each in ways[way] for second in each] for way in (PLAIN, peer))
            p50, p99 = ([percentile(way, share) for way in (ours, theirs)] for share in (0.5, 0.99))
            undisturbed = [percentile([min(each) for each in ways[way]], 0.99) for way in (PLAIN, peer)]
            note = f"p50 {p50[0]:.1f} ms against {p50[1]:.1f} ms"
            if "ranked as ours" in peer:
                table.append(Comparison(f"{kind}, p99 / {peer}", p99[0], p99[1], 1.0, "ms", note))
                table.append(
                    Comparison(
                        f"{kind}, p99 of the least of {ROUNDS} / {peer}",
                        undisturbed[0],
                        undisturbed[1],
                        1.0,
                        "ms",
                    )
                )
            else:
                print(f"  {kind} beside {peer}: p99 {p99[0]:.1f} ms against {p99[1]:.1f} ms, {note}")
    return table


#: What the peers hold: search_peers.TEXTS and FIELDS, by rank.
FORMS = """
    select form, bare, plain, bare_plain, number, place_id, name, kind, romanization, status, category, unit_code,
        lower(valid)::text, upper(valid)::text, ST_X(point), ST_Y(point), demo, spelled
    from published.name_form where latest order by rank, id"""
SIZES = """
    select c.relname as name, pg_relation_size(c.oid) / 1048576.0 as mib from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'published' and (c.relname like 'name_form%' or c.relname like 'common_%') and c.relkind in ('r', 'i')
    order by pg_relation_size(c.oid) desc"""
