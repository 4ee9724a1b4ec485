"""The catalogue of naming rules (命名规则目录): what a rule is, and the shape of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.names.categories import Category
from geo.names.rules.proposal import Existing, Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Case:
    """A name and what the rule says of it: the heaviest severity, or None for nothing."""

    name: str
    severity: Severity | None
    category: Category = Category.COMMITTEE
    existing: str = ""
    why: str = ""
    replaces: str | None = None
    attributes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collision:
    """An existing name that the proposal meets, and why (同名, 同音 …)."""

    existing: Existing
    why: str

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.existing.name,
            "category": self.existing.category.value,
            "unit": self.existing.unit,
            "distance_m": self.existing.distance_m,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One breach. says fills the texts; severity and text only where they differ from the rule's."""

    says: tuple[object, ...] = ()
    severity: Severity | None = None
    text: Text | None = None
    collides: tuple[Collision, ...] = ()


@dataclass(frozen=True, slots=True)
class NameFinding:
    """审查意见 on a name, as in product.md §3."""

    rule: str
    article: str
    severity: Severity
    text: Text
    collides: tuple[Collision, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "article": self.article,
            "severity": self.severity.value,
            "message": self.text.zh,
            "message_en": self.text.en,
            "collides": [c.to_json() for c in self.collides],
        }


Check = Callable[[Proposal, Facts], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class NameRule:
    """One rule: its code (the contract's rule name), article, usual severity, words, cases and function."""

    code: str
    article: str
    severity: Severity
    message: Text
    source: str
    cases: tuple[Case, ...]
    check: Check

    def finding(self, hit: Hit) -> NameFinding:
        return NameFinding(
            self.code,
            self.article,
            hit.severity or self.severity,
            (hit.text or self.message).fill(*hit.says),
            hit.collides,
        )


class Rules:
    """All naming rules by code."""

    def __init__(self) -> None:
        self._rules: dict[str, NameRule] = {}

    def rule(
        self,
        *,
        code: str,
        article: str,
        severity: Severity,
        message: Text,
        source: str,
        cases: tuple[Case, ...],
    ) -> Callable[[Check], Check]:
        """Decorator that adds a rule. Raises ValueError on a code declared twice."""

        def add(check: Check) -> Check:
            if code in self._rules:
                raise ValueError(f"rule {code} declared twice")
            self._rules[code] = NameRule(code, article, severity, message, source, cases, check)
            return check

        return add

    def __getitem__(self, code: str) -> NameRule:
        return self._rules[code]

    def __iter__(self) -> Iterator[NameRule]:
        return iter(sorted(self._rules.values(), key=lambda r: r.code))

    def __len__(self) -> int:
        return len(self._rules)


RULES = Rules()
