"""Which names lie in a unit (所辖范围): those whose code begins with its code, but for the units that came to it with
the code that they had before, and those that left it and kept theirs (2025: 500157 两江新区 holds townships of 500109)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from geo.store.search_statements import plain

#: Shorter codes are provinces, whose units keep theirs.
SHORTEST = 6


@dataclass(frozen=True, slots=True)
class Members:
    """A unit on a date: its code, and codes of units of 9 or 12 digits that came to it or left it."""

    code: str
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def moved(self) -> bool:
        return bool(self.came or self.left)

    def condition(self, column: str, name: str) -> tuple[str, dict[str, Any]]:
        """The condition on a column of unit codes, and what it binds, by names that begin with `name`."""
        bound: dict[str, Any] = {name: self.code}
        # Not starts_with: the planner would walk another index for it.
        inside = f"left({column}, length(:{name})) = :{name}"
        if self.left:
            inside += f" and left({column}, 9) <> all(:{name}_left) and {column} <> all(:{name}_left)"
            bound[f"{name}_left"] = list(self.left)
        if self.came:
            inside = f"({inside} or left({column}, 9) = any(:{name}_came) or {column} = any(:{name}_came))"
            bound[f"{name}_came"] = list(self.came)
        return inside, bound


def members(session: Session, unit: str, at: date | None) -> Members:
    """The unit on a date, of its last day where it is gone by then; None: of all times, so that nothing leaves.

    session: of any role; only what is published is asked.
    """
    return members_of(session, (unit,), at)[unit]


def members_of(session: Session, units: Iterable[str], at: date | None) -> dict[str, Members]:
    """As `members`, of several units."""
    found = {unit: Members(unit) for unit in units}
    asked = [unit for unit in found if len(unit) >= SHORTEST and re.fullmatch(r"\d+", unit, re.ASCII)]
    came: dict[str, set[str]] = {unit: set() for unit in asked}
    gone: dict[str, set[str]] = {unit: set() for unit in asked}
    for row in session.execute(plain("units"), {"units": asked, "at": at}) if asked else ():
        (came if row.came else gone)[row.unit].add(row.code)
    for unit in asked:
        found[unit] = Members(unit, tuple(sorted(came[unit])), tuple(sorted(gone[unit] - came[unit])))
    return found
