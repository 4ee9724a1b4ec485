"""What follows from the database alone (由数据库推得的结果), kept by a process for as long as nothing is written.

PostgreSQL numbers every transaction that writes, and a snapshot says which of them it sees: two statements with the same
snapshot see the same rows, in whatever table. So what was made of rows once is good while the snapshot stays the same,
and nothing has to be told to anybody: any number of processes and hosts agree. A write of any kind makes it be made
anew, so that what is asked for must be quick enough without this.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

Result = TypeVar("Result")

#: Results that a process keeps, the least lately used one leaves first: a date or a language more is one more.
MOST = 48

# The cluster's start and the database's own number say where it is. Nothing is said to a transaction that has written:
# it sees its own rows, which its snapshot does not tell of.
STAMP = text("""
    select pg_postmaster_start_time()::text || ' ' || (select oid from pg_database where datname = current_database())
           || ' ' || pg_current_snapshot()::text
    where pg_current_xact_id_if_assigned() is null""")


def stamp(session: Session) -> str | None:
    """What the next statement of a session sees, as a word that changes with every write; None where the session
    itself has written."""
    said: str | None = session.scalar(STAMP)
    return said


class Kept:
    """Results by key, each with the stamp of what it was made from. For several threads. Results are shared: nobody
    may change them."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._results: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._results)

    def get(
        self, session: Session, key: Hashable, make: Callable[[], Result], also: Hashable = None
    ) -> Result:
        """The kept result of a key, else what `make` answers.

        make: reads with this session alone, and from nothing else but what the key holds and `also`, of which only the
        last is kept (the minute, say). The stamp is older than what `make` reads: what was written meanwhile makes the
        next stamp another one, so a newer result under an older stamp is never given out again.
        """
        seen = stamp(session)
        if seen is None:
            return make()
        with self._lock:
            found = self._results.get(key)
            if found is not None and found[0] == (seen, also):
                self._results.move_to_end(key)
                result: Result = found[1]
                return result
        made = make()
        with self._lock:
            self._results[key] = ((seen, also), made)
            self._results.move_to_end(key)
            while len(self._results) > self.most:
                self._results.popitem(last=False)
        return made


_KEPT = Kept()


def kept(session: Session, key: Hashable, make: Callable[[], Result], also: Hashable = None) -> Result:
    """`Kept.get` of this process. The first part of a key says what it is of."""
    return _KEPT.get(session, key, make, also)
