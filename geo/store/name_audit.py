"""Audit of the register (地名库核查): which standing names the naming rules would refuse or doubt today.

The names stay as approved: the regulation binds new names, and this report only tells. One statement finds
every name with those of its legal scope that are alike (name_audit.sql); the rules of geo.names.rules then
judge them in memory, in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.rules.proposal import SCOPES, Facts, Proposal, Scope
from geo.names.rules.run import discover, judge
from geo.settings import as_of
from geo.store import naming_words
from geo.store.name_facts import DIVISIONS, Registered, features_of, whereabouts
from geo.store.search_units import members
from geo.terms import Severity
from geo.text import Text

_NAMES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_OTHERS = text(
    "select distinct on (number) number, name, category, status, unit_code, readings from place_name"
    " where upper_inf(recorded) and number = any(cast(:numbers as bigint[])) and valid @> cast(:at as date)"
    " order by number, id desc"
)
_WAITING = text("select count(*) from name_shape where keys is null")
_COUNT = (
    "select count(distinct number) from place_name where upper_inf(recorded) and valid @> cast(:at as date)"
    " and status in ('standard', 'approved') and {within}"
)
# Standing divisions that something natural or a heritage site is called like (place_name_name_ix).
_LIKE_A_FEATURE = text(
    "select distinct d.number from place_name d where upper_inf(d.recorded) and d.valid @> cast(:at as date)"
    " and d.category = any(cast(:divisions as text[])) and d.status in ('standard', 'approved') and exists ("
    " select from place_name f where f.name = d.specific and upper_inf(f.recorded) and f.valid @> cast(:at as date)"
    " and f.status in ('standard', 'approved') and (f.category = :natural or f.facts ? 'heritage'))"
)
_BATCH = 2_000

#: Rules that ask for what only an application brings (old name, measures, purpose) or tell of the search itself.
NOT_OF_A_REGISTER = frozenset({"10-renaming", "25-protected", "9(8)-former", "9(8)-scope", "9(10)-facility"})

STAYS = Text(
    "核查只供参考：已批准的地名继续有效，不因本报告改变",
    "The audit informs only: names that were approved stay as approved",
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """核查意见: one rule about one standing name. collides: the register's names that it meets."""

    number: int
    name: str
    category: Category
    unit_code: str
    rule: str
    article: str
    severity: Severity
    message: Text
    collides: tuple[Registered, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "category": self.category.value,
            "unit": self.unit_code,
            "rule": self.rule,
            "article": self.article,
            "severity": self.severity.value,
            "message": self.message.zh,
            "message_en": self.message.en,
            "collides": [{"number": c.number, "name": c.name, "unit": c.unit} for c in self.collides],
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """核查报告. names: how many standing names were judged. waiting: names whose likeness is not worked out yet,
    so that a duplicate of theirs may be missing."""

    names: int
    waiting: int
    doubts: tuple[Doubt, ...]

    def counts(self) -> Mapping[tuple[str, Severity], int]:
        """Names by rule and severity, the heaviest and most frequent first."""
        found: dict[tuple[str, Severity], set[int]] = {}
        for doubt in self.doubts:
            found.setdefault((doubt.rule, doubt.severity), set()).add(doubt.number)
        order = sorted(found, key=lambda key: (key[1] is not Severity.ERROR, -len(found[key]), key[0]))
        return {key: len(found[key]) for key in order}


def audited_rules(facts: Facts) -> frozenset[str]:
    """Codes of the rules that an audit runs: those that are on and need nothing but the register."""
    return frozenset(rule.code for rule in discover()) - NOT_OF_A_REGISTER - facts.off


def size(session: Session, *, unit: str = "", at: date | None = None) -> int:
    """How many standing names a unit holds on a date."""
    on = at or as_of()
    within, bound = members(session, unit, on).condition("unit_code", "unit")
    return int(session.scalar(text(_COUNT.format(within=within)), {"at": on, **bound}) or 0)


def audit(
    session: Session,
    *,
    unit: str = "",
    at: date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Audit:
    """Judge every standing name of a unit by the rules as they are now.

    unit: a unit's code, "" for all; what lies in it, its parent on the date says. at: the date whose register is asked.
    progress: called with how
    many of how many are done. Only errors and warnings are reported.
    """
    on = at or as_of()
    facts = naming_words.base(session)
    only = audited_rules(facts)
    within, bound = members(session, unit, on).condition("t.unit_code", "unit")
    asked = text(_NAMES.replace("/*within*/", within))
    rows = session.execute(asked, {"at": on, **bound, **_by_scope()}).all()
    divisions = {"divisions": [c.value for c in DIVISIONS], "natural": Category.NATURAL.value, "at": on}
    like_a_feature = frozenset(session.scalars(_LIKE_A_FEATURE, divisions))
    doubts: list[Doubt] = []
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        others = _others(session, {o for row in batch for o in row.others}, on)
        for row in batch:
            existing = [others[o] for o in row.others if o in others]
            if row.number in like_a_feature:
                existing += _features(session, row, on)
            doubts += _judged(row, existing, facts, only)
        if progress:
            progress(start + len(batch), len(rows))
    return Audit(len(rows), int(session.scalar(_WAITING) or 0), tuple(doubts))


def _by_scope() -> dict[str, list[str]]:
    def of(scope: Scope) -> list[str]:
        return [c.value for c, s in SCOPES.items() if s is scope]

    return {
        "nation": of(Scope.NATION),
        "province": of(Scope.PROVINCE),
        "township": of(Scope.TOWNSHIP),
        "built_up": of(Scope.BUILT_UP),
    }


def _others(session: Session, numbers: set[int], at: date) -> Mapping[int, Registered]:
    if not numbers:
        return {}
    rows = session.execute(_OTHERS, {"numbers": sorted(numbers), "at": at}).all()
    return {
        row.number: Registered(
            row.name,
            Category(row.category),
            shares=SCOPES[Category(row.category)],
            unit=row.unit_code,
            readings=tuple(row.readings or ()),
            number=row.number,
            status=row.status,
        )
        for row in rows
    }


def _features(session: Session, row: Any, at: date) -> list[Registered]:
    """What a standing division is called like; it lies in the unit that it names, where the register says that."""
    proposal = Proposal(row.name, Category(row.category), unit=row.names_unit or row.unit_code)
    return features_of(session, proposal, whereabouts(session, proposal, at), at)


def _judged(row: Any, existing: Sequence[Registered], facts: Facts, only: frozenset[str]) -> Iterator[Doubt]:
    category = Category(row.category)
    known = replace(facts, existing=tuple(existing), near_sounds=False)
    # A county is known by its own code, so that the list of the nation's divisions does not hold it against itself.
    unit = row.names_unit if category is Category.COUNTY_UP and row.names_unit else row.unit_code
    proposal = Proposal(row.name, category, unit=unit, readings=tuple(row.readings or ()))
    for found in judge(proposal, known, only):
        if found.severity is not Severity.INFO:
            yield Doubt(
                row.number,
                row.name,
                category,
                row.unit_code,
                found.rule,
                found.article,
                found.severity,
                found.text,
                tuple(c.existing for c in found.collides if isinstance(c.existing, Registered)),
            )
