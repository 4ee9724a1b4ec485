"""Statements of the search (search.sql), put together for what is asked, and sent as they stand: prepared at once, in
PostgreSQL's own parameters, so that a question costs no more than its way there and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import text
from sqlalchemy.orm import Session

#: Before every name.
FIRST = (-1.0, 0)
#: What stands between the classes of units in a score by distance.
CLASSES = 100_000_000

#: At most so many names are gathered and sorted; so many are tried where only a pattern tells whether they answer.
GATHERED, TRIED = 20_000, 30_000

#: A step's condition on the text. Each leaves out what an earlier step has answered.
CONDITIONS = {
    "all": "true",
    "exact": "(f.form = q.text or f.bare = q.text)",
    "prefix": "starts_with(f.form, q.text) and f.form <> q.text and f.bare <> q.text",
    "inside": "strpos(f.form, q.text) > 1 and not starts_with(f.form, q.text)",
    "within": "strpos(f.form, q.text) > 0",
    "kin": "f.bare = q.text and strpos(f.form, q.other) = 0",
    "pinyin": "(f.plain = q.text or f.bare_plain = q.text)",
    "pinyin_prefix": "starts_with(f.plain, q.text) and f.plain <> q.text and f.bare_plain <> q.text",
    "initials": "starts_with(f.initials, q.text) and not starts_with(f.plain, q.text)",
    "pinyin_inside": "strpos(f.plain, q.text) > 1 and not starts_with(f.plain, q.text)"
    " and not starts_with(f.initials, q.text)",
    "spelled_prefix": "f.spelled ~ q.text",
    "spelled_inside": "f.spelled ~ q.text and f.spelled !~ q.other",
    # A pattern of many pieces takes long, and hardly a name is long enough for it.
    "mixed": "length(f.form) >= q.shortest and f.spelled ~ q.text and strpos(f.form, q.other) = 0",
    "same_sound": "(f.plain = q.text or f.bare_plain = q.text)",
    "slip": "(abs(length(f.form) - length(q.text)) <= 1 or abs(length(f.bare) - length(q.text)) <= 1)",
}
#: Conditions that most of the names with a step's keys may fail.
PATTERNS = frozenset(("mixed", "spelled_prefix", "spelled_inside"))
#: All of the keys; a name is offered once, and not where it answers.
KEYS = "f.keys @> q.keys"
FRESH = "f.number <> all((select coalesce(array_agg(number), '{}') from page)::bigint[]) and f.number <> all(q.seen)"

#: What is asked for, by name; what is not here is text. What stands in `:name` the planner may see.
TYPES = {
    **dict.fromkeys(("driver", "list_rank", "last_rank", "first_rank", "shortest"), "integer"),
    **dict.fromkeys(("list_id", "after_id", "limit", "most", "wanted"), "bigint"),
    **dict.fromkeys(("after", "lon", "lat", "west", "south", "east", "north"), "float8"),
    **dict.fromkeys(("keys", "drivers", "unit_keys", "within_keys", "within_all"), "integer[]"),
    **dict.fromkeys(("slips", "names", "unit_left", "unit_came", "within_left", "within_came"), "text[]"),
    **dict.fromkeys(("seen", "ids"), "bigint[]"),
    **dict.fromkeys(("at", "today"), "date"),
}

_COLUMNS = """f.id, f.number, f.place_id, f.name, f.kind, f.form, f.bare, f.spelled, f.romanization, f.status, f.category,
    f.unit_code, f.demo, f.rank, lower(f.valid) as valid_from, upper(f.valid) as valid_to,
    ST_X(f.point) as lon, ST_Y(f.point) as lat"""
_NEAR_SCORE = f"""(least(f.rank / 1000, 3) * {CLASSES}::float8 + coalesce(least(ST_DistanceSphere(
    ST_SetSRID(f.point, 4326), ST_SetSRID(ST_MakePoint(q.lon, q.lat), 4326)), {CLASSES - 1}), {CLASSES - 1}))"""
_NOTHING = "select null::integer as step, null::bigint as id, null::bigint as number, null::float8 as score where false"


@cache
def statements() -> dict[str, str]:
    """The statements of search.sql by name, each with its name in front, for the server's log and for the tests."""
    whole = Path(__file__).with_name("search.sql").read_text(encoding="utf-8")
    found = re.findall(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", whole, re.MULTILINE | re.DOTALL)
    return {name: f"/* search {name} */ {re.sub(r'--.*', '', sentence).strip()}" for name, sentence in found}


@cache
def plain(name: str) -> Any:
    return text(statements()[name])


@dataclass(frozen=True, slots=True)
class Arm:
    """One statement of a page's. shape: its condition on the text and its filters. step: whose names they are."""

    name: str
    shape: tuple[str, tuple[str, ...]]
    bound: Mapping[str, Any] = field(hash=False, compare=False, default_factory=dict)
    step: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement as it is sent. order: for every parameter the arm that it belongs to, none for all of it, and name."""

    sql: str
    order: tuple[tuple[int | None, str], ...]


#: (arm, name) -> what stands for it in the statement.
_Name = Callable[[int | None, str], str]


@lru_cache(maxsize=500)
def page_of(ordinary: tuple[Arm, ...], offers: tuple[Arm, ...], near: bool) -> Sentence:
    """The statement of a page: names of the ordinary arms in order, and offers. Bound values are no part of it."""
    order: list[tuple[int | None, str]] = []
    whole = statements()["page"].format(
        columns=_COLUMNS,
        ordinary=_joined(ordinary, 0, near, order) or _NOTHING,
        offers=_joined(offers, len(ordinary), near, order) or _NOTHING,
        around=statements()["around"],
    )
    return Sentence(_numbered(whole, None, order), tuple(order))


@cache
def sentence_of(name: str) -> Sentence:
    order: list[tuple[int | None, str]] = []
    return Sentence(_numbered(statements()[name], None, order), tuple(order))


def _joined(arms: Sequence[Arm], first: int, near: bool, order: list[tuple[int | None, str]]) -> str:
    return " union all ".join(_part(arm, first + i, near, order) for i, arm in enumerate(arms))


def _part(arm: Arm, index: int, near: bool, order: list[tuple[int | None, str]]) -> str:
    """One arm, behind the fence of what it asks for."""
    where, filters = arm.shape
    sentence = statements()[arm.name].format(
        match=CONDITIONS[where],
        filters=" and ".join(filters) or "true",
        score=_NEAR_SCORE if near else "f.rank::float8",
        most=GATHERED,
        tried=TRIED,
    )
    asked = dict.fromkeys(re.findall(r"\bq\.(\w+)", sentence))
    columns = ", ".join(f':{name} as "{name}"' for name in asked)
    part = f"(select {arm.step} as step, part.* from (select {columns} offset 0) q cross join lateral ({sentence}) part)"
    return _numbered(re.sub(r"\bq\.(\w+)", r'q."\1"', part), index, order)


def _numbered(sentence: str, arm: int | None, order: list[tuple[int | None, str]]) -> str:
    """With $1, $2 … for :name."""

    def number(found: re.Match[str]) -> str:
        name = found[1]
        # What filters ask for is the same in every arm.
        owner = None if name in _OF_ALL else arm
        if (owner, name) not in order:
            order.append((owner, name))
        return f"cast(${order.index((owner, name)) + 1} as {TYPES.get(name, 'text')})"

    return re.sub(r"(?<!:):([a-z]\w*)", number, sentence)


_OF_ALL = frozenset(
    ("at", "west", "south", "east", "north", "lon", "lat", "first_rank", "wanted", "today", "seen")
)


def send(
    session: Session, sentence: Sentence, bound: Mapping[str, Any], arms: Sequence[Arm] = ()
) -> list[Any]:
    """The rows of a statement. bound: what belongs to all of it; each arm brings its own."""
    values = [written(bound[name] if arm is None else arms[arm].bound[name]) for arm, name in sentence.order]
    driver = session.connection().connection.driver_connection
    with psycopg.RawCursor(driver, row_factory=namedtuple_row) as cursor:  # type: ignore[arg-type]
        return cursor.execute(sentence.sql, values, prepare=True).fetchall()


def written(value: Any) -> str | None:
    """A value as PostgreSQL reads it. As text all of them have one type, and a statement is prepared once."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(_element, value)) + "}"
    return value.isoformat() if isinstance(value, date) else repr(value)


def _element(value: Any) -> str:
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
