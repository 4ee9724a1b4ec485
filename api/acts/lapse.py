"""失效: what an applicant was asked to supplement and did not hand in in time ends by itself, the day after.

An officer may take the same step by hand, and where `YUDI_LAPSE` is off nobody else does.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date

from sqlalchemy.orm import Session, sessionmaker

from api.acts import notify
from api.acts.case_facts import supplement_until
from geo import days
from geo.approvals import life
from geo.problems import Problem
from geo.store import approvals, approvals_case, audit
from geo.store.tables import PlaceNameApplication
from geo.terms import ApplicationState as S


def automatic() -> bool:
    """Whether cases lapse by themselves (`YUDI_LAPSE`)."""
    return os.environ.get("YUDI_LAPSE", "on").strip().lower() not in ("off", "0", "no")


def lapse_due(sessions: sessionmaker[Session], district: str, on: date | None = None) -> list[str]:
    """The work of one night: every case whose days for supplementing are over; their numbers. Each in a transaction of
    its own, so that one that cannot be ended holds no other up."""
    day = on or days.today()
    if not automatic():
        return []
    with sessions() as session:
        waiting = approvals.in_state(session, district, S.SUPPLEMENT.value)
    ended = []
    for case_id in waiting:
        with suppress(Problem), sessions.begin() as session:
            row = lapse(session, case_id, day)
            if row is not None and row.number is not None:
                ended.append(row.number)
    return ended


def lapse(session: Session, case_id: int, on: date) -> PlaceNameApplication | None:
    """End one case, in the system's name; None where it is not due, or was supplemented meanwhile."""
    row = approvals.locked_by_id(session, case_id)
    if row is None or row.state != S.SUPPLEMENT.value:
        return None
    until = supplement_until(approvals_case.case_by_id(session, case_id))
    if until >= on:
        return None
    step = life.LIFE.step(row.state, "lapse", life.ACCEPTERS, life.Facts(supplement_late=True))
    reason = f"补正期限 {until.isoformat()} 已过，未收到补正材料，系统自动按失效处理"
    details = {"until": until.isoformat(), "automatic": "yes"}
    before = {"state": row.state, "version": row.version}
    approvals.take(session, row, step, actor_id=None, role=None, reason=reason, details=details)
    approvals.move_clocks(session, row, step, on)
    row.due = None
    session.flush()
    notify.case_moved(session, row, step)
    audit.append(
        session, actor=None, act="application.lapse", subject_kind="application", subject=row.number or str(row.ref),
        reason=reason, before=before, after={"state": row.state, "version": row.version, "details": details},
    )  # fmt: skip
    return row
