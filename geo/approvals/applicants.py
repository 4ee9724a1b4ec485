"""申请人: who may apply for a name of which category.

The tables are data/approvals/applicants.csv and applicant_kinds.csv. A citizen does not apply: his proposal is a
suggestion (建议) that a township or subdistrict may take up.
Source: 渝民发〔2023〕7号 as far as it was seen; other rows say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from geo.approvals import rows
from geo.names.categories import Category
from geo.terms import ApplicationAction
from geo.text import Text


class ApplicantKind(StrEnum):
    """申请人类型."""

    TOWNSHIP = "township"
    COMMITTEE = "committee"
    BUILDER = "builder"
    DEPARTMENT = "department"
    GOVERNMENT = "government"
    CITIZEN = "citizen"


class Standing(StrEnum):
    """What somebody's paper is: an application, a suggestion that a township may take up, or neither."""

    APPLICATION = "application"
    SUGGESTION = "suggestion"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Applicants:
    """Who may apply. sure: whether the row rests on a text that was seen."""

    kinds: tuple[ApplicantKind, ...]
    sure: bool
    source: str
    note: str

    @property
    def words(self) -> Text:
        """The kinds, in words."""
        names = [names_of_kinds()[k] for k in self.kinds]
        return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))


@cache
def names_of_kinds() -> Mapping[ApplicantKind, Text]:
    """What each kind is called."""
    return {
        ApplicantKind(row["kind"]): Text(row["zh"], row["en"]) for row in rows.read("applicant_kinds.csv")
    }


def kinds_of(organisation_kind: str) -> tuple[ApplicantKind, ...]:
    """What somebody of an organisation of this kind (Organisation.kind) may say that he applies as."""
    return tuple(
        ApplicantKind(row["kind"])
        for row in rows.read("applicant_kinds.csv")
        if organisation_kind in rows.words(row["organisations"])
    )


def applicants_for(category: Category, action: ApplicationAction, on: date) -> Applicants | None:
    """Who may apply, on a day; None where the table names nobody."""
    row = rows.nearest(rows.read("applicants.csv"), on, category=category, action=action)
    if row is None:
        return None
    kinds = tuple(ApplicantKind(kind) for kind in rows.words(row["kinds"]))
    return Applicants(kinds, row["sure"] == "yes", row["source"], row["note"])


def standing(kind: ApplicantKind, category: Category, action: ApplicationAction, on: date) -> Standing:
    """What a paper of this applicant is."""
    if kind is ApplicantKind.CITIZEN:
        return Standing.SUGGESTION
    found = applicants_for(category, action, on)
    return Standing.APPLICATION if found is not None and kind in found.kinds else Standing.NEITHER
