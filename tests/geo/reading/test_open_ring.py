"""A ring left open in the file is closed in the reading, and GE02 says so all the same."""

from __future__ import annotations

from geo.inspection import Surroundings, inspect
from geo.reading.layers import ReadOptions
from geo.settings import Limits, district
from geo.terms import Profile
from tests.geo.reading.made import SQUARE, named, poly, put, shapefile, square, zipped


def test_an_open_ring_is_an_error(tmp_path):
    parts = shapefile(records=[poly(SQUARE[:-1]), poly(square(371000))], ldid=0x4D)
    path = put(tmp_path, "a.zip", zipped(named(parts)))
    answer = inspect(path, ReadOptions(profile=Profile.GENERIC), Limits(), Surroundings(district("500112")))
    hits = [f for f in answer.findings if f.code == "GE02"]
    assert [f.features for f in hits] == [(0,)] and "不闭合" in hits[0].text.zh
