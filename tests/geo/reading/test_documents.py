"""GeoPackage, geodatabase, KML and GeoJSON: looked at before GDAL opens them (UP02, UP04, UP09, UP11, UP13)."""

from __future__ import annotations

import random
import sqlite3
import struct
from pathlib import Path

import geopandas
import pytest
import shapely

from geo.reading.describe import quiet
from geo.settings import Limits
from geo.terms import Role
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import POLYGON, RING, geojson, zipped

BOX = shapely.box(106.6, 29.8, 106.61, 29.81)


def gpkg(
    folder: Path,
    *layers: tuple[str, list[shapely.Geometry | None], int | None],
    blobs: tuple[bytes, ...] = (),
) -> bytes:
    """A GeoPackage, its first table also given raw geometry blobs."""
    path = folder / "made.gpkg"
    for name, shapes, epsg in layers:
        frame = geopandas.GeoDataFrame({"名称": ["甲镇"] * len(shapes)}, geometry=shapes, crs=epsg)
        with quiet():
            frame.to_file(path, layer=name, engine="pyogrio")
    if blobs:
        with sqlite3.connect(path) as connection:
            for (trigger,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='trigger'"
            ).fetchall():
                connection.execute(f'DROP TRIGGER "{trigger}"')
            for blob in blobs:
                connection.execute(f'INSERT INTO "{layers[0][0]}" (geom) VALUES (?)', [blob])
        connection.close()
    data = path.read_bytes()
    path.unlink()
    return data


def blob(wkb: bytes) -> bytes:
    return b"GP\x00\x01" + struct.pack("<i", 4490) + wkb


def ring(*points: tuple[float, float]) -> bytes:
    return struct.pack("<I", len(points)) + b"".join(struct.pack("<dd", *p) for p in points)


ARC = b"\x01" + struct.pack("<I", 8) + ring((0, 0), (1, 1), (2, 0))
CURVED = (
    b"\x01"
    + struct.pack("<II", 10, 1)
    + b"\x01"
    + struct.pack("<II", 9, 2)
    + ARC
    + b"\x01"
    + struct.pack("<I", 2)
    + ring((2, 0), (0, 0))
)
OPEN = b"\x01" + struct.pack("<II", 3, 1) + ring((0, 0), (4, 0), (4, 4))
HOLLOW = b"\x01" + struct.pack("<II", 3, 2) + ring((0, 0), (4, 0), (4, 4), (0, 0)) + ring()


def test_a_geopackage_of_two_layers(take, tmp_path):
    got = take(gpkg(tmp_path, ("乡镇", [BOX], 4490), ("界线", [shapely.LineString(RING)], 4490)), "a.gpkg")
    assert {(x.name, x.role) for x in got.layers} == {("乡镇", Role.POLYGONS), ("界线", Role.LINES)}
    assert codes(got) == {"UP04"} and got.layers[0].crs.source == "declared"


def test_odd_geometries_cost_their_row_alone(take, tmp_path):
    data = gpkg(
        tmp_path, ("t", [BOX], 4490), blobs=(blob(CURVED), blob(OPEN), blob(HOLLOW), blob(b"\x01\x03\x00"))
    )
    got = take(data, "a.gpkg")
    layer = got.layers[0]
    kinds = [None if g is None else g.geom_type for g in layer.frame.geometry]
    assert len(kinds) == 5 and kinds[:4] == ["Polygon", "GeometryCollection", "Polygon", "Polygon"]
    assert layer.unclosed == (2,) and layer.frame.geometry.iloc[2].is_valid
    assert layer.frame.geometry.iloc[3].interiors[0].is_empty
    assert layer.geometry_type == "Polygon" or "Curve" in layer.geometry_type
    assert layer.frame.index.tolist() == [0, 1, 2, 3, 4] and layer.fids.tolist() == [1, 2, 3, 4, 5]


def test_systems_that_are_undefined(take, tmp_path):
    data = gpkg(tmp_path, ("t", [shapely.box(0, 0, 9, 9)], None))
    assert "CR01" in codes(take(data, "a.gpkg"), "error")


def test_attributes_alone_are_no_layer(take, tmp_path):
    path = tmp_path / "made.gpkg"
    geopandas.GeoDataFrame({"a": [1]}, geometry=[BOX], crs=4490).to_file(path, layer="t", engine="pyogrio")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE gpkg_contents SET data_type='attributes'")
        connection.execute("DELETE FROM gpkg_geometry_columns")
    connection.close()
    assert codes(take(path.read_bytes(), "a.gpkg")) == {"UP02"}


def test_an_empty_layer_is_kept_with_its_type(take, tmp_path):
    import pyogrio

    path = tmp_path / "made.gpkg"
    empty = geopandas.GeoDataFrame({"a": []}, geometry=geopandas.GeoSeries([], crs=4490))
    pyogrio.write_dataframe(empty, path, layer="t", geometry_type="Polygon")
    got = take(path.read_bytes(), "a.gpkg")
    assert len(got.layers) == 1 and len(got.layers[0].frame) == 0 and got.layers[0].role is Role.POLYGONS


def test_sqlite_that_is_no_geopackage(take, tmp_path):
    path = tmp_path / "made.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE a (b)")
    connection.close()
    for name in ("a.gpkg", "a.sqlite"):
        got = take(path.read_bytes(), name)
        assert codes(got) == {"UP13"} and "not a GeoPackage" in got.findings[0].text.en
        assert "GeoPackage" in got.findings[0].remedy.en  # what to export, not "use a backup"


def test_too_many_layers(take, tmp_path):
    data = gpkg(tmp_path, *[(f"t{i}", [BOX], 4490) for i in range(3)])
    assert codes(take(data, "a.gpkg", limits=Limits(layers=2))) == {"UP08"}


def test_geopackages_broken_anywhere_give_an_answer(take, tmp_path):
    source = random.Random(7)
    whole = gpkg(tmp_path, ("t", [BOX], 4490))
    for _ in range(8):
        assert codes(take(whole[: source.randrange(200, len(whole))], "a.gpkg"), "error")
    for _ in range(12):
        data = bytearray(whole)
        for _ in range(20):
            data[source.randrange(len(data))] = source.randrange(256)
        got = take(bytes(data), "a.gpkg")
        assert got.layers or codes(got, "error")


def test_a_zipped_file_geodatabase(take, tmp_path):
    path = tmp_path / "界线.gdb"
    geopandas.GeoDataFrame({"名称": ["甲"]}, geometry=[BOX], crs=4490).to_file(path, layer="乡镇", driver="OpenFileGDB", engine="pyogrio")  # fmt: skip
    entries = {f"提交/界线.gdb/{p.name}": p.read_bytes() for p in path.iterdir()}
    got = take(zipped(entries | {"提交/界线.gdb/x.lock": b""}))
    assert [x.name for x in got.layers] == ["乡镇"] and got.layers[0].frame["名称"].tolist() == ["甲"]
    assert codes(got, "error") == set()
    cut = {k: v[: len(v) // 2] for k, v in entries.items()}
    broken = take(zipped(cut))
    assert codes(broken, "error")


KML = '<?xml version="1.0" encoding="{0}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{1}</Document></kml>'
MARK = "<Placemark><name>{0}</name>{1}</Placemark>"
AREA = "<Polygon><outerBoundaryIs><LinearRing><coordinates>106.6,29.8,0 106.61,29.8,0 106.61,29.81,0 106.6,29.8,0</coordinates></LinearRing></outerBoundaryIs></Polygon>"
PATH = "<LineString><coordinates>106.6,29.8,300 106.61,29.8,310</coordinates></LineString>"


def folder(name: str, *marks: str) -> str:
    return f"<Folder><name>{name}</name>{''.join(marks)}</Folder>"


@pytest.mark.parametrize("codec", ["UTF-8", "GBK", "UTF-16", "GB2312"])
def test_kml_in_any_encoding_it_names(take, codec):
    got = take(KML.format(codec, folder("甲", MARK.format("兴隆镇", AREA))).encode(codec), "a.kml")
    assert got.layers[0].frame["Name"].tolist() == ["兴隆镇"] and codes(got) == {"CR03"}
    assert got.layers[0].z is None and got.layers[0].role is Role.POLYGONS


def test_kmz_and_an_empty_folder(take):
    text = KML.format("UTF-8", folder("甲", MARK.format("a", AREA)) + folder("空"))
    got = take(zipped({"doc.kml": text.encode()}), "a.kmz")
    assert len(got.layers) == 1 and codes(got) == {"CR03", "UP04"}


def test_a_folder_that_mixes_lines_and_polygons_is_a_layer_of_each(take):
    got = take(KML.format("UTF-8", folder("甲", MARK.format("a", AREA), MARK.format("b", PATH))), "a.kml")
    assert {(x.name, x.role) for x in got.layers} == {("甲_面", Role.POLYGONS), ("甲_线", Role.LINES)}
    assert next(x for x in got.layers if x.role is Role.LINES).z is not None


BOMB = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        '<!DOCTYPE kml SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "http://127.0.0.1/">]>',
    ],
)
def test_dtd_and_entities_are_refused_before_gdal(take, doctype):
    text = KML.format("UTF-8", folder("甲", MARK.format("&b;", AREA))).replace("<kml", f"{doctype}<kml")
    for codec in ("utf-8", "utf-16"):
        data = text.replace("UTF-8", codec).encode(codec)
        assert codes(take(data, "a.kml")) == {"UP11"}
    assert codes(take(zipped({"doc.kml": text.encode()}), "a.kmz")) == {"UP11"}


def test_geojson_rows_without_geometry_collections_and_mixed_types(take):
    bundle = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [106.6, 29.8]}]}
    got = take(geojson(POLYGON, None, bundle, {"type": "Point", "coordinates": [106.6, 29.8]}), "a.geojson")
    kinds = [None if g is None else g.geom_type for g in got.layers[0].frame.geometry]
    assert kinds == ["Polygon", None, "GeometryCollection", "Point"] and codes(got) == set()


def test_an_open_ring_in_geojson(take):
    got = take(geojson({"type": "Polygon", "coordinates": [RING[:-1]]}), "a.geojson")
    assert got.layers[0].unclosed == (0,) or not codes(got, "error")
    assert got.layers[0].frame.geometry[0].exterior.is_closed


def test_numbers_that_are_none_in_geojson(take):
    text = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[NaN,1],[1e999,2],[106,29]]}}]}'
    got = take(text, "a.geojson")
    assert got.layers or codes(got, "error") == {"UP13"}


@pytest.mark.parametrize(
    ("codec", "expected"), [("utf-8", set()), ("utf-8-sig", set()), ("utf-16", set()), ("gbk", {"EN02"})]
)
def test_encodings_of_geojson(take, codec, expected):
    import json

    got = take(json.dumps(geojson(POLYGON), ensure_ascii=False).encode(codec), "a.geojson")
    assert got.layers[0].frame["名称"].tolist() == ["甲镇"] and codes(got) == expected


def test_an_empty_collection_is_a_layer_without_rows(take):
    got = take(geojson(), "a.geojson")
    assert len(got.layers) == 1 and len(got.layers[0].frame) == 0 and codes(got, "error") == set()


@pytest.mark.parametrize(
    ("made", "corrected"),
    [
        ({"type": "polygon", "coordinates": [RING]}, "polygon → Polygon"),
        ({"type": "GEOMETRYCOLLECTION", "geometries": [{"type": "point", "coordinates": RING[0]}]}, "GEOMETRYCOLLECTION → GeometryCollection、point → Point"),
    ],
)  # fmt: skip
def test_types_in_other_letters_are_said(take, made, corrected):
    """RFC 7946, 1.4: case-sensitive. GDAL reads them in silence, other programs not at all."""
    got = take(geojson(POLYGON, made), "a.geojson")
    (found,) = [f for f in got.findings if f.severity.value == "error"]
    assert found.code == "UP13" and found.features == (1,) and "区分大小写" in found.text.zh
    assert corrected in found.text.zh and "RFC 7946" in found.text.zh
    assert not any(g is None or g.is_empty for g in got.layers[0].frame.geometry), "the other checks see it"


def test_features_and_documents_in_other_letters(take):
    whole = geojson(POLYGON, POLYGON)
    whole["features"][0]["type"] = "feature"
    (found,) = [f for f in take(whole, "a.geojson").findings if f.severity.value == "error"]
    assert found.features == (0,) and "feature → Feature" in found.text.zh
    for wrong, right in (("featureCollection", "FeatureCollection"), ("FEATURE", "Feature")):
        (found,) = take(geojson(POLYGON) | {"type": wrong}, "a.geojson").findings
        assert found.code == "UP13" and f"{wrong} → {right}" in found.text.zh


def test_nesting_without_end(take):
    assert codes(take('{"type":"FeatureCollection","features":' + "[" * 100_000, "a.geojson"), "error") == {
        "UP13"
    }


def test_topojson_is_read(take):
    topology = {"type": "Topology", "objects": {"a": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": {"n": 1}}]}}, "arcs": [RING]}  # fmt: skip
    got = take(topology, "a.json")
    assert got.layers[0].frame.geometry[0].area == pytest.approx(1e-4)


def test_kml_attributes_tracks_and_prefixes_do_not_depend_on_a_driver(take):
    document = """<?xml version="1.0"?><k:kml xmlns:k="http://www.opengis.net/kml/2.2"
        xmlns:gx="http://www.google.com/kml/ext/2.2"><k:Document><k:Folder><k:name>界线</k:name>
      <k:Placemark><k:name>甲</k:name><k:ExtendedData><k:Data name="线号"><k:value>500112138-500112140</k:value></k:Data>
        <k:SchemaData><k:SimpleData name="级别">乡级</k:SimpleData></k:SchemaData></k:ExtendedData>
        <k:LineString><k:coordinates>106.5, 29.8 ,0 106.6,29.9,0</k:coordinates></k:LineString></k:Placemark>
      <k:Placemark><k:name>乙</k:name><gx:Track><gx:coord>106.5 29.8 0</gx:coord><gx:coord>106.7 29.8 0</gx:coord>
        </gx:Track></k:Placemark></k:Folder></k:Document></k:kml>"""
    layer = take(document.encode(), "a.kml").layers[0]
    assert layer.name == "界线" and layer.features == 2
    assert list(layer.frame["线号"]) == ["500112138-500112140", None] and layer.frame["级别"].iat[0] == "乡级"
    assert [g.geom_type for g in layer.frame.geometry] == ["LineString", "LineString"]
    assert layer.frame.geometry.iat[1].coords[1] == (106.7, 29.8)


def test_kml_one_bad_placemark_costs_itself_alone(take):
    point = "<Placemark><name>{}</name><Point><coordinates>{}</coordinates></Point></Placemark>"
    body = point.format("好", "106.5,29.8") + point.format("坏", "不是数")
    document = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    got = take(document.encode(), "a.kml")
    assert got.layers[0].features == 2
    assert [(f.code, f.features) for f in got.findings if f.code == "UP13"] == [("UP13", (1,))]
