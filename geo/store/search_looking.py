"""One search at work: which statement gathers, walks or lists the names of a step, and from where it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from geo.names import query
from geo.names.forms import UNIT, key
from geo.names.query import Question, Step
from geo.store.search_forms import category_ranks
from geo.store.search_hits import Filters, Hit, hit_of
from geo.store.search_statements import CLASSES, FIRST, FRESH, KEYS, PATTERNS, Arm, page_of, send, sentence_of
from geo.store.search_units import Members, members

#: Milliseconds that one statement of a search may take.
TIMEOUT_MS = 3_000
#: At most so many names are walked through, or looked at by distance.
WALKED, NEAREST = 8_000, 20_000
#: A key of more names is walked rather than gathered behind its list.
WALK_FROM = 20_000
#: Offers of a kind. The steps of offers are numbered from here.
OFFERS, APART = 5, 100


class Common(NamedTuple):
    """A key that very many names have: how many, and where the list of its best ends."""

    key: int
    hits: int
    last_rank: int
    last_form: int

    @property
    def end(self) -> tuple[float, int]:
        return float(self.last_rank), self.last_form


@dataclass(frozen=True, slots=True)
class Part:
    """A step within the statement of a page. start: behind which name it begins; end: where it ends although there
    may be more names."""

    index: int
    arms: tuple[Arm, ...]
    start: tuple[float, int] = FIRST
    end: tuple[float, int] | None = None


class Looking:
    """One search's session, filters, what it knows of its keys, and what stands around its names."""

    def __init__(self, session: Session, filters: Filters) -> None:
        self.session = session
        self.filters = filters
        self.common: dict[int, Common] = {}
        self._members: dict[str, Members] = {}
        self._names: dict[str, str] = {}
        self._standards: dict[int, tuple[int, str]] = {}
        self._offered: list[Any] | None = None
        self.conditions = ["f.valid @> :at" if filters.at else "f.latest"]
        self.bound: dict[str, Any] = {"at": filters.at, "today": filters.at or date.today(), "seen": ()}
        if filters.category:
            first, last = category_ranks(filters.category.value)
            # The sum keeps the planner from reading a whole category by name_form_rank_ix.
            self.conditions.append("f.rank + 0 between q.first_rank and q.last_rank")
            self.bound |= {"first_rank": first, "last_rank": last}
        if filters.box:
            self.conditions.append("f.point && ST_MakeEnvelope(:west, :south, :east, :north, 4490)")
            self.bound |= dict(zip(("west", "south", "east", "north"), filters.box, strict=True))
        if filters.near:
            self.bound |= dict(zip(("lon", "lat"), filters.near, strict=True))

    def members(self, unit: str) -> Members:
        """What lies in a unit on the date asked, of all times without one."""
        if unit not in self._members:
            self._members[unit] = members(self.session, unit, self.filters.at)
        return self._members[unit]

    def prepare(self, keys: Iterable[int], cuts: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
        """Ask which keys are common, and set the time that a statement may take. Returns (code, rest) of the cuts
        whose first part names a unit, the longest first."""
        rest = dict(cuts)
        bound = {"keys": list(set(keys)), "timeout": f"{TIMEOUT_MS}ms", "names": list(rest)}
        [known] = send(self.session, sentence_of("prepare"), bound)
        self.common = {row[0]: Common(*row) for row in known.common or ()}
        found = {
            (code, rest[name]): len(name)
            for code, form, bare in known.units or ()
            for name in (form, bare)
            if name in rest
        }
        return sorted(found, key=lambda pair: -found[pair])[:5]

    def in_turn(
        self,
        steps: Sequence[Step],
        begin: int,
        start: tuple[float, int],
        wanted: int,
        apart: Sequence[Step] = (),
    ) -> Iterator[tuple[int, Any]]:
        """(index, row) of the steps from `begin` on, one after the other, as many as are taken. What can be is
        asked in one statement, whose later parts the server leaves undone when the earlier ones fill the page; the
        offers of `apart` with it (see `offered`)."""
        parts: list[Part] = []
        for index in range(begin, len(steps)):
            part = self.part(index, steps[index], start if index == begin else FIRST, wanted)
            if part is None:
                break
            parts.append(part)
        offers = [arm for i, step in enumerate(apart) for arm in self._arms_of_offer(i, step)]
        rows = self._page([arm for part in parts for arm in part.arms], wanted, offers) if parts else []
        if parts:
            self._offered = [row for row in rows if row.step >= APART]
            rows = [row for row in rows if row.step < APART]
        whole = len(rows) < wanted
        done = begin
        for part in parts:
            mine = [row for row in rows if row.step == part.index]
            yield from ((part.index, row) for row in mine)
            done = part.index + 1
            last = (mine[-1].score, mine[-1].id) if mine else part.start
            if not whole and rows[-1].step == part.index:
                # Here the statement stopped: whoever still wants more had names of one number among these.
                yield from self._further(part.index, steps[part.index], last, wanted)
                break
            if part.end and len(mine) < wanted:
                yield from self._further(part.index, steps[part.index], part.end, wanted)
        for index in range(done, len(steps)):
            yield from self._further(index, steps[index], start if index == begin else FIRST, wanted)

    def _further(
        self, index: int, step: Step, after: tuple[float, int], wanted: int
    ) -> Iterator[tuple[int, Any]]:
        for row in self.rows(step, after, wanted):
            # What was offered may be among these.
            self._offered = None
            yield index, row

    def offered(self, steps: Sequence[Step], seen: Iterable[int]) -> list[list[Any]]:
        """The best rows of steps of offers, by step, without names that were seen."""
        if self._offered is None:
            self.bound["seen"] = list(seen)
            arms = [arm for i, step in enumerate(steps) for arm in self._arms_of_offer(i, step)]
            self._offered = self._page([], 1, arms)
        return [[row for row in self._offered if row.step == APART + i] for i in range(len(steps))]

    def part(self, index: int, step: Step, after: tuple[float, int], limit: int) -> Part | None:
        """A step as part of the statement of a page; None where it takes several."""
        narrow, shape, bound = self._asked(step)
        if narrow:
            return Part(index, (self._gathering(shape, bound, after, limit, index),), after)
        driver = self._driver(step)
        if driver and (self.filters.near or self.filters.category or after >= driver.end):
            return None
        # Both ways in any case, so that questions of a kind are one statement: what is not asked for has no keys.
        listing = self._listing(shape, bound, after, limit, driver, index)
        walking = driver is not None and driver.hits >= WALK_FROM
        behind = max(after, driver.end) if driver else after
        gathering = self._gathering(shape, bound | ({"keys": None} if walking else {}), behind, limit, index)
        arms = (gathering,) if self.filters.near or self.filters.category else (listing, gathering)
        return Part(index, arms, after, driver.end if driver and walking else None)

    def _driver(self, step: Step) -> Common | None:
        """The rarest of a step's keys where all of them are common."""
        lists = [self.common[k] for k in step.keys if k in self.common]
        return None if len(lists) < len(step.keys) or not lists else min(lists, key=lambda c: c.hits)

    def _arms_of_offer(self, index: int, step: Step) -> list[Arm]:
        """A step of offers: all names that have a rare key, the best of those that have a common one. Names that an
        earlier step offers are left out by whoever shows them, hence a few more."""
        narrow, (where, filters), bound = self._asked(step)
        limit = OFFERS * (index + 1)
        # The best of all names may lie elsewhere, or be of another category.
        narrow = narrow or self.filters.category is not None
        if not step.any_key:
            driver = None if narrow else self._driver(step)
            bound |= {"keys": None} if driver else {}
            shape = (where, (*filters, FRESH))
            return [
                self._listing(shape, bound, FIRST, limit, driver, APART + index),
                self._gathering(shape, bound, FIRST, limit, APART + index),
            ]
        units = bound["keys"][len([k for k in step.keys if k not in self.common][:3] or step.keys) :]
        bound |= {
            "keys": [k for k in step.keys if narrow or k not in self.common],
            "drivers": [k for k in step.keys if not narrow and k in self.common],
            "slips": query.slips(step.text), "limit": limit, "within_all": units,
        }  # fmt: skip
        filters = (*[f for f in filters if f != KEYS], *(["f.keys @> q.within_all"] if units else []), FRESH)
        return [Arm("slips", (where, filters), bound, APART + index)]

    def _listing(
        self,
        shape: tuple[str, tuple[str, ...]],
        bound: dict[str, Any],
        after: tuple[float, int],
        limit: int,
        driver: Common | None,
        index: int = 0,
    ) -> Arm:
        more = {
            "driver": driver and driver.key,
            "list_rank": int(after[0]),
            "list_id": after[1],
            "limit": limit,
        }
        return Arm("listed", shape, bound | more, index)

    def _gathering(
        self,
        shape: tuple[str, tuple[str, ...]],
        bound: dict[str, Any],
        after: tuple[float, int],
        limit: int,
        index: int = 0,
    ) -> Arm:
        more = {"after": after[0], "after_id": after[1], "limit": limit}
        return Arm("tried" if shape[0] in PATTERNS else "gathered", shape, bound | more, index)

    def _page(self, arms: Sequence[Arm], wanted: int, offers: Sequence[Arm] = ()) -> list[Any]:
        """The rows of arms in order, as many as are wanted, then those of the offers."""
        sentence = page_of(tuple(arms), tuple(offers), self.filters.near is not None)
        rows = send(self.session, sentence, self.bound | {"wanted": wanted}, (*arms, *offers))
        for beside in rows[0].around or () if rows else ():
            if beside["number"] is not None:
                self._standards[beside["place_id"]] = (beside["number"], beside["name"])
            else:
                self._names |= {beside["code"]: beside["name"]}
                self._names |= {beside["statistical"]: beside["name"]} if beside["statistical"] else {}
        return rows

    def _asked(self, step: Step) -> tuple[bool, tuple[str, tuple[str, ...]], dict[str, Any]]:
        """(whether box or unit narrow it, condition and filters, what is bound) of a step."""
        # The condition looks at the text itself: a few rare keys find the same names sooner than all of them.
        rare = [k for k in step.keys if k not in self.common]
        keys, conditions, bound = (rare[:3] or list(step.keys)), list(self.conditions), dict(self.bound)
        narrow = self.filters.box is not None
        for unit in filter(None, (step.unit, self.filters.unit)):
            here = self.members(unit)
            name = "unit" if unit == step.unit else "within"
            # The longest part of the code that has a key; what is longer is compared.
            length = max((n for n in (2, 6, 9, 12) if n <= len(unit)), default=0)
            if here.came:
                # Names of any of its units: none has the keys of all.
                conditions.append(f"f.keys && q.{name}_keys")
                bound[f"{name}_keys"] = [key(UNIT, code) for code in (unit[:length], *here.came)]
            elif length:
                keys.append(key(UNIT, unit[:length]))
            condition, more = here.condition("f.unit_code", name)
            conditions.append(re.sub(r"(?<!:):([a-z]\w*)", r"q.\1", condition))
            bound |= more
            narrow = True
        if keys:
            conditions.append(KEYS)
        bound |= {"text": step.text, "other": step.other, "keys": keys}
        if step.where == "mixed":
            bound["shortest"] = query.shortest(step.other)
        return narrow, (step.where, tuple(conditions)), bound

    def rows(self, step: Step, after: tuple[float, int], limit: int) -> list[Any]:
        """The next rows of a step, from behind `after` (score, id)."""
        narrow, shape, bound = self._asked(step)
        driver = None if narrow else self._driver(step)
        if driver is None:
            return self._gathered(shape, bound, after, limit)
        if self.filters.near:
            return self._nearest(shape, bound, after, limit, driver)
        return self._in_order(shape, bound, after, limit, driver)

    def all_rows(self, step: Step, after: tuple[float, int], limit: int) -> list[Any]:
        """Names without a question: gathered by unit or box where one is given, else walked by rank."""
        if self.filters.box or self.filters.unit:
            return self.rows(step, after, limit)
        shape = ("all", tuple(self.conditions))
        if self.filters.near:
            more = {"after": after[0], "after_id": after[1], "limit": limit, "most": NEAREST}
            return self._page([Arm("nearest", shape, self.bound | more)], limit)
        first, last = category_ranks(self.filters.category.value) if self.filters.category else (0, 2**31 - 1)
        return self._walked(shape, self.bound, max(after, (first - 1.0, 2**62)), last, limit)

    def _in_order(
        self,
        shape: tuple[str, tuple[str, ...]],
        bound: dict[str, Any],
        after: tuple[float, int],
        limit: int,
        driver: Common,
    ) -> list[Any]:
        """By the list of a common key; behind its end by a walk, or gathered."""
        rows: list[Any] = []
        category = self.filters.category
        first, last = category_ranks(category.value) if category else (0, 2**31 - 1)
        start = max(after, (first - 1.0, 2**62))
        if start < driver.end:
            rows = self._page([self._listing(shape, bound, start, limit, driver)], limit)
            start = driver.end
        if len(rows) < limit and driver.hits >= WALK_FROM and start < (last, 2**62):
            walked = self._walked(shape, bound, start, last, limit - len(rows))
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
        driver: Common,
    ) -> list[Any]:
        """Of a common key: units above villages from its list, then everything by distance."""
        rows: list[Any] = []
        if after[0] < 3 * CLASSES:
            above = (shape[0], (*shape[1], "f.rank < 3000"))
            ids = [r.id for r in self._page([self._listing(above, bound, FIRST, 1000, driver)], 1000)]
            if ids:
                conditions = (*shape[1], "f.id = any(q.ids)")
                rows = self._gathered((shape[0], conditions), bound | {"ids": ids}, after, limit)
        if len(rows) < limit:
            below = (shape[0], (*shape[1], "f.rank >= 3000"))
            start = max(after, (3.0 * CLASSES - 1, 0))
            asked = {"after": start[0], "after_id": start[1], "limit": limit - len(rows), "most": NEAREST}
            more = self._page([Arm("nearest", below, bound | asked)], limit - len(rows))
            rows += more
            if len(rows) < limit:
                # Behind them those that are farther than what was looked at, or have no point at all.
                last = (more[-1].score, more[-1].id) if more else start
                rows += self._gathered(below, bound, last, limit - len(rows))
        return rows

    def _gathered(
        self, shape: tuple[str, tuple[str, ...]], bound: dict[str, Any], after: tuple[float, int], limit: int
    ) -> list[Any]:
        return self._page([self._gathering(shape, bound, after, limit)], limit)

    def _walked(
        self,
        shape: tuple[str, tuple[str, ...]],
        bound: dict[str, Any],
        start: tuple[float, int],
        last: int,
        limit: int,
    ) -> list[Any]:
        walk = {
            "list_rank": int(start[0]),
            "list_id": start[1],
            "last_rank": last,
            "most": WALKED,
            "limit": limit,
        }
        return self._page([Arm("walked", shape, bound | walk)], limit)

    def hits(self, chosen: Sequence[tuple[Step, Any]], question: Question) -> list[Hit]:
        """Hits with the unit's name and, for a name that is not the standard one, the one that is."""
        return [hit_of(step, row, question, self._names, self._standards) for step, row in chosen]
