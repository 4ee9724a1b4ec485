"""Stretches of zooms: simpler outlines the further out, and neighbours that still share their borders."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.stretches import CORNER, STRETCHES, stretches


def wavy_coverage() -> np.ndarray:
    """Four squares, cut along lines that waver, so that every shared border has a hundred vertices."""
    points = np.linspace(28.9, 29.3, 400)
    line = shapely.LineString(np.column_stack([106.1 + 0.002 * np.sin(points * 400), points]))
    outline = shapely.box(106.0, 29.0, 106.2, 29.2)
    row = shapely.LineString([(105.9, 29.1), (106.3, 29.1)])
    net = shapely.union_all([outline.exterior, line.intersection(outline), row.intersection(outline)])
    return np.array([shapely.MultiPolygon([p]) for p in shapely.polygonize([net]).geoms], dtype=object)


def test_the_further_out_the_simpler_and_no_gap_anywhere() -> None:
    areas = wavy_coverage()
    assert len(areas) == 4 and shapely.coverage_is_valid(areas)
    counts = {}
    for _, last, made in stretches(areas):
        counts[last] = int(shapely.get_num_coordinates(made).sum())
        assert shapely.coverage_is_valid(made)
        together = shapely.union_all(made)
        assert together.geom_type == "Polygon" and not together.interiors
        tolerance = CORNER * 360 / 512 / 2**last
        for before, after in zip(areas, made, strict=True):
            assert last == 18 or shapely.hausdorff_distance(before, after) < 4 * tolerance
    assert counts[18] == shapely.get_num_coordinates(areas).sum()
    assert counts[5] < counts[7] <= counts[9] < counts[12] < counts[18]


def test_what_is_no_coverage_stays_as_it_is() -> None:
    overlapping = np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)], dtype=object)
    assert all(list(made) == list(overlapping) for _, _, made in stretches(overlapping))
    assert len(list(stretches(np.array([], dtype=object)))) == len(STRETCHES)


def test_the_stretches_are_those_of_the_schema() -> None:
    from geo.settings import ROOT
    from maps.tiles import statements

    schema = (ROOT / "geo/store/migrations/versions/r0008_map.sql").read_text(encoding="utf-8")
    assert f"values {', '.join(map(str, STRETCHES))}" in schema
    assert tuple(last for _, last in STRETCHES) == statements.STRETCHES
