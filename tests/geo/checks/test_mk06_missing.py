"""MK06: three-way points, turns, crossings, long stretches."""

from __future__ import annotations

import math

import geopandas
import pyproj
import pytest

from geo.reading.layers import CrsDecision, Layer
from geo.terms import Severity
from geo.text import Text
from tests.geo.checks.legal import (
    CIZHU,
    TONGJING,
    XINGLONG,
    a_line,
    a_marker,
    at,
    found,
    line,
    published,
    scene,
)


def warnings(**drawn: object) -> list[str]:
    findings = found("MK06", scene(**drawn))  # type: ignore[arg-type]
    assert {f.severity for f in findings} <= {Severity.WARNING, Severity.INFO}
    return [f.text.zh for f in findings if f.severity is Severity.WARNING]


def turned(degrees: float) -> dict[str, object]:
    end = (500 + 500 * math.cos(math.radians(degrees)), 500 * math.sin(math.radians(degrees)))
    return a_line(line((0, 0), (500, 0), end))


@pytest.mark.parametrize(("degrees", "count"), [(0, 0), (59.9, 0), (60, 0), (60.1, 1), (-75, 1), (120, 1)])
def test_a_sharp_turn_wants_a_marker(degrees: float, count: int) -> None:
    assert len(warnings(lines=[turned(degrees)], markers=[a_marker(0, 0)])) == count


@pytest.mark.parametrize(("off", "count"), [(0.0, 0), (0.0999, 0), (0.2, 1)])
def test_a_marker_at_the_turn_is_enough(off: float, count: int) -> None:
    assert len(warnings(lines=[turned(80)], markers=[a_marker(500, off)])) == count


def test_twins_on_both_banks_mark_the_turn_between_them() -> None:
    twins = [a_marker(495, 12, 1, "A"), a_marker(505, -12, 1, "B")]
    assert not warnings(lines=[turned(80)], markers=twins)


def test_wiggles_are_no_turns() -> None:
    wiggly = a_line(line(*[(x, 0.4 * (x % 2)) for x in range(100)]))
    assert not warnings(lines=[wiggly], markers=[a_marker(0, 0)])


@pytest.mark.parametrize(("length", "count"), [(2999.9, 0), (3000, 0), (3000.1, 1)])
def test_distance_between_markers_along_the_line(length: float, count: int) -> None:
    course = a_line(line((0, 0), (length, 0)))
    messages = warnings(lines=[course], markers=[a_marker(0, 0), a_marker(length, 0, 2)])
    assert len(messages) == count


def test_a_long_stretch_is_shown_where_it_is() -> None:
    course = a_line(line((0, 0), (2000, 0), (7000, 0)))
    made = scene(lines=[course], markers=[a_marker(0, 0), a_marker(1000, 0, 2), a_marker(7000, 0, 3)])
    (finding,) = [f for f in found("MK06", made) if f.severity is Severity.WARNING]
    assert finding.measure["length_m"] == pytest.approx(6000)
    assert finding.geometry is not None and len(finding.geometry.coords) == 3


def star() -> list[dict[str, object]]:
    return [
        a_line(line((0, 0), (500, 0))), a_line(line((500, 0), (900, 100)), code="x-1"),
        a_line(line((500, 0), (900, -100)), code="x-2"),
    ]  # fmt: skip


def test_a_three_way_point_wants_a_marker() -> None:
    messages = warnings(lines=star(), markers=[a_marker(0, 0)])
    assert len(messages) == 3 and all("三交点" in m for m in messages)
    assert not warnings(lines=star(), markers=[a_marker(500, 0)])


def test_a_tripoint_record_marks_it() -> None:
    point = {"number": "S1", "unit1": XINGLONG, "unit2": CIZHU, "unit3": TONGJING, "geometry": at(500, 0)}
    assert not warnings(lines=star(), markers=[a_marker(0, 0)], tripoints=[point])


def test_two_ends_are_no_three_way_point() -> None:
    assert not warnings(lines=star()[:2], markers=[a_marker(0, 0)])


def test_a_published_neighbour_makes_the_three_way_point() -> None:
    around = published(lines=star()[1:])
    assert len(warnings(lines=star()[:1], markers=[a_marker(0, 0)], published=around)) == 1


def test_published_markers_count() -> None:
    around = published(markers=[a_marker(500, 0)])
    assert not warnings(lines=[turned(80)], published=around)


def test_without_any_marker_it_says_that_it_did_not_look() -> None:
    (finding,) = found("MK06", scene(lines=[turned(80)]))
    assert finding.severity is Severity.INFO and "没有界桩" in finding.text.zh


@pytest.mark.parametrize(("status", "count"), [("走向确认", 0), ("界桩测定", 1), (None, 1)])
def test_a_line_that_has_not_come_to_markers_yet_is_left_out(status: str | None, count: int) -> None:
    other = a_marker(9, 9) | {"line": "x-9", "number": "x-9001Q"}
    bent = turned(80) | {"status": status}
    assert len(warnings(lines=[bent], markers=[other])) == count


def road(*points: tuple[float, float], name: str = "道路") -> Layer:
    system = pyproj.CRS.from_epsg(4545)
    decision = CrsDecision(system, 4545, "x", "declared", Text("", ""))
    shape = geopandas.GeoDataFrame({"name": ["渝邻"]}, geometry=[line(*points)])
    return Layer(name, None, "LineString", 1, shape, decision, None, {})


def test_roads_and_rivers_are_looked_at_where_they_are_given() -> None:
    crossing = road((300, -50), (300, 50))
    drawn = {"lines": [a_line()], "markers": [a_marker(0, 0)]}
    (message,) = warnings(**drawn, layers=(crossing,))
    assert "道路" in message
    marked = drawn | {"markers": [a_marker(300, 0)]}
    assert not warnings(**marked, layers=(crossing,))
    assert not warnings(**drawn, layers=(road((300, -50), (300, 50), name="地块"),))


def test_without_such_layers_it_says_so() -> None:
    (finding,) = found("MK06", scene(lines=[a_line()], markers=[a_marker(0, 0)]))
    assert finding.severity is Severity.INFO and "道路" in finding.text.zh


@pytest.mark.parametrize(("off", "count"), [(0.0999, 0), (0.1003, 3)])
def test_a_marker_stands_at_a_three_way_point_up_to_its_tolerance(off: float, count: int) -> None:
    assert len(warnings(lines=star(), markers=[a_marker(500, off)])) == count


@pytest.mark.parametrize(("off", "count"), [(0.0999, 3), (0.1003, 0)])
def test_ends_meet_up_to_a_markers_tolerance(off: float, count: int) -> None:
    """The end that is off alone is then seen by TP11."""
    lines = [*star()[:2], a_line(line((500, -off), (900, -100)), code="x-2")]
    messages = [m for m in warnings(lines=lines, markers=[a_marker(0, 0)]) if "三交点" in m]
    assert len(messages) == count


@pytest.mark.parametrize(("height", "count"), [(0.95, 0), (1.05, 1)])
def test_what_is_no_turn_is_less_than_another_line_apart(height: float, count: int) -> None:
    bump = a_line(line((0, 0), (500, 0), (500.3, height), (500.6, 0), (1000, 0)))
    assert (len(warnings(lines=[bump], markers=[a_marker(0, 0)])) > 0) is bool(count)


def test_two_single_markers_of_one_number_are_no_twins() -> None:
    both = [a_marker(495, 12, 1, "Q"), a_marker(505, -12, 1, "Q")]
    assert len(warnings(lines=[turned(80)], markers=both)) == 1
    others = [a_marker(495, 12, 1, "A"), a_marker(505, -12, 2, "B")]
    assert len(warnings(lines=[turned(80)], markers=others)) == 1


def test_nothing_is_said_of_layers_that_no_line_asks_for() -> None:
    early = a_line(status="走向确认")
    other = a_marker(9, 9) | {"line": "x-9", "number": "x-9001Q"}
    assert not found("MK06", scene(lines=[early], markers=[other]))


@pytest.mark.parametrize(
    ("name", "count"), [("御临河", 1), ("水系", 1), ("road_centerline", 1), ("御临河界线", 0)]
)
def test_what_is_a_road_or_river_by_its_name(name: str, count: int) -> None:
    drawn = {"lines": [a_line()], "markers": [a_marker(0, 0)]}
    assert len(warnings(**drawn, layers=(road((300, -50), (300, 50), name=name),))) == count


def test_what_is_a_road_by_its_fields() -> None:
    crossing = road((300, -50), (300, 50), name="export")
    crossing.frame["highway"] = "primary"
    assert len(warnings(lines=[a_line()], markers=[a_marker(0, 0)], layers=(crossing,))) == 1
