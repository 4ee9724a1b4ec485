"""Deliveries (推送记录): one row a message and target; its body is sent byte for byte."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store.tables import WebhookDelivery
from geo.text import Text

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"


class NoSuchDelivery(NotFound):
    """No message has this id."""

    code = "no-such-delivery"
    title = Text("没有这条推送记录", "There is no such delivery")


def add(
    session: Session, *, id: uuid.UUID, target: str, event: str, body: str, application_id: int | None, demo: bool
) -> WebhookDelivery:  # fmt: skip
    """A message that waits to be sent."""
    row = WebhookDelivery(
        id=id, target=target, event=event, body=body, application_id=application_id, demo=demo
    )
    session.add(row)
    session.flush()
    return row


def find(session: Session, id: uuid.UUID, *, lock: bool = False) -> WebhookDelivery:
    """A delivery. Raises NoSuchDelivery."""
    row = session.get(WebhookDelivery, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NoSuchDelivery()
    return row


def note(
    session: Session, id: uuid.UUID, *, state: str, status: int | None, error: str | None, again: bool = False
) -> None:  # fmt: skip
    """What became of an attempt. again: its counting begins anew."""
    row = find(session, id, lock=True)
    row.attempts = 0 if again else row.attempts + 1
    row.state, row.last_status, row.last_error = state, status, error
    if state == DELIVERED:
        row.delivered = session.scalar(select(func.clock_timestamp()))
    session.flush()


def listed(
    session: Session, *, state: str | None, target: str | None, before: Any, limit: int
) -> Sequence[WebhookDelivery]:
    """Deliveries, the newest first. before: (created, id) of the last one seen."""
    rows = select(WebhookDelivery)
    if state:
        rows = rows.where(WebhookDelivery.state == state)
    if target:
        rows = rows.where(WebhookDelivery.target == target)
    if before:
        key = func.row(WebhookDelivery.created, WebhookDelivery.id)
        rows = rows.where(key < func.row(*before))
    order = (WebhookDelivery.created.desc(), WebhookDelivery.id.desc())
    return session.scalars(rows.order_by(*order).limit(limit)).all()


def without_job(session: Session, limit: int = 100) -> Sequence[uuid.UUID]:
    """Messages that wait though no job of theirs does (webhook_delivery_waiting_ix): their job was lost."""
    return session.scalars(
        text(
            "select d.id from webhook_delivery d where d.state = 'waiting' and not exists ("
            "select from procrastinate_jobs j where j.task_name = 'deliver_webhook' and j.status in ('todo', 'doing')"
            " and j.args ->> 'delivery' = d.id::text) order by d.id limit :limit"
        ),
        {"limit": limit},
    ).all()
