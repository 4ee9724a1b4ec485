"""Notes: the findings that reading gathers on its way, and the way to stop reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geo.findings import Finding, Hit, Ref, Rule
from geo.terms import Profile, Severity
from geo.text import Text


class Refused(Exception):
    """Reading cannot go on: the finding that says why has been noted."""


class Notes:
    """What the reading of one file has met so far, in one profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.findings: list[Finding] = []

    def say(
        self,
        rule: Rule,
        *says: object,
        layer: str | None = None,
        records: Iterable[int] = (),
        ids: Iterable[str] = (),
        fids: Iterable[str] = (),
        severity: Severity | None = None,
        text: Text | None = None,
        remedy: Text | None = None,
        aspect: str = "",
        **measure: float,
    ) -> None:
        """Note one hit of a rule."""
        refs = [Ref(layer, int(record)) for record in records] or [Ref(layer)]
        refs += [Ref(layer, None, ident) for ident in ids] + [Ref(layer, fid=fid) for fid in fids]
        self.findings.append(
            rule.finding(Hit(tuple(refs), says, measure, None, severity, text, remedy, aspect), self.profile)
        )

    def refuse(self, rule: Rule, *says: object, **words: Any) -> Refused:
        """Note a hit that ends the reading; to be raised."""
        self.say(rule, *says, **words)
        return Refused(rule.code)

    @property
    def blocked(self) -> bool:
        """Whether any error has been noted."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def listed(names: Iterable[object], limit: int = 8) -> str:
    """Names in one line, cut after some: messages stay short whatever the file holds."""
    items = [str(name)[:60] for name in names]
    shown = "、".join(items[:limit])
    return f"{shown} …(+{len(items) - limit})" if len(items) > limit else shown
