"""AT05 and AT06: stated against geodesic length and area."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.checks.at05_stated_length import on_earth
from geo.crs.geodesic import area_m2, length_m
from geo.crs.plane import Plane
from geo.terms import Severity
from tests.geo.checks.legal import EPSG, XINGLONG, a_line, a_unit, box, found, line, scene

TO_DEGREES = pyproj.Transformer.from_crs(EPSG, 4490, always_xy=True)


def there(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda c: np.column_stack(TO_DEGREES.transform(c[:, 0], c[:, 1])))


LONG, SHORT = line((0, 0), (5000, 0), (5000, 3000)), line((0, 0), (200, 0))


def length_of(shape: shapely.Geometry) -> float:
    return length_m(there(shape))


@pytest.mark.parametrize(
    ("share", "count"), [(0.0, 0), (0.00095, 0), (-0.00095, 0), (0.00105, 1), (-0.00105, 1)]
)
def test_a_thousandth_of_a_long_line(share: float, count: int) -> None:
    stated = length_of(LONG) * (1 + share)
    findings = found("AT05", scene(lines=[a_line(LONG, length_m=stated)]))
    assert [f.severity for f in findings] == [Severity.WARNING] * count


@pytest.mark.parametrize(("off", "count"), [(0.95, 0), (-0.95, 0), (1.05, 1)])
def test_a_metre_of_a_short_line(off: float, count: int) -> None:
    assert len(found("AT05", scene(lines=[a_line(SHORT, length_m=f"{length_of(SHORT) + off:.3f}")]))) == count


def test_grid_length_does_not_alarm() -> None:
    assert LONG.length - length_of(LONG) > 1.0
    assert not found("AT05", scene(lines=[a_line(LONG, length_m=LONG.length)]))


def test_kilometres_with_their_rounding() -> None:
    kilometres = length_of(LONG) / 1000
    assert not found("AT05", scene(lines=[a_line(LONG, length_km=f"{kilometres:.3f}")]))
    assert not found("AT05", scene(lines=[a_line(LONG, length_km=round(kilometres, 2))]))
    assert found("AT05", scene(lines=[a_line(LONG, length_km=f"{kilometres + 0.02:.3f}")]))
    assert found("AT05", scene(lines=[a_line(LONG, length_km=f"{kilometres * 1000:.1f}")]))


def test_no_length_no_finding() -> None:
    assert not found("AT05", scene(lines=[a_line(LONG), a_line(LONG, length_m="约8公里"[:0])]))
    local = Plane.local(pyproj.CRS.from_epsg(2432), (0, 0, 1, 1), authorised=False)
    assert not found("AT05", scene(lines=[a_line(LONG, length_m=1)], plane=local))


PLOT = box(0, 0, 2000, 3000)
TRUE = area_m2(there(PLOT))


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"area_m2": TRUE}, 0), ({"area_m2": TRUE * 1.00095}, 0), ({"area_m2": TRUE * 1.00105}, 1),
        ({"area_m2": TRUE * 0.99895}, 1), ({"area_km2": TRUE / 1e6}, 0), ({"area_km2": f"{TRUE / 1e6:.2f}"}, 0),
        ({"area_km2": f"{TRUE / 1e6 + 0.02:.2f}"}, 1), ({"area_ha": f"{TRUE / 1e4:.2f}"}, 0),
        ({"area_mu": f"{TRUE / 1e4 * 15:.1f}"}, 0), ({"area_mu": f"{TRUE / 1e4:.1f}"}, 1), ({"area_m2": None}, 0),
        ({"area_m2": PLOT.area}, 0),
    ],
)  # fmt: skip
def test_stated_area(fields: dict[str, object], count: int) -> None:
    findings = found("AT06", scene(polygons=[a_unit(XINGLONG, "兴隆镇", PLOT, **fields)]))
    assert [f.severity for f in findings] == [Severity.WARNING] * count


def test_holes_and_parts_are_counted() -> None:
    holed = shapely.MultiPolygon([PLOT.difference(box(500, 500, 1000, 1000)), box(5000, 0, 5100, 100)])
    area = area_m2(there(holed))
    assert area == pytest.approx(TRUE - 250_000 + 10_000, rel=1e-3)
    assert not found("AT06", scene(polygons=[a_unit(XINGLONG, "兴隆镇", holed, area_m2=area)]))


@given(st.integers(0, 3), st.booleans())
def test_area_does_not_depend_on_start_vertex_or_direction(start: int, reverse: bool) -> None:
    ring = list(there(PLOT).exterior.coords)[:-1]
    ring = ring[start:] + ring[:start]
    assert area_m2(shapely.Polygon(ring[::-1] if reverse else ring)) == pytest.approx(TRUE, rel=1e-12)


def test_a_place_that_is_nowhere_has_no_length() -> None:
    bad = shapely.LineString([(106, 29), (float("inf"), 30)])
    assert not on_earth(bad)


@pytest.mark.parametrize(
    ("metres", "stated", "count"),
    [
        # Kilometres with two decimals say no more than 5 m, with one no more than 50 m, and whole ones too.
        (204.7, "0.20", 0), (205.4, "0.20", 1), (195.4, "0.20", 0), (194.7, "0.20", 1),
        (1048.0, "1.0", 0), (1052.0, "1.0", 1), (1048.0, "1", 0), (1052.0, "1", 1),
    ],
)  # fmt: skip
def test_a_rounded_length_is_as_good_as_its_last_decimal(metres: float, stated: str, count: int) -> None:
    assert len(found("AT05", scene(lines=[a_line(line((0, 0), (metres, 0)), length_km=stated)]))) == count


def test_only_the_line_that_is_wrong() -> None:
    rows = [a_line(LONG), a_line(LONG, length_m=1), a_line(LONG, length_m=length_of(LONG)), a_line(LONG)]
    (finding,) = found("AT05", scene(lines=rows))
    assert finding.features == (1,)
    plots = [a_unit(XINGLONG, "兴隆镇", PLOT, **more) for more in ({}, {"area_m2": 1}, {"area_m2": TRUE}, {})]
    (finding,) = found("AT06", scene(polygons=plots))
    assert finding.features == (1,)


@pytest.mark.parametrize(
    ("hectares", "stated", "count"),
    [
        # Whole km² of a unit of about one: half of the last decimal would be anything; a twentieth is allowed.
        (96.0, "1", 0), (94.5, "1", 1), (104.0, "1", 0), (106.0, "1", 1),
        # Two decimals of 600 ha: half a hectare is less than a thousandth.
        (600.0, "6.00", 0), (600.5, "6.00", 0), (600.7, "6.00", 1),
    ],
)  # fmt: skip
def test_a_rounded_area_is_as_good_as_its_last_decimal(hectares: float, stated: str, count: int) -> None:
    plot = box(0, 0, 1000, hectares * 10_000 / 1000)
    scale = hectares * 10_000 / area_m2(there(plot))
    plot = box(0, 0, 1000, hectares * 10_000 / 1000 * scale)
    assert len(found("AT06", scene(polygons=[a_unit(XINGLONG, "兴隆镇", plot, area_km2=stated)]))) == count
