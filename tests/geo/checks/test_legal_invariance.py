"""What must not change a verdict on markers and attributes: place, rotation, zone, order, first vertex."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.checks.run import discover, run
from geo.crs.geodesic import length_m
from geo.crs.plane import STORED, Plane
from geo.terms import Severity
from tests.geo.checks import legal, scenes
from tests.geo.checks.legal import LINE, a_line, a_marker, a_unit

CODES = (
    "MK01",
    "MK02",
    "MK03",
    "MK04",
    "MK05",
    "MK06",
    "MK09",
    "AT01",
    "AT02",
    "AT03",
    "AT04",
    "AT05",
    "AT07",
)
RULES = [discover()[code] for code in CODES]
COURSE = legal.line((0, 0), (300, 20), (700, -30), (700, 400), (1200, 420))
LENGTH = length_m(Plane.of_zone(legal.EPSG, STORED).to_source(COURSE))


def on(distance: float, off: float = 0.0) -> tuple[float, float]:
    """A place beside the course, in small numbers."""
    here, there = (COURSE.interpolate(d) for d in (distance - 0.5, distance + 0.5))
    dx, dy = there.x - here.x, there.y - here.y
    middle = COURSE.interpolate(distance)
    return middle.x - dy * off - legal.EAST, middle.y + dx * off - legal.NORTH


def drawn() -> dict[str, list[dict[str, Any]]]:
    """Every marker check has something to say here, most of it near a tolerance."""
    return {
        "lines": [a_line(COURSE, status="已勘定", document="x", approval_date="2024-01-02", agreement_date="2024-02-02", length_m=LENGTH * 1.02)],
        "markers": [
            a_marker(0, 0, 1), a_marker(*on(200, 0.05), 2), a_marker(*on(300.6, 0.3), 3), a_marker(*on(500, 2.0), 4),
            a_marker(*on(640, 12), 5, "A"), a_marker(*on(646, 9), 5, "B"), a_marker(*on(900, 12), 7, "A"),
            a_marker(*on(905, -9), 7, "B"), a_marker(*on(800), 8), a_marker(*on(800, 0.6), 9), a_marker(1, 1, 10) | {"number": "x"},
        ],
        "polygons": [
            a_unit(legal.XINGLONG, "兴隆镇", legal.box(-500, 500, 0, 900)),
            a_unit(legal.CIZHU, "統景鎮", legal.box(5, 500, 900, 900)),
        ],
    }  # fmt: skip


def verdict(rows: dict[str, list[dict[str, Any]]]) -> Counter[tuple[str, Severity, tuple[str, ...]]]:
    findings = run(legal.scene(**rows), rules=RULES, strict=True)
    return Counter((f.code, f.severity, tuple(sorted(f.ids))) for f in findings)


EXPECTED = verdict(drawn())


def moved(change: Callable[[Any], Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        role: [row | {"geometry": shapely.transform(row["geometry"], change)} for row in rows]
        for role, rows in drawn().items()
    }


def test_the_drawing_has_something_for_every_check() -> None:
    assert {code for code, severity, _ in EXPECTED if severity is not Severity.INFO} == set(CODES) - {
        "AT01",
        "AT02",
    }


@settings(max_examples=6, deadline=None)
@given(st.floats(-15_000, 15_000), st.floats(-15_000, 15_000))
def test_a_shift(east: float, north: float) -> None:
    assert verdict(moved(lambda c: c + np.array([east, north]))) == EXPECTED


@settings(max_examples=6, deadline=None)
@given(st.floats(0, 360))
def test_a_rotation(angle: float) -> None:
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = np.array([legal.EAST, legal.NORTH])
    assert verdict(moved(lambda c: (c - centre) @ matrix.T + centre)) == EXPECTED


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_records(random: Any) -> None:
    rows = drawn()
    for records in rows.values():
        random.shuffle(records)
    assert verdict(rows) == EXPECTED


def test_a_line_in_two_records_is_judged_as_one() -> None:
    rows = drawn()
    (whole,) = rows["lines"]
    first = shapely.LineString(COURSE.coords[:3])
    second = shapely.LineString(COURSE.coords[2:])
    rows["lines"] = [
        whole | {"geometry": second, "length_m": None},
        whole | {"geometry": first, "length_m": None},
    ]
    mine = {k: v for k, v in verdict(rows).items() if k[0].startswith("MK")}
    assert mine == {k: v for k, v in EXPECTED.items() if k[0].startswith("MK")}


@pytest.mark.parametrize("start", range(1, 4))
def test_the_first_vertex_of_a_ring(start: int) -> None:
    ring = [(0.0, 0.0), (400.0, 0.0), (400.0, 300.0), (0.0, 300.0)]
    markers = [a_marker(0, 0, 1), a_marker(400, 0.3, 2), a_marker(400, 300, 4), a_marker(0, 305, 3)]

    def judged(corners: list[tuple[float, float]]) -> set[tuple[str, tuple[str, ...]]]:
        made = legal.scene(lines=[a_line(legal.line(*corners, corners[0]))], markers=markers)
        return {(f.code, f.ids) for f in run(made, rules=RULES, strict=True) if f.code.startswith("MK")}

    assert judged(ring[start:] + ring[:start]) == judged(ring)


@pytest.mark.parametrize("zone", [4544, 4545, 4523, 4524, 4490])
def test_the_zone_that_a_file_comes_in(zone: int) -> None:
    """The same drawing in a file of another zone, laid out as an inspection lays it out."""
    rows = {
        role: [
            (scenes.here(row["geometry"]), {k: v for k, v in row.items() if k != "geometry"})
            for row in records
        ]
        for role, records in drawn().items()
    }
    made = scenes.scene(**rows, crs=zone, units=legal.UNITS)
    findings = run(made, rules=[r for r in RULES if r.code != "AT07"], strict=True)
    found = Counter((f.code, f.severity, tuple(sorted(f.ids))) for f in findings)
    assert found == Counter({k: v for k, v in EXPECTED.items() if k[0] != "AT07"})


def test_a_table_is_right_in_whatever_zone_the_file_comes() -> None:
    """MK07: north and east of CM 108 in the table, points in zone 35."""
    point = shapely.Point(123.456, 45.678)
    fields = {
        "number": f"{LINE}001Q",
        "line": LINE,
        "kind": "Q",
        "north": legal.NORTH + 45.678,
        "east": legal.EAST + 123.456,
    }
    for zone in (4545, 4544, 4523, 4490):
        made = scenes.scene(markers=[(point, fields)], crs=zone)
        assert not run(made, rules=[discover()["MK07"]], strict=True)
        wrong = scenes.scene(markers=[(point, fields | {"east": fields["east"] + 0.004})], crs=zone)
        assert len(run(wrong, rules=[discover()["MK07"]], strict=True)) == 1
