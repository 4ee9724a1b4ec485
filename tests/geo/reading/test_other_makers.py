"""Files as other programs write them, and as they go wrong on the way: what each is, and what it is not."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from geo.inspection import features_table, inspect
from geo.reading.describe import quiet
from geo.reading.encoding import Raw, detect
from geo.reading.layers import ReadOptions
from geo.settings import Limits
from geo.terms import Profile, Role, Severity
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import POLYGON, RING, dbf, geojson, named, poly, put, shapefile, square, zipped

BOX = shapely.box(106.6, 29.8, 106.61, 29.81)
SET = named(shapefile(ldid=0x4D), "面")
CORNERS = [("3300000.5", "36370000.5"), ("3300100.5", "36370000.5"), ("3300100.5", "36370100.5")]


def geopackage(folder: Path, *statements: str) -> bytes:
    """A GeoPackage of one layer `t`, its triggers dropped, changed by statements."""
    path = folder / "made.gpkg"
    with quiet():
        geopandas.GeoDataFrame({"name": ["甲镇", "乙镇"]}, geometry=[BOX, BOX], crs=4490).to_file(
            path, layer="t", engine="pyogrio"
        )
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path.read_bytes()


# -- shapefiles ------------------------------------------------------------------------------------------


def test_logical_and_date_columns(take):
    fields = [(b"name", "C", 8), (b"L", "L", 1), (b"D", "D", 8), (b"N", "N", 8)]
    rows = [[b"a", b"T", b"20240131", b"***"], [b"b", b"?", b"00000000", b"7"], [b"c", b"F", b"", b""]]
    parts = shapefile(records=[poly(square(370000 + 300 * i)) for i in range(3)])
    got = take(zipped(named({**parts, "dbf": dbf(fields, rows)})))
    assert codes(got) == set() and got.layers[0].frame["L"].tolist()[::2] == [True, False]


def test_two_sets_that_differ_by_case_keep_their_own_parts(take):
    parts = shapefile(ldid=0x4D)
    upper, lower = named({k.upper(): v for k, v in parts.items()}, "a"), named(parts, "A")
    mixed = dict(sorted({**upper, **lower}.items(), key=lambda item: item[0][::-1]))
    got = take(zipped(mixed))
    assert {(x.name, x.crs.source) for x in got.layers} == {("a", "declared"), ("A", "declared")}
    assert codes(got) == {"UP04", "UP06"}


@pytest.mark.parametrize("name", ["t.dbf", "t.shx"])
def test_a_part_of_a_set_alone(take, name):
    assert codes(take(SET[f"面.{name[2:]}"], name)) == {"UP03"}


def test_a_ring_of_one_point_repeated_is_a_finding_not_a_crash(tmp_path):
    path = put(tmp_path, "a.zip", zipped(named(shapefile(records=[poly(square()), poly([square()[0]] * 5)]))))
    done = inspect(path, ReadOptions(profile=Profile.GENERIC), Limits())
    assert "GE06" in {f.code for f in done.findings} and features_table(done.layers).num_rows == 2


# -- archives --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [b"MZ" + bytes(5000), b"Content-Type: application/zip\r\n\r\n"])
def test_an_archive_with_something_before_it(take, before):
    assert codes(take(before + zipped(SET))) == set()


def test_archives_as_streams_and_zip64_write_them(take):
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    pipe, wide = Pipe(), io.BytesIO()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_LZMA) as archive:  # type: ignore[arg-type]
        for name, data in SET.items():
            archive.writestr(name, data)
    with zipfile.ZipFile(wide, "w", zipfile.ZIP_BZIP2) as archive:
        for name, data in SET.items():
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(data)
        archive.comment = "成果".encode()
    for data in (bytes(pipe.data), wide.getvalue(), wide.getvalue() + b"rest" * 20):
        assert codes(take(data)) == set()


def test_a_note_in_an_archive_has_no_encoding(take):
    assert codes(take(zipped({"说明.txt": "只有说明".encode()}))) == {"UP02"}


@pytest.mark.parametrize("folder", ["", "数据/", "数据/t.GDB/"])
def test_a_geodatabase_whose_folder_has_no_name_of_one(take, tmp_path, folder):
    path = tmp_path / "a.gdb"
    with quiet():
        geopandas.GeoDataFrame({"name": ["甲镇"]}, geometry=[BOX], crs=4490).to_file(
            path, layer="towns", engine="pyogrio", driver="OpenFileGDB"
        )
    got = take(zipped({folder + p.name: p.read_bytes() for p in path.iterdir() if p.is_file()}))
    assert [x.name for x in got.layers] == ["towns"]
    assert codes(got) == (set() if folder.endswith("GDB/") else {"UP06"})


# -- GeoPackage ------------------------------------------------------------------------------------------


def test_what_is_still_in_the_journal_is_read(take, tmp_path):
    path = tmp_path / "made.gpkg"
    geopackage(tmp_path)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("DELETE FROM t WHERE fid = 1")
        connection.commit()
        files = {f"t.gpkg{s}": Path(f"{path}{s}").read_bytes() for s in ("", "-wal")}
    finally:
        connection.close()
    assert files["t.gpkg-wal"]
    assert take(zipped({"t.gpkg": files["t.gpkg"]})).layers[0].features == 2
    got = take(zipped(files))
    assert got.layers[0].features == 1 and got.layers[0].fids.tolist() == [2] and codes(got) == set()


def test_texts_of_a_geopackage_in_gbk(take, tmp_path):
    spoilt = "甲镇".encode("gbk").hex()
    got = take(geopackage(tmp_path, f"UPDATE t SET name = CAST(x'{spoilt}' AS TEXT) WHERE fid = 1"), "a.gpkg")
    assert codes(got) == {"EN02"} and got.layers[0].frame["name"].tolist() == ["甲镇", "乙镇"]
    assert got.layers[0].encoding.source == "guessed"


@pytest.mark.parametrize(
    ("value", "code"), [("'POINT(1 2)'", "UP13"), (f"x'{BOX.wkb_hex}'", "UP13"), ("NULL", "GE01")]
)
def test_a_geometry_column_that_holds_something_else(tmp_path, value, code):
    """GDAL gives none for all of them."""
    path = put(tmp_path, "a.gpkg", geopackage(tmp_path, f"UPDATE t SET geom = {value} WHERE fid = 2"))
    done = inspect(path, ReadOptions(profile=Profile.GENERIC), Limits())
    assert {(f.code, f.features, f.fids) for f in done.findings if f.severity is Severity.ERROR} == {
        (code, (1,), ("2",))
    }


VIEW = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('v', 'features', 'v', 4490)",
    "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4490, 0, 0)",
)


def test_views_of_a_geopackage(take, tmp_path):
    got = take(geopackage(tmp_path, "CREATE VIEW v AS SELECT fid, geom, name FROM t", *VIEW), "a.gpkg")
    assert {x.name for x in got.layers} == {"t", "v"} and codes(got) == {"UP04"}


def test_a_view_of_nothing_costs_its_layer_alone(take, tmp_path):
    got = take(geopackage(tmp_path, "CREATE VIEW v AS SELECT fid, geom FROM gone", *VIEW), "a.gpkg")
    assert [x.name for x in got.layers] == ["t"] and codes(got) == {"UP13"}
    assert {f.layer for f in got.findings} == {"v"}


@pytest.mark.parametrize(
    "statement", ["DROP TABLE t", "UPDATE gpkg_geometry_columns SET column_name = 'gone'"]
)
def test_contents_that_the_file_does_not_hold(take, tmp_path, statement):
    assert codes(take(geopackage(tmp_path, statement), "a.gpkg")) >= {"UP13"}


# -- KML -------------------------------------------------------------------------------------------------


def placemark(inside: str) -> str:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>{inside}</Placemark></Document></kml>'


def polygon(coordinates: str) -> str:
    return f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{coordinates}</coordinates></LinearRing></outerBoundaryIs></Polygon>"


@pytest.mark.parametrize("form", ["{0},{1},", "{0}, {1}", "{0} ,{1} ,0", "{0},{1},300"])
def test_ways_to_write_coordinates_in_kml(take, form):
    got = take(placemark(polygon("\n".join(form.format(x, y) for x, y in RING))), "a.kml")
    assert shapely.get_coordinates(got.layers[0].frame.geometry.iloc[0]).tolist() == RING


def test_collections_in_collections_are_their_parts(take):
    ring = " ".join(f"{x},{y}" for x, y in RING)
    inner = f"<MultiGeometry>{polygon(ring)}{polygon(ring)}</MultiGeometry>"
    got = take(placemark(f"<MultiGeometry>{inner}{polygon(ring)}</MultiGeometry>"), "a.kml")
    shape = got.layers[0].frame.geometry.iloc[0]
    assert shape.geom_type == "MultiPolygon" and len(shape.geoms) == 3 and got.layers[0].role is Role.POLYGONS


# -- GeoJSON ---------------------------------------------------------------------------------------------


def test_what_is_no_feature_is_said_and_the_others_keep_their_numbers(take):
    content = geojson(POLYGON, POLYGON)
    content["features"].insert(0, {"type": "FeatureCollection", "features": []})
    content["features"].insert(2, None)
    got = take(json.dumps(content), "a.geojson")
    (found,) = [f for f in got.findings if f.code == "UP13"]
    assert found.features == (0, 2) and got.layers[0].features == 4
    assert [g is not None for g in got.layers[0].frame.geometry] == [False, True, False, True]


def test_a_number_too_great_is_no_end_of_the_file(take):
    text = json.dumps(geojson(POLYGON, POLYGON)).replace("106.61", "1e999", 1)
    got = take(text, "a.geojson")
    assert codes(got) == set() and np.isinf(shapely.get_coordinates(got.layers[0].frame.geometry)).any()


def test_a_system_given_as_a_word(take):
    content = {**geojson(POLYGON), "crs": "EPSG:4490"}
    got = take(json.dumps(content), "a.geojson")
    assert got.layers[0].crs.epsg == 4490 and got.layers[0].crs.source == "declared" and not codes(got)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (29.0, 6.0)])
def test_latitudes_past_the_pole_are_swapped_in_either_profile(take, shift):
    ring = [[y + shift[1], x + shift[0]] for x, y in RING]
    content = geojson({"type": "Polygon", "coordinates": [ring]})
    assert "CR05" in codes(take(json.dumps(content), "a.geojson", township=False), "error")
    straight = geojson({"type": "Polygon", "coordinates": [[[x, y] for y, x in ring]]})
    assert "CR05" not in codes(take(json.dumps(straight), "a.geojson", township=False))


# -- tables ----------------------------------------------------------------------------------------------


def test_a_geometry_column(take):
    rows = (
        f'code,名称,WKT\n1,甲镇,"{BOX.wkt}"\n2,乙镇,"POLYGON ((0 0, 4 0, 4 4))"\n3,丙镇,\n4,丁镇,POLYGON((0\n'
    )
    got = take("\ufeff" + rows, "a.csv")
    layer = got.layers[0]
    assert layer.role is Role.POLYGONS and layer.frame["名称"].tolist() == ["甲镇", "乙镇", "丙镇", "丁镇"]
    assert [g is None for g in layer.frame.geometry] == [False, False, True, True] and layer.unclosed == (1,)
    (found,) = [f for f in got.findings if f.code == "UP13"]
    assert found.features == (3,) and "WKT" not in layer.frame


@pytest.mark.parametrize("heading", ["geom", "the_geom", "geometry", "wkb_geometry"])
def test_a_geometry_column_of_postgis(take, heading):
    line = shapely.LineString([(106.6 + i / 1e6, 29.8) for i in range(9000)])
    cells = [
        f"SRID=4490;{line.wkt}",
        shapely.to_wkb(shapely.set_srid(line, 4490), hex=True, include_srid=True),
    ]
    for cell in cells:
        assert len(cell) > 131_072  # more than the csv module takes unasked
        got = take(f'id;{heading}\n1;"{cell}"\n', "a.csv")
        assert got.layers[0].crs.epsg == 4490 and got.layers[0].role is Role.LINES and not codes(got)


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
@pytest.mark.parametrize("form", ['"{}"', "{}"])
def test_the_commas_of_a_geometry_part_no_cells(take, sign, form):
    """Several rows of equally many vertices, quoted as PostGIS does it, or not, as a hand does."""
    if sign == "," and form == "{}":
        return  # nobody can tell then
    srid = "SRID=4490;" if form != "{}" else ""
    rows = [f"{i}{sign}甲镇{sign}{form.format(srid + BOX.wkt)}" for i in range(4)]
    got = take("\n".join([f"id{sign}name{sign}geom", *rows]), "a.csv")
    assert got.layers[0].features == 4 and got.layers[0].role is Role.POLYGONS
    assert got.layers[0].frame["name"].tolist() == ["甲镇"] * 4


def test_inch_marks_are_no_quotes(take):
    rows = [f"J{i},106°3{i}'12\",29°4{i}'12\",31{i}.5" for i in range(1, 5)]
    got = take("\n".join(["点号,经度,纬度,高程", *rows]), "界桩.csv", role=Role.MARKERS)
    assert got.layers[0].features == 4 and got.layers[0].z.tolist() == [311.5, 312.5, 313.5, 314.5]


def test_a_column_called_geometry_that_holds_none(take):
    got = take(
        "点号,geometry,X,Y\n" + "".join(f"{i},点,{n},{e}\n" for i, (n, e) in enumerate(CORNERS)), "a.csv"
    )
    assert got.layers[0].geometry_type == "Polygon" and shapely.area(got.layers[0].frame.geometry.iloc[0]) > 1


@pytest.mark.parametrize("sign", [";", "\t"])
def test_decimal_commas(take, sign):
    rows = ["点号 X Y", *(f"{i} {n} {e}".replace(".", ",") for i, (n, e) in enumerate(CORNERS))]
    got = take("\n".join(rows).replace(" ", sign), "a.csv")
    assert shapely.get_coordinates(got.layers[0].frame.geometry)[0].tolist() == [36370000.5, 3300000.5]


def test_thousands_are_no_decimals(take):
    rows = ["点号;X;Y", *(f"{i};{float(n):,.1f};{float(e):,.1f}" for i, (n, e) in enumerate(CORNERS))]
    got = take("\n".join(rows), "a.csv")
    assert shapely.get_coordinates(got.layers[0].frame.geometry)[0].tolist() == [36370000.5, 3300000.5]


def test_lines_that_end_as_on_an_old_mac(take):
    rows = ["点号,X,Y", *(f"{i},{n},{e}" for i, (n, e) in enumerate(CORNERS))]
    assert len(shapely.get_coordinates(take("\r".join(rows), "a.csv").layers[0].frame.geometry)) == 4


@pytest.mark.parametrize(
    "text", ["界樁號,線號,類型", "木耳鎮", "古路鎮", "大灣鎮", "台北市中正區", "兩路街道"]
)
def test_short_texts_in_big5(text):
    assert detect([Raw(text.encode("big5"))]) == "big5"


@pytest.mark.parametrize(
    "text",
    [
        "兴隆镇",
        "两路街道",
        "名称",
        "鸳鸯街道",
        "回兴街道",
        "翠云街道",
        "界桩号、线号（米）",
        "φ300 圆形界桩埋设",
    ],
)
def test_short_texts_in_gbk(text):
    assert detect([Raw(text.encode("gbk"))]) == "gb18030"


def test_formats_of_the_trade_that_are_not_offered(take):
    assert codes(take("HeadBegin\nDataMark:VCT\nVersion:3.0\nHeadEnd\n", "a.vct")) == {"UP09"}


def test_measured_rings_without_their_measures(take):
    ring = square()
    short = poly(ring, kind=25)
    whole = short + struct.pack(f"<{2 + len(ring)}d", *[-1e39] * (2 + len(ring)))
    got = take(zipped(named(shapefile(25, [short, whole]))))
    assert [g.area > 1 for g in got.layers[0].frame.geometry] == [True, True] and "UP13" not in codes(got)


# -- what breaks on the way ------------------------------------------------------------------------------


def test_a_projection_with_parameters_that_nobody_knows(tmp_path):
    from tests.geo.reading.made import CM108

    spoilt = CM108.replace("False_Easting", "FalseWEasting").replace(
        ',PARAMETER["False_N', ',PARA]ETER["False_N'
    )
    path = put(tmp_path, "a.zip", zipped(named(shapefile(ldid=0x4D, prj=spoilt))))
    for profile in Profile:
        done = inspect(path, ReadOptions(profile=profile), Limits())
        assert "CR02" in {f.code for f in done.findings} and features_table(done.layers).num_rows == 1


def lines_of(*texts: str) -> str:
    return "\n".join(texts)


ONE = json.dumps({"type": "Feature", "properties": {"n": "甲"}, "geometry": POLYGON})
BROKEN = {
    "a.zip": zipped(
        named(shapefile(records=[poly(square()), poly(square(), offsets=[77]), poly(square(371000.125))]))
    ),
    "a.kml": placemark("<LineString><coordinates>a,b c,d</coordinates></LineString>").replace(
        "</Document>",
        "<Placemark><LineString><coordinates>1,2 3,4</coordinates></LineString></Placemark></Document>",
    ),
    "a.csv": f'id,wkt\n1,"SRID=4490;{BOX.wkt}"\n2,"POLYGON((1 2,"\n',
    "a.geojsonl": lines_of(ONE, ONE[:-30], ONE),
    "a.geojson": json.dumps(geojson(POLYGON)).replace('"features": [', '"features": [7, '),
    "b.geojson": lines_of(json.dumps(geojson(POLYGON)), "<!-- end -->"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_record_that_cannot_be_read_is_said_once(tmp_path, name):
    """Its geometry is there, so that it is no empty one (GE01) besides."""
    path = put(tmp_path, name, BROKEN[name])
    done = inspect(path, ReadOptions(profile=Profile.GENERIC), Limits())
    assert {f.code for f in done.findings if f.severity is Severity.ERROR} == {"UP13"}
    assert features_table(done.layers).num_rows == done.layers[0].features > 1


def test_a_shapefile_cut_off_right_behind_a_record(take):
    parts = shapefile(records=[poly(square()), poly(square(370300.125))], ldid=0x4D)
    first = 100 + 8 + len(poly(square()))
    assert "UP13" in codes(take(zipped(named({**parts, "shp": parts["shp"][:first]}))), "error")
    wrong = parts["shp"][:24] + struct.pack(">i", 99999) + parts["shp"][28:]
    assert codes(take(zipped(named({**parts, "shp": wrong})))) == {"UP15"}


def test_a_hole_before_its_shell(take):
    hole = "106.602,29.802 106.604,29.802 106.604,29.804 106.602,29.802"
    ring = " ".join(f"{x},{y}" for x, y in RING)
    inner = f"<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>"
    shape = polygon(ring).replace("<Polygon>", f"<Polygon>{inner}")
    got = take(placemark(shape), "a.kml").layers[0].frame.geometry.iloc[0]
    assert got.is_valid and len(got.interiors) == 1


@pytest.mark.parametrize(
    "curve", ["CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))", "MULTISURFACE(((0 0,1 0,1 1,0 0)))"]
)
def test_curves_in_a_geometry_column(take, curve):
    got = take(f'id,wkt\n1,"{BOX.wkt}"\n2,"{curve}"\n', "a.csv")
    assert got.layers[0].features == 2 and got.layers[0].frame.geometry.iloc[1] is not None
    assert got.layers[0].frame.geometry.iloc[1].geom_type == "GeometryCollection"
