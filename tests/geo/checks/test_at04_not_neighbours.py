"""AT04: two different units with a border between them."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Severity
from tests.geo.checks.legal import CIZHU, TONGJING, XINGLONG, a_line, a_unit, box, found, published, scene

WEST = a_unit(XINGLONG, "兴隆镇", box(0, 0, 1000, 1000))
EAST_ = a_unit(CIZHU, "茨竹镇", box(1000, 0, 2000, 1000))
FAR = a_unit(TONGJING, "统景镇", box(2000, 1000, 3000, 2000))


def severities(lines: list[dict[str, object]], **more: object) -> list[Severity]:
    return [f.severity for f in found("AT04", scene(lines=lines, **more))]  # type: ignore[arg-type]


def test_neighbours_pass() -> None:
    assert not severities([a_line()], polygons=[WEST, EAST_, FAR])


def test_units_that_do_not_meet() -> None:
    assert severities([a_line(right=TONGJING)], polygons=[WEST, EAST_, FAR]) == [Severity.ERROR]


def test_a_corner_is_no_border() -> None:
    assert severities([a_line(left=CIZHU, right=TONGJING)], polygons=[WEST, EAST_, FAR]) == [Severity.ERROR]


def test_both_sides_the_same() -> None:
    (finding,) = found("AT04", scene(lines=[a_line(right=XINGLONG)], polygons=[WEST, EAST_]))
    assert finding.severity is Severity.ERROR and "相同" in finding.text.zh
    assert severities([a_line(right=500112138.0)]) == [Severity.ERROR]


@pytest.mark.parametrize(("gap", "count"), [(0.0, 0), (0.4, 0), (0.99, 0), (1.02, 1), (1.5, 1)])
def test_edges_that_do_not_match_vertex_for_vertex_are_still_a_border(gap: float, count: int) -> None:
    east = EAST_ | {"geometry": shapely.segmentize(box(1000 + gap, 0, 2000, 1000), 130)}
    assert len(severities([a_line()], polygons=[WEST, east])) == count


def test_published_polygons_serve_where_the_upload_has_none() -> None:
    around = published(polygons=[WEST, EAST_, FAR])
    assert not severities([a_line()], published=around)
    assert severities([a_line(right=TONGJING)], published=around) == [Severity.ERROR]


def test_the_uploads_own_polygon_comes_before_the_published_one() -> None:
    moved = EAST_ | {"geometry": box(1500, 0, 2000, 1000)}
    around = published(polygons=[WEST, EAST_])
    assert severities([a_line()], polygons=[moved], published=around) == [Severity.ERROR]


def test_without_polygons_it_says_that_it_did_not_look() -> None:
    (finding,) = found("AT04", scene(lines=[a_line(), a_line(right=TONGJING)], polygons=[WEST, EAST_]))
    assert finding.severity is Severity.INFO and finding.measure["count"] == 1 and TONGJING in finding.text.zh


def test_lines_and_polygons_in_two_code_systems() -> None:
    other = [WEST | {"code": "500112113"}, EAST_ | {"code": "500112115"}]
    assert not severities([a_line()], polygons=other)


def test_the_borders_of_an_invalid_polygon_do_not_end_the_check() -> None:
    bow = WEST | {"geometry": shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])}
    assert severities([a_line()], polygons=[bow, EAST_]) == [Severity.ERROR]


def test_a_code_that_nobody_knows_is_another_check() -> None:
    assert not severities([a_line(right="500112999")], polygons=[WEST, EAST_])


@pytest.mark.parametrize(
    ("left", "right"),
    [(None, CIZHU), (XINGLONG, None), (None, None), ("500112", "500109"), ("500112", "500112")],
)
def test_a_side_that_is_missing_and_two_counties_are_no_townships(left: object, right: object) -> None:
    assert not severities([a_line(left=left, right=right)], polygons=[WEST, EAST_, FAR])
