"""Protection lists (地名保护名录) in the database: which there are, what is on them, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store.tables import ProtectionEntry, ProtectionList, ProtectionStep
from geo.text import Text

#: Numbers of the names that a published list protects.
PROTECTED = """
    select distinct e.number from protection_entry e join protection_list l on l.id = e.list_id
    where l.state = 'published' and e.state = 'accepted'"""


class NoSuchList(NotFound):
    """No protection list has this id."""

    code = "no-such-protection-list"
    title = Text("没有编号为 {id} 的保护名录", "There is no protection list {id}")


class NoSuchEntry(NotFound):
    """The list has no entry with this id."""

    code = "no-such-protection-entry"
    title = Text("名录 {list} 没有条目 {id}", "List {list} has no entry {id}")


def protected(session: Session) -> frozenset[int]:
    """Numbers of the names that are protected (在保护名录内): accepted on a published list, not withdrawn."""
    return frozenset(session.scalars(sql(PROTECTED)))


def locked(session: Session, list_id: int) -> ProtectionList:
    """A list, locked until the transaction ends; its entries move only under this lock. Raises NoSuchList."""
    row = session.get(ProtectionList, list_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchList(id=list_id)
    return row


def entry_of(session: Session, list_id: int, entry_id: int) -> ProtectionEntry:
    """An entry of a locked list. Raises NoSuchEntry."""
    row = session.get(ProtectionEntry, entry_id, populate_existing=True)
    if row is None or row.list_id != list_id:
        raise NoSuchEntry(list=list_id, id=entry_id)
    return row


def entries_of(session: Session, list_id: int) -> Sequence[ProtectionEntry]:
    """All entries of a list, in the order in which they were proposed."""
    return session.scalars(
        select(ProtectionEntry).where(ProtectionEntry.list_id == list_id).order_by(ProtectionEntry.id)
    ).all()


def had_a_hand(session: Session, list_id: int, person_id: int) -> bool:
    """Whether a person proposed, amended or reviewed an entry of a list."""
    return bool(
        session.scalar(
            select(
                or_(
                    exists().where(
                        ProtectionEntry.list_id == list_id, ProtectionEntry.proposed_by == person_id
                    ),
                    exists().where(
                        ProtectionStep.list_id == list_id,
                        ProtectionStep.entry_id.is_not(None),
                        ProtectionStep.actor_id == person_id,
                    ),
                )
            )
        )
    )


def add(session: Session, row: ProtectionList, *, actor_id: int, reason: str) -> ProtectionList:
    """A new list, with its first step."""
    session.add(row)
    session.flush()
    note(session, row, None, "create", None, row.state, actor_id=actor_id, reason=reason)
    return row


def propose(session: Session, row: ProtectionEntry, *, reason: str) -> ProtectionEntry:
    """A new entry of a locked list, with its first step."""
    session.add(row)
    session.flush()
    held = session.get_one(ProtectionList, row.list_id)
    note(
        session,
        held,
        row,
        "propose",
        None,
        row.state,
        actor_id=row.proposed_by,
        reason=reason,
        after=facts(row),
    )
    return row


def move(
    session: Session,
    held: ProtectionList,
    entry: ProtectionEntry | None,
    *,
    transition: str,
    to: str,
    actor_id: int,
    reason: str,
    document: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> ProtectionStep:
    """Take a step of a list, or of one of its entries: the row, its version and the step together.

    changes: columns of the row that the step sets besides.
    """
    row: ProtectionList | ProtectionEntry = held if entry is None else entry
    before = None if entry is None else facts(entry)
    start = row.state
    for column, value in (changes or {}).items():
        setattr(row, column, value)
    row.state, row.version = to, row.version + 1
    session.flush()
    return note(
        session, held, entry, transition, start, to, actor_id=actor_id, reason=reason, document=document,
        before=before, after=None if entry is None else facts(entry),
    )  # fmt: skip


def note(
    session: Session,
    held: ProtectionList,
    entry: ProtectionEntry | None,
    transition: str,
    start: str | None,
    to: str,
    *,
    actor_id: int,
    reason: str,
    document: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> ProtectionStep:
    """Write the step down."""
    step = ProtectionStep(
        list_id=held.id, entry_id=None if entry is None else entry.id,
        version=held.version if entry is None else entry.version, transition=transition, from_state=start,
        to_state=to, actor_id=actor_id, reason=reason, document=document,
        before=None if before is None else dict(before), after=None if after is None else dict(after),
        demo=held.demo,
    )  # fmt: skip
    session.add(step)
    session.flush()
    return step


def facts(row: ProtectionEntry) -> dict[str, Any]:
    """What an entry says, as JSON values."""
    return {
        key: getattr(row, key)
        for key in ("number", "kind_class", "grounds", "measures", "reasons", "reuse_plan")
    }


LISTS = """
    select l.id, l.kind, l.batch, l.title, l.state, l.document, l.published_on, l.version, l.demo,
           count(e.id) filter (where e.state <> 'refused') as entries
    from protection_list l left join protection_entry e on e.list_id = l.id
    where l.district = :district and l.state <> 'discarded'
    group by l.id order by l.kind, l.batch"""

PUBLIC_LISTS = """
    select l.id, l.kind, l.batch, l.title, 'published' as state, l.document, l.published_on, l.demo,
           count(e.id) filter (where e.state = 'accepted') as entries
    from published.protection_list l left join published.protection_entry e on e.list_id = l.id
    where l.district = :district
    group by l.id, l.kind, l.batch, l.title, l.document, l.published_on, l.demo order by l.kind, l.batch"""

# The name in force on the date, else the last one that the register knows: a vanished name has ended.
ENTRIES = """
    select e.id, e.number, e.kind_class, e.grounds, e.measures, e.reasons, e.reuse_plan, e.state, e.demo,
           n.name, n.romanization, n.category, n.status, n.unit_code, {officer}
    from {schema}.protection_entry e
    left join lateral (
        select n.name, n.romanization, n.category, n.status, n.unit_code from {schema}.place_name n
        where n.number = e.number {open}
        order by n.valid @> cast(:at as date) desc, upper(n.valid) desc nulls first limit 1
    ) n on true
    where e.list_id = :list order by e.id"""


def lists(session: Session, *, district: str, officer: bool) -> list[dict[str, Any]]:
    """The lists of a district: published ones, for officers those in preparation too."""
    rows = session.execute(sql(LISTS if officer else PUBLIC_LISTS), {"district": district})
    return [dict(row._mapping) for row in rows]


def entries(session: Session, list_id: int, *, at: Any, officer: bool) -> list[dict[str, Any]]:
    """The entries of a list with the names that they protect."""
    statement = ENTRIES.format(
        schema="public" if officer else "published",
        officer="e.version, e.proposed_by" if officer else "null as version, null as proposed_by",
        open="and upper_inf(n.recorded)" if officer else "",
    )
    return [dict(row._mapping) for row in session.execute(sql(statement), {"list": list_id, "at": at})]


STEPS = """
    select s.id, s.entry_id, s.transition, s.from_state, s.to_state, s.at, u.name as actor, s.reason, s.document,
           s.before, s.after
    from protection_step s join app_user u on u.id = s.actor_id
    where s.list_id = :list order by s.id"""


def steps(session: Session, list_id: int) -> list[dict[str, Any]]:
    """All that was done to a list and its entries, in order; for officers."""
    return [dict(row._mapping) for row in session.execute(sql(STEPS), {"list": list_id})]
