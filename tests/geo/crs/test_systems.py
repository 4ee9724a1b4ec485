"""Zones, datums, guesses and geodesics: the facts in code."""

from __future__ import annotations

import functools

import numpy as np
import pyproj
import pytest
import shapely

from geo.crs.datums import Family, authorised, carries_shift, code_of, family_of, horizontal, parse
from geo.crs.geodesic import area_m2, length_m
from geo.crs.guess import fits, out_of_place, zone_from_numbers
from geo.crs.plane import STORED, Plane
from geo.crs.zones import BY_EPSG, ZONES, box_in, candidates, with_prefix, without_prefix, zone_of_prefix
from geo.settings import district

BOX = (106.45, 29.57, 106.97, 30.13)


def test_every_zone_is_what_epsg_says():
    for zone in ZONES:
        crs = pyproj.CRS.from_epsg(zone.epsg)
        values = {p.name: p.value for p in crs.coordinate_operation.params}
        assert values["Longitude of natural origin"] == zone.meridian
        assert values["False easting"] == zone.false_easting
        assert "CGCS2000" in crs.name and (f"{zone.width}-degree" in crs.name or zone.width == 6)


@pytest.mark.parametrize(
    ("epsg", "west", "east", "south", "north"),
    [(4545, 349_796, 400_746, 3_272_891, 3_335_539), (4544, 639_730, 690_912, 3_273_326, 3_336_163), (4524, 36_349_796, 36_400_746, 3_272_891, 3_335_539), (4523, 35_639_730, 35_690_912, 3_273_326, 3_336_163)],
)  # fmt: skip
def test_ranges_of_the_district(epsg, west, east, south, north):
    assert box_in(epsg, BOX) == pytest.approx((west, south, east, north), abs=1.0)


def test_the_ranges_of_the_candidates_never_meet():
    boxes = [shapely.box(*box_in(epsg, BOX)) for epsg in candidates(BOX, 4545)]
    swapped = [shapely.box(b.bounds[1], b.bounds[0], b.bounds[3], b.bounds[2]) for b in boxes]
    every = boxes + swapped
    assert candidates(BOX, 4545)[:2] == [4545, 4544] and 4490 in candidates(BOX, 4545)
    assert not any(a.intersects(b) for i, a in enumerate(every) for b in every[i + 1 :])


def test_prefixes():
    assert zone_of_prefix(39_547_228.0) == BY_EPSG[4527] and zone_of_prefix(18_650_000.0) == BY_EPSG[4496]
    assert zone_of_prefix(547_228.0) is None and zone_of_prefix(99_500_000.0) is None
    assert with_prefix(BY_EPSG[4545]).epsg == 4524 and without_prefix(BY_EPSG[4524]).epsg == 4545


def test_numbers_with_a_zone_number_in_either_column():
    points = np.array([[39_547_228.5, 3_797_916.5], [39_547_246.4, 3_798_076.3]])
    assert zone_from_numbers(points) == (BY_EPSG[4527], False)
    assert zone_from_numbers(points[:, ::-1]) == (BY_EPSG[4527], True)
    assert zone_from_numbers(points % 1_000_000) is None


def test_fits_name_zone_and_axes():
    there = pyproj.Transformer.from_crs(4490, 4544, always_xy=True)
    points = np.column_stack(there.transform(np.linspace(106.5, 106.9, 9), np.linspace(29.6, 30.1, 9)))
    for swapped in (False, True):
        best = fits(points[:, ::-1] if swapped else points, district("500112"))[0]
        assert (best.epsg, best.swapped, best.share) == (4544, swapped, 1.0)


@pytest.mark.parametrize(
    ("epsg", "family", "may"),
    [
        (4490, Family.CGCS2000, True),
        (4545, Family.CGCS2000, True),
        (4326, Family.WGS84, True),
        (3857, Family.WGS84, True),
        (4610, Family.XIAN80, False),
        (2381, Family.XIAN80, False),
        (4214, Family.BEIJING54, False),
        (2433, Family.BEIJING54, False),
        (4267, Family.OTHER, False),
        (2056, Family.OTHER, False),
    ],
)
def test_no_silent_transformation(epsg, family, may):
    crs = pyproj.CRS.from_epsg(epsg)
    assert family_of(crs) is family and authorised(crs) is may and code_of(crs) == epsg


def test_vertical_parts_and_shifts_are_taken_off():
    compound = pyproj.CRS.from_user_input("EPSG:4490+5737")
    assert code_of(horizontal(compound)) == 4490
    shift = 'GEOGCS["Beijing 1954",DATUM["Beijing_1954",SPHEROID["Krassowsky 1940",6378245,298.3],TOWGS84[15.8,-154.4,-82.3,0,0,0,0]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    crs = parse(shift)
    assert crs is not None and not authorised(crs) and carries_shift(shift)
    assert not carries_shift("TOWGS84[0,0,0,0,0,0,0]") and not carries_shift(None)


@pytest.mark.parametrize("text", ["", "\ufeff \r\n", 'LOCAL_CS["x",UNIT["metre",1]]'])
def test_what_names_no_system(text):
    assert parse(text) is None


def test_degrees_against_metres():
    degrees, metres = np.array([[106.5, 29.6], [106.9, 30.1]]), np.array([[370_000.0, 3_300_000.0]])
    assert out_of_place(degrees, pyproj.CRS.from_epsg(4545)) is not None
    assert out_of_place(metres, pyproj.CRS.from_epsg(4490)) is not None
    assert out_of_place(degrees, pyproj.CRS.from_epsg(4490)) is None
    assert out_of_place(metres, pyproj.CRS.from_epsg(4545)) is None


def test_geodesic_quantities():
    """One degree of latitude at the equator is 110,574.3 m on GRS 80; a cell with a hole loses the hole."""
    line = shapely.LineString([(106, 0), (106, 1)])
    assert length_m(line) == pytest.approx(110_574.3, abs=0.5)
    cell, hole = shapely.box(106, 29, 106.1, 29.1), shapely.box(106.02, 29.02, 106.04, 29.04)
    assert area_m2(cell.difference(hole)) == pytest.approx(area_m2(cell) - area_m2(hole))


def test_a_plane_writes_no_system_as_text_for_each_place(monkeypatch):
    plane = Plane.of_zone(4545, pyproj.CRS.from_epsg(4490))
    first = plane.place(shapely.Point(370000, 3300000))

    def never(self, *args, **words):
        raise AssertionError("written as text again")

    monkeypatch.setattr(pyproj.CRS, "to_wkt", never)
    assert plane.place(shapely.Point(370000, 3300000)) == first


def test_transformers_of_many_systems_are_not_mixed_up():
    import geo.crs.plane as plane

    there = shapely.Point(106.5, 29.8)
    wanted = functools.cache(
        lambda zone: pyproj.Transformer.from_crs(4490, zone, always_xy=True).transform(106.5, 29.8)
    )
    for _ in range(2):
        for zone in (*range(4534, 4555), *range(4513, 4534), *range(4491, 4513), *range(32642, 32656)):
            # A new object each time, so that ids are used again once the old ones are let go.
            to = pyproj.CRS.from_epsg(zone)
            moved = plane.transformed(there, STORED, to)
            assert (moved.x, moved.y) == pytest.approx(wanted(zone), abs=1e-6)
    assert len(plane._SEEN) <= 64
