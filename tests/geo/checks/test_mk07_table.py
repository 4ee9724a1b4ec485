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


def spread(count: int = 24) -> list[tuple[float, float]]:
    """Points whose last digits fall everywhere."""
    return [(37.12345 * i + 0.4949, 71.98765 * i + 0.0505) for i in range(count)]


@pytest.mark.parametrize("decimals", [4, 3, 2, 1, 0])
def test_plane_columns_may_be_written_with_any_digits(decimals: int) -> None:
    markers = [
        a_marker(x, y, i, north=round(NORTH + y, decimals), east=round(EAST + x, decimals))
        for i, (x, y) in enumerate(spread())
    ]
    assert not found("MK07", scene(markers=markers))


@pytest.mark.parametrize("decimals", [9, 8, 7, 6, 5])
def test_degrees_may_be_written_with_any_digits(decimals: int) -> None:
    markers = []
    for i, (x, y) in enumerate(spread()):
        lon, lat = TO_DEGREES.transform(EAST + x, NORTH + y)
        markers.append(a_marker(x, y, i, lon=round(lon, decimals), lat=round(lat, decimals)))
    assert not found("MK07", scene(markers=markers))


@pytest.mark.parametrize("digits", [5, 4, 3, 2, 1, 0])
def test_seconds_may_be_written_with_any_digits(digits: int) -> None:
    markers = []
    for i, (x, y) in enumerate(spread()):
        lon, lat = TO_DEGREES.transform(EAST + x, NORTH + y)
        markers.append(a_marker(x, y, i, lon=sexagesimal(lon, digits), lat=sexagesimal(lat, digits)))
    assert not found("MK07", scene(markers=markers))


@pytest.mark.parametrize(("off", "count"), [(0.0049, 0), (0.0054, 1)])
def test_half_a_digit_is_allowed_on_either_axis(off: float, count: int) -> None:
    """Both off by 4.9 mm are 6.9 mm apart, which two decimals cannot tell."""
    drawn = a_marker(10 + off, 20 + off, north=f"{NORTH + 20:.2f}", east=f"{EAST + 10:.2f}")
    assert len(found("MK07", scene(markers=[drawn]))) == count


def test_a_small_difference_is_no_wrong_zone_number() -> None:
    north, east = in_zone(4524)
    (message,) = messages(north=north + 0.0009, east=east + 0.0009)
    assert "带号" not in message and "36517" not in message and "相差 0.001 米" in message


@pytest.mark.parametrize(
    ("epsg", "number", "named"),
    [(4523, 36, "EPSG:4523"), (4524, 35, "EPSG:4524"), (4496, 19, "EPSG:4496"), (4523, 53, "EPSG:4523")],
)
def test_the_zone_that_is_named_is_of_the_numbers_kind(epsg: int, number: int, named: str) -> None:
    """105° is the meridian of 3-degree zone 35 and of 6-degree zone 18."""
    north, east = in_zone(epsg)
    (message,) = messages(north=north, east=east % 1e6 + number * 1e6)
    assert f"带号 {number}" in message and named in message


@pytest.mark.parametrize("off", [36_000.0, 200_000.0, -90_000.0])
@pytest.mark.parametrize("alone", [True, False])
def test_a_gross_error_is_told_in_the_files_own_system(off: float, alone: bool) -> None:
    wrong = a_marker(0, 0, 1, north=NORTH + off, east=EAST)
    others = [] if alone else [a_marker(i, 0, i, north=NORTH, east=EAST + i) for i in range(2, 5)]
    (finding,) = found("MK07", scene(markers=[wrong, *others]))
    assert finding.measure["distance_m"] == pytest.approx(abs(off), abs=1e-3)
    assert f"图上 北 {NORTH:.3f} 东 {EAST:.3f}" in finding.text.zh


def test_a_gross_error_is_told_with_the_tables_zone_number() -> None:
    north, east = in_zone(4524)
    (message,) = messages(north=north + 200_000, east=east)
    assert f"图上 北 {north:.3f} 东 {east:.3f}" in message


def test_a_gross_error_is_told_in_the_system_of_the_other_rows() -> None:
    north, east = in_zone(4523)
    rows = [a_marker(123.456, 78.912, i, north=north, east=east) for i in range(3)]
    rows[1]["north"] = north + 90_000
    (finding,) = found("MK07", scene(markers=rows))
    assert f"图上 北 {north:.3f} 东 {east:.3f}" in finding.text.zh


@pytest.mark.parametrize("number", [0, 36, 35])
def test_without_an_authorised_way_any_zone_number_may_stand_before_the_files_own(number: int) -> None:
    """What is wrong there is the system (CR03, CR04)."""
    local = pyproj.CRS.from_epsg(2381)  # Xian 1980, CM 108E
    plane = Plane.local(local, (EAST, NORTH, EAST + 1, NORTH + 1), authorised=False)
    markers = [a_marker(i, 0, i, north=NORTH, east=EAST + i + number * 1e6) for i in range(3)]
    assert not found("MK07", scene(markers=markers, plane=plane))
    markers[1] |= {"north": markers[1]["east"], "east": NORTH}
    (finding,) = found("MK07", scene(markers=markers, plane=plane))
    assert "填反" in finding.text.zh and "属于 " not in finding.text.zh


def test_an_easting_that_lacks_a_digit_is_told_in_the_system_of_the_other_rows() -> None:
    north, east = in_zone(4524)
    rows = [a_marker(123.456, 78.912, i, north=north, east=east) for i in range(3)]
    rows[1]["east"] = float(f"{east:.4f}".replace(".", "")[:7] + ".0")
    (finding,) = found("MK07", scene(markers=rows))
    assert f"图上 北 {north:.3f} 东 {east:.3f}" in finding.text.zh
