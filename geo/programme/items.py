"""六个一批: what a row about a museum, plan, sign, label, product or event becomes, or what is wrong with it.

The columns stand in data/programme/columns.csv, each with the kinds it belongs to (place-names.md §12: the fields of a
kind are our proposal). Themes of products: 产业 and 美食; of other kinds free.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from geo.names.register import NO_COLUMN, NO_FIELD, TWICE, BadMapping, plain
from geo.names.register_cells import BadCell, sound
from geo.problems import BadInput
from geo.settings import DATA
from geo.terms import PROGRAMME_KIND_NAMES, PROGRAMME_STATUS_NAMES, ProgrammeKind, ProgrammeStatus
from geo.text import Text

#: Themes of “地名+产业” and “地名+美食”.
INDUSTRY, FOOD = "industry", "food"
THEMES: Mapping[str, Text] = {
    INDUSTRY: Text("地名+产业", "name and industry"),
    FOOD: Text("地名+美食", "name and food"),
}
_THEME_WORDS = {
    "产业": INDUSTRY,
    "地名+产业": INDUSTRY,
    "industry": INDUSTRY,
    "美食": FOOD,
    "地名+美食": FOOD,
    "food": FOOD,
}
LONGEST, LONG = 2_000, 300


@dataclass(frozen=True, slots=True)
class Column:
    """One column. into: table, place or facts. kinds: those it belongs to, all where empty."""

    key: str
    title: Text
    words: tuple[str, ...]
    into: str
    kinds: frozenset[str]


@cache
def columns() -> Mapping[str, Column]:
    """All columns by key."""
    with (DATA / "programme" / "columns.csv").open(encoding="utf-8", newline="") as file:
        return {
            r["key"]: Column(
                r["key"],
                Text(r["zh"], r["en"]),
                tuple(r["words"].split(";")),
                r["into"],
                frozenset(r["kinds"].split()),
            )
            for r in csv.DictReader(file)
        }


class NoTitle(BadInput):
    """No column holds the title."""

    code = "no-programme-title"
    title = Text(
        "找不到“名称”列；文件的列是：{columns}。请指定，例如 --map title=列名",
        "No column holds the title; the columns are: {columns}. Say which, for example --map title=COLUMN",
    )


def mapped(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our key -> heading: guessed, then what a person chose. Raises BadMapping and NoTitle."""
    words: dict[str, tuple[int, str]] = {}
    for column in columns().values():
        for rank, word in enumerate((*column.words, column.key)):
            words.setdefault(plain(word), (rank, column.key))
    mapping: dict[str, str] = {}
    for _, _, key, heading in sorted(
        (words[plain(h)][0], i, words[plain(h)][1], h) for i, h in enumerate(headings) if plain(h) in words
    ):
        mapping.setdefault(key, heading)
    for ours, theirs in (chosen or {}).items():
        if ours not in columns():
            raise BadMapping(ours=ours, theirs=theirs, why=NO_FIELD.fill(ours))
        if theirs and theirs not in headings:
            raise BadMapping(ours=ours, theirs=theirs, why=NO_COLUMN.fill(theirs))
        if theirs and any(o != ours and t == theirs for o, t in (chosen or {}).items()):
            raise BadMapping(ours=ours, theirs=theirs, why=TWICE)
        mapping = {k: v for k, v in mapping.items() if v != theirs and k != ours} | (
            {ours: theirs} if theirs else {}
        )
    if "title" not in mapping:
        raise NoTitle(columns="、".join(headings)[:300])
    return mapping


@dataclass(frozen=True)
class Draft:
    """What a row became. values: for the table's columns; place: longitude, latitude; problems by column."""

    values: dict[str, Any]
    place: tuple[float, float] | None = None
    problems: list[tuple[str, Text]] = field(default_factory=list)


NO_KIND = Text("不认识类别“{0}”；应为：{1}", "unknown kind {0}; it is one of: {1}")
NO_STATUS = Text("不认识进展“{0}”", "unknown status {0}")
NO_THEME = Text("产品的主题应为 产业 或 美食，不是“{0}”", "a product's theme is 产业 or 美食, not {0}")
NO_DATE = Text("日期“{0}”应为 2024-12-31 的形式", "{0} is no date such as 2024-12-31")
NO_NUMBER = Text("“{0}”应为不小于 0 的数", "{0} is no number from 0 on")
NO_UNIT = Text("找不到镇街或村“{0}”", "no township or village {0}")
UNIT_NEEDED = Text("须填写所在镇街或村，或给出位置", "a township or village is needed, or a place")
NO_NAME = Text(
    "地名库中没有“{0}”，或有多条，请改填地名编号", "the register has no name {0}, or several: give its number"
)
NO_PLACE = Text("经纬度“{0}，{1}”不在本区范围", "{0}, {1} is no longitude and latitude in the district")
HALF_PLACE = Text("经度和纬度须同时给出", "longitude and latitude go together")
LENGTH = Text("不能为空，也不能超过 {0} 字", "empty, or longer than {0} characters")
NOT_OF_KIND = Text("“{0}”没有这一项", "a {0} has no such field")
NO_LINK = Text("链接应以 https:// 或 http:// 开头", "a link begins with https:// or http://")
NUMBERS = frozenset({"floor_area_m2", "names_planned", "sign_count", "audience"})
_SPLIT = re.compile(r"[、,，;；\s]+")


class _Bad(Exception):
    def __init__(self, text: Text) -> None:
        super().__init__(text.zh)
        self.text = text


def code_of(word: str, names: Mapping[Any, Text]) -> str | None:
    """The code that a word means: itself, or its name in either language, or a part of the Chinese one."""
    given = word.strip().lower()
    for code, name in names.items():
        if given in (str(code).lower(), name.zh.lower(), name.en.lower()) or (
            len(given) > 1 and given in name.zh.lower()
        ):
            return str(code)
    return None


def draft(
    row: Mapping[str, str],
    unit_of: Callable[[str, tuple[float, float] | None], str | None],
    names_of: Callable[[str], int | None],
    box: tuple[float, float, float, float] | None = None,
    default_kind: ProgrammeKind | None = None,
) -> Draft:
    """One row. unit_of(word, place): code of a township or village; names_of(word): number of a name in the register."""
    values: dict[str, Any] = {"facts": {}, "name_numbers": []}
    problems: list[tuple[str, Text]] = []

    def put(key: str, take: Callable[[str], Any], *, lines: bool = False) -> None:
        given = str(row.get(key) or "").strip()
        given = given if lines else " ".join(given.split())
        if not given:
            return
        try:
            sound(given, lines=lines)
            values[key] = take(given)
        except BadCell as error:
            problems.append((key, error.text))
        except _Bad as error:
            problems.append((key, error.text))

    title = " ".join(str(row.get("title") or "").split())
    if not 1 <= len(title) <= 100:
        problems.append(("title", LENGTH.fill(100)))
    put("title", lambda t: t)
    put("kind", _kind)
    if "kind" not in values and not row.get("kind") and default_kind is not None:
        values["kind"] = default_kind.value
    if "kind" not in values and not any(k == "kind" for k, _ in problems):
        problems.append(("kind", NO_KIND.fill("", _kinds())))
    put("status", _status)
    values.setdefault("status", ProgrammeStatus.DONE.value)
    put("theme", lambda t: _theme(t, values.get("kind")))
    put("on_date", _date)
    put("says", lambda t: _within(t, LONGEST), lines=True)
    put("responsible", lambda t: _within(t, LONG))
    put("code", lambda t: _within(t, 100))
    place = _place(row, box, problems)
    unit = unit_of(str(row.get("unit") or "").strip(), place)
    if unit is None:
        problems.append(("unit", NO_UNIT.fill(row["unit"]) if row.get("unit") else UNIT_NEEDED))
    values["unit_code"] = unit
    for word in filter(None, _SPLIT.split(str(row.get("names") or ""))):
        number = names_of(word)
        if number is None:
            problems.append(("names", NO_NAME.fill(word[:40])))
        elif number not in values["name_numbers"]:
            values["name_numbers"].append(number)
    for key, column in columns().items():
        given = " ".join(str(row.get(key) or "").split())
        if column.into != "facts" or not given:
            continue
        if column.kinds and values.get("kind") and values["kind"] not in column.kinds:
            problems.append((key, NOT_OF_KIND.fill(PROGRAMME_KIND_NAMES[ProgrammeKind(values["kind"])].zh)))
            continue
        try:
            sound(given)
            values["facts"][key] = _fact(key, given)
        except BadCell as error:
            problems.append((key, error.text))
        except _Bad as error:
            problems.append((key, error.text))
    return Draft(values, place, problems)


def _kinds() -> str:
    return "、".join(name.zh for name in PROGRAMME_KIND_NAMES.values())


def _kind(given: str) -> str:
    found = code_of(given, PROGRAMME_KIND_NAMES)
    if found is None:
        raise _Bad(NO_KIND.fill(given, _kinds()))
    return found


def _status(given: str) -> str:
    found = code_of(given, PROGRAMME_STATUS_NAMES)
    if found is None:
        raise _Bad(NO_STATUS.fill(given))
    return found


def _theme(given: str, kind: str | None) -> str:
    if kind != ProgrammeKind.PRODUCT.value:
        return _within(given, 40)
    found = _THEME_WORDS.get(given.lower())
    if found is None:
        raise _Bad(NO_THEME.fill(given))
    return found


def _date(given: str) -> date:
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?", given)
    try:
        if match is None:
            raise ValueError
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise _Bad(NO_DATE.fill(given)) from None


def _within(given: str, longest: int) -> str:
    if len(given) > longest:
        raise _Bad(LENGTH.fill(longest))
    return given


def _fact(key: str, given: str) -> Any:
    if key in NUMBERS:
        try:
            number = float(given.replace(",", ""))
        except ValueError:
            raise _Bad(NO_NUMBER.fill(given)) from None
        if not 0 <= number < 1e9:
            raise _Bad(NO_NUMBER.fill(given))
        return int(number) if number == int(number) else number
    if key == "shown_on":
        return _date(given).isoformat()
    if key == "sales_link" and not re.match(r"https?://[^\s]+$", given):
        raise _Bad(NO_LINK)
    return _within(given, LONG)


def _place(
    row: Mapping[str, str], box: tuple[float, float, float, float] | None, problems: list[tuple[str, Text]]
) -> tuple[float, float] | None:
    lon, lat = (str(row.get(key) or "").strip() for key in ("lon", "lat"))
    if not lon and not lat:
        return None
    if not lon or not lat:
        problems.append(("lon", HALF_PLACE))
        return None
    try:
        place = (float(lon), float(lat))
    except ValueError:
        problems.append(("lon", NO_PLACE.fill(lon, lat)))
        return None
    west, south, east, north = box or (-180.0, -90.0, 180.0, 90.0)
    if not (west <= place[0] <= east and south <= place[1] <= north):
        problems.append(("lon", NO_PLACE.fill(lon, lat)))
        return None
    return place
