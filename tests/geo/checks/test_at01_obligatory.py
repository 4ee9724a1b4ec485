"""AT01: obligatory fields by role, by alias and by status."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.terms import Profile, Role, Severity
from tests.geo.checks.legal import CIZHU, TONGJING, XINGLONG, a_line, a_marker, a_unit, at, box, found, scene


def tripoint(**fields: object) -> dict[str, object]:
    return {
        "number": "S1", "unit1": XINGLONG, "unit2": CIZHU, "unit3": TONGJING, "geometry": at(0, 0), **fields,
    }  # fmt: skip


def test_complete_records_pass() -> None:
    made = scene(
        lines=[a_line(), a_line(code="x-2")],
        markers=[a_marker(1, 0), a_marker(2, 0, 2)],
        tripoints=[tripoint()],
        polygons=[a_unit(XINGLONG, "兴隆镇", box(0, 0, 1, 1))],
    )
    assert not found("AT01", made)


@pytest.mark.parametrize("empty", [None, "", "  ", float("nan"), np.nan, pd.NaT, pd.NA, "NULL", "无"])
@pytest.mark.parametrize("name", ["code", "name", "left", "right", "level", "status"])
def test_an_empty_value_is_found(name: str, empty: object) -> None:
    (finding,) = found("AT01", scene(lines=[a_line(), a_line(**{name: empty})]))
    assert finding.severity is Severity.ERROR and finding.features == (1,)


def test_a_record_says_all_its_empty_fields_at_once() -> None:
    (finding,) = found("AT01", scene(markers=[a_marker(1, 0), a_marker(2, 0, line=None, kind=None)]))
    assert "所属线号、界桩类型" in finding.text.zh and "line number, marker type" in finding.text.en


def test_a_field_that_is_absent_is_one_finding_a_layer() -> None:
    rows = [a_marker(i, 0, i, kind_=1) | {"kind": None} for i in range(1, 9)]
    (finding,) = found("AT01", scene(markers=rows))
    assert finding.measure["count"] == 8 and finding.layer == "markers" and finding.features == ()
    assert "界桩类型" in finding.text.zh and "界桩类型" in finding.remedy.zh


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        ("成果审查", 0),
        ("results_checked", 0),
        ("协议签订", 1),
        ("报批", 1),
        ("已勘定", 1),
        ("SETTLED", 1),
        ("变更中", 1),
    ],
)
def test_papers_are_wanted_only_from_the_agreement_on(status: str, missing: int) -> None:
    assert len(found("AT01", scene(lines=[a_line(status=status)]))) == missing
    complete = a_line(status=status, document="渝府发〔2024〕8号", approval_date="2024-05-01")
    assert not found("AT01", scene(lines=[complete]))
    dateless = a_line(status=status, document="渝府发〔2024〕8号")
    assert len(found("AT01", scene(lines=[dateless]))) == missing


def test_a_status_that_is_none_of_the_ten_is_a_warning() -> None:
    (finding,) = found("AT01", scene(lines=[a_line(status="差不多了")]))
    assert finding.severity is Severity.WARNING and "差不多了" in finding.text.zh


def test_generic_does_not_ask_for_attributes() -> None:
    assert not found("AT01", scene(lines=[a_line(code=None)], profile=Profile.GENERIC))


def test_a_document_without_a_date_and_a_date_without_a_document() -> None:
    (finding,) = found("AT01", scene(lines=[a_line(status="已勘定", approval_date="2024-05-01")]))
    assert "依据文号" in finding.text.zh and "日期" not in finding.text.zh
    (finding,) = found("AT01", scene(lines=[a_line(status="已勘定", document="渝府发〔2024〕8号")]))
    assert "日期" in finding.text.zh and "依据文号" not in finding.text.zh
    for day in ("agreement_date", "approval_date"):
        complete = a_line(status="已勘定", document="渝府发〔2024〕8号", **{day: "2024-05-01"})
        assert not found("AT01", scene(lines=[complete]))


def test_papers_are_wanted_of_lines_alone() -> None:
    """A line that lacks its document says nothing of the marker in the same row of another layer."""
    made = scene(lines=[a_line(status="已勘定")], markers=[a_marker(1, 0)])
    assert [f.layer for f in found("AT01", made)] == ["lines"]


NUMBER = f"{XINGLONG}-{TONGJING}-{CIZHU}"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"number": NUMBER}, None),
        ({"number": f"{NUMBER}-2"}, None),
        ({"number": NUMBER.replace("-", "—")}, None),
        ({"number": NUMBER, "unit1": TONGJING, "unit2": XINGLONG, "unit3": CIZHU}, None),
        ({"number": f"500109-{XINGLONG}-{CIZHU}", "unit3": "500109"}, None),
        ({"number": "三交点 7"}, None),
        ({"unit3": XINGLONG}, f"{XINGLONG} 写了两次"),
        ({"number": NUMBER, "unit3": XINGLONG}, f"{XINGLONG} 写了两次"),
        ({"number": NUMBER, "unit3": "500112119"}, f"单位 500112119 不在它的编号里，编号里的是 {TONGJING}"),
        ({"number": f"500109-{XINGLONG}-{CIZHU}"}, f"单位 {TONGJING} 不在它的编号里，编号里的是 500109"),
    ],
)
def test_a_tripoints_units_are_three_and_those_of_its_number(
    fields: dict[str, object], said: str | None
) -> None:
    findings = found("AT01", scene(tripoints=[tripoint(**fields)]))
    assert [f.severity for f in findings] == [Severity.ERROR] * (said is not None)
    assert all(str(said) in f.text.zh for f in findings)


def test_a_tripoints_number_may_be_of_the_other_code_system() -> None:
    """500112115 is 茨竹镇 in the district's further list of codes."""
    point = tripoint(number=f"{XINGLONG}-500112115-{TONGJING}")
    assert not found("AT01", scene(tripoints=[point]))
    (finding,) = found("AT01", scene(tripoints=[point | {"unit2": "500112009"}]))
    assert "单位 500112009 不在它的编号里，编号里的是 500112115" in finding.text.zh


def test_without_an_attribute_table_attributes_are_not_judged(scenes, networks):
    """The reader says that the .dbf is absent or cut short: that its fields are empty is no second fault."""
    shapes = [line for line, _ in networks.lines()]
    layer = scenes.layer(Role.LINES, shapes, bare=(0, 1, 2))
    made = scenes.scene(layers=[layer], polygons=networks.polygons())
    (found,) = scenes.findings(made, "AT01", "TP10", "TP06")
    assert found.severity is Severity.INFO and "未作属性检查" in found.text.zh
    assert found.measure["count"] == 3 and found.layer == "lines"
    layer = scenes.layer(Role.LINES, networks.lines(), bare=(2,))
    found = scenes.findings(scenes.scene(layers=[layer], polygons=networks.polygons()), "AT01", "TP10")
    assert [f.measure["count"] for f in found if "未作属性检查" in f.text.zh] == [1]
    assert not any(2 in f.features for f in found)
