"""AT02: nine digits, a unit of the district on the as-of date, in one table or the other."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geo.boundaries.unit_lists import units_of
from geo.terms import Profile, Severity
from tests.geo.checks.legal import CIZHU, TONGJING, XINGLONG, a_line, a_unit, at, box, found, scene


def errors(made: object) -> list[str]:
    return [f.text.zh for f in found("AT02", made) if f.severity is Severity.ERROR]  # type: ignore[arg-type]


def unit(code: object, name: str = "兴隆镇") -> dict[str, object]:
    return a_unit(code, name, box(0, 0, 1, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code",
    [
        "500112138",
        500112138,
        500112138.0,
        np.int64(500112138),
        "500112138.0",
        " 500112138 ",
        "５００１１２１３８",
    ],
)
def test_a_code_may_come_in_any_type(code: object) -> None:
    assert not errors(scene(polygons=[unit(code)]))


@pytest.mark.parametrize(
    "code", ["50011213", "5001121380", "500112138000", "兴隆镇", "500112999", "500109110", 500112.138]
)
def test_what_is_no_township_here_is_an_error(code: object) -> None:
    assert len(errors(scene(polygons=[unit(code)]))) == 1


@pytest.mark.parametrize(
    ("codes", "words", "severity"),
    [
        (["500112138", "500112140"], "民政代码（与统计代码", Severity.INFO),
        (["500112113", "500112115"], "另一套代码", Severity.INFO),
        (["500112138", "500112115"], "混用", Severity.WARNING),
    ],
)
def test_the_system_is_said(codes: list[str], words: str, severity: Severity) -> None:
    (finding,) = found("AT02", scene(polygons=[unit(codes[0]), unit(codes[1], "茨竹镇")]))
    assert words in finding.text.zh and finding.severity is severity and "2024-12-31" in finding.text.zh


def test_a_name_tells_which_system_an_ambiguous_code_is_of() -> None:
    (finding,) = found("AT02", scene(polygons=[unit("500112009", "王家街道")]))
    assert "另一套代码" in finding.text.zh
    (finding,) = found("AT02", scene(polygons=[unit("500112009", "人和街道")]))
    assert "民政代码（与统计代码" in finding.text.zh


def test_sides_of_lines_and_units_at_tripoints_are_looked_at() -> None:
    point = {"number": "S1", "unit1": XINGLONG, "unit2": CIZHU, "unit3": "500112998", "geometry": at(0, 0)}
    messages = errors(scene(lines=[a_line(right="500112997")], tripoints=[point]))
    assert (
        len(messages) == 2
        and any("500112997" in m for m in messages)
        and any("500112998" in m for m in messages)
    )


def test_the_far_side_of_a_county_line_is_the_neighbours_affair() -> None:
    county = a_line(right="500109110", level="县级")
    findings = found("AT02", scene(lines=[county]))
    assert {f.severity for f in findings} == {Severity.INFO} and any(
        "500109110" in f.text.zh for f in findings
    )
    assert len(errors(scene(lines=[a_line(right="500109110")]))) == 1
    assert len(errors(scene(lines=[a_line(left="500109111", right="500109110", level="县级")]))) == 2


def test_units_are_those_of_the_as_of_date() -> None:
    of_2024 = units_of("500112", date(2024, 12, 31))
    assert not errors(scene(polygons=[unit(TONGJING, "统景镇")], units=of_2024))
    assert (
        len(
            errors(
                scene(
                    polygons=[unit("500112119", "x"), unit("500112001", "x"), unit("500112999", "x")],
                    units=of_2024,
                )
            )
        )
        == 1
    )


def test_no_table_is_said() -> None:
    (finding,) = found("AT02", scene(polygons=[unit("1")], units=None))
    assert finding.severity is Severity.INFO


def test_generic_does_not_know_the_district() -> None:
    assert not found("AT02", scene(polygons=[unit("1")], profile=Profile.GENERIC))


def test_a_county_line_may_name_the_counties() -> None:
    county = a_line(left="511681", right="500112", level="县级")
    findings = found("AT02", scene(lines=[county]))
    assert {f.severity for f in findings} == {Severity.INFO} and any("511681" in f.text.zh for f in findings)
    assert len(errors(scene(lines=[county | {"level": "乡镇级"}]))) == 2
    assert len(errors(scene(lines=[county | {"right": "500115"}]))) == 2


def test_one_wrong_code_in_many_records_is_one_finding() -> None:
    findings = found("AT02", scene(polygons=[unit("8200"), unit("8200"), unit("500112138"), unit("8201")]))
    wrong = [f for f in findings if f.severity is Severity.ERROR]
    assert [f.features for f in wrong] == [(0, 1), (3,)] and "等 2 条" in wrong[0].text.zh
    assert wrong[0].geometry is not None and len(wrong[0].geometry.geoms) == 2


@pytest.mark.parametrize("code", ["51168", "5116810", "51168110012"])
def test_a_code_that_no_county_can_have_is_wrong_on_a_county_line_too(code: str) -> None:
    assert len(errors(scene(lines=[a_line(right=code, level="县级")]))) == 1


def test_layers_are_told_apart() -> None:
    rows = [unit("500112997") | {"layer": "甲"}, unit("500112997") | {"layer": "乙"}]
    findings = [f for f in found("AT02", scene(polygons=rows)) if f.severity is Severity.ERROR]
    assert sorted(str(f.layer) for f in findings) == ["乙", "甲"]


def test_a_tripoints_unit_of_another_county_is_no_side_of_a_line() -> None:
    point = {"number": "S1", "unit1": XINGLONG, "unit2": CIZHU, "unit3": "500109", "geometry": at(0, 0)}
    (said,) = [f for f in found("AT02", scene(tripoints=[point])) if "500109" in f.text.zh]
    assert said.severity is Severity.INFO
    assert "三交点 S1 的一个单位“500109”" in said.text.zh and "tripoint S1" in said.text.en
    assert "界线" not in said.text.zh


def test_the_code_of_another_unit(scenes, networks):
    """The table knows it, the map does not agree."""
    (shape, values), (_, other), _ = networks.polygons()
    units = scenes.units(*((p["code"], p["name"]) for _, p in networks.polygons()))
    around = scenes.published(polygons=networks.polygons())

    def errors(**change):
        mine = [(shape, {**values, **change})]
        found = scenes.findings(scenes.scene(polygons=mine, units=units, published=around), "AT02")
        return [f for f in found if f.severity is Severity.ERROR]

    assert not errors()
    (found,) = errors(**other)
    assert networks.A in found.text.zh and networks.B in found.text.zh
    assert not errors(code=networks.B)  # the name is the right one: AT03 speaks of that
