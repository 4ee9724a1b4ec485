"""GeoJSON and TopoJSON: looked at before GDAL, which passes over in silence what is malformed in them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pyproj

from geo.reading.document_text import text_of
from geo.reading.layers import EncodingDecision, ReadOptions
from geo.reading.notes import Notes
from geo.reading.package import UP02, UP08, UP09, Dataset
from geo.reading.reference import Stated
from geo.reading.shapefile import UP13
from geo.settings import Limits

#: A number with an exponent of three digits.
_ENDLESS = re.compile(r"\d[eE]\+?\d{3}")
_GEOJSON = {
    "FeatureCollection", "Feature", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
    "MultiPolygon", "GeometryCollection", "Topology",
}  # fmt: skip


def prepare(
    dataset: Dataset, options: ReadOptions, limits: Limits, notes: Notes
) -> tuple[EncodingDecision, Stated | None]:
    """JSON as UTF-8, whole and of a type that is a layer; its `crs` member is honoured."""
    text, decided = text_of(dataset, dataset.path.read_bytes(), options, notes, None)
    text = text.lstrip("\ufeff")
    constants: list[str] = []

    def constant(word: str) -> float:
        constants.append(word)
        return float(word)

    try:
        content = json.loads(text, parse_constant=constant)
    except (json.JSONDecodeError, RecursionError) as error:
        why = f"{getattr(error, 'msg', 'nested too deep')} (line {getattr(error, 'lineno', '?')})"
        raise notes.refuse(UP13, dataset.name, f"JSON: {why}", layer=dataset.name) from None
    kind = content.get("type") if isinstance(content, dict) else None
    if kind not in _GEOJSON:
        if (
            isinstance(content, dict)
            and "rings" in str(content.get("features"))[:2000]
            and "geometryType" in content
        ):
            raise notes.refuse(UP09, "Esri JSON")
        raise notes.refuse(UP02, f"{dataset.name}：JSON 不是 GeoJSON (not GeoJSON)")
    if kind == "FeatureCollection" and not isinstance(content.get("features"), list):
        raise notes.refuse(
            UP13, dataset.name, "features 不是数组 (features is not an array)", layer=dataset.name
        )
    strange = _strange(content, dataset, notes)
    # GDAL takes a number too great for a double as the end of the file, and a point of NaN as an empty one.
    if strange or "NaN" in constants or _ENDLESS.search(text):
        _without_nan(content)
        text = json.dumps(content, ensure_ascii=False)
    dataset.path = dataset.path.with_suffix(".geojson")
    dataset.path.write_text(text, encoding="utf-8", errors="replace")
    if kind == "Topology" and len(content.get("objects") or {}) > limits.layers:
        raise notes.refuse(UP08, f"图层 > {limits.layers} (layers)")
    return decided, _member(content.get("crs") if "crs" in content else ...)


def _strange(content: Any, dataset: Dataset, notes: Notes) -> bool:
    """Whether a collection holds what is no feature; said (UP13), and kept as a feature without anything, so
    that the others keep their record numbers."""
    features = content.get("features") if content.get("type") == "FeatureCollection" else None
    wrong = [
        number
        for number, one in enumerate(features or ())
        if not isinstance(one, dict) or one.get("type") != "Feature"
    ]
    if not wrong or features is None:
        return False
    for number in wrong:
        features[number] = {"type": "Feature", "properties": None, "geometry": None}
    notes.say(
        UP13, dataset.name, "features 中有不是 Feature 的内容 (what is no Feature among the features)",
        layer=dataset.name, records=wrong[:1000], count=len(wrong),
    )  # fmt: skip
    return True


def _without_nan(value: Any, key: str = "") -> None:
    """Infinite for every NaN in coordinates: a point of NaN would come out of GDAL as an empty one, but
    somebody wrote it (GE07, not GE01)."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "properties":
                _without_nan(inner, name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            if key == "coordinates" and isinstance(inner, float) and math.isnan(inner):
                value[number] = math.inf
            else:
                _without_nan(inner, key)


def _member(member: Any) -> Stated | None:
    """The system of a GeoJSON: WGS 84 where it says nothing (RFC 7946), none where it says null."""
    if member is ...:
        return Stated(crs=pyproj.CRS.from_epsg(4326), origin="GeoJSON")
    if isinstance(member, str) and member.strip():
        member = {"properties": {"name": member}}
    if not isinstance(member, dict):
        return Stated(origin="GeoJSON")
    properties = member.get("properties")
    name = properties.get("name", properties.get("code")) if isinstance(properties, dict) else None
    text = str(name or "").strip()
    if re.fullmatch(r"urn:ogc:def:crs:OGC:[\d.]*:CRS84", text, re.IGNORECASE):
        return Stated(crs=pyproj.CRS.from_epsg(4326), origin="GeoJSON crs")
    if found := re.fullmatch(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d+)", text, re.IGNORECASE):
        text = f"EPSG:{found.group(1)}"
    return Stated(text=text or None, origin="GeoJSON crs")
