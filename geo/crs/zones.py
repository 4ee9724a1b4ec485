"""Zones (分带): the Gauss-Krüger systems of CGCS2000 and where the district lies in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
from numpy.typing import NDArray

#: CGCS2000 geographic 2D.
GEOGRAPHIC = 4490


@dataclass(frozen=True, slots=True)
class Zone:
    """One projected CGCS2000 system. prefix: the zone number before the easting, None without one."""

    epsg: int
    width: int
    meridian: int
    prefix: int | None

    @property
    def false_easting(self) -> int:
        return 500_000 + (self.prefix or 0) * 1_000_000


#: 3-degree zones 25 to 45 with (4513 …) and without (4534 …) zone number; 6-degree zones 13 to 23
#: with (4491 …) and without (4502 …). Source: EPSG.
ZONES: tuple[Zone, ...] = (
    *(Zone(4513 + n - 25, 3, 3 * n, n) for n in range(25, 46)),
    *(Zone(4534 + n - 25, 3, 3 * n, None) for n in range(25, 46)),
    *(Zone(4491 + n - 13, 6, 6 * n - 3, n) for n in range(13, 24)),
    *(Zone(4502 + n - 13, 6, 6 * n - 3, None) for n in range(13, 24)),
)
BY_EPSG = {zone.epsg: zone for zone in ZONES}


def zone_of_prefix(easting: float) -> Zone | None:
    """The 3- or 6-degree zone that the number before an easting names; None where it has none.

    3-degree zones of China are 25 to 45, 6-degree ones 13 to 23, so that the number decides.
    """
    prefix = int(easting // 1_000_000)
    for zone in ZONES:
        if zone.prefix == prefix and 100_000 <= easting - prefix * 1_000_000 <= 900_000:
            return zone
    return None


def with_prefix(zone: Zone) -> Zone:
    """The same zone with its number before the easting."""
    return next(z for z in ZONES if (z.width, z.meridian) == (zone.width, zone.meridian) and z.prefix)


def without_prefix(zone: Zone) -> Zone:
    """The same zone without its number."""
    return next(z for z in ZONES if (z.width, z.meridian) == (zone.width, zone.meridian) and not z.prefix)


def candidates(box: tuple[float, float, float, float], home: int) -> list[int]:
    """Systems that files of a district come in, the likeliest first: the district's own zone, its
    neighbour of 3 degrees, both with zone number, geographic, then the 6-degree zone.

    box: west, south, east, north in degrees. home: EPSG code of the district's zone.
    """
    west, _, east, _ = box
    own = BY_EPSG.get(home)
    near = [z for z in ZONES if z.width == 3 and z.meridian - 2.2 <= east and west <= z.meridian + 2.2]
    near.sort(key=lambda z: (z.prefix is not None, z.meridian != (own.meridian if own else 0), z.meridian))
    wide = [z for z in ZONES if z.width == 6 and z.meridian - 3 <= (west + east) / 2 <= z.meridian + 3]
    # A 6-degree zone with the central meridian of a 3-degree one gives the same numbers: not a rival.
    meridians = {z.meridian for z in near}
    return [
        *(z.epsg for z in near),
        GEOGRAPHIC,
        *(z.epsg for z in wide if z.meridian not in meridians or z.prefix),
    ]


@cache
def box_in(epsg: int, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A box of degrees (EPSG:4490) in another system: west, south, east, north, edges densified."""
    if epsg == GEOGRAPHIC:
        return box
    transformer = pyproj.Transformer.from_crs(GEOGRAPHIC, epsg, always_xy=True)
    west, south, east, north = box
    steps: NDArray[np.float64] = np.linspace(0.0, 1.0, 21)
    x, y = west + (east - west) * steps, south + (north - south) * steps
    lon = np.concatenate([x, x, np.full(21, west), np.full(21, east)])
    lat = np.concatenate([np.full(21, south), np.full(21, north), y, y])
    px, py = transformer.transform(lon, lat)
    return float(px.min()), float(py.min()), float(px.max()), float(py.max())
