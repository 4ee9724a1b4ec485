"""Invented names (演示地名，虚构): where the demonstration puts those of data/placenames/register/invented.csv.

Pure and seeded: the same areas and seed give the same rows.
"""

from __future__ import annotations

import csv
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.names.categories import Category
from geo.names.parts import split
from geo.settings import DATA

NAMES = DATA / "placenames" / "register" / "invented.csv"
MARK = "（演示，虚构）"
DOCUMENT = "演示文件（虚构）"
#: Of which years invented villages say they were named, equally often; the last ends before the first list of names.
YEARS = ((1736, 1948), (1949, 1978), (1979, 2000), (2001, 2014))
#: Natural villages in the area of one village.
PER_VILLAGE = 3
#: Every so many communities one street, one bridge, one park, one estate.
EVERY = {Category.STREET: 2, Category.FACILITY: 6, Category.PARK: 8, Category.ESTATE: 4}
#: Every so many natural villages one has a picture.
PICTURED = 60
IMPORTANCE = {
    Category.NATURAL_VILLAGE: 15, Category.STREET: 25, Category.FACILITY: 20, Category.PARK: 25,
    Category.ESTATE: 20,
}  # fmt: skip
#: Degrees of about ten metres: the grain of sizes below.
TEN_METRES = 1e-4


@dataclass(frozen=True, slots=True)
class Invented:
    """One name in its place. unit_code: the village or community whose generated area it lies in. shape:
    EPSG:4490. pictured: whether it gets a drawn picture."""

    name: str
    romanization: str
    category: Category
    unit_code: str
    shape: shapely.Geometry
    meaning: str
    story: str
    pictured: bool


@cache
def names(path: Path = NAMES) -> dict[Category, tuple[dict[str, str], ...]]:
    """The invented names by category, in the order of the file."""
    found: dict[Category, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(Category(row["category"]), []).append(row)
    return {category: tuple(rows) for category, rows in found.items()}


def invent(shapes: Mapping[str, shapely.Geometry], kinds: Mapping[str, str], seed: int) -> list[Invented]:
    """Names put into the areas of villages (natural villages) and communities (streets and the like).

    shapes: generated areas by 12-digit code, EPSG:4490. kinds: 村 or 社区 by code. Where the names of a
    category run out, the last areas get none.
    """
    random = np.random.default_rng((seed, 4))
    left = {category: iter(rows) for category, rows in names().items()}
    made: list[Invented] = []
    communities = 0
    for code in sorted(shapes):
        if kinds[code] == "村":
            categories = [Category.NATURAL_VILLAGE] * PER_VILLAGE
        else:
            communities += 1
            categories = [c for c, every in EVERY.items() if communities % every == 0]
        for category in categories:
            row = next(left[category], None)
            if row is None:
                continue
            pictured = category is Category.NATURAL_VILLAGE and len(made) % PICTURED == 0
            made.append(
                Invented(
                    row["name"], row["romanization"], category, code, shape_in(shapes[code], category, random),
                    row["meaning"], row["story"], pictured,
                )
            )  # fmt: skip
    return made


def point_in(area: shapely.Geometry, random: np.random.Generator) -> shapely.Point:
    """A point inside an area, or its representative point where none of a hundred draws is."""
    west, south, east, north = area.bounds
    drawn = random.random((100, 2)) * (east - west, north - south) + (west, south)
    inside = np.flatnonzero(shapely.contains_xy(area, drawn))
    chosen = shapely.Point(drawn[inside[0]]) if len(inside) else area.representative_point()
    return shapely.set_precision(chosen, 1e-7)


def shape_in(area: shapely.Geometry, category: Category, random: np.random.Generator) -> shapely.Geometry:
    """A street (line), park or estate (polygon) or bridge (point) inside an area."""
    centre = point_in(area, random)
    if category is Category.STREET:
        turn = random.random() * np.pi
        along = np.linspace(-30, 30, 5)[:, None] * TEN_METRES
        bent = random.normal(0, 2 * TEN_METRES, (5, 2))
        line = shapely.LineString(along * (np.cos(turn), np.sin(turn)) + bent + (centre.x, centre.y))
        inside = shapely.intersection(line, area)
        longest = max(shapely.get_parts(inside), key=shapely.length, default=None)
        return line if longest is None or longest.geom_type != "LineString" else longest
    if category in (Category.PARK, Category.ESTATE):
        grown = centre.buffer((12 if category is Category.PARK else 6) * TEN_METRES, quad_segs=4)
        inside = shapely.intersection(grown, area)
        return max(shapely.get_parts(inside), key=shapely.area)
    return centre


def picture(number: int) -> bytes:
    """A drawn landscape of hills under slanting stripes, as PNG: plainly no photograph of any place."""
    random = np.random.default_rng((number, 7))
    height, width = 180, 320
    canvas = np.empty((height, width, 3), dtype=np.uint8)
    canvas[:] = (222, 234, 240)
    across = np.linspace(0, 2 * np.pi, width)
    for depth in range(3):
        ridge = 60 + 35 * depth + 14 * np.sin(across * random.uniform(0.8, 2.2) + random.uniform(0, 6))
        canvas[np.arange(height)[:, None] >= ridge] = (150 - 35 * depth, 180 - 25 * depth, 140 - 35 * depth)
    stripes = (np.add.outer(np.arange(height), np.arange(width)) // 12) % 4 == 0
    canvas[stripes] = (canvas[stripes].astype(np.uint16) + 255) // 2
    return _png(canvas)


def _png(canvas: NDArray[np.uint8]) -> bytes:
    height, width, _ = canvas.shape

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    lines = np.zeros((height, 1 + width * 3), dtype=np.uint8)
    lines[:, 1:] = canvas.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines.tobytes())), chunk(b"IEND", b""))
    )  # fmt: skip


def named_on(one: Invented) -> dict[str, str]:
    """命名时间 of a natural village, so that the map's periods have something to show: a year by its name, said to be
    invented; of one in six none is known."""
    drawn = zlib.crc32(one.name.encode())
    if one.category is not Category.NATURAL_VILLAGE or drawn % 6 == 0:
        return {}
    first, last = YEARS[drawn % len(YEARS)]
    return {"named_on": f"{first + drawn // 7 % (last - first + 1)}{MARK}"}


def as_row(one: Invented, township: str) -> dict[str, Any]:
    """What of it stands in the register's columns, apart from ids, versions and derived parts."""
    parts = split(one.name, one.category)
    return {
        "name": one.name, "romanization": one.romanization, "specific": parts.specific, "generic": parts.generic,
        "category": one.category.value, "status": "standard", "unit_code": township,
        "gb_code": "22200" if one.category is Category.NATURAL_VILLAGE else None, "code": None, "names_unit": None,
        "meaning": one.meaning, "origin": None, "history": None,
        "description": f"{MARK}位置、含义、命名时间均为虚构。",
        "document": DOCUMENT, "sources": [{"title": "演示数据（虚构） demonstration data", "url": "", "note": ""}],
        "facts": ({"story": one.story} if one.story else {}) | named_on(one), "importance": IMPORTANCE[one.category],
        "geometry_source": "demo", "demo": True,
    }  # fmt: skip
