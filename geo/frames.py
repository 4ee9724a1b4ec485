"""Frames (要素表): a GeoDataFrame put together at once. What geopandas asks of a column before it takes it for a
geometry costs more than reading a small layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas
import pandas as pd
from geopandas.array import from_shapely
from numpy.typing import NDArray

_KIND = geopandas.GeoDataFrame()


def frame(columns: Mapping[str, Any] | pd.DataFrame, geometry: NDArray[Any]) -> geopandas.GeoDataFrame:
    """Columns and their geometries as column `geometry`, without a reference system; index as the columns have it.

    columns: of equal length, or a frame, which is left as it is. geometry: (n,) shapely or None.
    """
    if isinstance(columns, pd.DataFrame):
        plain = columns.copy(deep=False)
        plain["geometry"] = from_shapely(geometry)
    else:
        plain = pd.DataFrame({**columns, "geometry": from_shapely(geometry)})
    return _KIND._constructor_from_mgr(plain._mgr, plain.axes)
