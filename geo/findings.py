"""Findings: one shape for what the boundary checks and the naming rules have to say.

A `Rule` is declared in a `Catalogue` beside the code that finds the defect. The code yields `Hit`s,
in the coordinates it works in; `Rule.finding` turns a hit into a `Finding`, in EPSG:4490.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo.terms import Profile, Severity, Verdict
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Ref:
    """One record that a finding speaks of: layer, record number from 0, its name or code, and the id (FID)
    that a GeoPackage gives it."""

    layer: str | None
    record: int | None = None
    ident: str | None = None
    fid: str | None = None

    def __str__(self) -> str:
        return self.ident or (f"#{self.record}" if self.record is not None else self.layer or "")


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule is broken.

    says: what fills {0}, {1} … of the rule's texts; `refs` fill them where `says` is empty.
    refs: the records concerned, the first one's layer being the finding's.
    measure: area_m2 width_m distance_m length_m angle_deg count, as fits; also fills the texts.
    at: the place, in the coordinates that the check works in; None where a hit has no place.
    severity, text, remedy: only where they differ from the rule's.
    aspect: which of the faults that a rule can find in one record at one place, where its text does not tell
    them apart: a field's name, a side.
    """

    refs: tuple[Ref, ...] = ()
    says: tuple[object, ...] = ()
    measure: Mapping[str, float] = field(default_factory=dict)
    at: BaseGeometry | None = None
    severity: Severity | None = None
    text: Text | None = None
    remedy: Text | None = None
    aspect: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """检查意见: what is wrong, where, and what to do. Geometry in EPSG:4490, longitude first.

    `geometry` is None where the reference system is unknown or has no authorised transformation;
    `source_geometry` then holds the place in the file's own coordinates.
    """

    code: str
    severity: Severity
    text: Text
    remedy: Text
    layer: str | None = None
    features: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    geometry: BaseGeometry | None = None
    source_geometry: BaseGeometry | None = None
    measure: Mapping[str, float] = field(default_factory=dict)
    rule: str | None = None
    #: FIDs of a GeoPackage, said among the ids but no part of the key: another export numbers anew.
    fids: tuple[str, ...] = ()
    #: Which of the rule's faults it is, part of the key; empty where the rule has one text and says no aspect.
    aspect: str = ""

    @property
    def key(self) -> str:
        """The finding's id: follows from code, subjects, place (to about 1 m) and the kind of fault, so that a
        resubmission shows what went away and what is new, also where one of two faults of a record is mended.

        Numbers that a text is filled with are no part of it, the text itself is where a rule has several: a
        submission checked before such a text was worded anew shows its findings as gone and new once."""
        place = self.geometry if self.geometry is not None else self.source_geometry
        bounds = () if place is None or place.is_empty else place.bounds
        # Coordinates without a system may be degrees as well.
        digits = 5 if self.geometry is not None or all(abs(v) <= 360 for v in bounds) else 0
        where = ",".join(f"{v:.{digits}f}" for v in bounds)
        # Two records are the same two whichever comes first in the file.
        subjects = "|".join(sorted(self.ids)) or "|".join(map(str, self.features))
        text = "\x1f".join((self.code, self.layer or "", subjects, where, *filter(None, (self.aspect,))))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def order(self) -> tuple[Any, ...]:
        return (self.code, self.layer or "", self.features, self.ids)

    def to_json(self) -> dict[str, Any]:
        """The finding as in docs/contract.md."""
        answer: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.text.zh,
            "message_en": self.text.en,
            "remedy": self.remedy.zh,
            "remedy_en": self.remedy.en,
            "layer": self.layer,
            "features": list(self.features),
            "ids": [*self.ids, *(fid for fid in self.fids if fid not in self.ids)],
            "geometry": None if self.geometry is None else mapping(self.geometry),
            "measure": {k: round(float(v), 6) for k, v in self.measure.items()},
            "rule": self.rule,
        }
        if self.geometry is None and self.source_geometry is not None:
            answer["source_geometry"] = mapping(self.source_geometry)
        return answer


Check = Callable[..., Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue: code, words, severity in either profile, source, and its function.

    generic: the severity in profile `generic`; None means that the rule is off there.
    """

    code: str
    severity: Severity
    generic: Severity | None
    message: Text
    remedy: Text
    source: str
    check: Check | None = None

    def severity_in(self, profile: Profile) -> Severity | None:
        return self.severity if profile is Profile.TOWNSHIP else self.generic

    def finding(
        self,
        hit: Hit,
        profile: Profile = Profile.TOWNSHIP,
        place: Callable[[BaseGeometry], tuple[BaseGeometry | None, BaseGeometry | None]] | None = None,
    ) -> Finding:
        """The hit as a finding.

        place: turns `hit.at` into (EPSG:4490 geometry or None, source geometry or None).
        In profile `generic` a hit's own severity never exceeds the rule's severity there.
        """
        ceiling = self.severity_in(profile)
        assert ceiling is not None, f"{self.code} is off in {profile}"
        severity = hit.severity or ceiling
        if profile is Profile.GENERIC and _WEIGHT[severity] > _WEIGHT[ceiling]:
            severity = ceiling
        values = hit.says or hit.refs
        geometry = source = None
        if hit.at is not None and place is not None:
            geometry, source = place(hit.at)
        records = tuple(dict.fromkeys(r.record for r in hit.refs if r.record is not None))
        ids = tuple(dict.fromkeys(r.ident for r in hit.refs if r.ident))
        return Finding(
            code=self.code,
            severity=severity,
            text=(hit.text or self.message).fill(*values, **hit.measure),
            remedy=(hit.remedy or self.remedy).fill(*values, **hit.measure),
            layer=next((r.layer for r in hit.refs if r.layer), None),
            features=records,
            ids=ids,
            geometry=geometry,
            source_geometry=source,
            measure=dict(hit.measure),
            rule=self.source or None,
            fids=tuple(dict.fromkeys(r.fid for r in hit.refs if r.fid is not None)),
            aspect="\x1e".join(filter(None, (hit.text.zh if hit.text else "", hit.aspect))),
        )


_WEIGHT = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}

_SAME = "same"


class Catalogue:
    """All rules of one kind, by code. `rule` declares a function, `declare` one met while reading."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}

    def declare(
        self,
        *,
        code: str,
        severity: Severity,
        message: Text,
        remedy: Text,
        source: str = "",
        generic: Severity | str | None = _SAME,
        check: Check | None = None,
    ) -> Rule:
        """Add a rule. `generic` defaults to the same severity. Raises ValueError on a code declared twice."""
        if code in self._rules:
            raise ValueError(f"rule {code} declared twice")
        weight = severity if generic == _SAME else generic
        assert weight is None or isinstance(weight, Severity)
        rule = Rule(code, severity, weight, message, remedy, source, check)
        self._rules[code] = rule
        return rule

    def rule(self, **words: Any) -> Callable[[Check], Check]:
        """Decorator form of `declare`."""

        def add(check: Check) -> Check:
            self.declare(check=check, **words)
            return check

        return add

    def __getitem__(self, code: str) -> Rule:
        return self._rules[code]

    def __iter__(self) -> Iterator[Rule]:
        return iter(sorted(self._rules.values(), key=lambda r: r.code))

    def __len__(self) -> int:
        return len(self._rules)


def verdict(findings: Iterable[Finding]) -> Verdict:
    """检查结论 of a file from its findings."""
    severities = {f.severity for f in findings}
    if Severity.ERROR in severities:
        return Verdict.REJECT
    return Verdict.ACCEPT_WITH_WARNING if Severity.WARNING in severities else Verdict.ACCEPT
