"""Import of names: new, changed and unchanged rows, history, refusals, the same file twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.names.register import mapped
from geo.names.register_rows import PRIMARY, Batch
from geo.store import name_import, names, naming_words, search_forms, versions
from geo.store.tables import NameSuccession, NamingSetting, PlaceName
from geo.terms import NameStatus
from tests import builders as b

DOCUMENT, ON = "渝北府发〔2020〕1号", date(2020, 5, 1)
GIVEN = Batch(document=DOCUMENT, on=ON, source="标准地名录")


def table(*rows: dict[str, str | None]) -> pa.RecordBatch:
    """Rows as the reading sends them; the row number counts from 2, below the header."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    columns: dict[str, Any] = {"row": pa.array(range(2, len(rows) + 2), pa.int64())}
    columns |= {h: pa.array([row.get(h) for row in rows], pa.string()) for h in headings}
    columns["wkb"] = pa.array([None] * len(rows), pa.binary())
    return pa.record_batch(columns)


def load(
    session: Session, maker: int, *rows: dict[str, str | None], batch: Batch = GIVEN
) -> name_import.Imported:
    record = table(*rows)
    mapping = mapped(record.schema.names[1:-1])
    return name_import.load(session, [record], mapping, batch, actor_id=maker, reason="导入测试")


XINGLONG = {
    "标准名称": "兴隆村",
    "地名代码": "500112138201",
    "类别": "行政村",
    "经度": "106.7",
    "纬度": "29.9",
    "地名含义": "取兴旺之意",
}
DAWAN = {
    "标准名称": "大湾村",
    "地名代码": "500112138202",
    "类别": "行政村",
    "经度": "106.8",
    "纬度": "29.9",
    "地名含义": None,
}


def held(session: Session) -> list[tuple[Any, ...]]:
    return [
        tuple(r)
        for r in session.execute(text("select id, number, name, recorded, valid from place_name order by id"))
    ]


@pytest.fixture
def maker(app_session: Session) -> int:
    return b.person(app_session).id


def test_new_names_come_in_with_all_that_follows(app_session: Session, maker: int) -> None:
    done = load(app_session, maker, XINGLONG, DAWAN)
    assert done.counts() == {
        "rows": 2, "new": 2, "changed": 0, "unchanged": 0, "refused": 0, "renamed": 0, "other_names": 0,
        "uncertain_readings": done.uncertain, "spelled_otherwise": 0,
    }  # fmt: skip
    row = app_session.scalars(select(PlaceName).where(PlaceName.name == "兴隆村")).one()
    assert (row.specific, row.generic, row.romanization) == ("兴隆", "村", "Xīnglóng Cūn")
    assert (row.status, row.document, row.unit_code, row.valid.lower) == (
        "standard",
        DOCUMENT,
        "500112138",
        ON,
    )
    assert (row.meaning, row.sources, row.geometry_source) == (
        "取兴旺之意",
        [{"title": "标准地名录"}],
        "imported",
    )
    assert app_session.scalar(text("select st_x(geometry) from place_name where name = '兴隆村'")) == 106.7
    assert app_session.scalar(text("select count(distinct place_id) from place_name")) == 2


def test_the_same_file_twice_changes_nothing(app_session: Session, maker: int) -> None:
    rows = (
        XINGLONG | {"别名": "老兴隆", "高程": "412"},
        DAWAN,
        {"标准名称": "王家湾", "类别": "自然村", "所在政区": "500112138"},
    )
    first = load(app_session, maker, *rows)
    before = held(app_session)
    assert len(before) == 4, first.problems
    done = load(app_session, maker, *rows)
    assert (done.new, done.changed, done.unchanged, done.other_names) == (0, 0, 3, 0)
    assert held(app_session) == before


def test_an_empty_cell_says_nothing(app_session: Session, maker: int) -> None:
    load(app_session, maker, XINGLONG)
    done = load(app_session, maker, XINGLONG | {"地名含义": None, "经度": None, "纬度": None})
    assert done.unchanged == 1


def test_a_descriptive_fact_corrects_the_version(app_session: Session, maker: int) -> None:
    load(app_session, maker, XINGLONG)
    number = app_session.scalars(select(PlaceName.number)).one()
    done = load(
        app_session,
        maker,
        XINGLONG | {"地名含义": "兴旺隆盛"},
        batch=Batch(document=DOCUMENT, on=date(2021, 1, 1)),
    )
    assert done.changed == 1 and done.renamed == 0
    app_session.expire_all()
    now, before = versions.history(app_session, PlaceName, number)
    assert (now.meaning, now.valid.lower, now.document) == ("兴旺隆盛", ON, DOCUMENT)
    assert before.recorded.upper is not None


def test_a_file_of_an_earlier_day_speaks_of_the_version_of_that_day(
    app_session: Session, maker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was exported as of a day comes back without a change, though the place's history has gone on since; a
    fact that it corrects is corrected there, and the later version keeps what it says."""
    load(app_session, maker, XINGLONG)
    first = app_session.scalars(select(PlaceName)).one()
    later = {c.name: getattr(first, c.name) for c in PlaceName.__table__.columns if not c.computed}
    later |= {"meaning": "后来查明的含义", "valid": Range(date(2025, 11, 7), None, bounds="[)")}
    for key in ("id", "recorded"):
        later.pop(key)
    versions.supersede(app_session, PlaceName(**later))
    monkeypatch.setenv("YUDI_AS_OF", "2024-12-31")
    numbered = XINGLONG | {"登记编号": str(first.number)}
    for row in (XINGLONG, numbered):
        done = load(app_session, maker, row)
        assert (done.unchanged, done.changed) == (1, 0)
    done = load(app_session, maker, numbered | {"地名含义": "更正的含义"})
    assert (done.changed, done.refused) == (1, 0)
    told = app_session.execute(
        text("select lower(valid), meaning from place_name where upper_inf(recorded) order by 1")
    ).all()
    assert [tuple(r) for r in told] == [(ON, "更正的含义"), (date(2025, 11, 7), "后来查明的含义")]


def test_a_renaming_writes_history(app_session: Session, maker: int) -> None:
    load(app_session, maker, XINGLONG, DAWAN)
    number, place = app_session.execute(
        select(PlaceName.number, PlaceName.place_id).where(PlaceName.name == "兴隆村")
    ).one()
    later = Batch(document="渝北府发〔2023〕9号", on=date(2023, 3, 1))
    done = load(app_session, maker, XINGLONG | {"标准名称": "新兴村"}, DAWAN, batch=later)
    assert (done.changed, done.renamed, done.unchanged) == (1, 1, 1)
    assert names.name_at(app_session, number, date(2022, 1, 1)).name == "兴隆村"
    now = names.name_at(app_session, number, date(2024, 1, 1))
    assert (now.name, now.romanization, now.document) == ("新兴村", "Xīnxīng Cūn", later.document)
    former = app_session.scalars(
        select(PlaceName).where(PlaceName.place_id == place, PlaceName.status == NameStatus.FORMER)
    ).one()
    assert (former.name, former.number != number, former.valid.lower) == ("兴隆村", True, later.on)
    link = app_session.scalars(select(NameSuccession)).one()
    assert (link.from_number, link.to_number, link.kind, link.on_date) == (
        former.number,
        number,
        "renamed",
        later.on,
    )
    again = load(app_session, maker, XINGLONG | {"标准名称": "新兴村"}, DAWAN, batch=later)
    assert (again.changed, again.renamed, again.unchanged) == (0, 0, 2)


def test_no_change_of_a_name_without_its_document(app_session: Session, maker: int) -> None:
    load(app_session, maker, XINGLONG)
    before = held(app_session)
    # The register's own document in the row is no new one.
    done = load(app_session, maker, XINGLONG | {"标准名称": "新兴村", "批准文号": DOCUMENT}, batch=Batch())
    assert (done.changed, done.refused) == (0, 1)
    assert "--document" in done.problems[0].text.zh and held(app_session) == before
    done = load(
        app_session,
        maker,
        XINGLONG | {"标准名称": "新兴村"},
        batch=Batch(document="旧文", on=date(2019, 1, 1)),
    )
    assert done.refused == 1 and "早于" in done.problems[0].text.zh


def test_a_standard_name_needs_a_document(app_session: Session, maker: int) -> None:
    done = load(app_session, maker, XINGLONG, batch=Batch())
    assert (done.new, done.refused, done.problems[0].row) == (0, 1, 2)
    assert load(app_session, maker, XINGLONG, batch=Batch(status=NameStatus.PROPOSED)).new == 1


def test_further_names_belong_to_the_same_place(app_session: Session, maker: int) -> None:
    load(app_session, maker, XINGLONG | {"别名": "兴龙；老兴隆", "历史地名": "隆兴场"})
    rows = app_session.execute(select(PlaceName.name, PlaceName.status, PlaceName.place_id)).all()
    assert {(n, s) for n, s, _ in rows} == {
        ("兴隆村", "standard"),
        ("兴龙", "variant"),
        ("老兴隆", "variant"),
        ("隆兴场", "former"),
    }
    assert len({place for _, _, place in rows}) == 1
    done = load(
        app_session,
        maker,
        {"标准名称": "兴隆坝", "地名代码": XINGLONG["地名代码"], "地名状态": "方言名"},
        batch=Batch(),
    )
    assert done.new == 1
    assert app_session.scalar(text("select count(distinct place_id) from place_name")) == 1


def test_bad_rows_stay_out_and_the_rest_goes_in(app_session: Session, maker: int) -> None:
    done = load(
        app_session, maker, XINGLONG, DAWAN | {"经度": "29.9", "纬度": "106.8"}, XINGLONG | {"标准名称": "别的村"},
        {"标准名称": "无处村", "类别": "行政村", "登记编号": "999999999", "所在政区": "500112138"},
    )  # fmt: skip
    assert (done.new, done.refused) == (1, 3)
    assert sorted(p.row for p in done.problems) == [3, 4, 5]


def test_a_code_is_of_one_standard_name(app_session: Session, maker: int) -> None:
    load(app_session, maker, XINGLONG, DAWAN)
    number = app_session.scalars(select(PlaceName.number).where(PlaceName.name == "大湾村")).one()
    done = load(app_session, maker, DAWAN | {"登记编号": str(number), "地名代码": XINGLONG["地名代码"]})
    assert done.refused == 1 and "另一标准地名" in done.problems[0].text.zh


def protect(
    session: Session, maker: int, name: str, *, state: str = "published", entry: str = "accepted"
) -> None:
    """Put a name of the register on a protection list."""
    session.execute(
        text(
            "with l as (insert into protection_list (district, kind, batch, title, state, document, published_on)"
            " values ('500112', 'historic', 1, '第一批历史地名保护名录', :state, '渝北府发〔2020〕1号', '2020-01-01') returning id)"
            " insert into protection_entry (list_id, number, state, proposed_by)"
            " select l.id, n.number, :entry, :maker from l, place_name n where n.name = :name"
        ),
        {"state": state, "entry": entry, "maker": maker, "name": name},
    )


LATER = Batch(document="渝北府发〔2023〕9号", on=date(2023, 3, 1))
NEW = {"标准名称": "新兴村", "地名代码": "500112138203", "类别": "行政村"}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(XINGLONG | {"标准名称": "新兴村"}, id="renamed"),
        pytest.param(XINGLONG | {"状态": "消失地名"}, id="ended"),
        pytest.param(
            {
                "标准名称": "兴隆村",
                "登记编号": "?",
                "类别": "行政村",
                "状态": "曾用名",
                "所在政区": "500112138",
            },
            id="set aside",
        ),
        pytest.param(NEW | {"所在政区": "500112138", "曾用名": "兴隆村"}, id="replaced by another place"),
    ],
)
def test_a_protected_name_is_not_renamed_ended_or_replaced(
    app_session: Session, maker: int, row: dict[str, str | None]
) -> None:
    load(app_session, maker, XINGLONG, DAWAN)
    protect(app_session, maker, "兴隆村")
    before = [r for r in held(app_session) if r[2] == "兴隆村"]
    if "登记编号" in row:
        row = row | {"登记编号": str(before[0][1])}
    done = load(app_session, maker, row, DAWAN | {"标准名称": "大塆村"}, batch=LATER)
    assert (done.refused, done.renamed) == (1, 1)
    (problem,) = done.problems
    assert (
        (problem.row, problem.code) == (2, "protected")
        and "第二十五条" in problem.text.zh
        and "撤出名录" in problem.text.zh
    )
    assert "protection list" in problem.text.en
    assert [r for r in held(app_session) if r[2] == "兴隆村"] == before


@pytest.mark.parametrize(
    "row", [XINGLONG | {"地名含义": "另说"}, XINGLONG | {"类别": "自然村"}, NEW | {"曾用名": "别的村"}]
)
def test_what_leaves_a_protected_name_as_it_is_comes_in(
    app_session: Session, maker: int, row: dict[str, str | None]
) -> None:
    load(app_session, maker, XINGLONG)
    protect(app_session, maker, "兴隆村")
    assert load(app_session, maker, row, batch=LATER).refused == 0


@pytest.mark.parametrize(("state", "entry"), [("review", "proposed"), ("published", "withdrawn")])
def test_only_a_published_list_protects(app_session: Session, maker: int, state: str, entry: str) -> None:
    load(app_session, maker, XINGLONG)
    protect(app_session, maker, "兴隆村", state=state, entry=entry)
    done = load(app_session, maker, XINGLONG | {"标准名称": "新兴村"}, batch=LATER)
    assert (done.refused, done.renamed) == (0, 1)


def test_settled_readings_spell(app_session: Session, maker: int) -> None:
    naming_words.put_setting(
        app_session,
        NamingSetting(
            kind="reading", key="500112|长坪", reason="审定", made_by=maker,
            value={"text": "长坪", "reading": "zhǎng píng", "unit": "500112", "source": "实地调查"},
        ),
    )  # fmt: skip
    load(app_session, maker, XINGLONG | {"标准名称": "长坪村", "曾用名": "长坪乡"}, DAWAN)
    spelled = dict(app_session.execute(select(PlaceName.name, PlaceName.romanization)).all())
    assert (spelled["长坪村"], spelled["长坪乡"]) == ("Zhǎngpíng Cūn", "Zhǎngpíngxiāng")
    row = app_session.scalars(select(PlaceName).where(PlaceName.name == "大湾村")).one()
    settled = versions.copy_of(row, row.valid, None)
    settled.readings, settled.made_by, settled.reason = ["dài", "wān", "cūn"], maker, "审定读音"
    versions.supersede(app_session, settled)
    load(app_session, maker, DAWAN | {"类别": "自然村"}, batch=LATER)
    row = app_session.scalars(
        select(PlaceName).where(PlaceName.number == row.number, PlaceName.category == "自然村")
    ).one()
    assert (row.romanization, row.readings) == ("Dàiwāncūn", ["dài", "wān", "cūn"])


def test_the_search_follows(app_session: Session, maker: int) -> None:
    load(app_session, maker, XINGLONG | {"别名": "老兴隆"})
    found = app_session.execute(text("select name from published.name_form order by name")).scalars().all()
    assert {"兴隆村", "老兴隆"} <= set(found)
    assert search_forms.rebuild(app_session) == 0


@pytest.mark.parametrize("name", ["match_number", "match_code", "match_name", "in_force", "differences"])
def test_the_register_is_probed_and_never_read_through(app_session: Session, maker: int, name: str) -> None:
    """A million rows are some sixty stretches: each may ask for its own rows only, whatever the planner takes for cheap."""
    load(app_session, maker, XINGLONG, DAWAN)
    load(app_session, maker, XINGLONG, DAWAN)
    # So that a join is any other, wherever it may be. By which index a row is asked for is a question of sizes.
    app_session.execute(text("set local enable_nestloop = off"))
    sentence = name_import.statements()[name]
    values = {"primary": [s.value for s in PRIMARY], "today": ON}
    wanted = {k: v for k, v in values.items() if f":{k}" in sentence}
    [[plan]] = app_session.execute(text(f"explain (format json) {sentence}"), wanted).scalars().all()

    def scans(node: dict[str, Any], for_each: bool = False) -> list[bool]:
        """Of every scan of the register, whether it is made for each row of something else."""
        mine = [for_each] if node.get("Relation Name") == "place_name" else []
        return mine + [
            found
            for part in node.get("Plans", [])
            for found in scans(
                part,
                for_each
                or (node["Node Type"] == "Nested Loop" and part.get("Parent Relationship") == "Inner"),
            )
        ]

    found = scans(plan["Plan"])
    assert found and all(found), plan
