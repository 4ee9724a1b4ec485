"""Cells of a register row (登记项): each kind of cell read, or refused with a sentence that says what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import shapely
from shapely.errors import ShapelyError

from geo.boundaries.unit_names import simplified
from geo.names.categories import Category
from geo.names.register import category_of_gb, category_words, status_words
from geo.reading.numbers import number_of
from geo.reading.rows import BadCell, sound
from geo.terms import NameStatus
from geo.text import Text, cell_read

LONGEST_NAME, LONGEST_TEXT = 60, 20_000
#: Words of 密级 that mean that there is none.
OPEN = ("公开", "无", "非密", "public")
CHINA = (73.0, 3.0, 136.0, 54.0)

EMPTY = Text("名称为空", "the name is empty")
LONG = Text("太长（{0} 字），最多 {1} 字", "too long ({0} characters), at most {1}")
SYMBOL = Text("含表情或符号“{0}”，请改为汉字", "holds the symbol “{0}”; write it in characters")
WIDE = Text(
    "含全角字符“{0}”，请改为半角或汉字", "holds the full-width “{0}”; write it half-width or in characters"
)
BLANK = Text("中间有空格，请删去", "holds a blank inside; take it out")
EXCEL_DATE = Text(
    "像是被 Excel 改成了日期，请把单元格设为文本后重填原名",
    "looks like a date that Excel made of it; format the cell as text and write the name again",
)
NUMBER = Text("是数字，不是地名", "is a number, no name")
NO_CATEGORY = Text("不是已知的地名类别，可用：{0}", "is no known category; use one of: {0}")
NO_GB = Text("不是 GB/T 18521 的五位类别代码", "is no five-digit category code of GB/T 18521")
NO_STATUS = Text("不是已知的地名状态，可用：{0}", "is no known standing; use one of: {0}")
SCIENTIFIC = Text(
    "被 Excel 改成了科学记数法，末几位已丢失；请把该列设为文本后重填",
    "was turned into scientific notation and lost its last digits; format the column as text and fill it in again",
)
NO_CODE = Text(
    "不是地名代码：应为 20 位数字（6 位县级＋3 位乡级＋5 位类别＋6 位顺序），或所用名录的代码",
    "is no place code: 20 digits (6 county, 3 township, 5 category, 6 serial), or the code of the list it comes from",
)
CODE_COUNTY = Text("前 6 位 {0} 不是已知的县级代码", "its first six digits {0} are no known county")
CODE_TOWNSHIP = Text("第 7—9 位 {0} 不是 {1} 的乡级代码", "its digits 7 to 9 ({0}) are no township of {1}")
CODE_CATEGORY = Text("第 10—14 位 {0} 不是类别代码", "its digits 10 to 14 ({0}) are no category code")
NO_SUCH_UNIT = Text("没有这个政区，请核对代码或名称", "there is no such unit; check its code or name")
SEVERAL_UNITS = Text(
    "有 {0} 个政区叫这个名字，请写代码或加上区县",
    "{0} units have this name; write the code, or name the county too",
)
NO_NUMBER = Text("不是数字", "is no number")
ONE_MISSING = Text("经度和纬度缺一个", "one of longitude and latitude is missing")
SWAPPED = Text("经纬度写反了：先经度（东经），后纬度（北纬）", "longitude and latitude are swapped")
OUTSIDE = Text(
    "坐标不在中国范围内，应为 CGCS2000 经纬度（度）",
    "lies outside China; give CGCS2000 longitude and latitude in degrees",
)
NO_SHAPE = Text("不是 WKT 或 GeoJSON 图形", "is neither WKT nor GeoJSON")


@dataclass(frozen=True)
class Known:
    """Units that codes and names are checked against. counties: 6-digit codes; townships: 9-digit codes by county,
    for the counties whose townships are known; by_name: names -> codes, of all times."""

    counties: frozenset[str] = frozenset()
    townships: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_name: Mapping[str, frozenset[str]] = field(default_factory=dict)


_DATE_LIKE = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([ T]\d{1,2}:\d{2}(:\d{2})?)?|\d{1,2}[-/]\d{1,2}([-/]\d{2,4})?"
    r"|(\d{4}年)?\d{1,2}月(\d{1,2}日)?|\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(-\d{2,4})?"
    r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2,4}|\d{1,2}月\d{2}年",
    re.IGNORECASE,
)


def name_of(value: str) -> str:
    """A name (地名), composed and without blanks around it."""
    if len(value) > 4 * LONGEST_NAME:
        raise BadCell(LONG.fill(len(value), LONGEST_NAME))
    sound(value)
    name = unicodedata.normalize("NFC", value.strip())
    if not name:
        raise BadCell(EMPTY)
    if len(name) > LONGEST_NAME:
        raise BadCell(LONG.fill(len(name), LONGEST_NAME))
    if _DATE_LIKE.fullmatch(name):
        raise BadCell(EXCEL_DATE)
    if re.fullmatch(r"[-+]?[\d.,]+(e[+-]?\d+)?", name, re.IGNORECASE):
        raise BadCell(NUMBER)
    for c in name:
        kind = unicodedata.category(c)
        if "\uff01" <= c <= "\uff5e" and c not in "（）":
            raise BadCell(WIDE.fill(c))
        if kind in ("So", "Sk", "Sm", "Sc") or "\ufe00" <= c <= "\ufe0f":
            raise BadCell(SYMBOL.fill(c))
        if kind == "Zs" and not name.isascii():
            raise BadCell(BLANK)
    return name


def names_of(value: str) -> tuple[str, ...]:
    """Several names in one cell, parted by 、 ; ； ， , / or a line break."""
    return tuple(dict.fromkeys(name_of(part) for part in re.split(r"[、;；，,/\n]+", value) if part.strip()))


def text_of(value: str) -> str:
    """A text of any length that a person wrote; one that an export had put behind an apostrophe without it."""
    value = cell_read(value)
    if len(value) > LONGEST_TEXT:
        raise BadCell(LONG.fill(len(value), LONGEST_TEXT))
    sound(value, lines=True)
    return value


def category_of(value: str) -> tuple[Category, str | None]:
    """A category's word, or a category code, as our category."""
    word = unicodedata.normalize("NFC", value.strip())
    found = category_words().get(word) or category_words().get(simplified(word))
    if found:
        return found
    of_code = category_of_gb(word)
    if of_code:
        return of_code, word
    raise BadCell(NO_CATEGORY.fill("、".join(Category)))


def gb_code_of(value: str) -> str:
    if category_of_gb(value) is None:
        raise BadCell(NO_GB)
    return value


def status_of(value: str) -> NameStatus:
    found = status_words().get(value) or status_words().get(value.casefold())
    if found is None:
        raise BadCell(NO_STATUS.fill("、".join(s.value for s in NameStatus)))
    return found


def code_of(value: str, known: Known) -> str:
    """A place code (地名代码, 20 digits) or the code of the list that the name comes from."""
    if re.fullmatch(r"\d(\.\d+)?e\+?\d+", value, re.IGNORECASE):
        raise BadCell(SCIENTIFIC)
    if not value.isascii() or not re.fullmatch(r"[0-9A-Za-z._-]{1,32}", value):
        raise BadCell(NO_CODE)
    if not value.isdigit():
        return value
    if len(value) > 12 and len(value) != 20:
        raise BadCell(NO_CODE)
    if len(value) >= 6 and known.counties and value[:6] not in known.counties:
        raise BadCell(CODE_COUNTY.fill(value[:6]))
    if len(value) == 20:
        townships = known.townships.get(value[:6])
        if value[6:9] != "000" and townships and value[:9] not in townships:
            raise BadCell(CODE_TOWNSHIP.fill(value[6:9], value[:6]))
        if category_of_gb(value[9:14]) is None:
            raise BadCell(CODE_CATEGORY.fill(value[9:14]))
    return value


def unit_of(value: str, within: str | None, known: Known) -> str:
    """A unit by code (2 to 12 digits) or by name. within: code of the county that it lies in."""
    word = unicodedata.normalize("NFKC", value.strip())
    if re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", word):
        code = word
        while len(code) > 6 and code.endswith("000"):
            code = code[:-3]
        if len(code) >= 6 and known.counties and code[:6] not in known.counties:
            raise BadCell(NO_SUCH_UNIT)
        townships = known.townships.get(code[:6])
        if len(code) >= 9 and townships and code[:9] not in townships:
            raise BadCell(NO_SUCH_UNIT)
        return code
    found = known.by_name.get(simplified(word), frozenset())
    if within is not None and not found and word.startswith(within):
        found = known.by_name.get(word, frozenset())
    if within is not None:
        found = frozenset(c for c in found if c.startswith(within)) or found
    if not found:
        # 重庆市渝北区兴隆镇: the county and the township in one cell.
        for cut in range(len(word) - 1, 1, -1):
            head, tail = known.by_name.get(word[:cut]), known.by_name.get(word[cut:])
            both = frozenset(t for t in tail or () if any(t.startswith(h) for h in head or ()))
            if both:
                found = both
                break
    if not found:
        raise BadCell(NO_SUCH_UNIT)
    if len(found) > 1:
        raise BadCell(SEVERAL_UNITS.fill(len(found)))
    return next(iter(found))


def whole_number(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise BadCell(NO_NUMBER)
    return int(value)


def in_china(west: float, south: float, east: float, north: float) -> None:
    """Refuse a box outside China's range, or one that lies in it with its axes exchanged."""
    left, below, right, above = CHINA
    if left <= west and east <= right and below <= south and north <= above:
        return
    if left <= south and north <= right and below <= west and east <= above:
        raise BadCell(SWAPPED)
    raise BadCell(OUTSIDE)


def position_of(
    lon: str | None, lat: str | None, lon_to: str | None, lat_to: str | None
) -> tuple[float, float, list[float] | None]:
    """Longitude and latitude, the middle of a range where one is given (then also the range)."""
    if lon is None or lat is None:
        raise BadCell(ONE_MISSING)
    first = [_degrees(lon), _degrees(lat)]
    second = [_degrees(lon_to) if lon_to else first[0], _degrees(lat_to) if lat_to else first[1]]
    west, east = sorted((first[0], second[0]))
    south, north = sorted((first[1], second[1]))
    in_china(west, south, east, north)
    box = None if first == second else [west, south, east, north]
    return (west + east) / 2, (south + north) / 2, box


def _degrees(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        pass
    number = number_of(value)
    if number is None:
        raise BadCell(NO_NUMBER)
    return number


def shape_of(value: str) -> bytes:
    """WKT or GeoJSON as WKB, inside China."""
    try:
        shape = shapely.from_geojson(value) if value.lstrip().startswith("{") else shapely.from_wkt(value)
    except (ShapelyError, ValueError):
        raise BadCell(NO_SHAPE) from None
    shape = shapely.force_2d(shape)
    if shape.is_empty:
        raise BadCell(NO_SHAPE)
    in_china(*shape.bounds)
    answer: bytes = shapely.to_wkb(shape, byte_order=1)
    return answer
