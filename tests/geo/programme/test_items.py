"""六个一批: rows of a file, good and bad."""

from __future__ import annotations

from datetime import date

import pytest

from geo.programme.items import NoTitle, columns, draft, mapped
from geo.reading.rows import BadMapping
from geo.terms import ProgrammeKind

BOX = (106.4, 29.5, 107.0, 30.2)


def unit_of(word, place):
    return {"统景镇": "500112111"}.get(word) or ("500112111" if place and not word else None)


def names_of(word):
    return {"江口村": 12}.get(word)


def row(**more):
    return {"kind": "地名馆", "title": "江口村地名馆", "unit": "统景镇"} | more


def test_a_row_becomes_an_item():
    got = draft(
        row(status="已验收", on_date="2024年6月1日", names="江口村", lon="106.7", lat="29.9", floor_area_m2="1,200", says="老地图\n口述"),
        unit_of, names_of, BOX,
    )  # fmt: skip
    assert not got.problems and got.place == (106.7, 29.9)
    assert got.values["kind"] == "museum" and got.values["status"] == "checked"
    assert got.values["on_date"] == date(2024, 6, 1) and got.values["facts"] == {"floor_area_m2": 1200}
    assert got.values["name_numbers"] == [12] and got.values["says"] == "老地图\n口述"


@pytest.mark.parametrize(("word", "theme"), [("产业", "industry"), ("地名+美食", "food"), ("FOOD", "food")])
def test_products_are_of_two_themes(word, theme):
    assert draft(row(kind="product", theme=word), unit_of, names_of).values["theme"] == theme


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 101}, "title"),
        ({"title": "馆\u202e牌"}, "title"),
        ({"kind": "飞机场"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"status": "大概"}, "status"),
        ({"kind": "product", "theme": "体育"}, "theme"),
        ({"on_date": "去年"}, "on_date"),
        ({"on_date": "2024-13-01"}, "on_date"),
        ({"unit": "火星镇"}, "unit"),
        ({"unit": ""}, "unit"),
        ({"names": "没有这个村"}, "names"),
        ({"lon": "106.7"}, "lon"),
        ({"lon": "29.9", "lat": "106.7"}, "lon"),
        ({"floor_area_m2": "很大"}, "floor_area_m2"),
        ({"brand": "江口"}, "brand"),
        ({"kind": "product", "theme": "食", "sales_link": "javascript:alert(1)"}, "sales_link"),
    ],
)
def test_what_is_wrong_is_said_of_its_column(more, column):
    got = draft(row(**more), unit_of, names_of, BOX)
    assert column in [key for key, _ in got.problems]
    assert all(why.zh and why.en for _, why in got.problems)


def test_the_kind_of_a_file_without_a_column_of_kinds():
    assert (
        draft({"title": "某馆", "unit": "统景镇"}, unit_of, names_of, None, ProgrammeKind.SIGN).values["kind"]
        == "sign"
    )


def test_headings_are_known_and_can_be_chosen():
    assert mapped(["序号", "活动名称", "所在镇街", "参与人数"]) == {
        "code": "序号", "title": "活动名称", "unit": "所在镇街", "audience": "参与人数",
    }  # fmt: skip
    assert mapped(["甲", "乙"], {"title": "甲"}) == {"title": "甲"}
    with pytest.raises(NoTitle):
        mapped(["甲", "乙"])
    with pytest.raises(BadMapping):
        mapped(["名称"], {"title": "没有"})
    with pytest.raises(BadMapping):
        mapped(["名称"], {"nothing": "名称"})


def test_every_field_of_every_kind_has_its_words():
    assert {k for c in columns().values() for k in c.kinds} == {k.value for k in ProgrammeKind}
    assert all(c.title.zh and c.title.en and c.words for c in columns().values())
