"""One search at work: which statement gathers, walks or lists the names of a step, and from where it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from geo.names.forms import UNIT, key
from geo.names.query import Question, Step
from geo.store.search_forms import category_ranks
from geo.store.search_hits import Filters, Hit, hit_of
from geo.store.search_statements import CLASSES, FIRST, Part, plain, several, statement_of
from geo.store.search_units import Members, members

#: Milliseconds that one statement of a search may take.
TIMEOUT_MS = 3_000
#: At most so many names are gathered and sorted, walked through, or looked at by distance.
GATHERED, WALKED, NEAREST = 20_000, 8_000, 20_000
#: A key of more names is walked rather than gathered behind its list.
WALK_FROM = 20_000


class Looking:
    """One search's session, filters, and what it knows of its keys."""

    def __init__(self, session: Session, filters: Filters) -> None:
        self.session = session
        self.filters = filters
        self.common: dict[int, Any] = {}
        self._members: dict[str, Members] = {}
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

    def members(self, unit: str) -> Members:
        """What lies in a unit on the date asked, of all times without one."""
        if unit not in self._members:
            self._members[unit] = members(self.session, unit, self.filters.at)
        return self._members[unit]

    def prepare(self, keys: Iterable[int], cuts: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
        """Ask which keys are common, and set the time that a statement may take. Returns (code, rest) of the cuts
        whose first part names a unit, the longest first."""
        rest = dict(cuts)
        rows = self.session.execute(
            plain("prepare"), {"keys": [0, *set(keys)], "timeout": f"{TIMEOUT_MS}ms", "names": list(rest)}
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
        parts: list[Part] = []
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

    def parts_of(self, step: Step, limit: int) -> list[Part]:
        """A step of offers: all names that have a rare key, the best of those that have a common one."""
        _, shape, bound = self._asked(step)
        rare = [k for k in step.keys if k not in self.common]
        listed = [k for k in step.keys if k in self.common]
        name = "any_of" if step.any_key else "gathered"
        found = []
        if rare and (step.any_key or not listed):
            more = {"most": GATHERED, "after": FIRST[0], "after_id": FIRST[1], "limit": limit}
            found.append(Part(name, shape, bound | more | ({"keys": rare} if step.any_key else {})))
        for k in listed:
            more = {"driver": k, "after_rank": -1, "after_id": 0, "limit": limit}
            found.append(Part("listed", shape, bound | more))
        return found

    def part(self, step: Step, after: tuple[float, int], limit: int) -> Part | None:
        """The one statement that a step begins with; None where it takes several."""
        narrow, shape, bound = self._asked(step)
        lists = [self.common[k] for k in step.keys if k in self.common]
        if narrow or len(lists) < len(step.keys):
            more = {"after": after[0], "after_id": after[1], "limit": limit, "most": GATHERED}
            return Part("gathered", shape, bound | more, start=after)
        driver = min(lists, key=lambda c: c.hits)
        end = (float(driver.last_rank), driver.last_form)
        if self.filters.near or self.filters.category or after >= end:
            return None
        more = {"driver": driver.key, "after_rank": int(after[0]), "after_id": after[1], "limit": limit}
        return Part("listed", shape, bound | more, start=after, end=end, goes_on=True)

    def _joined(self, parts: Sequence[Part], limit: int | None) -> list[Any]:
        """Several statements as one, each row with the index of its part."""
        statement, order = several(
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
            here = self.members(unit)
            name = "unit" if unit == step.unit else "within"
            # The longest part of the code that has a key; what is longer is compared.
            length = max((n for n in (2, 6, 9, 12) if n <= len(unit)), default=0)
            if here.came:
                # Names of any of its units: none has the keys of all.
                conditions.append(f"f.keys && cast(:{name}_keys as integer[])")
                bound[f"{name}_keys"] = [key(UNIT, code) for code in (unit[:length], *here.came)]
            elif length:
                keys.append(key(UNIT, unit[:length]))
            condition, more = here.condition("f.unit_code", name)
            conditions.append(condition)
            bound |= more
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
            rows += more
            if len(rows) < limit:
                # Behind them those that are farther than what was looked at, or have no point at all.
                last = (more[-1].score, more[-1].id) if more else start
                rows += self._gathered(below, bound, last, limit - len(rows))
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
        statement = statement_of(name, shape[0], shape[1], self.filters.near is not None)
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
        for row in self.session.execute(plain("around"), bound):
            if row.number is not None:
                standards[row.place_id] = (row.number, row.name)
            else:
                names |= {row.code: row.name} | ({row.statistical: row.name} if row.statistical else {})
        return [hit_of(step, row, question, names, standards) for step, row in chosen]
