"""What a process that searches knows of the register beforehand (检索预知): which keys are common, and what units are
called. Kept for as long as the register's stamp is the same, which every statement of a search looks at, so that a
question is asked in one way to the server and back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.store.search_statements import MOST_STEPS, plain

#: Units that a question may begin with, the best by rank; so many of them are taken.
UNITS, TAKEN = 20, MOST_STEPS


class Changed(Exception):
    """What is known beforehand is no longer so."""


class Common(NamedTuple):
    """A key that very many names have: how many, and where the list of its best ends."""

    key: int
    hits: int
    last_rank: int
    last_form: int

    @property
    def end(self) -> tuple[float, int]:
        return float(self.last_rank), self.last_form


class Known:
    """One register's common keys by key, its names of units by rank, and what units are called when, under its stamp."""

    def __init__(
        self,
        stamp: str,
        common: Iterable[Sequence[int]],
        units: Sequence[Sequence[str]],
        names: Iterable[Sequence[Any]],
    ) -> None:
        """common, units, names: rows of the statement `known`."""
        self.stamp = stamp
        self.common = {row[0]: Common(*row) for row in common}
        self._units = units
        self._names: dict[str, list[tuple[str, str, str]]] = {}
        # A unit's own code says more than the statistical one of another. Dates as ISO 8601 writes them are in the order
        # of time.
        rows = list(names)
        for known_as, (*_, name, first, end) in (
            *((r[0], r) for r in rows),
            *((r[1], r) for r in rows if r[1]),
        ):
            self._names.setdefault(known_as, []).append((first or "", end or "9999-99", name))

    def within(self, code: str, day: str) -> str | None:
        """What county, township and village that a code lies in, units' own codes or statistical ones, are called on a
        day (ISO 8601), one after the other; None where no unit is known."""
        parts = dict.fromkeys((code[:6], code[:9], code))
        # A county's statistical code of nine digits is no second unit.
        return "".join(filter(None, dict.fromkeys(self._name(part, day) for part in parts))) or None

    def _name(self, code: str, day: str) -> str | None:
        return next((name for first, end, name in self._names.get(code, ()) if first <= day < end), None)

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, (_, *names) in enumerate(self._units):
            for name in set(names):
                found.setdefault(name, []).append(place)
        return found

    def units(self, cuts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """(code, rest) of those cuts whose first part names a unit, the longest first."""
        rest = dict(cuts)
        places = sorted({place for name in rest for place in self._by_name.get(name, ())})[:UNITS]
        found = {
            (code, rest[name]): len(name)
            for code, *names in map(self._units.__getitem__, places)
            for name in names
            if name in rest
        }
        return sorted(found, key=lambda pair: -found[pair])[:TAKEN]


_KNOWN: WeakKeyDictionary[Engine, Known] = WeakKeyDictionary()


def known_of(session: Session, anew: bool = False) -> Known:
    """What is known of the session's register. anew: asked for now, since it has changed."""
    engine = session.connection().engine
    if anew or engine not in _KNOWN:
        row: Any = session.execute(plain("known")).one()
        _KNOWN[engine] = Known(row.stamp, row.common or (), row.units or (), row.names or ())
    return _KNOWN[engine]


def changed(session: Session) -> None:
    """From this transaction's commit on, what searches know beforehand is asked for anew."""
    session.execute(text(CHANGED), {"stamp": random.SystemRandom().randrange(2**53)})


CHANGED = """
    with old as (select ctid from published.search_stamp for update skip locked),
    gone as (delete from published.search_stamp s using old where s.ctid = old.ctid)
    insert into published.search_stamp (stamp) values (:stamp)"""
