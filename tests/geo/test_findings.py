"""A finding's key: one for the same fault whatever else changed, another for another fault of the same record."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from geo.findings import Catalogue, Finding, Hit, Ref
from geo.terms import Severity
from geo.text import Text

RULE = Catalogue().declare(
    code="XX01",
    severity=Severity.ERROR,
    message=Text("{0} {d:.3f}", "{0} {d:.3f}"),
    remedy=Text("改", "mend"),
)
PLACE = shapely.Point(106.7, 29.9)
OTHER = Text("另一种 {0}", "another {0}")
HIT = Hit((Ref("界桩", 3, "A"), Ref("界线", 1, "B")), measure={"d": 1.0}, at=PLACE)


def finding(hit: Hit, *, source: bool = False) -> Finding:
    return RULE.finding(hit, place=lambda at: (None, at) if source else (at, None))


SAME = finding(HIT).key


@pytest.mark.parametrize(
    "again",
    [
        replace(HIT, measure={"d": 1.2}),
        replace(HIT, refs=(Ref("界桩", 9, "A"), Ref("界线", 4, "B"))),
        replace(HIT, refs=(Ref("界桩", 3, "B"), Ref("界线", 1, "A"))),
        replace(HIT, at=shapely.Point(106.700001, 29.900001)),
        replace(HIT, severity=Severity.WARNING),
        replace(HIT, remedy=OTHER),
    ],
)
def test_the_same_fault_keeps_its_key(again: Hit) -> None:
    assert finding(again).key == SAME


@pytest.mark.parametrize(
    "another",
    [
        replace(HIT, text=OTHER),
        replace(HIT, aspect="left"),
        replace(HIT, text=OTHER, aspect="left"),
        replace(HIT, refs=(Ref("界桩", 3, "A"),)),
        replace(HIT, refs=(Ref("三交点", 3, "A"), Ref("界线", 1, "B"))),
        replace(HIT, at=shapely.Point(106.7001, 29.9)),
        replace(HIT, at=None),
    ],
)
def test_another_fault_has_another_key(another: Hit) -> None:
    assert finding(another).key != SAME
    assert finding(replace(another, measure={"d": 5.0})).key == finding(another).key


def test_a_rule_with_one_text_keeps_the_keys_of_earlier_versions() -> None:
    """Stored findings are compared with new ones by key."""
    assert SAME == "429e2968f4ffb899"


def test_places_in_degrees_without_a_system_are_told_apart() -> None:
    near = replace(HIT, at=shapely.Point(106.71, 29.9))
    assert finding(HIT, source=True).key != finding(near, source=True).key
    metres = replace(HIT, at=shapely.Point(370000.2, 3300000.2))
    moved = replace(HIT, at=shapely.Point(370000.4, 3300000.1))
    assert finding(metres, source=True).key == finding(moved, source=True).key
