"""Rows of a statement as a GeoDataFrame."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.store.tables import SRID


def frame(session: Session, statement: str, /, **values: Any) -> geopandas.GeoDataFrame:
    """The rows of a statement whose last column `geometry` is WKB (ST_AsBinary), in EPSG:4490.

    All other columns are object columns with None where the row has NULL.
    """
    result = session.execute(text(statement), values)
    names = list(result.keys())
    assert names[-1] == "geometry"
    rows = result.all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    data = {
        name: pd.Series(list(values_), dtype=object)
        for name, values_ in zip(names[:-1], columns[:-1], strict=True)
    }
    shapes = shapely.from_wkb(np.array([None if v is None else bytes(v) for v in columns[-1]], dtype=object))
    return geopandas.GeoDataFrame(data, geometry=geopandas.GeoSeries(shapes, crs=SRID, dtype="geometry"))


def table(session: Session, statement: str, /, **values: Any) -> pd.DataFrame:
    """The rows of a statement as object columns."""
    result = session.execute(text(statement), values)
    return pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
