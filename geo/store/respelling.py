"""Names that a settled reading (审定读音) spells otherwise than the register has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.romanize import romanize
from geo.store import naming_words

#: Names that stand in the register with a text in them; one whose own reading was settled keeps it.
_HOLDING = text("""
    select n.id, n.number, n.name, n.category, n.unit_code, n.romanization from place_name n
    where upper_inf(n.recorded) and upper_inf(n.valid) and n.readings is null
      and n.number > :after and strpos(n.name, :text) > 0 and starts_with(n.unit_code, :unit)
    order by n.number limit :most""")
#: Rows that are read at once.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A name with its present spelling and the one that the settled reading gives. version: id of its row."""

    version: int
    number: int
    name: str
    category: str
    unit_code: str
    romanization: str
    spelled: str


def otherwise(session: Session, given: str, unit: str | None, *, after: int = 0) -> Iterator[Otherwise]:
    """Names with this text, in this unit, that are spelled otherwise now, by number."""
    settled = naming_words.settled(session)
    while True:
        bound = {"text": given, "unit": unit or "", "after": after, "most": _AT_ONCE}
        rows = session.execute(_HOLDING, bound).all()
        for row in rows:
            category = Category(row.category)
            spelled = romanize(row.name, category, settled, row.unit_code).romanization
            if spelled != row.romanization:
                yield Otherwise(
                    row.id, row.number, row.name, row.category, row.unit_code, row.romanization, spelled
                )
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].number
