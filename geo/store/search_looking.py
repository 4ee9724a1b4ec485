"""One search at work: which statement gathers, walks or lists the names of a step, and from where it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from geo import days
from geo.names import query
from geo.names.forms import UNIT, key
from geo.names.query import Question, Step
from geo.store.engine import STATEMENT_SECONDS
from geo.store.search_forms import category_ranks
from geo.store.search_hits import Filters, Hit, hit_of
from geo.store.search_known import Changed, Common, Known
from geo.store.search_statements import (
    CLASSES,
    FAMILY,
    FIRST,
    FRESH,
    MOST_STEPS,
    PATTERNS,
    Arm,
    page_of,
    send,
)
from geo.store.search_units import Members, members_of

#: Milliseconds that one statement of a search may take.
TIMEOUT_MS = 1_000 * STATEMENT_SECONDS["search"]
#: At most so many names are walked through, or looked at by distance.
WALKED, NEAREST = 8_000, 20_000
#: A key of more names is walked rather than gathered behind its list.
WALK_FROM = 20_000
#: Of a step's several common keys the rarest, where so few names have it, is no list that is worth looking through:
#: few of the names have them all.
LIST_FROM = 1_000
#: Keys that names are gathered by. The condition looks at the text itself: some rare ones find the same names sooner than
#: all of them, and so do the rarest of common ones without those that are so many times as common.
ENOUGH, WORTH = 3, 40
#: Offers of a kind. The steps of offers are numbered from here.
OFFERS, APART = 5, 100


@dataclass(frozen=True, slots=True)
class Part:
    """A step within the statement of a page. start: behind which name it begins; end: where it ends although there
    may be more names."""

    index: int
    arm: Arm
    start: tuple[float, int] = FIRST
    end: tuple[float, int] | None = None


def joined(arms: Iterable[Arm]) -> tuple[Arm, ...]:
    """The same steps in the same order, those that follow each other and are looked for in the same way as one arm, as far
    as it has room for them."""
    way = attrgetter("ways", "wheres", "filters", "keyed")
    made: list[Arm] = []
    for same, alike in groupby(arms, way):
        steps = tuple(chain.from_iterable(arm.steps for arm in alike))
        made += [Arm(*same, steps[i : i + MOST_STEPS]) for i in range(0, len(steps), MOST_STEPS)]
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a step asks for, however it is looked for. keys: that its names have; unit_keys: those of the units that they
    lie in; narrow: whether box or unit narrow it."""

    where: str
    filters: tuple[str, ...]
    keys: list[int]
    unit_keys: list[int]
    row: dict[str, Any]
    narrow: bool

    def arm(self, ways: tuple[str, ...], step: int = 0, **more: Any) -> Arm:
        keys = [*self.keys, *self.unit_keys]
        row = self.row | {"step": step, "keys": keys} | more
        return Arm(ways, FAMILY[self.where], self.filters, bool(keys), (row,))

    @property
    def gathered(self) -> str:
        return "tried" if self.where in PATTERNS else "gathered"

    def gathering(self, after: tuple[float, int], limit: int, step: int = 0) -> Arm:
        return self.arm((self.gathered,), step, after=after[0], after_id=after[1], limit=limit)

    def listing(self, after: tuple[float, int], limit: int, driver: Common) -> Arm:
        return self.arm(
            ("listed",), driver=driver.key, list_rank=int(after[0]), list_id=after[1], limit=limit
        )

    def both(
        self, after: tuple[float, int], limit: int, step: int, driver: Common | None, further: bool = True
    ) -> Arm:
        """By the list of a common key, and what stands behind it gathered, where that is wanted and they are not so many
        that they are walked. Both ways in any case, so that questions of a kind are one statement: what is not asked
        for has no keys."""
        more: dict[str, Any] = {"after": after[0], "after_id": after[1]}
        if driver:
            behind = max(after, driver.end)
            more = {
                "driver": driver.key,
                "list_rank": int(after[0]),
                "list_id": after[1],
                "after": behind[0],
                "after_id": behind[1],
            }
            if not further or driver.hits >= WALK_FROM:
                more["keys"] = None
        return self.arm(("listed", self.gathered), step, limit=limit, **more)


class Looking:
    """One search's session, filters, what it knows of the register, and what stands around its names. Any of its
    statements raises Changed where that is no longer so."""

    def __init__(self, session: Session, filters: Filters, known: Known) -> None:
        self.session = session
        self.filters = filters
        self.known = known
        self._members: dict[str, Members] = {}
        self._standards: dict[int, tuple[int, str]] = {}
        self._offered: list[Any] | None = None
        self.conditions = ["f.valid @> :at" if filters.at else "f.latest"]
        self.bound: dict[str, Any] = {"at": filters.at, "stamp": known.stamp}
        #: Numbers of the names of the page, where offers are asked for by themselves.
        self._seen: list[int] = []
        #: What every step asks for.
        self.of_step: dict[str, Any] = {}
        if filters.category:
            first, last = category_ranks(filters.category.value)
            # The sum keeps the planner from reading a whole category by name_form_rank_ix.
            self.conditions.append("f.rank + 0 between q.first_rank and q.last_rank")
            self.of_step |= {"first_rank": first, "last_rank": last}
        if filters.box:
            self.conditions.append("f.point && ST_MakeEnvelope(:west, :south, :east, :north, 4490)")
            self.bound |= dict(zip(("west", "south", "east", "north"), filters.box, strict=True))
        if filters.near:
            self.of_step |= dict(zip(("lon", "lat"), filters.near, strict=True))

    def members(self, unit: str) -> Members:
        """What lies in a unit on the date asked, of all times without one."""
        if unit not in self._members:
            self.ask_for_members((unit,))
        return self._members[unit]

    def ask_for_members(self, units: Iterable[str]) -> None:
        """What lies in some units, asked for together."""
        self._members |= members_of(self.session, units, self.filters.at)

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
        offers = [self._arm_of_offer(i, step) for i, step in enumerate(apart)]
        rows = self._page([part.arm for part in parts], wanted, offers) if parts else []
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
            self._seen = list(seen)
            self._offered = self._page([], 2, [self._arm_of_offer(i, step) for i, step in enumerate(steps)])
        return [[row for row in self._offered if row.step == APART + i] for i in range(len(steps))]

    def part(self, index: int, step: Step, after: tuple[float, int], limit: int) -> Part | None:
        """A step as part of the statement of a page; None where it takes several."""
        asked = self._asked(step)
        if asked.narrow:
            return Part(index, asked.gathering(after, limit, index), after)
        driver = self._driver(step)
        if driver and (self.filters.near or self.filters.category or after >= driver.end):
            return None
        if self.filters.near or self.filters.category:
            return Part(index, asked.gathering(after, limit, index), after)
        walking = driver is not None and driver.hits >= WALK_FROM
        return Part(
            index, asked.both(after, limit, index, driver), after, driver.end if driver and walking else None
        )

    def _driver(self, step: Step) -> Common | None:
        """The rarest of a step's keys where all of them are common."""
        lists = [self.known.common[k] for k in step.keys if k in self.known.common]
        if len(lists) < len(step.keys) or not lists:
            return None
        rarest = min(lists, key=lambda c: c.hits)
        return rarest if len(lists) == 1 or rarest.hits >= LIST_FROM else None

    def _arm_of_offer(self, index: int, step: Step) -> Arm:
        """A step of offers: all names that have a rare key, the best of those that have a common one. Names that an
        earlier step offers are left out by whoever shows them, hence a few more."""
        asked = self._asked(step)
        limit = OFFERS * (index + 1)
        # The best of all names may lie elsewhere, or be of another category.
        narrow = asked.narrow or self.filters.category is not None
        row = asked.row | {"seen": self._seen}
        if not step.any_key:
            fresh = Asked(step.where, (*asked.filters, FRESH), asked.keys, asked.unit_keys, row, narrow)
            return fresh.both(
                FIRST, limit, APART + index, None if narrow else self._driver(step), further=False
            )
        row |= {
            "step": APART + index, "limit": limit, "slips": query.slips(step.text), "within_all": asked.unit_keys,
            "keys": [k for k in step.keys if narrow or k not in self.known.common],
            "drivers": [k for k in step.keys if not narrow and k in self.known.common],
        }  # fmt: skip
        within = ("f.keys @> q.within_all",) if asked.unit_keys else ()
        return Arm(("slips",), (step.where,), (*asked.filters, *within, FRESH), False, (row,))

    def _page(self, arms: Sequence[Arm], wanted: int, offers: Sequence[Arm] = ()) -> list[Any]:
        """The rows of arms in order, as many as are wanted, then those of the offers."""
        arms, offers = joined(arms), joined(offers)
        sentence = page_of(arms, offers, self.filters.near is not None)
        rows = send(self.session, sentence, self.bound | {"wanted": wanted}, (*arms, *offers))
        if not rows[0].good:
            raise Changed()
        for beside in rows[0].around or ():
            self._standards[beside["place_id"]] = (beside["number"], beside["name"])
        return rows if rows[0].step is not None else []

    def _asked(self, step: Step) -> Asked:
        """What a step asks for."""
        common = self.known.common
        keys = [k for k in step.keys if k not in common][:ENOUGH]
        if not keys:
            by_hits = sorted((common[k] for k in step.keys), key=lambda c: c.hits)
            keys = [c.key for c in by_hits if c.hits <= WORTH * by_hits[0].hits][: 2 * ENOUGH]
        unit_keys: list[int] = []
        conditions, row = list(self.conditions), dict(self.of_step)
        narrow = self.filters.box is not None
        for name, unit in (("unit", step.unit), ("within", self.filters.unit)):
            if not unit:
                continue
            here = self.members(unit)
            # The longest part of the code that has a key; what is longer is compared.
            length = max((n for n in (2, 6, 9, 12) if n <= len(unit)), default=0)
            own = name == "unit" and step.own
            if here.came and not own:
                # Names of any of its units: none has the keys of all.
                conditions.append(f"f.keys && q.{name}_keys")
                row[f"{name}_keys"] = [key(UNIT, code) for code in (unit[:length], *here.came)]
            elif length and not own:
                unit_keys.append(key(UNIT, unit[:length]))
            condition, more = here.condition("f.unit_code", name)
            if name == "unit":
                # Units that lie elsewhere by now have no key of it.
                condition = f"({condition} or f.names_unit = any(:unit_own))"
                more["unit_own"] = list(step.own)
            conditions.append(re.sub(r"(?<!:):([a-z]\w*)", r"q.\1", condition))
            row |= more
            narrow = True
        row |= {"text": step.text, "other": step.other, "where": step.where}
        if step.where == "mixed":
            row["shortest"] = query.shortest(step.other)
        return Asked(step.where, tuple(conditions), keys, unit_keys, row, narrow)

    def rows(self, step: Step, after: tuple[float, int], limit: int) -> list[Any]:
        """The next rows of a step, from behind `after` (score, id)."""
        asked = self._asked(step)
        driver = None if asked.narrow else self._driver(step)
        if driver is None:
            return self._page([asked.gathering(after, limit)], limit)
        if self.filters.near:
            return self._nearest(asked, after, limit, driver)
        return self._in_order(asked, after, limit, driver)

    def all_rows(self, step: Step, after: tuple[float, int], limit: int) -> list[Any]:
        """Names without a question: gathered by unit or box where one is given, else walked by rank."""
        if self.filters.box or self.filters.unit:
            return self.rows(step, after, limit)
        asked = self._asked(step)
        if self.filters.near:
            more: dict[str, Any] = {"after": after[0], "after_id": after[1], "limit": limit, "most": NEAREST}
            return self._page([asked.arm(("nearest",), **more)], limit)
        first, last = category_ranks(self.filters.category.value) if self.filters.category else (0, 2**31 - 1)
        return self._walked(asked, max(after, (first - 1.0, 2**62)), last, limit)

    def _in_order(self, asked: Asked, after: tuple[float, int], limit: int, driver: Common) -> list[Any]:
        """By the list of a common key; behind its end by a walk, or gathered."""
        rows: list[Any] = []
        category = self.filters.category
        first, last = category_ranks(category.value) if category else (0, 2**31 - 1)
        start = max(after, (first - 1.0, 2**62))
        if start < driver.end:
            rows = self._page([asked.listing(start, limit, driver)], limit)
            start = driver.end
        if len(rows) < limit and driver.hits >= WALK_FROM and start < (last, 2**62):
            walked = self._walked(asked, start, last, limit - len(rows))
            if len(rows) + len(walked) == limit:
                return [*rows, *walked]
        if len(rows) < limit:
            rows += self._page([asked.gathering(start, limit - len(rows))], limit - len(rows))
        return rows

    def _nearest(self, asked: Asked, after: tuple[float, int], limit: int, driver: Common) -> list[Any]:
        """Of a common key: units above villages from its list, then everything by distance."""
        rows: list[Any] = []
        if after[0] < 3 * CLASSES:
            above = replace(asked, filters=(*asked.filters, "f.rank < 3000"))
            ids = [r.id for r in self._page([above.listing(FIRST, 1000, driver)], 1000)]
            if ids:
                these = replace(
                    asked, filters=(*asked.filters, "f.id = any(q.ids)"), row=asked.row | {"ids": ids}
                )
                rows = self._page([these.gathering(after, limit)], limit)
        if len(rows) < limit:
            below = replace(asked, filters=(*asked.filters, "f.rank >= 3000"))
            start = max(after, (3.0 * CLASSES - 1, 0))
            left = limit - len(rows)
            near: dict[str, Any] = {"after": start[0], "after_id": start[1], "limit": left, "most": NEAREST}
            more = self._page([below.arm(("nearest",), **near)], left)
            rows += more
            if len(rows) < limit:
                # Behind them those that are farther than what was looked at, or have no point at all.
                last = (more[-1].score, more[-1].id) if more else start
                rows += self._page([below.gathering(last, limit - len(rows))], limit - len(rows))
        return rows

    def _walked(self, asked: Asked, start: tuple[float, int], last: int, limit: int) -> list[Any]:
        walk = {
            "list_rank": int(start[0]),
            "list_id": start[1],
            "last_rank": last,
            "most": WALKED,
            "limit": limit,
        }
        return self._page([asked.arm(("walked",), **walk)], limit)

    def hits(self, chosen: Sequence[tuple[Step, Any]], question: Question) -> list[Hit]:
        """Hits with the unit's name and, for a name that is not the standard one, the one that is."""
        day = (self.filters.at or days.today()).isoformat()
        return [
            hit_of(
                step, row, question, self.known.within(row.unit_code, day), self._standards.get(row.place_id)
            )
            for step, row in chosen
        ]
