"""TP03: borders shared vertex for vertex."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.terms import Profile, Severity


def pair(middle):
    west = shapely.Polygon([(0, 0), (500, 0), (500, 500), (500, 1000), (0, 1000)])
    east = shapely.Polygon([(500, 0), (1000, 0), (1000, 1000), (500, 1000), *middle])
    return [(west, {"code": "500112101"}), (east, {"code": "500112102"})]


@pytest.mark.parametrize(
    ("middle", "hits"),
    [
        ([(500, 500)], 0),
        ([(500.00004, 500)], 0),  # the same after rounding to 0.1 mm
        ([(499.9998, 500)], 1),
        ([], 1),  # one side lacks the vertex
        ([(500, 500), (500, 300)], 1),  # one side has one more
    ],
)
def test_after_rounding_to_the_grid(scenes, middle, hits):
    found = scenes.findings(scenes.scene(polygons=pair(middle)), "TP03")
    assert [f.severity for f in found] == [Severity.ERROR] * hits
    for f in found:
        assert f.ids == ("500112101", "500112102") and f.measure["length_m"] > 0
        assert f.geometry.geom_type in ("LineString", "MultiLineString")


def test_generic_keeps_finer_differences(scenes):
    (found,) = scenes.findings(
        scenes.scene(polygons=pair([(499.99998, 500)]), profile=Profile.GENERIC), "TP03"
    )
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("crs", [4544, 4524, 4523, 4490])
def test_an_upload_in_another_system_matches_the_published_neighbour(scenes, crs):
    """docs/checks.md: what went through another zone comes back some 1e-8 m off."""
    (west, east) = pair([(500, 500)])
    odd = [(shapely.transform(s, lambda c: c * 0.98765 + 0.00005), v) for s, v in (west, east)]
    around = scenes.published(polygons=[odd[1]])
    scene = scenes.scene(polygons=[odd[0]], published=around, crs=crs)
    assert not scenes.findings(scene, "TP01", "TP02", "TP03")
    moved = [(shapely.transform(odd[0][0], lambda c: c + np.array([0.001, 0.0])), odd[0][1])]
    assert scenes.findings(scenes.scene(polygons=moved, published=around, crs=crs), "TP03")
