"""GE01: nothing empty gets past the gate, wherever it hides."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.checks.sound import hollow
from geo.terms import Role, Severity

SHELL = "(0 0, 10 0, 10 10, 0 10, 0 0)"


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON EMPTY",
        "MULTIPOLYGON EMPTY",
        "LINESTRING EMPTY",
        "POINT EMPTY",
        f"POLYGON ({SHELL}, EMPTY)",
        f"MULTIPOLYGON (({SHELL}), EMPTY)",
        f"MULTIPOLYGON (({SHELL}, EMPTY))",
        "MULTILINESTRING ((0 0, 1 1), EMPTY)",
        "MULTIPOINT ((0 0), EMPTY)",
        f"GEOMETRYCOLLECTION (POINT (0 0), POLYGON ({SHELL}, EMPTY))",
        "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION EMPTY)",
        None,
    ],
)
def test_every_kind_of_emptiness_is_seen(wkt):
    shapes = np.array([None if wkt is None else shapely.from_wkt(wkt), shapely.box(0, 0, 1, 1)], dtype=object)
    assert hollow(shapes).tolist() == [True, False]


def test_whole_geometries_are_not():
    shapes = np.array(
        [
            shapely.box(0, 0, 9, 9),
            shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 2, 2)),
            shapely.from_wkt("MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))"),
            shapely.Point(0, 0),
        ],
        dtype=object,
    )
    assert not hollow(shapes).any()


def test_an_empty_ring_ends_no_process_and_leaves_the_rest_checked(scenes):
    """docs/checks.md: `is_valid` lets it pass, then overlaps and relate end Python."""
    trap = shapely.from_wkt(f"POLYGON ({SHELL}, EMPTY)")
    assert shapely.is_valid(trap)
    scene = scenes.scene(
        polygons=[
            (trap, {"code": "500112101"}),
            (scenes.square(0, 0), {"code": "500112102"}),
            (scenes.square(900, 0), {"code": "500112103"}),
            (None, {"code": "500112104"}),
        ]
    )
    assert len(scene.polygons) == 2
    found = scenes.findings(scene)
    empty = [f for f in found if f.code == "GE01"]
    assert [f.features for f in empty] == [(0,), (3,)]
    assert all(f.severity is Severity.ERROR for f in empty)
    assert empty[0].geometry is not None and "空的部件" in empty[0].text.zh
    assert [f.ids for f in found if f.code == "TP01"] == [("500112102", "500112103")]


def test_layers_of_any_role_are_looked_at(scenes):
    made = scenes.layer(Role.LINES, ["LINESTRING EMPTY", "LINESTRING (0 0, 100 0)"])
    (found,) = scenes.findings(scenes.scene(layers=[made]), "GE01")
    assert found.layer == "lines" and found.features == (0,)


def test_what_could_not_be_read_is_not_empty(scenes):
    """UP13 has said it; an empty ring in a record that was read is said all the same."""
    rows = [
        ("POLYGON EMPTY", {"code": "A"}),
        (None, {"code": "B"}),
        (f"POLYGON ({SHELL}, EMPTY)", {"code": "C"}),
    ]
    made = scenes.layer(Role.POLYGONS, [*rows, scenes.square(0, 0)], unread=(1, 2), moved=False)
    found = scenes.findings(scenes.scene(layers=[made]), "GE01")
    assert [f.features for f in found] == [(0,), (2,)]
