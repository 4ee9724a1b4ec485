"""What passes between this system and others: keys of repeated messages, and webhooks on their way."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, new_uuid, now


class IdempotencyKey(Base):
    """幂等键: what was answered to a key, so that a repeated message of another system gets the same answer."""

    __tablename__ = "idempotency_key"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    status: Mapped[int] = mapped_column(Integer, nullable=False)
    answer: Mapped[Any] = mapped_column(JSONB, nullable=False)
    at: Mapped[datetime] = now()


class WebhookDelivery(Base):
    """推送: one message to another system's address, and what became of it. body is sent byte for byte."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'delivered', 'given_up')", name="state_known"),
        Index("webhook_delivery_waiting_ix", "id", postgresql_where=text("state = 'waiting'")),
        Index("webhook_delivery_application_ix", "application_id"),
        Index("webhook_delivery_created_ix", "created", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_uuid)
    target: Mapped[str] = mapped_column(Text, nullable=False)
    event: Mapped[str] = mapped_column(String(60), nullable=False)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("place_name_application.id"))
    body: Mapped[str] = mapped_column(Text, nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, server_default="0")
    last_status: Mapped[int | None] = mapped_column(Integer)
    last_error: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = now()
    delivered: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
