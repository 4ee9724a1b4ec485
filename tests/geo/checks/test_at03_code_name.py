"""AT03: code and name, traditional characters and generic parts aside."""

from __future__ import annotations

import pytest

from geo.boundaries.unit_names import same_unit_name, simplified, specific
from geo.terms import Profile, Severity
from tests.geo.checks.legal import CIZHU, TONGJING, XINGLONG, a_line, a_unit, box, found, scene


def severities(code: object, name: str) -> list[Severity]:
    return [f.severity for f in found("AT03", scene(polygons=[a_unit(code, name, box(0, 0, 1, 1))]))]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["统景镇", "統景鎮", "统景", "統景", " 统 景 镇 ", "统景镇人民政府"])
def test_ways_to_write_one_name(name: str) -> None:
    assert not severities(TONGJING, name)


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("兴隆镇", Severity.ERROR),
        ("統锦镇", Severity.ERROR),
        ("统景街道", Severity.WARNING),
        ("统景乡", Severity.WARNING),
        ("统景场镇", Severity.WARNING),
    ],
)
def test_another_name(name: str, severity: Severity) -> None:
    assert severities(TONGJING, name) == [severity]


def test_the_same_digits_in_two_systems() -> None:
    assert not severities("500112009", "人和街道") and not severities("500112009", "王家街道")
    assert severities("500112009", "兴隆镇") == [Severity.ERROR]


def test_a_layer_keeps_to_one_system() -> None:
    rows = [a_unit(XINGLONG, "兴隆镇", box(0, 0, 1, 1)), a_unit("500112009", "人和街道", box(1, 0, 2, 1))]
    assert not found("AT03", scene(polygons=rows))


def test_a_code_that_nobody_knows_is_another_check() -> None:
    assert not severities("500112999", "兴隆镇")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("兴隆—茨竹线", 0),
        ("茨竹—兴隆线", 0),
        ("興隆镇-茨竹镇界线", 0),
        ("兴隆—统景线", 1),
        ("兴隆—永兴线", 0),
        ("一号线", 0),
        ("兴隆至茨竹边界线2", 0),
    ],
)
def test_the_two_names_of_a_line(name: str, count: int) -> None:
    findings = found("AT03", scene(lines=[a_line(name=name, left=CIZHU, right=XINGLONG)]))
    assert [f.severity for f in findings] == [Severity.WARNING] * count


def test_generic_does_not_know_the_names() -> None:
    made = scene(polygons=[a_unit(TONGJING, "x", box(0, 0, 1, 1))], profile=Profile.GENERIC)
    assert not found("AT03", made)


def test_names_are_compared_by_their_specific_part() -> None:
    assert (
        specific("双凤桥街道办事处") == "双凤桥" and specific("乡") == "乡" and simplified("禮嘉") == "礼嘉"
    )
    assert same_unit_name("石船", "石船镇") and not same_unit_name("石船镇", "石船街道")


@pytest.mark.parametrize(
    ("name", "left", "right", "count"),
    [
        ("统景—茨竹线", XINGLONG, CIZHU, 1),
        ("茨竹—统景线", XINGLONG, CIZHU, 1),
        ("兴隆—统景线", XINGLONG, CIZHU, 1),
        ("统景—兴隆线", XINGLONG, CIZHU, 1),
        ("统景—兴隆线", XINGLONG, "500112999", 0),
        ("统景—兴隆线", None, CIZHU, 0),
        ("统景—茨竹线", "500112121", "500112115", 0),
    ],
)
def test_each_name_of_a_line_is_looked_at(name: str, left: object, right: object, count: int) -> None:
    """One wrong name is enough; a code that nobody knows says nothing of the name."""
    assert len(found("AT03", scene(lines=[a_line(name=name, left=left, right=right)]))) == count
