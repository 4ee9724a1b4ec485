"""Layer recognition: what a layer holds, and which of its fields are ours."""

from __future__ import annotations

import pytest

from geo.checks.scene import FIELDS
from geo.reading.recognise import cut, map_fields, synonyms
from geo.terms import Role
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import line, named, point, poly, shapefile, square, zipped

CHINESE = ["线号", "名称", "左乡镇代码", "右乡镇代码", "级别", "勘定状态", "依据文号", "批准日期"]
PINYIN = ["xianhao", "mingcheng", "zuodaima", "youdaima", "jibie", "zhuangtai", "wenhao", "riqi"]
INITIALS = ["XH", "MC", "ZXZDM", "YXZDM", "JB", "KDZT", "YJWH", "PZRQ"]
ENGLISH = [
    "line_code",
    "line_name",
    "left_code",
    "right_code",
    "level",
    "status",
    "document",
    "approval_date",
]
LONG = ["line_number", "boundary_name", "left_township_code", "right_township_code", "line_level", "demarcation_status", "approval_document", "date_of_approval"]  # fmt: skip
OURS = ["code", "name", "left", "right", "level", "status", "document", "approval_date"]


@pytest.mark.parametrize(
    "names",
    [
        CHINESE,
        PINYIN,
        INITIALS,
        ENGLISH,
        LONG,
        [n.upper() for n in ENGLISH],
        [n.replace("_", " ") for n in LONG],
    ],
)
def test_lines_in_every_tongue(names):
    assert map_fields(Role.LINES, names) == dict(zip(OURS, names, strict=True))


@pytest.mark.parametrize("names", [CHINESE, LONG, PINYIN])
@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_names_cut_at_ten_bytes(names, codec):
    short = [cut(n, codec) for n in names]
    found = map_fields(Role.LINES, short)
    assert {"code", "left", "right", "status"} <= set(found)
    assert all(short[OURS.index(ours)] == theirs for ours, theirs in found.items() if ours in OURS)


def test_a_name_with_a_number_and_one_letter_wrong():
    assert map_fields(Role.MARKERS, ["界桩号_1", "lognitude"]) == {"number": "界桩号_1"}
    assert map_fields(Role.POLYGONS, ["town_cod", "name"]) == {"code": "town_cod", "name": "name"}


def test_what_a_program_measured_is_not_what_was_stated():
    assert map_fields(Role.POLYGONS, ["Shape_Area", "SHAPE_Leng"]) == {}


def test_every_name_of_ours_has_synonyms_and_none_is_of_two():
    for role, names in FIELDS.items():
        assert set(names) == set(synonyms()[role])
        spellings = [s for words in synonyms()[role].values() for s in words]
        assert len(spellings) == len(set(spellings)), role


def taken(take, parts, stem, **options):
    got = take(zipped(named(parts, stem)), **options)
    return got, got.layers[0]


@pytest.mark.parametrize(
    ("kind", "record", "stem", "names", "role"),
    [
        (5, poly(square()), "乡镇", ["代码"], Role.POLYGONS),
        (3, line(square()[:3]), "界线", ["线号"], Role.LINES),
        (1, point(370000, 3300000), "界桩", ["界桩号"], Role.MARKERS),
        (1, point(370000, 3300000), "三交点", ["编号"], Role.TRIPOINTS),
        (1, point(370000, 3300000), "a", ["编号", "乡镇1", "乡镇2", "乡镇3"], Role.TRIPOINTS),
        (1, point(370000, 3300000), "a", ["name"], Role.MARKERS),
        (3, line(square()[:3]), "三交点", ["编号"], Role.LINES),
    ],
)
def test_roles_by_geometry_names_and_fields(take, kind, record, stem, names, role):
    _, found = taken(take, shapefile(kind=kind, records=[record], names=names, ldid=0x4D), stem)
    assert found.role is role and found.recognised is not None and found.recognised.zh and found.recognised.en


def test_a_person_chooses_role_and_fields(take):
    parts = shapefile(names=["甲", "乙"], ldid=0x4D)
    _, found = taken(take, parts, "面", roles={"面": Role.LINES})
    assert found.role is Role.LINES
    _, found = taken(take, parts, "面", fields={"面": {"code": "乙"}})
    assert found.fields == {"code": "乙"}
    _, found = taken(take, parts, "面", remembered={("乙", "甲"): {"name": "甲", "code": "无"}})
    assert found.fields == {"name": "甲"}
    _, found = taken(
        take, parts, "面", remembered={("乙", "甲"): {"name": "甲"}}, fields={"面": {"name": "乙"}}
    )
    assert found.fields == {"name": "乙"}


def test_a_field_can_be_taken_away(take):
    _, found = taken(take, shapefile(names=["名称"], ldid=0x4D), "面", fields={"面": {"name": ""}})
    assert found.fields == {}


def test_hanzi_cut_in_half_still_name_their_field(take):
    from tests.geo.reading.made import dbf

    parts = shapefile(kind=3, records=[line(square()[:3])])
    names = ["左侧乡镇代码".encode("gbk")[:9], "右侧乡镇代码".encode("gbk")[:9], "线号".encode("gbk")]
    parts["dbf"] = dbf([(n, "C", 12) for n in names], [[b"500112138", b"500112140", b"L1"]], ldid=0x4D)
    got, found = taken(take, parts, "界线")
    assert found.fields == {"code": "线号", "left": "左侧乡镇", "right": "右侧乡镇"} and codes(got) == {
        "EN05"
    }


def test_points_in_bundles_have_no_role_in_generic(take):
    import struct

    content = struct.pack("<i4dI", 8, 0, 0, 9, 9, 2) + struct.pack("<4d", 370000, 3300000, 370001, 3300001)
    parts = shapefile(kind=8, records=[content], names=["n"], ldid=0x4D)
    assert taken(take, parts, "点", township=False)[1].role is None
    assert taken(take, parts, "点")[1].role is Role.MARKERS
    assert taken(take, parts, "点", township=False, role=Role.MARKERS)[1].role is Role.MARKERS


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["编号", "乡镇代", "乡镇_1", "乡镇_2", "高程"], ["乡镇代", "乡镇_1", "乡镇_2"]),
        (["乡镇_2", "乡镇_1", "乡镇代", "编号"], ["乡镇代", "乡镇_1", "乡镇_2"]),
        (["编号", "乡镇代码1", "乡镇代码2", "乡镇代码3"], ["乡镇代码1", "乡镇代码2", "乡镇代码3"]),
        (["编号", "乡镇1", "乡镇2", "乡镇3"], ["乡镇1", "乡镇2", "乡镇3"]),
    ],
)
def test_three_units_that_were_cut_to_one_name(names, found):
    mapping = map_fields(Role.TRIPOINTS, names)
    assert [mapping[f"unit{i}"] for i in (1, 2, 3)] == found and mapping["number"] == "编号"


@pytest.mark.parametrize(
    ("role", "names"),
    [(Role.POLYGONS, ["行政区", "行政_1", "面积"]), (Role.LINES, ["边界线", "边界_1", "左乡镇", "右乡镇"])],
)
def test_code_and_name_that_were_cut_to_one_name(role, names):
    """A table has the code before the name; without a second field nobody can tell which one it is."""
    mapping = map_fields(role, names)
    assert (mapping["code"], mapping["name"]) == tuple(names[:2])
    assert not {"code", "name"} & set(map_fields(role, [names[0], *names[2:]]))
