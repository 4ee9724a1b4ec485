"""Reference systems (CR01-CR07): declared, given, guessed or none; what is proved is said with numbers."""

from __future__ import annotations

import pyproj
import pytest

from geo.settings import district
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import (
    CGCS2000,
    CM105,
    CM108,
    POLYGON,
    SQUARE,
    ZONE36,
    gauss,
    geojson,
    named,
    poly,
    shapefile,
    zipped,
)

XIAN = 'GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
BEIJING = 'GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
WGS84 = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
UTM48 = pyproj.CRS.from_epsg(32648).to_wkt("WKT1_ESRI")
MERCATOR = pyproj.CRS.from_epsg(3857).to_wkt("WKT1_ESRI")


def ring(epsg: int, dx: float = 0.0):
    """The square of the district in another system, clockwise."""
    there = pyproj.Transformer.from_crs(4545, epsg, always_xy=True)
    return [(x + dx, y) for x, y in (there.transform(*p) for p in SQUARE)]


def taken(take, points, prj, **options):
    parts = shapefile(records=[poly(points)], prj=prj, ldid=0x4D)
    got = take(zipped(named(parts)), **options)
    return got, got.layers[0].crs


@pytest.mark.parametrize(
    ("epsg", "prj"),
    [
        (4545, CM108), (4524, ZONE36), (4544, CM105), (4490, CGCS2000),
        (4545, "\ufeff" + CM108), (4524, gauss("我的投影", 108.0, 36500000.0)), (4545, "EPSG:4545"),
        (4545, pyproj.CRS.from_epsg(4545).to_wkt()), (4545, pyproj.CRS.from_epsg(4545).to_wkt("WKT1_GDAL")),
        (4523, pyproj.CRS.from_epsg(4523).to_wkt("WKT1_ESRI")),
        (4545, CM108.replace("[", "(").replace("]", ")").replace("PROJCS(\"", "PROJCS (\"(一) ")),
        (4524, ", \n".join(ZONE36.replace("[", "[ ").split(","))), (4545, "4545"),
    ],
)  # fmt: skip
def test_cgcs2000_by_whatever_name_is_known_and_right(take, epsg, prj):
    got, crs = taken(take, ring(epsg), prj)
    assert crs.epsg == epsg and crs.source == "declared" and crs.authorised and codes(got) == set()


def test_a_utf16_prj_is_read(take):
    got, crs = taken(take, SQUARE, CM108.encode("utf-16"))
    assert crs.epsg == 4545 and codes(got) == set()


@pytest.mark.parametrize("prj", [b"hello", b"\xff\x00\x01garbage", b'PROJCS["x",', b"<html></html>"])
def test_a_prj_that_cannot_be_read(take, prj):
    got, crs = taken(take, SQUARE, prj)
    assert codes(got, "error") == {"CR02"} and crs.source == "none" and crs.to_json() is None


@pytest.mark.parametrize("prj", [None, "", " \r\n", 'LOCAL_CS["sketch",UNIT["metre",1]]'])
def test_no_system_asks_and_offers_what_fits_the_district(take, prj):
    got, crs = taken(take, SQUARE, prj)
    assert codes(got) == {"CR01"} and crs.source == "guessed" and crs.epsg == 4545
    assert "4545" in got.findings[0].text.zh


@pytest.mark.parametrize("epsg", [4544, 4545, 4523, 4524, 4490])
def test_each_candidate_is_told_from_the_others(take, epsg):
    _, crs = taken(take, ring(epsg), None)
    assert (crs.epsg, crs.swapped) == (epsg, False)
    got, crs = taken(take, [(y, x) for x, y in ring(epsg)], None)
    assert (crs.epsg, crs.swapped) == (epsg, True) and codes(got, "error") == {"CR01", "CR05"}


def test_far_from_the_district_nothing_is_guessed(take):
    got, crs = taken(take, [(x - 2_000_000, y) for x, y in SQUARE], None)
    assert codes(got) == {"CR01"} and crs.source == "none" and crs.crs is None


def test_a_given_system_ends_the_question(take):
    got, crs = taken(take, SQUARE, None, crs=4545)
    assert codes(got) == set() and crs.source == "given" and crs.epsg == 4545


def test_numbers_of_the_citys_local_system_are_named_as_such(take):
    custom = pyproj.CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=106.5 +k=1 +x_0=500000 +ellps=GRS80 +units=m")
    there = pyproj.Transformer.from_crs(4545, custom, always_xy=True)
    got, crs = taken(take, [there.transform(*p) for p in SQUARE], None)
    assert crs.source == "none" and "独立" in got.findings[0].text.zh


@pytest.mark.parametrize(
    ("declared", "points", "words", "epsg", "swapped"),
    [
        (CM108, [(y, x) for x, y in SQUARE], "颠倒", 4545, True),
        (CM108, ring(4490), "经纬度", 4490, False),
        (CM108, ring(4524), "带号", 4524, False),
        (ZONE36, SQUARE, "带号", 4545, False),
        (CM108, ring(4544), "分带", 4544, False),
        (CM105, SQUARE, "分带", 4545, False),
        (CGCS2000, SQUARE, "平面坐标", 4545, False),
        (CGCS2000, [(y, x) for x, y in ring(4490)], "颠倒", 4490, True),
        (WGS84, SQUARE, "平面坐标", 4545, False),
    ],
)
def test_what_does_not_fit_is_proved_and_said(take, declared, points, words, epsg, swapped):
    got, crs = taken(take, points, declared)
    hit = next(f for f in got.findings if f.code == "CR05")
    assert words in hit.text.zh and "…" in hit.text.zh and hit.severity == "error"
    assert (crs.epsg, crs.swapped) == (epsg, swapped)
    west, _, east, _ = got.layers[0].frame.total_bounds
    assert west < east and (not swapped or abs(west - min(points[0])) > -1)


def test_exchanged_axes_are_read_the_other_way_round(take):
    got, _ = taken(take, [(y, x) for x, y in SQUARE], CM108)
    assert got.layers[0].frame.geometry[0].bounds[0] == SQUARE[0][0]
    confirmed, crs = taken(take, [(y, x) for x, y in SQUARE], CM108, swapped=True)
    assert codes(confirmed) == set() and crs.swapped
    assert confirmed.layers[0].frame.geometry[0].bounds[0] == SQUARE[0][0]


def test_outside_the_district_is_no_misfit(take):
    """Whether data may lie there is another question (CR08)."""
    got, crs = taken(take, [(x, y + 300_000) for x, y in SQUARE], CM108)
    assert codes(got) == set() and crs.epsg == 4545


def test_in_generic_only_degrees_and_metres_are_told_apart(take):
    got, _ = taken(take, [(y, x) for x, y in SQUARE], CM108, township=False)
    assert "CR05" not in codes(got)
    got, crs = taken(take, SQUARE, WGS84, township=False)
    assert "CR05" in codes(got, "error") and crs.crs is None and not crs.authorised
    got, _ = taken(take, ring(4490), CM108, township=False)
    assert "CR05" in codes(got, "error")
    small = [(0.0, 0.0), (0.0, 50.0), (50.0, 50.0), (50.0, 0.0), (0.0, 0.0)]
    assert "CR05" not in codes(taken(take, small, MERCATOR, township=False)[0])


@pytest.mark.parametrize(
    ("prj", "epsg", "township", "generic"),
    [
        (WGS84, 4326, {"CR03": "warning"}, {"CR03": "warning"}),
        (MERCATOR, 3857, {"CR03": "warning"}, {"CR03": "warning"}),
        (UTM48, 32648, {"CR03": "error"}, {"CR03": "warning"}),
        (gauss("Xian_1980_3_Degree_GK_CM_108E", 108.0, 500000.0, XIAN), 2381, {"CR03": "error", "CR04": "error"}, {"CR03": "warning", "CR04": "warning"}),
        (gauss("Beijing_1954_3_Degree_GK_CM_108E", 108.0, 500000.0, BEIJING), 2433, {"CR03": "error", "CR04": "error"}, {"CR03": "warning", "CR04": "warning"}),
        (gauss("重庆独立坐标系", 106.5, 500000.0), 4545, {"CR03": "error", "CR04": "error", "CR06": "warning"}, {"CR03": "warning", "CR04": "warning", "CR06": "warning"}),
        (gauss("mine", 108.0, 500000.5), 4545, {"CR06": "warning"}, {"CR06": "warning"}),
    ],
)  # fmt: skip
def test_other_systems(take, prj, epsg, township, generic):
    points = ring(epsg)
    for wanted, is_township in ((township, True), (generic, False)):
        got, crs = taken(take, points, prj, township=is_township)
        found = {
            f.code: f.severity.value for f in got.findings if f.code.startswith("CR") and f.code != "CR05"
        }
        assert found == wanted
        assert crs.authorised is ("CR04" not in wanted)


def test_layers_in_different_systems(take):
    a, b = shapefile(ldid=0x4D), shapefile(records=[poly(ring(4524))], prj=ZONE36, ldid=0x4D)
    got = take(zipped(named(a, "a") | named(b, "b")))
    assert "CR07" in codes(got, "warning")
    c = shapefile(prj=gauss("Xian_1980_3_Degree_GK_CM_108E", 108.0, 500000.0, XIAN), ldid=0x4D)
    assert "CR07" in codes(take(zipped(named(a, "a") | named(c, "c"))), "error")


@pytest.mark.parametrize(
    ("crs", "epsg"),
    [
        ("urn:ogc:def:crs:EPSG::4490", 4490),
        ("EPSG:4490", 4490),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        (None, 4326),
    ],
)
def test_the_crs_member_of_a_geojson(take, crs, epsg):
    got = take(geojson(POLYGON, crs=crs), "a.geojson")
    assert got.layers[0].crs.epsg == epsg and got.layers[0].crs.source == "declared"
    assert codes(got) == ({"CR03"} if epsg == 4326 else set())


def test_the_reason_is_kept_in_both_languages(take):
    _, crs = taken(take, SQUARE, None)
    assert "范围" in crs.reason.zh and "ranges" in crs.reason.en
    assert district("500112").zone == 4545
