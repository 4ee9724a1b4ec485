"""Statements of the search (search.sql), put together for what is asked, and sent as they stand: prepared at once, in
PostgreSQL's own parameters, so that a question costs no more than its way there and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
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
#: Steps of a question that one arm has at most. The planner takes it for their number.
MOST_STEPS = 5

#: A step's condition on the text. Each leaves out what an earlier step has answered.
CONDITIONS = {
    "all": "true",
    "exact": "(f.form = q.text or f.bare = q.text)",
    "prefix": "starts_with(f.form, q.text) and f.form <> q.text and f.bare <> q.text",
    "inside": "strpos(f.form, q.text) > 1 and not starts_with(f.form, q.text)",
    "within": "strpos(f.form, q.text) > 0",
    "within_letters": "strpos(f.plain, q.text) > 0",
    "within_initials": "starts_with(f.initials, q.text) and strpos(f.plain, q.text) = 0",
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
#: Conditions that a question may have one after the other, by each of them: one statement serves all of a family.
FAMILY = {where: (where,) for where in CONDITIONS} | {
    where: family
    for family in (
        ("exact", "prefix", "inside", "kin"),
        ("pinyin", "pinyin_prefix", "initials", "pinyin_inside"),
        ("spelled_prefix", "spelled_inside"),
        ("within_letters", "within_initials"),
    )
    for where in family
}
#: A name is offered once, and not where it answers.
FRESH = "f.number <> all((select coalesce(array_agg(number), '{}') from page)::bigint[]) and f.number <> all(q.seen)"

#: What is asked for, by name; what is not here is text. What stands in `:name` is the same for all of a statement, and
#: the planner may see it.
TYPES = {
    **dict.fromkeys(("step", "driver", "list_rank", "last_rank", "first_rank", "shortest"), "integer"),
    **dict.fromkeys(("list_id", "after_id", "limit", "most", "wanted"), "bigint"),
    **dict.fromkeys(("after", "lon", "lat", "west", "south", "east", "north"), "float8"),
    **dict.fromkeys(("keys", "drivers", "unit_keys", "within_keys", "within_all"), "integer[]"),
    **dict.fromkeys(
        ("slips", "names", "unit_own", "unit_left", "unit_came", "within_left", "within_came"), "text[]"
    ),
    **dict.fromkeys(("seen", "ids"), "bigint[]"),
    "at": "date",
    "stamp": "numeric",
}

_COLUMNS = """f.id, f.number, f.place_id, f.name, f.kind, f.form, f.spelled, f.romanization, f.status, f.category,
    f.unit_code, f.demo, lower(f.valid) as valid_from, upper(f.valid) as valid_to,
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
    """Steps that one part of a page's statement answers, one after the other: what each of them asks for is a row of
    `steps`, which the statement takes as JSON, so that it is as short for five steps as for one. What it costs to
    start a plan grows with its length, and is more than most answers.

    ways: statements of search.sql, tried in order for every step. wheres: the conditions on the text that the steps
    may have. filters: conditions that all of them have. keyed: whether what is gathered has keys."""

    ways: tuple[str, ...]
    wheres: tuple[str, ...]
    filters: tuple[str, ...]
    keyed: bool = True
    steps: tuple[Mapping[str, Any], ...] = field(hash=False, compare=False, default=())


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement as it is sent. order: for every parameter the arm whose steps it is, or the name of what it is."""

    sql: str
    order: tuple[int | str, ...]


@lru_cache(maxsize=500)
def page_of(ordinary: tuple[Arm, ...], offers: tuple[Arm, ...], near: bool) -> Sentence:
    """The statement of a page: names of the ordinary arms in order, and offers. What is asked for is no part of it."""
    order: list[int | str] = []
    whole = statements()["page"].format(
        columns=_COLUMNS,
        ordinary=_joined(ordinary, 0, near, order) or _NOTHING,
        offers=_joined(offers, len(ordinary), near, order) or _NOTHING,
        around=statements()["around"],
    )
    return Sentence(_numbered(whole, order), tuple(order))


def _joined(arms: Sequence[Arm], first: int, near: bool, order: list[int | str]) -> str:
    return " union all ".join(_part(arm, first + i, near, order) for i, arm in enumerate(arms))


def _part(arm: Arm, index: int, near: bool, order: list[int | str]) -> str:
    """One arm: its steps as rows, behind a fence, and for each of them the ways."""
    found = " union all ".join(
        f"({statements()[way]})".format(
            match=_match(arm.wheres),
            filters=" and ".join(arm.filters) or "true",
            keyed="f.keys @> q.keys" if arm.keyed else "true",
            score=_NEAR_SCORE if near else "f.rank::float8",
            most=GATHERED,
            tried=TRIED,
        )
        for way in arm.ways
    )
    asked = dict.fromkeys(("step", *re.findall(r"\bq\.(\w+)", found)))
    columns = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in asked)
    order.append(index)
    part = (
        f"(select q.step, part.* from (select * from jsonb_to_recordset(cast(${len(order)} as jsonb)) as s({columns}) limit {MOST_STEPS}) q"
        f" cross join lateral ({found}) part)"
    )
    return _numbered(re.sub(r"\bq\.(\w+)", r'q."\1"', part), order)


def _match(wheres: Sequence[str]) -> str:
    """The condition on the text: the step's own."""
    if len(wheres) == 1:
        return CONDITIONS[wheres[0]]
    cases = " ".join(f"when '{where}' then {CONDITIONS[where]}" for where in wheres)
    return f"case q.where {cases} end"


def _numbered(sentence: str, order: list[int | str]) -> str:
    """With $1, $2 … for :name, which is the same in every arm."""

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name not in order:
            order.append(name)
        return f"cast(${order.index(name) + 1} as {TYPES.get(name, 'text')})"

    return re.sub(r"(?<!:):([a-z]\w*)", number, sentence)


def send(
    session: Session, sentence: Sentence, bound: Mapping[str, Any], arms: Sequence[Arm] = ()
) -> list[Any]:
    """The rows of a statement. bound: what belongs to all of it; each arm brings its steps."""
    values = values_of(sentence, bound, arms)
    driver = session.connection().connection.driver_connection
    with psycopg.RawCursor(driver, row_factory=namedtuple_row) as cursor:  # type: ignore[arg-type]
        return cursor.execute(sentence.sql, values, prepare=True).fetchall()


_ENCODED = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def values_of(sentence: Sentence, bound: Mapping[str, Any], arms: Sequence[Arm] = ()) -> list[str | None]:
    """What stands for the parameters of a statement."""
    assert all(len(arm.steps) <= MOST_STEPS for arm in arms), "steps that the statement would not look at"
    return [
        written(bound[name]) if isinstance(name, str) else _ENCODED(arms[name].steps)
        for name in sentence.order
    ]


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
