"""Submissions (成果提交): their rows, findings and features, and the chain of resubmissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import Select, bindparam, delete, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from geo.problems import NotFound
from geo.store import name_mappings, options
from geo.store.tables import (
    FieldMapping,
    FindingRow,
    Organisation,
    StoredFile,
    Submission,
    SubmissionFeature,
    SubmissionFile,
    User,
)
from geo.terms import Severity, SubmissionState
from geo.text import Text

MOST = 200


class NoSuchSubmission(NotFound):
    """No submission has this id, or none that this person may know of."""

    code = "no-such-submission"
    title = Text("没有这份成果提交", "There is no such submission")


def find(session: Session, id: UUID, *, lock: bool = False) -> Submission:
    """The row of a submission, locked until the transaction ends where asked. Raises NoSuchSubmission."""
    row = session.get(Submission, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NoSuchSubmission()
    return row


def by_number(session: Session, number: int) -> Submission:
    """The submission of a number (提交号). Raises NoSuchSubmission."""
    row = session.scalars(select(Submission).where(Submission.number == number)).one_or_none()
    if row is None:
        raise NoSuchSubmission()
    return row


def file_of(session: Session, id: UUID) -> SubmissionFile:
    """The original file of a submission."""
    return session.scalars(select(SubmissionFile).where(SubmissionFile.submission_id == id)).one()


def being_taken(session: Session, sha256: str, organisation_id: int) -> Submission | None:
    """The organisation's submission of the same bytes that is not yet checked, if there is one."""
    return session.scalars(
        select(Submission)
        .join(SubmissionFile, SubmissionFile.submission_id == Submission.id)
        .where(
            SubmissionFile.sha256 == sha256,
            Submission.organisation_id == organisation_id,
            Submission.state.in_((SubmissionState.RECEIVED, SubmissionState.INSPECTING)),
        )
        .order_by(Submission.number)
        .limit(1)
    ).first()


def successor(session: Session, id: UUID) -> Submission | None:
    """The submission that replaces this one."""
    return session.scalars(
        select(Submission).where(Submission.replaces_id == id).order_by(Submission.number).limit(1)
    ).first()


def chain(session: Session, row: Submission) -> list[Submission]:
    """The submissions that this one replaces, the newest first."""
    earlier: list[Submission] = []
    while row.replaces_id is not None:
        row = find(session, row.replaces_id)
        earlier.append(row)
    return earlier


def create(
    session: Session,
    *,
    actor_id: int,
    organisation_id: int,
    district: str,
    filename: str,
    file: StoredFile,
    options_json: Mapping[str, Any],
    replaces: Submission | None = None,
) -> Submission:
    """Enter a submission in state received. What a demonstration account hands in is demonstration data."""
    row = Submission(
        demo=select(User.demo).where(User.id == actor_id).scalar_subquery(),
        district=district,
        profile=options_json["profile"],
        state=SubmissionState.RECEIVED.value,
        submitted_by=actor_id,
        organisation_id=organisation_id,
        replaces_id=None if replaces is None else replaces.id,
        options=dict(options_json),
    )
    session.add(row)
    session.flush()
    session.add(SubmissionFile(submission_id=row.id, sha256=file.sha256, filename=filename))
    session.flush()
    return row


# Findings and features ---------------------------------------------------------------------------------


def findings(session: Session, row: Submission, round: int | None = None) -> list[dict[str, Any]]:
    """The findings of a round (the present one where None), in the contract's order: the contract's finding
    with `key`, geometry as shapely in EPSG:4490 or None."""
    rows = session.execute(
        select(FindingRow.key, FindingRow.detail, func.ST_AsBinary(FindingRow.geometry))
        .where(FindingRow.submission_id == row.id, FindingRow.round == (round or row.round))
        .order_by(FindingRow.id)
    )
    return [
        dict(detail) | {"key": key, "geometry": None if place is None else shapely.from_wkb(bytes(place))}
        for key, detail, place in rows
    ]


def features(session: Session, row: Submission, role: str | None = None) -> list[dict[str, Any]]:
    """The features of the present round: role, layer, record, ident, fields, z, geometry (shapely,
    EPSG:4490, or None)."""
    statement = (
        select(
            SubmissionFeature.role,
            SubmissionFeature.layer,
            SubmissionFeature.record,
            SubmissionFeature.ident,
            SubmissionFeature.fields,
            SubmissionFeature.z,
            func.ST_AsBinary(SubmissionFeature.geometry).label("geometry"),
        )
        .where(SubmissionFeature.submission_id == row.id, SubmissionFeature.round == row.round)
        .order_by(SubmissionFeature.id)
    )
    if role is not None:
        statement = statement.where(SubmissionFeature.role == role)
    answer = [dict(r._mapping) for r in session.execute(statement)]
    shapes = shapely.from_wkb([None if r["geometry"] is None else bytes(r["geometry"]) for r in answer])
    for r, shape in zip(answer, shapes, strict=True):
        r["geometry"] = shape
    return answer


def counts(session: Session, ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How many findings of each severity submissions have in their present round."""
    wanted = list(ids)
    answer = {id: {s.value: 0 for s in Severity} for id in wanted}
    rows = session.execute(
        select(FindingRow.submission_id, FindingRow.severity, func.count())
        .join(Submission, Submission.id == FindingRow.submission_id)
        .where(FindingRow.submission_id.in_(wanted), FindingRow.round == Submission.round)
        .group_by(FindingRow.submission_id, FindingRow.severity)
    )
    for id, severity, count in rows:
        answer[id][severity] = count
    return answer


def states(session: Session, district: str) -> dict[str, int]:
    """How many submissions of a district are in each state, those that none is in too."""
    counted = session.execute(
        select(Submission.state, func.count())
        .where(Submission.district == district)
        .group_by(Submission.state)
    )
    return {state.value: 0 for state in SubmissionState} | {state: count for state, count in counted}


def changes(session: Session, row: Submission) -> dict[str, list[Any]] | None:
    """What became of the findings since before: {"gone": findings, "new": keys}.

    Before is the round before this one where the surveyor had the same file checked again, else the last
    round of the submission that this one replaces; None where there is neither, or no answer yet.
    """
    if row.report is None:
        return None
    if row.round > 1:
        before = findings(session, row, row.round - 1)
    elif row.replaces_id is not None:
        earlier = find(session, row.replaces_id)
        if earlier.report is None:
            return None
        before = findings(session, earlier)
    else:
        return None
    now = findings(session, row)
    had, has = {f["key"] for f in before}, {f["key"] for f in now}
    return {
        "gone": [f for f in before if f["key"] not in has],
        "new": [f["key"] for f in now if f["key"] not in had],
    }


# Reading -----------------------------------------------------------------------------------------------


def listing(
    session: Session,
    *,
    district: str,
    organisation_id: int | None = None,
    state: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> tuple[list[dict[str, Any]], int | None]:
    """Submissions of a district, the newest first, as `describe` has them; and the number to go on with.

    organisation_id: of this organisation only. before: with a lower number.
    """
    limit = max(1, min(limit, MOST))
    statement: Select[Submission] = (
        select(Submission).where(Submission.district == district).order_by(Submission.number.desc())
    )
    if organisation_id is not None:
        statement = statement.where(Submission.organisation_id == organisation_id)
    if state is not None:
        statement = statement.where(Submission.state == state)
    if before is not None:
        statement = statement.where(Submission.number < before)
    rows = session.scalars(statement.limit(limit + 1)).all()
    return describe(session, rows[:limit]), rows[limit - 1].number if len(rows) > limit else None


def describe(session: Session, rows: Sequence[Submission]) -> list[dict[str, Any]]:
    """Submissions for the doors: their own facts, file, people, counts and chain; one query, however many rows."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    known = {found.id: found for found in session.execute(_about(), {"ids": ids})}
    return [_described(row, known[row.id]) for row in rows]


@cache
def _about() -> Select[Any]:
    """What `describe` asks of submissions `ids` beside their rows."""
    by, decider, later = aliased(User), aliased(User), aliased(Submission)
    counted = (
        select(FindingRow.severity, func.count().label("many"))
        .where(FindingRow.submission_id == Submission.id, FindingRow.round == Submission.round)
        .group_by(FindingRow.severity)
        .correlate(Submission)
        .subquery()
    )
    return (
        select(
            Submission.id,
            SubmissionFile.filename,
            SubmissionFile.sha256,
            by.name.label("submitted_by"),
            decider.name.label("decided_by"),
            Organisation.name.label("organisation"),
            select(later.id)
            .where(later.replaces_id == Submission.id)
            .order_by(later.number)
            .limit(1)
            .scalar_subquery()
            .label("later"),
            select(func.jsonb_object_agg(counted.c.severity, counted.c.many))
            .scalar_subquery()
            .label("counts"),
        )
        .join(by, by.id == Submission.submitted_by)
        .join(Organisation, Organisation.id == Submission.organisation_id)
        .outerjoin(decider, decider.id == Submission.decided_by)
        .outerjoin(SubmissionFile, SubmissionFile.submission_id == Submission.id)
        .where(Submission.id.in_(bindparam("ids", expanding=True)))
    )


def _described(row: Submission, about: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "progress": row.progress,
        "step": row.step,
        "verdict": row.verdict,
        "file": about.filename,
        "sha256": about.sha256,
        "profile": row.profile,
        "options": row.options,
        "report": row.report,
        "counts": {s.value: 0 for s in Severity} | (about.counts or {}),
        "round": row.round,
        "replaces": row.replaces_id,
        "replaced_by": about.later,
        "version": row.version,
        "created": row.created,
        "checked": row.checked,
        "decided": row.decided,
        "decided_by": about.decided_by,
        "decision_reason": row.decision_reason,
        "submitted_by": about.submitted_by,
        "submitted_by_id": row.submitted_by,
        "organisation": about.organisation,
        "organisation_id": row.organisation_id,
        "failure": row.failure,
        "demo": row.demo,
    }


def stage(session: Session, id: UUID, organisation_id: int | None) -> tuple[str, float, str | None] | None:
    """How far a submission's inspection is: state, share done, step. None where there is none of the organisation's
    (of anybody's where None)."""
    asked = select(Submission.state, Submission.progress, Submission.step).where(Submission.id == id)
    if organisation_id is not None:
        asked = asked.where(Submission.organisation_id == organisation_id)
    found = session.execute(asked).one_or_none()
    return None if found is None else (found.state, found.progress, found.step)


# Mappings ----------------------------------------------------------------------------------------------


def remembered(session: Session, organisation_id: int) -> dict[tuple[str, ...], dict[str, str]]:
    """The field mappings that a firm set by hand, by the field names that they were set for; the latest
    of each."""
    rows = session.execute(
        select(FieldMapping.signature, FieldMapping.fields)
        .where(FieldMapping.organisation_id == organisation_id, FieldMapping.role != name_mappings.ROLE)
        .order_by(FieldMapping.set_at)
    )
    return {options.columns_of(signature): fields for signature, fields in rows}


def remember(
    session: Session,
    *,
    organisation_id: int,
    columns: Sequence[str],
    role: str,
    fields: Mapping[str, str],
    set_by: int,
) -> None:
    """Keep a mapping for the firm's next upload, in place of an earlier one for the same field names."""
    mark = options.signature(columns)
    session.execute(
        delete(FieldMapping).where(
            tuple_(FieldMapping.organisation_id, FieldMapping.signature) == (organisation_id, mark),
            FieldMapping.role != name_mappings.ROLE,
        )
    )
    session.add(
        FieldMapping(
            organisation_id=organisation_id, signature=mark, role=role, fields=dict(fields), set_by=set_by
        )
    )
    session.flush()


def now(session: Session) -> datetime:
    """The database's clock."""
    moment = session.scalar(select(func.clock_timestamp()))
    assert isinstance(moment, datetime)
    return moment
