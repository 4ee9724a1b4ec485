"""AT05 长度不符: a line's stated length is not its length on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.crs.geodesic import length_m
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

#: Metres in a unit of each field.
UNITS = {"length_m": 1.0, "length_km": 1000.0}


@CHECKS.rule(
    code="AT05",
    severity=Severity.WARNING,
    generic=None,
    message=Text(
        "界线 {0} 填写的长度 {1:.3f} 米与椭球面长度 {2:.3f} 米相差 {distance_m:.2f} 米",
        "The stated length {1:.3f} m of line {0} differs from its geodesic length {2:.3f} m by {distance_m:.2f} m",
    ),
    remedy=Text(
        "按椭球面重算：ArcGIS“计算几何”选大地线长度，QGIS 在工程属性设椭球 CGCS2000 后用 $length；投影面长度在本区偏长万分之一到万分之四",
        "Recalculate it on the ellipsoid (geodesic length in ArcGIS; $length with the CGCS2000 ellipsoid in "
        "QGIS): lengths on the grid are 122 to 443 ppm too long here",
    ),
    source="docs/checks.md AT05",
)
def stated_length(scene: Scene) -> Iterator[Hit]:
    """Stated against geodesic length, in metres or kilometres.

    Allowed is the largest of `stated_share` of the length, `stated_length`, and half of the last
    decimal that the column is written with (3.27 km says no more than 5 m).
    """
    frame = scene.lines
    stated = [(name, i) for name in UNITS for i, v in enumerate(frame[name]) if values.number(v) is not None]
    if not stated:
        return
    rows = sorted({i for _, i in stated})
    shapes = scene.plane.to_geographic(frame.geometry.to_numpy()[rows])
    if shapes is None:
        return
    metres = {row: length_m(shape) for row, shape in zip(rows, shapes, strict=True) if on_earth(shape)}
    for name, unit in UNITS.items():
        rounding = 0.5 * unit * 10.0 ** -values.decimals(frame[name])
        for row in rows:
            number = values.number(frame[name].iat[row])
            if number is None or row not in metres:
                continue
            true = metres[row]
            off = abs(number * unit - true)
            allowed = max(
                scene.tolerances.stated_share * true, scene.tolerances.stated_length, min(rounding, 50.0)
            )
            if round(off, 6) > allowed:
                ref = scene.refs(Role.LINES, row)[0]
                yield Hit(
                    (ref,),
                    says=(ref, number * unit, true),
                    measure={"distance_m": off, "length_m": true},
                    at=frame.geometry.iat[row],
                    aspect=name,
                )


def on_earth(shape: BaseGeometry) -> bool:
    """Whether every vertex is a longitude and latitude: data far outside a zone come back as infinity."""
    coordinates = shapely.get_coordinates(shape)
    return bool(np.isfinite(coordinates).all() and (np.abs(coordinates[:, 1]) <= 90).all())
