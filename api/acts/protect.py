"""地名保护: make protection lists, propose names for them, review and publish them (条例第二十五条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.security.person import Person
from geo import settings
from geo.machine import StepNotYours
from geo.names import protection as life
from geo.names.protection import EntryState, ListKind, ListState
from geo.problems import BadInput, Conflict
from geo.store import audit, protection
from geo.store.names import NoSuchName
from geo.store.tables import PlaceName, ProtectionEntry, ProtectionList
from geo.terms import UserRole
from geo.text import Text


class BatchTaken(Conflict):
    """The district has this batch already."""

    code = "protection-batch-taken"
    title = Text("{kind}第{batch}批已经存在", "Batch {batch} of the {kind} exists already")


class AlreadyListed(Conflict):
    """The name is on the list, or on another one in force."""

    code = "already-listed"
    title = Text("“{name}”已在{title}", "“{name}” is on {title} already")


class ListClosed(Conflict):
    """Entries change only while their list is a draft."""

    code = "protection-list-closed"
    title = Text(
        "名录处于“{state}”状态，条目不能修改；请先退回修改",
        "The list is “{state}”: return it before changing its entries",
    )


class UnknownCriterion(BadInput):
    """A class, ground or measure that the table does not hold."""

    code = "unknown-criterion"
    title = Text(
        "“{given}”不是已知的{what}；可用：{known}", "“{given}” is no known {what}; there are: {known}"
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said about a name on a list: keys of the table of criteria, and words."""

    kind_class: str | None = None
    grounds: Sequence[str] = ()
    measures: Sequence[str] = ()
    reasons: str | None = None
    reuse_plan: str | None = None


def create(
    session: Session, actor: Person, *, kind: ListKind, batch: int, title: str | None, reason: str
) -> ProtectionList:
    """Begin a list (某批保护名录). Raises StepNotYours, BatchTaken, NoReason."""
    only_registrar(actor, "新建名录")
    words = require_reason(reason)
    taken = session.scalar(
        select(ProtectionList.id).where(
            ProtectionList.district == actor.district,
            ProtectionList.kind == kind.value,
            ProtectionList.batch == batch,
            ProtectionList.state != ListState.DISCARDED.value,
        )
    )
    if taken is not None:
        raise BatchTaken(kind=life.LIST_KIND_NAMES[kind], batch=batch)
    row = protection.add(
        session,
        ProtectionList(
            district=actor.district,
            kind=kind.value,
            batch=batch,
            title=(title or "").strip() or f"第{batch}批{life.LIST_KIND_NAMES[kind].zh}",
        ),
        actor_id=actor.id,
        reason=words,
    )
    write(session, actor, row, "create", words, {"title": row.title})
    return row


def propose(
    session: Session, actor: Person, list_id: int, number: int, entry: Entry, *, reason: str
) -> ProtectionEntry:
    """Propose a name of the register for a list. Raises NoSuchList, ListClosed, NoSuchName, AlreadyListed."""
    only_registrar(actor, "提出条目")
    words = require_reason(reason)
    held = protection.locked(session, list_id)
    only_draft(held)
    name = session.scalar(
        select(PlaceName.name)
        .where(PlaceName.number == number, func.upper_inf(PlaceName.recorded))
        .order_by(func.upper(PlaceName.valid).desc().nulls_first())
        .limit(1)
    )
    if name is None:
        raise NoSuchName(number=number)
    elsewhere = session.scalar(
        select(ProtectionList.title)
        .join(ProtectionEntry, ProtectionEntry.list_id == ProtectionList.id)
        .where(
            ProtectionEntry.number == number,
            (ProtectionList.id == list_id)
            | (
                (ProtectionList.state == ListState.PUBLISHED.value)
                & (ProtectionEntry.state == EntryState.ACCEPTED.value)
            ),
        )
    )
    if elsewhere is not None:
        raise AlreadyListed(name=name, title=elsewhere)
    row = protection.propose(
        session,
        ProtectionEntry(
            list_id=list_id, number=number, proposed_by=actor.id, demo=held.demo, **checked(entry)
        ),
        reason=words,
    )
    write(session, actor, held, "propose", words, {"entry": row.id, "name": name, **protection.facts(row)})
    return row


def amend(
    session: Session, actor: Person, list_id: int, entry_id: int, entry: Entry, *, version: int, reason: str
) -> ProtectionEntry:
    """Change what is said about a name while the list is a draft; a decision on it falls."""
    only_registrar(actor, "修改条目")
    words = require_reason(reason)
    held = protection.locked(session, list_id)
    row = protection.entry_of(session, list_id, entry_id)
    require_version(version, row.version)
    only_draft(held)
    before = protection.facts(row)
    protection.move(
        session, held, row, transition="amend", to=EntryState.PROPOSED.value, actor_id=actor.id, reason=words,
        changes=checked(entry),
    )  # fmt: skip
    write(session, actor, held, "amend", words, {"entry": row.id, **protection.facts(row)}, before)
    return row


def take_step(
    session: Session,
    actor: Person,
    list_id: int,
    transition: str,
    *,
    version: int,
    reason: str,
    document: str | None = None,
    on: date | None = None,
) -> ProtectionList:
    """Take a step of a list. document: of the publication. Raises Stale, WrongState, StepNotYours, GuardUnmet."""
    words = require_reason(reason)
    held = protection.locked(session, list_id)
    require_version(version, held.version)
    entries = protection.entries_of(session, list_id)
    paper = (document or "").strip() or None
    step = life.LIST_LIFE.step(
        held.state,
        transition,
        actor.roles,
        life.ListFacts(
            entries=len(entries),
            bare=sum(not (e.kind_class and e.grounds and e.measures and e.reasons) for e in entries),
            undecided=sum(e.state == EntryState.PROPOSED.value for e in entries),
            accepted=sum(e.state == EntryState.ACCEPTED.value for e in entries),
            document=paper is not None,
            own=protection.had_a_hand(session, list_id, actor.id),
        ),
    )
    before = held.state
    published = step.to == ListState.PUBLISHED.value
    protection.move(
        session, held, None, transition=step.name, to=step.to, actor_id=actor.id, reason=words, document=paper,
        changes={"document": paper, "published_on": on or settings.as_of()} if published else None,
    )  # fmt: skip
    write(session, actor, held, step.name, words, {"state": held.state, "document": paper}, {"state": before})
    return held


def decide(
    session: Session,
    actor: Person,
    list_id: int,
    entry_id: int,
    transition: str,
    *,
    version: int,
    reason: str,
    document: str | None = None,
) -> ProtectionEntry:
    """Review an entry, or withdraw one from a published list. Raises Stale, WrongState, StepNotYours, GuardUnmet."""
    words = require_reason(reason)
    held = protection.locked(session, list_id)
    row = protection.entry_of(session, list_id, entry_id)
    require_version(version, row.version)
    paper = (document or "").strip() or None
    step = life.ENTRY_LIFE.step(
        row.state,
        transition,
        actor.roles,
        life.EntryFacts(ListState(held.state), document=paper is not None, own=row.proposed_by == actor.id),
    )
    before = row.state
    protection.move(
        session, held, row, transition=step.name, to=step.to, actor_id=actor.id, reason=words, document=paper
    )
    write(
        session, actor, held, f"{step.name}_entry", words, {"entry": row.id, "state": row.state, "document": paper},
        {"state": before},
    )  # fmt: skip
    return row


def checked(entry: Entry) -> dict[str, Any]:
    """The columns of an entry, its keys known. Raises UnknownCriterion."""
    for given, kind, what in (
        ((entry.kind_class,) if entry.kind_class else (), "class", Text("类别", "class")),
        (entry.grounds, "ground", Text("列入依据", "ground")),
        (entry.measures, "measure", Text("保护方式", "way of protecting")),
    ):
        known = life.keys_of(kind)
        for key in given:
            if key not in known:
                raise UnknownCriterion(given=key, what=what, known="、".join(known))
    return {
        "kind_class": entry.kind_class or None,
        "grounds": list(dict.fromkeys(entry.grounds)),
        "measures": list(dict.fromkeys(entry.measures)),
        "reasons": (entry.reasons or "").strip() or None,
        "reuse_plan": (entry.reuse_plan or "").strip() or None,
    }


def only_registrar(actor: Person, step: str) -> None:
    """Lists are made by the registrar (地名登记员)."""
    if not actor.holds(UserRole.REGISTRAR):
        raise StepNotYours(step=step, roles=UserRole.REGISTRAR.value)


def only_draft(held: ProtectionList) -> None:
    if held.state != ListState.DRAFT.value:
        raise ListClosed(state=life.LIST_STATE_NAMES[ListState(held.state)])


def write(
    session: Session,
    actor: Person,
    held: ProtectionList,
    act: str,
    reason: str,
    after: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> None:
    audit.append(
        session, actor=actor, act=f"protection.{act}", subject_kind="protection_list", subject=str(held.id),
        reason=reason, before=None if before is None else dict(before), after=dict(after),
    )  # fmt: skip
