"""The register's columns (登记项目): what the national record and the census form hold, and how the headings of a
file are recognised as theirs.

Headings: data/placenames/register_columns.csv, official Chinese with English and pinyin words beside it.
Source: 国家地名信息库 public record; 第二次全国地名普查登记表.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from geo.boundaries.unit_names import simplified
from geo.names.categories import Category
from geo.problems import BadInput
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


class BadMapping(BadInput):
    """A mapping that names what is not there."""

    code = "bad-mapping"
    title = Text(
        "列对应“{ours}={theirs}”不成立：{why}",
        "The mapping “{ours}={theirs}” cannot be: {why}",
    )


NO_FIELD = Text("登记表没有项目“{0}”", "the register has no column “{0}”")
NO_COLUMN = Text("文件没有列“{0}”", "the file has no column “{0}”")
TWICE = Text("同一列不能对应两个项目", "one column cannot stand for two")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the register. key: ours; title: official heading and English; words: other headings."""

    key: str
    title: Text
    words: tuple[str, ...]
    forms: tuple[str, ...]


@cache
def columns() -> Mapping[str, Column]:
    """All columns by key, in the order of the form."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: Column(
                row["key"],
                Text(row["zh"], row["en"]),
                tuple(row["words"].split(";")),
                tuple(row["form"].split(";")),
            )
            for row in csv.DictReader(file)
        }


def plain(heading: str) -> str:
    """A heading as it is compared: simplified, half-width, without case, blanks, marks and stars (* = required)."""
    text = simplified(unicodedata.normalize("NFKC", heading)).casefold()
    return re.sub(r"[\s_\-./()\[\]【】:：*＊°]", "", text)


def known(headings: Iterable[str]) -> int:
    """How many of some cells are headings of the register: a row of them is the header."""
    table = _words()
    return sum(plain(h) in table for h in headings)


@cache
def _words() -> Mapping[str, tuple[str, int]]:
    table: dict[str, tuple[str, int]] = {}
    for rank_of in range(2):
        # Official headings first, so that a synonym never takes one away from its own column.
        for column in columns().values():
            words = (column.title.zh,) if rank_of == 0 else (*column.words, column.key, column.title.en)
            for rank, word in enumerate(words):
                table.setdefault(plain(word), (column.key, rank_of * 100 + rank))
    return table


@cache
def _cut_words() -> Mapping[str, str]:
    """Headings as a .dbf keeps them: the first ten bytes, where that is unambiguous."""
    found: dict[str, set[str]] = {}
    for column in columns().values():
        for word in (column.title.zh, *column.words, column.key):
            for codec in ("utf-8", "gb18030"):
                short = plain(word.encode(codec)[:10].decode(codec, errors="ignore"))
                found.setdefault(short, set()).add(column.key)
    return {word: keys.pop() for word, keys in found.items() if len(keys) == 1 and word not in _words()}


def guess(headings: Sequence[str]) -> dict[str, str]:
    """Our key -> heading of the file, each heading once, the likeliest first."""
    scored: list[tuple[int, int, str, str]] = []
    for position, heading in enumerate(headings):
        key = plain(heading)
        if key in _words():
            ours, rank = _words()[key]
            scored.append((rank, position, ours, heading))
        elif key in _cut_words():
            scored.append((300, position, _cut_words()[key], heading))
    mapping: dict[str, str] = {}
    for _, _, ours, heading in sorted(scored):
        if ours not in mapping and heading not in mapping.values():
            mapping[ours] = heading
    return {key: mapping[key] for key in columns() if key in mapping}


def mapped(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """The mapping of a file: guessed, then what a person chose; an empty choice takes a column out.

    Raises BadMapping, and NoNameColumn where nothing is left for the name.
    """
    mapping = guess(headings)
    given = dict(chosen or {})
    for ours, theirs in given.items():
        if ours not in columns():
            raise BadMapping(ours=ours, theirs=theirs, why=NO_FIELD.fill(ours))
        if theirs and theirs not in headings:
            raise BadMapping(ours=ours, theirs=theirs, why=NO_COLUMN.fill(theirs))
        if theirs and any(o != ours and t == theirs for o, t in given.items()):
            raise BadMapping(ours=ours, theirs=theirs, why=TWICE)
        mapping = {k: v for k, v in mapping.items() if v != theirs and k != ours}
        if theirs:
            mapping[ours] = theirs
    if "name" not in mapping:
        raise NoNameColumn(columns="、".join(headings)[:300])
    return {key: mapping[key] for key in columns() if key in mapping}


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
