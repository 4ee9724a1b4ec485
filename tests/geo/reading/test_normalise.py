"""规整: what is brought to one form before it is stored, what is left alone, and that all of it is counted."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from geo.inspection import features_table, inspect, report_of
from geo.reading.layers import ReadOptions
from geo.reading.normalise import counts, tidy
from geo.settings import Limits
from tests.geo.reading.made import RING, geojson, put

HEIGHT = 412.5


def array(*shapes):
    answer = np.empty(len(shapes), dtype=object)
    answer[:] = [shapely.from_wkt(s) if isinstance(s, str) else s for s in shapes]
    return answer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("POLYGON ((0 0, 0 9, 9 9, 9 0, 0 0))", "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0))"),
        (
            "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 1))",
            "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 2, 2 1, 1 1))",
        ),
        ("LINESTRING (9 9, 5 5, 5 5, 0 0)", "LINESTRING (9 9, 5 5, 0 0)"),
        ("LINESTRING (0 0, 0.0009 0, 5 5)", "LINESTRING (0 0, 0.0009 0, 5 5)"),
        ("MULTILINESTRING ((9 9, 5 5))", "LINESTRING (9 9, 5 5)"),
        ("MULTILINESTRING ((9 9, 8 8), (1 1, 0 0))", "MULTILINESTRING ((1 1, 0 0), (9 9, 8 8))"),
        (
            "MULTIPOLYGON (((9 0, 12 0, 12 3, 9 0)), ((0 0, 3 0, 3 3, 0 0)))",
            "MULTIPOLYGON (((0 0, 3 0, 3 3, 0 0)), ((9 0, 12 0, 12 3, 9 0)))",
        ),
        ("MULTIPOINT ((5 5), (1 1))", "MULTIPOINT ((1 1), (5 5))"),
        ("POLYGON ((5 5, 5 5, 5 5, 5 5))", "POLYGON ((5 5, 5 5, 5 5, 5 5))"),
    ],
)
def test_one_form(before, after):
    """A line keeps its way and every geometry its first vertex; nothing moves, and twice is as once."""
    once = tidy(array(before))
    assert once[0].equals_exact(shapely.from_wkt(after), 0.0) and once[0].wkt == shapely.from_wkt(after).wkt
    assert tidy(once)[0].wkt == once[0].wkt


def three(ring):
    return [[x, y, HEIGHT] for x, y in ring]


def test_what_was_changed_is_counted(take):
    again = [RING[0], RING[0], *RING[1:]]
    far = [[x + 0.05, y] for x, y in RING]
    shapes = [
        {"type": "Polygon", "coordinates": [again]},
        {"type": "MultiPolygon", "coordinates": [[far], [RING]]},
        {"type": "MultiPolygon", "coordinates": [[RING], [far]]},
    ]
    layer = take(json.dumps(geojson(*shapes)), "a.geojson").layers[0]
    assert counts(layer) == {
        "repeated_vertices": 1, "rings_turned": 0, "parts_reordered": 1, "heights_dropped": 0,
    }  # fmt: skip
    solid = [{"type": "Polygon", "coordinates": [three(RING)]}] * 2
    layer = take(json.dumps(geojson(*solid)), "a.geojson").layers[0]
    assert counts(layer)["heights_dropped"] == 2


def test_heights_stay_with_points_alone(tmp_path):
    """Z of a marker is its height; lines and polygons drop it, and the report of a layer says so."""
    point = {"type": "Point", "coordinates": [106.6, 29.8, HEIGHT]}
    course = {"type": "LineString", "coordinates": three(RING[:3])}
    for shape, kept, dropped in ((point, HEIGHT, 0), (course, None, 1)):
        path = put(tmp_path, "a.geojson", geojson(shape))
        done = inspect(path, ReadOptions(), Limits())
        row = features_table(done.layers).to_pylist()[0]
        assert (row["z"] == kept) and not shapely.has_z(shapely.from_wkb(row["geometry"]))
        (details,) = report_of(done)["details"]
        assert details["normalised"]["heights_dropped"] == dropped
