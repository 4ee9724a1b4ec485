"""Maps of findings and of differences: pieces where they are, words as text, nothing without a place drawn."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping

from maps import difference_map, finding_map
from maps.boundary_map import About
from maps.difference_map import KINDS, Piece
from maps.page import Assets, MapParts

ABOUT = About("渝北区", date(2024, 12, 31), "待填", officer=True)
EVIL = "</script><img src=x onerror=alert(1)>{{7*7}}"
UNITS = [(EVIL, shapely.box(106.5, 29.6, 106.7, 29.8)), ("空镇", None), ("空乡", shapely.Polygon())]


class Linked(Assets):
    """Links without the vendor files, which these tests do not need."""

    def path(self, name: str) -> Path:
        return Path(__file__)

    def url(self, name: str) -> str:
        return f"/static/{name}"


def finding(key: str, geometry: Any, severity: str = "error") -> dict[str, Any]:
    return {
        "key": key, "code": "TP02", "severity": severity, "message": EVIL, "message_en": "a gap",
        "geometry": None if geometry is None else mapping(geometry),
    }  # fmt: skip


def block(parts: MapParts) -> dict[str, Any]:
    found = re.search(r'id="map-data">(.*?)</script>', str(parts.body), re.DOTALL)
    assert found
    return json.loads(found[1])


def test_findings_are_pinned_where_they_are() -> None:
    line = shapely.LineString([(106.55, 29.7), (106.6, 29.7)])
    found = [
        finding("a", shapely.Point(106.6, 29.7)),
        finding("b", line, "warning"),
        finding("c", None, "info"),
        finding("d", shapely.box(106.5, 29.6, 106.52, 29.62)),
    ]
    features = [
        {"properties": {"role": "lines", "ident": EVIL}, "geometry": mapping(line)},
        {"properties": {"role": "markers", "ident": "1"}, "geometry": None},
    ]
    parts = finding_map.build(found, features, UNITS, ABOUT, Linked(), "n")
    data = block(parts)
    assert [f["key"] for f in data["findings"]] == ["a", "b", "d"], "c has no place"
    assert data["findings"][1]["at"] == pytest.approx([106.575, 29.7])
    assert data["findings"][0]["title"] == EVIL
    assert len(data["features"]) == 1 and len(data["units"]) == 1
    assert data["bounds"] == pytest.approx([106.55, 29.7, 106.6, 29.7]), "the map opens on what was submitted"
    assert "<img" not in parts.document()
    assert EVIL not in str(parts.scripts), "a name reached a script"
    assert re.search(r"错误</span><span class=\"legend-count\">2<", str(parts.body))


def test_without_any_place_the_district_is_shown() -> None:
    data = block(finding_map.build([finding("c", None)], [], UNITS, ABOUT, Linked(), "n"))
    assert data["bounds"] == pytest.approx([106.5, 29.6, 106.7, 29.8])
    assert data["findings"] == []


def test_english_findings_speak_english() -> None:
    about = About("Yubei", date(2024, 12, 31), "none", language="en")
    data = block(finding_map.build([finding("a", shapely.Point(106.6, 29.7))], [], [], about, Linked(), "n"))
    assert data["findings"][0]["title"] == "a gap"


def test_a_difference_opens_on_what_changes() -> None:
    course = shapely.LineString([(106.5, 29.6), (106.9, 30.0)])
    pieces = [
        Piece(0, "gained", shapely.box(106.6, 29.7, 106.61, 29.71), EVIL),
        Piece(1, "moved", shapely.Point(106.605, 29.705)),
        Piece(-1, "kept", course),
        Piece(2, "lost", shapely.Polygon()),
    ]
    parts = difference_map.build(pieces, UNITS, ABOUT, Linked(), "n")
    data = block(parts)
    assert [p["kind"] for p in data["pieces"]] == ["kept", "gained", "moved"], "what stays lies below"
    assert data["bounds"] == pytest.approx([106.6, 29.7, 106.61, 29.71])
    assert set(data["theme"]["kinds"]) == set(KINDS)
    assert "<img" not in parts.document()


def test_a_difference_without_pieces_is_a_map_too() -> None:
    assert block(difference_map.build([], UNITS, ABOUT, Linked(), "n"))["pieces"] == []
