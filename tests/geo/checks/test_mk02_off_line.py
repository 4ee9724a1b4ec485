"""MK02: just inside and just outside both tolerances."""

from __future__ import annotations

import pytest

from geo.terms import Profile, Severity
from tests.geo.checks.legal import LINE, a_line, a_marker, found, published, scene


@pytest.mark.parametrize(
    ("off", "severity"),
    [
        (0.0, None),
        (0.0999, None),
        (0.1, None),
        (0.1002, Severity.WARNING),
        (0.9999, Severity.WARNING),
        (1.0, Severity.WARNING),
        (1.0002, Severity.ERROR),
        (480.0, Severity.ERROR),
    ],
)
def test_distance_decides(off: float, severity: Severity | None) -> None:
    findings = found("MK02", scene(lines=[a_line()], markers=[a_marker(500, off)]))
    assert [f.severity for f in findings] == ([] if severity is None else [severity])
    for finding in findings:
        assert finding.measure["distance_m"] == pytest.approx(off, abs=1e-4)
        assert finding.ids == (f"{LINE}001Q", LINE)
        assert finding.features == (0,)
        assert finding.geometry is not None and finding.geometry.geom_type == "LineString"


def test_twins_stand_beside_their_line() -> None:
    assert not found("MK02", scene(lines=[a_line()], markers=[a_marker(500, 8, 1, "A")]))


def test_the_field_says_the_kind_before_the_number_does() -> None:
    marker = a_marker(500, 8, kind="Q") | {"kind": "同号双立"}
    assert not found("MK02", scene(lines=[a_line()], markers=[marker]))


def test_a_line_in_parts_is_one_line() -> None:
    from tests.geo.checks.legal import line

    parts = [a_line(line((0, 0), (500, 0))), a_line(line((500, 0), (1000, 0)))]
    assert not found("MK02", scene(lines=parts, markers=[a_marker(700, 0)]))


def test_a_published_line_serves_where_the_upload_has_none() -> None:
    around = published(lines=[a_line()])
    (finding,) = found("MK02", scene(markers=[a_marker(500, 3)], published=around))
    assert finding.severity is Severity.ERROR


def test_a_line_that_is_nowhere_is_said() -> None:
    (finding,) = found("MK02", scene(markers=[a_marker(500, 3, 1), a_marker(600, 3, 2)]))
    assert finding.severity is Severity.INFO
    assert finding.measure["count"] == 2 and finding.features == (0, 1)


def test_generic_only_warns() -> None:
    (finding,) = found("MK02", scene(lines=[a_line()], markers=[a_marker(500, 3)], profile=Profile.GENERIC))
    assert finding.severity is Severity.WARNING
