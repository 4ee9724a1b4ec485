"""The register's columns (登记项目) and what a row of a file becomes: values for the table, or what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from geo.facilities import hours
from geo.facilities.kinds import (
    ACCESS,
    FOLDER,
    GRADES,
    MODES,
    NATURES,
    SERVICES,
    kind_named,
    kinds,
)
from geo.problems import BadInput
from geo.reading.rows import (
    EMPTY_OR_LONG,
    PARTED,
    YES,
    BadCell,
    Box,
    Cells,
    Columns,
    Draft,
    Place,
    code_of,
    count_of,
    date_of,
    within,
)
from geo.terms import FACILITY_STATUS_NAMES, FacilityStatus
from geo.text import Text


@cache
def columns() -> Columns:
    """All columns by key. into: table, facts, prices or internal."""
    return Columns.read(FOLDER / "columns.csv")


class NoFacilityName(BadInput):
    code = "no-facility-name"
    title = Text(
        "找不到“名称”列；文件的列是：{columns}。请指定，例如 --map name=列名",
        "No column holds the facility's name; the columns are: {columns}. Say which, for example --map name=COLUMN",
    )


def mapped(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """The mapping of a file. Raises BadMapping, and NoFacilityName where nothing is left for the name."""
    return columns().mapped(headings, chosen, "name", NoFacilityName)


NO_KIND = Text("不认识类别“{0}”", "unknown kind {0}")
NOT_ONE = Text("“{0}”不是{1}", "{0} is no {1}")
NO_UNIT = Text("找不到社区（村）或镇街“{0}”", "no community or township {0}")
UNIT_NEEDED = Text("须填写所在社区（村）或镇街，或给出位置", "a community or township is needed, or a place")
BEDS = Text("护理型床位不能多于床位数", "there cannot be more nursing beds than beds")
STATISTICS = Text(
    "家庭养老床位只作统计，不登记为设施、不上图；请录入月报数",
    "home-care beds are statistics only, never facilities: enter the monthly figure",
)
PRIVATE = Text(
    "“{0}”是手机号码：只能公开设施的电话；本人同意公开的，请在“电话本人同意公开”填 是",
    "{0} is a mobile number: only a facility's phone is public; where its owner agreed, say so in phone_agreed",
)
PHONE = Text("“{0}”不是电话号码", "{0} is no phone number")

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_PHONE = re.compile(r"[0-9+()（）\-— 、,;/转轉分机機ext.#]{3,60}", re.IGNORECASE)
_STATUS = {w: s for s, t in FACILITY_STATUS_NAMES.items() for w in (s.value, t.zh, t.en.lower())} | {
    "运营中": FacilityStatus.OPEN, "开放": FacilityStatus.OPEN, "停业": FacilityStatus.CLOSED, "建设中": FacilityStatus.BUILDING,
}  # fmt: skip
_NATURES = {
    "私立": "private",
    "公立": "public",
    "公办民营": "public_private",
    "財團法人": "nonprofit",
    "财团法人": "nonprofit",
}
NUMBERS = ("beds", "nursing_beds")
COUNTS = ("seats", "persons_per_meal", "area_m2", "staff", "carers", "capacity")
FLAGS = ("phone_agreed", "model_canteen", "inclusive")


def draft(
    row: Mapping[str, str], unit_of: Callable[[str, Place | None], str | None],
    box: Box | None = None, default_kind: str | None = None,
) -> Draft:  # fmt: skip
    """Values of one row: our key -> text. unit_of(word, place) finds the community's or township's code."""
    cells = Cells(row)
    values, put = cells.values, cells.put
    values |= {"facts": {}, "prices": {}, "internal": {}}
    values["name"] = cells.text("name")
    if not 1 <= len(values["name"]) <= 100:
        cells.wrong("name", EMPTY_OR_LONG.fill(100))
    put("name", str)
    put("kind", _kind)
    if "kind" not in values and default_kind and not row.get("kind"):
        values["kind"] = default_kind
    if "kind" not in values and not any(k == "kind" for k, _ in cells.problems):
        cells.wrong("kind", NO_KIND.fill(""))
    if values.get("kind") and not kinds()[values["kind"]].place:
        cells.wrong("kind", STATISTICS)
    put("mode", lambda t: _one(t, {m.value: n for m, n in MODES.items()}, Text("食堂模式", "canteen mode")))
    put("nature", lambda t: code_of(t, NATURES) or _NATURES.get(t) or _short(t))
    put("grade", lambda t: code_of(t, GRADES) or _short(t))
    put("status", _status)
    values.setdefault("status", FacilityStatus.OPEN.value)
    for key in ("code", "sub_kind", "address", "operator"):
        put(key, _short)
    for key in NUMBERS:
        put(key, _number)
    put("services", lambda t: _many(t, SERVICES, Text("服务", "service")))
    put("access", lambda t: {k: True for k in _many(t, ACCESS, Text("无障碍设施", "access"))})
    put("hours", _hours)
    put("checked_on", date_of)
    agreed = cells.text("phone_agreed").lower() in YES
    put("phone", lambda t: phone_of(t, agreed))
    if values.get("beds") is not None and (values.get("nursing_beds") or 0) > values["beds"]:
        cells.wrong("nursing_beds", BEDS)
    for key, column in columns().items():
        if column.into != "table":
            put(key, partial(_further, key), into=values[column.into])
    place = cells.place(box)
    unit = unit_of(cells.text("unit"), place)
    if unit is None:
        cells.wrong("unit", NO_UNIT.fill(row["unit"]) if row.get("unit") else UNIT_NEEDED)
    values["unit_code"] = unit
    return cells.draft(place)


def phone_of(text: str, agreed: bool) -> str:
    """A phone number that may be public. Raises BadCell."""
    if not _PHONE.fullmatch(text) or not re.search(r"\d{3}", text):
        raise BadCell(PHONE.fill(text))
    if _MOBILE.search(text.replace("-", "").replace(" ", "")) and not agreed:
        raise BadCell(PRIVATE.fill(text))
    return text


def _kind(text: str) -> str:
    found = kind_named(text)
    if found is None:
        raise BadCell(NO_KIND.fill(text))
    return found.code


def _one(text: str, names: Mapping[Any, Text], what: Text) -> str:
    code = code_of(text, names)
    if code is None:
        raise BadCell(NOT_ONE.fill(text, what))
    return code


def _many(text: str, names: Mapping[Any, Text], what: Text) -> list[str]:
    whole = code_of(text, names)
    parts = [whole] if whole else [_one(part, names, what) for part in PARTED.split(text) if part]
    return list(dict.fromkeys(parts))


def _status(text: str) -> str:
    found = _STATUS.get(text.lower())
    if found is None:
        raise BadCell(NOT_ONE.fill(text, Text("状态", "status")))
    return found.value


def _short(text: str) -> str:
    return within(text, 300)


def _number(text: str) -> int:
    return count_of(text, "张", "床", "平方米", "㎡")


def _hours(text: str) -> Any:
    try:
        return hours.parse(text)
    except hours.BadHours as error:
        raise BadCell(error.text) from None


def _further(key: str, text: str) -> Any:
    if key in FLAGS:
        return "yes" if text.lower() in YES else "no"
    if key in COUNTS:
        return _number(text)
    if key in ("licence_expires", "filed_on", "opened"):
        return date_of(text).isoformat()
    if key == "complaint_phone":
        return phone_of(text, False)
    if key == "accepts":
        return [p for p in PARTED.split(text) if p][:10]
    return _short(text)
