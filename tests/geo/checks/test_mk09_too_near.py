"""MK09: two numbers within a metre."""

from __future__ import annotations

import pytest

from geo.terms import Profile, Severity
from tests.geo.checks.legal import LINE, a_marker, found, published, scene


@pytest.mark.parametrize(("apart", "count"), [(0.0, 1), (0.5, 1), (0.9998, 1), (1.0, 0), (1.0002, 0)])
def test_the_distance_decides(apart: float, count: int) -> None:
    findings = found("MK09", scene(markers=[a_marker(0, 0, 1), a_marker(apart, 0, 2)]))
    assert [f.severity for f in findings] == [Severity.ERROR] * count
    if count:
        assert findings[0].features == (0, 1) and findings[0].measure["distance_m"] == pytest.approx(
            apart, abs=1e-4
        )


def test_twins_may_be_near_and_the_same_number_is_another_check() -> None:
    assert not found("MK09", scene(markers=[a_marker(0, 0.3, 1, "A"), a_marker(0, -0.3, 1, "B")]))
    assert not found("MK09", scene(markers=[a_marker(0, 0, 1), a_marker(0.3, 0, 1)]))


def test_a_twin_of_another_serial_is_another_marker() -> None:
    assert found("MK09", scene(markers=[a_marker(0, 0.3, 1, "A"), a_marker(0, -0.3, 2, "B")]))


OTHER = "500112133-500112138"


def test_letters_of_one_serial_on_two_lines_are_two_markers() -> None:
    other = a_marker(0, -0.3) | {"number": f"{OTHER}001B", "line": OTHER}
    assert found("MK09", scene(markers=[a_marker(0, 0.3, 1, "A"), other]))


@pytest.mark.parametrize(("apart", "count"), [(0.9998, 1), (1.0, 0)])
def test_how_near_a_published_marker(apart: float, count: int) -> None:
    there = published(markers=[a_marker(0, 0) | {"number": f"{OTHER}004Q", "line": OTHER}])
    assert len(found("MK09", scene(markers=[a_marker(apart, 0)], published=there))) == count


def test_the_same_number_in_force_is_the_same_marker() -> None:
    there = published(markers=[a_marker(0, 0) | {"number": "K12", "line": None}])
    for number, count in (("K12", 0), ("K13", 1)):
        mine = a_marker(0.4, 0) | {"number": number, "line": None}
        assert len(found("MK09", scene(markers=[mine], published=there))) == count


def test_a_published_marker_of_another_line() -> None:
    there = published(markers=[a_marker(0, 0) | {"number": f"{OTHER}004Q", "line": OTHER}])
    (finding,) = found("MK09", scene(markers=[a_marker(0.4, 0)], published=there))
    assert finding.ids == (f"{LINE}001Q", f"{OTHER}004Q") and "已公布" in finding.text.zh


def test_a_new_set_of_markers_replaces_the_lines_old_one() -> None:
    there = published(markers=[a_marker(0, 0, 7)])
    assert not found("MK09", scene(markers=[a_marker(0.4, 0, 1)], published=there))


def test_generic_only_among_numbers_of_the_form() -> None:
    pumps = [a_marker(0, 0) | {"number": n} for n in ("p1", "p2")]
    assert not found("MK09", scene(markers=pumps, profile=Profile.GENERIC))
    ours = [a_marker(0, 0, 1), a_marker(0.4, 0, 2)]
    assert [f.severity for f in found("MK09", scene(markers=ours, profile=Profile.GENERIC))] == [
        Severity.WARNING
    ]
