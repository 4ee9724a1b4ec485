"""Sniff: what a file is by its first bytes, never by its name alone."""

from __future__ import annotations

import re
from typing import NamedTuple


class Kind(NamedTuple):
    """What the bytes are. `family`: zip sqlite shp xml json text ole empty alien binary;
    `detail`: the root element of XML, the name of a format that is not offered."""

    family: str
    detail: str = ""


#: Formats that are recognised and not offered, by their first bytes.
ALIEN = (
    (b"\x1f\x8b", "gzip (tar.gz)"),
    (b"BZh", "bzip2 (tar.bz2)"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"CDF\x01", "NetCDF"),
    (b"CDF\x02", "NetCDF"),
    (b"CDF\x05", "NetCDF"),
    (b"\x89HDF\r\n\x1a\n", "NetCDF/HDF5"),
    (b"%PDF", "PDF"),
    (b"AC10", "DWG"),
    (b"AutoCAD Binary DXF", "DXF"),
    (b"fgb\x03", "FlatGeobuf"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"\x00\x01\x00\x00Standard Jet DB", "Access (.mdb)"),
    (b"\x00\x01\x00\x00Standard ACE DB", "Access (.accdb)"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"EXP  0", "Esri e00"),
    (b"EXP  1", "Esri e00"),
)

#: Roots of XML documents that are recognised and not offered.
ALIEN_ROOTS = {
    "osm": "OSM XML",
    "gpx": "GPX",
    "featurecollection": "GML",
    "svg": "SVG",
    "html": "HTML",
    "landxml": "LandXML",
    "qgis": "QGIS project",
}

_ROOT = re.compile(rb"<\s*([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_DXF = re.compile(r"^\s*(999\b.*\n)*\s*0\s*\n\s*SECTION\b", re.IGNORECASE)
#: A title in brackets on a line of its own, as no JSON has.
_SECTION = re.compile(r"\[[^\[\]{}\"\d,\n]*[^\[\]{}\"\s\d,][^\[\]{}\"\d,\n]*\][ \t]*\r?\n")
_MIF = re.compile(r"^\s*Version\s+\d+", re.IGNORECASE)
_VCT = re.compile(r"^\s*(HeadBegin|DataMark\s*[:：])", re.IGNORECASE)
_TAB = re.compile(r"^\s*!table\b", re.IGNORECASE)


def kind_of(head: bytes) -> Kind:
    """What a file that begins with `head` (4 kB or more, less at its end) is."""
    if not head:
        return Kind("empty")
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return Kind("zip")
    if head.startswith(b"SQLite format 3\x00"):
        return Kind("sqlite", head[68:72].decode("latin-1"))
    if head[:4] == b"\x00\x00\x27\x0a":
        return Kind("shp")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Kind("ole")
    for magic, name in ALIEN:
        if head.startswith(magic):
            return Kind("alien", name)
    if head[257:262] == b"ustar":
        return Kind("alien", "tar")
    # Texts of a GeoJSON sequence stand behind record separators (RFC 8142), which no other text has.
    text = _text_of(head.replace(b"\x1e", b"") if head.lstrip(b"\xef\xbb\xbf")[:1] == b"\x1e" else head)
    if text is None:
        return Kind("binary")
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return _xml(start)
    if start[:1] in "{[" and start and not _SECTION.match(start):
        return Kind("json")
    if _DXF.match(start):
        return Kind("alien", "DXF")
    if _MIF.match(start) and "columns" in text.lower():
        return Kind("alien", "MapInfo MIF")
    if _VCT.match(start):
        return Kind("alien", "VCT (GB/T 17798)")
    if _TAB.match(start):
        return Kind("alien", "MapInfo TAB")
    return Kind("text")


def _text_of(head: bytes) -> str | None:
    """The head as text, as far as its kind shows; None where control bytes say that it is not text."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", errors="replace")
    if b"\x00" in head:
        return None
    control = sum(byte < 32 and byte not in (9, 10, 12, 13, 26, 27) for byte in head)
    return None if control * 100 > len(head) else head.decode("latin-1").removeprefix("ï»¿")


def _xml(start: str) -> Kind:
    """Which XML: declarations, comments and document types passed over until the root element."""
    rest = re.sub(r"<\?.*?\?>|<!--.*?-->", "", start, flags=re.DOTALL)
    doctype = "<!doctype" in rest.lower() or "<!entity" in rest.lower()
    body = re.sub(r"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", "", rest, flags=re.DOTALL | re.IGNORECASE)
    match = _ROOT.search(body.encode("latin-1", errors="replace"))
    root = match.group(2).decode("ascii").lower() if match else ""
    if root == "kml":
        return Kind("xml", "kml")
    if not root or (doctype and root not in ALIEN_ROOTS):
        return Kind("xml", "kml" if re.search(r"<kml\b|doctype\s+kml", rest, re.IGNORECASE) else root)
    if b"opengis.net/gml" in start.encode("latin-1", errors="replace"):
        return Kind("alien", "GML")
    return Kind("alien", ALIEN_ROOTS[root]) if root in ALIEN_ROOTS else Kind("xml", root)
