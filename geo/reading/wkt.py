"""Tables with a geometry column: WKT, EWKT or hexadecimal WKB, as QGIS, PostGIS and R write them to CSV."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from geo.reading import bulk, encoding
from geo.reading.layers import EncodingDecision
from geo.reading.notes import Notes, listed
from geo.reading.sets import Raw
from geo.reading.shapefile import UP13
from geo.reading.sheets import Rows
from geo.reading.systems import Stated

_HEADING = re.compile(r"(the_?|wkb_?)?geom(etry)?(_?wkt)?|wkt(_?geom(etry)?)?|shape|几何|图形", re.IGNORECASE)
_WKT = re.compile(
    r"^(?:SRID=(?P<srid>\d+);)?\s*(?P<body>(?:MULTI)?(?:POINT|LINESTRING|POLYGON|CURVE|SURFACE)\s*(?:ZM|Z|M)?\s*"
    r"(?:\(|EMPTY)|GEOMETRYCOLLECTION|CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE)",
    re.IGNORECASE,
)
_POINTS = re.compile(r"([-+]?[\d.]+(?:e[-+]?\d+)?)\s+([-+]?[\d.]+(?:e[-+]?\d+)?)[^,()]*", re.IGNORECASE)
_HEX = re.compile(r"^0[01][0-9A-Fa-f]{16,}$")


def column(rows: Rows) -> int | None:
    """Where the geometry stands in a table whose first row is its heading; None where it has none.

    The heading must say so, and so must the first cells that are filled below it.
    """
    if len(rows) < 2:
        return None
    for position, heading in enumerate(rows[0]):
        if not _HEADING.fullmatch(heading.strip()):
            continue
        filled = [r[position].strip() for r in rows[1:200] if position < len(r) and r[position].strip()]
        if filled and sum(bool(_WKT.match(c) or _HEX.match(c)) for c in filled) * 2 >= len(filled):
            return position
    return None


def layer(
    name: str, rows: Rows, position: int, names: Sequence[str], decided: EncodingDecision | None, notes: Notes
) -> Raw:
    """The layer of such a table, a feature a row; names: of all columns. A cell that is no geometry is its
    record's (UP13); a blank one is a record without geometry (GE01)."""
    body = [r for r in rows[1:] if any(c.strip() for c in r)]
    whole = bulk.Bulk(pd.DataFrame(), np.full(len(body), None, dtype=object))
    systems: set[int] = set()
    for number, row in enumerate(body):
        cell = row[position].strip() if position < len(row) else ""
        if not cell:
            continue
        try:
            _put(whole, number, cell, systems)
        except (ShapelyError, ValueError):
            whole.lost.append(number)
    if whole.lost:
        examples = listed(body[n][position][:30] for n in whole.lost[:3])
        notes.say(
            UP13, name, f"几何无法解析 (geometry cannot be parsed)：{examples}",
            layer=name, records=whole.lost[:1000], count=len(whole.lost),
        )  # fmt: skip
    cells = {
        title: [(r[i].strip() if i < len(r) else "") or None for r in body]
        for i, title in enumerate(names)
        if i != position
    }
    texts = {v for values in cells.values() for v in values if v and (not v.isascii() or "?" in v)}
    encoding.judge_texts([*sorted(texts), *(n for n in names if not n.isascii())], 0, notes, name)
    return Raw(
        name=name,
        geometry_type=_type(whole.geometry),
        features=len(body),
        attributes=pd.DataFrame(cells, dtype=object, index=range(len(body))),
        geometry=whole.geometry,
        encoding=decided,
        stated=_stated(systems),
        has_m=bool(shapely.has_m(whole.geometry).any()),
        z=bulk.heights(whole.geometry),
        unclosed=tuple(whole.unclosed),
        unread=tuple(whole.lost),
    )


def _put(whole: bulk.Bulk, number: int, cell: str, systems: set[int]) -> None:
    if _HEX.match(cell):
        shape = shapely.from_wkb(cell, on_invalid="fix")
        if shape is None:
            raise ValueError(cell)
        if (code := int(shapely.get_srid(shape))) > 0:
            systems.add(code)
        whole.geometry[number] = shape
        return
    found = _WKT.match(cell)
    if found is None:
        raise ValueError(cell)
    if found["srid"]:
        systems.add(int(found["srid"]))
    text = cell[found.start("body") :]
    try:
        with np.errstate(invalid="ignore"):
            whole.geometry[number] = shapely.from_wkt(text)
    except NotImplementedError:
        # GEOS holds no curves: a collection of their points, which GE08 refuses.
        points = [(float(x), float(y)) for x, y in _POINTS.findall(text)]
        whole.geometry[number] = shapely.GeometryCollection([shapely.MultiPoint(points)])
    except ShapelyError:
        with np.errstate(invalid="ignore"):
            # A ring that begins with NaN ends nowhere (see geo.reading.rings).
            closed = shapely.from_wkt(re.sub(r"\bnan\b", "inf", text, flags=re.IGNORECASE), on_invalid="fix")
        if closed is None:
            raise
        whole.geometry[number] = closed
        if bool(np.isfinite(shapely.get_coordinates(closed)).all()):
            whole.unclosed.append(number)


def _type(geometry: NDArray[np.object_]) -> str:
    kinds = {g.geom_type for g in geometry if g is not None}
    bare = {k.removeprefix("Multi") for k in kinds}
    if len(kinds) == 1:
        return str(kinds.pop())
    return "Unknown" if not kinds else f"Multi{bare.pop()}" if len(bare) == 1 else "Mixed"


def _stated(systems: set[int]) -> Stated:
    """The system that every EWKT names; none where they name none or several."""
    code: Any = systems.pop() if len(systems) == 1 else None
    if code is not None:
        try:
            return Stated(crs=pyproj.CRS.from_epsg(code), origin="EWKT")
        except CRSError:
            return Stated(text=f"EPSG:{code}", origin="EWKT")
    return Stated(origin="WKT")
