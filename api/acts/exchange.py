"""一件事交换: cases that another system brings, results that it reports, and what it is told of both.

A message bears a key: the same message under the same key is answered as the first time, whatever has happened since.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from api.acts import apply, attach, decide
from api.acts.apply import Content
from api.acts.case_facts import is_officer, may_see
from api.security.person import Person
from geo.approvals import rows
from geo.approvals.applicants import ApplicantKind, kinds_of
from geo.problems import Conflict, NotAllowed
from geo.reading.materials import Examined
from geo.store import approvals_case, exchange
from geo.store.approvals import NoSuchApplication
from geo.store.approvals_case import Case
from geo.store.tables import PlaceNameApplication
from geo.terms import ApplicationState, UserRole
from geo.text import Text


class NotOnBehalf(NotAllowed):
    """The account may not apply for others."""

    code = "not-on-behalf"
    title = Text(
        "此账号不能代“{organisation}”申请；代办账号由管理员在 YUDI_EXCHANGE_ACCOUNTS 中指定",
        "This account cannot apply for {organisation}; the administrator names those that may in YUDI_EXCHANGE_ACCOUNTS",
    )


class AlreadyBrought(Conflict):
    """The other system has brought this case before."""

    code = "already-brought"
    title = Text(
        "编号 {external_id} 的申请已经导入，本系统编号 {number}",
        "The application {external_id} was brought before; here it is {number}",
    )


@dataclass(frozen=True, slots=True)
class Brought:
    """A case as another system brings it. organisation: the applicant's, None for the account's own. materials:
    (kind, examined file, SHA-256 of what came)."""

    external_id: str
    organisation: str | None
    content: Content
    materials: Sequence[tuple[str, Examined, str]]
    submit: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message is answered with. replayed: as the first time."""

    status: int
    body: Any
    replayed: bool


def once(
    session: Session, actor: Person, key: str, message: Any, do: Callable[[], tuple[int, Any]]
) -> Answer:
    """Do what a message asks, once for its key. Only what succeeded is kept: a message that was refused may be mended
    and sent again under the same key. Raises KeyReused."""
    canonical = json.dumps(message, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    sha256 = hashlib.sha256(canonical.encode()).hexdigest()
    known = exchange.answered(session, actor.organisation_id, key, sha256)
    if known is not None:
        return Answer(known.status, known.answer, True)
    status, answer = do()
    exchange.keep(session, actor.organisation_id, key, sha256, status, answer)
    return Answer(status, answer, False)


def on_behalf_accounts() -> frozenset[str]:
    """Logins that may apply for others (`YUDI_EXCHANGE_ACCOUNTS`, between commas)."""
    given = os.environ.get("YUDI_EXCHANGE_ACCOUNTS", "")
    return frozenset(login.strip().lower() for login in given.split(",") if login.strip())


def applicant_of(session: Session, actor: Person, brought: Brought) -> Person:
    """Whom the case is brought for: the account itself, or the named organisation as far as it is known here. What
    the account did is signed with the account. Raises NotOnBehalf."""
    name, kind = brought.organisation, brought.content.applicant_kind
    if name is None or name == actor.organisation:
        return actor
    if actor.login not in on_behalf_accounts():
        raise NotOnBehalf(organisation=name[:100])
    known = exchange.organisation_named(session, name)
    if known is not None and (kind is None or ApplicantKind(kind) in kinds_of(known.kind)):
        return replace(
            actor, organisation_id=known.id, organisation=known.name, organisation_kind=known.kind,
            unit_code=known.unit_code,
        )  # fmt: skip
    fitting = {row["kind"]: rows.words(row["organisations"]) for row in rows.read("applicant_kinds.csv")}
    own_kind = next(iter(fitting.get(kind or "", ())), actor.organisation_kind)
    return replace(actor, organisation_kind=own_kind)


def bring(session: Session, actor: Person, brought: Brought) -> PlaceNameApplication:
    """Take a case in, with its materials, and hand it in where that is asked.

    Raises NotOnBehalf, AlreadyBrought, besides what apply.begin, attach.attach and apply.submit raise.
    """
    before = exchange.brought(session, actor.organisation, brought.external_id, actor.district)
    if before is not None:
        raise AlreadyBrought(
            external_id=brought.external_id, number=before.number or str(before.ref), id=str(before.ref)
        )
    applicant = applicant_of(session, actor, brought)
    row = apply.begin(session, applicant, brought.content)
    row.external = {
        "system": actor.organisation,
        "id": brought.external_id,
        "applicant": brought.organisation or actor.organisation,
    }
    session.flush()
    for kind, examined, came in brought.materials:
        attach.attach(session, applicant, str(row.ref), kind=kind, examined=examined, sha256_came=came)
    if brought.submit:
        row = apply.submit(
            session, applicant, row.ref, version=row.version, reason=f"{actor.organisation}导入"
        )
    return row


def report(
    session: Session, actor: Person, number: str, step: str, *, reason: str, version: int, details: dict[str, Any]
) -> PlaceNameApplication:  # fmt: skip
    """Take a step of a case that another system reports, as decide.take_step."""
    return decide.take_step(session, actor, number, step, reason=reason, version=version, details=details)


def seen(session: Session, actor: Person, key: str) -> Case:
    """A case that this account may be told of: its own side's, one that it brought, any for an officer. Raises
    NoSuchApplication."""
    case = approvals_case.case(session, key)
    external = case.row["external"] or {}
    mine = case.row["district"] == actor.district and external.get("system") == actor.organisation
    if not mine and not may_see(actor, case):
        raise NoSuchApplication(key=key[:60])
    return case


def changed(
    session: Session, actor: Person, *, after: int, limit: int
) -> tuple[list[tuple[int, Case]], bool]:
    """Cases whose last step came after `after`, with that step's id, in this order; and whether there are more."""
    found = exchange.changed(
        session, district=actor.district, after=after, organisation_id=actor.organisation_id,
        system=actor.organisation, everything=is_officer(actor), limit=limit + 1,
    )  # fmt: skip
    cases = approvals_case.cases_by_id(session, (id for id, _ in found[:limit]))
    return [(last, cases[id]) for id, last in found[:limit]], len(found) > limit


def as_message(case: Case) -> dict[str, Any]:
    """A case as other systems are told of it (data/approvals/exchange.schema.json, `case`). Who handles it and how to
    reach the applicant are not in it."""
    row = case.row
    external = row["external"] or {}
    return {
        "number": row["number"],
        "id": str(row["ref"]),
        "external": (
            {"system": external["system"], "id": external["id"], "applicant": external.get("applicant")}
            if "system" in external
            else None
        ),
        "version": row["version"],
        "state": row["state"],
        "action": row["action"],
        "category": row["category"],
        "name": row["name"],
        "romanization": row["romanization"],
        "unit_code": row["unit_code"],
        "unit_name": row["unit_name"],
        "geometry": row["geometry"],
        "subject_number": row["subject_number"],
        "route": row["route"],
        "approving_body": row["body"],
        "submitted_at": _moment(row["submitted_at"]),
        "decided_at": _moment(row["decided_at"]),
        "decision_number": row["decision_number"],
        "due": row["due"].isoformat() if row["due"] else None,
        "result_number": row["result_number"] if row["state"] in _DECIDED else None,
        "steps": [
            {"version": s.version, "step": s.transition, "to": s.to_state, "at": _moment(s.at)}
            for s in case.steps
            if s.to_state != ApplicationState.DRAFT
        ],
        "materials": [
            {"kind": m["kind"], "filename": m["filename"], "sha256": m["sha256"]} for m in case.materials
        ],
        "documents": [
            {"kind": d["kind"], "number": d["number"], "dated": _day(d["dated"])} for d in case.documents
        ],
        "filings": [
            {"to": f["to_body"], "state": f["state"], "sent_on": _day(f["sent_on"]), "filed_on": _day(f["filed_on"]),
             "reference": f["reference"]}
            for f in case.filings
        ],
        "announcements": [{"number": a["number"], "dated": _day(a["dated"])} for a in case.announcements],
        "demo": row["demo"],
    }  # fmt: skip


_DECIDED = frozenset({ApplicationState.APPROVED, ApplicationState.CLOSED})


def _moment(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else value.isoformat()


def _day(value: Any) -> str | None:
    return None if value is None else str(value)[:10]


#: Who may report results: whoever takes steps as an officer.
REPORTERS = (UserRole.ACCEPTANCE_OFFICER, UserRole.REVIEWER, UserRole.APPROVER, UserRole.REGISTRAR)
