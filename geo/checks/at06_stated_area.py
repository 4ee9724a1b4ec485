"""AT06 面积不符: a polygon's stated area is not its area on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks import values
from geo.checks.at05_stated_length import on_earth
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.crs.geodesic import area_m2
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

#: Square metres in a unit of each field; 15 亩 are one hectare.
UNITS = {"area_m2": 1.0, "area_km2": 1e6, "area_ha": 1e4, "area_mu": 1e4 / 15}
NAMES = {
    "area_m2": Text("平方米", "m²"),
    "area_km2": Text("平方千米", "km²"),
    "area_ha": Text("公顷", "ha"),
    "area_mu": Text("亩", "mu"),
}


@CHECKS.rule(
    code="AT06",
    severity=Severity.WARNING,
    generic=None,
    message=Text(
        "{0} 填写的面积 {1:.4f} {2}与椭球面面积 {3:.4f} {2}相差 {4:.2f}%",
        "{0}: the stated area {1:.4f} {2} differs from the geodesic area {3:.4f} {2} by {4:.2f} %",
    ),
    remedy=Text(
        "按椭球面重算（ArcGIS 大地测量面积，QGIS 设椭球 CGCS2000 后用 $area），并核对单位是平方米、公顷、亩还是平方千米",
        "Recalculate it on the ellipsoid (geodesic area in ArcGIS; $area with the CGCS2000 ellipsoid in QGIS), "
        "and check whether the unit is m², ha, mu or km²",
    ),
    source="docs/checks.md AT06",
)
def stated_area(scene: Scene) -> Iterator[Hit]:
    """Stated against geodesic area, in m², km², ha or 亩.

    Allowed is `stated_share` of the area, or half of the last decimal that the column is written with.
    """
    frame = scene.polygons
    columns = {name: [values.number(v) for v in frame[name]] for name in UNITS if frame[name].notna().any()}
    rows = sorted({i for numbers in columns.values() for i, v in enumerate(numbers) if v is not None})
    if not rows:
        return
    shapes = scene.plane.to_geographic(frame.geometry.to_numpy()[rows])
    if shapes is None:
        return
    true = {row: area_m2(shape) for row, shape in zip(rows, shapes, strict=True) if on_earth(shape)}
    for name, numbers in columns.items():
        unit = UNITS[name]
        rounding = 0.5 * unit * 10.0 ** -values.decimals(frame[name])
        for row in rows:
            number, real = numbers[row], true.get(row, 0.0)
            if number is None or real <= 0:
                continue
            off = abs(number * unit - real)
            # A column of whole km² says little of a small unit, but never so little as nothing.
            allowed = max(scene.tolerances.stated_share * real, min(rounding, 0.05 * real))
            if off > allowed:
                ref = scene.refs(Role.POLYGONS, row)[0]
                yield Hit(
                    (ref,),
                    says=(ref, number, NAMES[name], real / unit, 100 * off / real),
                    measure={"area_m2": off},
                    at=frame.geometry.iat[row],
                    aspect=name,
                )
