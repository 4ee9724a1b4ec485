"""A facility (设施) as everybody but the store sees it, and what of it is public."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from geo.facilities.freshness import Freshness, overdue, shown
from geo.facilities.hours import Now, Openness
from geo.facilities.hours import now as open_now
from geo.facilities.hours import says as hours_said
from geo.facilities.kinds import (
    ABILITIES,
    ACCESS,
    GRADES,
    MODES,
    NATURES,
    SERVICES,
    Kind,
    Rules,
    kinds,
)
from geo.terms import FACILITY_STATUS_NAMES, FacilityStatus
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Report:
    """What its operator reported last (机构上报). at: aware."""

    vacancies: int | None
    nursing: int | None
    notice: str | None
    at: datetime


@dataclass(frozen=True)
class Facility:
    """One facility on a date. version: id of its row; unit_name: the community's and the township's name;
    lon, lat: the entrance, None where unknown or not to be shown."""

    number: int
    version: int
    name: str
    kind: str
    status: FacilityStatus
    unit_code: str
    unit_name: str = ""
    code: str | None = None
    sub_kind: str | None = None
    mode: str | None = None
    nature: str | None = None
    grade: str | None = None
    address: str | None = None
    phone: str | None = None
    operator_id: int | None = None
    operator: str | None = None
    beds: int | None = None
    nursing_beds: int | None = None
    services: tuple[str, ...] = ()
    hours: Mapping[str, Any] = field(default_factory=dict)
    prices: Mapping[str, Any] = field(default_factory=dict)
    access: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    restricted: bool = False
    checked_on: date | None = None
    lon: float | None = None
    lat: float | None = None
    geometry_source: str | None = None
    demo: bool = False
    report: Report | None = None

    @property
    def of(self) -> Kind:
        return kinds()[self.kind]

    @property
    def public(self) -> bool:
        """Whether the public may see it at all: home-care beds are no places, plans are no facilities yet."""
        return self.of.place and self.status is not FacilityStatus.PLANNED

    @property
    def placed(self) -> bool:
        """Whether the public may see where it is."""
        return self.public and not self.restricted and not self.of.restricted and self.lon is not None

    def open(self, when: datetime, holidays: Collection[date] = ()) -> Now:
        """Whether it is open at a local moment; suspended and closed ones never are."""
        if self.status is not FacilityStatus.OPEN:
            return Now(Openness.CLOSED, None, FACILITY_STATUS_NAMES[self.status])
        return open_now(self.hours, when, holidays)


def named(value: str | None, names: Mapping[Any, Text]) -> Text | None:
    """The words of a code; a value that is no code is its own words."""
    if not value:
        return None
    return names.get(value) or Text(value, value)


def mode_name(f: Facility) -> Text | None:
    return named(f.mode, {m.value: t for m, t in MODES.items()})


#: Facts in the order of a card: key, words, and how a value is written.
FACTS: dict[str, Text] = {
    "meals": Text("供餐", "Meals"),
    "seats": Text("座位", "Seats"),
    "persons_per_meal": Text("每餐人数", "People a meal"),
    "area_m2": Text("面积（平方米）", "Area (m²)"),
    "dietary": Text("饮食选择", "Diets"),
    "delivery": Text("送餐范围", "Delivery"),
    "hygiene": Text("量化等级", "Hygiene grade"),
    "licence": Text("食品经营许可证", "Food licence"),
    "licence_expires": Text("许可证有效期", "Licence expires"),
    "model_canteen": Text("市级示范", "Municipal model"),
    "inclusive": Text("普惠", "Basic price"),
    "accepts": Text("收住能力等级", "Accepts"),
    "hospital": Text("协议医院", "Hospital"),
    "carers": Text("养老护理员", "Carers"),
    "filing_no": Text("备案编号", "Filing number"),
    "credit_code": Text("统一社会信用代码", "Credit code"),
    "opened": Text("开办日期", "Opened"),
    "bus_stop": Text("公交站、轨道站", "Bus or metro"),
    "capacity": Text("容量", "Capacity"),
    "price_notice": Text("收费公示", "Price list"),
    "complaint_phone": Text("监督电话", "Complaints"),
}
PRICES: dict[str, Text] = {
    "meal_elder": Text("老人餐 {0} 元", "Meal for elders {0} yuan"),
    "meal_public": Text("其他人 {0} 元", "others {0} yuan"),
    "bed_month": Text("床位 {0} 元/月", "bed {0} yuan a month"),
    "care_month": Text("护理 {0} 元/月", "care {0} yuan a month"),
    "subsidy": Text("{0}", "{0}"),
}
YES_NO = {"yes": Text("是", "Yes"), "no": Text("否", "No")}


def price_text(f: Facility) -> Text | None:
    """What it costs, in one line."""
    parts = [t.fill(f.prices[k]) for k, t in PRICES.items() if f.prices.get(k) not in (None, "")]
    return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts)) if parts else None


def services_text(f: Facility) -> Text | None:
    known = [SERVICES.get(s) or Text(s, s) for s in f.services]
    return Text("、".join(t.zh for t in known), ", ".join(t.en for t in known)) if known else None


def access_text(f: Facility) -> Text | None:
    known = [ACCESS.get(k) or Text(k, k) for k, v in f.access.items() if v]
    return Text("、".join(t.zh for t in known), ", ".join(t.en for t in known)) if known else None


def fact_rows(f: Facility) -> list[tuple[Text, Text]]:
    """Further public facts as label and value."""
    out: list[tuple[Text, Text]] = []
    if nature := named(f.nature, NATURES):
        out.append((Text("性质", "Nature"), nature))
    if grade := named(f.grade, GRADES):
        out.append((Text("等级", "Grade"), grade))
    if f.operator:
        out.append((Text("运营单位", "Operator"), Text(f.operator, f.operator)))
    for key, label in FACTS.items():
        value = f.facts.get(key)
        if value in (None, "", []):
            continue
        if key == "accepts":
            levels = [
                ABILITIES.get(str(v)) or Text(str(v), str(v))
                for v in (value if isinstance(value, list) else [value])
            ]
            out.append((label, Text("、".join(t.zh for t in levels), ", ".join(t.en for t in levels))))
        else:
            out.append((label, YES_NO.get(str(value)) or Text(str(value), str(value))))
    return out


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of a facility at this moment, ready to be shown."""

    open: Now
    hours: Text | None
    vacancies: int | None
    nursing: int | None
    reported: datetime | None
    fresh: Freshness | None
    overdue: bool
    notice: str | None


def standing(
    f: Facility, when: datetime, rules: Rules, holidays: Collection[date] = (), today: date | None = None
) -> Standing:
    """Open now, vacancies as fresh as they are, and whether it was checked lately.

    when: the moment, aware, in local time. today: the date looked at, of `when` unless given.
    """
    report = f.report
    free = None
    if report is not None:
        free = shown(report.vacancies, report.nursing, report.at, when, rules)
    return Standing(
        f.open(when.replace(tzinfo=None), holidays),
        hours_said(f.hours),
        free.vacancies if free else None,
        free.nursing if free else None,
        free.at if free else None,
        free.fresh if free else None,
        overdue(f.checked_on, today or when.date(), rules),
        report.notice if report is not None and (when - report.at).days <= rules.vacancy_grey_days else None,
    )
