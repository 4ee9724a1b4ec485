"""办件时效 at the doors: the accounts of a year, for the interface and the page."""

from __future__ import annotations

import time
from datetime import date
from threading import Lock

from sqlalchemy.orm import Session

from geo.approvals import punctuality
from geo.store import punctuality as kept

#: An answer that took longer than SLOW_SECONDS to make is given again for KEEP_SECONDS: everybody may ask.
SLOW_SECONDS, KEEP_SECONDS = 0.3, 300.0
_LOCK = Lock()
_KEPT: dict[tuple[str, str, int, date], tuple[float, tuple[punctuality.Account, ...]]] = {}


def accounts_of(session: Session, district: str, year: int, on: date) -> tuple[punctuality.Account, ...]:
    """The accounts of a year, in one question to the database."""
    key = (str(session.get_bind().engine.url), district, year, on)
    begun = time.monotonic()
    with _LOCK:
        known = _KEPT.get(key)
    if known is not None and begun - known[0] < KEEP_SECONDS:
        return known[1]
    clocks = kept.kept_clocks(session, district, date(year, 1, 1), date(year, 12, 31), on)
    found = punctuality.accounts(clocks, on)
    ended = time.monotonic()
    if ended - begun > SLOW_SECONDS:
        with _LOCK:
            for old in [k for k, (at, _) in _KEPT.items() if ended - at > KEEP_SECONDS]:
                del _KEPT[old]
            _KEPT[key] = (ended, found)
    return found
