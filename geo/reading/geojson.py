"""GeoJSON, TopoJSON and texts of one GeoJSON a line (RFC 8142, GeoJSONL): looked at before GDAL, which passes
over in silence what is malformed in them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import pyproj

from geo.reading.document_text import text_of
from geo.reading.layers import EncodingDecision, ReadOptions
from geo.reading.notes import Notes, listed
from geo.reading.package import UP02, UP08, UP09, Dataset
from geo.reading.shapefile import UP13
from geo.reading.systems import Stated
from geo.settings import Limits

#: A number with an exponent of three digits.
_ENDLESS = re.compile(r"\d[eE]\+?\d{3}")
_GEOJSON = {
    "FeatureCollection", "Feature", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
    "MultiPolygon", "GeometryCollection", "Topology",
}  # fmt: skip
#: Types in lower case -> as they are written: they are case-sensitive (RFC 7946, 1.4).
_WRITTEN = {name.casefold(): name for name in _GEOJSON}
_CASE = "type 区分大小写 (types are case-sensitive, RFC 7946)"


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

    sequence = False
    try:
        content = json.loads(text, parse_constant=constant)
    except (json.JSONDecodeError, RecursionError) as error:
        content = _sequence(text, constant, dataset, notes)
        if content is None:
            why = f"{getattr(error, 'msg', 'nested too deep')} (line {getattr(error, 'lineno', '?')})"
            raise notes.refuse(UP13, dataset.name, f"JSON: {why}", layer=dataset.name) from None
        sequence = True
    kind = content.get("type") if isinstance(content, dict) else None
    if kind not in _GEOJSON:
        if (
            isinstance(content, dict)
            and "rings" in str(content.get("features"))[:2000]
            and "geometryType" in content
        ):
            raise notes.refuse(UP09, "Esri JSON")
        if isinstance(kind, str) and (written := _WRITTEN.get(kind.casefold())):
            raise notes.refuse(UP13, dataset.name, f"{_CASE}：{kind} → {written}", layer=dataset.name)
        raise notes.refuse(UP02, f"{dataset.name}：JSON 不是 GeoJSON (not GeoJSON)")
    if kind == "FeatureCollection" and not isinstance(content.get("features"), list):
        raise notes.refuse(
            UP13, dataset.name, "features 不是数组 (features is not an array)", layer=dataset.name
        )
    miswritten = _miswritten(content, dataset, notes)
    strange = _strange(content, dataset, notes) or miswritten
    # GDAL takes a number too great for a double as the end of the file, and a point of NaN as an empty one.
    if sequence or strange or "NaN" in constants or _ENDLESS.search(text):
        _without_nan(content)
        text = json.dumps(content, ensure_ascii=False)
    dataset.path = dataset.path.with_suffix(".geojson")
    dataset.path.write_text(text, encoding="utf-8", errors="replace")
    if kind == "Topology" and len(content.get("objects") or {}) > limits.layers:
        raise notes.refuse(UP08, f"图层 > {limits.layers} (layers)")
    return decided, _member(content.get("crs") if "crs" in content else ...)


def _sequence(
    text: str, constant: Callable[[str], float], dataset: Dataset, notes: Notes
) -> dict[str, Any] | None:
    """A text of one GeoJSON a line, or one behind each record separator (RFC 8142), as a collection; None
    where the text is none. A record that cannot be read is said (UP13) and keeps its number."""
    parts = text.split("\x1e") if "\x1e" in text else text.splitlines()
    records = [part for part in (p.strip() for p in parts) if part]
    features: list[Any] = []
    broken: list[int] = []
    crs: Any = ...
    read = 0
    for record in records:
        try:
            one = json.loads(record, parse_constant=constant)
        except (json.JSONDecodeError, RecursionError):
            one = None
        kind = one.get("type") if isinstance(one, dict) else None
        if kind not in _GEOJSON or kind == "Topology":
            broken.append(len(features))
            features.append({"type": "Feature", "properties": None, "geometry": None})
            continue
        read += 1
        crs = one.get("crs", crs)
        if kind == "FeatureCollection":
            features.extend(one["features"] if isinstance(one.get("features"), list) else [])
        elif kind == "Feature":
            features.append(one)
        else:
            features.append({"type": "Feature", "properties": {}, "geometry": one})
    # A document in pretty print that is cut off has lines too, hardly any of them a document by itself.
    if not read or (read < 2 and len(records) > 2) or len(broken) > read:
        return None
    dataset.unread += broken
    if broken:
        examples = listed((records[n][:30] for n in broken[:3] if n < len(records)), 3)
        notes.say(
            UP13, dataset.name, f"JSON 记录无法解析 (records cannot be parsed)：{examples}",
            layer=dataset.name, records=broken[:1000], count=len(broken),
        )  # fmt: skip
    whole = {"type": "FeatureCollection", "features": features}
    return whole if crs is ... else {**whole, "crs": crs}


def _miswritten(content: Any, dataset: Dataset, notes: Notes) -> bool:
    """Whether types of features or geometries are written in other letters than RFC 7946 has; GDAL takes them in
    silence. Said (UP13), and written as they should be, so that the other checks see them."""
    features = content["features"] if content["type"] == "FeatureCollection" else [content]
    found: dict[str, str] = {}
    records: list[int] = []
    for number, one in enumerate(features):
        wrong = _written(one, found) if isinstance(one, dict) else False
        if wrong:
            records.append(number)
    if records:
        words = listed(f"{wrong} → {written}" for wrong, written in found.items())
        notes.say(
            UP13,
            dataset.name,
            f"{_CASE}：{words}",
            layer=dataset.name,
            records=records[:1000],
            count=len(records),
        )
    return bool(records)


def _written(one: dict[str, Any], found: dict[str, str]) -> bool:
    """Correct the types of one object and of what it holds; whether there was one, noted in `found`."""
    kind = str(one.get("type"))
    wrong = kind not in _GEOJSON and kind.casefold() in _WRITTEN
    if wrong:
        one["type"] = found[kind] = _WRITTEN[kind.casefold()]
    inner = [one.get("geometry")] if one.get("type") == "Feature" else one.get("geometries")
    for part in inner if isinstance(inner, list) else ():
        wrong = (isinstance(part, dict) and _written(part, found)) or wrong
    return wrong


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
    dataset.unread += wrong
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
