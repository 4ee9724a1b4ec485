"""Street networks of OpenStreetMap (.osm, .osm.pbf): which ways are for walkers, and what they are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

from geo.walking.model import ESCALATOR, LIFT, PATH, STEPS, STREET
from geo.walking.ways import Ways

_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_STREETS = frozenset(
    "living_street residential service unclassified road track tertiary tertiary_link secondary secondary_link"
    " primary primary_link".split()
)
_PATHS = frozenset("footway path pedestrian bridleway cycleway corridor platform".split())
#: Only where walkers are let in expressly.
_FAST = frozenset("trunk trunk_link busway".split())
_YES = frozenset("yes designated permissive official".split())
_NO = frozenset("no private use_sidepath military delivery customers agricultural forestry".split())
SOURCE = "© OpenStreetMap contributors, ODbL"


def read(path: Path, dated: str = "") -> Ways:
    """The ways of a file; `.gz` is read as it is. Raises ValueError where it is not OpenStreetMap data."""
    name = f"/vsigzip/{path}" if path.suffix == ".gz" else str(path)
    tags, lines = _layer(name, "lines")
    area_tags, areas = _layer(name, "multipolygons")
    rings = [
        (t, ring) for t, area in zip(area_tags, areas, strict=True) if "highway" in t for ring in _rings(area)
    ]
    tags += [t for t, _ in rings]
    lines = np.append(lines, np.array([ring for _, ring in rings] or [None], dtype=object)[: len(rings)])
    point_tags, points = _layer(name, "points")
    kept = [(t, kind) for t in tags if (kind := walkable(t)) is not None]
    chosen = np.array([walkable(t) is not None for t in tags], dtype=bool)
    lifts = [i for i, t in enumerate(point_tags) if t.get("highway") == "elevator" and not _shut(t)]
    gates = [i for i, t in enumerate(point_tags) if "barrier" in t and _shut(t)]

    def texts(key: str) -> np.ndarray:
        out = np.empty(len(kept), dtype=object)
        out[:] = [t.get(key, "") for t, _ in kept]
        return out

    def flags(test: Mapping[str, frozenset[str]]) -> np.ndarray:
        return np.array([any(t.get(k) in values for k, values in test.items()) for t, _ in kept], dtype=bool)

    reverse = [t.get("conveying") == "backward" or t.get("oneway:foot") == "-1" for t, _ in kept]
    picked = lines[chosen]
    picked[reverse] = shapely.reverse(picked[reverse])
    return Ways(
        lines=picked,
        kind=np.array([kind for _, kind in kept], dtype=np.int8),
        structure=np.array([_structure(t) for t, _ in kept], dtype=bool),
        wheels=~flags({"wheelchair": frozenset({"no"})}),
        one_way=flags(
            {"conveying": frozenset({"forward", "backward", "yes"}), "oneway:foot": frozenset({"yes", "-1"})}
        ),
        level=np.array([_level(t) for t, _ in kept], dtype=np.int32),
        name=texts("name"),
        hours=texts("opening_hours"),
        fare=texts("charge"),
        handrail=flags({"handrail": frozenset({"yes", "both", "left", "right", "center"})}),
        lifts=shapely.get_coordinates(points[lifts]),
        lift_names=tuple(point_tags[i].get("name", "") for i in lifts),
        lift_hours=tuple(point_tags[i].get("opening_hours", "") for i in lifts),
        closed=shapely.get_coordinates(points[gates]),
        source=SOURCE,
        dated=dated,
    )


def walkable(tags: Mapping[str, str]) -> int | None:
    """The kind of a way for walkers, or None where they may not go.

    `access=no` closes a way for good, whatever else it says; `foot` speaks before a private access.
    """
    highway = tags.get("highway", "")
    if tags.get("access") == "no" or _shut(tags) or tags.get("indoor") == "no_access":
        return None
    if highway == "elevator":
        return LIFT
    if highway == "steps":
        return ESCALATOR if tags.get("conveying") in {"yes", "forward", "backward", "reversible"} else STEPS
    if highway in _PATHS:
        return ESCALATOR if tags.get("conveying") in {"yes", "forward", "backward"} else PATH
    if highway in _STREETS:
        return STREET
    if highway in _FAST and (tags.get("foot") in _YES or tags.get("sidewalk", "no") not in {"no", "none"}):
        return STREET
    return None


def _shut(tags: Mapping[str, str]) -> bool:
    foot = tags.get("foot")
    if foot is not None:
        return foot in _NO or (tags.get("access") == "no")
    return tags.get("access") in _NO


def _structure(tags: Mapping[str, str]) -> bool:
    if tags.get("bridge", "no") != "no" or tags.get("tunnel", "no") not in {"no", "building_passage"}:
        return True
    return (
        tags.get("layer", "0").lstrip("+-").split(".")[0] not in {"0", ""}
        or tags.get("location") == "underground"
    )


def _level(tags: Mapping[str, str]) -> int:
    """Level times ten; of several (`0;1`) the first. A way without one lies on the layer it names."""
    text = tags.get("level") or tags.get("layer") or "0"
    try:
        return round(10 * float(text.split(";")[0].split(",")[0]))
    except ValueError:
        return 0


def _layer(name: str, layer: str) -> tuple[list[dict[str, str]], np.ndarray]:
    try:
        with warnings.catch_warnings():
            # A broken area says so; it is no walkway then, and the rest is read.
            warnings.simplefilter("ignore", RuntimeWarning)
            meta, _, shapes, columns = pyogrio.raw.read(name, layer=layer)
    except Exception as error:
        raise ValueError(f"no OpenStreetMap data: {error}") from error
    fields = list(meta["fields"])
    other = columns[fields.index("other_tags")] if "other_tags" in fields else [None] * len(shapes)
    tags = [dict(_TAG.findall(text)) if text else {} for text in other]
    for key in ("name", "highway", "barrier"):
        if key in fields:
            for tag, value in zip(tags, columns[fields.index(key)], strict=True):
                if value:
                    tag[key] = value
    return tags, shapely.from_wkb(shapes, on_invalid="ignore")


def _rings(area: shapely.Geometry) -> list[shapely.Geometry]:
    return [shapely.get_exterior_ring(part) for part in shapely.get_parts(area)]
