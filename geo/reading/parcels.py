"""Parcels (地块坐标文件): the text of plots that land offices exchange (勘测定界坐标.txt), as rows of a table.

[属性描述] says the system in words, [地块坐标] holds for each plot a line that ends in @ and its corners as
number, ring, X (north), Y (east). Source: 国土资源部《建设用地勘测定界坐标数据交换格式》1.01, as files in use have it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pyproj

from geo.reading.numbers import number_of

HEADING = ["地块编号", "地块名称", "圈号", "点号", "X", "Y"]
_TITLE = re.compile(r"\[\s*(地块坐标|地塊坐標|属性描述|屬性描述)\s*\]")
#: EPSG codes of the 3-degree zones, from zone 25: with the zone's number in the easting, and without.
_SYSTEMS = (
    (re.compile(r"2000|CGCS", re.IGNORECASE), 4513, 4534),
    (re.compile(r"80|西安"), 2349, 2370),
    (re.compile(r"54|北京"), 2401, 2422),
)


class Parcels(NamedTuple):
    """rows: under HEADING; crs: the system that the file says in words, None where it says none of ours;
    short: names of plots that state more corners than there are."""

    rows: list[list[str]]
    crs: pyproj.CRS | None
    short: list[str]


def parcels(rows: Sequence[Sequence[str]]) -> Parcels | None:
    """The plots of such a text, cut at its commas; None where it is another one."""
    if not any(row and _TITLE.match(row[0].strip().lstrip("\ufeff")) for row in rows[:40]):
        return None
    said: dict[str, str] = {}
    answer: list[list[str]] = []
    short: list[str] = []
    plot: list[str] | None = None
    stated = found = 0

    def done() -> None:
        if plot is not None and found < stated:
            short.append(plot[1] or plot[0])

    for row in rows:
        cells = [c.strip() for c in row]
        if not any(cells) or _TITLE.match(cells[0]):
            continue
        if cells[-1] == "@" or "@" in cells[-1:]:
            done()
            count = number_of(cells[0])
            stated, found = int(count) if count is not None and 0 <= count < 1e7 else 0, 0
            plot = [*(cells[2:4] if len(cells) > 4 else cells[:2]), "", ""][:2]
        elif plot is None and "=" in cells[0]:
            key, _, value = ",".join(cells).partition("=")
            said[key.strip()] = value.strip()
        elif len(cells) >= 4:
            found += 1
            answer.append([*(plot or ["", ""]), cells[1], cells[0], cells[2], cells[3]])
    done()
    return Parcels(answer, _system(said, answer), short) if answer else None


def _system(said: dict[str, str], rows: list[list[str]]) -> pyproj.CRS | None:
    """The 3-degree zone that the words name; the numbers show whether its number stands in the easting."""
    zone = number_of(said.get("带号", ""))
    if zone is None or not 25 <= zone <= 45 or number_of(said.get("几度分带", "")) != 3:
        return None
    east = number_of(rows[0][5])
    for words, prefixed, plain in _SYSTEMS:
        if words.search(said.get("坐标系", "")):
            base = prefixed if east is not None and east > 1_000_000 else plain
            return pyproj.CRS.from_epsg(base + int(zone) - 25)
    return None
