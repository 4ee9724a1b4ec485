"""Answers of an inspection, as the acts get them, made of the small district's geometry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import shapely
from shapely.geometry import mapping

from geo.inspection import Answer
from tests.builders import SmallDistrict


def finding(code: str, severity: str, key: str, at: Any = None) -> dict[str, Any]:
    return {
        "code": code, "severity": severity, "message": f"{code} 有误", "message_en": f"{code} is wrong",
        "remedy": "改正", "remedy_en": "Mend it", "layer": "lines", "features": [0], "ids": ["x"],
        "geometry": None if at is None else mapping(at), "measure": {"distance_m": 1.5}, "rule": None,
        "key": key,
    }  # fmt: skip


def feature(
    role: str, record: int, ident: str, fields: Mapping[str, Any], shape: Any, z: float | None = None
) -> dict[str, Any]:
    return {
        "role": role, "layer": role, "record": record, "ident": ident,
        "fields": json.dumps(fields, ensure_ascii=False), "z": z,
        "geometry": None if shape is None else shapely.to_wkb(shape, byte_order=1),
    }  # fmt: skip


SCHEMA = pa.schema(
    [("role", pa.string()), ("layer", pa.string()), ("record", pa.int64()), ("ident", pa.string()),
     ("fields", pa.string()), ("z", pa.float64()), ("geometry", pa.binary())]
)  # fmt: skip


def answer(
    features: Iterable[dict[str, Any]],
    findings: Iterable[dict[str, Any]] = (),
    layers: Any = None,
    details: Any = (),
) -> Answer:
    found = list(findings)
    severities = {f["severity"] for f in found}
    verdict = (
        "reject" if "error" in severities else "accept-with-warning" if "warning" in severities else "accept"
    )
    rows = list(features)
    names = [f.name for f in SCHEMA]
    table = pa.table({n: [r[n] for r in rows] for n in names}, schema=SCHEMA)
    report = {
        "file": "成果.zip", "sha256": "0" * 64, "profile": "township", "verdict": verdict,
        "layers": layers or [], "findings": found,
    }  # fmt: skip
    return Answer(report, tuple(details), table)


def line_features(shapes: SmallDistrict, *codes: str) -> list[dict[str, Any]]:
    """The small district's lines as a surveyor sends them; all where no code is given."""
    return [
        feature(
            "lines", i, code,
            {"code": code, "left": shapes.sides[code][0], "right": shapes.sides[code][1], "level": "乡镇级",
             "survey_date": "2024-05-01"},
            shapes.lines[code],
        )
        for i, code in enumerate(codes or shapes.lines)
    ]  # fmt: skip


def polygon_features(shapes: SmallDistrict, *codes: str) -> list[dict[str, Any]]:
    return [
        feature("polygons", i, code, {"code": code, "name": code}, shapes.units[code])
        for i, code in enumerate(codes or shapes.units)
    ]


def marker_features(shapes: SmallDistrict, code: str, every: int = 10) -> list[dict[str, Any]]:
    """A marker at every tenth vertex of a line."""
    points = shapely.get_coordinates(shapes.lines[code])[::every]
    return [
        feature(
            "markers", i, f"{code}{i + 1:03d}Q", {"number": f"{code}{i + 1:03d}Q", "line": code, "kind": "Q"},
            shapely.Point(point), z=420.5,
        )
        for i, point in enumerate(points)
    ]  # fmt: skip
