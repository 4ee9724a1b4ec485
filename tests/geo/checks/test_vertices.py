"""GE05, GE11, GE12: what one pass over the vertices finds, just inside and just outside."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.checks import vertices as subject
from geo.settings import tolerances
from geo.terms import Profile, Severity


def line(scenes, code, *xy, profile=Profile.TOWNSHIP):
    scene = scenes.scene(lines=[(shapely.LineString(xy), {"code": "L"})], profile=profile)
    return scenes.findings(scene, code)


@pytest.mark.parametrize(("gap", "hits"), [(0.0, 1), (0.0009, 1), (0.001, 0), (0.0011, 0)])
def test_ge05_repeated_vertex(scenes, gap, hits):
    found = line(scenes, "GE05", (0, 0), (50, 0), (50 + gap, 0), (90, 40))
    assert len(found) == hits
    for f in found:
        assert f.severity is Severity.WARNING and f.measure["count"] == 1
        assert f.geometry.geom_type == "Point"


def spike(degrees, leg=200.0):
    """Out along x and back at an angle."""
    back = math.radians(180 - degrees)
    return (0, 0), (leg, 0), (leg + leg * math.cos(back), leg * math.sin(back)), (0, 500)


@pytest.mark.parametrize(
    ("degrees", "severity"),
    [
        (1.01, None),
        (0.99, Severity.WARNING),
        (0.11, Severity.WARNING),
        (0.09, Severity.ERROR),
        (0, Severity.ERROR),
    ],
)
def test_ge11_spike_by_its_angle(scenes, degrees, severity):
    found = line(scenes, "GE11", *spike(degrees))
    assert [f.severity for f in found] == ([severity] if severity else [])
    if found:
        assert abs(found[0].measure["angle_deg"] - degrees) < 1e-3


@pytest.mark.parametrize(("leg", "hits"), [(0.499, 0), (0.501, 1)])
def test_ge11_needs_both_legs(scenes, leg, hits):
    xy = [(0, 0), (300, 0), (300 - leg, 0.001 * leg), (300, 200)]
    assert len(line(scenes, "GE11", *xy)) == hits


def test_ge11_sees_a_spike_behind_a_doubled_tip(scenes):
    a, tip, c, d = spike(0.5)
    assert len(line(scenes, "GE11", a, tip, tip, c, d)) == 1


def test_a_ring_that_collapses_at_the_tolerance_ends_nothing(scenes):
    """`remove_repeated_points` raises on it; files of generalised coverages have such rings."""
    tiny = shapely.Polygon([(0, 0), (0.0002, 0), (0.0002, 0.0002), (0, 0.0002)])
    holed = shapely.Polygon([(9, 9), (90, 9), (90, 90), (9, 90)], [[(30, 30), (30.0003, 30), (30, 30.0003)]])
    found = scenes.findings(scenes.scene(polygons=[tiny, holed]), "GE05", "GE11")
    assert {f.code for f in found} == {"GE05"} and [f.features for f in found] == [(0,), (1,)]


@pytest.mark.parametrize("start", range(6))
def test_ge11_sees_a_spike_wherever_a_ring_starts(scenes, start):
    ring = [(0, -50), (100, -50), (100, 0), (300, 0.5), (100, 1), (0, 1)]
    ring = ring[start:] + ring[:start]
    scene = scenes.scene(polygons=[shapely.Polygon(ring)])
    (found,) = scenes.findings(scene, "GE11")
    assert found.measure["count"] == 1 and found.severity is Severity.WARNING


@pytest.mark.parametrize(("length", "hits"), [(0.049, 1), (0.05, 0), (2000.0, 0), (2000.1, 1)])
def test_ge12_segment_length(scenes, length, hits):
    xy = [(0, 0), (200, 0), (200 + length, 0), (200 + length + 100, 30)]
    found = line(scenes, "GE12", *xy)
    assert len(found) == hits
    for f in found:
        assert abs(f.measure["length_m"] - length) < 1e-6


def test_ge12_is_off_in_generic_and_leaves_repeated_vertices_to_ge05(scenes):
    assert not line(scenes, "GE12", (0, 0), (9000, 0), profile=Profile.GENERIC)
    assert not line(scenes, "GE12", (0, 0), (50, 0), (50.0005, 0), (90, 40))


def test_blocks_give_the_same_answer_as_one_pass(monkeypatch):
    rng = np.random.default_rng(7)
    shapes = np.array(
        [shapely.LineString(rng.integers(0, 40, (30, 2)) * 0.0004 + i * 10) for i in range(60)], dtype=object
    )
    whole = subject.look(shapes, tolerances())
    assert len(whole.repeated.row) and len(whole.lengths.row)
    monkeypatch.setattr(subject, "BLOCK", 100)
    parts = subject.look(shapes, tolerances())
    for name in ("repeated", "spikes", "lengths"):
        a, b = getattr(whole, name), getattr(parts, name)
        assert (np.sort(a.row) == np.sort(b.row)).all()
        assert (a.xy[np.lexsort(a.xy.T)] == b.xy[np.lexsort(b.xy.T)]).all()


@pytest.mark.parametrize(("length", "word"), [(0.04, "0.05"), (2500.0, "2000")])
def test_ge12_says_whether_it_is_too_short_or_too_long(scenes, length, word):
    """Of lines and of polygons alike; the place is the middle of the segment."""
    xy = [(0, 0), (200, 0), (200 + length, 0), (200 + length, 300)]
    for more in ({"lines": [shapely.LineString(xy)]}, {"polygons": [shapely.Polygon([*xy, (1000, 300)])]}):
        scene = scenes.scene(**more)
        (found,) = [f for f in scenes.findings(scene, "GE12") if word in f.text.zh.replace(",", "")]
        assert abs(found.measure["length_m"] - length) < 1e-6 and found.severity is Severity.WARNING
        east, north = shapely.get_coordinates(
            scene.plane.place(scenes.there(shapely.Point(200 + length / 2, 0)))
        )[0]
        assert shapely.distance(found.geometry, shapely.Point(east, north)) < 1e-8


@settings(max_examples=30, deadline=None)
@given(
    start=st.integers(0, 5),
    turn=st.floats(0, 6.28),
    shift=st.tuples(st.integers(-(10**5), 10**5), st.integers(-(10**6), 10**6)),
    reverse=st.booleans(),
)
def test_start_rotation_shift_and_direction_do_not_matter(start, turn, shift, reverse):
    ring = np.array([(0, 0), (100, 0), (100.0004, 0), (300, 0.5), (100, 1), (50, 80.0)])
    ring = np.roll(ring, start, axis=0)
    if reverse:
        ring = ring[::-1]
    c, s = math.cos(turn), math.sin(turn)
    ring = ring @ np.array([[c, s], [-s, c]]) + shift
    found = subject.look(np.array([shapely.Polygon(ring)], dtype=object), tolerances())
    assert len(found.repeated.row) == 1 and len(found.spikes.row) == 1
