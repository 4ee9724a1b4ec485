"""地名入库: what an approval, an announcement and its withdrawal write into the register of names.

Approval enters a new name as `approved`, which nobody outside sees, or notes on the old one that it is about to end;
the announcement makes the new one standard and ends the old one. All inside the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.security.person import Person
from geo.names.categories import Category
from geo.problems import Conflict
from geo.store import names, versions
from geo.store.tables import NameSuccession, PlaceName, PlaceNameApplication
from geo.terms import ApplicationAction as Action
from geo.terms import NameStatus
from geo.text import Text

#: Fact of a name that is about to end: which case ends it. Officers see it; the public view does not.
ENDING = "ending"
#: Fields of the form that describe the name in the register.
DESCRIBED = ("meaning", "origin", "history")
#: Why a name is abolished, where the place itself is gone.
VANISHED = "vanished"


class SubjectGone(Conflict):
    """The name to change or end is not the standing standard name any more."""

    code = "subject-gone"
    title = Text(
        "原地名（编号 {number}）已不是现行标准地名，请核对后重新申请",
        "The old name (number {number}) is no longer a standard name in force; check it and apply anew",
    )


class SubjectBusy(Conflict):
    """Another approved case already ends the name."""

    code = "subject-busy"
    title = Text(
        "原地名“{name}”已由办件 {other} 批准更名或销名，等待公告",
        "Case {other} has already been approved to change or end “{name}” and waits for its announcement",
    )


@dataclass(frozen=True, slots=True)
class Approved:
    """What the register needs to know of a decision. on: 批准时间; since: the day from which the name is entered, which
    is the site's as-of date where one is set."""

    document: str
    body: str
    on: date
    since: date
    reason: str


def approve(session: Session, actor: Person, row: PlaceNameApplication, decision: Approved) -> int | None:
    """Enter an approved case. Returns the number of the new name; None of an abolition. Raises SubjectGone, SubjectBusy."""
    if row.action == Action.NAMING.value:
        return _enter(session, actor, row, decision, None).number
    subject = standing(session, row, decision.since)
    if (other := subject.facts.get(ENDING, {}).get("case")) not in (None, row.number):
        raise SubjectBusy(name=subject.name, other=other)
    made = None
    if row.action == Action.RENAMING.value:
        made = _enter(session, actor, row, decision, subject).number
    note = {"case": row.number, "document": decision.document, "on": decision.on.isoformat(), "to": made}
    _again(session, actor, subject, decision.reason, facts={**subject.facts, ENDING: note})
    return made


def announce(
    session: Session,
    actor: Person,
    row: PlaceNameApplication,
    number: str,
    on: date,
    dated: date,
    reason: str,
) -> None:
    """Make an approved case public: its name standard, the name that it replaces former, or ended."""
    if row.action != Action.NAMING.value:
        subject = standing(session, row, on)
        _end(session, actor, row, subject, number, on, reason)
    if row.result_number is not None:
        name = names.name_at(session, row.result_number, on)
        _again(
            session, actor, name, reason, valid=_from(on, name), status=NameStatus.STANDARD.value, announcement=number,
            announced_on=dated,
        )  # fmt: skip
    if row.action == Action.RENAMING.value:
        _succeed(session, actor, row, row.subject_number, row.result_number, "renamed", number, on)


def withdraw(
    session: Session, actor: Person, row: PlaceNameApplication, number: str, on: date, reason: str
) -> None:
    """Take an announcement back: its name waits again, the old one stands again, both from that day on."""
    if row.result_number is not None:
        name = names.name_at(session, row.result_number, on)
        _again(session, actor, name, reason, valid=_from(on, name), status=NameStatus.APPROVED.value)
    if row.action != Action.NAMING.value:
        assert row.subject_number is not None
        old = names.name_at(session, row.subject_number, on)
        _again(
            session, actor, old, reason, valid=_from(on, old), status=NameStatus.STANDARD.value,
            facts={**old.facts, ENDING: {"case": row.number, "to": row.result_number}},
        )  # fmt: skip
    if row.action == Action.RENAMING.value:
        _succeed(session, actor, row, row.result_number, row.subject_number, "renamed", number, on)


def standing(session: Session, row: PlaceNameApplication, on: date) -> PlaceName:
    """The name that a case changes or ends, as it stands, its versions locked. Raises SubjectGone."""
    assert row.subject_number is not None
    try:
        found = names.name_at(session, row.subject_number, on)
    except names.NoSuchName:
        raise SubjectGone(number=row.subject_number) from None
    session.refresh(found, with_for_update=True)
    open_end = found.valid.upper is None and found.recorded.upper is None
    if found.status != NameStatus.STANDARD.value or not open_end:
        raise SubjectGone(number=row.subject_number)
    return found


def _enter(
    session: Session, actor: Person, row: PlaceNameApplication, decision: Approved, old: PlaceName | None
) -> PlaceName:
    category = Category(row.category)
    form = row.form
    geometry = row.geometry if row.geometry is not None else getattr(old, "geometry", None)
    source = None
    if geometry is not None:
        source = (
            ("demo" if row.demo else "imported")
            if row.geometry is not None
            else getattr(old, "geometry_source", None)
        )
    return names.enter(
        session,
        PlaceName(
            place_id=None if old is None else old.place_id,
            code=None if old is None else old.code,
            name=row.name,
            category=row.category,
            gb_code=None if old is None else old.gb_code,
            status=NameStatus.APPROVED.value,
            unit_code=row.unit_code or (old.unit_code if old is not None else row.district),
            names_unit=None if old is None else old.names_unit,
            description=_words(form.get("position")),
            document=decision.document,
            approved_by=decision.body,
            approved_on=decision.on,
            sources=[{"title": f"地名申请 {row.number}"}],
            importance=0 if old is None else old.importance,
            geometry=geometry,
            geometry_source=source,
            valid=Range(decision.since, None, bounds="[)"),
            reason=decision.reason,
            demo=row.demo,
            made_by=actor.id,
            **{key: _words(form.get(key)) for key in DESCRIBED},
            **names.derived(row.name, category),
        ),
    )


def _end(
    session: Session,
    actor: Person,
    row: PlaceNameApplication,
    old: PlaceName,
    number: str,
    on: date,
    reason: str,
) -> None:
    facts = {key: value for key, value in old.facts.items() if key != ENDING}
    renamed = row.action == Action.RENAMING.value
    gone = not renamed and row.form.get("cause") == VANISHED
    status = NameStatus.VANISHED if gone else NameStatus.FORMER
    _again(session, actor, old, reason, valid=_from(on, old), status=status.value, facts=facts)
    if not renamed:
        _succeed(session, actor, row, old.number, None, "vanished" if gone else "abolished", number, on)


def _succeed(
    session: Session,
    actor: Person,
    row: PlaceNameApplication,
    old: int | None,
    new: int | None,
    kind: str,
    number: str,
    on: date,
) -> None:
    assert old is not None
    names.succeed(
        session,
        NameSuccession(
            from_number=old, to_number=new, kind=kind, on_date=on, document=row.decision_number or number,
            source=number, made_by=actor.id, demo=row.demo,
        ),
    )  # fmt: skip


def _again(
    session: Session,
    actor: Person,
    old: PlaceName,
    reason: str,
    *,
    valid: Range[date] | None = None,
    **changes: Any,
) -> PlaceName:
    """A new version of a name with other facts, by default for the same time, the search in step."""
    made: PlaceName = versions.copy_of(old, valid or old.valid, None)
    for key, value in changes.items():
        setattr(made, key, value)
    made.made_by, made.reason, made.submission_id = actor.id, reason, None
    return names.enter(session, made)


def _from(on: date, old: PlaceName) -> Range[date]:
    """From a day on; never before the version began."""
    return Range(max(on, old.valid.lower or on), None, bounds="[)")


def _words(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
