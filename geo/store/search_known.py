"""What a process that searches knows of the register beforehand (检索预知): which keys are common, and what units are
called. Kept for as long as the register's stamp is the same, which every statement of a search looks at, so that a
question is asked in one way to the server and back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.names import addresses
from geo.names.addresses import Reading
from geo.names.query import MOST_WITHIN, Question
from geo.store.search_statements import plain


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
    """One register's common keys by key, its names of units by rank, what units are called when, and which lie elsewhere than
    their codes say, under its stamp."""

    def __init__(
        self,
        stamp: str,
        common: Iterable[Sequence[int]],
        units: Sequence[Sequence[str]],
        names: Iterable[Sequence[Any]],
        moved: Iterable[Sequence[Any]] = (),
    ) -> None:
        """common, units, names, moved: rows of the statement `known`."""
        self.stamp = stamp
        self.common = {row[0]: Common(*row) for row in common}
        self._units = units
        self._moved: dict[str, list[tuple[str, str]]] = {}
        for code, parent, first in moved:
            self._moved.setdefault(code, []).append((parent, first or ""))
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
    def _by_name(self) -> dict[str, list[str]]:
        """Codes of units by what they are or were called, the best by rank."""
        found: dict[str, dict[str, None]] = {}
        for code, *names in self._units:
            for name in names:
                found.setdefault(name, {})[code] = None
        return {name: list(codes) for name, codes in found.items()}

    def readings(self, question: Question, at: date | None) -> list[Reading]:
        """Ways to read a question as units and a name in them. at: a unit that comes to another later does not lie in it."""
        if not question.han or (question.mixed and len(question.words) == 1):
            return []
        day = at.isoformat() if at else "9999-99"

        def units_around(code: str) -> set[str]:
            found = set(addresses.around(code))
            for part in (code[:9], code):
                for parent, first in self._moved.get(part, ()):
                    if first <= day:
                        found.update(addresses.around(parent))
            return found

        return addresses.readings(question.words, self._by_name, units_around, MOST_WITHIN)


_KNOWN: WeakKeyDictionary[Engine, Known] = WeakKeyDictionary()


def known_of(session: Session, anew: bool = False) -> Known:
    """What is known of the session's register. anew: asked for now, since it has changed."""
    engine = session.connection().engine
    if anew or engine not in _KNOWN:
        row: Any = session.execute(plain("known")).one()
        _KNOWN[engine] = Known(row.stamp, row.common or (), row.units or (), row.names or (), row.moved or ())
    return _KNOWN[engine]


def changed(session: Session) -> None:
    """From this transaction's commit on, what searches know beforehand is asked for anew."""
    session.execute(text(CHANGED), {"stamp": random.SystemRandom().randrange(2**53)})


CHANGED = """
    with old as (select ctid from published.search_stamp for update skip locked),
    gone as (delete from published.search_stamp s using old where s.ctid = old.ctid)
    insert into published.search_stamp (stamp) values (:stamp)"""
