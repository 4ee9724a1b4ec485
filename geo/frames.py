"""Frames (要素表): a GeoDataFrame put together at once. What geopandas asks of a column before it takes it for a
geometry costs more than reading a small layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas
import numpy as np
import pandas as pd
from geopandas.array import from_shapely
from numpy.typing import NDArray

_KIND = geopandas.GeoDataFrame()


def frame(columns: Mapping[str, Any] | pd.DataFrame, geometry: NDArray[Any]) -> geopandas.GeoDataFrame:
    """Columns and their geometries as column `geometry`, without a reference system; index as the columns have it.

    columns: a frame, which is left as it is; or columns of Python values, each of (n,) or one value for all rows.
    geometry: (n,) shapely or None.
    """
    plain = (
        columns.copy(deep=False) if isinstance(columns, pd.DataFrame) else _objects(columns, len(geometry))
    )
    plain["geometry"] = from_shapely(geometry)
    return _KIND._constructor_from_mgr(plain._mgr, plain.axes)


def _objects(columns: Mapping[str, Any], count: int) -> pd.DataFrame:
    """Columns of objects as they are: asked to find types of its own, pandas looks at every text and packs it, and
    unpacks it again for every check that reads the column."""
    values = np.empty((count, len(columns)), dtype=object)
    for number, column in enumerate(columns.values()):
        values[:, number] = column
    return pd.DataFrame(values, columns=pd.Index(list(columns), dtype=object), dtype=object)
