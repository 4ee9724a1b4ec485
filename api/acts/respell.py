"""改拼写: names in the register follow a reading that was settled later (审定读音), each as a new version."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

from sqlalchemy.orm import Session

from api.acts import edit_register
from api.acts.edit_register import REGISTRARS, Unchanged
from api.acts.stale import require_reason
from api.security.person import Person
from geo.problems import BadInput, NotAllowed
from geo.store import naming_words
from geo.store.respelling import Otherwise, otherwise
from geo.text import Text

#: So many names in one act; what is left is offered again.
MOST = 500


class NotSettled(BadInput):
    """Nobody settled this reading."""

    code = "reading-not-settled"
    title = Text("“{given}”没有审定的读音，请先审定", "No reading of “{given}” was settled; settle it first")


def offered(
    session: Session, actor: Person, given: str, unit: str | None, *, after: int = 0, limit: int = MOST
) -> list[Otherwise]:
    """The names that a settled reading spells otherwise, by number: at most `limit` + 1.

    Raises NotAllowed, NotSettled.
    """
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    row = naming_words.current_setting(session, "reading", f"{unit or ''}|{given}", lock=False)
    if row is None or not row.value:
        raise NotSettled(given=given[:40])
    return list(islice(otherwise(session, given, unit, after=after), limit + 1))


def respell(
    session: Session,
    actor: Person,
    given: str,
    unit: str | None,
    *,
    reason: str,
    numbers: Collection[int] | None = None,
) -> list[Otherwise]:
    """Write new versions of these names, all that are offered where none are given, and at most MOST of them; each
    with its event, and each to be undone like any other version. Raises NotAllowed, NotSettled, NoReason, Unchanged."""
    why = require_reason(reason)
    changed = []
    for each in offered(session, actor, given, unit)[:MOST]:
        if numbers is None or each.number in numbers:
            edit_register.follow_reading(
                session, actor, each.number, each.spelled, version=each.version, reason=why
            )
            changed.append(each)
    if not changed:
        raise Unchanged()
    return changed
