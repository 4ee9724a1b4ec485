"""GeoJSON of one record a line, methods of archives, and KML that only points elsewhere."""

from __future__ import annotations

import bz2
import io
import json
import struct
import zipfile

import pytest

from tests.geo.reading.conftest import codes
from tests.geo.reading.made import POLYGON, RING, named, shapefile, zipped

ONE = {"type": "Feature", "properties": {"名称": "甲镇"}, "geometry": POLYGON}
TWO = {**ONE, "properties": {"名称": "乙镇"}}


def lines(*records: object, before: str = "", after: str = "\n") -> str:
    return "".join(f"{before}{json.dumps(r, ensure_ascii=False)}{after}" for r in records)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (lines(ONE, TWO), "a.geojsonl"),
        (lines(ONE, TWO, after="\r\n"), "a.ndjson"),
        (lines(ONE, TWO, before="\x1e"), "a.geojsons"),
        (lines(ONE, TWO), "a.geojson"),
        (lines(ONE, POLYGON), "a.geojsonl"),
    ],
)
def test_one_record_a_line(take, text, name):
    reading = take(text, name)
    assert not codes(reading, "error")
    assert len(reading.layers[0].frame) == 2
    assert reading.layers[0].crs.epsg == 4326


def test_records_of_one_line_keep_their_numbers_beside_a_broken_one(take):
    reading = take(lines(ONE) + '{"type": "Feature", "prop\n' + lines(TWO, ONE), "a.geojsonl")
    broken = next(f for f in reading.findings if f.code == "UP13")
    assert list(broken.features) == [1]
    assert len(reading.layers[0].frame) == 4


def test_a_document_cut_off_is_no_sequence(take):
    text = json.dumps({"type": "FeatureCollection", "features": [ONE, TWO]}, indent=1)
    assert codes(take(text[: len(text) // 2], "a.geojson"), "error") == {"UP13"}


def test_topojson_is_read(take):
    content = {
        "type": "Topology",
        "objects": {"镇": {"type": "Polygon", "arcs": [[0]], "properties": {"名称": "甲镇"}}},
        "arcs": [RING],
    }
    reading = take(content, "a.topojson")
    assert reading.layers[0].geometry_type == "Polygon"
    assert not {"UP01", "UP02", "UP13"} & codes(reading)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED])
def test_methods_that_are_read(take, method):
    reading = take(zipped(named(shapefile()), compress=method))
    assert not codes(reading, "error")
    assert len(reading.layers) == 1


def relabelled(data: bytes, method: int, *, only: bytes = b"") -> bytes:
    """An archive whose entries claim another method."""
    out = bytearray(data)
    for magic, at, name in ((b"PK\x03\x04", 8, 30), (b"PK\x01\x02", 10, 46)):
        start = -1
        while (start := data.find(magic, start + 1)) >= 0:
            if only in data[start + name : start + name + 40]:
                out[start + at : start + at + 2] = struct.pack("<H", method)
    return bytes(out)


@pytest.mark.parametrize(("method", "word"), [(9, "Deflate64"), (93, "Zstandard"), (98, "PPMd")])
def test_methods_that_are_not_read_are_named(take, method, word):
    reading = take(relabelled(zipped(named(shapefile())), method))
    found = next(f for f in reading.findings if f.code == "UP01")
    assert word in found.text.en
    assert "Deflate" in found.remedy.en


def test_a_method_of_what_is_ignored_does_not_matter(take):
    data = zipped({**named(shapefile()), "readme.pdf": b"%PDF" * 100})
    assert not codes(take(relabelled(data, 9, only=b"readme.pdf")), "error")


def test_a_bomb_of_bzip2_is_stopped_before_it_is_unpacked(take, monkeypatch):
    """Two hundred megabytes out of some hundred bytes: never more than a piece is asked for at once."""
    asked: list[int] = []
    real = bz2.BZ2Decompressor

    class Watched:
        def __init__(self) -> None:
            self.inner = real()

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def decompress(self, data: bytes, length: int) -> bytes:
            piece = self.inner.decompress(data, length)
            asked.append(len(piece))
            return piece

    monkeypatch.setattr(bz2, "BZ2Decompressor", Watched)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive, archive.open("a.shp", "w") as entry:
        for _ in range(20):
            entry.write(bytes(1 << 20))
    assert codes(take(out.getvalue()), "error") == {"UP08"}
    assert max(asked) <= 1 << 18
    assert sum(asked) < 3 << 20


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_broken_bytes_under_a_method(take, method):
    data = bytearray(zipped({"a.csv": b"1,2\n" * 5000}, compress=method))
    data[60] ^= 0xFF
    assert codes(take(bytes(data)), "error") == {"UP01"}


LINK = "<NetworkLink><name>n</name><Link><href>https://maps.example.cn/a.kml</href></Link></NetworkLink>"
PLACEMARK = "<Placemark><name>甲</name><Point><coordinates>106.6,29.8</coordinates></Point></Placemark>"


def kml(body: str) -> bytes:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'.encode()


def test_kml_of_links_says_that_the_data_is_elsewhere(take):
    reading = take(kml(f"<Folder>{LINK}</Folder>"), "a.kml")
    assert codes(reading, "error") == {"UP02"}
    assert "https://maps.example.cn/a.kml" in reading.findings[0].text.zh


def test_links_beside_placemarks_are_passed_over_and_said(take):
    reading = take(kml(LINK + PLACEMARK), "a.kml")
    assert "UP10" in codes(reading, "info")
    assert len(reading.layers) == 1


def test_kmz_whose_document_only_points_to_its_own_files(take):
    data = zipped({"doc.kml": kml(LINK), "files/a.kml": kml(PLACEMARK)})
    reading = take(data, "a.kmz")
    assert not codes(reading, "error")
    assert [len(layer.frame) for layer in reading.layers] == [1]


def test_an_overlay_is_no_layer(take):
    assert codes(take(kml("<GroundOverlay><name>g</name></GroundOverlay>"), "a.kml"), "error") == {"UP02"}


def test_an_empty_document_is_an_empty_layer(take):
    assert codes(take(kml(""), "a.kml"), "error") == set()
    assert len(take(kml(""), "a.kml").layers[0].frame) == 0
