"""Filing (备案), announcements (公告) and public comment (征求公众意见)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, now


class Filing(Base):
    """备案: the papers sent to the authority that keeps them. state: sent, returned (to be completed), filed."""

    __tablename__ = "filing"
    __table_args__ = (
        CheckConstraint("state in ('sent', 'returned', 'filed')", name="state_known"),
        CheckConstraint("(state = 'filed') = (filed_on is not null)", name="filed_has_date"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
        Index("filing_application_ix", "application_id", "id"),
        Index(
            "filing_one_open_key",
            "application_id",
            unique=True,
            postgresql_where=text("state in ('sent', 'filed')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("place_name_application.id"), nullable=False)
    to_body: Mapped[str] = mapped_column(Text, nullable=False)
    sent_on: Mapped[date] = mapped_column(Date, nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="sent")
    filed_on: Mapped[date | None] = mapped_column(Date)
    reference: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    at: Mapped[datetime] = now()
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class Announcement(Base):
    """公告: public and citable for good. A correction or a withdrawal is an announcement of its own that names the
    one before (of_id); both stay visible. items: what was announced of each name, as it was then (标准名称, 罗马字母拼写,
    所属政区, 位置描述, 批准机关, 批准时间). head_*: the audit chain's head at that moment. Append-only."""

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("kind in ('announcement', 'correction', 'withdrawal')", name="kind_known"),
        CheckConstraint("(kind = 'announcement') = (of_id is null)", name="correction_names_it"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
        UniqueConstraint("district", "year", "serial"),
        Index("announcement_published_ix", "district", "published_at", "id"),
        Index("announcement_of_ix", "of_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    serial: Mapped[int] = mapped_column(Integer, nullable=False)
    number: Mapped[str] = mapped_column(Text, nullable=False, unique=True)
    kind: Mapped[str] = mapped_column(String(12), nullable=False, server_default="announcement")
    of_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"))
    title: Mapped[str] = mapped_column(Text, nullable=False)
    says: Mapped[str] = mapped_column(Text, nullable=False)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    issuer: Mapped[str] = mapped_column(Text, nullable=False)
    dated: Mapped[date] = mapped_column(Date, nullable=False)
    published_at: Mapped[datetime] = now()
    head_id: Mapped[int | None] = mapped_column(BigInteger)
    head_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class AnnouncementCase(Base):
    """Which case an announcement announces, and the name's number in the register. Append-only."""

    __tablename__ = "announcement_case"
    __table_args__ = (
        Index("announcement_case_application_ix", "application_id"),
        Index("announcement_case_number_ix", "name_number"),
    )

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("place_name_application.id"), primary_key=True)
    name_number: Mapped[int | None] = mapped_column(BigInteger)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class CommentPeriod(Base):
    """公示征求意见: when the public may say something about a case, and what came of it."""

    __tablename__ = "comment_period"
    __table_args__ = (
        CheckConstraint("closes >= opens", name="closes_after_opening"),
        UniqueConstraint("application_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("place_name_application.id"), nullable=False)
    opens: Mapped[date] = mapped_column(Date, nullable=False)
    closes: Mapped[date] = mapped_column(Date, nullable=False)
    says: Mapped[str] = mapped_column(Text, nullable=False)
    answer: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    opened_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class PublicComment(Base):
    """公众意见: shown only after moderation; who gave it and how to reach him never are."""

    __tablename__ = "public_comment"
    __table_args__ = (
        CheckConstraint("state in ('received', 'shown', 'hidden')", name="state_known"),
        CheckConstraint("stance in ('support', 'oppose', 'other')", name="stance_known"),
        CheckConstraint("length(btrim(says)) between 1 and 2000", name="says_something"),
        CheckConstraint("state <> 'hidden' or length(hidden_because) > 0", name="hidden_has_reason"),
        Index("public_comment_period_ix", "period_id", "id"),
        Index("public_comment_waiting_ix", "id", postgresql_where=text("state = 'received'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    number: Mapped[str] = mapped_column(Text, nullable=False, unique=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("comment_period.id"), nullable=False)
    stance: Mapped[str] = mapped_column(String(10), nullable=False)
    says: Mapped[str] = mapped_column(Text, nullable=False)
    giver: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = now()
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="received")
    hidden_because: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    moderated_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
