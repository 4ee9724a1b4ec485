"""County-level names (县级以上行政区划名称) of a province-level unit since 1981, from the yearly lists.

A row of the list is one name under one code; its successor codes say what became of it. The list knows years,
not days: a date is the end of the year whose list shows the change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Row = dict[str, str]


@dataclass
class Named:
    """One name of the list under one code. after: what it became at its end, whole (no [year] parts)."""

    code: str
    name: str
    level: str
    start: int
    end: int | None
    after: list[Named] = field(default_factory=list)
    before: list[Named] = field(default_factory=list)

    @property
    def same_as(self) -> Named | None:
        """The row before it of the same place: its one predecessor, where that became nothing else.

        Where a code passes to a new name and another unit joins, the unit is a new one (綦江区 of 綦江县 and
        万盛区)."""
        whole = [b for b in self.before if b.after == [self]]
        return whole[0] if len(self.before) == len(whole) == 1 else None

    @property
    def root(self) -> Named:
        return self.same_as.root if self.same_as else self


def connected(rows: list[Row], province: str) -> list[Named]:
    """The rows under a province-level unit and all that became one of them."""
    every = [
        Named(
            r["代码"], r["名称"], r["级别"], int(r["启用时间"]),
            int(r["变更/弃用时间"]) if r["变更/弃用时间"] else None,
        )
        for r in rows
    ]  # fmt: skip
    by_code: dict[str, list[Named]] = {}
    for one in every:
        by_code.setdefault(one.code, []).append(one)
    for row, one in zip(rows, every, strict=True):
        for code in re.findall(r"(\d{6})(?!\[)", re.sub(r"\d{6}\[\d{4}\]", "", row["新代码"] or "")):
            fits = [s for s in by_code.get(code, ()) if s.start <= (one.end or 0) and s is not one]
            fits = [s for s in fits if s.end is None or s.end > (one.end or 0)]
            for into in fits:
                one.after.append(into)
                # A unit that was there already and took another in is not that other's later self.
                if into.start == one.end:
                    into.before.append(one)
    wanted = [n for n in every if n.code[:2] == province[:2]]
    known = set(map(id, wanted))
    queue = list(wanted)
    while queue:
        one = queue.pop()
        for other in every:
            if id(other) not in known and one in other.after:
                known.add(id(other))
                wanted.append(other)
                queue.append(other)
    return sorted(wanted, key=lambda n: (n.root.code, n.root.start, n.start, n.code))
