"""The demonstration district with fifty thousand village names in it, for the measurement of pages; seeded.

The names are copied into the register's table with its triggers off, and what is made of them (the names of the
map, the search's forms) is made by the product's own statements afterwards.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.measure import WORK
from geo import settings as settings_of_geo
from geo.names.categories import Category
from geo.names.parts import split
from geo.store import search_forms
from geo.store.engine import close_engines, database_url, libpq, sessions
from geo.store.migrate import upgrade

SEED = 6
#: What the names begin with and end in.
HEADS = "大小新老上下东西南北石双龙凤青白黄红金银玉桂松柏竹梅杨柳桃李王张陈刘罗周何唐高平长清明安永太兴"
MIDDLES = "家河山水田井桥坪坝岩沟湾塘堰林园房院庙寺洞坡岭峰溪滩渡店场铺"
ENDS = ("湾", "村", "坝", "院子", "坪", "沟", "屋基", "坡", "寨", "塘", "岭", "嘴", "堡")
#: First number of the names, above all that the demonstration has.
FIRST = 1_000_000


def names(townships: list[tuple[str, list[tuple[float, float]]]]) -> Iterator[tuple[Any, ...]]:
    """Rows of place_name, from the code and the points of each township."""
    chance = random.Random(SEED)
    number = FIRST
    for code, points in townships:
        for lon, lat in points:
            number += 1
            committee = chance.random() < 0.06
            category = Category.COMMITTEE if committee else Category.NATURAL_VILLAGE
            end = "村" if committee else chance.choice(ENDS)
            name = chance.choice(HEADS) + chance.choice(MIDDLES) + end
            parts = split(name, category)
            facts: dict[str, Any] = {}
            if chance.random() < 0.6:
                facts["named_on"] = str(chance.randint(1700, 2020))
            if chance.random() < 0.04:
                facts["story"] = f"{name}的来历，据传与一口井有关。" * 3
            yield (
                number, number, name, parts.specific, parts.generic, "", category.value, "standard", code, "bench",
                f"SRID=4490;POINT({lon:.6f} {lat:.6f})", "demo", json.dumps(facts, ensure_ascii=False),
                chance.choice((0, 0, 0, 5, 10, 20, 35, 55, 72)) if committee else chance.randint(0, 9),
                "[2000-01-01,)", "bench", 1, True,
            )  # fmt: skip


COLUMNS = (
    "number, place_id, name, specific, generic, romanization, category, status, unit_code, document, geometry,"
    " geometry_source, facts, importance, valid, reason, made_by, demo"
)


def fill(url: str, count: int) -> None:
    """Put `count` names into a database that holds the demonstration. url: as libpq reads it."""
    with psycopg.connect(url) as connection:
        towns = connection.execute(
            "select code, geometry from admin_unit where level = 'township' and geometry is not null"
            " and upper_inf(recorded) and valid @> date '2024-12-31' order by code"
        ).fetchall()
        each = -(-count // len(towns))
        placed = [
            (code, [(float(x), float(y)) for x, y in connection.execute(
                "select ST_X(p.geom), ST_Y(p.geom) from ST_Dump(ST_GeneratePoints(%s::geometry, %s, %s)) p",
                (shape, each, SEED))])
            for code, shape in towns
        ]  # fmt: skip
        connection.execute("set session_replication_role = replica")
        with connection.cursor().copy(f"copy place_name ({COLUMNS}) from stdin") as copy:
            for row in names(placed):
                copy.write_row(row)
        connection.execute(
            "insert into published.map_name select s.* from map_name_source s"
            " where not exists (select from published.map_name m where m.version_id = s.version_id)"
        )
        connection.execute("reset session_replication_role")
    with sessions("owner").begin() as session:
        search_forms.rebuild(session)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def drop(name: str) -> None:
    with psycopg.connect(libpq(database_url()), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _empty(name: str) -> bool:
    """Make the database where it is not there; whether it was made."""
    with psycopg.connect(libpq(database_url()), autocommit=True) as admin:
        if admin.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            return False
        statement = sql.SQL("create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'")
        admin.execute(statement.format(sql.Identifier(name)))
    return True


@contextmanager
def _at(url: Any) -> Iterator[None]:
    """The settings of the demonstration, on another database."""
    kept = {name: os.environ.get(name) for name in ("YUDI_DATABASE_URL", "YUDI_VAR", "YUDI_AS_OF")}
    os.environ |= {
        "YUDI_DATABASE_URL": url.render_as_string(hide_password=False), "YUDI_VAR": str(WORK / "pages"), "YUDI_AS_OF": "2024-12-31",
    }  # fmt: skip
    try:
        yield
    finally:
        close_engines()
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def prepared(name: str, count: int) -> Any:
    """The URL of a database of this name that holds the demonstration and `count` names beside it."""
    from api.setup.demo.load import load_if_empty

    url = database_url().set(database=name)
    made = _empty(name)
    upgrade(url)
    if not made:
        return url
    (WORK / "pages").mkdir(parents=True, exist_ok=True)
    with _at(url):
        with sessions("owner").begin() as session:
            load_if_empty(session, settings_of_geo.district(), database=name)
        if count:
            fill(libpq(url), count)
    return url
