"""MK07: the table against the point, swapped columns, zone numbers, degrees typed as decimals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest

from geo.checks.mk07_table import zones_around
from geo.crs.plane import Plane
from geo.terms import Profile, Role, Severity
from tests.geo.checks.legal import EAST, EPSG, NORTH, a_marker, found, frame, scene

TO_DEGREES = pyproj.Transformer.from_crs(EPSG, 4490, always_xy=True)


def messages(**fields: Any) -> list[str]:
    findings = found("MK07", scene(markers=[a_marker(123.456, 78.912, **fields)]))
    assert all(f.severity is Severity.ERROR for f in findings)
    return [f.text.zh for f in findings]


NORTH_HERE, EAST_HERE = NORTH + 78.912, EAST + 123.456


def in_zone(epsg: int) -> tuple[float, float]:
    east, north = pyproj.Transformer.from_crs(EPSG, epsg, always_xy=True).transform(EAST_HERE, NORTH_HERE)
    return north, east


@pytest.mark.parametrize(
    ("off", "count"), [(0.0, 0), (0.0009, 0), (0.0010, 0), (0.0012, 1), (0.05, 1), (480.0, 1)]
)
def test_the_tolerance_of_a_table(off: float, count: int) -> None:
    assert len(messages(north=f"{NORTH_HERE + off:.5f}", east=f"{EAST_HERE:.5f}")) == count


@pytest.mark.parametrize(("decimals", "count"), [(2, 0), (1, 0), (0, 0)])
def test_rounding_in_the_table_is_no_difference(decimals: int, count: int) -> None:
    stated = {"north": f"{NORTH_HERE:.{decimals}f}", "east": f"{EAST_HERE:.{decimals}f}"}
    assert len(messages(**stated)) == count


def test_a_rounded_table_still_has_to_be_right() -> None:
    assert messages(north=f"{NORTH_HERE + 0.02:.2f}", east=f"{EAST_HERE:.2f}")
    # Half of the last digit: 9 mm are more than that, 6 mm in whole numbers' tenths are not.
    assert messages(north=f"{NORTH + 78.92:.2f}", east=f"{EAST_HERE:.2f}")
    assert not messages(north=f"{NORTH + 78.9:.1f}", east=f"{EAST + 123.5:.1f}")
    lon, lat = TO_DEGREES.transform(EAST_HERE, NORTH_HERE)
    last = round(lat, 6)
    other = last + (
        1e-6 if lat > last else -1e-6
    )  # the other neighbour of six decimals, over half a digit off
    assert messages(lon=f"{lon:.6f}", lat=f"{other:.6f}")


@pytest.mark.parametrize("epsg", [4544, 4545, 4523, 4524, 4507, 4496])
def test_the_same_point_in_any_zone(epsg: int) -> None:
    north, east = in_zone(epsg)
    assert not messages(north=north, east=east)


def test_swapped_columns_are_proved() -> None:
    (message,) = messages(north=EAST_HERE, east=NORTH_HERE)
    assert "填反" in message
    north, east = in_zone(4523)
    (message,) = messages(north=east, east=north)
    assert "填反" in message


def test_a_wrong_zone_number_is_proved() -> None:
    north, east = in_zone(4524)
    (message,) = messages(north=north, east=east - 1e6)
    assert "带号 35" in message


def test_degrees() -> None:
    lon, lat = TO_DEGREES.transform(EAST_HERE, NORTH_HERE)
    assert not messages(lon=lon, lat=lat)
    assert not messages(lon=f"{lon:.6f}", lat=f"{lat:.6f}")
    assert messages(lon=lon + 1e-6, lat=lat)
    (message,) = messages(lon=lat, lat=lon)
    assert "经度、纬度填反" in message


def sexagesimal(value: float, digits: int) -> str:
    seconds = round(value * 3600, digits)
    return f"{int(seconds // 3600)}°{int(seconds % 3600 // 60):02d}′{seconds % 60:.{digits}f}″"


@pytest.mark.parametrize("digits", [2, 4])
def test_degrees_minutes_seconds(digits: int) -> None:
    lon, lat = TO_DEGREES.transform(EAST_HERE, NORTH_HERE)
    assert not messages(lon=sexagesimal(lon, digits), lat=sexagesimal(lat, digits))
    assert messages(lon=sexagesimal(lon + 0.0002, digits), lat=sexagesimal(lat, digits))


def test_degrees_typed_as_decimals_are_proved() -> None:
    lon, lat = TO_DEGREES.transform(EAST_HERE, NORTH_HERE)

    def packed(value: float) -> float:
        seconds = round(value * 3600, 2)
        return float(f"{int(seconds // 3600)}.{int(seconds % 3600 // 60):02d}{round(seconds % 60 * 100):04d}")

    (message,) = messages(lon=packed(lon), lat=packed(lat))
    assert "当成小数度" in message
    # A tenth of a second, 3.1 m, is as exact as this has to be.
    for off, proved in ((2.7, True), (3.6, False)):
        (message,) = messages(lon=packed(lon), lat=packed(lat + off / 110_850))
        assert ("当成小数度" in message) is proved


def test_no_numbers_no_finding() -> None:
    assert not messages(north=None, east=EAST_HERE) and not messages(
        north="见图", east="见图", lon=float("nan")
    )


def test_tripoints_have_tables_too() -> None:
    point = {"number": "S1", "geometry": a_marker(0, 0)["geometry"], "north": NORTH + 5, "east": EAST}
    (finding,) = found("MK07", scene(tripoints=[point]))
    assert finding.layer == "tripoints" and finding.measure["distance_m"] == pytest.approx(5, abs=1e-3)


def test_without_an_authorised_system_only_the_files_own_numbers_are_compared() -> None:
    local = pyproj.CRS.from_epsg(2432)  # Beijing 1954: no authorised way to CGCS2000
    plane = Plane.local(local, (EAST, NORTH, EAST + 1, NORTH + 1), authorised=False)
    good = a_marker(0, 0, north=NORTH, east=EAST)
    made = scene(markers=[good], plane=plane, profile=Profile.GENERIC)
    assert not found("MK07", made)
    (finding,) = found(
        "MK07", scene(markers=[good | {"north": NORTH + 1}], plane=plane, profile=Profile.GENERIC)
    )
    assert finding.severity is Severity.WARNING and finding.source_geometry is not None


def test_many_rows_are_judged_at_once() -> None:
    markers = [a_marker(i, i, i, north=NORTH + i + (i == 70), east=EAST + i) for i in range(100)]
    (finding,) = found("MK07", scene(markers=markers))
    assert finding.features == (70,)


def test_zones_of_the_district() -> None:
    assert {4544, 4545, 4523, 4524, 4496, 4507} <= set(zones_around(106.6))
    assert not zones_around(10.0) and not zones_around(float("nan"))
    assert all(
        "CGCS2000" in pyproj.CRS.from_epsg(e).name
        for m in np.arange(74, 136, 0.7)
        for e in zones_around(float(m))
    )


def test_a_frame_without_rows() -> None:
    assert not found("MK07", scene(markers=[])) and len(frame(Role.MARKERS, [])) == 0
