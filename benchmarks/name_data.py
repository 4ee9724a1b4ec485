"""A register of a million place names for the measurements: real villages and divisions, generated others.

Everything follows from a seed. The specific parts of generated names are those of real villages, so that common
ones are as common as they are; points are generated, since the lists of the nation's units have none.
"""

from __future__ import annotations

import csv
import gzip
import multiprocessing
import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

import psycopg
import shapely

from benchmarks.measure import ROOT
from geo.names.categories import Category
from geo.names.parts import split
from geo.store.name_shapes import index_keys

CHINA = ROOT.parent / "shared" / "data" / "codes" / "china"
VILLAGES = CHINA / "china_villages_2023.csv.gz"
DIVISIONS = ROOT / "data" / "placenames" / "divisions_2023.csv"
SEED = 4

#: What generated names are of, how often, and what they end in.
SHARES: tuple[tuple[Category, float, tuple[str, ...]], ...] = (
    (
        Category.NATURAL_VILLAGE,
        0.46,
        ("湾", "村", "坝", "院子", "坪", "沟", "庄", "屋", "坡", "寨", "塘", "岭"),
    ),
    (Category.STREET, 0.16, ("路", "街", "巷", "大道", "一路", "二路", "东路", "支路")),
    (Category.ESTATE, 0.12, ("小区", "花园", "家园", "新村", "苑", "公寓")),
    (Category.NATURAL, 0.10, ("山", "河", "溪", "沟", "坪", "湖", "岩", "峰")),
    (Category.FACILITY, 0.08, ("大桥", "水库", "隧道", "桥", "站", "电站")),
    (Category.PARK, 0.04, ("公园", "广场", "森林公园")),
    (Category.ZONE, 0.02, ("工业园", "开发区", "产业园")),
    (Category.OTHER, 0.02, ("库", "厂", "场")),
)
#: Names that every town has, beside what villages are called.
EVERYWHERE = ("人民", "解放", "建设", "和平", "新华", "胜利", "中山", "滨河", "幸福", "团结", "红旗", "文化")


class Named(NamedTuple):
    """A name of the register: unit_code of 2 to 12 digits; lon, lat in degrees, EPSG:4490."""

    name: str
    category: Category
    unit_code: str
    lon: float
    lat: float


@cache
def villages() -> tuple[tuple[str, str], ...]:
    """(name, 12-digit code) of every village and neighbourhood of the nation (2023)."""
    with gzip.open(VILLAGES, "rt", encoding="utf-8", newline="") as file:
        return tuple(
            (row["name"].strip(), row["code"]) for row in csv.DictReader(file) if row["name"].strip()
        )


@cache
def divisions() -> tuple[tuple[str, str], ...]:
    """(name, code) of provinces, prefectures and counties."""
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        return tuple((row["name"], row["code"]) for row in csv.DictReader(file))


@cache
def middle(township: str) -> tuple[float, float]:
    """The generated middle of a unit, degrees: those of a county lie together."""
    county = random.Random(township[:6])
    here = random.Random(township)
    return (
        county.uniform(80, 125) + here.uniform(-0.3, 0.3),
        county.uniform(22, 45) + here.uniform(-0.3, 0.3),
    )


def names(count: int) -> Iterator[Named]:
    """`count` names: all divisions and villages, then generated ones; the same for the same count."""
    return islice(_endless(), count)


def _endless() -> Iterator[Named]:
    chance = random.Random(SEED)

    def near(code: str) -> tuple[float, float]:
        lon, lat = middle(code[:9])
        return round(lon + chance.uniform(-0.04, 0.04), 6), round(lat + chance.uniform(-0.04, 0.04), 6)

    for name, code in divisions():
        yield Named(name, Category.COUNTY_UP, code, *near(code))
    real = villages()
    for name, code in real:
        yield Named(name, Category.COMMITTEE, code, *near(code))
    stems = [split(name, Category.COMMITTEE).specific[:4] or name[:2] for name, _ in real]
    kinds = [category for category, _, _ in SHARES]
    weights = [share for _, share, _ in SHARES]
    endings = {category: ends for category, _, ends in SHARES}
    while True:
        category = chance.choices(kinds, weights)[0]
        stem = chance.choice(EVERYWHERE) if chance.random() < 0.04 else chance.choice(stems)
        if chance.random() < 0.3:
            stem = chance.choice("新老大小上下东西") + stem[:3]
        code = chance.choice(real)[1]
        yield Named(
            stem + chance.choice(endings[category]), category, code[: chance.choice((9, 12))], *near(code)
        )


def fill(url: str, count: int) -> None:
    """Fill an empty database of the newest schema, by COPY as its owner: units, names, keys, statistics.

    url: as libpq reads it. The checks of single rows are left to the table's constraints; triggers are off, and
    all indexes but the rule against overlapping versions, which no reading uses, are built at the end.
    """
    register = list(names(count))
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set maintenance_work_mem = '1GB'")
        connection.execute("insert into organisation (name, kind) values ('bench', 'other')")
        connection.execute("insert into app_user (login, name, organisation_id) values ('bench', 'bench', 1)")
        _units(connection)
        again = _without_indexes(connection)
        with connection.cursor().copy(
            "copy place_name (number, place_id, name, specific, generic, romanization, category, status, unit_code,"
            " document, geometry, geometry_source, valid, reason, made_by) from stdin"
        ) as copy:
            for number, row in enumerate(register, start=1):
                parts = split(row.name, row.category)
                copy.write_row(
                    (
                        number, number, row.name, parts.specific, parts.generic, "", row.category.value, "standard",
                        row.unit_code, "bench", f"SRID=4490;POINT({row.lon} {row.lat})", "imported",
                        "[2023-01-01,)", "bench", 1,
                    )
                )  # fmt: skip
        pairs = sorted({(row.name, row.category) for row in register})
        with (
            multiprocessing.get_context("spawn").Pool(2) as pool,
            connection.cursor().copy("copy name_shape (name, category, keys) from stdin") as copy,
        ):
            for name, category, keys in pool.imap(keyed, pairs, chunksize=5_000):
                copy.write_row((name, category.value, keys))
        for statement in again:
            connection.execute(statement)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def keyed(pair: tuple[str, Category]) -> tuple[str, Category, list[str]]:
    """A pair of name and category with its index keys."""
    return *pair, index_keys(*pair)


def _units(connection: psycopg.Connection[object]) -> None:
    """Provinces, counties and townships; a township is a square, the middle of every fifth built up."""
    townships = sorted({code[:9] for _, code in villages()})
    rows: list[Sequence[object]] = []
    built_up: list[Sequence[object]] = []
    for name, code in divisions():
        if len(code) in (2, 6):
            level, parent = ("province", None) if len(code) == 2 else ("county", code[:2])
            rows.append((code, name, level, parent, None, None))
    for number, code in enumerate(townships):
        rows.append((code, f"{code}镇", "township", code[:6], square(code, 0.04), "derived"))
        if number % 5 == 0:
            built_up.append((code, f"{code}建成区", "bench", square(code, 0.015)))
    columns = "valid, reason, made_by"
    tail = ("[2000-01-01,)", "bench", 1)
    _copy(
        connection,
        f"admin_unit (code, name, level, parent_code, geometry, geometry_source, source, {columns})",
        ((*row, "bench", *tail) for row in rows),
    )
    _copy(
        connection,
        f"built_up_area (code, name, source, geometry, {columns})",
        ((*row, *tail) for row in built_up),
    )


def square(township: str, half: float) -> str:
    """A square around a unit's middle as EWKB in hexadecimal; half a side in degrees."""
    lon, lat = middle(township)
    shape = shapely.MultiPolygon([shapely.box(lon - half, lat - half, lon + half, lat + half)])
    return shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True)


def _copy(connection: psycopg.Connection[object], into: str, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor().copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _without_indexes(connection: psycopg.Connection[object]) -> list[str]:
    """Drop the indexes of the two great tables; the statements that make them again, the primary keys first."""
    connection.execute("alter table place_name drop constraint place_name_one_version_excl")
    made: list[str] = []
    for index, definition, constraint in connection.execute(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname from pg_index i"
        " left join pg_constraint c on c.conindid = i.indexrelid and c.contype = 'p'"
        " where i.indrelid in ('place_name'::regclass, 'name_shape'::regclass)"
    ).fetchall():  # type: ignore[misc]
        if constraint is None:
            connection.execute(f"drop index {index}")
            made.append(definition)
    return made
