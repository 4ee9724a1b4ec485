"""Values as files give them: every type that a reader can hand over."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.checks import values
from geo.terms import LINE_STATE_NAMES, LineState, MarkerKind


@pytest.mark.parametrize(
    "empty",
    [
        None,
        "",
        " \t",
        "　",
        float("nan"),
        np.nan,
        np.float32("nan"),
        pd.NaT,
        pd.NA,
        float("inf"),
        "<Null>",
        "无",
        "-",
    ],
)
def test_nothing_is_none_for_every_kind(empty: object) -> None:
    readers = (values.text, values.code, values.number, values.degrees, values.day, values.state, values.kind)
    assert [read(empty) for read in readers] == [None] * len(readers)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("500112138", "500112138"), (500112138, "500112138"), (500112138.0, "500112138"),
        (np.int32(500112138), "500112138"), (np.float64(500112138), "500112138"),
        (Decimal("500112138"), "500112138"), ("500112138.00", "500112138"), ("5.00112138E8", "500112138"),
        (" ５００１１２１３８\n", "500112138"), ("500112138—500112140", "500112138-500112140"),
        ("500112138 - 500112140", "500112138-500112140"), ("500112138_500112140001q", "500112138-500112140001Q"),
        (b"500112138\x00\x00", "500112138"), ("兴隆镇", "兴隆镇"), (0, "0"),
    ],
)  # fmt: skip
def test_codes(raw: object, code: str) -> None:
    assert values.code(raw) == code


@given(st.integers(min_value=0, max_value=10**12))
def test_a_whole_number_is_the_same_code_in_every_type(number: int) -> None:
    assert {
        values.code(t) for t in (number, float(number), str(number), f"{number}.0", np.int64(number))
    } == {str(number)}


@pytest.mark.parametrize(
    ("raw", "number"),
    [("1,240.50", 1240.5), ("12.3米", 12.3), ("12.3 m", 12.3), ("-3", -3.0), (".5", 0.5), (np.float32(2.5), 2.5),
     (7, 7.0), (True, None), ("约3", None), ("3-4", None), ("1e3", 1000.0), ("7.2km2", 7.2)],
)  # fmt: skip
def test_numbers(raw: object, number: float | None) -> None:
    assert values.number(raw) == number


@pytest.mark.parametrize(
    ("raw", "degrees"),
    [
        ("106°30′15.2″", 106 + 30 / 60 + 15.2 / 3600), ("106°30'15.2\"", 106 + 30 / 60 + 15.2 / 3600),
        ("106度30分15.2秒", 106 + 30 / 60 + 15.2 / 3600), ("东经106°30′15.2″", 106 + 30 / 60 + 15.2 / 3600),
        ("106:30:15.2", 106 + 30 / 60 + 15.2 / 3600), ("E106°30′15.2″", 106 + 30 / 60 + 15.2 / 3600),
        ("106 30 15.2", 106 + 30 / 60 + 15.2 / 3600), ("106°30′15.2''", 106 + 30 / 60 + 15.2 / 3600),
        ("106.5", 106.5), ("106.5°", 106.5), ("106.5E", 106.5), (106.5, 106.5), ("W106°30′00″", -106.5),
        ("南纬29°30′00″", -29.5), ("106°61′00″", None), ("x", None),
    ],
)  # fmt: skip
def test_degrees(raw: object, degrees: float | None) -> None:
    assert values.degrees(raw) == (None if degrees is None else pytest.approx(degrees, abs=1e-12))


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 5999))
def test_degrees_typed_as_decimals_are_unpacked(d: int, m: int, hundredths: int) -> None:
    packed = float(f"{d}.{m:02d}{hundredths:04d}")
    assert values.unpacked(packed) == pytest.approx(d + m / 60 + hundredths / 360000, abs=1e-9)


def test_what_cannot_be_minutes_is_not_unpacked() -> None:
    assert values.unpacked(106.75) is None and values.unpacked(106.3075) is None


@pytest.mark.parametrize(
    "raw",
    ["2024-03-01", "2024/3/1", "2024.03.01", "2024年3月1日", "2024年03月01日", "20240301", 20240301, 20240301.0,
     date(2024, 3, 1), datetime(2024, 3, 1, 8), pd.Timestamp("2024-03-01"), np.datetime64("2024-03-01"),
     "2024-03-01T08:00:00", "2024-03-01 00:00:00", "２０２４年３月１日"],
)  # fmt: skip
def test_dates(raw: object) -> None:
    assert values.day(raw) == date(2024, 3, 1)


@pytest.mark.parametrize("raw", ["2024-02-30", "2024年", "三月", "20241301", 45352, "2024"])
def test_what_is_no_date(raw: object) -> None:
    assert values.day(raw) is None


@pytest.mark.parametrize("state", LineState)
def test_states_by_code_and_by_both_names(state: LineState) -> None:
    name = LINE_STATE_NAMES[state]
    assert {
        values.state(t) for t in (state.value, state.value.upper(), name.zh, f" {name.zh} ", name.en)
    } == {state}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [("Q", MarkerKind.SINGLE), ("单立", MarkerKind.SINGLE), ("单立界桩", MarkerKind.SINGLE), ("a", MarkerKind.TWIN_A),
     ("双立B", MarkerKind.TWIN_B), ("同号三立(C)", MarkerKind.TRIPLE_C), ("Ｄ", MarkerKind.TRIPLE_D), ("E型", MarkerKind.TRIPLE_E),
     ("同号双立", None), ("石质", None)],
)  # fmt: skip
def test_kinds(raw: str, kind: MarkerKind | None) -> None:
    assert values.kind(raw) is kind


def test_decimals_are_the_most_of_a_column() -> None:
    assert values.decimals(["12.30", "12.3", None, 5]) == 2
    assert values.decimals([12.25, 12.0, float("nan")]) == 2
    assert values.decimals([np.float64(1.125)]) == 3
    assert values.decimals(["3"]) == 0


@given(
    st.one_of(
        st.text(max_size=30),
        st.floats(),
        st.integers(),
        st.binary(max_size=20),
        st.none(),
        st.booleans(),
        st.datetimes(),
        st.dates(),
    )
)
def test_nothing_ever_raises(raw: object) -> None:
    for read in (
        values.text,
        values.code,
        values.number,
        values.degrees,
        values.day,
        values.state,
        values.kind,
    ):
        read(raw)
    values.decimals([raw])
