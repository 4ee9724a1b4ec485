"""A question as addresses have it: units and a name in them, and the marks round and between them."""

from __future__ import annotations

import time

import pytest

from geo.names import addresses
from geo.names.addresses import Reading, around, holding, readings, unwrapped, words_of

CODES = {
    "重庆市": ["500000"],
    "重庆": ["500000"],
    "渝北区": ["500112", "510218"],
    "渝北": ["500112", "510218"],
    "北碚区": ["500109"],
    "统景镇": ["500112133"],
    "统景": ["500112133"],
    "龙山": ["500112012"],
    "龙山路": ["500112012004"],
    "合理村": ["500112133202"],
    "合理": ["500112133202"],
}


def around_with_move(code: str) -> set[str]:
    """统景镇 came to 500109 with its code."""
    return {*around(code), *(around("500109") if code.startswith("500112133") else ())}


def read(*words: str) -> list[tuple[str, str, bool]]:
    return [(r.unit, r.rest, bool(r.own)) for r in readings(words, CODES, around_with_move, 5)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["统景镇"], [("500112133", "镇", False)]),
        (["统景江口"], [("500112133", "江口", False)]),
        (["江口统景"], []),
        (["重庆市渝北区统景镇合理村"], [("500112133", "合理村", True)]),
        (["渝北区统景镇"], [("500112", "统景镇", True)]),
        (["北碚统景镇"], []),
        (["北碚区统景镇"], [("500109", "统景镇", True)]),
        (["渝北", "统景江口"], [("500112", "统景江口", False), ("500112133", "江口", False)]),
        # 510218 holds nothing that is called so, but without a further unit it may be meant.
        (["渝北区江口"], [("500112", "江口", False), ("510218", "江口", False)]),
        # The name of a unit is not taken for another unit and a rest.
        (["渝北龙山路"], [("500112", "龙山路", True)]),
        (["统景江", "口"], [("500112133", "江口", False)]),
        # In a county little is much already, in a province it is nothing.
        (["渝北区村"], [("500112", "村", False), ("510218", "村", False)]),
        (["重庆市村"], []),
        (["重庆市", "he"], []),
        (["重庆市", "hel"], [("50", "hel", False)]),
        (["统", "景", "江口"], [("500112133", "江口", False)]),
        (["合理村", "统景镇"], [("500112133", "合理村", True)]),
        (["合理村", "渝北区", "统景镇"], [("500112133", "合理村", True)]),
        (["合理村", "统景镇", "渝北区"], [("500112133", "合理村", True)]),
    ],
    ids=lambda v: " ".join(v) if v and isinstance(v[0], str) else "",
)
def test_readings(words: list[str], expected: list[tuple[str, str, bool]]) -> None:
    assert read(*words) == expected


def test_a_reading_says_which_units_are_called_so() -> None:
    assert readings(["渝北区统景镇"], CODES, around_with_move, 5) == [
        Reading("500112", "统景镇", ("500112133",), (3,))
    ]


@pytest.mark.parametrize("text", ["村" * 100, "村村城" * 33, "城关镇" * 33, "一二三四五六七八九十" * 10])
def test_many_units_of_one_name_are_read_soon_and_few_of_them_taken(text: str) -> None:
    many = [f"{county}{town}" for county in range(110101, 110301) for town in range(100, 105)]
    codes = dict.fromkeys(("村村", "城关镇", "城关", "村村城", "一二", "三四五"), many)
    begun = time.perf_counter()
    found = readings([text], codes, lambda code: set(around(code)), 5)
    assert len(found) <= 5
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("code", "held"),
    [
        ("500000", "50"),
        ("511600", "5116"),
        ("500112", "500112"),
        ("500112100", "500112100"),
        ("500110", "500110"),
    ],
)
def test_what_codes_in_a_unit_begin_with(code: str, held: str) -> None:
    assert holding(code) == held


def test_a_code_lies_in_all_above_it() -> None:
    assert around("500112133202") == ("50", "5001", "500112", "500112133", "500112133202")
    assert around("500000") == ("50",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("统景镇", "统景镇"),
        ("“统景镇”", "统景镇"),
        ("‘统景镇’", "统景镇"),
        ("「《统景镇》」。", "统景镇"),
        ('"统景镇"', "统景镇"),
        (" （统景镇），", "统景镇"),
        ("“统景镇", "统景镇"),
        ("统景镇》", "统景镇"),
        ("名居花园（万科）", "名居花园（万科）"),
        ("（万科）名居花园", "（万科）名居花园"),
        ("（一）（二）", "（一）（二）"),
        ("《", ""),
        ("", ""),
    ],
)
def test_quotes_and_brackets_round_a_question(given: str, expected: str) -> None:
    assert unwrapped(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("统景镇，合理村", ["统景镇", "合理村"]),
        ("统景镇、合理村,江口·湾", ["统景镇", "合理村", "江口", "湾"]),
        ("合理村（统景镇）", ["合理村", "统景镇"]),
        ("xi'an", ["xi'an"]),
    ],
)
def test_what_divides_words(given: str, expected: list[str]) -> None:
    assert words_of(given) == expected


@pytest.mark.parametrize(
    ("marked", "rest", "expected"),
    [
        ("渝北区名居花园(万科)", "名居花园万科", "名居花园(万科)"),
        ("渝北区,石坪一、二组", "石坪一二组", "石坪一、二组"),
        ("渝北区(统景镇)", "统景镇", "统景镇"),
        ("(合理村)统景镇", "合理村", "合理村"),
    ],
)
def test_a_rest_has_its_marks(marked: str, rest: str, expected: str) -> None:
    assert addresses.with_marks(marked, rest) == expected


def test_a_long_question_of_brackets_is_soon_unwrapped() -> None:
    begun = time.perf_counter()
    assert addresses.unwrapped("（" * 100 + "）" * 100) == ""
    assert time.perf_counter() - begun < 0.5
