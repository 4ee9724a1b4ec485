"""检查成果: the worker's job. Begin, check without a transaction, store the answer in one.

Idempotent: a job is for one round of one submission, and does nothing where that round has its answer. A
job whose worker was killed runs again from the start; after some attempts the submission fails with a
sentence instead of being tried for ever.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from api.acts.submit import INSPECT, send
from geo import inspection, settings
from geo.inspection import Answer, Surroundings
from geo.problems import Problem, Unavailable
from geo.reading.layers import ReadOptions
from geo.settings import Limits
from geo.store import audit, boundaries, engine, files, inspections, news, queue, submissions, units
from geo.store import options as decisions
from geo.store.tables import Submission
from geo.terms import SubmissionState
from geo.text import Text

MOST_ATTEMPTS = 3
#: Seconds between two notes of progress.
NOTE_EVERY = 0.4

Sessions = sessionmaker[Session]


class Interrupted(Unavailable):
    """The inspection was begun several times and never ended."""

    code = "inspection-interrupted"
    title = Text(
        "检查进程多次意外中断（如断电或内存不足），请点“重新检查”；仍失败请联系管理员",
        "The inspection was cut off several times (power, memory); press “Check again”, and tell the administrator if it fails again",
    )


class InspectionBroke(Problem):
    """Our own mistake while inspecting."""

    code = "inspection-failed"
    title = Text(
        "系统在检查此文件时出错，已记录（提交号 {number}）；请联系管理员，或改用其他格式重新提交",
        "The system failed while checking this file (submission {number}); it has been logged. Tell the administrator, or submit the data in another format",
    )


@dataclass(frozen=True)
class Work:
    """One inspection to do."""

    id: UUID
    round: int
    number: int
    path: Path
    filename: str
    options: ReadOptions
    surroundings: Surroundings
    against: int


def inspect(sessions: Sessions, id: UUID, round: int) -> None:
    """Inspect a submission's round and store the answer.

    Raises what is worth another attempt (the database away, a lock not had); everything else ends in state
    checked or failed.
    """
    with sessions.begin() as session:
        work = begin(session, id, round)
    if work is None:
        return
    try:
        if not work.path.exists():
            raise files.FileGone(sha256=work.path.name)
        answer = inspection.inspect_apart(
            work.path,
            work.options,
            Limits.from_environment(),
            work.surroundings,
            file=work.filename,
            progress=Notes(sessions, work),
        )
        with sessions.begin() as session:
            finish(session, work, answer)
    except Exception as error:
        if engine.problem_of(error) is not None:
            raise
        problem = error if isinstance(error, Problem) else InspectionBroke(number=work.number)
        with sessions.begin() as session:
            fail(session, id, round, problem)
        if not isinstance(error, Problem):
            raise


def begin(session: Session, id: UUID, round: int) -> Work | None:
    """Move a submission to inspecting and gather what the inspection needs; None where there is nothing
    (more) to do."""
    row = session.get(Submission, id, with_for_update=True, populate_existing=True)
    if row is None or row.round != round:
        return None
    if row.state not in (SubmissionState.RECEIVED, SubmissionState.INSPECTING):
        return None
    if row.attempts >= MOST_ATTEMPTS:
        set_failed(session, row, Interrupted())
        return None
    # Lost in a power cut, the beginning is made again by the next worker.
    engine.lightly(session)
    row.attempts += 1
    if row.state == SubmissionState.RECEIVED:
        row.version += 1
    row.state, row.step, row.progress = SubmissionState.INSPECTING.value, "reading", 0.0
    file = submissions.file_of(session, id)
    against = boundaries.publication(session, row.district)
    return Work(
        id=id,
        round=round,
        number=row.number,
        path=files.place(file.sha256),
        filename=file.filename,
        options=decisions.from_json(row.options, submissions.remembered(session, row.organisation_id)),
        surroundings=surroundings(session, row.district, against),
        against=against,
    )


_AROUND: dict[tuple[Any, ...], Surroundings] = {}
_AROUND_LOCK = Lock()


def surroundings(session: Session, district: str, against: int) -> Surroundings:
    """What the checks are told of the district; kept until the published state changes."""
    at: date = settings.as_of()
    key = (str(session.get_bind().engine.url), district, against, at)
    with _AROUND_LOCK:
        if key in _AROUND:
            return _AROUND[key]
    chosen = settings.district(district)
    made = Surroundings(
        district=chosen,
        units=units.checked_units(session, district, at),
        published=boundaries.around(session, chosen, at),
        as_of=at,
    )
    with _AROUND_LOCK:
        _AROUND.clear()
        _AROUND[key] = made
    return made


class Notes:
    """Notes of progress in the submission's row, each in a transaction of its own, not too often. The first is
    made with `begin`; a small file is done before the second."""

    def __init__(self, sessions: Sessions, work: Work) -> None:
        self.sessions, self.work = sessions, work
        self.last, self.step, self.share = time.monotonic(), "reading", 0.0

    def __call__(self, step: str, share: float) -> None:
        now = time.monotonic()
        if (step, share) == (self.step, self.share) or now - self.last < NOTE_EVERY:
            return
        self.last, self.step, self.share = now, step, share
        # A note that cannot be written is not worth the inspection.
        with contextlib.suppress(SQLAlchemyError), self.sessions.begin() as session:
            engine.lightly(session)
            session.execute(
                update(Submission)
                .where(
                    Submission.id == self.work.id,
                    Submission.round == self.work.round,
                    Submission.state == SubmissionState.INSPECTING,
                )
                .values(step=step, progress=max(0.0, min(share, 1.0)))
            )
            news.tell(session, self.work.id)


def finish(session: Session, work: Work, answer: Answer) -> None:
    """Store findings, features and verdict, in one transaction; nothing where another job was first."""
    row = submissions.find(session, work.id, lock=True)
    if row.round != work.round or row.state != SubmissionState.INSPECTING:
        return
    report = answer.report | {"details": list(answer.details)}
    inspections.keep(session, row, report, answer.features)
    row.state, row.verdict = SubmissionState.CHECKED.value, report["verdict"]
    row.progress, row.step = 1.0, None
    row.checked = func.clock_timestamp()
    row.against = work.against
    row.version += 1
    keep_mappings(session, row, report)
    news.tell(session, row.id)
    audit.append(
        session,
        actor=None,
        act="inspect",
        subject_kind="submission",
        subject=str(row.id),
        reason="自动检查",
        after={"round": row.round, "verdict": row.verdict, "findings": len(report["findings"])},
    )


def keep_mappings(session: Session, row: Submission, report: Any) -> None:
    """Keep the mappings that the surveyor set by hand for the firm's next upload of such a layer."""
    by_hand = row.options.get("fields", {})
    columns = {detail["name"]: detail["columns"] for detail in report["details"]}
    for layer in report["layers"]:
        if layer["name"] in by_hand and columns.get(layer["name"]):
            submissions.remember(
                session,
                organisation_id=row.organisation_id,
                columns=columns[layer["name"]],
                role=layer["role"] or "",
                fields=by_hand[layer["name"]],
                set_by=row.submitted_by,
            )


def fail(session: Session, id: UUID, round: int, problem: Problem) -> None:
    """End a round without an answer, with a sentence that says what to do."""
    row = submissions.find(session, id, lock=True)
    if row.round == round and row.state in (SubmissionState.RECEIVED, SubmissionState.INSPECTING):
        set_failed(session, row, problem)


def set_failed(session: Session, row: Submission, problem: Problem) -> None:
    row.state, row.step = SubmissionState.FAILED.value, None
    row.failure = {"code": problem.code, "title": problem.text.zh, "title_en": problem.text.en}
    row.version += 1
    session.flush()
    news.tell(session, row.id)
    audit.append(
        session,
        actor=None,
        act="inspect",
        subject_kind="submission",
        subject=str(row.id),
        reason=problem.text.zh,
        after={"round": row.round, "failed": problem.code},
    )


def sweep(session: Session) -> int:
    """Queue again what has no job: submissions received or being inspected whose job is gone.

    A job that a killed worker held is found by the queue's own heartbeat; this is for what that misses,
    such as a job that ended in an error while the database was away. Returns how many.
    """
    rows = session.scalars(
        select(Submission)
        .where(Submission.state.in_((SubmissionState.RECEIVED, SubmissionState.INSPECTING)))
        .with_for_update(skip_locked=True)
    ).all()
    again = 0
    for row in rows:
        if queue.in_hand(session, INSPECT, "submission", str(row.id)):
            continue
        if row.attempts >= MOST_ATTEMPTS:
            set_failed(session, row, Interrupted())
        else:
            send(session, row)
        again += 1
    return again
