"""The plan of every statement of the search on a filled table: by its index, never through the whole table."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.dialects.postgresql import Range

from geo.names.categories import Category
from geo.store import engine, search, search_forms, search_known, search_looking
from geo.store.search import Filters
from geo.store.search_statements import Sentence, values_of
from tests import builders as b

#: Which indexes may serve a statement.
KEYS = {"name_form_keys_gin"}
LIST = {"common_name_pkey", "name_form_pkey"}
UNITS = {
    "admin_unit_parent_ix",
    "admin_unit_code_ix",
    "admin_unit_statistical_ix",
    "admin_unit_one_version_excl",
}
SERVED_BY = {
    "limited": set(),
    "known": {"name_form_unit_form_ix", "name_form_unit_bare_ix", *UNITS},
    "page": {"name_form_pkey"},
    "listed": LIST,
    # A small box, a few ids or the specific part may find them sooner than the keys.
    "gathered": KEYS | {"name_form_point_gist", "name_form_pkey", "name_form_specific_ix"},
    "tried": KEYS | {"name_form_point_gist", "name_form_pkey"},
    "slips": KEYS | LIST | {"name_form_point_gist"},
    "walked": {"name_form_rank_ix"},
    "nearest": {"name_form_point_gist"},
    "around": {"name_form_place_ix"},
    "units": UNITS,
}
#: Tables of a row or a few; what is known beforehand is all that they hold.
SMALL = {"page": {"search_stamp"}, "known": {"search_stamp", "common_key", "admin_unit", "public_shape"}}

COPIES = 7


def versions() -> Iterator[dict[str, Any]]:
    """2,500 names of all kinds, some of them of units, some former; seeded."""
    rng = random.Random(20)
    parts = "兴隆统景江口洛碛茨竹御临玉峰石船龙溪麻柳大盛木耳双凤回洛悦来礼嘉人和鸳鸯天宫殿翠云宝圣湖沱园高岩湾坝沟"
    tails = {Category.COMMITTEE: ("村", "社区"), Category.NATURAL_VILLAGE: ("湾", "坝", "院子"),
             Category.TOWNSHIP: ("镇", "乡"), Category.STREET: ("路", "街")}  # fmt: skip
    for number in range(1, 2501):
        category = rng.choices(list(tails), (60, 30, 2, 8))[0]
        specific = "".join(rng.choices(parts, k=rng.choice((1, 2, 2, 2, 3))))
        yield {
            "version_id": number, "number": number, "place_id": number, "name": specific + rng.choice(tails[category]),
            "specific": specific, "readings": None, "romanization": "", "category": category.value,
            "status": rng.choices(("standard", "former"), (9, 1))[0], "unit_code": f"{rng.randrange(500101, 500156)}001",
            "names_unit": f"5001{number:05}" if category is Category.TOWNSHIP else None, "demo": False, "facts": {},
            "importance": rng.randrange(0, 60), "valid": Range(date(2000, 1, 1), None, bounds="[)"),
            "point": f"SRID=4490;POINT({rng.uniform(105, 110):.5f} {rng.uniform(28, 32):.5f})",
        }  # fmt: skip


@pytest.fixture(scope="module")
def filled(module_database: str) -> None:
    """20,000 forms: 2,500 written as the register writes them, and each seven times more."""
    copied = [c for c in search_forms.COLUMNS if c not in ("number", "version_id", "place_id", "unit_code")]
    with engine.sessions("owner").begin() as session:
        session.execute(text("drop index published.name_form_keys_gin"))
        driver = session.connection().connection.driver_connection
        assert driver is not None
        sentence = f"copy published.name_form ({', '.join(search_forms.COLUMNS)}) from stdin"
        with driver.cursor() as cursor, cursor.copy(sentence) as copy:
            for row in search_forms.rows_of(versions()):
                copy.write_row(row)
        session.execute(
            text(
                f"insert into published.name_form (number, version_id, place_id, unit_code, {', '.join(copied)})"
                " select number + 2500 * i, version_id + 2500 * i, place_id + 2500 * i, unit_code,"
                f" {', '.join(copied)} from published.name_form cross join generate_series(1, :copies) i"
            ),
            {"copies": COPIES},
        )
        session.execute(text(search_forms.KEYS_INDEX))
        search_forms.count_common(session)
        # 55 counties of 50 townships; every tenth township lies in another county than its code says.
        session.execute(
            text(
                "insert into admin_unit (code, name, level, parent_code, source, valid, reason, made_by)"
                " select (500101 + i / 50)::text || lpad((100 + i % 50)::text, 3, '0'), 'x', 'township',"
                " (500101 + case when i % 10 = 0 then (i / 50 + 7) % 55 else i / 50 end)::text, '测试', '[2000-01-01,)',"
                " '测试', :maker from generate_series(0, 2749) i"
            ),
            {"maker": b.person(session).id},
        )
    with engine.engine("owner").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text("analyze published.name_form, published.common_name, published.common_key, admin_unit")
        )


QUESTIONS = ("兴隆村", "兴隆", "村", "隆", "大", "兴隆村村", "景江口", "xinglong", "xing", "lc", "inglon", "xīnglóng", "洛qi",
             "兴龙社区", "统景镇江口村", "统景 江口", "不存在的地方", "大村", "湾院",
             "统景 jiangkou", "统景 xing隆", "统景镇、江口村")  # fmt: skip
FEW = ("兴隆村", "村", "xing", "大村", "统景镇江口村")
FILTERS = (
    Filters(),
    Filters(category=Category.STREET),
    Filters(unit="500112"),
    Filters(unit="500112", at=date(2020, 1, 1)),
    Filters(unit="500112138"),
    Filters(box=(106.0, 29.0, 107.0, 30.0)),
    Filters(at=date(2020, 1, 1)),
    Filters(near=(106.5, 29.5)),
)


@pytest.fixture(scope="module")
def asked(filled: None) -> list[tuple[str, Any]]:
    """Every statement that searches of all kinds send, with its parameters, each shape once."""
    sent: dict[str, tuple[str, Any]] = {}
    really = search_looking.send

    def keep(session: Any, sentence: Sentence, bound: Any, arms: Any = ()) -> list[Any]:
        sent.setdefault(sentence.sql, (sentence.sql, values_of(sentence, bound, arms)))
        return really(session, sentence, bound, arms)

    def keep_other(_: Connection, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        sent.setdefault(statement, (statement, parameters))

    public = engine.engine("public")
    event.listen(public, "before_cursor_execute", keep_other)
    search_known._KNOWN.pop(public, None)
    with engine.sessions("public")() as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_looking, "send", keep)
        # As far as in a million names, in proportion.
        for bound, value in (("WALK_FROM", 2_000), ("WALKED", 800), ("NEAREST", 800)):
            patch.setattr(search_looking, bound, value)
        for filters in FILTERS:
            for q in QUESTIONS if filters == Filters() else FEW:
                answer = search.search(session, q, filters=filters)
                if answer.next:
                    search.search(session, q, filters=filters, cursor=answer.next, limit=100)
            first = search.listed(session, filters=filters)
            search.listed(session, filters=filters, cursor=first.next)
    event.remove(public, "before_cursor_execute", keep_other)
    return list(sent.values())


def names_in(statement: str) -> set[str]:
    return set(re.findall(r"/\* search (\w+) \*/", statement))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_every_statement_of_the_search_is_asked(asked: list[tuple[str, Any]]) -> None:
    assert all(names_in(statement) for statement, _ in asked)
    assert set().union(*(names_in(statement) for statement, _ in asked)) == set(search.statements())


@pytest.mark.parametrize("plan_of", ["force_generic_plan", "force_custom_plan"])
def test_every_statement_goes_by_its_indexes(asked: list[tuple[str, Any]], plan_of: str) -> None:
    """Made once for every question, as PostgreSQL keeps it, or for one: the same indexes."""
    with engine.engine("public").connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(f"set local plan_cache_mode = {plan_of}")
        for statement, parameters in asked:
            allowed = set().union(*(SERVED_BY[name] for name in names_in(statement)))
            small = set().union(*(SMALL.get(name, set()) for name in names_in(statement)))
            kind_of_cursor = psycopg.RawCursor if "$1" in statement else psycopg.Cursor
            cursor = kind_of_cursor(driver).execute("explain (format json) " + statement, parameters)
            [plan] = cursor.fetchone()[0]
            for node in nodes(plan["Plan"]):
                kind, where = node["Node Type"], f"{parameters}\n{statement}"
                if kind == "Seq Scan":
                    assert node["Relation Name"] in small, f"a walk through {node['Relation Name']}: {where}"
                if "Index Name" in node and node["Index Name"].startswith(
                    ("name_form", "common_name", "admin_unit")
                ):
                    assert node["Index Name"] in allowed, f"by {node['Index Name']}: {where}"


def test_a_filled_table_is_what_is_planned_for(filled: None) -> None:
    with engine.engine("public").connect() as connection:
        assert connection.scalar(text("select count(*) from published.name_form")) == 20_000
        assert connection.scalar(text("select count(*) from published.common_key")) > 50
