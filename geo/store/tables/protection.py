"""Protection lists (地名保护名录), their entries, and every step that was taken."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.names.protection import EntryState, ListKind, ListState
from geo.store.tables.base import Base

KINDS = ", ".join(f"'{k.value}'" for k in ListKind)
LIST_STATES = ", ".join(f"'{s.value}'" for s in ListState)
ENTRY_STATES = ", ".join(f"'{s.value}'" for s in EntryState)


class ProtectionList(Base):
    """保护名录: one batch (批次). `state` and `version` change only together with a ProtectionStep."""

    __tablename__ = "protection_list"
    __table_args__ = (
        CheckConstraint(f"kind in ({KINDS})", name="kind_known"),
        CheckConstraint(f"state in ({LIST_STATES})", name="state_known"),
        CheckConstraint("batch > 0", name="batch_positive"),
        CheckConstraint(
            "state <> 'published' or (coalesce(length(document), 0) > 0 and published_on is not null)",
            name="published_by_document",
        ),
        Index(
            "protection_list_batch_key", "district", "kind", "batch", unique=True,
            postgresql_where=text("state <> 'discarded'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    batch: Mapped[int] = mapped_column(Integer, nullable=False)
    title: Mapped[str] = mapped_column(Text, nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="draft")
    document: Mapped[str | None] = mapped_column(Text)
    published_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class ProtectionEntry(Base):
    """名录条目: one name of the register on a list. number: PlaceName.number. kind_class: 类别; grounds and
    measures: keys of protection_criteria.csv; reasons: 列入理由; reuse_plan: how a name out of use comes back."""

    __tablename__ = "protection_entry"
    __table_args__ = (
        UniqueConstraint("list_id", "number"),
        CheckConstraint(f"state in ({ENTRY_STATES})", name="state_known"),
        Index("protection_entry_number_ix", "number"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("protection_list.id"), nullable=False)
    number: Mapped[int] = mapped_column(BigInteger, nullable=False)
    kind_class: Mapped[str | None] = mapped_column(String(20))
    grounds: Mapped[list[str]] = mapped_column(JSONB, nullable=False, server_default="[]")
    measures: Mapped[list[str]] = mapped_column(JSONB, nullable=False, server_default="[]")
    reasons: Mapped[str | None] = mapped_column(Text)
    reuse_plan: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="proposed")
    proposed_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class ProtectionStep(Base):
    """名录办理步骤: what was done to a list or to an entry, by whom and why. Append-only."""

    __tablename__ = "protection_step"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason_given"),
        Index("protection_step_list_ix", "list_id", "id"),
        Index("protection_step_entry_ix", "entry_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("protection_list.id"), nullable=False)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("protection_entry.id"))
    version: Mapped[int] = mapped_column(Integer, nullable=False)
    transition: Mapped[str] = mapped_column(String(20), nullable=False)
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10), nullable=False)
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    )
    actor_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    document: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
