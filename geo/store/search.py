"""地名检索: names of the register that answer a question, ranked, page by page.

A question becomes steps (geo.names.query), tried one after the other until a page is full. A step gathers its
names by the index of keys; where very many names have a key, by the list of its best names, and behind the
list by a walk in the order of ranks. Sessions are the public role's; statements stand in search.sql.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.orm import Session

from geo.names import query
from geo.names.query import Question, Step, Tier
from geo.problems import BadInput
from geo.store.engine import Overtaken
from geo.store.search_hits import Answer, Filters, Hit
from geo.store.search_known import Changed, Known, known_of
from geo.store.search_looking import OFFERS, TIMEOUT_MS, Looking
from geo.store.search_statements import FIRST, plain, statements
from geo.text import Text

__all__ = ["Answer", "BadPlaceInList", "Filters", "Hit", "listed", "search", "statements"]


#: A step, and behind which name of it: score, id.
Place = tuple[int, tuple[float, int]]
#: Times that a search begins again because the register's names are being rebuilt.
TRIES = 5


class BadPlaceInList(BadInput):
    """The cursor is not one of this search."""

    code = "bad-cursor"
    title = Text(
        "cursor 无效：请用上一页答复中的 next，或不带 cursor 从头读起",
        "The cursor is not valid: take `next` of the page before, or begin without one",
    )


def search(
    session: Session,
    given: str,
    *,
    filters: Filters | None = None,
    limit: int = 20,
    cursor: str | None = None,
    offers: bool = True,
) -> Answer:
    """The names that answer a question. cursor: `next` of the page before. offers: whether what may have been meant is
    looked for too, on the first page.

    Raises QuestionTooLong, BadPlaceInList. A question with nothing to look for has an empty answer.
    """
    question, place = query.understand(given), _place(cursor)
    if question.empty:
        return Answer((), None)
    apart = query.offers(question) if offers and cursor is None else []
    return _asked(
        session,
        lambda known: _searched(Looking(session, filters or Filters(), known), question, place, apart, limit),
    )


def _asked(session: Session, ask: Callable[[Known], Answer]) -> Answer:
    """The answer by what is known beforehand, asked again where that has changed meanwhile."""
    driver = session.connection().connection.driver_connection
    if driver is not None and not driver.autocommit:
        session.execute(plain("limited"), {"timeout": f"{TIMEOUT_MS}ms"})
    try:
        return ask(known_of(session))
    except Changed:
        for _ in range(TRIES):
            with suppress(Changed):
                return ask(known_of(session, anew=True))
        raise Overtaken() from None


def _searched(
    looking: Looking, question: Question, place: Place, apart: Sequence[Step], limit: int
) -> Answer:
    """One page, from behind a place on. apart: the steps of offers."""
    ordinary = query.steps(question, looking.known.readings(question, looking.filters.at))
    if units := {step.unit for step in ordinary if step.unit}:
        looking.ask_for_members(sorted(units))
    begin, start = place
    found: list[tuple[int, Step, Any]] = []
    seen: set[int] = set()
    for index, row in looking.in_turn(ordinary, begin, start, limit + 1, apart):
        if row.number not in seen:
            seen.add(row.number)
            found.append((index, ordinary[index], row))
            if len(found) > limit:
                break
    page = found[:limit]
    more = None
    if len(found) > limit:
        index, _, row = page[-1]
        more = f"{index}:{row.score!r}:{row.id}"
    offered: list[tuple[int, Step, Any]] = []
    if len(found) < limit and apart:
        for step, rows in zip(apart, looking.offered(apart, seen), strict=True):
            fresh = [r for r in rows if r.number not in seen][:OFFERS]
            seen.update(r.number for r in fresh)
            offered += [(0, step, r) for r in fresh]
    hits = looking.hits([(step, row) for _, step, row in (*page, *offered)], question)
    return Answer(tuple(hits[: len(page)]), more, tuple(hits[len(page) :]))


def listed(
    session: Session, *, filters: Filters | None = None, limit: int = 20, cursor: str | None = None
) -> Answer:
    """All public names in the order of their rank, as far as the filters let them. Raises BadPlaceInList."""
    _, start = _place(cursor)
    return _asked(session, lambda known: _listed(Looking(session, filters or Filters(), known), start, limit))


def _listed(looking: Looking, start: tuple[float, int], limit: int) -> Answer:
    step = Step(Tier.ALL, (), "all", "")
    rows = looking.all_rows(step, start, limit + 1)
    page = rows[:limit]
    more = f"0:{page[-1].score!r}:{page[-1].id}" if len(rows) > limit else None
    return Answer(tuple(looking.hits([(step, row) for row in page], query.NOTHING)), more)


def _place(cursor: str | None) -> Place:
    """Step, score and id of a cursor; the beginning where there is none. Raises BadPlaceInList."""
    if cursor is None:
        return 0, FIRST
    found = re.fullmatch(r"(\d{1,3}):(\d{1,12}(?:\.\d{1,12})?):(\d{1,18})", cursor, re.ASCII)
    if not found:
        raise BadPlaceInList()
    return int(found[1]), (float(found[2]), int(found[3]))
