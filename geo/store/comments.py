"""公众意见 in the database: periods of public comment, and what people said; who they are is never public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store.approvals import next_serial
from geo.store.tables import CommentPeriod, PlaceNameApplication, PublicComment
from geo.text import Text


class NoSuchCommentCase(NotFound):
    """The case is not before the public."""

    code = "no-such-comment-case"
    title = Text("没有编号为 {number} 的公示", "There is no public comment on {number}")


class NoSuchComment(NotFound):
    """No comment has this number."""

    code = "no-such-comment"
    title = Text("没有编号为 {number} 的意见", "There is no comment {number}")


@dataclass(frozen=True, slots=True)
class PublicCase:
    """公示中的地名, as the public sees it: no persons. geometry: GeoJSON, EPSG:4490."""

    id: int
    number: str
    district: str
    action: str
    category: str
    name: str
    romanization: str | None
    unit_code: str | None
    geometry: Mapping[str, Any] | None
    subject_number: int | None
    reasons: str | None
    meaning: str | None
    position: str | None
    opens: date
    closes: date
    says: str
    answer: str | None
    received: int
    demo: bool

    def open_on(self, day: date) -> bool:
        """Whether comments are taken on a day."""
        return self.opens <= day <= self.closes


@dataclass(frozen=True, slots=True)
class PublicWord:
    """公开的意见: shown after moderation, without who gave it."""

    id: int
    stance: str
    says: str
    at: datetime
    answer: str | None
    demo: bool


CASE = """
    select c.id, c.number, c.district, c.action, c.category, c.name, c.romanization, c.unit_code,
        st_asgeojson(c.geometry, 7)::jsonb as geometry, c.subject_number, c.reasons #>> '{}' as reasons,
        c.meaning #>> '{}' as meaning, c.position #>> '{}' as position, c.opens, c.closes, c.says, c.answer, c.received,
        c.demo
    from published.comment_case c"""
ALL = f"{CASE} where c.district = :district order by c.closes desc, c.id desc limit :limit"
ONE = f"{CASE} where c.number = :number"
OF_NAMES = f"{CASE} where c.subject_number = any(:numbers) and :on between c.opens and c.closes order by c.id"
SUBJECT = """
    select p.number, p.name, p.romanization, st_asgeojson(p.geometry, 7)::jsonb as geometry from published.place_name p
    where p.number = :number order by lower(p.valid) desc nulls last limit 1"""
WORDS = """
    select w.id, w.stance, w.says, w.at, w.answer, w.demo from published.public_comment w
    where w.period_id = :period and w.id > :after order by w.id limit :limit"""


def public_cases(session: Session, district: str, *, limit: int = 100) -> list[PublicCase]:
    """The cases that are or were before the public, the latest to close first. For the public's session."""
    return [
        PublicCase(**r._mapping) for r in session.execute(text(ALL), {"district": district, "limit": limit})
    ]


def public_case(session: Session, number: str) -> PublicCase:
    """One of them. For the public's session. Raises NoSuchCommentCase."""
    row = session.execute(text(ONE), {"number": number}).first()
    if row is None:
        raise NoSuchCommentCase(number=number[:40])
    return PublicCase(**row._mapping)


def public_words(session: Session, period_id: int, *, limit: int = 50, after: int = 0) -> list[PublicWord]:
    """What was said, as far as it is shown. For the public's session."""
    rows = session.execute(text(WORDS), {"period": period_id, "after": after, "limit": limit})
    return [PublicWord(**r._mapping) for r in rows]


def subject_of(session: Session, number: int | None) -> Mapping[str, Any] | None:
    """The public name that a case is to change or end: name, romanization and geometry (GeoJSON). For the public's
    session."""
    if number is None:
        return None
    row = session.execute(text(SUBJECT), {"number": number}).first()
    return None if row is None else dict(row._mapping)


def of_names(session: Session, numbers: Iterable[int], on: date) -> list[PublicCase]:
    """The cases before the public on a day that are to change or end these names. For the public's session."""
    rows = session.execute(text(OF_NAMES), {"numbers": list(numbers), "on": on})
    return [PublicCase(**r._mapping) for r in rows]


def open_period(
    session: Session, row: PlaceNameApplication, *, opens: date, closes: date, says: str, opened_by: int
) -> CommentPeriod:
    """Put a case before the public."""
    period = CommentPeriod(
        application_id=row.id, opens=opens, closes=closes, says=says, opened_by=opened_by, demo=row.demo
    )
    session.add(period)
    session.flush()
    return period


def period_of(session: Session, application_id: int, *, lock: bool = False) -> CommentPeriod | None:
    """The period of a case."""
    statement = select(CommentPeriod).where(CommentPeriod.application_id == application_id)
    if lock:
        statement = statement.with_for_update()
    return session.scalars(statement.execution_options(populate_existing=True)).first()


def period_by_number(session: Session, number: str, *, lock: bool = False) -> CommentPeriod:
    """The period of a case by the case's number. Raises NoSuchCommentCase."""
    statement = (
        select(CommentPeriod)
        .join(PlaceNameApplication, PlaceNameApplication.id == CommentPeriod.application_id)
        .where(PlaceNameApplication.number == number)
    )
    if lock:
        statement = statement.with_for_update(of=CommentPeriod)
    row = session.scalars(statement).first()
    if row is None:
        raise NoSuchCommentCase(number=number[:40])
    return row


def add(session: Session, period: CommentPeriod, district: str, year: int, **values: Any) -> PublicComment:
    """A comment, numbered by year: Y2026-00007."""
    serial = next_serial(session, district, "comment", year)
    row = PublicComment(period_id=period.id, number=f"Y{year}-{serial:05d}", demo=period.demo, **values)
    session.add(row)
    session.flush()
    return row


def locked(session: Session, number: str) -> PublicComment:
    """A comment, locked until the transaction ends. Raises NoSuchComment."""
    row = session.scalars(
        select(PublicComment)
        .where(PublicComment.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NoSuchComment(number=number[:40])
    return row


def for_officers(
    session: Session, application_id: int, *, limit: int = 200, after: int = 0
) -> list[PublicComment]:
    """All comments on a case, with who gave them: for officers only."""
    return list(
        session.scalars(
            select(PublicComment)
            .join(CommentPeriod, CommentPeriod.id == PublicComment.period_id)
            .where(CommentPeriod.application_id == application_id, PublicComment.id > after)
            .order_by(PublicComment.id)
            .limit(limit)
        )
    )
