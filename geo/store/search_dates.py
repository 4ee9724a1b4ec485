"""Answers of a search as on a date (按查看日期): a name is found whatever its time, and shown in the unit that it lay in then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.store.published_units import names_of
from geo.store.search import Answer, Hit

#: Served by place_name_number_ix.
ON = """
    select n.number, n.unit_code, lower(n.valid) as valid_from
    from published.place_name n where n.number = any(:numbers) and n.valid @> cast(:at as date)"""


def as_on(session: Session, answer: Answer, at: date) -> Answer:
    """The same answer with the unit of the version in force on a date; names that were not in force then stay as the
    register knows them last. The end stays that of the name: a version that ended because the unit changed did not
    end the name."""
    hits = (*answer.items, *answer.offers)
    if not hits:
        return answer
    rows = session.execute(text(ON), {"numbers": [hit.number for hit in hits], "at": at}).all()
    now = {hit.number: hit.unit_code for hit in hits}
    # Hardly ever one of them lay elsewhere then.
    then = {row.number: row for row in rows if row.unit_code != now[row.number]}
    if not then:
        return answer
    units = names_of(session, {row.unit_code for row in then.values()}, at)

    def shown(each: Sequence[Hit]) -> tuple[Hit, ...]:
        return tuple(
            replace(
                hit,
                unit_code=row.unit_code,
                unit_name=units.get(row.unit_code),
                valid_from=row.valid_from,
            )
            if (row := then.get(hit.number)) is not None
            else hit
            for hit in each
        )

    return replace(answer, items=shown(answer.items), offers=shown(answer.offers))
