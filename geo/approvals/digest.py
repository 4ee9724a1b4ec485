"""每日提醒: which duties are overdue, due today or soon, and whose they are.

A duty is the officer's who last handled the case where he may take its next step, else everybody's whose role may. The
roles follow from the life of an application: who takes the step that stops the limit, or the next one that moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from geo.approvals.clocks import limits
from geo.approvals.life import LIFE
from geo.terms import ApplicationState, UserRole

#: Limits that run while a case goes from hand to hand.
DECIDING = frozenset({"DL-5", "DL-6"})
#: How many days ahead a duty is reminded of.
AHEAD_DAYS = 3


@dataclass(frozen=True, slots=True)
class DueDuty:
    """One running limit of a case."""

    number: str
    name: str
    category: str
    action: str
    state: str
    limit_id: str
    due: date
    officer_id: int | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Officer:
    """Who may be reminded."""

    id: int
    login: str
    name: str
    roles: frozenset[UserRole]


@dataclass(frozen=True, slots=True)
class Digest:
    """What one officer is reminded of, each the soonest due first."""

    officer: Officer
    overdue: tuple[DueDuty, ...]
    today: tuple[DueDuty, ...]
    soon: tuple[DueDuty, ...]

    @property
    def empty(self) -> bool:
        return not (self.overdue or self.today or self.soon)


@cache
def whose(state: str, limit_id: str) -> frozenset[UserRole]:
    """The roles whose duty a limit is in a state."""
    here = [t for t in LIFE.transitions if state in t.from_]
    stopping = {
        r for t in here
        # A joint handling puts one limit of the decision in the place of the other; the duty stays where it was.
        if limit_id in t.stops and t.to != ApplicationState.WITHDRAWN and not DECIDING & set(t.starts)
        for r in t.by
    }  # fmt: skip
    moving = {r for t in here if t.to != state for r in t.by}
    # The decision is everybody's on the way to it; other duties are of those who do them.
    found = stopping | moving if limit_id in DECIDING or not stopping else stopping
    return frozenset(found - {UserRole.APPLICANT})


def digests(duties: Iterable[DueDuty], officers: Sequence[Officer], on: date) -> list[Digest]:
    """What each officer is reminded of on a day; officers with nothing too."""
    shares: dict[int, list[DueDuty]] = {officer.id: [] for officer in officers}
    by_id = {officer.id: officer for officer in officers}
    for duty in duties:
        roles = whose(duty.state, duty.limit_id)
        holder = by_id.get(duty.officer_id) if duty.officer_id is not None else None
        theirs = [holder] if holder is not None and holder.roles & roles else officers
        for officer in theirs:
            if officer.roles & roles:
                shares[officer.id].append(duty)
    return [_digest(by_id[id], sorted(share, key=lambda d: (d.due, d.number)), on) for id, share in shares.items()]  # fmt: skip


def _digest(officer: Officer, share: list[DueDuty], on: date) -> Digest:
    return Digest(
        officer,
        tuple(d for d in share if d.due < on),
        tuple(d for d in share if d.due == on),
        tuple(d for d in share if d.due > on),
    )


def as_json(digest: Digest) -> dict[str, Any]:
    """A digest as it is answered and kept."""
    return {
        "officer": digest.officer.login,
        "name": digest.officer.name,
        "overdue": [_duty(d) for d in digest.overdue],
        "today": [_duty(d) for d in digest.today],
        "soon": [_duty(d) for d in digest.soon],
    }


def _duty(duty: DueDuty) -> dict[str, Any]:
    title = limits()[duty.limit_id].title
    return {
        "number": duty.number, "name": duty.name, "category": duty.category, "action": duty.action, "state": duty.state,
        "limit": duty.limit_id, "duty": title.zh, "duty_en": title.en, "due": duty.due.isoformat(), "demo": duty.demo,
    }  # fmt: skip
