"""公告: announce names, correct an announcement, take one back. What was announced once stays visible for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from api.acts import announcing, decide
from api.acts.announcing import AlreadyCorrected, AlreadyWithdrawn
from api.acts.stale import require_reason
from api.acts.step_details import BadDetail, short, words
from api.security.person import Person
from geo import days
from geo.approvals import life
from geo.machine import StepNotYours
from geo.store import announcements, approvals_case, audit
from geo.store.tables import Announcement, PlaceNameApplication
from geo.text import Text

#: What a correction may say otherwise of a name. What the name is stays with the decision.
CORRECTABLE = ("romanization", "unit", "position", "category", "former", "approved_by", "document")
NO_ITEM = Text("公告中没有第 {0} 项", "the announcement has no item {0}")
NO_FIELD = Text("可更正的内容：{0}", "what can be corrected: {0}")
NOTHING = Text("没有要更正的内容", "there is nothing to correct")


def announce(
    session: Session,
    actor: Person,
    key: str,
    *,
    reason: str,
    version: int,
    details: Mapping[str, Any] | None = None,
) -> PlaceNameApplication:
    """Announce one case: the name is public from then on. Raises what decide.take_step raises."""
    return decide.take_step(
        session, actor, key, life.ANNOUNCE, reason=reason, version=version, details=details
    )


def withdraw(
    session: Session,
    actor: Person,
    key: str,
    *,
    reason: str,
    version: int,
    details: Mapping[str, Any] | None = None,
) -> PlaceNameApplication:
    """Take the announcement of a case back: the name waits again, the old one stands again, from this day on."""
    return decide.take_step(session, actor, key, life.REVOKE, reason=reason, version=version, details=details)


def correct(
    session: Session,
    actor: Person,
    year: int,
    serial: int,
    *,
    changes: Mapping[int, Mapping[str, str]],
    says: str,
    reason: str,
) -> Announcement:
    """Correct what an announcement says of its names, with an announcement that names it.

    changes: position of the item in the announcement, from 0, -> field -> what is right. One that has been corrected is
    corrected further where it stands now, so that no correction undoes another. Raises NoSuchAnnouncement,
    StepNotYours, AlreadyCorrected, AlreadyWithdrawn, BadDetail, NoReason.
    """
    why = require_reason(reason)
    held = announcements.held(session, actor.district, year, serial)
    if not actor.holds(*life.KEEPERS):
        raise StepNotYours(step=Text("更正公告", "Correct an announcement"), roles="registrar")
    first, later = announcements.around(session, held)
    gone = withdrawn_cases(later)
    if held.kind == "withdrawal" or gone >= {i["application"] for i in first.items}:
        raise AlreadyWithdrawn(number=first.number)
    if (newest := [one for one in later if one.kind == "correction"]) and newest[-1].id != held.id:
        raise AlreadyCorrected(number=held.number, later=newest[-1].number)
    items = [i for i in _corrected(held.items, changes) if i["application"] not in gone]
    cases = [approvals_case.case_by_id(session, i) for i in announcements.cases_of(session, held.id)]
    cases = [case for case in cases if case.row["number"] not in gone]
    made = announcing.correct(
        session, actor, held, cases, items, words("says", says) or why, why, days.today()
    )
    audit.append(
        session, actor=actor, act="announcement.correct", subject_kind="announcement", subject=held.number, reason=why,
        before={"items": held.items}, after={"number": made.number, "items": items},
    )  # fmt: skip
    return made


def withdrawn_cases(later: Iterable[Announcement]) -> set[str]:
    """Numbers of the cases whose announcement was taken back, by what came after it."""
    return {item["application"] for one in later if one.kind == "withdrawal" for item in one.items}


def _corrected(
    items: Sequence[Mapping[str, Any]], changes: Mapping[int, Mapping[str, str]]
) -> list[dict[str, Any]]:
    made = [dict(item) for item in items]
    changed = False
    for at, fields in changes.items():
        if not 0 <= at < len(made):
            raise BadDetail(field="changes", why=NO_ITEM.fill(at))
        for key, value in fields.items():
            if key not in CORRECTABLE:
                raise BadDetail(field=key[:40], why=NO_FIELD.fill("、".join(CORRECTABLE)))
            right = short(key, value)
            changed = changed or right != made[at].get(key)
            made[at][key] = right
    if not changed:
        raise BadDetail(field="changes", why=NOTHING)
    return made
