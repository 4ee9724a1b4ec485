"""Plane: the metre plane that a file is checked in, and the ways there and back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, isfinite, radians
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

STORED = pyproj.CRS.from_epsg(4490)
METRES_PER_DEGREE = 111_319.490793


@dataclass(frozen=True, eq=False)
class Plane:
    """A metre plane for checks.

    Two kinds. `zone`: the district's CGCS2000 3-degree Gauss-Krüger zone (profile township).
    `local`: the file's own coordinates scaled to metres, so that straight stays straight and equal
    stays equal (profile generic): degrees by the equirectangular scale of the data's middle latitude,
    feet by their length. All functions take and give shapely geometries or arrays of them.
    """

    source: pyproj.CRS | None
    zone: pyproj.CRS | None
    scale: tuple[float, float]
    authorised: bool

    @classmethod
    def of_zone(cls, zone_epsg: int, source: pyproj.CRS) -> Plane:
        return cls(source, pyproj.CRS.from_epsg(zone_epsg), (1.0, 1.0), True)

    @classmethod
    def local(
        cls,
        source: pyproj.CRS | None,
        bounds: tuple[float, float, float, float],
        *,
        authorised: bool,
    ) -> Plane:
        """bounds: of the data in source coordinates; without a system, numbers within ±360 and ±90 are
        taken for degrees. authorised: whether a transformation to EPSG:4490 may be used for places."""
        west, south, east, north = bounds
        degrees = (
            source.is_geographic
            if source is not None
            else all(map(isfinite, bounds))
            and max(abs(west), abs(east)) <= 360
            and max(abs(south), abs(north)) <= 90
        )
        if degrees:
            middle = (south + north) / 2 if isfinite(south + north) else 0.0
            shrink = max(cos(radians(min(abs(middle), 89.0))), 0.01)
            scale = (METRES_PER_DEGREE * shrink, METRES_PER_DEGREE)
        else:
            unit = (
                source.axis_info[0].unit_conversion_factor if source is not None and source.axis_info else 1.0
            )
            scale = (unit or 1.0, unit or 1.0)
        return cls(source, None, scale, authorised and source is not None)

    @property
    def measures(self) -> bool:
        """Whether lengths in it are good to a decimetre; degrees that are only scaled are some 0.3 % off."""
        return self.zone is not None or self.scale[0] == self.scale[1]

    def project(self, geometries: Any) -> Any:
        """Source coordinates to the plane."""
        if self.zone is not None:
            assert self.source is not None
            return _moved(geometries, _transformer(self.source, self.zone))
        sx, sy = self.scale
        return shapely.transform(geometries, lambda c: c * (sx, sy))

    def to_source(self, geometries: Any) -> Any:
        """Plane to the file's coordinates."""
        if self.zone is not None:
            assert self.source is not None
            return _moved(geometries, _transformer(self.zone, self.source))
        sx, sy = self.scale
        return shapely.transform(geometries, lambda c: c / (sx, sy))

    def to_geographic(self, geometries: Any) -> Any | None:
        """Plane to EPSG:4490, longitude first; None where no authorised transformation exists."""
        if self.zone is not None:
            return _moved(geometries, _transformer(self.zone, STORED))
        if not self.authorised or self.source is None:
            return None
        return _moved(self.to_source(geometries), _transformer(self.source, STORED))

    def place(self, geometry: BaseGeometry) -> tuple[BaseGeometry | None, BaseGeometry | None]:
        """A hit's place as (EPSG:4490, source coordinates), the second only where the first is None."""
        there = self.to_geographic(geometry)
        if there is not None and bool(np.isfinite(shapely.get_coordinates(there)).all()):
            return there, None
        return None, self.to_source(geometry)


_TRANSFORMERS: dict[tuple[str, str], pyproj.Transformer] = {}
_SEEN: OrderedDict[tuple[int, int], tuple[pyproj.CRS, pyproj.CRS, pyproj.Transformer]] = OrderedDict()


def _transformer(a: pyproj.CRS, b: pyproj.CRS) -> pyproj.Transformer:
    """The transformer from one system to another, kept by what the systems say.

    Writing a system as text takes a hundred times longer than moving a place, and every hit has one:
    so the objects that came last are known by themselves. They are kept, for an id is only unique
    while its object lives.
    """
    seen = _SEEN.get((id(a), id(b)))
    if seen is not None:
        return seen[2]
    key = (a.to_wkt(), b.to_wkt())
    if key not in _TRANSFORMERS:
        _TRANSFORMERS[key] = pyproj.Transformer.from_crs(a, b, always_xy=True)
    _SEEN[id(a), id(b)] = (a, b, _TRANSFORMERS[key])
    if len(_SEEN) > 64:
        _SEEN.popitem(last=False)
    return _TRANSFORMERS[key]


def transformed(geometries: Any, a: pyproj.CRS, b: pyproj.CRS) -> Any:
    """Geometries from one system to another, longitude or easting first; infinite where there is no way."""
    return geometries if a == b else _moved(geometries, _transformer(a, b))


def _moved(geometries: Any, transformer: pyproj.Transformer) -> Any:
    def move(c: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(c[:, 0], c[:, 1]))

    step: Callable[[NDArray[np.float64]], NDArray[np.float64]] = move
    return shapely.transform(geometries, step)
