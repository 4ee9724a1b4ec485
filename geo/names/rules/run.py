"""Run (命名审查): every rule that is on, as a verdict with findings and suggestions."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

import geo.names.rules
from geo.names.categories import Category
from geo.names.rules import suggest
from geo.names.rules.catalogue import RULES, NameFinding, Rules
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text

#: So many names are tried as suggestions, and no more.
MOST_TRIED = 150
#: A longer text is no name; it is answered without the other rules.
LONGEST = 60

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_OWN = frozenset({"run", "catalogue", "proposal", "suggest", "document", "lexical"})

RENAMING = Text(
    "更名也应符合命名规定：新名“{0}”有 {1} 处不符合第九条，请换一个名称",
    "A renaming must satisfy the naming rules too: the new name “{0}” breaks Article 9 in {1} places; choose another",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """审查结论: fits, doubtful or refused, as in product.md §3."""

    name: str
    category: Category
    findings: tuple[NameFinding, ...]
    suggestions: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        severities = {f.severity for f in self.findings}
        if Severity.ERROR in severities:
            return "refused"
        return "doubtful" if Severity.WARNING in severities else "fits"

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "category": self.category.value,
            "verdict": self.verdict,
            "findings": [f.to_json() for f in self.findings],
            "suggestions": list(self.suggestions),
        }


@cache
def discover() -> Rules:
    """The catalogue with every module of geo.names.rules imported: adding a rule takes one file."""
    for module in pkgutil.iter_modules(geo.names.rules.__path__):
        if module.name not in _OWN:
            importlib.import_module(f"geo.names.rules.{module.name}")
    return RULES


def judge(proposal: Proposal, facts: Facts, only: Iterable[str] | None = None) -> tuple[NameFinding, ...]:
    """The findings of a proposal, heaviest first. only: these rules alone, by code."""
    chosen = None if only is None else frozenset(only)
    if len(proposal.name) > LONGEST:
        chosen = frozenset({"9-structure"})
    findings = [
        rule.finding(hit)
        for rule in discover()
        if rule.code not in facts.off and (chosen is None or rule.code in chosen)
        for hit in rule.check(proposal, facts)
    ]
    errors = sum(f.severity is Severity.ERROR and f.rule.startswith("9") for f in findings)
    if proposal.replaces and errors and "10-renaming" not in facts.off and chosen is None:
        rule = RULES["10-renaming"]
        findings.append(
            NameFinding(rule.code, rule.article, Severity.ERROR, RENAMING.fill(proposal.name, errors))
        )
    return tuple(sorted(findings, key=lambda f: (_WEIGHT[f.severity], f.rule, f.text.zh)))


def run(proposal: Proposal, facts: Facts, *, suggestions: int = 5) -> Verdict:
    """The verdict on a proposal; for a refused name up to `suggestions` names that pass every rule."""
    verdict = Verdict(proposal.name, proposal.category, judge(proposal, facts))
    if verdict.verdict != "refused" or not suggestions or len(proposal.name) > LONGEST:
        return verdict
    passing: list[str] = []
    broken = {f.rule for f in verdict.findings if f.severity is Severity.ERROR}
    for name in islice(suggest.candidates(proposal, facts, broken), MOST_TRIED):
        other = Verdict(name, proposal.category, judge(replace(proposal, name=name), facts))
        if other.verdict == "fits":
            passing.append(name)
            if len(passing) == suggestions:
                break
    return replace(verdict, suggestions=tuple(passing))
