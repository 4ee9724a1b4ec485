"""Projecting (投影): from CGCS2000 degrees to millimetres on paper, at a numeric scale.

Gauss-Krüger in the 3-degree zone nearest to the middle: on a county's sheet lengths are true to 0.03 %, on a
province's to 0.1 %, which is less than paper stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs.zones import GEOGRAPHIC, ZONES

#: First figures of a scale's denominator that a reader takes for round.
ROUND = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the map lies on paper, what it shows and how large.

    left, top, width, height: the window, millimetres. east, north: the middle, metres of the zone.
    scale: denominator.
    """

    zone: int
    east: float
    north: float
    scale: int
    left: float
    top: float
    width: float
    height: float

    def on_paper(self, geometries: Sequence[BaseGeometry] | NDArray[Any]) -> NDArray[Any]:
        """Geometries in EPSG:4490 as millimetres on paper, y downwards."""
        return shapely.transform(np.asarray(geometries, dtype=object), self._paper)

    def _paper(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        east, north = transformer(self.zone).transform(points[:, 0], points[:, 1])
        per = 1000 / self.scale
        return np.column_stack(
            (
                self.left + self.width / 2 + (np.asarray(east) - self.east) * per,
                self.top + self.height / 2 - (np.asarray(north) - self.north) * per,
            )
        )

    def degrees(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres on paper as longitude and latitude."""
        per = self.scale / 1000
        east = self.east + (points[:, 0] - self.left - self.width / 2) * per
        north = self.north - (points[:, 1] - self.top - self.height / 2) * per
        lon, lat = transformer(self.zone).transform(east, north, direction="INVERSE")
        return np.column_stack((lon, lat))

    @property
    def seen(self) -> BaseGeometry:
        """What the window shows, as a polygon in degrees."""
        window = shapely.box(self.left, self.top, self.left + self.width, self.top + self.height)
        return shapely.transform(shapely.segmentize(window, self.width / 8), self.degrees)

    @property
    def convergence(self) -> float:
        """子午线收敛角: how far true north lies from the sheet's upper edge, degrees clockwise, at the middle."""
        middle = self.degrees(np.array([[self.left + self.width / 2, self.top + self.height / 2]]))[0]
        a, b = self._paper(np.array([middle, middle + np.array([0.0, 0.01])]))
        return float(np.degrees(np.arctan2(b[0] - a[0], a[1] - b[1])))


@cache
def transformer(zone: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(GEOGRAPHIC, zone, always_xy=True)


def zone_near(lon: float) -> int:
    """EPSG code of the 3-degree zone, without zone number, whose meridian is nearest."""
    return min((z for z in ZONES if z.width == 3 and not z.prefix), key=lambda z: abs(z.meridian - lon)).epsg


def frame(
    extent: tuple[float, float, float, float],
    left: float,
    top: float,
    width: float,
    height: float,
    margin: float,
) -> Frame:
    """The frame that shows an extent at the largest round scale. extent: west, south, east, north, degrees;
    margin: millimetres kept free around it."""
    west, south, east, north = extent
    zone = zone_near((west + east) / 2)
    edge = shapely.segmentize(shapely.box(west, south, east, north), max((east - west) / 8, 1e-6))
    points = shapely.get_coordinates(edge)
    x, y = transformer(zone).transform(points[:, 0], points[:, 1])
    across, up = float(np.ptp(x)), float(np.ptp(y))
    needed = max(across / (width - 2 * margin), up / (height - 2 * margin)) * 1000
    return Frame(
        zone,
        float(np.min(x) + across / 2),
        float(np.min(y) + up / 2),
        round_scale(needed),
        left,
        top,
        width,
        height,
    )


def round_scale(needed: float) -> int:
    """The first round denominator that is not below: 43 210 becomes 50 000. Never larger than 1:500."""
    needed = max(needed, 500.0)
    power = 10 ** int(np.floor(np.log10(needed)))
    return next(int(r * p) for p in (power, 10 * power) for r in ROUND if r * p >= needed * (1 - 1e-9))
