"""退回成果: a submission goes back to its surveyor, with the reason."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.acts.submit import decide, facts_of, may_see
from api.security.person import Person
from geo.store import audit, submissions
from geo.store.tables import Submission


def give_back(session: Session, actor: Person, id: UUID, *, reason: str, version: int) -> Submission:
    """Return a checked submission to its surveyor.

    version: of the submission as the person saw it. Raises NoSuchSubmission, Stale, NoReason, WrongState,
    StepNotYours, GuardUnmet.
    """
    row = submissions.find(session, id, lock=True)
    if not may_see(actor, row):
        raise submissions.NoSuchSubmission()
    require_version(version, row.version)
    words = require_reason(reason)
    step = decide(row, "return", actor, facts_of(session, actor, row))
    before = row.state
    row.state, row.version = step.to, row.version + 1
    row.decided, row.decided_by, row.decision_reason = submissions.now(session), actor.id, words
    session.flush()
    audit.append(
        session,
        actor=actor,
        act="return",
        subject_kind="submission",
        subject=str(row.id),
        reason=words,
        before={"state": before, "verdict": row.verdict},
        after={"state": row.state},
    )
    return row
