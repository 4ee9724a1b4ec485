"""Headings, cells and rows of a table, as every register that takes tables reads them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import shapely

from geo.facilities.register import columns as of_facilities
from geo.names.register import columns as of_names
from geo.problems import BadInput
from geo.programme.items import columns as of_items
from geo.reading.rows import (
    BadCell,
    BadMapping,
    Brought,
    Cells,
    Columns,
    RowProblem,
    amount_of,
    code_of,
    count_of,
    date_of,
    place_of,
    report,
    texts,
)
from geo.text import Text


class NoName(BadInput):
    code = "no-name"
    title = Text("没有名称列；有：{columns}", "no name among {columns}")


@pytest.fixture
def columns(tmp_path: Path) -> Columns:
    file = tmp_path / "columns.csv"
    file.write_text(
        "key,zh,en,words,into,kinds\nname,标准名称,name,名称;地名,table,\nold,名称,old name,曾用名,facts,a b\n",
        encoding="utf-8",
    )
    return Columns.read(file)


def test_an_official_heading_is_not_taken_by_a_synonym(columns: Columns) -> None:
    assert columns["old"].kinds == {"a", "b"} and columns["name"].into == "table"
    assert columns.guess(["名 称*", "標準名稱"]) == {"name": "標準名稱", "old": "名 称*"}
    assert columns.known(["名称", "长度"]) == 1
    # As a .dbf keeps headings: ten bytes.
    assert columns.guess(["标准名"]) == {"name": "标准名"}


def test_what_a_person_chose_counts(columns: Columns) -> None:
    assert columns.mapped(["甲", "名称"], {"name": "名称"}, "name", NoName) == {"name": "名称"}
    assert columns.mapped(["标准名称", "名称"], {"old": ""}, "name", NoName) == {"name": "标准名称"}
    with pytest.raises(NoName):
        columns.mapped(["甲"], None, "name", NoName)
    for wrong in ({"nome": "甲"}, {"name": "丙"}, {"name": "甲", "old": "甲"}):
        with pytest.raises(BadMapping):
            columns.mapped(["甲"], wrong, "name", NoName)


def test_cells_are_read_or_refused_with_a_sentence() -> None:
    assert {date_of(t) for t in ("2024-5-1", "2024年5月1日", "20240501", "2024/05/01 00:00:00")} == {
        date(2024, 5, 1)
    }
    assert (amount_of("1,200"), amount_of("1.5"), count_of("30张", "张"), count_of("1,000.0")) == (
        1200,
        1.5,
        30,
        1000,
    )
    assert place_of("106.6", "29.7") == (106.6, 29.7) and place_of("", "") is None
    names = {"a": Text("社区+食堂", "community"), "b": Text("食堂", "canteen")}
    assert (code_of("食堂", names, part=True), code_of("社区", names), code_of("社区", names, part=True)) == (
        "b",
        None,
        "a",
    )
    for read, bad in (
        (date_of, "2024-13-01"), (amount_of, "-1"), (amount_of, "很多"), (count_of, "1.5"), (count_of, "很多"),
        (lambda t: place_of(t, ""), "106"), (lambda t: place_of(t, "0"), "0"), (lambda t: place_of(t, "x"), "1"),
        (lambda t: place_of(t, "29", (0, 0, 1, 1)), "106"),
    ):  # fmt: skip
        with pytest.raises(BadCell) as said:
            read(bad)
        assert said.value.text.zh and said.value.text.en


def test_blank_cells_are_left_out_and_bad_ones_told_by_column() -> None:
    cells = Cells({"a": " 1 ", "b": "", "c": "一\u202e二", "d": "x  y", "e": "一\n二", "lon": "1"})
    for key in "abd":
        cells.put(key, str)
    cells.put("c", str)
    cells.put("e", str, lines=True)
    facts: dict[str, str] = {}
    cells.put("d", str, into=facts)
    got = cells.draft(cells.place(None))
    assert got.values == {"a": "1", "d": "x y", "e": "一\n二"} and facts == {"d": "x y"} and got.place is None
    assert [key for key, _ in got.problems] == ["c", "lon"]


def test_a_layers_shape_gives_the_place_where_no_column_does() -> None:
    record = {"名称": "甲", "经度": None, "wkb": shapely.to_wkb(shapely.box(106, 29, 107, 30))}
    row = texts(record, {"name": "名称"})
    assert row["name"] == "甲" and (float(row["lon"]), float(row["lat"])) == (106.5, 29.5)
    assert texts(record | {"经度": "1"}, {"lon": "经度"}) == {"lon": "1"}


def test_what_became_of_the_rows() -> None:
    done = Brought(rows=2, new=1)
    done.refuse([RowProblem(3, "名称", "=1+1", Text("坏", "bad"))] * 3, most=2)
    assert done.counts() == {"rows": 2, "new": 1, "changed": 0, "unchanged": 0, "refused": 1}
    assert len(done.problems) == 2 and list(report(done.problems))[1] == ("3", "名称", "'=1+1", "坏", "bad")


def test_the_registers_share_it() -> None:
    for columns, needed in ((of_names(), "name"), (of_facilities(), "name"), (of_items(), "title")):
        assert isinstance(columns, Columns) and columns.guess([columns[needed].title.zh]) == {
            needed: columns[needed].title.zh
        }
