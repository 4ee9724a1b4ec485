"""Naming (命名审查) for route and page alike: the turn of an address, the check itself, what may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request

from api.doors import address, settings_of, transaction
from api.security import limits
from api.security.access import may_see_restricted
from api.security.person import Person
from geo.names.rules.catalogue import NameFinding
from geo.names.rules.proposal import Proposal
from geo.names.rules.run import Verdict, run
from geo.problems import BadInput
from geo.store import name_shapes
from geo.store.name_facts import Registered, concealed, facts_for
from geo.text import Text

#: Names whose keys one request works out, when an import has just left some.
_AT_ONCE = 2_000


class BadPlace(BadInput):
    """The point is half given, outside China, or its coordinates are swapped."""

    code = "bad-place"
    title = Text(
        "坐标不完整或不在中国范围内，请核对经纬度是否颠倒（经度 73–136，纬度 3–54）",
        "The point is incomplete or outside China; see whether longitude (73–136) and latitude (3–54) are swapped",
    )


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A verdict as this reader may have it. told: the contract's object. met: per finding, the register's
    names that it meets, None for one that is not to be told."""

    verdict: Verdict
    told: dict[str, Any]
    met: list[list[Registered | None]]


def take_turn(request: Request) -> None:
    """Count a check of the address, and work out the keys of names that wait. Raises TooMany."""
    settings = settings_of(request)
    with transaction(request) as session:
        refused = limits.take(
            session,
            "name-check",
            address(request) or "",
            burst=settings.check_burst,
            per_minute=settings.check_per_minute,
        )
        if refused is None and name_shapes.waiting(session):
            name_shapes.fill(session, _AT_ONCE)
    if refused is not None:
        raise refused


def conclude(session: Session, proposal: Proposal, person: Person | None, at: date) -> Conclusion:
    """The verdict on a proposal, told as the person may read it. session: of the application's role. Raises
    BadPlace."""
    half = (proposal.lon is None) != (proposal.lat is None)
    if half or (
        proposal.lon is not None
        and proposal.lat is not None
        and not (73 <= proposal.lon <= 136 and 3 <= proposal.lat <= 54)
    ):
        raise BadPlace()
    verdict = run(proposal, facts_for(session, proposal, at=at))
    officer = may_see_restricted(person)
    told = verdict.to_json()
    if not officer:
        told["findings"] = [
            concealed(said, [c.existing for c in finding.collides])
            for said, finding in zip(told["findings"], verdict.findings, strict=True)
        ]
    return Conclusion(verdict, told, [_met(finding, officer) for finding in verdict.findings])


def _met(finding: NameFinding, officer: bool) -> list[Registered | None]:
    answer: list[Registered | None] = []
    for collision in finding.collides:
        existing = collision.existing
        answer.append(
            existing
            if isinstance(existing, Registered) and (officer or existing.public) and existing.number
            else None
        )
    return answer
