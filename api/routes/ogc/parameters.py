"""Parameters (参数) of requests: read by the letter of the standard. What is unknown or malformed is 400."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import pyproj
from fastapi import Request
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from geo.problems import NotFound, Problem
from geo.store.features import COLLECTIONS, Box, Collection
from geo.text import Text

MOST, USUAL = 1000, 100
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
STORAGE_CRS = EPSG + "4490"
#: What every operation takes.
ALWAYS = ("f", "lang")


class BadParameter(Problem):
    """A parameter is unknown, or its value cannot be meant."""

    code = "bad-parameter"
    title = Text("参数 {parameter} 无效：{why_zh}", "Parameter {parameter} is not valid: {why_en}")


class NoSuchCollection(NotFound):
    """There is no such collection."""

    code = "no-such-collection"
    title = Text("没有数据集“{collection}”", "There is no collection “{collection}”")


class NoSuchFeature(NotFound):
    """There is no such feature."""

    code = "no-such-feature"
    title = Text("没有此要素", "There is no such feature")


def bad(parameter: str, zh: str, en: str) -> BadParameter:
    return BadParameter(parameter=parameter[:60], why_zh=zh, why_en=en)


@dataclass(frozen=True, slots=True)
class System:
    """A coordinate reference system of answers: its URI, EPSG number, and whether it gives north first."""

    uri: str
    srid: int
    north_first: bool


@cache
def systems(zone: int) -> dict[str, System]:
    """The systems that features are given in, by URI; zone: the district's Gauss-Krüger zone."""
    made = [System(CRS84, 4326, False)]
    for code in dict.fromkeys((4490, 4326, 3857, zone)):
        first = pyproj.CRS.from_epsg(code).axis_info[0].direction.lower()
        made.append(System(f"{EPSG}{code}", code, first == "north"))
    return {system.uri: system for system in made}


def collection_named(name: str) -> Collection:
    """The collection of a path. Raises NoSuchCollection."""
    try:
        return COLLECTIONS[name]
    except KeyError:
        raise NoSuchCollection(collection=name[:40]) from None


def known_only(query: QueryParams, known: Iterable[str]) -> None:
    """Raise BadParameter for a parameter that the operation does not take, or that is given twice."""
    allowed = {*known, *ALWAYS}
    for name in query:
        if name not in allowed:
            raise bad(name, "未知的参数", "it is unknown")
        if len(query.getlist(name)) > 1:
            raise bad(name, "重复给出", "it is given more than once")


def wants_html(request: Request) -> bool:
    """Whether HTML is asked for: by `f`, else by Accept. Raises BadParameter; 406 where neither fits."""
    named = request.query_params.get("f")
    if named is not None:
        if named not in ("json", "html"):
            raise bad("f", "应为 json 或 html", "use json or html")
        return named == "html"
    accept = request.headers.get("accept", "*/*").lower()
    for part in accept.split(","):
        kind = part.partition(";")[0].strip()
        if kind in ("text/html", "application/xhtml+xml"):
            return True
        if kind in ("*/*", "application/*") or "json" in kind or "openapi" in kind:
            return False
    raise HTTPException(406)


def limit_of(query: QueryParams) -> int:
    """`limit`: 1 to MOST; more than that is taken for MOST, as the standard demands."""
    given = query.get("limit")
    if given is None:
        return USUAL
    if not re.fullmatch(r"[0-9]{1,30}", given) or int(given) < 1:
        raise bad("limit", "应为正整数", "use a positive whole number")
    return min(int(given), MOST)


def boxes_of(query: QueryParams, known: dict[str, System]) -> list[Box]:
    """`bbox` with `bbox-crs` as boxes in degrees: two where it crosses 180°."""
    given = query.get("bbox")
    system = system_of(query, "bbox-crs", known)
    if given is None:
        return []
    try:
        numbers = [float(part) for part in given.split(",")]
    except ValueError:
        raise bad("bbox", "应为以逗号分隔的数", "use numbers with commas between") from None
    if len(numbers) not in (4, 6) or not all(math.isfinite(n) for n in numbers):
        raise bad("bbox", "应为 4 个或 6 个有限的数", "use 4 or 6 finite numbers")
    first, second, third, fourth = numbers[:2] + (numbers[2:] if len(numbers) == 4 else numbers[3:5])
    west, south, east, north = (
        (second, first, fourth, third) if system.north_first else (first, second, third, fourth)
    )
    if south > north:
        raise bad("bbox", "南边界在北边界以北", "its south lies north of its north")
    if system.srid not in (4326, 4490):
        if west > east:
            raise bad("bbox", "西边界在东边界以东", "its west lies east of its east")
        west, south, east, north = _degrees(system.srid, (west, south, east, north))
    if not (-180 <= west <= 180 and -180 <= east <= 180 and south >= -90 and north <= 90):
        raise bad("bbox", "超出经纬度范围", "it lies beyond the degrees there are")
    if west <= east:
        return [(west, south, east, north)]
    if west - east < 180:
        raise bad("bbox", "东西颠倒", "its west and east are reversed")
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def _degrees(srid: int, box: Box) -> Box:
    if srid == 3857:
        box = tuple(max(-20037508.34, min(20037508.34, n)) for n in box)  # type: ignore[assignment]
    found = _back(srid).transform_bounds(*box, densify_pts=21)
    if not all(math.isfinite(n) for n in found):
        raise bad("bbox", "不在该坐标系的范围内", "it lies outside its reference system")
    return tuple(found)  # type: ignore[return-value]


@cache
def _back(srid: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(srid, 4326 if srid == 3857 else 4490, always_xy=True)


def system_of(query: QueryParams, parameter: str, known: dict[str, System]) -> System:
    """`crs` or `bbox-crs`: CRS84 where it is not given."""
    given = query.get(parameter, CRS84).strip("[]")
    try:
        return known[given]
    except KeyError:
        raise bad(
            parameter, "不支持的坐标系，见数据集的 crs", "no supported system; see crs of the collection"
        ) from None


def times_of(query: QueryParams, today: date) -> tuple[date | None, date | None]:
    """`datetime` as its first and last day; the site's date where it is not given."""
    given = query.get("datetime")
    if given is None:
        return today, today
    first, slash, last = given.partition("/")
    if not slash:
        day = _day(first)
        return day, day
    start = None if first in ("", "..") else _day(first)
    end = None if last in ("", "..") else _day(last)
    if start is not None and end is not None and start > end:
        raise bad("datetime", "起始晚于终止", "it ends before it begins")
    return start, end


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?")


def _day(given: str) -> date:
    if not _MOMENT.fullmatch(given):
        raise bad("datetime", "应为 RFC 3339 的日期或时刻", "use a date or time of RFC 3339")
    try:
        return datetime.fromisoformat(given.upper().replace("Z", "+00:00")).date()
    except ValueError:
        raise bad("datetime", "没有这一天或时刻", "there is no such day or time") from None


def equal_of(query: QueryParams, collection: Collection) -> dict[str, Any]:
    """The properties that are asked for by their value."""
    found: dict[str, Any] = {}
    for name, prop in collection.properties.items():
        given = query.get(name)
        if not prop.filter or given is None:
            continue
        if prop.type == "integer":
            if not re.fullmatch(r"-?[0-9]{1,18}", given):
                raise bad(name, "应为整数", "use a whole number")
            found[name] = int(given)
        elif len(given) > 200 or "\0" in given:
            raise bad(name, "过长或含不可用的字符", "it is too long or holds a character that cannot be")
        else:
            found[name] = given
    return found
