"""Record numbers count from 0 in file order whatever the format; a GeoPackage's own ids stand beside them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from geo.inspection import inspect
from geo.reading.describe import quiet
from geo.reading.layers import ReadOptions
from geo.settings import Limits
from geo.terms import Profile
from tests.geo.reading.made import put, zipped

GOOD = shapely.box(106.6, 29.8, 106.61, 29.81)
BOWTIE = shapely.Polygon([(106.6, 29.7), (106.61, 29.71), (106.61, 29.7), (106.6, 29.71)])
APART = shapely.box(106.7, 29.8, 106.71, 29.81)


def findings(path: Path, code: str) -> list[dict[str, Any]]:
    done = inspect(path, ReadOptions(profile=Profile.GENERIC), Limits())
    return [f for f in done.to_json()["findings"] if f["code"] == code]


def written(path: Path, driver: str | None = None) -> Path:
    frame = geopandas.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=[GOOD, APART, BOWTIE], crs=4490)
    with quiet():
        frame.to_file(path, layer="towns", engine="pyogrio", **({"driver": driver} if driver else {}))
    return path


def test_a_geopackage_tells_the_record_and_its_fid(tmp_path):
    path = written(tmp_path / "a.gpkg")
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE towns SET fid = fid + 40")
    connection.close()
    (found,) = findings(path, "GE02")
    assert found["features"] == [2]
    assert "43" in found["ids"]


def test_other_exports_of_the_same_data_keep_the_findings_key(tmp_path):
    path = written(tmp_path / "a.gpkg")
    before = inspect(path, ReadOptions(profile=Profile.GENERIC), Limits()).findings
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE towns SET fid = fid + 40")
    connection.close()
    after = inspect(path, ReadOptions(profile=Profile.GENERIC), Limits()).findings
    assert {f.key for f in before} == {f.key for f in after}


def test_a_geodatabase_counts_from_0(tmp_path):
    folder = written(tmp_path / "a.gdb", "OpenFileGDB")
    data = zipped({f"a.gdb/{part.name}": part.read_bytes() for part in folder.iterdir() if part.is_file()})
    (found,) = findings(put(tmp_path, "a.zip", data), "GE02")
    assert found["features"] == [2] and "3" not in found["ids"]


@pytest.mark.parametrize("first", ["point", "polygon"])
def test_a_kml_folder_of_mixed_kinds_counts_in_each_layer(tmp_path, first):
    ring = " ".join(f"{x},{y}" for x, y in BOWTIE.exterior.coords)
    pieces = [
        "<Placemark><name>p</name><Point><coordinates>106.6,29.8</coordinates></Point></Placemark>",
        "<Placemark><name>x</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>",
    ]
    body = "".join(pieces if first == "point" else pieces[::-1])
    path = put(
        tmp_path,
        "a.kml",
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>d</name>{body}</Document></kml>',
    )
    (found,) = findings(path, "GE02")
    assert found["layer"] == "d_面" and found["features"] == [0]
