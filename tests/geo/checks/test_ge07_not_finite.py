"""GE07: coordinates that are no place on Earth stop at the gate."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from geo.checks.sound import far
from geo.terms import Profile, Role, Severity


def broken_polygon(value):
    """As the WKB of a file gives it."""
    return from_wkb([(0, 0), (10, 0), (value, 10), (0, 10), (0, 0)])


def from_wkb(ring):
    head = bytes.fromhex("010300000001000000") + len(ring).to_bytes(4, "little")
    # GEOS raises the processor's flag for a NaN, which numpy reports as a warning.
    with np.errstate(invalid="ignore"):
        return shapely.from_wkb(head + np.array(ring, dtype="<f8").tobytes(), on_invalid="ignore")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.797693134862315e308, 1.1e8])
@pytest.mark.parametrize("profile", list(Profile))
def test_each_is_an_error_and_the_others_are_still_checked(scenes, value, profile):
    rows = [
        (broken_polygon(value), {"code": "A"}),
        (scenes.square(0, 0), {"code": "B"}),
        (scenes.square(900, 0), {"code": "C"}),
    ]
    made = scenes.layer(Role.POLYGONS, rows, moved=False)
    scene = scenes.scene(layers=[made], profile=profile)
    assert len(scene.polygons) == 2
    (found,) = scenes.findings(scene, "GE07")
    assert found.severity is Severity.ERROR and found.features == (0,)
    assert len(scenes.findings(scene, "TP01")) == 1


def test_a_nan_first_vertex_closes_no_ring_and_ends_nothing(scenes):
    ring = from_wkb([(np.nan, np.nan), (10, 0), (10, 10), (np.nan, np.nan)])
    scene = scenes.scene(layers=[scenes.layer(Role.POLYGONS, [ring, scenes.square(0, 0)], moved=False)])
    # GEOS may refuse to read it: then the record has no geometry.
    assert len(scenes.findings(scene, "GE01" if ring is None else "GE07")) == 1


@pytest.mark.parametrize(("value", "hit"), [(1e8, False), (-1e8, False), (100_000_001.0, True)])
def test_the_limit_itself_is_inside(value, hit):
    assert far(np.array([shapely.Point(value, 0)], dtype=object), 1e8).tolist() == [hit]


def test_a_latitude_past_the_pole_is_left_out_without_a_crash(scenes):
    made = scenes.layer(Role.POLYGONS, [shapely.box(106, 95, 107, 96), shapely.box(106.5, 29.7, 106.6, 29.8)],
                        crs=4490, moved=False)  # fmt: skip
    scene = scenes.scene(layers=[made])
    scenes.findings(scene)
    assert np.isfinite(scene.polygons.total_bounds).all()


@pytest.mark.parametrize(("value", "hits"), [(0.999e8, 0), (-0.999e8, 0), (1.001e8, 1), (-1.001e8, 1)])
@pytest.mark.parametrize("role", list(Role))
def test_the_limit_holds_in_every_layer(scenes, role, value, hits):
    shape = {
        Role.LINES: shapely.LineString([(0, 0), (value, 0)]),
        Role.POLYGONS: shapely.Polygon([(0, 0), (value, 0), (value, 9)]),
    }.get(role, shapely.Point(0, value))
    made = scenes.layer(role, [(shape, {"code": "A"})], moved=False)
    assert len(scenes.findings(scenes.scene(layers=[made]), "GE07")) == hits
