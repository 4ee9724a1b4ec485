"""Archives: what is unpacked, what is refused, and that every refusal says what to do (UP01-UP10)."""

from __future__ import annotations

import stat
import struct
from pathlib import Path

import pytest

from geo.reading.layers import ReadOptions
from geo.reading.read import read
from geo.settings import Limits
from geo.terms import Role
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import POLYGON, geojson, named, put, raw_zip, shapefile, zipped

SET = shapefile(ldid=0x4D)


def test_a_gbk_shapefile_in_an_inner_folder_is_one_layer(take):
    got = take(zipped({f"成果/内层/{n}": d for n, d in named(SET).items()}))
    assert [x.name for x in got.layers] == ["面"]
    assert got.layers[0].frame["名称"].tolist() == ["兴隆镇"]
    assert codes(got) == set()


def test_extensions_in_capitals_are_found_and_said(take):
    got = take(zipped({f"A.{e.upper()}": d for e, d in SET.items()}))
    assert len(got.layers) == 1 and codes(got) == {"UP06"}


def test_gbk_entry_names_without_the_flag_are_decoded(take):
    got = take(raw_zip([(f"界线.{e}".encode("gbk"), d) for e, d in SET.items()]))
    assert [x.name for x in got.layers] == ["界线"] and codes(got) == {"UP06"}


def test_utf8_entry_names_without_the_flag_are_decoded(take):
    got = take(raw_zip([(f"界线.{e}".encode(), d) for e, d in SET.items()]))
    assert [x.name for x in got.layers] == ["界线"]


def test_two_sets_are_two_layers_and_ask_for_their_roles(take):
    got = take(zipped(named(SET, "甲") | named(SET, "乙")))
    assert {x.name for x in got.layers} == {"甲", "乙"} and codes(got) == {"UP04"}
    chosen = take(
        zipped(named(SET, "甲") | named(SET, "乙")), roles={"甲": Role.POLYGONS, "乙": Role.POLYGONS}
    )
    assert codes(chosen) == set()


def test_one_archive_inside_is_opened_and_a_deeper_one_is_not(take):
    inner = zipped(named(SET))
    once = take(zipped({"a/b.zip": inner}))
    assert len(once.layers) == 1 and codes(once) == {"UP05"}
    twice = take(zipped({"c.zip": zipped({"b.zip": inner})}))
    assert not twice.layers and codes(twice) == {"UP05", "UP02"}


def test_junk_is_ignored_and_named(take):
    junk = {
        "__MACOSX/._面.shp": b"x",
        "面.shp.xml": b"<a/>",
        "面.sbn": b"1",
        "说明.pdf": b"%PDF",
        ".DS_Store": b"",
        "README": b"hello",
    }
    got = take(zipped(named(SET) | junk))
    assert len(got.layers) == 1 and codes(got) == {"UP10"}
    assert "README" in got.findings[0].text.zh


@pytest.mark.parametrize(
    "name", [b"../a.shp", b"/etc/a.shp", b"C:\\a.shp", b"c:a.shp", b"x\\..\\..\\a.shp", b"..\\a.shp"]
)
def test_names_that_leave_the_folder_are_refused(take, name):
    got = take(raw_zip([(name, b"x")]))
    assert codes(got) == {"UP07"} and not got.layers


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFBLK])
def test_links_and_devices_are_refused(take, mode):
    assert codes(take(raw_zip([(b"a.shp", b"/etc/passwd")], mode=mode | 0o644))) == {"UP07"}


def test_an_encrypted_archive_says_to_take_the_password_off(take):
    got = take(raw_zip([(b"a.shp", b"x" * 20)], flags=1))
    assert codes(got) == {"UP01"} and "密码" in got.findings[0].remedy.zh


def test_a_bomb_is_stopped_by_the_bytes_it_produces_whatever_its_header_claims(take):
    bomb = bytearray(zipped({"a.shp": b"\0" * 30_000_000}))
    at = bomb.index(b"PK\x01\x02") + 24
    bomb[at : at + 4] = struct.pack("<I", 100)  # claims 100 bytes
    got = take(bytes(bomb))
    assert codes(got) <= {"UP08", "UP01"} and codes(got)
    honest = take(zipped({"a.shp": b"\0" * 30_000_000}))
    assert codes(honest) == {"UP08"}


def test_the_unpacked_limit_counts_all_entries(take):
    got = take(
        zipped({f"{i}.bin": bytes(range(256)) * 40 for i in range(9)}, compress=0),
        limits=Limits(unpacked_bytes=80_000),
    )
    assert codes(got) == {"UP08"}


def test_too_many_entries(take):
    assert codes(take(zipped({f"{i}.txt": b"" for i in range(11)}), limits=Limits(entries=10))) == {"UP08"}


def test_ten_thousand_layers(take):
    got = take(zipped({f"{i}.{e}": b"" for i in range(3334) for e in ("shp", "shx", "dbf")}))
    assert codes(got) == {"UP08"}


def test_an_upload_over_the_limit_is_not_even_opened(take):
    assert codes(take(b"PK\x03\x04" + b"x" * 5000, limits=Limits(upload_bytes=4096))) == {"UP08"}


def test_a_broken_sum_is_found_even_in_what_is_not_kept(take):
    data = bytearray(zipped(named(SET) | {"readme.pdf": b"%PDF-1.4 hello hello"}, compress=0))
    at = data.index(b"hello hello")
    data[at] ^= 1
    assert "UP01" in codes(take(bytes(data)), "error")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_an_upload_cut_off_half_way(take, share):
    whole = zipped(named(SET))
    got = take(whole[: int(len(whole) * share)])
    assert codes(got, "error") == {"UP01"}


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"", "a.zip", "UP01"),
        (b"", "a.gpkg", "UP01"),
        ("点号,X,Y\n1,2,3\n", "a.zip", "UP01"),
        (b"\x07\x01\x99\xfe" * 300, "a.zip", "UP01"),
        (b"\x07\x01\x99\xfe" * 300, "a.gpkg", "UP01"),
        (b"\x1f\x8b\x08\x00" + bytes(300), "a.tar.gz", "UP09"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(300), "a.zip", "UP09"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(300), "a.rar", "UP09"),
        (b"CDF\x01" + bytes(300), "a.nc", "UP09"),
        (b"  0\nSECTION\n  2\nHEADER\n", "a.dxf", "UP09"),
        (b"AC1027" + bytes(300), "a.dwg", "UP09"),
        ('<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>', "a.gml", "UP09"),
        ("<osm version='0.6'></osm>", "a.osm", "UP09"),
        ("Version 300\nCharset \"Neutral\"\nColumns 1\n  A Char(1)\nData\n", "a.mif", "UP09"),
        ("a,b\n1,2\n", "a.csv", "UP02"),
        ('{"a": 1}', "a.json", "UP02"),
        ('{"type": "FeatureCollection", "features": [', "a.geojson", "UP13"),
        ("hello", "a.geojson", "UP13"),
        ("<kml><Document>", "a.kml", "UP13"),
    ],
)  # fmt: skip
def test_the_bytes_decide_never_the_name(take, data, name, expected):
    got = take(data, name)
    assert codes(got, "error") == {expected}
    assert all(f.remedy.zh and f.remedy.en for f in got.findings)


def test_an_archive_under_a_wrong_name_is_read(take):
    assert len(take(zipped(named(SET)), "a.shp").layers) == 1


def test_an_archive_of_a_format_that_is_not_offered(take):
    assert codes(take(zipped({"a.mif": b"Version 300\nColumns 0\nData\n", "a.mid": b"1"}))) >= {"UP09"}


def test_an_empty_archive_has_no_layer(take):
    assert codes(take(zipped({}))) == {"UP02"}


def test_several_formats_in_one_archive(take):
    import json

    got = take(zipped(named(SET) | {"b.geojson": json.dumps(geojson(POLYGON)).encode()}))
    assert {x.name for x in got.layers} == {"面", "b"} and "UP04" in codes(got)


def test_a_bare_shp_takes_its_siblings(tmp_path: Path):
    for name, data in named(SET, "界").items():
        put(tmp_path, name.upper() if name.endswith("dbf") else name, data)
    got = read(tmp_path / "界.shp", ReadOptions(), Limits(), None)
    assert [x.name for x in got.layers] == ["界"] and "UP03" not in codes(got)


def test_a_bare_shp_alone_lacks_its_table(tmp_path: Path):
    put(tmp_path, "界.shp", SET["shp"])
    got = read(tmp_path / "界.shp", ReadOptions(), Limits(), None)
    assert codes(got, "error") == {"UP03", "CR01"} and codes(got, "warning") == {"UP03"}


def test_nothing_of_the_upload_is_left_in_the_temporary_folder(take, tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    take(zipped(named(SET)))
    take(b"PK\x03\x04garbage")
    assert [p.name for p in tmp_path.iterdir()] == ["upload"]


def test_a_full_disk_is_not_the_archives_fault(take, monkeypatch):
    """What the machine lacks is no finding: it is raised, and the door says so."""
    from geo.reading import methods

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(methods, "pieces", full)
    with pytest.raises(OSError, match="No space"):
        take(zipped(named(SET)))
