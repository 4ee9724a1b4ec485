"""The register's columns and cells: headings recognised, every kind of bad cell refused with its sentence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from geo.names import register_cells as cells
from geo.names.categories import Category
from geo.names.parts import split
from geo.names.register import NoNameColumn, category_of_gb, columns, guess, mapped
from geo.names.register_cells import Known
from geo.names.register_rows import Batch, Checked, Checker
from geo.reading.rows import BadCell, BadMapping, date_of, report, shown
from geo.terms import NameStatus

KNOWN = Known(
    frozenset({"500112", "500113"}),
    {"500112": frozenset({"500112138", "500112140"})},
    {
        "兴隆镇": frozenset({"500112138"}), "渝北区": frozenset({"500112"}), "重庆市": frozenset({"50"}),
        "双河镇": frozenset({"500112140", "500113101"}), "巴南区": frozenset({"500113"}),
    },
)  # fmt: skip

#: The census form's columns as it prints them, with what they are here.
FORM = {
    "代码*": "code", "标准名称*": "name", "别名": "variant", "简称": "short", "图上名称": "map_name", "图号（年版）": "map_sheet", "比例尺": "scale",
    "罗马字母拼写*": "romanization", "地名读音": "reading", "通名罗马字母拼写": "generic_romanization", "民族文字": "minority_writing", "语种": "language",
    "使用时间*": "usage", "命名时间": "named_on", "密级": "secrecy", "设立年份": "founded", "废止年份": "abolished", "标牌个数": "signs", "高程": "elevation_m",
    "东经": "lon", "北纬": "lat", "坐标系": "system", "测量方法": "method", "类别名称*": "category", "地名含义*": "meaning", "历史沿革*": "history",
    "地理实体描述*": "description", "多媒体信息": "media", "其他信息": "other", "资料来源及出处": "source", "备注": "remark", "登记时间*": "registered_on",
    "登记人*": "registered_by", "登记单位*": "registered_at", "所在（跨）行政区*": "unit",
}  # fmt: skip
NATIONAL = {
    "standard_name": "name", "roman_alphabet_spelling": "romanization", "ethnic_minorities_writing": "minority_writing", "place_type": "category",
    "place_type_code": "gb_code", "place_code": "code", "gdm": "geometry", "place_origin": "origin", "place_meaning": "meaning",
    "place_history": "history", "old_name": "former", "government_history": "government_history", "area_code": "unit",
}  # fmt: skip


@pytest.mark.parametrize("form", [FORM, NATIONAL], ids=["census form", "national record"])
def test_the_official_headings_are_known(form: dict[str, str]) -> None:
    assert {theirs: ours for ours, theirs in guess(list(form)).items()} == form


def test_english_pinyin_traditional_and_cut_headings() -> None:
    assert guess(["Name", "Place Code", "Category"]) == {
        "name": "Name",
        "code": "Place Code",
        "category": "Category",
    }
    assert guess(["BZMC", "dimingdaima", "quxian"]) == {
        "code": "dimingdaima",
        "name": "BZMC",
        "county": "quxian",
    }
    assert guess(["標準名稱", "地名含義"]) == {"name": "標準名稱", "meaning": "地名含義"}
    assert guess(["地理实"]) == {"description": "地理实"}, "ten bytes of a .dbf"
    assert guess(["序号", "编号"]) == {}


def test_every_column_has_both_titles() -> None:
    assert all(c.title.zh and c.title.en and c.words for c in columns().values())


def test_a_mapping_is_changed_by_hand() -> None:
    assert mapped(["名称", "甲"], {"meaning": "甲"}) == {"name": "名称", "meaning": "甲"}
    assert mapped(["名称", "别名"], {"variant": ""}) == {"name": "名称"}
    assert mapped(["名称", "甲"], {"name": "甲"}) == {"name": "甲"}
    for wrong in ({"x": "名称"}, {"meaning": "乙"}, {"meaning": "名称", "origin": "名称"}):
        with pytest.raises(BadMapping):
            mapped(["名称"], wrong)
    with pytest.raises(NoNameColumn, match="甲、乙"):
        mapped(["甲", "乙"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "为空"), ("   ", "为空"), ("坏\x00村", "U+0000"), ("坏\x07村", "U+0007"), ("左\u202e右", "U+202E"), ("零\u200b宽", "U+200B"),
        ("😀村", "😀"), ("村①★", "★"), ("私\ue000用", "U+E000"), ("未\U0003fff0定", "U+3FFF0"), ("坏\ufffd字", "无法解码"), ("长" * 61, "61"),
        ("长" * 10_000, "10000"), ("第５村", "５"), ("Ａ区", "Ａ"), ("大湾 村", "空格"), ("2024-03-05", "Excel"), ("2024/3/5", "Excel"), ("3月5日", "Excel"),
        ("5-Mar", "Excel"), ("2024-03-05 00:00:00", "Excel"), ("45356", "数字"), ("1.5", "数字"),
    ],
)  # fmt: skip
def test_names_that_are_none(name: str, says: str) -> None:
    with pytest.raises(BadCell) as caught:
        cells.name_of(name)
    assert says in caught.value.text.zh and caught.value.text.en


@pytest.mark.parametrize(
    "name",
    [
        "兴隆村",
        "1203高地",
        "五一路",
        "三月三村",
        "邏山村",
        "阿克塞·萨依",
        "鸭儿凼",
        "𬒔坝",
        "中（上）村",
        "'; drop table place;--",
    ],
)
def test_names_that_are(name: str) -> None:
    assert cells.name_of(f" {name} ") == name


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("5.00112138222E+19", "科学"), ("5001121382220000018", "不是地名代码"), ("500112138222000001888", "不是地名代码"), ("99999913822200000188", "前 6 位"),
        ("50011299922200000188", "第 7—9 位"), ("50011213899900000188", "第 10—14 位"), ("代码", "不是地名代码"), ("５００", "不是地名代码"),
    ],
)  # fmt: skip
def test_codes_that_are_none(code: str, says: str) -> None:
    with pytest.raises(BadCell) as caught:
        cells.code_of(code, KNOWN)
    assert says in caught.value.text.zh


@pytest.mark.parametrize(
    "code",
    [
        "50011213822200000188",
        "50011200012100900048",
        "500113999222000001 88".replace(" ", ""),
        "500112138201",
        "A-17",
    ],
)
def test_codes_that_are(code: str) -> None:
    assert cells.code_of(code, KNOWN) == code


def test_units_by_code_and_name() -> None:
    assert cells.unit_of("500112138000", None, KNOWN) == "500112138"
    assert cells.unit_of("兴隆镇", None, KNOWN) == cells.unit_of("渝北区兴隆镇", None, KNOWN) == "500112138"
    assert cells.unit_of("双河镇", "500113", KNOWN) == "500113101"
    for wrong in ("500199", "500112999", "没有镇", "双河镇", "50011"):
        with pytest.raises(BadCell):
            cells.unit_of(wrong, None, KNOWN)


def test_categories() -> None:
    assert (
        cells.category_of("行政村")[0]
        is cells.category_of("21610")[0]
        is cells.category_of("群眾自治組織")[0]
        is Category.COMMITTEE
    )
    assert (
        category_of_gb("21500", "双凤桥街道") is Category.SUBDISTRICT
        and category_of_gb("21500", "兴隆镇") is Category.TOWNSHIP
    )
    assert [category_of_gb(c) for c in ("12100", "22200", "23550", "24100", "99999", "1210")] == [
        Category.NATURAL, Category.NATURAL_VILLAGE, Category.STREET, Category.FACILITY, None, None
    ]  # fmt: skip
    for wrong in ("怪", "99999"):
        with pytest.raises(BadCell):
            cells.category_of(wrong)


def test_positions() -> None:
    assert cells.position_of("106.7", "29.9", None, None) == (106.7, 29.9, None)
    x, y, box = cells.position_of("106°30′", "29°30′", "106°36′", None)
    assert (round(x, 6), y, [round(v, 6) for v in box or ()]) == (106.55, 29.5, [106.5, 29.5, 106.6, 29.5])
    for wrong, says in (
        (("29.9", "106.7"), "写反"),
        (("10", "50"), "不在中国"),
        (("106", None), "缺一个"),
        (("x", "29"), "不是数字"),
        (("nan", "29"), "不在中国"),
    ):
        with pytest.raises(BadCell) as caught:
            cells.position_of(*wrong, None, None)
        assert says in caught.value.text.zh
    assert cells.shape_of("LINESTRING (106 29, 107 30)")[:5] == b"\x01\x02\x00\x00\x00"
    for wrong_shape in ("LINESTRING (1 2", "POINT EMPTY", '{"type": "Point"}', "POINT (29 106)"):
        with pytest.raises(BadCell):
            cells.shape_of(wrong_shape)


@pytest.mark.parametrize(
    "given", ["2024-05-01", "2024/5/1", "2024年5月1日", "20240501", "2024-05-01 00:00:00", "2024.5.1"]
)
def test_dates(given: str) -> None:
    assert date_of(given) == date(2024, 5, 1)


@pytest.mark.parametrize("given", ["2024", "2024-13-01", "昨天", "45413"])
def test_dates_that_are_none(given: str) -> None:
    with pytest.raises(BadCell):
        date_of(given)


def check(*rows: dict[str, Any], batch: Batch | None = None) -> Checked:
    headings = list(dict.fromkeys(k for row in rows for k in row))
    table = {
        "row": list(range(2, len(rows) + 2)),
        **{h: pa.array([r.get(h) for r in rows], pa.string()) for h in headings},
    }
    record = pa.record_batch({**table, "wkb": pa.array([None] * len(rows), pa.binary())})
    return Checker(mapped(headings), batch or Batch(document="文", on=date(2020, 1, 1)), KNOWN).check(record)


def test_a_row_says_what_is_wrong_in_every_column() -> None:
    found = check(
        {"名称": "😀", "类别": "怪", "所在政区": "无", "批准日期": "昨天", "东经": "29", "北纬": "106"}
    )
    assert {p.column for p in found.problems} == {"名称", "类别", "所在政区", "批准日期", "东经"}
    assert found.refused == 1 and not found.rows["row"]
    assert next(iter(report(found.problems)))[0] == "行 row"


def test_what_follows_from_a_row() -> None:
    found = check(
        {
            "名称": "兴隆村",
            "地名代码": "50011213821610000001",
            "拼音": "Xinglong Cun",
            "密级": "公开",
            "高程": "400",
        }
    )
    row = {k: v[0] for k, v in found.rows.items()}
    assert (row["category"], row["gb_code"], row["unit_code"], row["status"]) == (
        Category.COMMITTEE,
        "21610",
        "500112138",
        "standard",
    )
    assert row["facts"] == '{"elevation_m": "400"}' and found.spelled_otherwise == 0
    other = check({"名称": "兴隆村", "所在政区": "兴隆镇", "拼音": "Hinglung Chuen"})
    assert other.spelled_otherwise == 1 and "Hinglung" in other.rows["facts"][0]


def test_contradictions_and_repetitions() -> None:
    twice = {"名称": "兴隆村", "类别": "行政村", "所在政区": "兴隆镇"}
    found = check(twice, twice, {**twice, "地名代码": "50011213821610000001", "类别代码": "22200"})
    assert [p.row for p in found.problems] == [3, 4] and "第 2 行重复" in found.problems[0].text.zh
    assert check({"名称": "兴隆村", "类别": "行政村"}).refused == 1, "no unit"
    assert check(twice, batch=Batch()).refused == 1, "standard without a document"
    assert check(twice, batch=Batch(status=NameStatus.PROPOSED)).refused == 0
    assert check({**twice, "使用时间": "历史"}, batch=Batch()).rows["status"] == ["historic"]


def test_a_report_is_no_formula() -> None:
    assert shown("=1+1") == "'=1+1" and shown("a\x00b") == "a<U+0000>b" and len(shown("长" * 500)) == 81


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("兴隆村", Category.COMMITTEE), ("石柱土家族自治县", Category.COUNTY_UP), ("潮白新河", Category.NATURAL), ("广安门北滨河路", Category.STREET),
        ("东四十二条", Category.STREET), ("小南街", Category.STREET), ("浙江省测绘局", Category.FACILITY), ("王家湾", Category.NATURAL_VILLAGE),
        ("北京工人体育馆", Category.FACILITY), ("第二松花江", Category.NATURAL), ("兴隆", Category.COMMITTEE), ("神农架林区", Category.COUNTY_UP),
    ],
)  # fmt: skip
def test_a_row_is_cut_as_the_name_is(name: str, kind: Category) -> None:
    row = check({"名称": name, "类别": kind.value, "所在政区": "兴隆镇"}).rows
    parts = split(name, kind)
    assert (row["specific"], row["generic"]) == ([parts.specific], [parts.generic])
