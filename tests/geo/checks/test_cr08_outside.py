"""CR08: the district and two kilometres around it."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from geo.crs.plane import Plane
from geo.settings import district
from geo.terms import Profile, Severity
from tests.geo.checks.legal import (
    EAST,
    EPSG,
    NORTH,
    XINGLONG,
    a_line,
    a_marker,
    a_unit,
    at,
    box,
    found,
    line,
    published,
    scene,
)

OUTLINE = box(0, 0, 10_000, 10_000)


@pytest.mark.parametrize(
    ("x", "count"), [(5_000, 0), (0, 0), (-1_999, 0), (-2_000, 0), (-2_001, 1), (-50_000, 1)]
)
def test_the_margin_around_the_published_outline(x: float, count: int) -> None:
    around = published(district_outline=OUTLINE)
    findings = found("CR08", scene(markers=[a_marker(x, 5_000)], published=around))
    assert [f.severity for f in findings] == [Severity.ERROR] * count
    if count:
        assert findings[0].measure["distance_m"] == pytest.approx(-x)


def test_a_line_that_runs_out_of_the_district() -> None:
    around = published(district_outline=OUTLINE)
    (finding,) = found("CR08", scene(lines=[a_line(line((5_000, 5_000), (5_000, -9_000)))], published=around))
    assert finding.features == (0,) and finding.measure["distance_m"] == pytest.approx(9_000)


def test_one_finding_a_layer_with_all_its_records() -> None:
    markers = [a_marker(x, 0, i) for i, x in enumerate((-9_000, 100, -8_000), 1)]
    (finding,) = found("CR08", scene(markers=markers, published=published(district_outline=OUTLINE)))
    assert finding.features == (0, 2) and finding.measure["count"] == 2
    assert finding.geometry is not None and finding.geometry.geom_type == "Polygon"


def test_a_polygon_over_everything() -> None:
    globe = a_unit(XINGLONG, "兴隆镇", box(-500_000, -500_000, 500_000, 500_000))
    assert found("CR08", scene(polygons=[globe]))


def test_the_box_of_the_settings_serves_without_a_database() -> None:
    west, south, east, north = district("500112").box
    to_plane = pyproj.Transformer.from_crs(4490, EPSG, always_xy=True)

    def marker(lon: float, lat: float) -> dict[str, object]:
        return a_marker(0, 0) | {"geometry": shapely.Point(to_plane.transform(lon, lat))}

    assert not found(
        "CR08", scene(markers=[marker(west, south), marker(east, north), marker((west + east) / 2, north)])
    )
    assert not found("CR08", scene(markers=[marker(west - 0.019, (south + north) / 2)]))
    assert found("CR08", scene(markers=[marker(west - 0.022, (south + north) / 2)]))


def test_coordinates_that_have_no_place_in_the_zone() -> None:
    lost = a_marker(0, 0) | {"geometry": shapely.Point(np.inf, np.inf)}
    (finding,) = found("CR08", scene(markers=[lost]))
    assert finding.geometry is None and "已无意义" in finding.text.zh


def test_an_unknown_system_is_another_finding() -> None:
    local = Plane.local(None, (EAST, NORTH, EAST + 1, NORTH + 1), authorised=False)
    assert not found("CR08", scene(markers=[a_marker(-9e5, 0)], plane=local))


def test_generic_knows_no_district() -> None:
    made = scene(markers=[a_marker(0, 0) | {"geometry": at(-9e5, 0)}], profile=Profile.GENERIC)
    assert not found("CR08", made)


def test_each_layer_has_its_own_records() -> None:
    around = published(district_outline=OUTLINE)
    rows = [
        a_marker(-9_000, 0, 1, layer="甲"),
        a_marker(100, 0, 2, layer="甲"),
        a_marker(-9_000, 0, 3, layer="乙"),
    ]
    findings = found("CR08", scene(markers=rows, published=around))
    assert [(f.layer, f.features) for f in findings] == [("乙", (2,)), ("甲", (0,))]


def test_around_a_corner_the_margin_is_round() -> None:
    around = published(district_outline=OUTLINE)
    bent = [line((-1_900, 5_000), (5_000, -1_900)), line((-1_500, -1_200), (5_000, 5_000))]
    assert not found("CR08", scene(lines=[a_line(g) for g in bent], published=around))
    (finding,) = found(
        "CR08", scene(lines=[a_line(line((-1_500, -1_500), (5_000, 5_000)))], published=around)
    )
    assert finding.measure["distance_m"] == pytest.approx(1_500 * 2**0.5)


@pytest.mark.parametrize("role", ["lines", "tripoints", "polygons"])
def test_every_layer_is_looked_at(role: str) -> None:
    far = {
        "lines": a_line(line((-9_000, 0), (-8_000, 0))),
        "tripoints": {"number": "S1", "geometry": at(-9_000, 0)},
        "polygons": a_unit(XINGLONG, "兴隆镇", box(-9_000, 0, -8_000, 10)),
    }[role]
    assert len(found("CR08", scene(**{role: [far]}, published=published(district_outline=OUTLINE)))) == 1
