"""The GeoPackage of findings: layers, columns, and the style that QGIS finds by itself."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas
import pyogrio
import pytest

from geo.checks.package import LAYERS, WITHOUT_PLACE, write_package
from geo.checks.styles import SEVERITIES, qml
from geo.terms import Severity

POINT = {"type": "Point", "coordinates": [106.6, 29.8]}
RING = {"type": "Polygon", "coordinates": [[[106, 29], [107, 29], [107, 30], [106, 29]]]}
TRACK = {"type": "LineString", "coordinates": [[106.6, 29.8], [106.7, 29.8]]}


def finding(geometry: Any, **changed: Any) -> dict[str, Any]:
    return {
        "code": "MK02", "severity": "error", "message": "界桩 <礌> & 线", "message_en": "m", "remedy": "r", "remedy_en": "r",
        "layer": "界桩", "features": [2, 5], "ids": ["a", "b"], "geometry": geometry, "measure": {"distance_m": 3.5},
        "rule": None, **changed,
    }  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Path:
    mixed = {"type": "GeometryCollection", "geometries": [POINT, TRACK, RING]}
    source = {"type": "Point", "coordinates": [5.0, 6.0]}
    findings = [
        finding(POINT), finding({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, severity="warning"), finding(TRACK),
        finding(RING), finding(mixed, code="TP01"), finding(None), finding(None, source_geometry=source),
        finding({"type": "GeometryCollection", "geometries": []}),
    ]  # fmt: skip
    path = tmp_path / "out.gpkg"
    write_package(path, [{"file": "甲.zip", "findings": findings}, {"file": "乙.zip", "findings": []}])
    return path


def test_a_layer_for_each_kind_of_place(package: Path) -> None:
    counts = {
        name: len(pyogrio.read_dataframe(package, layer=name)) for name, _ in pyogrio.list_layers(package)
    }
    assert counts == {
        "findings_points": 3,
        "findings_lines": 2,
        "findings_polygons": 2,
        WITHOUT_PLACE: 3,
        "layer_styles": 3,
    }
    for layer, kind in LAYERS.values():
        info = pyogrio.read_info(package, layer=layer)
        assert info["geometry_type"] == kind and "4490" in info["crs"]


def test_rows_hold_the_whole_finding(package: Path) -> None:
    row = geopandas.read_file(package, layer="findings_points").iloc[0]
    assert (row["code"], row["severity"], row["severity_zh"], row["title"]) == (
        "MK02",
        "error",
        "错误",
        "界桩偏离界线",
    )
    assert row["message"] == "界桩 <礌> & 线" and row["features"] == "2, 5" and row["ids"] == "a, b"
    assert row["distance_m"] == 3.5 and row["file"] == "甲.zip"
    assert row.geometry.geoms[0].coords[0] == (106.6, 29.8)


def test_what_has_no_place_keeps_the_files_own_coordinates(package: Path) -> None:
    table = pyogrio.read_dataframe(package, layer=WITHOUT_PLACE)
    assert "POINT (5 6)" in set(table["source_geometry"].dropna())


def test_qgis_finds_a_default_style_for_every_layer(package: Path) -> None:
    """As the OGR provider looks it up: empty catalogue and schema, table and geometry column by name."""
    with closing(sqlite3.connect(package)) as database:
        assert database.execute(
            "select data_type from gpkg_contents where table_name = 'layer_styles'"
        ).fetchone() == ("attributes",)
        columns = [row[1] for row in database.execute("pragma table_info(layer_styles)")]
        for layer, _ in LAYERS.values():
            (geometry_column,) = database.execute(
                "select column_name from gpkg_geometry_columns where table_name = ?", (layer,)
            ).fetchone()
            found = database.execute(
                "select styleQML, useAsDefault, update_time from layer_styles where f_table_schema = '' and "
                "f_table_catalog = '' and f_table_name = ? and f_geometry_column = ?",
                (layer, geometry_column),
            ).fetchall()
            ((style, default, moment),) = found
            assert default == 1 and moment.endswith("Z") and "T" in moment
            assert ElementTree.fromstring(style).tag == "qgis"
    assert columns == [
        "id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML",
        "styleSLD", "useAsDefault", "description", "owner", "ui", "update_time",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [kind for _, kind in LAYERS.values()])
def test_a_style_draws_every_severity(kind: str) -> None:
    style = ElementTree.fromstring(qml(kind))
    renderer = style.find("renderer-v2")
    assert renderer is not None and renderer.get("attr") == "severity"
    categories = {c.get("value"): c.get("symbol") for c in renderer.iterfind("categories/category")}
    symbols = {s.get("name"): s.get("type") for s in renderer.iterfind("symbols/symbol")}
    assert set(categories) == {s.value for s in Severity} == set(SEVERITIES)
    assert set(categories.values()) == set(symbols)
    assert set(symbols.values()) == {
        {"MultiPoint": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}[kind]
    }
    looks = {
        tuple(sorted((p.get("k"), p.get("v")) for p in s.iterfind("layer/prop")))
        for s in renderer.iterfind("symbols/symbol")
    }
    assert len(looks) == len(symbols)
    tip = style.findtext("mapTip") or ""
    assert all(f'"{name}"' in tip for name in ("code", "message", "remedy"))


def test_no_findings_give_the_same_layers_and_columns(package: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.gpkg"
    write_package(empty, [])
    for layer in [name for name, _ in pyogrio.list_layers(package)]:
        assert list(pyogrio.read_info(empty, layer=layer)["fields"]) == list(
            pyogrio.read_info(package, layer=layer)["fields"]
        )
        assert list(pyogrio.read_info(empty, layer=layer)["dtypes"]) == list(
            pyogrio.read_info(package, layer=layer)["dtypes"]
        )


def test_an_older_package_is_replaced_whole_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    path.write_bytes(b"old")
    write_package(path, [{"findings": [finding(POINT)]}])
    assert len(geopandas.read_file(path, layer="findings_points")) == 1
    assert os.listdir(tmp_path) == ["out.gpkg"]
    before = path.read_bytes()
    with pytest.raises(KeyError):
        write_package(path, [{"nothing": 1}])
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["out.gpkg"]
