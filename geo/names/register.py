"""The register's columns (登记项目): what the national record and the census form hold, and how the headings of a
file are recognised as theirs.

Headings: data/placenames/register_columns.csv, official Chinese with English and pinyin words beside it.
Source: 国家地名信息库 public record; 第二次全国地名普查登记表.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from geo.names.categories import Category
from geo.problems import BadInput
from geo.reading.rows import Columns
from geo.settings import DATA
from geo.terms import NAME_STATUS_NAMES, NameStatus
from geo.text import Text

TABLE = DATA / "placenames" / "register_columns.csv"

#: Columns of the register's table that a file may give as plain text, in the table's order.
FACTS_OF_THE_TABLE = (
    "meaning",
    "origin",
    "history",
    "description",
    "document",
    "approved_by",
    "announcement",
)
#: What goes into `facts`, by its own key: the rest of the census form.
FURTHER = (
    "government_history", "minority_writing", "language", "map_name", "map_sheet", "scale", "named_on", "founded", "abolished",
    "vanished_because", "secrecy", "signs", "elevation_m", "area_m2", "length_m", "population", "system", "method", "media", "reading",
    "other", "remark", "registered_on", "registered_by", "registered_at", "generic_romanization",
)  # fmt: skip
#: Columns whose cells are further names of the same place, several separated by a sign.
OTHER_NAMES = {
    "former": NameStatus.FORMER,
    "variant": NameStatus.VARIANT,
    "short": NameStatus.SHORT,
    "dialect": NameStatus.DIALECT,
}


class NoNameColumn(BadInput):
    """No column of a file could be taken for the name."""

    code = "no-name-column"
    title = Text(
        "找不到“标准名称”列；文件的列是：{columns}。请指定对应关系，例如 --map name=列名",
        "No column holds the standard name; the file's columns are: {columns}. Say which, for example --map name=COLUMN",
    )


@cache
def columns() -> Columns:
    """All columns by key, in the order of the form."""
    return Columns.read(TABLE)


def known(headings: Iterable[str]) -> int:
    """How many of some cells are headings of the register: a row of them is the header."""
    return columns().known(headings)


def guess(headings: Sequence[str]) -> dict[str, str]:
    """Our key -> heading of the file, each heading once, the likeliest first."""
    return columns().guess(headings)


def mapped(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """The mapping of a file. Raises BadMapping, and NoNameColumn where nothing is left for the name."""
    return columns().mapped(headings, chosen, "name", NoNameColumn)


@cache
def category_words() -> Mapping[str, tuple[Category, str | None]]:
    """Word of a category or working class -> our category and, where the word alone says it, its GB code."""
    table: dict[str, tuple[Category, str | None]] = {c.value: (c, None) for c in Category}
    with (DATA / "placenames" / "category_words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code = row["gb_code"] if len(row["gb_code"]) == 5 else None
            table[row["word"]] = (Category(row["category"]), code)
    return table


#: First digits of a category code -> our category; the longest that fits counts. 乡级 is decided by the name.
_GB = {
    "1": Category.NATURAL, "212": Category.COUNTY_UP, "213": Category.COUNTY_UP, "214": Category.COUNTY_UP,
    "215": Category.TOWNSHIP, "216": Category.COMMITTEE, "217": Category.ZONE, "221": Category.ESTATE, "222": Category.NATURAL_VILLAGE,
    "231": Category.FACILITY, "232": Category.FACILITY, "233": Category.FACILITY, "234": Category.FACILITY, "235": Category.STREET,
    "236": Category.FACILITY, "24": Category.FACILITY, "25": Category.PARK, "261": Category.ESTATE, "262": Category.OTHER,
    "26": Category.ESTATE, "27": Category.OTHER, "211": Category.COUNTY_UP,
}  # fmt: skip


def category_of_gb(code: str, name: str = "") -> Category | None:
    """Our category of a five-digit category code (GB/T 18521), None for one of no known class."""
    if not re.fullmatch(r"[0-9]{5}", code):
        return None
    found = next((_GB[code[:n]] for n in (3, 2, 1) if code[:n] in _GB), None)
    if found is Category.TOWNSHIP and name.endswith(("街道", "街道办事处")):
        return Category.SUBDISTRICT
    return found


@cache
def status_words() -> Mapping[str, NameStatus]:
    """Word of a standing -> the standing."""
    table: dict[str, NameStatus] = {}
    for status, text in NAME_STATUS_NAMES.items():
        table |= {status.value: status, text.zh: status, text.en.casefold(): status}
    more = {
        "标准": NameStatus.STANDARD, "现今": NameStatus.STANDARD, "现行": NameStatus.STANDARD, "在用": NameStatus.STANDARD,
        "历史": NameStatus.HISTORIC, "消失": NameStatus.VANISHED, "已消失": NameStatus.VANISHED, "曾用": NameStatus.FORMER, "旧名": NameStatus.FORMER,
        "别名": NameStatus.VARIANT, "异名": NameStatus.VARIANT, "俗称": NameStatus.DIALECT, "拟用": NameStatus.PROPOSED, "已批准": NameStatus.APPROVED,
    }  # fmt: skip
    return table | more
