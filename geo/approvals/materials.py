"""申请材料: what has to be handed in, what is still missing, and which consultations a category demands.

The tables are data/approvals/materials.csv (papers), reports.csv (what the three reports must cover) and demands.csv
(综合评估、专家论证、征求意见). Everything missing is named at once (许可法第三十二条).
Source: 《地名管理条例》第十一条; 《行政区划管理条例》第十三、十四条; 《地名管理条例实施办法》第五条.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from geo.approvals import rows
from geo.names.categories import Category
from geo.terms import ApplicationAction
from geo.text import Text

#: 咨询事项, as the columns of demands.csv and the life of a case name them.
CONSULTATIONS = ("opinion", "expert", "comment", "assessment")
#: Consultation -> the report that it ends with (reports.csv), where the Measures name its contents.
REPORTS = {"expert": "expert", "comment": "comment", "assessment": "assessment"}
REQUIRED, MAY = "required", "may"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One paper. fields: of the form, which all filled in do instead of a file. report: its contents, in reports.csv.

    demanded: made while the case is reviewed, where its consultation is demanded; not of the applicant.
    """

    kind: str
    title: Text
    fields: tuple[str, ...]
    report: str | None
    optional: bool
    demanded: bool
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Demands:
    """Which consultations a case must have, and which it may have. sure: whether the text itself says so."""

    required: frozenset[str]
    may: frozenset[str]
    sure: bool
    source: str
    note: str


def requirements(
    category: Category, action: ApplicationAction, *, protected: bool = False
) -> tuple[Requirement, ...]:
    """The papers of a case, in the order of the table; each kind once, the stricter row counting.

    protected: whether the name stands on a protection list (保护名录).
    """
    found: dict[str, Requirement] = {}
    for row in rows.read("materials.csv"):
        if not rows.speaks(row, category=category, action=action):
            continue
        if row["when"] == "protected" and not protected:
            continue
        # Rows for named categories stand before those for any, so the first of a kind is the stricter.
        found.setdefault(
            row["kind"],
            Requirement(
                kind=row["kind"],
                title=Text(row["zh"], row["en"]),
                fields=rows.words(row["fields"]),
                report=row["report"] or None,
                optional=row["when"] == "optional",
                demanded=row["when"] == "demanded",
                source=row["source"],
                note=row["note"],
            ),
        )
    return tuple(found.values())


def missing(
    category: Category,
    action: ApplicationAction,
    *,
    kinds: Collection[str],
    form: Mapping[str, Any],
    protected: bool = False,
) -> list[Requirement]:
    """Every paper that the applicant still owes, all at once. kinds: of the files handed in; form: what he filled
    in; blank is not filled in."""
    return [
        need
        for need in requirements(category, action, protected=protected)
        if not (need.optional or need.demanded)
        and need.kind not in kinds
        and not (need.fields and all(_filled(form.get(field)) for field in need.fields))
    ]


def _filled(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


@cache
def titles() -> Mapping[str, Text]:
    """What each kind of paper is called."""
    return {row["kind"]: Text(row["zh"], row["en"]) for row in reversed(rows.read("materials.csv"))}


@cache
def contents(report: str) -> Mapping[str, Text]:
    """What a report must cover (办法第五条): key -> its words. Empty for a report that the Measures do not name."""
    return {
        row["key"]: Text(row["zh"], row["en"]) for row in rows.read("reports.csv") if row["report"] == report
    }


def uncovered(report: str, covered: Mapping[str, Any]) -> list[Text]:
    """What a report leaves out, of what it must cover. covered: its words by key."""
    return [words for key, words in contents(report).items() if not _filled(covered.get(key))]


def demands(category: Category, action: ApplicationAction, *, protected: bool = False) -> Demands:
    """The consultations of a case. A listed name that is to change is always reviewed by experts (a setting of ours:
    条例第二十五条 asks for measures and leaves the way open)."""
    row = rows.nearest(rows.read("demands.csv"), category=category, action=action)
    assert row is not None, (category, action)
    required = {what for what in CONSULTATIONS if row[what] == REQUIRED}
    if protected and action is not ApplicationAction.NAMING:
        required.add("expert")
    may = {what for what in CONSULTATIONS if row[what] == MAY} - required
    return Demands(frozenset(required), frozenset(may), row["sure"] == "yes", row["source"], row["note"])
