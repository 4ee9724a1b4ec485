"""接受成果: an accepted submission becomes the version of record, in one transaction or not at all."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from api.acts.inspect import surroundings
from api.acts.publish_records import Merger
from api.acts.stale import require_reason, require_version
from api.acts.submit import decide, facts_of, may_see
from api.security.person import Person
from geo import inspection, settings
from geo.problems import Conflict
from geo.settings import Limits
from geo.store import audit, boundaries, files, submissions, versions
from geo.store import options as decisions
from geo.store.tables import AdminUnit, BoundaryLine, BoundaryMarker, Submission, Tripoint
from geo.terms import SubmissionState, Verdict
from geo.text import Text

RECORDS = (BoundaryLine, BoundaryMarker, Tripoint, AdminUnit)


class ChangedSince(Conflict):
    """What is published changed after the check, and the submission no longer fits it."""

    code = "published-changed"
    title = Text(
        "检查之后已发布的成果有变化，按现状复检有 {errors} 处错误（{codes}）；请点“重新检查”查看",
        "What is published has changed since the check, and against it there are {errors} errors ({codes}); press “Check again” to see them",
    )


class NothingInside(Conflict):
    """The submission has nothing that could be published."""

    code = "nothing-inside"
    title = Text(
        "该提交中没有可入库的界线、界桩、三交点或政区面",
        "The submission holds no line, marker, tripoint or polygon to publish",
    )


def accept(
    session: Session, actor: Person, id: UUID, *, reason: str, version: int, on_date: date | None = None
) -> Submission:
    """Accept a checked submission: its lines, markers, tripoints and polygons become the versions in force,
    and each line moves on to results_checked unless it is further already.

    on_date: from when they are in force; the as-of date where one is set, else today. version: of the
    submission as the person saw it. Raises Stale, StepNotYours, WrongState, GuardUnmet, ChangedSince,
    LineLocked, NothingInside.
    """
    row = submissions.find(session, id, lock=True)
    if not may_see(actor, row):
        raise submissions.NoSuchSubmission()
    require_version(version, row.version)
    words = require_reason(reason)
    decide(row, "accept", actor, facts_of(session, actor, row))
    # From here on, acceptances and settlements of the district follow each other.
    seen = boundaries.lock_publication(session, row.district)
    rechecked = row.against != seen
    if rechecked:
        require_still_fits(session, row, seen)
    merger = Merger(session, actor, row, on_date or settings.as_of())
    summary = merger.merge(submissions.features(session, row))
    if not any(summary.values()):
        raise NothingInside()
    superseded = supersede_earlier(session, row, merger.replaced)
    row.state, row.version = SubmissionState.ACCEPTED.value, row.version + 1
    row.decided, row.decided_by, row.decision_reason = submissions.now(session), actor.id, words
    boundaries.touch_publication(session, row.district)
    audit.append(
        session,
        actor=actor,
        act="accept",
        subject_kind="submission",
        subject=str(row.id),
        reason=words,
        before={"state": SubmissionState.CHECKED.value, "verdict": row.verdict},
        after=summary | {"state": row.state, "rechecked": rechecked, "superseded": superseded},
    )
    return row


def require_still_fits(session: Session, row: Submission, seen: int) -> None:
    """Check once more against what is published now. Raises ChangedSince."""
    file = submissions.file_of(session, row.id)
    answer = inspection.inspect_apart(
        files.place(file.sha256),
        decisions.from_json(row.options, submissions.remembered(session, row.organisation_id)),
        Limits.from_environment(),
        surroundings(session, row.district, seen),
        file=file.filename,
    )
    if answer.report["verdict"] == Verdict.REJECT:
        errors = [f["code"] for f in answer.report["findings"] if f["severity"] == "error"]
        raise ChangedSince(errors=len(errors), codes="、".join(sorted(set(errors))))


def supersede_earlier(session: Session, row: Submission, replaced: set[UUID]) -> list[int]:
    """Mark what this acceptance leaves behind: earlier submissions of its chain, and accepted ones of which
    nothing is in force any more. Returns their numbers."""
    candidates = {s.id: s for s in submissions.chain(session, row)}
    for id in replaced - {row.id}:
        candidates.setdefault(id, submissions.find(session, id))
    numbers = []
    for earlier in candidates.values():
        if earlier.state == SubmissionState.SUPERSEDED:
            continue
        if earlier.state == SubmissionState.ACCEPTED and still_in_force(session, earlier.id):
            continue
        locked = submissions.find(session, earlier.id, lock=True)
        locked.state, locked.version = SubmissionState.SUPERSEDED.value, locked.version + 1
        numbers.append(locked.number)
    session.flush()
    return sorted(numbers)


def still_in_force(session: Session, id: UUID) -> bool:
    """Whether any record of a submission is in force, on the as-of date or later."""
    at = settings.as_of()
    return any(
        session.scalar(
            select(
                exists(versions.as_of(table, at).where(table.submission_id == id).with_only_columns(table.id))
            )
        )
        for table in RECORDS
    )
