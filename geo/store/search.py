"""地名检索: names of the register that answer a question, ranked, page by page.

A question becomes steps (geo.names.query), tried one after the other until a page is full. A step gathers its
names by the index of keys; where very many names have a key, by the list of its best names, and behind the
list by a walk in the order of ranks. Sessions are the public role's; statements stand in search.sql.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names import query
from geo.names.categories import Category
from geo.names.forms import UNIT, key
from geo.names.query import TIER_NAMES, Question, Step, Tier
from geo.problems import BadInput
from geo.store.search_forms import category_ranks
from geo.text import Text

#: Milliseconds that one statement of a search may take.
TIMEOUT_MS = 3_000
#: At most so many names are gathered and sorted, walked through, or looked at by distance.
GATHERED, WALKED, NEAREST = 20_000, 8_000, 20_000
#: A key of more names is walked rather than gathered behind its list.
WALK_FROM = 20_000
OFFERS = 5
#: Rows that are asked for to find the offers of a kind; a slip is told from the texts that share a key with it.
_OFFERED = {Tier.SAME_SOUND: OFFERS, Tier.ONE_SLIP: 100}
#: Before every name.
FIRST = (-1.0, 0)
CLASSES = 100_000_000


class BadPlaceInList(BadInput):
    """The cursor is not one of this search."""

    code = "bad-cursor"
    title = Text(
        "cursor 无效：请用上一页答复中的 next，或不带 cursor 从头读起",
        "The cursor is not valid: take `next` of the page before, or begin without one",
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What the answers are limited to. unit: code, any length; box: west, south, east, north; at: names valid on
    that date, None for names of all times; near: longitude and latitude that nearer names are preferred to."""

    category: Category | None = None
    unit: str | None = None
    box: tuple[float, float, float, float] | None = None
    at: date | None = None
    near: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer. spans: what to highlight in name, [start, end) in code points."""

    number: int
    place_id: int
    name: str
    kind: str
    romanization: str
    status: str
    category: str
    unit_code: str
    unit_name: str | None
    valid_from: date | None
    valid_to: date | None
    lon: float | None
    lat: float | None
    demo: bool
    tier: Tier
    spans: tuple[tuple[int, int], ...]
    standard: tuple[int, str] | None

    @property
    def why(self) -> Text:
        return TIER_NAMES[self.tier]

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "place_id": self.place_id,
            "name": self.name,
            "kind": self.kind,
            "romanization": self.romanization,
            "status": self.status,
            "category": self.category,
            "unit_code": self.unit_code,
            "unit_name": self.unit_name,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "lon": self.lon,
            "lat": self.lat,
            "demo": self.demo,
            "tier": self.tier.value,
            "why": self.why.zh,
            "why_en": self.why.en,
            "highlight": [list(span) for span in self.spans],
            "standard": {"number": self.standard[0], "name": self.standard[1]} if self.standard else None,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of ordinary hits, where the next begins, and the offers (是否要找), which stand apart."""

    items: tuple[Hit, ...]
    next: str | None
    offers: tuple[Hit, ...] = ()


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
def _statement(name: str, where: str, filters: tuple[str, ...], near: bool) -> Any:
    return text(
        statements()[name].format(
            columns=_COLUMNS,
            match=CONDITIONS[where],
            filters=" and ".join(filters),
            score=_NEAR_SCORE if near else "f.rank::float8",
        )
    )


@cache
def _plain(name: str) -> Any:
    return text(statements()[name])


@dataclass(frozen=True, slots=True)
class _Part:
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
def _several(
    parts: tuple[tuple[str, tuple[str, tuple[str, ...]]], ...],
    steps: tuple[int, ...],
    near: bool,
    limited: bool,
) -> tuple[Any, tuple[tuple[str, ...], ...]]:
    """Statements joined, in order, and the names that each binds. The server works on them in turn and stops at
    the limit."""
    sentences, order = [], []
    for i, ((name, (where, filters)), step) in enumerate(zip(parts, steps, strict=True)):
        sentence = str(_statement(name, where, filters, near).text)
        names = tuple(dict.fromkeys(re.findall(r"(?<!:):([a-z]\w*)", sentence)))
        order.append(names)
        sentence = re.sub(r"(?<!:):([a-z]\w*)", rf":\1_{i}", sentence)
        sentences.append(f"(select {step} as step, part.* from ({sentence}) part)")
    joined = " union all ".join(sentences)
    if limited:
        joined = f"select * from ({joined}) whole limit :wanted"
    return text(joined), tuple(order)


def search(
    session: Session,
    given: str,
    *,
    filters: Filters | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> Answer:
    """The names that answer a question. cursor: `next` of the page before.

    Raises QuestionTooLong, BadPlaceInList. A question with nothing to look for has an empty answer.
    """
    filters = filters or Filters()
    question = query.understand(given)
    begin, after, after_id = _place(cursor)
    if question.empty:
        return Answer((), None)
    looking = _Looking(session, filters)
    ordinary, apart = query.steps(question), query.offers(question) if cursor is None else []
    cuts = query.cuts(question)
    units = looking.prepare([k for step in (*ordinary, *apart) for k in step.keys], cuts)
    if units:
        ordinary = query.steps(question, units)
    found: list[tuple[int, Step, Any]] = []
    seen: set[int] = set()
    start = (after, after_id) if cursor else FIRST
    for index, row in looking.in_turn(ordinary, begin, start, limit + 1):
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
    if len(found) < limit:
        for step, rows in zip(apart, looking.together(apart, [_OFFERED[s.tier] for s in apart]), strict=True):
            fresh = [r for r in rows if r.number not in seen and _fits(step, r)][:OFFERS]
            seen.update(r.number for r in fresh)
            offered += [(0, step, r) for r in fresh]
    hits = looking.hits([(step, row) for _, step, row in (*page, *offered)], question)
    return Answer(tuple(hits[: len(page)]), more, tuple(hits[len(page) :]))


def listed(
    session: Session, *, filters: Filters | None = None, limit: int = 20, cursor: str | None = None
) -> Answer:
    """All public names in the order of their rank, as far as the filters let them. Raises BadPlaceInList."""
    _, after, after_id = _place(cursor)
    looking = _Looking(session, filters or Filters())
    looking.prepare([])
    step = Step(Tier.ALL, (), "all", "")
    rows = looking.all_rows(step, (after, after_id), limit + 1)
    page = rows[:limit]
    more = f"0:{page[-1].score!r}:{page[-1].id}" if len(rows) > limit else None
    return Answer(tuple(looking.hits([(step, row) for row in page], query.NOTHING)), more)


def _fits(step: Step, row: Any) -> bool:
    if step.tier is not Tier.ONE_SLIP:
        return True
    return query.one_slip(step.text, row.form) or query.one_slip(step.text, row.bare)


def _place(cursor: str | None) -> tuple[int, float, int]:
    """Step, score and id of a cursor; the beginning where there is none. Raises BadPlaceInList."""
    if cursor is None:
        return 0, -1.0, 0
    found = re.fullmatch(r"(\d{1,3}):(\d{1,12}(?:\.\d{1,12})?):(\d{1,18})", cursor, re.ASCII)
    if not found:
        raise BadPlaceInList()
    return int(found[1]), float(found[2]), int(found[3])


class _Looking:
    """One search's session, filters, and what it knows of its keys."""

    def __init__(self, session: Session, filters: Filters) -> None:
        self.session = session
        self.filters = filters
        self.common: dict[int, Any] = {}
        self.conditions = ["valid @> cast(:at as date)" if filters.at else "f.latest"]
        self.bound: dict[str, Any] = {"at": filters.at} if filters.at else {}
        if filters.category:
            first, last = category_ranks(filters.category.value)
            # The sum keeps the planner from reading a whole category by name_form_rank_ix.
            self.conditions.append("f.rank + 0 between :first_rank and :last_rank")
            self.bound |= {"first_rank": first, "last_rank": last}
        if filters.box:
            self.conditions.append("f.point && ST_MakeEnvelope(:west, :south, :east, :north, 4490)")
            self.bound |= dict(zip(("west", "south", "east", "north"), filters.box, strict=True))
        if filters.near:
            self.bound |= dict(zip(("lon", "lat"), filters.near, strict=True))

    def prepare(self, keys: Iterable[int], cuts: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
        """Ask which keys are common, and set the time that a statement may take. Returns (code, rest) of the cuts
        whose first part names a unit, the longest first."""
        rest = dict(cuts)
        rows = self.session.execute(
            _plain("prepare"), {"keys": [0, *set(keys)], "timeout": f"{TIMEOUT_MS}ms", "names": list(rest)}
        ).all()
        self.common = {row.key: row for row in rows if row.hits is not None}
        found = {
            (unit["code"], rest[name]): len(name)
            for unit in rows[0].units or ()
            for name in (unit["form"], unit["bare"])
            if name in rest
        }
        return sorted(found, key=lambda pair: -found[pair])[:5]

    def in_turn(
        self, steps: Sequence[Step], begin: int, start: tuple[float, int], wanted: int
    ) -> Iterator[tuple[int, Any]]:
        """(index, row) of the steps from `begin` on, one after the other, as many as are taken. What can be is
        asked in one statement, whose later parts the server leaves undone when the earlier ones fill the page."""
        parts: list[_Part] = []
        whole = True
        for index in range(begin, len(steps)):
            part = self.part(steps[index], start if index == begin else FIRST, wanted)
            if part is None:
                break
            parts.append(replace(part, index=index))
        rows = self._joined(parts, wanted) if parts else []
        whole = len(rows) < wanted
        done = begin
        for part in parts:
            mine = [row for row in rows if row.step == part.index]
            yield from ((part.index, row) for row in mine)
            done = part.index + 1
            last = (mine[-1].score, mine[-1].id) if mine else part.start
            if not whole and rows[-1].step == part.index:
                # Here the statement stopped: whoever still wants more had names of one number among these.
                yield from ((part.index, row) for row in self.rows(steps[part.index], last, wanted))
                break
            if part.goes_on and len(mine) < wanted:
                yield from ((part.index, row) for row in self.rows(steps[part.index], part.end, wanted))
        for index in range(done, len(steps)):
            yield from (
                (index, row) for row in self.rows(steps[index], start if index == begin else FIRST, wanted)
            )

    def together(self, steps: Sequence[Step], limits: Sequence[int]) -> list[list[Any]]:
        """The first rows of several steps, in one statement where they can be."""
        parts = [
            replace(part, index=index)
            for index, (step, limit) in enumerate(zip(steps, limits, strict=True))
            for part in self.parts_of(step, limit)
        ]
        rows = self._joined(parts, None) if parts else []
        ranked = sorted({(row.step, row.id): row for row in rows}.values(), key=lambda r: (r.score, r.id))
        return [[row for row in ranked if row.step == index] for index in range(len(steps))]

    def parts_of(self, step: Step, limit: int) -> list[_Part]:
        """A step of offers: all names that have a rare key, the best of those that have a common one."""
        _, shape, bound = self._asked(step)
        rare = [k for k in step.keys if k not in self.common]
        listed = [k for k in step.keys if k in self.common]
        name = "any_of" if step.any_key else "gathered"
        found = []
        if rare and (step.any_key or not listed):
            more = {"most": GATHERED, "after": FIRST[0], "after_id": FIRST[1], "limit": limit}
            found.append(_Part(name, shape, bound | more | ({"keys": rare} if step.any_key else {})))
        for k in listed:
            more = {"driver": k, "after_rank": -1, "after_id": 0, "limit": limit}
            found.append(_Part("listed", shape, bound | more))
        return found

    def part(self, step: Step, after: tuple[float, int], limit: int) -> _Part | None:
        """The one statement that a step begins with; None where it takes several."""
        narrow, shape, bound = self._asked(step)
        lists = [self.common[k] for k in step.keys if k in self.common]
        if narrow or len(lists) < len(step.keys):
            more = {"after": after[0], "after_id": after[1], "limit": limit, "most": GATHERED}
            return _Part("gathered", shape, bound | more, start=after)
        driver = min(lists, key=lambda c: c.hits)
        end = (float(driver.last_rank), driver.last_form)
        if self.filters.near or self.filters.category or after >= end:
            return None
        more = {"driver": driver.key, "after_rank": int(after[0]), "after_id": after[1], "limit": limit}
        return _Part("listed", shape, bound | more, start=after, end=end, goes_on=True)

    def _joined(self, parts: Sequence[_Part], limit: int | None) -> list[Any]:
        """Several statements as one, each row with the index of its part."""
        statement, order = _several(
            tuple((p.name, p.shape) for p in parts),
            tuple(p.index for p in parts),
            self.filters.near is not None,
            limit is not None,
        )
        bound = {f"{name}_{i}": p.bound[name] for i, p in enumerate(parts) for name in order[i]}
        if limit is not None:
            bound["wanted"] = limit
        return list(self.session.execute(statement, bound))

    def _asked(self, step: Step) -> tuple[bool, tuple[str, tuple[str, ...]], dict[str, Any]]:
        """(whether box or unit narrow it, condition and filters, what is bound) of a step."""
        # The condition looks at the text itself: a few rare keys find the same names sooner than all of them.
        rare = [k for k in step.keys if k not in self.common]
        keys, conditions, bound = (rare[:3] or list(step.keys)), list(self.conditions), dict(self.bound)
        narrow = self.filters.box is not None
        for unit in filter(None, (step.unit, self.filters.unit)):
            # The longest part of the code that has a key; what is longer is compared.
            length = max((n for n in (2, 6, 9, 12) if n <= len(unit)), default=0)
            if length:
                keys.append(key(UNIT, unit[:length]))
            name = "unit" if unit == step.unit else "within"
            # Not starts_with: the planner would walk name_form_specific_ix for it.
            conditions.append(f"left(f.unit_code, length(:{name})) = :{name}")
            bound[name] = unit
            narrow = True
        bound |= {"text": step.text, "other": step.other, "keys": keys}
        return narrow, (step.where, tuple(conditions)), bound

    def rows(self, step: Step, after: tuple[float, int], limit: int) -> list[Any]:
        """The next rows of a step, from behind `after` (score, id)."""
        narrow, shape, bound = self._asked(step)
        lists = [self.common[k] for k in step.keys if k in self.common]
        if narrow or len(lists) < len(step.keys):
            return self._gathered(shape, bound, after, limit)
        driver = min(lists, key=lambda c: c.hits)
        if self.filters.near:
            return self._nearest(shape, bound, after, limit, driver)
        return self._in_order(shape, bound, after, limit, driver)

    def all_rows(self, step: Step, after: tuple[float, int], limit: int) -> list[Any]:
        """Names without a question: gathered by unit or box where one is given, else walked by rank."""
        if self.filters.box or self.filters.unit:
            return self.rows(step, after, limit)
        if self.filters.near:
            bound = self.bound | {"keys": [], "text": "", "other": "", "limit": limit, "most": NEAREST}
            shape = ("all", tuple(self.conditions))
            return self._run("nearest", shape, bound | {"after": after[0], "after_id": after[1]})
        first, last = category_ranks(self.filters.category.value) if self.filters.category else (0, 2**31 - 1)
        start = max(after, (first - 1.0, 2**62))
        bound = self.bound | {"keys": [], "last_rank": last, "most": WALKED, "limit": limit}
        walk = {"after_rank": int(start[0]), "after_id": start[1]}
        return self._run("walked", ("all", tuple(self.conditions)), bound | walk)

    def _in_order(
        self,
        shape: tuple[str, tuple[str, ...]],
        bound: dict[str, Any],
        after: tuple[float, int],
        limit: int,
        driver: Any,
    ) -> list[Any]:
        """By the list of a common key; behind its end by a walk, or gathered."""
        rows: list[Any] = []
        end = (float(driver.last_rank), driver.last_form)
        category = self.filters.category
        first, last = category_ranks(category.value) if category else (0, 2**31 - 1)
        start = max(after, (first - 1.0, 2**62))
        if start < end:
            rows = self._run(
                "listed",
                shape,
                bound
                | {"driver": driver.key, "after_rank": int(start[0]), "after_id": start[1], "limit": limit},
            )
            start = end
        if len(rows) < limit and driver.hits >= WALK_FROM and start < (last, 2**62):
            walk = {"after_rank": int(start[0]), "after_id": start[1], "last_rank": last, "most": WALKED}
            walked = self._run("walked", shape, bound | walk | {"limit": limit - len(rows)})
            if len(rows) + len(walked) == limit:
                return [*rows, *walked]
        if len(rows) < limit:
            rows += self._gathered(shape, bound, start, limit - len(rows))
        return rows

    def _nearest(
        self,
        shape: tuple[str, tuple[str, ...]],
        bound: dict[str, Any],
        after: tuple[float, int],
        limit: int,
        driver: Any,
    ) -> list[Any]:
        """Of a common key: units above villages from its list, then everything by distance."""
        rows: list[Any] = []
        if after[0] < 3 * CLASSES:
            listed = {"driver": driver.key, "after_rank": -1, "after_id": 0, "limit": 1000}
            best = [r for r in self._run("listed", shape, bound | listed) if r.rank < 3000]
            ids = [r.id for r in best]
            if ids:
                conditions = (*shape[1], "f.id = any(:ids)")
                rows = self._gathered((shape[0], conditions), bound | {"ids": ids}, after, limit)
        if len(rows) < limit:
            below = (shape[0], (*shape[1], "f.rank >= 3000"))
            start = max(after, (3.0 * CLASSES - 1, 0))
            more = self._run(
                "nearest",
                below,
                bound
                | {"after": start[0], "after_id": start[1], "limit": limit - len(rows), "most": NEAREST},
            )
            rows += more or self._gathered(below, bound, start, limit - len(rows))
        return rows

    def _gathered(
        self, shape: tuple[str, tuple[str, ...]], bound: dict[str, Any], after: tuple[float, int], limit: int
    ) -> list[Any]:
        return self._run(
            "gathered",
            shape,
            bound | {"after": after[0], "after_id": after[1], "limit": limit, "most": GATHERED},
        )

    def _run(self, name: str, shape: tuple[str, tuple[str, ...]], bound: dict[str, Any]) -> list[Any]:
        statement = _statement(name, shape[0], shape[1], self.filters.near is not None)
        return list(self.session.execute(statement, bound))

    def hits(self, chosen: Sequence[tuple[Step, Any]], question: Question) -> list[Hit]:
        """Hits with the unit's name and, for a name that is not the standard one, the one that is."""
        if not chosen:
            return []
        at = self.filters.at or date.today()
        codes = list(
            {part for _, row in chosen for part in (row.unit_code, row.unit_code[:9], row.unit_code[:6])}
        )
        names: dict[str, str] = {}
        standards: dict[int, tuple[int, str]] = {}
        places = list({row.place_id for _, row in chosen if row.status != "standard"})
        bound = {"codes": codes, "at": at, "places": places}
        for row in self.session.execute(_plain("around"), bound):
            if row.number is not None:
                standards[row.place_id] = (row.number, row.name)
            else:
                names |= {row.code: row.name} | ({row.statistical: row.name} if row.statistical else {})
        return [_hit(step, row, question, names, standards) for step, row in chosen]


def _hit(
    step: Step, row: Any, question: Question, names: dict[str, str], standards: dict[int, tuple[int, str]]
) -> Hit:
    tier = step.tier
    if tier is Tier.EXACT and row.form != question.text:
        tier = Tier.BARE
    code = row.unit_code
    parts = dict.fromkeys(names[c] for c in (code[:6], code[:9], code) if c in names)
    standard = standards.get(row.place_id)
    return Hit(
        number=row.number,
        place_id=row.place_id,
        name=row.name,
        kind=row.kind,
        romanization=row.romanization,
        status=row.status,
        category=row.category,
        unit_code=code,
        unit_name="".join(parts) or None,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        lon=row.lon,
        lat=row.lat,
        demo=row.demo,
        tier=tier,
        spans=tuple(query.spans(replace(step, tier=tier), row.name, row.form, row.spelled)),
        standard=standard if standard and standard[0] != row.number else None,
    )
