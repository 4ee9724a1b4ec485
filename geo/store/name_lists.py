"""登记簿列表: what the registrar works through: every name with its standing, filtered by what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

#: The last version of every name that the database holds, in the order of numbers: served by place_name_number_ix.
LISTED = """
    select n.* from (
        select distinct on (n.number) n.id, n.number, n.place_id, n.name, n.romanization, n.category, n.status,
               n.unit_code, n.demo, n.meaning, n.readings, n.geometry is not null as placed,
               lower(n.valid) as since, upper(n.valid) as until
        from place_name n
        where upper_inf(n.recorded) and n.number > :after {narrow}
        order by n.number, upper_inf(n.valid) desc, lower(n.valid) desc nulls last
    ) n
    where true {filters}
    order by n.number limit :limit"""

#: What a name can lack (缺项), as a condition.
LACKS = {
    "meaning": "n.meaning is null",
    "position": "not n.placed",
    "reading": "n.readings is null and n.name ~ :open",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the register is asked for. lacks: a key of LACKS; open: characters of several readings."""

    numbers: Sequence[int] | None = None
    category: str | None = None
    status: str | None = None
    unit: str | None = None
    lacks: str | None = None
    open: frozenset[str] = frozenset()


def listed(session: Session, wanted: Wanted, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Names by number, up to limit + 1, those that are not public too."""
    values: dict[str, Any] = {"after": after, "limit": limit + 1}
    narrow, filters = "", ""
    if wanted.numbers is not None:
        narrow += " and n.number = any(:numbers)"
        values["numbers"] = list(wanted.numbers)
    if wanted.unit:
        filters += " and starts_with(n.unit_code, :unit)"
        values["unit"] = wanted.unit
    for column in ("category", "status"):
        value = getattr(wanted, column)
        if value:
            filters += f" and n.{column} = :{column}"
            values[column] = value
    if wanted.lacks in LACKS:
        filters += f" and {LACKS[wanted.lacks]}"
        if wanted.lacks == "reading":
            values["open"] = "[" + "".join(sorted(wanted.open)) + "]"
    rows = session.execute(text(LISTED.format(narrow=narrow, filters=filters)), values)
    return [dict(row._mapping) for row in rows]


VERSIONS = """
    select n.*, ST_AsText(n.geometry, 6) as position, u.name as person, lower(n.valid) as since,
           upper(n.valid) as until, lower(n.recorded) as from_moment, upper(n.recorded) as to_moment
    from place_name n join app_user u on u.id = n.made_by
    where n.number = :number
    order by lower(n.recorded) desc, lower(n.valid) desc nulls last"""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a version holds otherwise than the version that it replaced."""

    field: str
    before: Any
    after: Any


#: Fields that versions are compared by, in the order of the form.
COMPARED = (
    "name", "category", "status", "unit_code", "romanization", "readings", "meaning", "origin", "history",
    "description", "document", "approved_by", "approved_on", "announcement", "announced_on", "sources", "pictures",
    "facts", "importance", "code", "gb_code", "position",
)  # fmt: skip


def versions(session: Session, number: int) -> list[dict[str, Any]]:
    """All versions of a name, the newest recorded first, each with `changes` against the one recorded before it."""
    rows = [dict(row._mapping) for row in session.execute(text(VERSIONS), {"number": number})]
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        row["changes"] = [] if before is None else list(compared(before, row))
    return rows


def compared(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The fields that differ."""
    return [Change(f, before[f], after[f]) for f in COMPARED if before[f] != after[f]]


def in_words(value: Any) -> str:
    """A field's value on one line, for a comparison."""
    if value is None or value == [] or value == {}:
        return "—"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "；".join(f"{k}：{v}" for k, v in sorted(value.items()))
    if isinstance(value, list):
        return "；".join(
            v
            if isinstance(v, str)
            else " ".join(str(x) for x in v.values())
            if isinstance(v, dict)
            else str(v)
            for v in value
        )
    return str(value)
