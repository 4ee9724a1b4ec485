"""TP04: lines that are not simple."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Profile, Severity


def find(scenes, *xy, **more):
    return scenes.findings(scenes.scene(lines=[(shapely.LineString(xy), {"code": "L"})], **more), "TP04")


def test_a_crossing_is_placed(scenes):
    (found,) = find(scenes, (0, 0), (100, 0), (100, 50), (50, 50), (50, -50))
    assert found.severity is Severity.ERROR and found.measure["count"] == 1
    assert found.geometry.geom_type == "Point"


def test_touching_and_running_back_count(scenes):
    assert find(scenes, (0, 0), (100, 0), (100, 50), (50, 0))
    (found,) = find(scenes, (0, 0), (100, 0), (100, 50), (100, 0), (200, 0))
    assert found.measure["count"] >= 1
    assert find(scenes, (0, 0), (100, 0), (40, 0))


@pytest.mark.parametrize("gap", [0.0, 0.00004, 0.0002])
def test_rounding_decides_a_near_touch(scenes, gap):
    found = find(scenes, (0, 0), (100, 0), (100, 50), (50, gap), (50, 20), (40, 60))
    assert len(found) == (1 if gap < 0.00005 else 0)


def test_rings_and_plain_lines_are_simple(scenes):
    assert not find(scenes, (0, 0), (100, 0), (100, 50), (0, 0))
    assert not find(scenes, (0, 0), (100, 0), (100, 50))
    assert find(scenes, (0, 0), (100, 0), (0, 50), (100, 50), (0, 0))


def test_generic_warns(scenes):
    (found,) = find(scenes, (0, 0), (100, 0), (100, 50), (50, 50), (50, -50), profile=Profile.GENERIC)
    assert found.severity is Severity.WARNING
