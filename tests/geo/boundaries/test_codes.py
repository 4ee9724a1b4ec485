"""界线代码、名称, 界桩编号."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.boundaries import codes
from geo.terms import MarkerKind

units = st.from_regex(r"[1-9]\d{8}", fullmatch=True)


@given(units, units, st.integers(1, 30))
def test_a_line_code_does_not_depend_on_the_order_of_its_units(a: str, b: str, part: int) -> None:
    if a == b:
        with pytest.raises(codes.BadLineCode):
            codes.line_code(a, b)
        return
    code = codes.line_code(a, b, part)
    assert code == codes.line_code(b, a, part)
    assert codes.parse_line(code) == codes.LineCode(min(a, b), max(a, b), part)
    assert codes.tidy_line(f" {b}—{a}" + ("" if part == 1 else f"－{part} ")) == code


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "500112138",
        "500112140-500112138",
        "500112138-500112138",
        "500112138-500112140-1",
        "x-y",
        "50011213-500112140",
    ],
)
def test_what_is_no_line_code(wrong: str) -> None:
    with pytest.raises(codes.BadLineCode):
        codes.parse_line(wrong)


def test_tidying() -> None:
    assert codes.tidy_line("500112140_500112138") == "500112138-500112140"
    assert codes.tidy_line("500112140～500112138-2") == "500112138-500112140-2"
    assert codes.tidy_line("兴隆—茨竹线") is None and codes.tidy_line("500112138-500112138") is None


@pytest.mark.parametrize(
    ("a", "b", "name"),
    [
        ("兴隆镇", "茨竹镇", "兴隆—茨竹线"),
        ("双龙湖街道", "木耳镇", "双龙湖—木耳线"),
        ("龙溪街道办事处", "人和街道", "龙溪—人和线"),
        ("渝北区", "江北区", "渝北—江北线"),
        ("某乡", "木耳镇", "某乡—木耳线"),
    ],
)
def test_line_names(a: str, b: str, name: str) -> None:
    assert codes.line_name(a, b) == name


def test_marker_numbers() -> None:
    number = codes.parse_marker("500112138-500112140017q")
    assert number == codes.MarkerNumber("500112138-500112140", 17, MarkerKind.SINGLE)
    assert str(number) == "500112138-500112140017Q"
    second = codes.parse_marker("500112138-500112140-2003A")
    assert second == codes.MarkerNumber("500112138-500112140-2", 3, MarkerKind.TWIN_A)
    for wrong in ("", "17", "500112138-500112140000Q", "500112138-500112140017X", "500112138-50011214017Q"):
        assert codes.parse_marker(wrong) is None
    assert codes.tripoint_number("3", "1", "2") == "1-2-3"
