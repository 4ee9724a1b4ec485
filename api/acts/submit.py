"""提交成果: take an upload in, or have the same file checked again with other decisions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.security.person import Person
from geo.boundaries.submission_life import LIFE, SURVEYORS, Facts
from geo.machine import GuardUnmet, StepNotYours, Transition
from geo.problems import Conflict
from geo.reading.layers import ReadOptions
from geo.store import audit, files, queue, submissions
from geo.store import options as decisions
from geo.store.tables import Submission
from geo.terms import Profile, SubmissionState, UserRole, Verdict
from geo.text import Text

INSPECT = "inspect"


class BeingTaken(Conflict):
    """The same bytes are being checked already."""

    code = "being-taken"
    title = Text(
        "同一文件正在检查中（第 {number} 号提交），请等待其结果",
        "The same file is already being checked as submission {number}; wait for its answer",
    )


class OwnSubmission(GuardUnmet):
    """Nobody decides on what he or his organisation submitted."""

    code = "own-submission"
    title = Text(
        "不能审核自己或本单位提交的成果，须由另一单位的审核人员办理",
        "Nobody decides on a submission of his own or of his organisation: another officer has to",
    )


def decide(row: Submission, name: str, actor: Person, facts: Facts) -> Transition:
    """The step of an officer on a submission. As LIFE.step, but OwnSubmission where that is what hinders."""
    try:
        return LIFE.step(row.state, name, actor.roles, facts)
    except GuardUnmet as unmet:
        if facts.own or facts.own_organisation:
            raise OwnSubmission() from unmet
        raise


def facts_of(session: Session, actor: Person, row: Submission) -> Facts:
    """What the guards of a submission's steps ask."""
    return Facts(
        own=row.submitted_by == actor.id,
        own_organisation=row.organisation_id == actor.organisation_id,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        profile=Profile(row.profile),
        replaced=submissions.successor(session, row.id) is not None,
    )


def may(session: Session, actor: Person, row: Submission) -> list[str]:
    """The names of the steps that this person may take on a submission now."""
    facts = facts_of(session, actor, row)
    return [
        t.name for t in LIFE.open_to(row.state, actor.roles) if all(guard.holds(facts) for guard in t.guards)
    ]


def may_of(actor: Person, told: Mapping[str, Any]) -> list[str]:
    """As `may`, of a submission that `submissions.describe` has told everything of: no more queries."""
    facts = Facts(
        own=told["submitted_by_id"] == actor.id,
        own_organisation=told["organisation_id"] == actor.organisation_id,
        verdict=None if told["verdict"] is None else Verdict(told["verdict"]),
        profile=Profile(told["profile"]),
        replaced=told["replaced_by"] is not None,
    )
    return [
        t.name
        for t in LIFE.open_to(told["state"], actor.roles)
        if all(guard.holds(facts) for guard in t.guards)
    ]


def may_see(actor: Person, row: Submission) -> bool:
    """Whether a person may know of a submission: its own organisation and the deciding officers."""
    return row.organisation_id == actor.organisation_id or actor.holds(
        UserRole.ACCEPTANCE_OFFICER,
        UserRole.REVIEWER,
        UserRole.APPROVER,
        UserRole.REGISTRAR,
        UserRole.ADMINISTRATOR,
    )


def submit(
    session: Session,
    actor: Person,
    *,
    filename: str,
    path: Path,
    options: ReadOptions,
    replaces: UUID | None = None,
    sha256: str | None = None,
) -> Submission:
    """Keep an upload that arrived whole and have it checked in the background.

    filename: as the surveyor called it. path: the complete file. sha256: its digest, where the file may be moved
    away. replaces: the submission that this one mends; it is superseded in the same transaction. Raises StepNotYours, BeingTaken (with the first
    submission's `id`), DiskFull; WrongState or GuardUnmet where the replaced one cannot be.
    """
    if not actor.holds(*SURVEYORS):
        raise StepNotYours(step=Text("提交成果", "submit a result"), roles="、".join(sorted(SURVEYORS)))
    earlier = None
    if replaces is not None:
        earlier = submissions.find(session, replaces, lock=True)
        if not may_see(actor, earlier):
            raise submissions.NoSuchSubmission()
        LIFE.step(earlier.state, "resubmit", actor.roles, facts_of(session, actor, earlier))
    # Holds the digest's lock until this transaction ends: a second upload of the same bytes waits here,
    # and then finds this submission.
    kept = files.keep(session, path, "application/octet-stream", sha256=sha256)
    first = submissions.being_taken(session, kept.sha256, actor.organisation_id)
    if first is not None:
        raise BeingTaken(number=first.number, id=str(first.id))
    row = submissions.create(
        session,
        actor_id=actor.id,
        organisation_id=actor.organisation_id,
        district=actor.district,
        filename=filename,
        file=kept,
        options_json=decisions.to_json(options),
        replaces=earlier,
    )
    if earlier is not None:
        earlier.state, earlier.version = SubmissionState.SUPERSEDED.value, earlier.version + 1
    send(session, row)
    audit.append(
        session,
        actor=actor,
        act="submit",
        subject_kind="submission",
        subject=str(row.id),
        reason="重新提交" if earlier is not None else "提交成果",
        after={
            "number": row.number,
            "file": filename,
            "sha256": kept.sha256,
            "options": row.options,
            "replaces": None if earlier is None else str(earlier.id),
        },
    )
    return row


def recheck(
    session: Session,
    actor: Person,
    id: UUID,
    options: ReadOptions,
    version: int,
    reason: str = "更改读取选项后重新检查",
) -> Submission:
    """Have the same file checked again with another mapping, system or encoding, as a new round.

    version: of the submission as the person saw it. The findings of the round before stay to compare with.
    Raises NoSuchSubmission, Stale, WrongState, StepNotYours, GuardUnmet.
    """
    row = submissions.find(session, id, lock=True)
    if not may_see(actor, row):
        raise submissions.NoSuchSubmission()
    require_version(version, row.version)
    LIFE.step(row.state, "recheck", actor.roles, facts_of(session, actor, row))
    before = {"options": row.options, "verdict": row.verdict, "state": row.state}
    row.options = decisions.to_json(options)
    row.profile = options.profile.value
    row.state, row.verdict, row.failure = SubmissionState.RECEIVED.value, None, None
    row.decided = row.decided_by = row.decision_reason = None
    row.progress, row.step, row.attempts = 0.0, None, 0
    row.round, row.version = row.round + 1, row.version + 1
    session.flush()
    send(session, row)
    audit.append(
        session,
        actor=actor,
        act="recheck",
        subject_kind="submission",
        subject=str(row.id),
        reason=require_reason(reason),
        before=before,
        after={"options": row.options, "round": row.round},
    )
    return row


def send(session: Session, row: Submission) -> None:
    """Put the inspection of a submission's present round into the queue, once."""
    queue.defer(
        session,
        INSPECT,
        queue=queue.INSPECTIONS,
        once=f"inspect {row.id} {row.round}",
        lock=f"submission {row.id}",
        submission=str(row.id),
        round=row.round,
    )
