"""MK01: form, uniqueness, and agreement with the other fields."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.settings import district
from geo.terms import Profile, Severity
from tests.geo.checks.legal import LINE, a_marker, at, found, scene


def messages(*markers: dict[str, object], **more: object) -> list[str]:
    return [f.text.zh for f in found("MK01", scene(markers=markers, **more))]  # type: ignore[arg-type]


def numbered(number: object, **fields: object) -> dict[str, object]:
    return a_marker(0, 0) | {"number": number, **fields}


@pytest.mark.parametrize(
    "number",
    [
        f"{LINE}001Q",
        f"{LINE.lower()}001q",
        f"{LINE}-2001Q".replace("-2001Q", "-2001Q"),
        f" {LINE.replace('-', '—')}０01Q ",
    ],
)
def test_the_form_of_the_setting(number: str) -> None:
    marker = numbered(number, line=None)
    assert not messages(marker)


@pytest.mark.parametrize(
    "number", ["1253165Q", f"{LINE}01Q", f"{LINE}001", f"{LINE}001F", "兴茨1号", 12.0, f"{LINE}0001Q"]
)
def test_another_form_is_an_error(number: object) -> None:
    (finding,) = found("MK01", scene(markers=[numbered(number)]))
    assert finding.severity is Severity.ERROR and "不符合规定格式" in finding.text.zh


def test_the_pattern_is_a_setting() -> None:
    county = replace(
        district("500112"), marker_pattern=r"^(?P<line>\d{4})(?P<serial>\d{3})(?P<kind>[QABCDE])$"
    )
    assert not messages(numbered("1253165Q", line="1253"), settings=county)
    assert messages(numbered(f"{LINE}001Q"), settings=county)


def test_a_number_is_unique() -> None:
    (finding,) = found("MK01", scene(markers=[a_marker(0, 0), a_marker(900, 0), a_marker(500, 0, 2)]))
    assert finding.features == (0, 1) and finding.measure["count"] == 2
    assert finding.geometry is not None and finding.geometry.geom_type == "MultiPoint"


def test_twins_and_triples_share_a_serial() -> None:
    assert not messages(a_marker(0, 5, 1, "A"), a_marker(0, -5, 1, "B"))
    assert not messages(a_marker(0, 5, 1, "C"), a_marker(0, -5, 1, "D"), a_marker(5, 0, 1, "E"))


@pytest.mark.parametrize("kinds", ["QA", "AC", "BQ"])
def test_other_types_do_not_share_a_serial(kinds: str) -> None:
    (message,) = messages(a_marker(0, 5, 1, kinds[0]), a_marker(0, -5, 1, kinds[1]))
    assert "既用于" in message


def test_the_number_agrees_with_line_and_kind() -> None:
    (message,) = messages(numbered(f"{LINE}001Q", line="500112138-500112133"))
    assert "线号" in message
    (message,) = messages(numbered(f"{LINE}001Q", kind="B"))
    assert "类型" in message
    (message,) = messages(numbered(f"{LINE}001Q", kind="同号双立"))
    assert "类型" in message
    assert not messages(numbered(f"{LINE}001A", kind="同号双立"))


def test_serials_begin_at_one() -> None:
    (message,) = messages(a_marker(0, 0, 0))
    assert "000" in message


def test_generic_looks_only_at_layers_that_have_such_numbers() -> None:
    pumps = [numbered(n, line=None, kind=None) for n in ("a", "b", "a")]
    assert not messages(*pumps, profile=Profile.GENERIC)
    findings = found("MK01", scene(markers=[numbered(f"{LINE}001Q"), numbered("x")], profile=Profile.GENERIC))
    assert [f.severity for f in findings] == [Severity.WARNING]


def test_an_empty_number_is_not_its_affair() -> None:
    assert not messages(numbered(None), a_marker(0, 0) | {"number": None, "geometry": at(9, 9)})


def test_a_layer_of_other_numbers_is_one_finding() -> None:
    pumps = [numbered(n, line=None, kind=None) for n in ("1003", "1004", "0")]
    (finding,) = found("MK01", scene(markers=pumps))
    assert finding.features == (0, 1, 2) and finding.measure["count"] == 3 and "都不符合" in finding.text.zh
    assert len(messages(*pumps, a_marker(0, 0, 9))) == 3
    assert len(messages(*pumps[:2])) == 2


@pytest.mark.parametrize(
    ("letter", "words", "count"),
    [
        ("A", "同号双立", 0), ("B", "同号双立", 0), ("C", "同号双立", 1), ("Q", "同号双立", 1),
        ("C", "同号三立", 0), ("E", "同号三立", 0), ("A", "同号三立", 1), ("Q", "同号三立", 1),
    ],
)  # fmt: skip
def test_the_letter_is_of_the_group_that_the_words_say(letter: str, words: str, count: int) -> None:
    assert len(messages(numbered(f"{LINE}001{letter}", kind=words))) == count
