"""Guess (坐标系判断): which system numbers fit, proved by the ranges of the district where there is one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo.crs.zones import (
    BY_EPSG,
    GEOGRAPHIC,
    Zone,
    box_in,
    candidates,
    with_prefix,
    without_prefix,
    zone_of_prefix,
)
from geo.settings import DistrictSettings
from geo.text import Text

#: How far outside the district's box data may lie and still count as inside, degrees (about 5 km).
MARGIN = 0.05
SAMPLE = 20_000

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """A system that the numbers fit: the share of vertices inside the district, axes as read."""

    epsg: int
    share: float
    swapped: bool = False


def sample(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Up to SAMPLE finite vertices, evenly taken; (n, 2)."""
    good = coordinates
    # Nearly every file's are all good, which one look at the lowest and the highest tells.
    if len(coordinates) and not (coordinates.min() > -1e8 and coordinates.max() < 1e8):
        good = coordinates[np.isfinite(coordinates).all(axis=1) & (np.abs(coordinates) < 1e8).all(axis=1)]
    return good[:: max(1, len(good) // SAMPLE)]


def share_inside(points: NDArray[np.float64], box: Box) -> float:
    """Share of the points inside a box; 0 for no points."""
    if not len(points):
        return 0.0
    west, south, east, north = box
    x, y = points[:, 0], points[:, 1]
    return float(np.mean((x >= west) & (x <= east) & (y >= south) & (y <= north)))


def grown(box: Box) -> Box:
    west, south, east, north = box
    return west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN


def box_under(crs: pyproj.CRS, box: Box) -> Box | None:
    """A box of degrees, with its margin, in any system; None where it has no image there."""
    west, south, east, north = grown(box)
    if crs.is_geographic:
        return west, south, east, north
    steps = np.linspace(0.0, 1.0, 21)
    x, y = west + (east - west) * steps, south + (north - south) * steps
    lon = np.concatenate([x, x, np.full(21, west), np.full(21, east)])
    lat = np.concatenate([np.full(21, south), np.full(21, north), y, y])
    try:
        px, py = pyproj.Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True).transform(lon, lat)
    except pyproj.exceptions.ProjError:
        return None
    if not (np.isfinite(px).all() and np.isfinite(py).all()):
        return None
    return float(px.min()), float(py.min()), float(px.max()), float(py.max())


def fits(points: NDArray[np.float64], district: DistrictSettings) -> list[Fit]:
    """The district's systems that at least half of the points lie inside of, the best first.

    The ranges of northing and easting of the candidates never meet here, so that zone,
    zone number and axis order are proved; the datum is not.
    """
    box = grown(district.box)
    found = []
    for rank, epsg in enumerate(candidates(district.box, district.zone)):
        there = box_in(epsg, box)
        for swapped in (False, True):
            share = share_inside(points[:, ::-1] if swapped else points, there)
            if share >= 0.5:
                found.append((-round(share, 3), rank, Fit(epsg, share, swapped)))
    return [fit for _, _, fit in sorted(found, key=lambda t: t[:2])]


def looks_like_degrees(points: NDArray[np.float64]) -> bool:
    """Whether all numbers could be degrees in either order."""
    return (
        bool(len(points))
        and bool((np.abs(points).max(axis=0) <= 360).all())
        and bool((np.abs(points).min(axis=0) <= 90).any())
    )


def zone_from_numbers(points: NDArray[np.float64]) -> tuple[Zone, bool] | None:
    """The zone that the number before the easting names, and whether it stands in the first column's place.

    points: (n, 2), first column taken for the easting. Returns (zone, swapped) or None.
    """
    if not len(points):
        return None
    for swapped in (False, True):
        east, north = (points[:, 1], points[:, 0]) if swapped else (points[:, 0], points[:, 1])
        zones = {zone_of_prefix(float(v)) for v in (east.min(), np.median(east), east.max())}
        if len(zones) == 1 and (zone := zones.pop()) and north.min() >= 300_000 and north.max() < 7_000_000:
            return zone, swapped
    return None


#: Numbers up to here under a system of degrees are no degrees, but may be a sketch's own units too.
SKETCH = 20_000


def out_of_place(points: NDArray[np.float64], crs: pyproj.CRS) -> tuple[Text, bool] | None:
    """Degrees under a projected system, or metres under a geographic one, and whether it is certain that they
    are; None where the numbers fit."""
    if not len(points):
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    extent = f"{low[0]:.6g}…{high[0]:.6g}, {low[1]:.6g}…{high[1]:.6g}"
    if crs.is_geographic:
        per_degree = 57.29577951308232 * crs.axis_info[0].unit_conversion_factor
        limit = 360 / per_degree * 1.01
        if max(-low.min(), high.max()) > limit:
            return Text(
                f"坐标是平面坐标（{extent}），而声明的是经纬度坐标系",
                f"the coordinates are metres or feet ({extent}) under a system of degrees",
            ), max(-low.min(), high.max()) > SKETCH
        north, east = np.abs(points[:, 1]) * per_degree, points[:, 0] * per_degree
        if 90 * 1.01 < north.max() <= 180 and np.abs(east).max() <= 90:
            china = bool((north >= 73).all() and (east >= 3).all() and (east <= 54).all())
            return Text(
                f"经度和纬度颠倒：纬度不会是 {high[1]:.6g}（{extent}）",
                f"longitude and latitude look swapped: no latitude is {high[1]:.6g} ({extent})",
            ), china or bool(north.min() > 90)
        return None
    if looks_like_degrees(points) and not _plausible(low, high, crs):
        return Text(
            f"坐标像是经纬度（{extent}），而声明的是平面坐标系",
            f"the coordinates look like degrees ({extent}) under a projected system",
        ), True
    return None


def _plausible(low: NDArray[np.float64], high: NDArray[np.float64], crs: pyproj.CRS) -> bool:
    """Whether small numbers may be metres near the origin of this projection."""
    try:
        transformer = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        lon, lat = transformer.transform((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)
    except pyproj.exceptions.ProjError:
        return False
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return False
    area = crs.area_of_use
    if area is not None:
        inside = area.south - 1 <= lat <= area.north + 1
        if area.west <= area.east:
            return bool(inside and area.west - 1 <= lon <= area.east + 1)
        return bool(inside)
    # A custom system has no stated area: far from its origin of easting is far from where it is used.
    east = (
        next(
            (abs(float(p.value)) for p in crs.coordinate_operation.params if "easting" in p.name.lower()), 0.0
        )
        if crs.coordinate_operation
        else 0.0
    )
    return bool(east < 1_000)


def relation(declared: pyproj.CRS, code: int | None, fit: Fit) -> Text:
    """What the proved system differs in from the declared one, in words."""
    own = BY_EPSG.get(code) if code is not None else None
    zone = BY_EPSG.get(fit.epsg)
    swap = Text("X/Y（纵横坐标）颠倒", "X and Y (northing and easting) look swapped")
    if fit.epsg == GEOGRAPHIC:
        if declared.is_geographic:
            return Text("经度和纬度颠倒", "longitude and latitude look swapped")
        text = Text(
            "坐标是经纬度（度），声明的却是平面坐标系",
            "the coordinates are degrees under a projected system",
        )
    elif declared.is_geographic:
        text = Text(
            f"坐标是平面坐标（米），声明的却是经纬度；符合 EPSG:{fit.epsg}",
            f"the coordinates are metres under a geographic system; they fit EPSG:{fit.epsg}",
        )
    elif own is not None and zone is not None:
        if (own.width, own.meridian) == (zone.width, zone.meridian):
            if own.prefix == zone.prefix:
                return swap
            text = (
                Text(
                    f"东坐标缺少带号 {own.prefix}",
                    f"the zone number {own.prefix} is missing before the easting",
                )
                if own.prefix
                else Text(
                    f"东坐标前多了带号 {zone.prefix}", f"the easting carries the zone number {zone.prefix}"
                )
            )
        else:
            text = Text(
                f"分带不符：坐标在中央经线 {zone.meridian}° 带，声明的是 {own.meridian}°",
                f"other zone: the numbers are of central meridian {zone.meridian}°, declared is {own.meridian}°",
            )
    else:
        text = Text(f"坐标符合 EPSG:{fit.epsg}", f"the numbers fit EPSG:{fit.epsg}")
    return Text(f"{text.zh}，且{swap.zh}", f"{text.en}, and {swap.en}") if fit.swapped else text


def described(epsg: int) -> str:
    """A candidate in one word: EPSG code and what it is."""
    zone = BY_EPSG.get(epsg)
    if zone is None:
        return f"EPSG:{epsg}"
    number = f" {zone.prefix} 带" if zone.prefix else ""
    return f"EPSG:{epsg} (CGCS2000 {zone.width}°{number} CM {zone.meridian}°)"


def meridians(points: NDArray[np.float64]) -> list[Zone]:
    """3-degree zones without number that plane coordinates of China could be of: all whose easting reaches."""
    if not len(points):
        return []
    east = np.abs(points[:, 0] - 500_000).max()
    return [
        z
        for z in BY_EPSG.values()
        if z.width == 3 and z.prefix is None and east < 170_000 and 75 <= z.meridian <= 135
    ]


def twin(epsg: int) -> int | None:
    """The same zone with or without its number."""
    zone = BY_EPSG.get(epsg)
    if zone is None:
        return None
    return (without_prefix(zone) if zone.prefix else with_prefix(zone)).epsg
