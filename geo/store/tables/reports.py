"""What somebody says is wrong on a map or page (纠错)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, geometry, now


class ErrorReport(Base):
    """纠错: what somebody says is wrong on a map or page. subject_kind: place_name, facility, map."""

    __tablename__ = "error_report"
    __table_args__ = (
        CheckConstraint(
            "state in ('received', 'working', 'mended', 'no_error', 'hidden')", name="state_known"
        ),
        CheckConstraint("subject_kind in ('place_name', 'facility', 'map')", name="subject_kind_known"),
        CheckConstraint("length(btrim(says)) between 1 and 2000", name="says_something"),
        Index(
            "error_report_waiting_ix",
            "district",
            "id",
            postgresql_where=text("state in ('received', 'working')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    number: Mapped[str] = mapped_column(Text, nullable=False, unique=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    subject_kind: Mapped[str] = mapped_column(String(12), nullable=False)
    subject: Mapped[str | None] = mapped_column(Text)
    says: Mapped[str] = mapped_column(Text, nullable=False)
    phone: Mapped[str | None] = mapped_column(Text)
    geometry: Mapped[object | None] = mapped_column(geometry("POINT"))
    at: Mapped[datetime] = now()
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="received")
    answer: Mapped[str | None] = mapped_column(Text)
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
