"""纠错: reports of what is wrong on a map or page, as rows. What somebody wrote and his phone are for officers alone."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store.tables import ErrorReport
from geo.text import Text

OPEN = ("received", "working")
STATES: dict[str, Text] = {
    "received": Text("已收到", "Received"),
    "working": Text("核实中", "Being looked into"),
    "mended": Text("已更正", "Mended"),
    "no_error": Text("经核实无误", "Found to be right"),
    "hidden": Text("不予处理", "Set aside"),
}
#: Without look-alikes (0 O, 1 I L), so that a number can be read over the phone.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class NoSuchReport(NotFound):
    """No report has this number."""

    code = "no-such-report"
    title = Text("没有编号为 {number} 的纠错，请核对编号", "No report has the number {number}; check it")


def add(session: Session, row: ErrorReport) -> ErrorReport:
    """Keep a report under a number that nobody can guess, so that its status needs no further secret."""
    row.number = "JC-" + "".join(secrets.choice(LETTERS) for _ in range(8))
    session.add(row)
    session.flush()
    return row


def by_number(session: Session, number: str, *, lock: bool = False) -> ErrorReport:
    """One report. Raises NoSuchReport."""
    question = select(ErrorReport).where(ErrorReport.number == number.strip().upper())
    row = session.execute(question.with_for_update() if lock else question).scalar_one_or_none()
    if row is None:
        raise NoSuchReport(number=number[:20])
    return row


def of_district(
    session: Session, district: str, *, waiting: bool, before: int | None, limit: int
) -> list[ErrorReport]:
    """Reports of a district: those that wait, oldest first (error_report_waiting_ix), or those done with, newest first."""
    question = select(ErrorReport).where(ErrorReport.district == district)
    if waiting:
        question = question.where(ErrorReport.state.in_(OPEN)).order_by(ErrorReport.id)
    else:
        question = question.where(ErrorReport.state.not_in(OPEN)).order_by(ErrorReport.id.desc())
    if before is not None:
        question = question.where(ErrorReport.id > before if waiting else ErrorReport.id < before)
    return list(session.scalars(question.limit(limit)))
