"""Statements of the search (search.sql), put together for a condition and its filters, one by one or several as one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import text

#: Before every name.
FIRST = (-1.0, 0)
#: What stands between the classes of units in a score by distance.
CLASSES = 100_000_000

#: A step's condition on the text. Each leaves out what an earlier step has answered.
CONDITIONS = {
    "all": "true",
    "exact": "(f.form = :text or f.bare = :text)",
    "prefix": "starts_with(f.form, :text) and f.form <> :text and f.bare <> :text",
    "inside": "strpos(f.form, :text) > 1 and not starts_with(f.form, :text)",
    "within": "strpos(f.form, :text) > 0",
    "kin": "f.bare = :text and strpos(f.form, :other) = 0",
    "pinyin": "(f.plain = :text or f.bare_plain = :text)",
    "pinyin_prefix": "starts_with(f.plain, :text) and f.plain <> :text and f.bare_plain <> :text",
    "initials": "starts_with(f.initials, :text) and not starts_with(f.plain, :text)",
    "pinyin_inside": "strpos(f.plain, :text) > 1 and not starts_with(f.plain, :text)"
    " and not starts_with(f.initials, :text)",
    "spelled_prefix": "f.spelled ~ :text",
    "spelled_inside": "f.spelled ~ :text and f.spelled !~ :other",
    "mixed": "f.spelled ~ :text and strpos(f.form, :other) = 0",
    "same_sound": "(f.plain = :text or f.bare_plain = :text)",
    "slip": "(abs(length(f.form) - length(:text)) <= 1 or abs(length(f.bare) - length(:text)) <= 1)",
}

_COLUMNS = """f.id, f.number, f.place_id, f.name, f.kind, f.form, f.bare, f.spelled, f.romanization, f.status, f.category,
    f.unit_code, f.demo, f.rank, lower(f.valid) as valid_from, upper(f.valid) as valid_to,
    ST_X(f.point) as lon, ST_Y(f.point) as lat"""
_NEAR_SCORE = f"""(least(f.rank / 1000, 3) * {CLASSES}::float8 + coalesce(least(ST_DistanceSphere(
    ST_SetSRID(f.point, 4326), ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)), {CLASSES - 1}), {CLASSES - 1}))"""


@cache
def statements() -> dict[str, str]:
    """The statements of search.sql by name, each with its name in front, for the server's log and for the tests."""
    whole = Path(__file__).with_name("search.sql").read_text(encoding="utf-8")
    found = re.findall(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", whole, re.MULTILINE | re.DOTALL)
    return {name: f"/* search {name} */\n{sentence}" for name, sentence in found}


@cache
def statement_of(name: str, where: str, filters: tuple[str, ...], near: bool) -> Any:
    return text(
        statements()[name].format(
            columns=_COLUMNS,
            match=CONDITIONS[where],
            filters=" and ".join(filters),
            score=_NEAR_SCORE if near else "f.rank::float8",
        )
    )


@cache
def plain(name: str) -> Any:
    return text(statements()[name])


@dataclass(frozen=True, slots=True)
class Part:
    """One statement of several. start: behind which name it begins; goes_on: whether there are more names behind
    `end`, which it does not look at."""

    name: str
    shape: tuple[str, tuple[str, ...]]
    bound: dict[str, Any]
    index: int = 0
    start: tuple[float, int] = FIRST
    end: tuple[float, int] = FIRST
    goes_on: bool = False


@lru_cache(maxsize=500)
def several(
    parts: tuple[tuple[str, tuple[str, tuple[str, ...]]], ...],
    steps: tuple[int, ...],
    near: bool,
    limited: bool,
) -> tuple[Any, tuple[tuple[str, ...], ...]]:
    """Statements joined, in order, and the names that each binds. The server works on them in turn and stops at
    the limit."""
    sentences, order = [], []
    for i, ((name, (where, filters)), step) in enumerate(zip(parts, steps, strict=True)):
        sentence = str(statement_of(name, where, filters, near).text)
        names = tuple(dict.fromkeys(re.findall(r"(?<!:):([a-z]\w*)", sentence)))
        order.append(names)
        sentence = re.sub(r"(?<!:):([a-z]\w*)", rf":\1_{i}", sentence)
        sentences.append(f"(select {step} as step, part.* from ({sentence}) part)")
    joined = " union all ".join(sentences)
    if limited:
        joined = f"select * from ({joined}) whole limit :wanted"
    return text(joined), tuple(order)
