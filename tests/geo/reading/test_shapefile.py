"""Shapefiles: what our own reader sees that GDAL hides (UP03, UP12-UP15), and rows that must survive."""

from __future__ import annotations

import math
import random
import struct

import numpy as np
import pytest
import shapely

from tests.geo.reading.conftest import codes
from tests.geo.reading.made import NULL, SQUARE, line, named, point, poly, shapefile, square, zipped

NAN, INF = math.nan, math.inf


def layer(take, parts, **options):
    got = take(zipped(named(parts)), **options)
    assert len(got.layers) == 1, [f.text.en for f in got.findings]
    return got, got.layers[0]


@pytest.mark.parametrize(("gone", "severity"), [("dbf", "error"), ("shp", "error"), ("shx", "warning")])
def test_a_set_that_is_not_whole(take, gone, severity):
    parts = shapefile(ldid=0x4D)
    del parts[gone]
    got = take(zipped(named(parts)))
    assert "UP03" in codes(got, severity)
    assert len(got.layers) == (0 if gone == "shp" else 1)


def test_without_index_the_records_are_read_all_the_same(take):
    parts = shapefile(records=[poly(square(370000 + 200 * i)) for i in range(3)], ldid=0x4D)
    del parts["shx"]
    _, found = layer(take, parts)
    assert len(found.frame) == 3 and found.frame.geometry.is_valid.all()


def test_counts_that_differ(take):
    two, one = shapefile(records=[poly(SQUARE), poly(square(371000))]), shapefile()
    got, _ = layer(take, {**two, "dbf": one["dbf"]})
    assert "UP12" in codes(got, "error")
    got, _ = layer(take, {**two, "shx": one["shx"]})
    assert "UP12" in codes(got, "error")


@pytest.mark.parametrize("cut", [50, 99, 101, 107, 140, 180, 235])
def test_a_shp_cut_off_anywhere_is_broken_and_never_a_crash(take, cut):
    parts = shapefile(ldid=0x4D)
    got = take(zipped(named({**parts, "shp": parts["shp"][:cut]})))
    assert "UP13" in codes(got, "error")


def test_a_dbf_cut_off(take):
    parts = shapefile(records=[poly(SQUARE)] * 3)
    got = take(zipped(named({**parts, "dbf": parts["dbf"][:-30]})))
    assert "UP13" in codes(got, "error")


def test_files_of_nothing(take):
    assert codes(take(zipped({"a.shp": b"", "a.dbf": b"", "a.shx": b""})), "error") == {"UP13"}


@pytest.mark.parametrize("offsets", [[1], [0, 99], [0, 4, 2], [0, -1], [2**30]])
def test_a_part_index_out_of_range(take, offsets):
    parts = shapefile(records=[poly(*[SQUARE] * len(offsets), offsets=offsets)])
    got = take(zipped(named(parts)))
    assert "UP13" in codes(got, "error")


def test_a_count_of_points_that_its_record_cannot_hold(take):
    content = bytearray(poly(SQUARE))
    content[40:44] = struct.pack("<i", 2**31 - 1)
    assert "UP13" in codes(take(zipped(named(shapefile(records=[bytes(content)])))), "error")


def test_deleted_rows_are_left_out_and_said(take):
    parts = shapefile(records=[poly(square(370000 + 200 * i)) for i in range(3)], values=[["甲"], ["乙"], ["丙"]], deleted=[1], ldid=0x4D)  # fmt: skip
    got, found = layer(take, parts)
    assert codes(got) == {"UP14"}
    assert found.frame["名称"].tolist() == ["甲", "丙"] and found.frame.index.tolist() == [0, 2]
    assert found.features == 3 and found.deleted == (1,)
    assert found.frame.geometry.bounds.minx.round().tolist() == [370000, 370400]


def test_bytes_after_the_last_record_and_a_wrong_length(take):
    parts = shapefile(ldid=0x4D)
    assert codes(layer(take, {**parts, "shp": parts["shp"] + b"\0" * 40})[0]) == {"UP15"}
    lying = bytearray(parts["shp"])
    lying[24:28] = struct.pack(">i", 60)
    assert "UP15" in codes(layer(take, {**parts, "shp": bytes(lying)})[0], "warning")
    assert "UP15" in codes(layer(take, {**parts, "dbf": parts["dbf"] + b"  junk"})[0], "warning")


def test_null_shapes_stay_rows_without_geometry(take):
    got, found = layer(take, shapefile(records=[poly(SQUARE), NULL], ldid=0x4D))
    assert not codes(got, "error") and found.frame.geometry.isna().tolist() == [False, True]


def test_mixed_types_in_one_file(take):
    got = take(zipped(named(shapefile(records=[poly(SQUARE), point(1, 2)]))))
    assert "UP13" in codes(got, "error")


def test_an_unclosed_ring_is_closed_and_said(take):
    _, found = layer(take, shapefile(records=[poly(SQUARE[:-1]), poly(SQUARE)], ldid=0x4D))
    assert found.unclosed == (0,) and found.frame.geometry[0].is_valid


def test_empty_parts_survive_for_the_checks(take):
    _, found = layer(take, shapefile(records=[poly(SQUARE, []), poly()], ldid=0x4D))
    parts = shapely.get_parts(found.frame.geometry[0])
    assert [p.is_empty for p in parts] == [False, True]
    assert found.frame.geometry[1].is_empty


@pytest.mark.parametrize("bad", [NAN, INF, -INF, -1.79e308])
def test_impossible_numbers_survive_for_the_checks(take, bad):
    ring = [SQUARE[0], (bad, SQUARE[1][1]), *SQUARE[2:]]
    _, found = layer(take, shapefile(records=[poly(ring)], ldid=0x4D))
    x = shapely.get_coordinates(found.frame.geometry[0])[:, 0]
    assert not (np.abs(x) < 1e9).all()
    _, found = layer(take, shapefile(kind=1, records=[point(bad, bad), point(bad, 3300000)], ldid=0x4D))
    assert not found.frame.geometry.is_empty.any() and not found.frame.geometry.isna().any()


def test_rings_the_wrong_way_round_are_judged_on_the_raw_rings(take):
    hole = [(x + 20, y + 20) for x, y in square(size=30)]
    right = poly(SQUARE, hole[::-1])
    lone = poly(SQUARE[::-1])
    same_way = poly(SQUARE, hole)
    two_parts = poly(SQUARE, square(371000))
    _, found = layer(take, shapefile(records=[right, lone, same_way, two_parts], ldid=0x4D))
    assert found.oriented == (1,)
    assert found.frame.geometry.is_valid.tolist() == [True, True, False, True]  # a shell in a shell: GE02
    assert [len(g.interiors) for g in found.frame.geometry[:2]] == [1, 0]
    assert len(found.frame.geometry[3].geoms) == 2


def test_an_anticlockwise_ring_outside_all_others_is_said(take):
    _, found = layer(take, shapefile(records=[poly(SQUARE, square(371000)[::-1])], ldid=0x4D))
    assert found.oriented == (0,) and len(found.frame.geometry[0].geoms) == 2


def test_lines_and_points(take):
    _, found = layer(
        take, shapefile(kind=3, records=[line(SQUARE[:3]), line(SQUARE[:2], square(371000)[:2])], ldid=0x4D)
    )
    assert found.frame.geometry.geom_type.tolist() == ["LineString", "MultiLineString"]
    _, found = layer(take, shapefile(kind=1, records=[point(370000, 3300000)], ldid=0x4D))
    assert found.geometry_type == "Point" and found.frame.geometry[0].x == 370000


def test_heights_go_beside_the_geometry(take):
    content = struct.pack("<idddd", 11, 370000.5, 3300000.5, 412.5, -1e39)
    _, found = layer(take, shapefile(kind=11, records=[content], ldid=0x4D))
    assert found.z is not None and found.z.tolist() == [412.5]
    assert not found.frame.geometry.has_z.any() and not found.has_m


def test_field_names_repeated_empty_and_cut_in_a_hanzi(take):
    from tests.geo.reading.made import dbf

    parts = shapefile()
    names = [b"name", b"name", b"", "左侧乡镇代码".encode("gbk")[:9]]
    parts["dbf"] = dbf(
        [(n, "C", 20) for n in names], [["甲镇".encode("gbk"), b"b", b"c", b"500112138"]], ldid=0x4D
    )
    got, found = layer(take, parts)
    assert "EN05" in codes(got, "warning")
    columns = [c for c in found.frame.columns if c != "geometry"]
    assert len(columns) == len(set(columns)) == 4 and columns[:2] == ["name", "name_2"]
    assert columns[3] == "左侧乡镇"
    assert found.frame["name_2"].tolist() == ["b"]


def test_numbers_are_kept_exactly(take):
    from tests.geo.reading.made import dbf

    parts = shapefile()
    parts["dbf"] = dbf(
        [(b"AREA", "N", 20), (b"CODE", "N", 12), (b"D", "D", 8)],
        [[b"12345.678901", b"500112138000", b"20240115"]],
    )
    _, found = layer(take, parts)
    row = found.frame.iloc[0]
    assert (
        float(row["AREA"]) == 12345.678901
        and int(row["CODE"]) == 500112138000
        and str(row["D"]).startswith("2024-01-15")
    )


def test_over_the_limits(take):
    from geo.settings import Limits
    from tests.geo.reading.made import dbf

    assert codes(take(zipped(named(shapefile())), limits=Limits(vertices=4)), "error") == {"UP08"}
    parts = shapefile()
    parts["dbf"] = dbf([(f"F{i}".encode(), "C", 1) for i in range(300)], [[b"x"] * 300])
    assert codes(take(zipped(named(parts))), "error") == {"UP08"}


def test_bits_flipped_anywhere_give_an_answer(take):
    """30 sets with one to four bytes changed: every one is read or refused, none raises."""
    source = random.Random(20240101)
    records = [poly(SQUARE), poly(square(371000)), NULL]
    whole = shapefile(records=records, cpg=b"GBK", ldid=0x4D)
    for _ in range(30):
        parts = {k: bytearray(v) for k, v in whole.items()}
        for _ in range(source.randint(1, 4)):
            part = parts[source.choice(list(parts))]
            part[source.randrange(len(part))] = source.randrange(256)
        got = take(zipped(named({k: bytes(v) for k, v in parts.items()}), compress=0))
        assert got.layers or codes(got, "error")
