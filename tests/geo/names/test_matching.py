"""Matching names of other lists: kinds and scores, one table of cases."""

from __future__ import annotations

import pytest

from geo.names import matching as m
from geo.names.categories import Category
from geo.names.forms import form_of
from geo.names.matching import Candidate, Kind, Wanted
from geo.names.parts import split

UNITS = {
    "500112133": ("重庆市", "渝北区", "统景镇"),
    "500112113": ("重庆市", "渝北区", "兴隆镇"),
    "500109": ("重庆市", "北碚区"),
}


def candidate(number: int, name: str, unit: str, category: Category, status: str, place: int) -> Candidate:
    form = form_of(name, split(name, category).specific)
    return Candidate(
        number=number, place_id=place, name=name, form=form.form, bare=form.bare, spelled=form.spelled,
        kind="name", status=status, category=category.value, unit_code=unit, units=UNITS[unit],
    )  # fmt: skip


VILLAGE, TOWN = Category.COMMITTEE, Category.TOWNSHIP
REGISTER = [
    candidate(1, "统景镇", "500112133", TOWN, "standard", 1),
    candidate(2, "江口村", "500112133", VILLAGE, "standard", 2),
    candidate(3, "兴隆镇", "500112113", TOWN, "standard", 3),
    candidate(4, "兴隆村", "500112113", VILLAGE, "standard", 4),
    candidate(5, "兴隆村", "500109", VILLAGE, "standard", 5),
    candidate(6, "月影湖社区", "500112113", VILLAGE, "former", 6),
    candidate(7, "月隐湖社区", "500112113", VILLAGE, "standard", 6),
    candidate(8, "空港佳园社区", "500112113", VILLAGE, "standard", 8),
    candidate(9, "龙安社区", "500112113", VILLAGE, "standard", 9),
    candidate(10, "洛碛镇", "500112113", TOWN, "standard", 10),
    candidate(11, "铜锣山", "500112113", Category.NATURAL, "standard", 11),
    candidate(12, "永庆村", "500112113", VILLAGE, "standard", 12),
]


@pytest.mark.parametrize(
    ("name", "unit", "category", "kind", "number"),
    [
        ("统景镇", None, None, Kind.EXACT, 1),
        (" 统景 镇 ", None, None, Kind.EXACT, 1),
        ("江口村（原江口乡）", None, None, Kind.EXACT, 2),
        ("江口", None, None, Kind.VARIANT, 2),
        ("重庆市渝北区统景镇江口村", None, None, Kind.EXACT, 2),
        ("渝北区统景镇江口村", None, None, Kind.EXACT, 2),
        ("统景镇江口村", None, None, Kind.EXACT, 2),
        # The units written before the name belong to another place.
        ("巫山县官渡镇江口村", None, None, Kind.NONE, None),
        # Two villages of one name: a unit decides, by code or by words.
        ("兴隆村", None, None, Kind.AMBIGUOUS, None),
        ("兴隆村", "500112", None, Kind.EXACT, 4),
        ("兴隆村", "500112113", None, Kind.EXACT, 4),
        ("兴隆村", "北碚区", None, Kind.EXACT, 5),
        ("兴隆村", "北碚", None, Kind.EXACT, 5),
        ("兴隆村", "重庆市渝北区", None, Kind.EXACT, 4),
        ("兴隆", None, None, Kind.AMBIGUOUS, None),
        ("兴隆", None, TOWN, Kind.VARIANT, 3),
        # A former name leads to the place that has another one now.
        ("月影湖社区", None, None, Kind.VARIANT, 6),
        ("月隐湖社区", None, None, Kind.EXACT, 7),
        ("空港家园社区", None, None, Kind.HOMOPHONE, 8),
        ("龙按社区", None, None, Kind.FUZZY, 9),
        ("洛磧鎮", None, None, Kind.EXACT, 10),
        ("铜罗山", None, None, Kind.HOMOPHONE, 11),
        ("永庆邨", None, None, Kind.HOMOPHONE, 12),
        # The lists of police and post name the committee, or a part of the village.
        ("空港佳园社区居委会", "兴隆镇", None, Kind.VARIANT, 8),
        ("龙安社区居民委员会", None, None, Kind.VARIANT, 9),
        ("龙安居委会", None, None, Kind.VARIANT, 9),
        ("永庆村村民委员会", None, None, Kind.VARIANT, 12),
        ("统景镇江口村委会", None, None, Kind.VARIANT, 2),
        ("统景镇江口村6社", None, None, Kind.VARIANT, 2),
        ("龙安社区第三居民小组", None, None, Kind.VARIANT, 9),
        ("巫山县官渡镇江口村委会", None, None, Kind.NONE, None),
        ("铜锣岭山", None, None, Kind.FUZZY, 11),
        ("不存在的名字", None, None, Kind.NONE, None),
        ("", None, None, Kind.NONE, None),
        ("村", None, None, Kind.NONE, None),
        ("（）", None, None, Kind.NONE, None),
        ("😀", None, None, Kind.NONE, None),
        ("%_'; drop table", None, None, Kind.NONE, None),
        ("x" * 10_000, None, None, Kind.NONE, None),
    ],
)
def test_kinds(
    name: str, unit: str | None, category: Category | None, kind: Kind, number: int | None
) -> None:
    answer = m.match(Wanted(name, unit, category), REGISTER)
    got = None if answer.best is None else answer.best.candidate.number
    assert (answer.kind, got) == (kind, number), answer.candidates


def test_scores_fall_with_the_kind() -> None:
    scores = [
        m.match(Wanted(name), REGISTER).score
        for name in ("统景镇", "月影湖社区", "江口", "空港家园社区", "龙按社区", "不存在的名字")
    ]
    assert scores == sorted(scores, reverse=True) and scores[0] == 100 and scores[-1] == 0


def test_only_sure_matches_are_decided() -> None:
    def sure(name: str, unit: str | None = None) -> bool:
        return m.decided(m.match(Wanted(name, unit), REGISTER))

    assert sure("统景镇") and sure("月影湖社区") and sure("江口") and sure("兴隆村", "500112")
    assert not sure("空港家园社区") and not sure("龙按社区") and not sure("兴隆村")
    assert not sure("江口村", "北碚区")


def test_a_place_is_offered_once_with_its_best_name() -> None:
    answer = m.match(Wanted("月隐湖社区"), REGISTER)
    assert [c.candidate.number for c in answer.candidates] == [7]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("铜锣山", "铜罗山", True), ("铜锣山", "铜锣", True), ("铜锣", "铜锣山", True), ("铜锣山", "锣铜山", True),
        ("铜锣山", "铜锣山", False), ("铜锣山", "铜锣山乡村", False), ("铜锣山", "金银山", False), ("", "山", True),
    ],
)  # fmt: skip
def test_one_slip(a: str, b: str, expected: bool) -> None:
    assert m.one_slip(a, b) is expected and m.one_slip(b, a) is expected
