"""Defects of lines (界线) in the tutorial's wrong delivery, each on a line of its own."""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely

from api.setup.demo.layers import line_record
from api.setup.demo.planting import Plant, Planter, beside, points, set_line


def unnamed(p: Planter) -> None:
    line = p.line()
    line.values["name"] = None
    p.note("AT01", "lines", line.values["code"], "界线名称空着", "the line's name is left empty")


def unknown_unit(p: Planter) -> None:
    line = p.line()
    code = p.demo.settings.code + "999"
    line.values["left"] = code
    p.note(
        "AT02", "lines", line.values["code"], f"左乡镇代码 {code} 不存在", f"no township has the code {code}"
    )


def far_units(p: Planter) -> None:
    line = p.line()
    away = p.demo.townships.geometry.distance(line.geometry)
    line.values["right"] = p.demo.townships["code"][away.idxmax()]
    p.note("AT04", "lines", line.values["code"], "两侧乡镇并不相邻", "the two townships are not neighbours")


def stated_length(p: Planter) -> None:
    line = p.line()
    line.values["length_m"] = round(line.values["length_m"] * 1.05, 2)
    p.note("AT05", "lines", line.values["code"], "填写的长度多 5%", "the stated length is 5 % too long")


def dates(p: Planter) -> None:
    line = p.line()
    line.values |= {"survey_date": date(2024, 9, 20), "agreement_date": date(2024, 8, 1)}
    p.note("AT07", "lines", line.values["code"], "协议日期早于测量日期", "agreed before it was surveyed")


def null_shape(p: Planter) -> None:
    line = p.line()
    line.geometry = None
    p.note("GE01", "lines", line.values["code"], "只有属性，没有图形", "attributes without a shape")


def repeated_vertex(p: Planter) -> None:
    line = p.line()
    v = points(line)
    set_line(line, np.insert(v, 20, v[20] + (0.0004, 0.0), axis=0))
    p.note("GE05", "lines", line.values["code"], "相邻两点相距 0.4 毫米", "two vertices 0.4 mm apart")


def collapsed(p: Planter) -> None:
    line = p.line()
    v = points(line)
    stub = p.again(line, "lines", name="残段")
    set_line(stub, np.array([v[30], v[30] + (0.004, 0.0)]))
    p.note("GE06", "lines", line.values["code"], "一条长 4 毫米的残段", "a stub of 4 mm")


def not_finite(p: Planter) -> None:
    line = p.line()
    v = points(line)
    v[15, 0] = np.nan
    line.parts = [v]
    p.note("GE07", "lines", line.values["code"], "一个折点的坐标不是数", "a vertex that is no number")


def multipart(p: Planter) -> None:
    line = p.line()
    v = points(line)
    line.geometry = shapely.MultiLineString([v[:60].round(4), v[80:].round(4)])
    p.note("GE09", "lines", line.values["code"], "一条界线断成两段", "one line in two pieces")


def spike(p: Planter) -> None:
    line = p.line()
    v = points(line)
    way = beside(v, 25, 40.0)
    back = v[25] + (v[26] - v[25]) / np.linalg.norm(v[26] - v[25]) * 0.3
    set_line(line, np.vstack((v[:26], way, back, v[26:])))
    p.note("GE11", "lines", line.values["code"], "40 米长的尖刺", "a spike of 40 m")


def short_segment(p: Planter) -> None:
    line = p.line()
    v = points(line)
    step = (v[41] - v[40]) / np.linalg.norm(v[41] - v[40]) * 0.02
    set_line(line, np.insert(v, 41, v[40] + step, axis=0))
    p.note("GE12", "lines", line.values["code"], "一段只有 2 厘米", "a segment of 2 cm")


def loop(p: Planter) -> None:
    line = p.line()
    v = points(line)
    aside, other = beside(v, 50, 30.0), beside(v, 46, 30.0)
    set_line(
        line, np.vstack((v[:51], aside, other, v[46:47] * 0.5 + v[47:48] * 0.5, beside(v, 48, -15.0), v[53:]))
    )
    p.note("TP04", "lines", line.values["code"], "线绕圈自交", "the line loops across itself")


def dangle(p: Planter) -> None:
    line = p.line()
    set_line(line, points(line)[:-6])
    p.note("TP05", "lines", line.values["code"], "终点没有接到三交点", "it stops short of the tripoint")


def pseudo_node(p: Planter) -> None:
    line = p.line()
    v = points(line)
    second = p.again(line, "lines")
    set_line(line, v[:100])
    set_line(second, v[99:])
    p.note("TP06", "lines", line.values["code"], "一条界线无故分成两条记录", "one line cut into two records")


def crossing(p: Planter) -> None:
    line = p.line()
    v = points(line)
    other = p.line()
    w = points(other)
    middle = len(v) // 2
    # The other line takes a wrong way at its end: straight across the first one.
    set_line(other, np.vstack((w[:-1], beside(v, middle, 60.0), beside(v, middle, -60.0), w[-1:])))
    p.note(
        "TP07", "lines", line.values["code"], "另一条界线从中穿过，交点处没有节点", "another line crosses it"
    )


def twice(p: Planter) -> None:
    line = p.line()
    p.again(line, "lines")
    p.note("TP08", "lines", line.values["code"], "同一条界线提交了两次", "the same line handed in twice")


def sides_swapped(p: Planter) -> None:
    line = p.line()
    line.values |= {"left": line.values["right"], "right": line.values["left"]}
    p.note("TP10", "lines", line.values["code"], "左右乡镇代码填反", "left and right are exchanged")


def off_tripoint(p: Planter) -> None:
    line = p.of("lines", code=p.demo.plan.singles)
    v = points(line)
    v[0] += (0.05, 0.06)
    set_line(line, v)
    p.note(
        "TP11", "lines", line.values["code"], "起点偏离三交点 8 厘米", "it begins 8 cm beside the tripoint"
    )


def neighbour_version(p: Planter) -> None:
    row = next(
        r for r in p.demo.lines.itertuples()
        if r.state == "results_checked" and r.length_m > 1_500 and not r.geometry.is_ring
    )  # fmt: skip
    line = line_record(row)
    v = points(line)
    for at in range(40, 60):
        v[at] = beside(points(line), at, 0.6 * np.sin(np.pi * (at - 40) / 19))
    set_line(line, v)
    p.result.lines.append(line)
    p.note("TP12", "lines", row.code, "与已接受的版本在一段上相差 0.6 米", "0.6 m from the accepted version")


def county_border(p: Planter) -> None:
    row = min(p.demo.county_lines.itertuples(), key=lambda r: r.length_m)
    line = line_record(row)
    v = points(line)
    middle = len(v) // 2
    for at in range(middle - 8, middle + 8):
        v[at] = beside(points(line), at, 3.0)
    set_line(line, v)
    p.result.lines.append(line)
    p.note("TP13", "lines", row.code, "区界与现行县级界线相差 3 米", "3 m from the county line in force")


def backwards(p: Planter) -> None:
    line = p.line()
    set_line(line, points(line)[::-1])
    line.values |= {"left": line.values["right"], "right": line.values["left"]}
    p.note("TP16", "lines", line.values["code"], "线由东向西（由南向北）画", "drawn against the order")


LINES: tuple[Plant, ...] = (
    unnamed, unknown_unit, far_units, stated_length, dates, null_shape, repeated_vertex, collapsed,
    not_finite, multipart, spike, short_segment, loop, dangle, pseudo_node, crossing, twice,
    sides_swapped, off_tripoint, neighbour_version, county_border, backwards,
)  # fmt: skip
