"""Normalise (规整): features brought to one form for storing and comparing. The layer keeps its own.

Rings turned (shells anticlockwise), repeated vertices taken out, parts of a multi geometry in order, a
multi geometry of one part as that part; a line keeps its direction and every geometry its start vertex.
Z is kept with points (1985 height) and dropped from lines and polygons, M is dropped: the original file
is kept by its SHA-256. What was changed is counted.
"""

from __future__ import annotations

import contextlib
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError

from geo.checks.sound import layer_rows, plain, sound
from geo.crs.plane import STORED, transformed
from geo.reading.layers import Layer
from geo.settings import tolerances
from geo.terms import Role

if TYPE_CHECKING:
    import pyarrow as pa


#: Layers whose heights are kept.
OF_POINTS = (Role.MARKERS, Role.TRIPOINTS)


def usable(layer: Layer) -> NDArray[np.bool_]:
    """Rows that GEOS may be asked about (GE01, GE07 and GE08 speak of the others); shape (n,)."""
    return sound(layer_rows(layer.frame), layer.role, tolerances().far_coordinate)


def tidy(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries in one form; only sound ones may come in. (n,) in, (n,) out, any coordinates, 2D."""
    answer = plain(_without_repeats(geometries))
    # A ring of fewer than four different points has nothing to take out: it stays as it was.
    lost = shapely.is_empty(answer)
    answer[lost] = geometries[lost]
    answer = np.asarray(shapely.orient_polygons(answer), dtype=object)
    for i in np.flatnonzero(shapely.get_num_geometries(answer) > 1):
        parts = shapely.get_parts(answer[i])
        order = np.lexsort(shapely.bounds(parts).T[::-1])
        if (np.diff(order) < 0).any():
            kinds = {5: shapely.MultiLineString, 6: shapely.MultiPolygon, 4: shapely.MultiPoint}
            answer[i] = kinds[int(shapely.get_type_id(answer[i]))](list(parts[order]))
    return answer


def _without_repeats(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Repeated vertices taken out, all at once; one by one where a ring has nothing left without them."""
    try:
        return np.asarray(shapely.remove_repeated_points(geometries, 0.0), dtype=object)
    except ShapelyError:
        answer = geometries.copy()
        for i, shape in enumerate(geometries):
            with contextlib.suppress(ShapelyError):
                answer[i] = shapely.remove_repeated_points(shape, 0.0)
        return answer


def counts(layer: Layer) -> dict[str, int]:
    """What normalising changes in a layer: vertices repeated, records with rings turned or parts reordered,
    records whose Z or M is dropped."""
    rows = layer_rows(layer.frame)[usable(layer)]
    after = tidy(rows)
    before_n, after_n = shapely.get_num_coordinates(rows), shapely.get_num_coordinates(after)
    dropped = layer.has_m or (layer.z is not None and layer.role not in OF_POINTS)
    return {
        "repeated_vertices": int((before_n - after_n).sum()),
        "rings_turned": len(layer.oriented),
        "parts_reordered": int(_reordered(rows, after).sum()),
        "heights_dropped": len(rows) if dropped else 0,
    }


def _reordered(before: NDArray[np.object_], after: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Multi geometries whose first part is another one afterwards."""
    many = shapely.get_num_geometries(before) > 1
    answer = np.zeros(len(before), dtype=bool)
    first, then = shapely.get_geometry(before[many], 0), shapely.get_geometry(after[many], 0)
    answer[many] = (shapely.bounds(first) != shapely.bounds(then)).any(axis=1)
    return answer


def features(layer: Layer, schema: pa.Schema) -> pa.Table:
    """The layer's records as stored: EPSG:4490, our field names. Raises nothing on what they hold."""
    import pyarrow as pa

    count = len(layer.frame)
    good = usable(layer)
    stored = np.full(count, None, dtype=object)
    if layer.crs.crs is not None and layer.crs.authorised and good.any():
        moved = transformed(tidy(layer_rows(layer.frame)[good]), layer.crs.crs, STORED)
        finite = np.array([math.isfinite(v) for v in shapely.bounds(moved).sum(axis=1)])
        stored[np.flatnonzero(good)[finite]] = shapely.to_wkb(moved[finite])
    values = {ours: layer.frame[theirs] for ours, theirs in layer.fields.items() if theirs in layer.frame}
    role = layer.role.value if layer.role else None
    z = layer.z if layer.z is not None and layer.role in OF_POINTS else np.full(count, np.nan)
    return pa.table(
        {
            "role": pa.array([role] * count, pa.string()),
            "layer": pa.array([layer.name] * count, pa.string()),
            "record": pa.array(layer.frame.index.to_numpy(dtype=np.int64)),
            "ident": pa.array(_idents(layer, values), pa.string()),
            "fields": pa.array(_fields(values, count), pa.string()),
            "z": pa.array(z, pa.float64(), mask=~np.isfinite(z)),
            "geometry": pa.array(stored, pa.binary()),
        },
        schema=schema,
    )


def _idents(layer: Layer, values: dict[str, Any]) -> list[str]:
    """What to call each record: its number or code, else its name, else its record number."""
    answer = [f"#{record}" for record in layer.frame.index]
    for ours in ("name", "code", "number"):
        if ours in values:
            answer = [
                str(v).strip() if not pd.isna(v) and str(v).strip() else old
                for v, old in zip(values[ours], answer, strict=True)
            ]
    return answer


def _fields(values: dict[str, Any], count: int) -> list[str]:
    """Our names -> values as JSON, a text a record."""
    columns = {ours: [_plain(v) for v in column] for ours, column in values.items()}
    names = list(columns)
    rows = zip(*columns.values(), strict=True) if columns else [()] * count
    return [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows]


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, int | np.integer):
        return int(value)
    return None if pd.isna(value) else str(value)
