"""Defects of markers (界桩) in the tutorial's wrong delivery."""

from __future__ import annotations

import numpy as np
import shapely

from api.setup.demo.layers import Record, stated
from api.setup.demo.planting import Plant, Planter, beside, points


def move(record: Record, east: float, north: float, *, table: bool = True) -> None:
    """Put a marker somewhere else; the stated coordinates follow unless `table` is False."""
    assert record.geometry is not None
    here = record.geometry
    record.geometry = shapely.Point(round(here.x + east, 4), round(here.y + north, 4), here.z)
    if table:
        record.values |= stated(record.geometry)


def singles(p: Planter, line: str) -> list[Record]:
    """Single markers of a line in order of their numbers."""
    own = [r for r in p.result.markers if r.values["line"] == line and r.values["kind"] == "Q"]
    return sorted(own, key=lambda r: r.values["number"])


def bad_number(p: Planter) -> None:
    marker = singles(p, p.demo.plan.singles)[2]
    marker.values["number"] = "3号桩"
    p.note("MK01", "markers", "3号桩", "界桩号不合格式", "the number has not the set form")


def off_line(p: Planter) -> None:
    marker = singles(p, p.demo.plan.singles)[3]
    v = points(p.of("lines", code=p.demo.plan.singles))
    at = int(np.argmin(np.hypot(v[:, 0] - marker.geometry.x, v[:, 1] - marker.geometry.y)))
    east, north = beside(v, at, 2.2) - v[at]
    move(marker, float(east), float(north))
    p.note("MK02", "markers", marker.values["number"], "单立界桩离界线约 2 米", "a single marker 2 m off")


def no_vertex(p: Planter) -> None:
    marker = singles(p, p.demo.plan.singles)[4]
    v = points(p.of("lines", code=p.demo.plan.singles))
    at = int(np.argmin(np.hypot(v[:, 0] - marker.geometry.x, v[:, 1] - marker.geometry.y)))
    middle = (v[at] + v[at + 1]) / 2
    move(marker, float(middle[0] - marker.geometry.x), float(middle[1] - marker.geometry.y))
    p.note(
        "MK03",
        "markers",
        marker.values["number"],
        "界桩在线上，但此处没有折点",
        "on the line, no vertex there",
    )


def twins(p: Planter) -> list[Record]:
    """The twin markers along the river, A and B in turn, in order of their numbers."""
    own = [r for r in p.result.markers if r.values["line"] == p.demo.plan.twins and r.values["kind"] in "AB"]
    return sorted(own, key=lambda r: r.values["number"])


def same_side(p: Planter) -> None:
    one, other = twins(p)[2:4]
    move(
        other,
        float(one.geometry.x - other.geometry.x) + 4.0,
        float(one.geometry.y - other.geometry.y) + 3.0,
    )
    line = p.of("lines", code=p.demo.plan.twins).geometry
    other.values["offset_m"] = round(float(shapely.distance(other.geometry, line)), 2)
    p.note("MK04", "markers", other.values["number"], "双立界桩在界线同一侧", "twins on one side of the line")


def order(p: Planter) -> None:
    marker = singles(p, p.demo.plan.singles)[-5]
    marker.values["number"] = f"{p.demo.plan.singles}060Q"
    p.note("MK05", "markers", marker.values["number"], "顺序号与沿线位置不符", "a serial out of its place")


def missing(p: Planter) -> None:
    gone = {id(r) for r in twins(p)[6:]}
    p.result.markers[:] = [r for r in p.result.markers if id(r) not in gone]
    p.note("MK06", "markers", p.demo.plan.twins, "数公里没有界桩", "some kilometres without a marker")


def table(p: Planter) -> None:
    marker = singles(p, p.demo.plan.singles)[6]
    marker.values["north"] = round(marker.values["north"] + 1.0, 4)
    p.note("MK07", "markers", marker.values["number"], "表中 X 与图上差 1 米", "the table's X is 1 m off")


def too_near(p: Planter) -> None:
    marker = singles(p, p.demo.plan.short)[1]
    number = f"{p.demo.plan.short}040Q"
    extra = p.again(marker, "markers", number=number)
    move(extra, 0.3, 0.2)
    p.note("MK09", "markers", number, "两根编号不同的界桩相距 0.4 米", "two numbers 0.4 m apart")


def height(p: Planter) -> None:
    marker = singles(p, p.demo.plan.singles)[7]
    marker.geometry = shapely.Point(marker.geometry.x, marker.geometry.y, 2860.0)
    marker.values["height"] = 2860.0
    p.note("GE03", "markers", marker.values["number"], "高程 2860 米，本区没有", "a height of 2,860 m")


def outside(p: Planter) -> None:
    marker = singles(p, p.demo.plan.singles)[5]
    east = float(p.demo.outline.bounds[2]) + 6_000.0
    move(marker, east - marker.geometry.x, 0.0)
    p.note(
        "CR08", "markers", marker.values["number"], "界桩在区外数公里", "some kilometres outside the district"
    )


MARKERS: tuple[Plant, ...] = (
    bad_number, off_line, no_vertex, same_side, order, table, height, outside, missing, too_near,
)  # fmt: skip
