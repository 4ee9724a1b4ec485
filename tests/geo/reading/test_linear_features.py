"""Roads and rivers beside boundary lines: taken for what they are, and said to be (UP04, MK06)."""

from __future__ import annotations

import pytest

from geo.terms import Role, Severity
from tests.geo.reading.made import line, named, shapefile, square, zipped

BOUNDARY = ["线号", "界线名称", "左乡镇代码", "右乡镇代码", "级别", "勘定状态"]


def drawn(stem: str, names: list[str]) -> dict[str, bytes]:
    return named(shapefile(kind=3, records=[line(square()[:3])], names=names, ldid=0x4D), stem)


def roles(take, *layers, **options):
    got = take(zipped({k: v for stem, names in layers for k, v in drawn(stem, names).items()}), **options)
    return got, {layer.name: layer.role for layer in got.layers}


@pytest.mark.parametrize(
    ("stem", "names"),
    [
        ("道路", ["路名"]),
        ("道路", ["名称", "编号", "等级", "状态"]),
        ("道路中心线", ["FID_"]),
        ("公路_G210", ["名称"]),
        ("铁路", ["名称"]),
        ("河流", ["名称", "等级"]),
        ("御临河", ["FID_"]),
        ("御臨河", ["FID_"]),
        ("嘉陵江", ["FID_"]),
        ("水系", ["HYDC", "GB"]),
        ("沟渠", ["name"]),
        ("road_centerline", ["osm_id", "fclass", "ref"]),
        ("Rivers", ["name"]),
        ("railway_line", ["name"]),
        ("LRDL", ["GB", "RN"]),
        ("gis_osm_1", ["osm_id", "highway", "name"]),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_road_or_river_is_no_boundary(take, stem, names, alone):
    got, found = roles(take, (stem, names), *([] if alone else [("界线", BOUNDARY)]))
    assert found[stem] is None and found.get("界线", Role.LINES) is Role.LINES
    (said,) = [f for f in got.findings if f.code == "UP04" and f.layer == stem]
    assert "道路、河流" in said.text.zh and "rivers" in said.text.en and "改为“界线”" in said.remedy.zh
    # Where nothing else is checked, the surveyor is warned that nothing was.
    assert said.severity is (Severity.WARNING if alone else Severity.INFO)


@pytest.mark.parametrize(
    ("stem", "names"),
    [
        ("界线", ["FID_"]),
        ("御临河界线", ["FID_"]),
        ("沿河路乡镇界", ["FID_"]),
        ("龙溪街道", ["FID_"]),
        ("古路", ["FID_"]),
        ("两江", ["FID_"]),
        ("broad", ["FID_"]),
        ("a", ["FID_"]),
        ("boundary_road", ["FID_"]),
        ("御临河", BOUNDARY),
        ("道路", ["左乡镇代码", "右乡镇代码"]),
        ("御临河", ["线号"]),
    ],
)
def test_by_itself_every_other_line_is_a_boundary(take, stem, names):
    got, found = roles(take, (stem, names))
    assert found == {stem: Role.LINES} and "UP04" not in {f.code for f in got.findings}


@pytest.mark.parametrize(
    ("stem", "names", "role"),
    [
        ("a", ["FID_"], None),
        ("a", ["名称"], Role.LINES),
        ("a", ["线号", "左乡镇代码"], Role.LINES),
        ("界线2", ["FID_"], Role.LINES),
        ("边界_旧", ["FID_"], Role.LINES),
    ],
)
def test_beside_boundaries_a_line_without_any_of_their_marks_is_none(take, stem, names, role):
    got, found = roles(take, (stem, names), ("界线", BOUNDARY))
    assert found == {stem: role, "界线": Role.LINES}
    aside = [f for f in got.findings if f.code == "UP04" and f.layer == stem]
    assert bool(aside) is (role is None) and all("不像界线" in f.text.zh for f in aside)


def test_two_lines_without_any_marks_are_both_boundaries(take):
    assert roles(take, ("a", ["FID_"]), ("b", ["FID_"]))[1] == {"a": Role.LINES, "b": Role.LINES}


def test_beside_what_a_person_called_boundaries(take):
    _, found = roles(take, ("a", ["FID_"]), ("b", ["FID_"]), roles={"b": Role.LINES})
    assert found == {"a": None, "b": Role.LINES}


def test_a_persons_word_comes_first(take):
    got, found = roles(take, ("道路", ["路名"]), ("界线", BOUNDARY), roles={"道路": Role.LINES})
    assert found == {"道路": Role.LINES, "界线": Role.LINES}
    assert not [f for f in got.findings if f.layer == "道路" and f.code == "UP04"]


def test_the_question_about_several_layers_says_how_each_was_taken(take):
    got, _ = roles(take, ("道路", ["路名"]), ("界线", BOUNDARY))
    (asked,) = [f for f in got.findings if f.code == "UP04" and f.layer is None]
    assert "道路→道路、河流" in asked.text.zh and "界线→lines" in asked.text.zh


def test_in_generic_every_line_is_looked_at(take):
    assert roles(take, ("道路", ["路名"]), township=False)[1] == {"道路": Role.LINES}
