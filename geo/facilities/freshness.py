"""Freshness (时效): how old a report is, and what may still be shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from geo.facilities.kinds import Rules


class Freshness(StrEnum):
    FRESH = "fresh"
    OLD = "old"
    STALE = "stale"


def freshness(reported: datetime, now: datetime, rules: Rules) -> Freshness:
    """Fresh, old (grey), or stale (not shown). A report from the future is fresh."""
    age = now - reported
    if age > timedelta(days=rules.vacancy_hidden_days):
        return Freshness.STALE
    return Freshness.OLD if age > timedelta(days=rules.vacancy_grey_days) else Freshness.FRESH


@dataclass(frozen=True, slots=True)
class Vacancies:
    """空床 as reported: numbers, time, and how fresh they are. Stale ones are not made at all."""

    vacancies: int | None
    nursing: int | None
    at: datetime
    fresh: Freshness


def shown(
    vacancies: int | None, nursing: int | None, at: datetime | None, now: datetime, rules: Rules
) -> Vacancies | None:
    """What may be shown of the last report; None where there is none or it is stale."""
    if at is None or (vacancies is None and nursing is None):
        return None
    fresh = freshness(at, now, rules)
    return None if fresh is Freshness.STALE else Vacancies(vacancies, nursing, at, fresh)


def overdue(checked_on: date | None, today: date, rules: Rules) -> bool:
    """Whether a facility was not checked for too long, or never."""
    return checked_on is None or (today - checked_on).days > rules.checked_days
