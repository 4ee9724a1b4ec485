"""One application with everything that belongs to it, for its page and for the guards of its steps: one query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.approvals.clocks import Clock, ClockState
from geo.store.approvals import NUMBER, NoSuchApplication

_SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_BY_NUMBER = text(_SQL.replace("/*which*/", "a.number = :key"))
_BY_REF = text(_SQL.replace("/*which*/", "a.ref = :key"))
_BY_ID = text(_SQL.replace("/*which*/", "a.id = :key"))
_BY_IDS = text(_SQL.replace("/*which*/", "a.id = any(:key)"))

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """办理步骤: one step as it was taken. role: with which role."""

    version: int
    transition: str
    from_state: str | None
    to_state: str
    at: datetime
    actor_id: int | None
    actor: str | None
    organisation_id: int | None
    role: str | None
    reason: str
    details: Record


@dataclass(frozen=True, slots=True)
class CaseClock:
    """期限 of a case, as it stands. left: days left on the day asked, in the limit's own unit."""

    id: int
    limit_id: str
    clock: Clock
    due: date | None

    def left(self, on: date) -> int | None:
        return self.clock.days_left(on)

    def state(self, on: date) -> ClockState:
        return self.clock.state(on)


@dataclass(frozen=True, slots=True)
class Case:
    """办件: an application with all that belongs to it.

    row: columns of place_name_application by name, with geometry (GeoJSON, EPSG:4490), lon, lat, applicant,
    organisation, officer, plan_title, plan_ref and unit_name beside them. materials, opinions, documents, filings,
    announcements, siblings (of its plan), rivals (other open applications for the same name): records in the order of
    their making. comment: its period of public comment, with counts. subject, result: the names in the register that it
    changes and that it has made. protected: whether the subject is on a protection list.
    """

    row: Record
    steps: tuple[Step, ...]
    clocks: tuple[CaseClock, ...]
    materials: tuple[Record, ...]
    opinions: tuple[Record, ...]
    documents: tuple[Record, ...]
    filings: tuple[Record, ...]
    announcements: tuple[Record, ...]
    siblings: tuple[Record, ...]
    rivals: tuple[Record, ...]
    comment: Record | None
    subject: Record | None
    result: Record | None
    protected: bool

    @property
    def key(self) -> str:
        """Its number, or its ref while it is a draft."""
        return self.row["number"] or str(self.row["ref"])

    def taken(self, *transitions: str) -> list[Step]:
        """The steps of these names, the oldest first."""
        return [s for s in self.steps if s.transition in transitions]

    def since(self, *transitions: str) -> tuple[Step, ...]:
        """The steps after the last one of these names; all where there is none."""
        last = max((s.version for s in self.taken(*transitions)), default=0)
        return tuple(s for s in self.steps if s.version > last)


def case(session: Session, key: str | uuid.UUID) -> Case:
    """A case by its number or ref. Raises NoSuchApplication."""
    if isinstance(key, str) and NUMBER.fullmatch(key):
        return _read(session, _BY_NUMBER, key)
    try:
        ref = key if isinstance(key, uuid.UUID) else uuid.UUID(key)
    except ValueError:
        raise NoSuchApplication(key=str(key)[:60]) from None
    return _read(session, _BY_REF, ref)


def case_by_id(session: Session, application_id: int) -> Case:
    """A case by its id in the database. Raises NoSuchApplication."""
    return _read(session, _BY_ID, application_id)


def cases_by_id(session: Session, application_ids: Iterable[int]) -> dict[int, Case]:
    """Cases by their ids in the database, in one query; unknown ids are left out."""
    found = session.execute(_BY_IDS, {"key": list(application_ids)}).mappings()
    return {record["id"]: _case(record) for record in found}


def _read(session: Session, statement: Any, key: Any) -> Case:
    found = session.execute(statement, {"key": key}).mappings().first()
    if found is None:
        raise NoSuchApplication(key=str(key)[:60])
    return _case(found)


def _case(found: Any) -> Case:
    row = dict(found)
    lists = {name: tuple(row.pop(name)) for name in (
        "materials", "opinions", "documents", "filings", "announcements", "siblings", "rivals",
    )}  # fmt: skip
    return Case(
        steps=tuple(_step(s) for s in row.pop("steps")),
        clocks=tuple(_clock(c) for c in row.pop("clocks")),
        comment=row.pop("comment"),
        subject=row.pop("subject"),
        result=row.pop("result"),
        protected=row.pop("protected"),
        row=row,
        **lists,
    )


def _step(record: Record) -> Step:
    return Step(
        version=record["version"], transition=record["transition"], from_state=record["from"], to_state=record["to"],
        at=datetime.fromisoformat(record["at"]), actor_id=record["actor_id"], actor=record["actor"],
        organisation_id=record["organisation_id"], role=record["role"], reason=record["reason"],
        details=record["details"],
    )  # fmt: skip


def _clock(record: Record) -> CaseClock:
    stopped = record["stopped"]
    clock = Clock.restored(
        record["limit_id"], unit=record["unit"], days=record["days"], starts=date.fromisoformat(record["starts"]),
        pauses=record["pauses"], extended=record["extended"], extension_reason=record["extension_reason"],
        stopped=date.fromisoformat(stopped) if stopped else None,
    )  # fmt: skip
    return CaseClock(
        record["id"], record["limit_id"], clock, date.fromisoformat(record["due"]) if record["due"] else None
    )
