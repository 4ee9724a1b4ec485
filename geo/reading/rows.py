"""Rows of a table as drafts (表格的行): which heading stands for which column, what a cell means, what is wrong with it.

The registers that take tables (names, facilities, items of the programme) keep their columns in a csv of
data/: key, zh, en, words (other headings), and what else they ask of a column.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import shapely

from geo.boundaries.unit_names import simplified
from geo.problems import BadInput
from geo.text import FORMULA, Text, cell_read

Box = tuple[float, float, float, float]
Place = tuple[float, float]

CONTROL = Text("含控制字符 {0}，请删去", "holds the control character {0}; take it out")
DIRECTION = Text("含不可见的方向或格式符号 {0}，请删去", "holds the invisible mark {0}; take it out")
UNASSIGNED = Text(
    "含未定义或自造的字符 {0}，请改用标准编码的字",
    "holds {0}, which no character has; use one that is encoded",
)
UNREADABLE = Text(
    "含无法解码的字节，请以 UTF-8 或 GB18030 重新保存",
    "holds bytes that no encoding reads; save it as UTF-8 or GB18030",
)
EMPTY_OR_LONG = Text("不能为空，也不能超过 {0} 字", "empty, or longer than {0} characters")
NO_DATE = Text("“{0}”不是日期，请写成 2024-05-01", "“{0}” is no date; write it as 2024-05-01")
NO_NUMBER = Text("“{0}”应为不小于 0 的数", "{0} is no number from 0 on")
NO_WHOLE_NUMBER = Text("“{0}”应为不小于 0 的整数", "{0} is no whole number from 0 on")
HALF_PLACE = Text("经度和纬度须同时给出", "longitude and latitude go together")
NO_PLACE = Text("经纬度“{0}，{1}”不在地图上", "{0}, {1} is no longitude and latitude")
OUTSIDE = Text("位置不在本区范围（{0}，{1}）", "the place lies outside the district ({0}, {1})")
NO_FIELD = Text("登记表没有项目“{0}”", "the register has no column “{0}”")
NO_COLUMN = Text("文件没有列“{0}”", "the file has no column “{0}”")
TWICE = Text("同一列不能对应两个项目", "one column cannot stand for two")

YES = frozenset("是 有 yes y true 1 √ 对".split())
PARTED = re.compile(r"[、,，;；/\s]+")


class BadMapping(BadInput):
    """A mapping that names what is not there."""

    code = "bad-mapping"
    title = Text(
        "列对应“{ours}={theirs}”不成立：{why}",
        "The mapping “{ours}={theirs}” cannot be: {why}",
    )


class BadCell(ValueError):
    """A cell that cannot be taken; text says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


# Headings -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register. key: ours; title: official heading and English; words: other headings; into: where its
    values go; kinds: of things that have it (all where empty); forms: of the forms that have it."""

    key: str
    title: Text
    words: tuple[str, ...]
    into: str = "table"
    kinds: frozenset[str] = frozenset()
    forms: tuple[str, ...] = ()


class Columns(dict[str, Column]):
    """A register's columns by key, in the order of its csv, and how headings of a file are recognised as theirs."""

    @classmethod
    def read(cls, path: Path) -> Columns:
        with path.open(encoding="utf-8", newline="") as file:
            return cls(
                (
                    r["key"],
                    Column(
                        r["key"], Text(r["zh"], r["en"]), tuple(r["words"].split(";")), r.get("into") or "table",
                        frozenset((r.get("kinds") or "").split()), tuple((r.get("form") or "").split(";")),
                    ),
                )
                for r in csv.DictReader(file)
            )  # fmt: skip

    @cached_property
    def _words(self) -> Mapping[str, tuple[str, int]]:
        """Official headings first, so that a synonym never takes one away from its own column."""
        table: dict[str, tuple[str, int]] = {}
        for column in self.values():
            table.setdefault(plain(column.title.zh), (column.key, 0))
        for column in self.values():
            for rank, word in enumerate((*column.words, column.key, column.title.en), start=100):
                table.setdefault(plain(word), (column.key, rank))
        return table

    @cached_property
    def _cut_words(self) -> Mapping[str, str]:
        """Headings as a .dbf keeps them: the first ten bytes, where that is unambiguous."""
        found: dict[str, set[str]] = {}
        for column in self.values():
            for word in (column.title.zh, *column.words, column.key):
                for codec in ("utf-8", "gb18030"):
                    short = plain(word.encode(codec)[:10].decode(codec, errors="ignore"))
                    found.setdefault(short, set()).add(column.key)
        return {
            word: keys.pop() for word, keys in found.items() if len(keys) == 1 and word not in self._words
        }

    def known(self, headings: Iterable[str]) -> int:
        """How many of some cells are headings of the register: a row of them is the header."""
        return sum(plain(h) in self._words for h in headings)

    def guess(self, headings: Sequence[str]) -> dict[str, str]:
        """Our key -> heading of the file, each heading once, the likeliest first."""
        scored: list[tuple[int, int, str, str]] = []
        for position, heading in enumerate(headings):
            key = plain(heading)
            if key in self._words:
                ours, rank = self._words[key]
                scored.append((rank, position, ours, heading))
            elif key in self._cut_words:
                scored.append((300, position, self._cut_words[key], heading))
        mapping: dict[str, str] = {}
        for _, _, ours, heading in sorted(scored):
            if ours not in mapping and heading not in mapping.values():
                mapping[ours] = heading
        return {key: mapping[key] for key in self if key in mapping}

    def mapped(
        self, headings: Sequence[str], chosen: Mapping[str, str] | None, needed: str, lacking: type[BadInput]
    ) -> dict[str, str]:
        """Our key -> heading: guessed, then what a person chose; an empty choice takes a column out.

        Raises BadMapping, and `lacking` where nothing is left for the column that every row needs.
        """
        mapping, given = self.guess(headings), dict(chosen or {})
        for ours, theirs in given.items():
            if ours not in self:
                raise BadMapping(ours=ours, theirs=theirs, why=NO_FIELD.fill(ours))
            if theirs and theirs not in headings:
                raise BadMapping(ours=ours, theirs=theirs, why=NO_COLUMN.fill(theirs))
            if theirs and any(o != ours and t == theirs for o, t in given.items()):
                raise BadMapping(ours=ours, theirs=theirs, why=TWICE)
            mapping = {k: v for k, v in mapping.items() if v != theirs and k != ours}
            if theirs:
                mapping[ours] = theirs
        if needed not in mapping:
            raise lacking(columns="、".join(headings)[:300])
        return {key: mapping[key] for key in self if key in mapping}


def plain(heading: str) -> str:
    """A heading as it is compared: simplified, half-width, without case, blanks, marks and stars (* = required)."""
    text = simplified(unicodedata.normalize("NFKC", heading)).casefold()
    return re.sub(r"[\s_\-./()\[\]【】:：*＊°]", "", text)


# Cells --------------------------------------------------------------------------------------------------------------


def sound(value: str, *, lines: bool = False) -> None:
    """Refuse characters that are no text. lines: line breaks and tabs may stand in it. Raises BadCell."""
    for c in value:
        if c in "\n\r\t" and lines:
            continue
        kind = unicodedata.category(c)
        if c == "\ufffd":
            raise BadCell(UNREADABLE)
        if kind in ("Cc", "Zl", "Zp"):
            raise BadCell(CONTROL.fill(code_point(c)))
        if kind == "Cf":
            raise BadCell(DIRECTION.fill(code_point(c)))
        if kind in ("Cn", "Co", "Cs"):
            raise BadCell(UNASSIGNED.fill(code_point(c)))


def code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def shown(value: str) -> str:
    """A cell as a report can carry it: cut, with invisible characters spelled out, and no formula."""
    text = "".join(c if c.isprintable() else f"<{code_point(c)}>" for c in value[:80])
    text += "…" if len(value) > 80 else ""
    return f"'{text}" if text.startswith(FORMULA) else text


def date_of(value: str) -> date:
    """A day, as offices and spreadsheets write it. Raises BadCell."""
    found = re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?([ T]00:00(:00)?)?", value
    ) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", value)
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise BadCell(NO_DATE.fill(value[:40])) from None


def amount_of(value: str) -> float:
    """A number from 0 on, whole where it is one. Raises BadCell."""
    try:
        number = float(value.replace(",", ""))
    except ValueError:
        raise BadCell(NO_NUMBER.fill(value[:40])) from None
    if not 0 <= number < 1e9:
        raise BadCell(NO_NUMBER.fill(value[:40]))
    return int(number) if number == int(number) else number


def count_of(value: str, *units: str) -> int:
    """A whole number from 0 on, with its unit behind it or not. Raises BadCell."""
    bare = value.removesuffix(".0").replace(",", "")
    for unit in units:
        bare = bare.removesuffix(unit)
    if not re.fullmatch(r"[0-9]{1,6}", bare.strip()):
        raise BadCell(NO_WHOLE_NUMBER.fill(value[:40]))
    return int(bare)


def within(value: str, longest: int) -> str:
    """A text of at most so many characters. Raises BadCell."""
    if not 1 <= len(value) <= longest:
        raise BadCell(EMPTY_OR_LONG.fill(longest))
    return value


def code_of(word: str, names: Mapping[Any, Text], *, part: bool = False) -> str | None:
    """The code that a word means: the code itself, or its name in either language; part: or a part of the Chinese one."""
    given = word.strip().lower()
    for code, name in names.items():
        if given in (str(code).lower(), name.zh.lower(), name.en.lower()):
            return str(code)
    if part and len(given) > 1:
        return next((str(code) for code, name in names.items() if given in name.zh.lower()), None)
    return None


def place_of(lon: str, lat: str, box: Box | None = None) -> Place | None:
    """Longitude and latitude of two cells, None where both are blank. Raises BadCell."""
    if not lon and not lat:
        return None
    if not lon or not lat:
        raise BadCell(HALF_PLACE)
    try:
        place = (float(lon), float(lat))
    except ValueError:
        raise BadCell(NO_PLACE.fill(lon[:40], lat[:40])) from None
    if not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90) or place == (0.0, 0.0):
        raise BadCell(NO_PLACE.fill(lon, lat))
    if box is not None and not (box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3]):
        raise BadCell(OUTSIDE.fill(lon, lat))
    return place


# Rows ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """What a row became. values: for the register's columns; place: longitude and latitude; problems: why it cannot
    be kept, by column."""

    values: dict[str, Any]
    place: Place | None = None
    problems: list[tuple[str, Text]] = field(default_factory=list)


class Cells:
    """The cells of one row on their way into a draft: blank ones are left out, bad ones noted by their column."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self.row = row
        self.values: dict[str, Any] = {}
        self.problems: list[tuple[str, Text]] = []

    def text(self, key: str, *, lines: bool = False) -> str:
        """A cell's text without blanks around it, and with single ones inside unless lines may stand in it."""
        given = str(self.row.get(key) or "").strip()
        return given if lines else " ".join(given.split())

    def wrong(self, key: str, why: Text) -> None:
        self.problems.append((key, why))

    def put(
        self,
        key: str,
        take: Callable[[str], Any],
        *,
        into: dict[str, Any] | None = None,
        lines: bool = False,
    ) -> None:
        """Read a cell by `take`, which raises BadCell for what it cannot keep."""
        text = self.text(key, lines=lines)
        if not text:
            return
        try:
            sound(text, lines=lines)
            (self.values if into is None else into)[key] = take(text)
        except BadCell as error:
            self.wrong(key, error.text)

    def place(self, box: Box | None) -> Place | None:
        """The place that the columns lon and lat give."""
        try:
            return place_of(self.text("lon"), self.text("lat"), box)
        except BadCell as error:
            self.wrong("lon", error.text)
            return None

    def draft(self, place: Place | None) -> Draft:
        return Draft(self.values, place, self.problems)


def texts(record: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, str]:
    """A record of a table's Arrow stream as our key -> text; a layer's own shape gives the place where no column does."""
    row = {key: cell_read(str(record.get(heading) or "")) for key, heading in mapping.items()}
    wkb = record.get("wkb")
    if wkb is not None and not row.get("lon") and not row.get("lat"):
        shape = shapely.from_wkb(wkb)
        if shape is not None and not shape.is_empty:
            at = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
            row["lon"], row["lat"] = repr(at.x), repr(at.y)
    return row


# What became of them ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One bad cell. row: as the file counts it (the sheet's row, the line's number, the record's); column: heading
    of the file, or "" for the row as a whole. code: reason's name where the register itself refuses the row."""

    row: int
    column: str
    value: str
    text: Text
    code: str = ""


@dataclass
class Brought:
    """What became of a table's rows. problems: of the rows that were refused, the first so many."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {key: getattr(self, key) for key in ("rows", "new", "changed", "unchanged", "refused")}

    def refuse(self, problems: Sequence[RowProblem], most: int = 2_000) -> None:
        self.refused += 1
        self.problems += problems[: max(0, most - len(self.problems))]


def report(problems: Iterable[RowProblem]) -> Iterator[tuple[str, str, str, str, str]]:
    """Lines of the report of bad rows: row, column, value, problem in Chinese, in English."""
    yield ("行 row", "列 column", "值 value", "问题", "problem")
    for p in problems:
        yield (str(p.row), p.column, shown(p.value), p.text.zh, p.text.en)
