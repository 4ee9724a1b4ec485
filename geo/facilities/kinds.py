"""Kinds of facilities (设施类别), canteen modes, services and figures: tables, so that a further one is a row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

from geo.settings import DATA
from geo.text import Text

FOLDER = DATA / "facilities"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind. group: what a filter of the map calls it; symbol: the shape of its pin; place: whether it is a
    point of a map at all; restricted: its address is never public (保护场所)."""

    code: str
    name: Text
    group: str
    symbol: str
    essence: Text
    place: bool
    restricted: bool
    source: str

    @property
    def public(self) -> bool:
        return self.place and not self.restricted


#: Groups in the order of the elderly-care map; those after `statistics` belong to other maps.
GROUPS: dict[str, Text] = {
    "meal": Text("老年食堂、助餐点", "Canteens and meal points"),
    "centre": Text("养老服务中心、站", "Care centres and stations"),
    "residential": Text("养老机构", "Care institutions"),
    "mutual": Text("互助养老点", "Mutual-help points"),
    "medical": Text("医养结合", "Medical care"),
    "service": Text("助浴、辅具、学习", "Bathing, aids, courses"),
    "meal_supply": Text("中央厨房", "Central kitchens"),
    "statistics": Text("只作统计", "Statistics only"),
    "funeral": Text("殡葬设施", "Funeral facilities"),
    "civil": Text("其他民政设施", "Other civil-affairs facilities"),
}
#: Groups of the elderly-care map.
CARE = ("meal", "centre", "residential", "mutual", "medical", "service", "meal_supply")


class Mode(StrEnum):
    """老年食堂的七种模式, and others."""

    INSTITUTION = "institution"
    PROPERTY = "property"
    COMMUNITY = "community"
    RESTAURANT = "restaurant"
    VILLAGE = "village"
    MARKET = "market"
    COLLECTIVE = "collective"
    OTHER = "other"


MODES: dict[Mode, Text] = {
    Mode.INSTITUTION: Text("养老机构+食堂", "Care institution + canteen"),
    Mode.PROPERTY: Text("物业+食堂", "Property manager + canteen"),
    Mode.COMMUNITY: Text("社区+食堂", "Community + canteen"),
    Mode.RESTAURANT: Text("餐饮企业+食堂", "Restaurant + canteen"),
    Mode.VILLAGE: Text("村社食堂", "Village canteen"),
    Mode.MARKET: Text("赶集食堂", "Market-day canteen"),
    Mode.COLLECTIVE: Text("集体经济食堂", "Canteen of the collective"),
    Mode.OTHER: Text("其他", "Other"),
}

#: 六助 and what the platform adds.
SERVICES: dict[str, Text] = {
    "meals": Text("助餐", "Meals"),
    "bathing": Text("助浴", "Bathing"),
    "emergency": Text("助急", "Emergencies"),
    "medical": Text("助医", "Medical help"),
    "mobility": Text("助行", "Getting about"),
    "cleaning": Text("助洁", "Cleaning"),
    "visits": Text("定期巡访", "Regular visits"),
    "rescue": Text("紧急救援", "Emergency rescue"),
    "advice": Text("服务咨询", "Advice"),
    "rehabilitation": Text("康复", "Rehabilitation"),
    "leisure": Text("文娱", "Leisure"),
    "day_stay": Text("日托", "Day stay"),
    "short_stay": Text("短托", "Short stay"),
    "delivery": Text("送餐上门", "Meals delivered"),
}

NATURES: dict[str, Text] = {
    "public": Text("公办", "Public"),
    "public_private": Text("公建民营", "Public built, privately run"),
    "private": Text("社会办", "Private"),
    "nonprofit": Text("民办非企业", "Non-profit"),
    "commercial": Text("经营性", "Commercial"),
}

#: 养老机构等级 (GB/T 37276-2018), five the highest.
GRADES: dict[str, Text] = {
    str(n): Text(f"{zh}级养老机构", f"Grade {n}") for n, zh in zip(range(1, 6), "一二三四五", strict=True)
}

#: What helps to get in.
ACCESS: dict[str, Text] = {
    "lift": Text("电梯", "Lift"),
    "ramp": Text("坡道", "Ramp"),
    "toilet": Text("无障碍卫生间", "Accessible toilet"),
    "parking": Text("停车位", "Parking"),
    "step_free": Text("无台阶入口", "Step-free entrance"),
}

#: 老年人能力等级 (GB/T 42195-2022).
ABILITIES: dict[str, Text] = {
    "0": Text("能力完好", "Able"),
    "1": Text("轻度失能", "Slightly impaired"),
    "2": Text("中度失能", "Moderately impaired"),
    "3": Text("重度失能", "Severely impaired"),
    "4": Text("完全失能", "Fully impaired"),
}


@cache
def kinds(path: Path = FOLDER / "kinds.csv") -> Mapping[str, Kind]:
    """The kinds by code. Raises ValueError for a group or symbol that nothing draws."""
    out: dict[str, Kind] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["group"] not in GROUPS or (row["place"] == "yes" and row["symbol"] not in SYMBOLS):
                raise ValueError(f"{row['code']}: unknown group or symbol in {path.name}")
            out[row["code"]] = Kind(
                row["code"], Text(row["name"], row["name_en"]), row["group"], row["symbol"],
                Text(row["essence"], row["essence_en"]), row["place"] == "yes", row["restricted"] == "yes", row["source"],
            )  # fmt: skip
    return out


#: Shapes of pins: a kind is told by its shape and its label, not by its colour alone.
SYMBOLS = ("bowl", "square", "house", "triangle", "cross", "circle", "diamond")


def kind_named(text: str) -> Kind | None:
    """The kind of a code or of a word: its name, or the part of it before a comma."""
    given = text.strip()
    table = kinds()
    if given.upper() in table:
        return table[given.upper()]
    words = {word: k for k in table.values() for word in (k.name.zh, *k.name.zh.split("、"), k.name.en)}
    more = {
        "老年助餐点": "E07", "助餐点": "E07", "老年餐桌": "E07", "食堂": "E06", "社区食堂": "E06", "养老院": "E01", "敬老院": "E01",
        "福利院": "E01", "老年公寓": "E01", "护理院": "E14", "养老服务站": "E03", "养老服务中心": "E02", "互助养老点": "E05", "互助点": "E05",
        "日照中心": "E09", "日间照料": "E09",
    }  # fmt: skip
    found = words.get(given) or table.get(more.get(given, ""))
    return found


@dataclass(frozen=True, slots=True)
class Figure:
    """A monthly figure (月报数) of a township. adds: months add up in a year (人次); else the last one stands
    (床位). target: of the plan, with its upper end where it is a range, and its date."""

    code: str
    name: Text
    unit: Text
    adds: bool
    target: Decimal | None
    target_most: Decimal | None
    targeted_on: date | None
    source: str


@cache
def figures(path: Path = FOLDER / "figures.csv") -> Mapping[str, Figure]:
    """The figures by code."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Figure(
                row["code"], Text(row["name"], row["name_en"]), Text(row["unit"], row["unit_en"]), row["adds"] == "yes",
                Decimal(row["target"]) if row["target"] else None,
                Decimal(row["target_most"]) if row["target_most"] else None,
                date.fromisoformat(row["targeted_on"]) if row["targeted_on"] else None, row["source"],
            )
            for row in csv.DictReader(file)
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What is a choice: how old a report may be, how small a count: data/facilities/rules.csv."""

    vacancy_grey_days: float
    vacancy_hidden_days: float
    checked_days: float
    small_cell: float
    morning_from: float
    morning_to: float
    afternoon_from: float
    afternoon_to: float


@cache
def rules(path: Path = FOLDER / "rules.csv") -> Rules:
    """The table of rules. Raises ValueError where a row lacks or is unknown."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: float(row["value"]) for row in csv.DictReader(file)}
    if wrong := set(rows) ^ {f.name for f in fields(Rules)}:
        raise ValueError(f"unknown or missing rows in {path.name}: {sorted(wrong)}")
    return Rules(**rows)
