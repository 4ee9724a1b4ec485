"""Defects of the package (压缩包、编码、坐标系): in the wrong delivery where they can stand beside others, in
small files of their own where they stop a file from being read at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pyproj
import shapely

from api.setup.demo.delivery import Field, Table, archive, files, projection
from api.setup.demo.layers import Record, marker_record, stated, table
from api.setup.demo.planting import Planted, Planter
from geo.text import Text

FOLDER = "tutorial_defective"
#: Bytes that no codec of the list takes: cut GBK pairs and the holes of cp1252.
NO_CODEC = b"\x81\x8d\x8f\x90\x9d\x81 \xff\xfe\x81"


def rare_and_broken_text(p: Planter) -> None:
    """Names with characters that were lost, and with rare ones that are right."""
    lost, rare = p.line(), p.line()
    lost.values["name"] = p.demo.plan.defects["lost_text"]
    p.note("EN04", "lines", lost.values["code"], "名称中有问号：文字已丢失", "a question mark: text was lost")
    rare.values["name"] = p.demo.plan.defects["rare_text"]
    p.note("EN06", "lines", rare.values["code"], "名称含生僻字（保留）", "rare characters (they are kept)")


def members(p: Planter) -> list[tuple[str, bytes]]:
    """The wrong delivery's files, with what is wrong with the package itself."""
    result = p.result
    every: dict[str, bytes] = {}
    every |= files(table("lines", result.lines))
    every |= files(_with_deleted(table("markers", result.markers)), language=0, cpg=None)
    every |= files(_twice_named(table("tripoints", result.tripoints)))
    every |= files(table("polygons", result.polygons), cpg="UTF-8")
    every |= files(table("lines", [], "补充界线"))
    del every["三交点.shx"]
    every["政区面.shp"] += b"\0" * 36
    every["界线.SHP"] = every.pop("界线.shp")
    every["Thumbs.db"] = b"\xd0\xcf\x11\xe0 thumbnails"
    every["勘界工作说明.pdf"] = b"%PDF-1.4\n% demonstration, invented\n%%EOF\n"
    every["附件.zip"] = archive(files(_other_zone(p), epsg=4523).items())
    for code, layer, subject, zh, en in (
        ("UP03", "三交点", "三交点.shx", "缺少 .shx（可重建）", "the .shx is missing (it is rebuilt)"),
        ("UP04", "", "界线、界桩、三交点、政区面", "一个压缩包内有多个图层", "several layers in one zip"),
        ("UP05", "附件.zip", "附件.zip", "压缩包内还有压缩包", "a zip inside the zip"),
        ("UP06", "界线", "界线.SHP", "扩展名大小写混用，文件名为 GBK", "capitals, names in GBK"),
        ("UP10", "", "Thumbs.db、勘界工作说明.pdf", "夹带无关文件（忽略）", "files that are ignored"),
        ("UP14", "界桩", "界桩", "有一条已标记删除的记录", "a row flagged as deleted"),
        ("UP15", "政区面", "政区面.shp", "最后一条记录之后还有字节", "bytes after the last record"),
        ("EN01", "界桩", "界桩.dbf", "没有声明编码", "no encoding declared"),
        ("EN02", "政区面", "政区面.cpg", "声明 UTF-8，实为 GBK", "declared UTF-8, is GBK"),
        ("EN05", "三交点", "备注", "两个字段同名", "two fields of one name"),
        ("GE10", "补充界线", "补充界线", "空图层", "a layer without features"),
        ("GE14", "界桩补测", "界桩补测", "坐标取整到米", "coordinates rounded to metres"),
        ("CR07", "界桩补测", "界桩补测", "与其他图层分带不同（35 带）", "another zone than the others (35)"),
    ):
        p.planted.append(Planted(code, p.file, layer, subject, Text(zh, en)))
    return list(every.items())


def _with_deleted(full: Table) -> Table:
    last = len(full.rows)
    return replace(
        full,
        shapes=[*full.shapes, full.shapes[-1]],
        rows=[*full.rows, full.rows[-1]],
        deleted=frozenset({last}),
    )


def _twice_named(full: Table) -> Table:
    extra = (Field("备注", size=20), Field("备注", size=20))
    return replace(full, fields=[*full.fields, *extra], rows=[[*row, "演示", "演示"] for row in full.rows])


def _other_zone(p: Planter) -> Table:
    """One marker of another line, surveyed in zone 35 and rounded to metres."""
    row = next(r for r in p.demo.markers.itertuples() if r.kind == "Q" and r.line_code not in _lines(p))
    record = marker_record(row)
    to_35 = pyproj.Transformer.from_crs(4545, 4544, always_xy=True)
    east, north = (round(v) for v in to_35.transform(row.geometry.x, row.geometry.y))
    back = shapely.Point(*to_35.transform(east, north, direction="INVERSE"))
    record.values |= stated(back) | {"north": float(north), "east": float(35_000_000 + east)}
    made = table("markers", [record], "界桩补测")
    return replace(made, shapes=[[np.array([[35_000_000 + east, north, row.height]], dtype=float)]])


def _lines(p: Planter) -> set[str]:
    return {r.values["line"] for r in p.result.markers}


Small = Callable[[Record], bytes]


def one(line: Record) -> Table:
    """A layer of one line, as it should be."""
    return table("lines", [line])


def zipped(parts: Mapping[str, bytes]) -> bytes:
    return archive(parts.items())


def damaged(line: Record) -> bytes:
    content = bytearray(zipped(files(one(line))))
    at = content.index(b"PK\x01\x02") // 3
    content[at] ^= 0xFF
    return bytes(content)


def no_layer(line: Record) -> bytes:
    return zipped({"说明.txt": "见附件\n".encode()})


def no_attributes(line: Record) -> bytes:
    parts = files(one(line))
    del parts["界线.dbf"]
    return zipped(parts)


def climbing(line: Record) -> bytes:
    return zipped({f"../{name}": content for name, content in files(one(line)).items()})


def bomb(line: Record) -> bytes:
    return zipped(files(one(line)) | {"界线.qpj": b"", "底图.dbf": b"\0" * 3_000_000})


def drawing(line: Record) -> bytes:
    return b"0\r\nSECTION\r\n2\r\nHEADER\r\n9\r\n$ACADVER\r\n1\r\nAC1015\r\n0\r\nENDSEC\r\n0\r\nEOF\r\n"


def entities(line: Record) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE kml [<!ENTITY a "兴隆"><!ENTITY b "&a;&a;&a;">]>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&b;</name>'
        "<LineString><coordinates>106.7,29.9 106.71,29.91</coordinates></LineString></Placemark></Document></kml>\n"
    ).encode()


def counts_differ(line: Record) -> bytes:
    full = table("lines", [line, replace(line, values=line.values | {"code": line.values["code"] + "-2"})])
    parts = files(full)
    parts["界线.dbf"] = files(one(line))["界线.dbf"]
    return zipped(parts)


def cut_off(line: Record) -> bytes:
    parts = files(one(line))
    parts["界线.shp"] = parts["界线.shp"][:700]
    return zipped(parts)


def no_codec(line: Record) -> bytes:
    return zipped(
        files(table("lines", [replace(line, values=line.values | {"name": NO_CODEC})]), language=0, cpg=None)
    )


def no_system(line: Record) -> bytes:
    return zipped(files(one(line), epsg=None))


def unreadable_system(line: Record) -> bytes:
    return zipped(files(one(line)) | {"界线.prj": b'PROJCS["CGCS2000_GK",GEOGCS["\xff\xfe'})


def foreign_system(line: Record) -> bytes:
    return _moved(line, 32648)


def old_system(line: Record) -> bytes:
    return zipped(files(one(line), epsg=None) | {"界线.prj": projection(2381)})


def own_system(line: Record) -> bytes:
    """A transverse Mercator of its own: CGCS2000, but with the middle meridian 106°30′."""
    wkt = projection(4524).decode("ascii").replace('Central_Meridian",108.0', 'Central_Meridian",106.5')
    wkt = wkt.replace("CGCS2000_3_Degree_GK_Zone_36", "CGCS2000_CM_106_30").replace("36500000.0", "500000.0")
    full = one(line)
    to = pyproj.Transformer.from_crs(4545, pyproj.CRS.from_wkt(wkt), always_xy=True)
    points = np.column_stack(to.transform(*shapely.get_coordinates(line.geometry).T)).round(4)
    moved = replace(full, shapes=[[points]])
    return zipped(files(moved, epsg=None) | {"界线.prj": wkt.encode("ascii")})


def swapped(line: Record) -> bytes:
    full = one(line)
    turned = [None if parts is None else [part[:, ::-1] for part in parts] for parts in full.shapes]
    return zipped(files(replace(full, shapes=turned)))


def _moved(line: Record, epsg: int) -> bytes:
    full = one(line)
    to = pyproj.Transformer.from_crs(4545, epsg, always_xy=True)
    points = np.column_stack(to.transform(*shapely.get_coordinates(line.geometry).T)).round(4)
    return zipped(files(replace(full, shapes=[[points]]), epsg=epsg))


def collection(line: Record) -> bytes:
    degrees = pyproj.Transformer.from_crs(4545, 4490, always_xy=True)
    points = np.column_stack(degrees.transform(*shapely.get_coordinates(line.geometry)[:40].T)).round(9)
    feature = {
        "type": "Feature",
        "properties": {"线号": line.values["code"], "名称": line.values["name"]},
        "geometry": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "LineString", "coordinates": points.tolist()},
                {"type": "Point", "coordinates": points[0].tolist()},
            ],
        },
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode()


#: code, file name, what is wrong, and how it is made.
SMALL: tuple[tuple[str, str, str, str, Small], ...] = (
    ("UP01", "up01_damaged.zip", "压缩包损坏", "the zip is damaged", damaged),
    ("UP02", "up02_no_layer.zip", "包内没有图层", "no layer inside", no_layer),
    ("UP03", "up03_no_dbf.zip", "缺少 .dbf", "the .dbf is missing", no_attributes),
    ("UP07", "up07_climbing_path.zip", "文件名含 ..", "names with .. in them", climbing),
    ("UP08", "up08_expands.zip", "解压后大得异常", "it expands beyond all measure", bomb),
    ("UP09", "up09_drawing.dxf", "格式不支持", "a format that is not offered", drawing),
    ("UP11", "up11_entities.kml", "XML 中有实体", "entities in the XML", entities),
    ("UP12", "up12_counts.zip", ".shp 与 .dbf 记录数不同", "record counts differ", counts_differ),
    ("UP13", "up13_cut_off.zip", ".shp 被截断", "the .shp is cut off", cut_off),
    ("EN03", "en03_no_codec.zip", "任何编码都不合", "no encoding fits", no_codec),
    ("CR01", "cr01_no_system.zip", "没有坐标系", "no reference system", no_system),
    ("CR02", "cr02_unreadable.zip", "坐标系无法读取", "an unreadable reference system", unreadable_system),
    ("CR03", "cr03_utm.zip", "坐标系不是 CGCS2000", "not in CGCS2000", foreign_system),
    ("CR04", "cr04_xian80.zip", "西安 80，没有合法转换", "Xian 1980: no authorised way", old_system),
    ("CR05", "cr05_swapped.zip", "X、Y 颠倒", "northing and easting exchanged", swapped),
    (
        "CR06",
        "cr06_own_meridian.zip",
        "没有代号的自定义坐标系",
        "a system of its own, without a code",
        own_system,
    ),
    ("GE08", "ge08_collection.geojson", "几何集合，不是线", "a collection, not a line", collection),
)


def small_files(line: Record) -> tuple[dict[str, bytes], list[Planted]]:
    """The small files by name, and their rows of the table. line: a right one."""
    made, planted = {}, []
    for code, name, zh, en, make in SMALL:
        made[f"{FOLDER}/{name}"] = make(line)
        planted.append(Planted(code, f"{FOLDER}/{name}", "", name, Text(zh, en)))
    return made, planted
