"""Keys of findings: several faults of one record or layer are as many findings, and a mended one is gone."""

from __future__ import annotations

from typing import Any

import pytest

from geo.checks.scene import Scene
from geo.terms import Severity
from tests.geo.checks.legal import (
    CIZHU,
    EAST,
    NORTH,
    TONGJING,
    XINGLONG,
    a_line,
    a_marker,
    a_unit,
    box,
    found,
    line,
    scene,
)


def nameless(*lacking: str) -> Scene:
    return scene(lines=[a_line(line((0, i), (900, i)), **dict.fromkeys(lacking)) for i in range(3)])


def beside(left: str | None, right: str | None) -> Scene:
    polygons = [
        a_unit(XINGLONG, "兴隆镇", box(0, 0, 1000, 500)),
        a_unit(CIZHU, "茨竹镇", box(0, -500, 1000, 0)),
    ]
    return scene(lines=[a_line(left=left, right=right)], polygons=polygons)


def stated(**fields: Any) -> Scene:
    return scene(markers=[a_marker(0, 0, north=NORTH, east=EAST, **fields)])


CASES = {
    "AT01": (
        nameless("code", "name", "left", "right", "level", "status"),
        nameless("code", "name", "left", "right", "level"),
        6,
    ),
    "TP10": (beside(None, None), beside(XINGLONG, None), 2),
    "TP10 ": (beside(TONGJING, TONGJING), beside(XINGLONG, TONGJING), 2),
    "MK07": (
        scene(markers=[a_marker(0, 0, north=NORTH + 5, east=EAST, lon=106.5, lat=29.5)]),
        scene(markers=[a_marker(0, 0, north=NORTH, east=EAST, lon=106.5, lat=29.5)]),
        2,
    ),
    "AT02": (
        scene(lines=[a_line(left="500112999", right="500112998")]),
        scene(lines=[a_line(right="500112998")]),
        2,
    ),
    "AT05": (
        scene(lines=[a_line(length_m=5000, length_km=7)]),
        scene(lines=[a_line(length_km=7)]),
        2,
    ),
    "AT07": (
        scene(lines=[a_line(survey_date="2024-03-03", agreement_date="2024-03-02", approval_date="2024-03-01")]),
        scene(lines=[a_line(survey_date="2024-03-01", agreement_date="2024-03-02", approval_date="2024-03-01")]),
        3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_each_fault_has_its_key_and_a_mended_one_is_gone(code: str) -> None:
    before, after, count = CASES[code]
    had, has = (
        [f.key for f in found(code.strip(), made) if f.severity is not Severity.INFO]
        for made in (before, after)
    )
    assert len(had) == len(set(had)) == count
    assert has and set(has) < set(had)


def test_a_finding_keeps_its_key_where_records_come_in_another_order() -> None:
    markers = [a_marker(100 + 0.3 * i, 0, i) for i in (1, 2)]
    one, other = (found("MK09", scene(lines=[a_line()], markers=rows)) for rows in (markers, markers[::-1]))
    assert len(one) == 1 and [f.key for f in one] == [f.key for f in other]
