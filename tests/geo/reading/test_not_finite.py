"""Numbers that are no coordinates, anywhere in any geometry of any format: GE07 of their record, and of no other."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.inspection import Surroundings, features_table, inspect, report_of
from geo.reading.layers import ReadOptions
from geo.settings import Limits, district
from geo.terms import Profile
from tests.geo.reading.made import (
    POLYGON,
    RING,
    geojson,
    line,
    named,
    point,
    poly,
    put,
    shapefile,
    square,
    zipped,
)
from tests.geo.reading.test_documents import blob, gpkg, ring

GOOD = square(371000.125, 3300000.125)
LOST = (math.nan, math.inf, -1.7976931348623157e308)
PLACES = {"first": [0], "middle": [2], "last": [-1], "ends": [0, -1], "all": list(range(5))}


def spoilt(points: Any, value: float, where: str) -> list[tuple[float, float]]:
    answer = [tuple(p) for p in points]
    for i in PLACES[where]:
        answer[i] = (value, value)
    return answer


def judged(folder: Path, name: str, data: Any) -> list[tuple[str, tuple[int, ...]]]:
    """GE07 and what is worse than it, in both profiles alike, with all that is stored of a reading."""
    answers = []
    for profile in Profile:
        done = inspect(
            put(folder, name, data), ReadOptions(profile=profile), Limits(), Surroundings(district())
        )
        features_table(done.layers)
        json.dumps(report_of(done), allow_nan=False)
        answers.append(
            [(f.code, f.features) for f in done.findings if f.code in ("GE07", "UP13", "GE01", "GE02")]
        )
    assert answers[0] == answers[1]
    return answers[0]


CASES = [(value, where) for value in LOST for where in PLACES]


def every(count: int) -> list[tuple[str, tuple[int, ...]]]:
    """GE07 for each record but the first."""
    return [("GE07", (i,)) for i in range(1, count + 1)]


@pytest.mark.parametrize("form", ["ring", "hole", "second part", "line"])
def test_rings_and_lines_of_a_shapefile(tmp_path, form):
    outer = square(371050.125, 3299950.125, 300.0)
    inner = square(371100.125, 3300000.125, 20.0)[::-1]
    make = {
        "ring": lambda *bad: poly(spoilt(square(), *bad)),
        "hole": lambda *bad: poly(outer, spoilt(inner, *bad)),
        "second part": lambda *bad: poly(outer, spoilt(square(), *bad)),
        "line": lambda *bad: line(spoilt(square(), *bad)),
    }[form]
    kind = 3 if form == "line" else 5
    data = zipped(named(shapefile(kind, [poly(GOOD, kind=kind), *(make(*bad) for bad in CASES)])))
    assert judged(tmp_path, "a.zip", data) == every(len(CASES))


def test_points_of_a_shapefile(tmp_path):
    bad = [p for v in LOST for p in (point(v, v), point(v, GOOD[0][1]), point(GOOD[0][0], v))]
    data = zipped(named(shapefile(1, [point(*GOOD[0]), *bad])))
    assert judged(tmp_path, "a.zip", data) == every(len(bad))


def test_rings_and_lines_of_a_geopackage(tmp_path):
    rings = [blob(b"\x01" + struct.pack("<II", 3, 1) + ring(*spoilt(RING, *bad))) for bad in CASES]
    data = gpkg(tmp_path, ("t", [shapely.box(106.6, 29.8, 106.61, 29.81)], 4490), blobs=tuple(rings))
    assert judged(tmp_path, "a.gpkg", data) == every(len(CASES))
    lines = [blob(b"\x01" + struct.pack("<I", 2) + ring(*spoilt(RING, *bad))) for bad in CASES]
    data = gpkg(tmp_path, ("t", [shapely.LineString(RING)], 4490), blobs=tuple(lines))
    assert judged(tmp_path, "a.gpkg", data) == every(len(CASES))


def test_geojson(tmp_path):
    rings = [{"type": "Polygon", "coordinates": [spoilt(RING, *bad)]} for bad in CASES]
    assert judged(tmp_path, "a.geojson", json.dumps(geojson(POLYGON, *rings))) == every(len(CASES))
    first = {"type": "Point", "coordinates": RING[0]}
    points = [{"type": "Point", "coordinates": c} for v in LOST for c in ([v, 29.8], [v, v])]
    assert judged(tmp_path, "a.geojson", json.dumps(geojson(first, *points))) == every(len(points))


def test_kml(tmp_path):
    words = [" ".join(f"{x},{y}" for x, y in c) for c in (RING, *(spoilt(RING, *bad) for bad in CASES))]
    marks = "".join(
        f"<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>{w}</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon></Placemark>"
        for w in words
    )
    document = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    assert judged(tmp_path, "a.kml", document) == every(len(CASES))


def test_corner_lists(tmp_path):
    lists = [RING, *(spoilt(RING, *bad) for bad in CASES if math.isnan(bad[0]) or bad[0] == math.inf)]
    rows = "\n".join(f"{n},{i},{x},{y}" for n, c in enumerate(lists) for i, (x, y) in enumerate(c))
    found = judged(tmp_path, "a.csv", f"地块号,点号,经度,纬度\n{rows}\n")
    assert found == every(len(lists) - 1)


def test_a_record_that_no_constructor_takes_costs_that_record(tmp_path, monkeypatch):
    from geo.reading import sets

    def refuse(shapes: Any, row: int) -> Any:
        raise shapely.errors.GEOSException("no")

    monkeypatch.setattr(sets, "shape_of", refuse)
    data = zipped(named(shapefile(5, [poly(GOOD), poly(square(), [])])))
    assert ("UP13", (1,)) in judged(tmp_path, "a.zip", data)
