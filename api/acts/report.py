"""纠错: anybody says what is wrong; a registrar looks into it and answers."""

from __future__ import annotations

import re

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.security.person import Person
from geo.machine import StepNotYours
from geo.problems import BadInput, Conflict
from geo.store import audit, reports
from geo.store.tables import SRID, ErrorReport
from geo.terms import UserRole
from geo.text import Text

SUBJECTS = ("place_name", "facility", "map")
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}")
#: What may follow what: a report that was answered is looked into again only by a report of its own.
STEPS = {"working": ("received",), "mended": reports.OPEN, "no_error": reports.OPEN, "hidden": reports.OPEN}


class EmptyReport(BadInput):
    """Nothing is said."""

    code = "empty-report"
    title = Text("请写明哪里有误（2000 字以内）", "Say what is wrong, in at most 2,000 characters")


class BadPhone(BadInput):
    """No phone number."""

    code = "bad-phone"
    title = Text(
        "联系电话应为 6 至 20 位数字，可留空", "A phone number has 6 to 20 digits; it may be left empty"
    )


class ReportClosed(Conflict):
    """The report was answered already."""

    code = "report-closed"
    title = Text("该纠错已办结（{state}）", "The report is closed ({state})")


def send(
    session: Session, *, district: str, subject_kind: str, subject: str | None, says: str, phone: str | None,
    at: tuple[float, float] | None = None,
) -> ErrorReport:  # fmt: skip
    """Take a report of anybody. at: longitude, latitude. Raises EmptyReport, BadPhone.

    The audit entry holds neither the words nor the phone: they may name persons, and the chain is for good.
    """
    words = "".join(c for c in says.strip() if c.isprintable() or c in "\n\t")
    if not words or len(words) > 2000:
        raise EmptyReport()
    reach = (phone or "").strip()
    if reach and not PHONE.fullmatch(reach):
        raise BadPhone()
    row = reports.add(
        session,
        ErrorReport(
            district=district,
            subject_kind=subject_kind if subject_kind in SUBJECTS else "map",
            subject=(subject or "").strip()[:200] or None,
            says=words,
            phone=reach or None,
            geometry=None if at is None else from_shape(Point(*at), srid=SRID),
        ),
    )
    audit.append(
        session, actor=None, act="report", subject_kind="error-report", subject=row.number, reason="公众纠错",
        after={"subject_kind": row.subject_kind, "subject": row.subject},
    )  # fmt: skip
    return row


def answer(
    session: Session, actor: Person, number: str, state: str, *, reason: str, version: int
) -> ErrorReport:
    """Take a report up (working) or close it with an answer. Raises StepNotYours, NoSuchReport, Stale, NoReason,
    ReportClosed."""
    if not actor.holds(UserRole.REGISTRAR):
        raise StepNotYours(step="办理纠错", roles=UserRole.REGISTRAR.value)
    row = reports.by_number(session, number, lock=True)
    require_version(version, row.version)
    words = require_reason(reason)
    if row.district != actor.district:
        raise reports.NoSuchReport(number=number)
    if row.state not in STEPS.get(state, ()):
        raise ReportClosed(state=reports.STATES[row.state].zh)
    before = row.state
    row.state, row.version, row.handled_by = state, row.version + 1, actor.id
    if state != "working":
        row.answer = words
    session.flush()
    audit.append(
        session, actor=actor, act="answer", subject_kind="error-report", subject=row.number, reason=words,
        before={"state": before}, after={"state": state},
    )  # fmt: skip
    return row
