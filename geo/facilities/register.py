"""The register's columns (登记项目) and what a row of a file becomes: values for the table, or what is wrong."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
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
from geo.names.register import NO_COLUMN, NO_FIELD, TWICE, BadMapping, plain
from geo.problems import BadInput
from geo.terms import FACILITY_STATUS_NAMES, FacilityStatus
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Column:
    """One column. into: table, facts, prices or internal."""

    key: str
    title: Text
    words: tuple[str, ...]
    into: str


@cache
def columns() -> Mapping[str, Column]:
    """All columns by key."""
    with (FOLDER / "columns.csv").open(encoding="utf-8", newline="") as file:
        return {
            r["key"]: Column(r["key"], Text(r["zh"], r["en"]), tuple(r["words"].split(";")), r["into"])
            for r in csv.DictReader(file)
        }


class NoFacilityName(BadInput):
    code = "no-facility-name"
    title = Text(
        "找不到“名称”列；文件的列是：{columns}。请指定，例如 --map name=列名",
        "No column holds the facility's name; the columns are: {columns}. Say which, for example --map name=COLUMN",
    )


def mapped(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our key -> heading: guessed, then what a person chose. Raises BadMapping and NoFacilityName."""
    words: dict[str, tuple[str, int]] = {}
    for column in columns().values():
        for rank, word in enumerate((*column.words, column.key, column.title.en)):
            words.setdefault(plain(word), (column.key, rank))
    mapping: dict[str, str] = {}
    ranked = sorted(
        (words[plain(h)][1], i, words[plain(h)][0], h) for i, h in enumerate(headings) if plain(h) in words
    )
    for _, _, key, heading in ranked:
        mapping.setdefault(key, heading)
    for ours, theirs in (chosen or {}).items():
        if ours not in columns():
            raise BadMapping(ours=ours, theirs=theirs, why=NO_FIELD.fill(ours))
        if theirs and theirs not in headings:
            raise BadMapping(ours=ours, theirs=theirs, why=NO_COLUMN.fill(theirs))
        if theirs and any(o != ours and t == theirs for o, t in (chosen or {}).items()):
            raise BadMapping(ours=ours, theirs=theirs, why=TWICE)
        mapping = {k: v for k, v in mapping.items() if v != theirs and k != ours}
        if theirs:
            mapping[ours] = theirs
    if "name" not in mapping:
        raise NoFacilityName(columns="、".join(headings)[:300])
    return mapping


@dataclass(frozen=True)
class Draft:
    """What a row became. values: for the table's columns; place: longitude and latitude; problems: why it
    cannot be kept, by column."""

    values: dict[str, Any]
    place: tuple[float, float] | None = None
    problems: list[tuple[str, Text]] = field(default_factory=list)


class BadValue(Exception):
    """A cell that cannot be kept; says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.zh)
        self.text = text


NO_KIND = Text("不认识类别“{0}”", "unknown kind {0}")
NOT_ONE = Text("“{0}”不是{1}", "{0} is no {1}")
NO_NUMBER = Text("“{0}”应为不小于 0 的整数", "{0} is no whole number from 0 on")
NO_DATE = Text("日期“{0}”应为 2024-12-31 的形式", "{0} is no date such as 2024-12-31")
NO_PLACE = Text("经纬度“{0}，{1}”不在地图上", "{0}, {1} is no longitude and latitude")
HALF_PLACE = Text("经度和纬度须同时给出", "longitude and latitude go together")
OUTSIDE = Text("位置不在本区范围（{0}，{1}）", "the place lies outside the district ({0}, {1})")
NO_UNIT = Text("找不到社区（村）或镇街“{0}”", "no community or township {0}")
UNIT_NEEDED = Text("须填写所在社区（村）或镇街，或给出位置", "a community or township is needed, or a place")
LONG = Text("不能为空，也不能超过 {0} 字", "empty, or longer than {0} characters")
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
WORD = Text("一个代码", "known value")

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
_YES = frozenset("是 有 yes y true 1 √ 对".split())
_SPLIT = re.compile(r"[、,，;；/\s]+")
NUMBERS = ("beds", "nursing_beds")
COUNTS = ("seats", "persons_per_meal", "area_m2", "staff", "carers", "capacity")
FLAGS = ("phone_agreed", "model_canteen", "inclusive")


def code_of(text: str, names: Mapping[Any, Text]) -> str | None:
    """The code that a word means: the code itself, or its name in either language."""
    given = text.strip()
    for code, name in names.items():
        if given.lower() in (str(code).lower(), name.zh.lower(), name.en.lower()):
            return str(code)
    return None


def draft(
    row: Mapping[str, str], unit_of: Callable[[str, tuple[float, float] | None], str | None],
    box: tuple[float, float, float, float] | None = None, default_kind: str | None = None,
) -> Draft:  # fmt: skip
    """Values of one row: our key -> text. unit_of(word, place) finds the community's or township's code."""
    values: dict[str, Any] = {"facts": {}, "prices": {}, "internal": {}}
    problems: list[tuple[str, Text]] = []

    def put(key: str, take: Callable[[str], Any]) -> None:
        text = " ".join(str(row.get(key) or "").split())
        if not text:
            return
        try:
            values[key] = take(text)
        except BadValue as error:
            problems.append((key, error.text))
        except hours.BadHours as error:
            problems.append((key, error.text))

    name = " ".join(str(row.get("name") or "").split())
    if not 1 <= len(name) <= 100:
        problems.append(("name", LONG.fill(100)))
    values["name"] = name
    put("kind", _kind)
    if "kind" not in values and default_kind and not row.get("kind"):
        values["kind"] = default_kind
    if "kind" not in values and not any(k == "kind" for k, _ in problems):
        problems.append(("kind", NO_KIND.fill("")))
    if values.get("kind") and not kinds()[values["kind"]].place:
        problems.append(("kind", STATISTICS))
    put("mode", lambda t: _one(t, {m.value: n for m, n in MODES.items()}, Text("食堂模式", "canteen mode")))
    put("nature", lambda t: code_of(t, NATURES) or _NATURES.get(t) or _short(t))
    put("grade", lambda t: code_of(t, GRADES) or t)
    put("status", _status)
    values.setdefault("status", FacilityStatus.OPEN.value)
    for key in ("code", "sub_kind", "address", "operator"):
        put(key, _short)
    for key in NUMBERS:
        put(key, _number)
    put("services", lambda t: _many(t, SERVICES, Text("服务", "service")))
    put("access", lambda t: {k: True for k in _many(t, ACCESS, Text("无障碍设施", "access"))})
    put("hours", hours.parse)
    put("checked_on", _date)
    agreed = str(row.get("phone_agreed") or "").strip().lower() in _YES
    put("phone", lambda t: phone_of(t, agreed))
    if values.get("beds") is not None and (values.get("nursing_beds") or 0) > values["beds"]:
        problems.append(("nursing_beds", BEDS))
    for key, column in columns().items():
        text = " ".join(str(row.get(key) or "").split())
        if column.into == "table" or not text:
            continue
        try:
            values[column.into][key] = _further(key, text)
        except BadValue as error:
            problems.append((key, error.text))
    place = _place(row, box, problems)
    unit = unit_of(str(row.get("unit") or "").strip(), place)
    if unit is None:
        problems.append(("unit", NO_UNIT.fill(row["unit"]) if row.get("unit") else UNIT_NEEDED))
    values["unit_code"] = unit
    return Draft(values, place, problems)


def phone_of(text: str, agreed: bool) -> str:
    """A phone number that may be public. Raises BadValue."""
    if not _PHONE.fullmatch(text) or not re.search(r"\d{3}", text):
        raise BadValue(PHONE.fill(text))
    if _MOBILE.search(text.replace("-", "").replace(" ", "")) and not agreed:
        raise BadValue(PRIVATE.fill(text))
    return text


def _kind(text: str) -> str:
    found = kind_named(text)
    if found is None:
        raise BadValue(NO_KIND.fill(text))
    return found.code


def _one(text: str, names: Mapping[Any, Text], what: Text) -> str:
    code = code_of(text, names)
    if code is None:
        raise BadValue(NOT_ONE.fill(text, what))
    return code


def _many(text: str, names: Mapping[Any, Text], what: Text) -> list[str]:
    whole = code_of(text, names)
    parts = [whole] if whole else [_one(part, names, what) for part in _SPLIT.split(text) if part]
    return list(dict.fromkeys(parts))


def _status(text: str) -> str:
    found = _STATUS.get(text.lower())
    if found is None:
        raise BadValue(NOT_ONE.fill(text, Text("状态", "status")))
    return found.value


def _short(text: str) -> str:
    if len(text) > 300:
        raise BadValue(LONG.fill(300))
    return text


def _number(text: str) -> int:
    cleaned = text.removesuffix(".0").replace(",", "").removesuffix("张").removesuffix("床").strip()
    if not re.fullmatch(r"\d{1,6}", cleaned):
        raise BadValue(NO_NUMBER.fill(text))
    return int(cleaned)


def _date(text: str) -> date:
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?", text)
    try:
        if match is None:
            raise ValueError
        return date(*map(int, match.groups()))
    except ValueError:
        raise BadValue(NO_DATE.fill(text)) from None


def _further(key: str, text: str) -> Any:
    if key in FLAGS:
        return "yes" if text.lower() in _YES else "no"
    if key in COUNTS:
        return _number(text.removesuffix("平方米").removesuffix("㎡"))
    if key in ("licence_expires", "filed_on", "opened"):
        return _date(text).isoformat()
    if key == "complaint_phone":
        return phone_of(text, False)
    if key == "accepts":
        return [p for p in _SPLIT.split(text) if p][:10]
    return _short(text)


def _place(
    row: Mapping[str, str], box: tuple[float, float, float, float] | None, problems: list[tuple[str, Text]]
) -> tuple[float, float] | None:
    lon, lat = (str(row.get(k) or "").strip() for k in ("lon", "lat"))
    if not lon and not lat:
        return None
    if not lon or not lat:
        problems.append(("lon", HALF_PLACE))
        return None
    try:
        place = (float(lon), float(lat))
    except ValueError:
        place = (999.0, 999.0)
    if not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90) or place == (0.0, 0.0):
        problems.append(("lon", NO_PLACE.fill(lon, lat)))
        return None
    if box is not None and not (box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3]):
        problems.append(("lon", OUTSIDE.fill(lon, lat)))
        return None
    return place
