"""六个一批: what a row about a museum, plan, sign, label, product or event becomes, or what is wrong with it.

The columns stand in data/programme/columns.csv, each with the kinds it belongs to (place-names.md §12: the fields of a
kind are our proposal). Themes of products: 产业 and 美食; of other kinds free.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from geo.problems import BadInput
from geo.reading.rows import (
    EMPTY_OR_LONG,
    PARTED,
    BadCell,
    Box,
    Cells,
    Columns,
    Draft,
    Place,
    amount_of,
    code_of,
    date_of,
    within,
)
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


@cache
def columns() -> Columns:
    """All columns by key. into: table, place or facts."""
    return Columns.read(DATA / "programme" / "columns.csv")


class NoTitle(BadInput):
    """No column holds the title."""

    code = "no-programme-title"
    title = Text(
        "找不到“名称”列；文件的列是：{columns}。请指定，例如 --map title=列名",
        "No column holds the title; the columns are: {columns}. Say which, for example --map title=COLUMN",
    )


def mapped(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """The mapping of a file. Raises BadMapping, and NoTitle where nothing is left for the title."""
    return columns().mapped(headings, chosen, "title", NoTitle)


NO_KIND = Text("不认识类别“{0}”；应为：{1}", "unknown kind {0}; it is one of: {1}")
NO_STATUS = Text("不认识进展“{0}”", "unknown status {0}")
NO_THEME = Text("产品的主题应为 产业 或 美食，不是“{0}”", "a product's theme is 产业 or 美食, not {0}")
NO_UNIT = Text("找不到镇街或村“{0}”", "no township or village {0}")
UNIT_NEEDED = Text("须填写所在镇街或村，或给出位置", "a township or village is needed, or a place")
NO_NAME = Text(
    "地名库中没有“{0}”，或有多条，请改填地名编号", "the register has no name {0}, or several: give its number"
)
NOT_OF_KIND = Text("“{0}”没有这一项", "a {0} has no such field")
NO_LINK = Text("链接应以 https:// 或 http:// 开头", "a link begins with https:// or http://")
NUMBERS = frozenset({"floor_area_m2", "names_planned", "sign_count", "audience"})


def draft(
    row: Mapping[str, str],
    unit_of: Callable[[str, Place | None], str | None],
    names_of: Callable[[str], int | None],
    box: Box | None = None,
    default_kind: ProgrammeKind | None = None,
) -> Draft:
    """One row. unit_of(word, place): code of a township or village; names_of(word): number of a name in the register."""
    cells = Cells(row)
    values, put = cells.values, cells.put
    values |= {"facts": {}, "name_numbers": []}
    if not 1 <= len(cells.text("title")) <= 100:
        cells.wrong("title", EMPTY_OR_LONG.fill(100))
    put("title", str)
    put("kind", _kind)
    if "kind" not in values and not row.get("kind") and default_kind is not None:
        values["kind"] = default_kind.value
    if "kind" not in values and not any(k == "kind" for k, _ in cells.problems):
        cells.wrong("kind", NO_KIND.fill("", _kinds()))
    put("status", _status)
    values.setdefault("status", ProgrammeStatus.DONE.value)
    put("theme", lambda t: _theme(t, values.get("kind")))
    put("on_date", date_of)
    put("says", lambda t: within(t, LONGEST), lines=True)
    put("responsible", lambda t: within(t, LONG))
    put("code", lambda t: within(t, 100))
    place = cells.place(box)
    unit = unit_of(cells.text("unit"), place)
    if unit is None:
        cells.wrong("unit", NO_UNIT.fill(row["unit"]) if row.get("unit") else UNIT_NEEDED)
    values["unit_code"] = unit
    for word in filter(None, PARTED.split(cells.text("names"))):
        number = names_of(word)
        if number is None:
            cells.wrong("names", NO_NAME.fill(word[:40]))
        elif number not in values["name_numbers"]:
            values["name_numbers"].append(number)
    kind = values.get("kind")
    for key, column in columns().items():
        if column.into != "facts" or not cells.text(key):
            continue
        if column.kinds and kind and kind not in column.kinds:
            cells.wrong(key, NOT_OF_KIND.fill(PROGRAMME_KIND_NAMES[ProgrammeKind(kind)].zh))
        else:
            put(key, partial(_fact, key), into=values["facts"])
    return cells.draft(place)


def _kinds() -> str:
    return "、".join(name.zh for name in PROGRAMME_KIND_NAMES.values())


def _kind(given: str) -> str:
    found = code_of(given, PROGRAMME_KIND_NAMES, part=True)
    if found is None:
        raise BadCell(NO_KIND.fill(given, _kinds()))
    return found


def _status(given: str) -> str:
    found = code_of(given, PROGRAMME_STATUS_NAMES, part=True)
    if found is None:
        raise BadCell(NO_STATUS.fill(given))
    return found


def _theme(given: str, kind: str | None) -> str:
    if kind != ProgrammeKind.PRODUCT.value:
        return within(given, 40)
    found = _THEME_WORDS.get(given.lower())
    if found is None:
        raise BadCell(NO_THEME.fill(given))
    return found


def _fact(key: str, given: str) -> Any:
    if key in NUMBERS:
        return amount_of(given)
    if key == "shown_on":
        return date_of(given).isoformat()
    if key == "sales_link" and not re.match(r"https?://[^\s]+$", given):
        raise BadCell(NO_LINK)
    return within(given, LONG)
