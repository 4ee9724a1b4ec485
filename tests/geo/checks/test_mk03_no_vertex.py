"""MK03: a vertex within the tolerance of a marker that is on its line."""

from __future__ import annotations

import pytest

from geo.terms import Severity
from tests.geo.checks.legal import a_line, a_marker, found, line, scene

COURSE = a_line(line((0, 0), (500, 0), (1000, 0)))


@pytest.mark.parametrize(("along", "count"), [(500, 0), (500.0999, 0), (500.1, 0), (500.1002, 1), (250, 1)])
def test_distance_to_the_vertex_decides(along: float, count: int) -> None:
    findings = found("MK03", scene(lines=[COURSE], markers=[a_marker(along, 0)]))
    assert [f.severity for f in findings] == [Severity.WARNING] * count
    if count:
        assert findings[0].measure["distance_m"] == pytest.approx(
            along - 500 if along > 500 else 250, abs=1e-4
        )


def test_a_marker_off_the_line_is_not_its_affair() -> None:
    assert found("MK03", scene(lines=[COURSE], markers=[a_marker(250, 0.0999)]))
    assert not found("MK03", scene(lines=[COURSE], markers=[a_marker(250, 0.1002)]))


def test_twins_need_no_vertex() -> None:
    assert not found("MK03", scene(lines=[COURSE], markers=[a_marker(250, 0, 1, "A")]))
