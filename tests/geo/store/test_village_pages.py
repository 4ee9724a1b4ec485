"""The list of the village-name map page by page: the map's box, every filter, order, and what comes after."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from geo.store import village_pages
from geo.store.village_names import NoSuchPartOfMap, village_map
from geo.store.village_pages import PERIODS, THEMES, Wanted
from tests import builders as b
from tests.geo.store.test_village_names import DAY, LOWER, UPPER
from tests.geo.store.test_village_names import told as told


def page(session: Session, after: int = 0, limit: int = 100, within: str | None = None, **asked: Any) -> Any:
    return village_pages.page(
        session, Wanted(**asked), district=b.DISTRICT, at=DAY, within=within, after=after, limit=limit
    )


def names(session: Session, **asked: Any) -> list[str]:
    return [row["name"] for row in page(session, **asked).rows]


def test_the_list_is_that_of_the_small_map(session: Session, told: dict[str, int]) -> None:
    whole = village_map(session, district=b.DISTRICT, at=DAY)
    found = page(session)
    assert (
        [r["name"] for r in found.rows]
        == ["新湾", "远山", "下湾", "枯井"]
        == [n["name"] for n in whole.names]
    )
    assert (found.matching, found.after, found.famous) == (4, None, [told["新湾"]])
    # Row by row the same, so that one script reads both.
    same = sorted(set(found.rows[0]) & set(whole.names[0]))
    assert {"number", "plain", "initials", "story", "named_on", "pictured", "lon", "protected"} <= set(same)
    for one, other in zip(found.rows, whole.names, strict=True):
        assert {key: one[key] for key in same} == {key: other[key] for key in same}
    placed = whole.units[(whole.units["level"] == "township") & whole.units.geometry.notna()]
    assert found.townships == list(placed["code"]), "a row counts townships in the map's order"


def test_pages_hold_every_name_once(session: Session, told: dict[str, int]) -> None:
    first = page(session, limit=3)
    rest = page(session, after=first.after, limit=3)
    assert [len(first.rows), len(rest.rows), first.matching, rest.after] == [3, 1, 4, None]
    assert page(session, after=99).rows == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"box": (106.7, 29.8, 106.75, 29.9)}, ["新湾"]),
        ({"box": (106.0, 29.0, 106.1, 29.1)}, []),
        ({"unit": b.CIZHU}, ["远山"]),
        ({"theme": "famous"}, ["新湾"]),
        ({"theme": "protected"}, ["新湾"]),
        ({"theme": "story"}, ["新湾"]),
        ({"theme": "village"}, ["下湾"]),
        ({"theme": "hamlet"}, ["新湾", "远山", "枯井"]),
        ({"theme": "gone"}, ["枯井"]),
        ({"theme": "item:museum"}, ["新湾"]),
        ({"theme": "item:plan"}, []),
        ({"period": "to2000"}, ["新湾"]),
        ({"period": "before1949"}, []),
        ({"period": "since2000"}, ["下湾"]),
        ({"period": "unknown"}, ["远山", "枯井"]),
        ({"q": "湾"}, ["新湾", "下湾"]),
        ({"q": "xinwan"}, ["新湾"]),
        ({"q": "XW"}, ["新湾", "下湾"]),
        ({"q": "%"}, []),
        ({"q": "湾", "theme": "village"}, ["下湾"]),
        ({"within": UPPER}, ["新湾"]),
        ({"within": LOWER, "theme": "village"}, ["下湾"]),
    ],
)  # fmt: skip
def test_every_filter(
    session: Session, told: dict[str, int], asked: dict[str, Any], expected: list[str]
) -> None:
    assert names(session, **asked) == expected
    assert page(session, **asked).matching == len(expected)


def test_one_number_and_every_key(session: Session, told: dict[str, int]) -> None:
    assert names(session, number=told["枯井"]) == ["枯井"]
    assert names(session, number=told["大桥"]) == [], "a bridge is no village"
    for theme in THEMES:
        for period in PERIODS:
            page(session, theme=theme, period=period, q="x", box=(106.0, 29.0, 107.0, 30.0))
    with pytest.raises(NoSuchPartOfMap):
        page(session, within="500112999")


def test_a_count_without_the_names(session: Session, told: dict[str, int]) -> None:
    head = village_map(session, district=b.DISTRICT, at=DAY, read=False)
    assert (head.names, head.count, head.whole) == ([], 4, True)
    assert head.box is not None and tuple(round(v, 2) for v in head.box) == (106.72, 29.84, 106.72, 29.84)
    assert len(head.items) == 2 and not head.demo
    assert village_map(session, district=b.DISTRICT, at=DAY, within=LOWER, read=False).box is None
    assert village_map(session, district=b.DISTRICT, at=DAY, within=UPPER, read=False).count == 1
    assert not village_map(session, district=b.DISTRICT, at=DAY, most=3, read=False).whole
