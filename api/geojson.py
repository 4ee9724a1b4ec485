"""GeoJSON answers, put together from arrays: EPSG:4490, longitude first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from starlette.responses import Response

MEDIA_TYPE = "application/geo+json"


def texts(shapes: Sequence[BaseGeometry | None]) -> list[str]:
    """Each geometry as GeoJSON text; "null" for none, and for one that JSON cannot hold (coordinates that
    are no numbers)."""
    if not len(shapes):
        return []
    array = np.array(shapes, dtype=object)
    coordinates, owner = shapely.get_coordinates(array, return_index=True)
    array[np.unique(owner[~np.isfinite(coordinates).all(axis=1)])] = None
    return ["null" if text is None else text for text in shapely.to_geojson(array)]


def collection(rows: Iterable[Mapping[str, Any]], more: Mapping[str, Any] | None = None) -> Response:
    """A FeatureCollection of rows with `geometry` (shapely or None); their other values are properties.

    more: further members of the collection.
    """
    listed = list(rows)
    features = (
        f'{{"type":"Feature","geometry":{shape},"properties":'
        + json.dumps({k: v for k, v in row.items() if k != "geometry"}, ensure_ascii=False, default=str)
        + "}"
        for row, shape in zip(listed, texts([row["geometry"] for row in listed]), strict=True)
    )
    extra = "".join(f",{json.dumps(k)}:{json.dumps(v, ensure_ascii=False)}" for k, v in (more or {}).items())
    body = f'{{"type":"FeatureCollection"{extra},"features":[' + ",".join(features) + "]}"
    return Response(body, media_type=MEDIA_TYPE)
