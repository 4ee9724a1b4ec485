"""Findings as the survey page lists them: grouped by code, worst first, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from geo.checks.titles import title as named
from geo.terms import Severity

#: How each measure of the contract's finding reads.
MEASURES: Mapping[str, str] = {
    "area_m2": "{:,.2f} m²",
    "width_m": "↔ {:,.3f} m",
    "distance_m": "{:,.3f} m",
    "length_m": "{:,.3f} m",
    "angle_deg": "{:.2f}°",
    "count": "× {:,.0f}",
}

WEIGHT = {Severity.ERROR.value: 0, Severity.WARNING.value: 1, Severity.INFO.value: 2}


def totals(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings of each severity."""
    answer = {severity.value: 0 for severity in Severity}
    for finding in findings:
        answer[finding["severity"]] += 1
    return answer


def grouped(
    findings: Sequence[Mapping[str, Any]], new: frozenset[str], language: str
) -> list[dict[str, Any]]:
    """One group a code and severity: title, remedy, rule, items. `new`: keys that were not there before."""
    groups: dict[tuple[int, str, str], list[Mapping[str, Any]]] = {}
    for finding in findings:
        place = (WEIGHT[finding["severity"]], finding["code"], finding["severity"])
        groups.setdefault(place, []).append(finding)
    said = "message_en" if language == "en" else "message"
    mend = "remedy_en" if language == "en" else "remedy"
    return [
        {
            "code": code,
            "severity": severity,
            "title": _title(code, severity, language),
            "remedy": items[0][mend],
            "rule": legal(items[0].get("rule")),
            "items": [
                {
                    **item,
                    "text": item[said],
                    "remedy": item[mend],
                    "new": item["key"] in new,
                    "measures": measures(item.get("measure") or {}),
                }
                for item in items
            ],
        }
        for (_, code, severity), items in sorted(groups.items(), key=lambda pair: pair[0])
    ]


def legal(source: str | None) -> str | None:
    """依据 as the surveyor can look it up: a law or a standard, not the project's own pages."""
    parts = [part.strip() for part in (source or "").split(";")]
    return "; ".join(part for part in parts if part and not part.startswith("docs/")) or None


def measures(values: Mapping[str, float]) -> list[str]:
    """The measures of a finding in the contract's order, with their units."""
    return [form.format(values[name]) for name, form in MEASURES.items() if name in values]


def _title(code: str, severity: str, language: str) -> str:
    """The check's name. A note has none: it says that there is no defect, or what was not looked at."""
    return "" if severity == Severity.INFO else named(code).in_language(language)
