"""Synthetic frames for the maps: a small district of Voronoi cells, lines in every state, markers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from geo.terms import LineState

NAMES = [
    "双龙湖街道",
    "回兴街道",
    "玉峰山镇",
    "龙兴镇",
    "统景镇",
    "大湾镇",
    "兴隆镇",
    "木耳镇",
    "茨竹镇",
    "古路镇",
    "石船镇",
    "大盛镇",
    "洛碛镇",
    "悦来街道",
]


def district_frames(officer: bool = True, names: list[str] | None = None, demo: bool = True) -> Any:
    """units, lines, pairs and markers as `geo.store.boundaries.map_frames` gives them."""
    names = names or NAMES
    rng = np.random.default_rng(7)
    points = rng.uniform((106.46, 29.6), (106.94, 30.1), (len(names), 2))
    district = shapely.MultiPoint(points).convex_hull.buffer(0.03, quad_segs=4)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=district)
    cells = [shapely.intersection(c, district) for c in cells.geoms]
    tree = shapely.STRtree(cells)
    cells = [cells[tree.query(shapely.Point(p), predicate="within")[0]] for p in points]
    codes = [f"5001121{i:02d}" for i in range(len(names))]
    units = geopandas.GeoDataFrame(
        {
            "code": codes,
            "name": names,
            "level": "township",
            "parent_code": "500112",
            "demo": demo,
            "source": "demo",
        },
        geometry=cells,
        crs=4490,
    )
    rows = []
    states = list(LineState)
    for i in range(len(cells)):
        for j in range(i + 1, len(cells)):
            shared = shapely.line_merge(shapely.intersection(cells[i], cells[j]))
            if shared.geom_type == "LineString" and shared.length > 0.004:
                rows.append((i, j, shared, states[len(rows) % len(states)]))
    frame = geopandas.GeoDataFrame(
        {
            "code": [f"{codes[i]}-{codes[j]}" for i, j, _, _ in rows],
            "name": [f"{names[i]}—{names[j]}线" for i, j, _, _ in rows],
            "state": [s.value for *_, s in rows],
            "left_code": [codes[i] for i, *_ in rows],
            "right_code": [codes[j] for _, j, *_ in rows],
            "length_m": [g.length * 1e5 for *_, g, _ in rows],
            "settled_on": [date(2024, 5, 1) if s is LineState.SETTLED else None for *_, s in rows],
            "document": ["示例〔2024〕1号" if s is LineState.SETTLED else None for *_, s in rows],
            "in_dispute": [k == 3 for k in range(len(rows))],
            "demo": demo,
        },
        geometry=[g for *_, g, _ in rows],
        crs=4490,
    )
    shown = frame["state"].isin([s.value for s in states[5:]] if officer else ["settled"])
    lines = frame[shown].reset_index(drop=True)
    pairs = frame.loc[~shown, ["code", "name", "state", "in_dispute", "demo", "geometry"]].reset_index(
        drop=True
    )
    marks = [
        (f"{row.code}{k + 1:03d}Q", row.code, row.geometry.interpolate(k / 3, normalized=True))
        for row in lines.itertuples()
        for k in range(4)
    ]
    markers = geopandas.GeoDataFrame(
        {
            "number": [m[0] for m in marks],
            "display_number": [m[0][-4:] for m in marks],
            "kind": "Q",
            "line_code": [m[1] for m in marks],
            "condition": None,
            "demo": demo,
            "exact": officer,
        },
        geometry=[m[2] for m in marks],
        crs=4490,
    )
    return SimpleNamespace(units=units, lines=lines, pairs=pairs, markers=markers)


@pytest.fixture()
def frames() -> Callable[..., Any]:
    return district_frames
