"""Headings (表头): which columns of a table hold coordinates, by what stands above them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.reading import recognise

#: Headings of coordinate columns, bare (see recognise.plain). East and north by name; x and y by habit.
_HEADINGS: dict[str, re.Pattern[str]] = {
    "lon": re.compile(r"经度[le]?|东经[le]?|l|longitude|lon|long|lng|jd|jingdu|dongjing"),
    "lat": re.compile(r"纬度[bn]?|北纬[bn]?|b|latitude|lat|wd|weidu|beiwei"),
    "east": re.compile(r"东坐标y?m?|横坐标y?m?|东|easting|east|eastm|pointx|xcoord|coordx|dongzuobiao|hengzuobiao|e|y东|东y|dzb|hzb"),
    "north": re.compile(r"北坐标x?m?|纵坐标x?m?|北|northing|north|northm|pointy|ycoord|coordy|beizuobiao|zongzuobiao|n|x北|北x|bzb|zzb"),
    "x": re.compile(r"(坐标)?x(坐标)?值?(m|米)?|xzb|zbx"),
    "y": re.compile(r"(坐标)?y(坐标)?值?(m|米)?|yzb|zby"),
    "height": re.compile(r"(大地|正常)?高程?h?(m|米)?|h|z|height|elevation|elev|altitude|gc|gaocheng"),
}  # fmt: skip
_UNIT = re.compile(r"[(（\[].*?[)）\]]|[°′″]|/m$|米$")
#: What stands before and behind and says only of which system, or that it is a coordinate.
_BEFORE = re.compile(
    r"^(gps|wgs84|c?gcs2000|2000国家|国家2000|国家|大地|平面|直角|空间|高斯|投影|西安80|北京54|xian80|beijing54|xa80|bj54)+"
)
_BEHIND = re.compile(r"(?<=.)(坐标值|坐标|值|轴|deg)$")
PAIRS = (("lon", "lat"), ("east", "north"), ("x", "y"))
_PARTS = ["度", "分", "秒"]


def places(header: Sequence[str]) -> dict[str, int] | None:
    """Where the coordinates stand: "lon", "lat", "east", "north", "x", "y", "height" -> column; None without a
    pair."""
    place: dict[str, int] = {}
    for number, cell in enumerate(header):
        bare = recognise.plain(_UNIT.sub("", cell)) or recognise.plain(cell)
        words = [bare, recognise.plain(cell)]
        # 东坐标 and 横坐标 are whole names: what is behind is taken off only where they are not known as they are.
        words += [_BEFORE.sub("", w) for w in words] + [_BEHIND.sub("", _BEFORE.sub("", w)) for w in words]
        for what, pattern in _HEADINGS.items():
            if what not in place and any(pattern.fullmatch(word) for word in words if word):
                place[what] = number
                break
    return place if any(a in place and b in place for a, b in PAIRS) else None


def joined(rows: list[list[str]]) -> list[list[str]]:
    """The rows with degrees, minutes and seconds in one cell where they stand in three columns under one
    heading, as registers of markers have them."""
    for at, row in enumerate(rows[:12]):
        cells = [recognise.plain(_UNIT.sub("", c)) or c.strip() for c in row]
        starts = [i for i in range(len(cells) - 2) if cells[i : i + 3] == _PARTS]
        if len(starts) >= 2:
            return [_together(r, starts, n - at) for n, r in enumerate(rows)]
    return rows


def _together(row: list[str], starts: Sequence[int], below: int) -> list[str]:
    """One row; below: how far it is under the row of 度, 分, 秒."""
    answer = list(row)
    for start in reversed(starts):
        parts = [c.strip() for c in answer[start : start + 3]]
        if below > 0 and len(parts) == 3 and all(parts):
            answer[start : start + 3] = ["{}°{}′{}″".format(*parts)]
        else:
            answer[start : start + 3] = ["" if below == 0 else "".join(parts)]
    return answer
