"""What a search is limited to, and what it answers (检索条件、检索结果)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geo.names import query
from geo.names.categories import Category
from geo.names.query import TIER_NAMES, Question, Step, Tier
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Filters:
    """What the answers are limited to. unit: code, any length; box: west, south, east, north; at: names valid on
    that date, None for names of all times; near: longitude and latitude that nearer names are preferred to."""

    category: Category | None = None
    unit: str | None = None
    box: tuple[float, float, float, float] | None = None
    at: date | None = None
    near: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer. spans: what to highlight in name, [start, end) in code points."""

    number: int
    place_id: int
    name: str
    kind: str
    romanization: str
    status: str
    category: str
    unit_code: str
    unit_name: str | None
    valid_from: date | None
    valid_to: date | None
    lon: float | None
    lat: float | None
    demo: bool
    tier: Tier
    spans: tuple[tuple[int, int], ...]
    standard: tuple[int, str] | None

    @property
    def why(self) -> Text:
        return TIER_NAMES[self.tier]

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "place_id": self.place_id,
            "name": self.name,
            "kind": self.kind,
            "romanization": self.romanization,
            "status": self.status,
            "category": self.category,
            "unit_code": self.unit_code,
            "unit_name": self.unit_name,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "lon": self.lon,
            "lat": self.lat,
            "demo": self.demo,
            "tier": self.tier.value,
            "why": self.why.zh,
            "why_en": self.why.en,
            "highlight": [list(span) for span in self.spans],
            "standard": {"number": self.standard[0], "name": self.standard[1]} if self.standard else None,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of ordinary hits, where the next begins, and the offers (是否要找), which stand apart."""

    items: tuple[Hit, ...]
    next: str | None
    offers: tuple[Hit, ...] = ()


def hit_of(
    step: Step,
    row: Any,
    question: Question,
    unit_name: str | None,
    standard: tuple[int, str] | None,
) -> Hit:
    """unit_name: of the unit that it lies in; standard: number and name of the place's standard name."""
    tier = step.tier
    if tier is Tier.EXACT and row.form != step.text:
        tier = Tier.BARE
    return Hit(
        number=row.number,
        place_id=row.place_id,
        name=row.name,
        kind=row.kind,
        romanization=row.romanization,
        status=row.status,
        category=row.category,
        unit_code=row.unit_code,
        unit_name=unit_name,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        lon=row.lon,
        lat=row.lat,
        demo=row.demo,
        tier=tier,
        spans=tuple(query.spans(step, row.name, row.form, row.spelled)),
        standard=standard if standard and standard[0] != row.number else None,
    )
