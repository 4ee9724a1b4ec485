"""推送: tell other systems what became of a case, through the queue, in the transaction of the step itself."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.security import webhooks as doors
from api.security.person import Person
from geo.machine import Transition
from geo.problems import Conflict, NotFound
from geo.store import audit, queue, webhooks
from geo.store.tables import PlaceNameApplication, WebhookDelivery
from geo.text import Text

TASK = "deliver_webhook"
PING = "ping"


class NoSuchTarget(NotFound):
    """No target of this name is configured."""

    code = "no-such-target"
    title = Text(
        "没有配置名为 {name} 的推送目标（YUDI_WEBHOOKS）", "No webhook target {name} is configured (YUDI_WEBHOOKS)"
    )  # fmt: skip


class StillWaiting(Conflict):
    """The message is on its way."""

    code = "still-waiting"
    title = Text("该消息仍在推送中", "The message is still being sent")


def case_moved(session: Session, row: PlaceNameApplication, step: Transition) -> int:
    """Tell every target that wants to know that a step of a case was taken; how many. The message names no person.

    The number of the version orders messages: they may arrive in another order, or twice.
    """
    if row.number is None:
        return 0
    return send(session, f"application.{step.name}", what_moved(row, step), row.id, row.demo)


def what_moved(row: PlaceNameApplication, step: Transition) -> dict[str, Any]:
    """What a message about a case says."""
    return {
        "number": row.number,
        "version": row.version,
        "state": row.state,
        "step": step.name,
        "action": row.action,
        "category": row.category,
        "name": row.name,
        "unit_code": row.unit_code,
        "route": row.route,
        "subject_number": row.subject_number,
        "result_number": row.result_number,
        "decision_number": row.decision_number,
        "external": row.external,
        "demo": row.demo,
    }


def send(
    session: Session, event: str, data: dict[str, Any], application_id: int | None = None, demo: bool = False
) -> int:
    """A message to every target that wants the event; how many."""
    wanting = [t for t in doors.targets() if t.wants(event)]
    for target in wanting:
        _send_to(session, target.name, event, data, application_id, demo)
    return len(wanting)


def _send_to(
    session: Session, name: str, event: str, data: dict[str, Any], application_id: int | None, demo: bool
) -> WebhookDelivery:
    id = uuid.uuid4()
    body = {"id": str(id), "type": event, "timestamp": datetime.now(UTC).isoformat(), "data": data}
    row = webhooks.add(
        session, id=id, target=name, event=event, body=json.dumps(body, ensure_ascii=False),
        application_id=application_id, demo=demo,
    )  # fmt: skip
    put_in_queue(session, id)
    return row


def put_in_queue(session: Session, id: uuid.UUID) -> None:
    """Have a message sent in the background."""
    queue.defer(session, TASK, queue=queue.UPKEEP, delivery=str(id))


def ping(session: Session, actor: Person, name: str) -> WebhookDelivery:
    """试推送: a message that says nothing, to see whether it arrives. Raises NoSuchTarget."""
    if doors.target(name) is None:
        raise NoSuchTarget(name=name[:40])
    row = _send_to(session, name, PING, {}, None, False)
    audit.append(
        session, actor=actor, act="ping_webhook", subject_kind="webhook", subject=name, reason="试推送",
        after={"delivery": str(row.id)},
    )  # fmt: skip
    return row


def again(session: Session, actor: Person, id: uuid.UUID) -> WebhookDelivery:
    """再次推送: send a message that was given up, or that arrived, once more. Raises NoSuchDelivery, StillWaiting,
    NoSuchTarget."""
    row = webhooks.find(session, id, lock=True)
    if row.state == webhooks.WAITING:
        raise StillWaiting()
    if doors.target(row.target) is None:
        raise NoSuchTarget(name=row.target)
    before = {"state": row.state, "attempts": row.attempts}
    webhooks.note(
        session, id, state=webhooks.WAITING, status=row.last_status, error=row.last_error, again=True
    )
    put_in_queue(session, id)
    audit.append(
        session, actor=actor, act="resend_webhook", subject_kind="webhook", subject=row.target, reason="再次推送",
        before=before, after={"delivery": str(id)},
    )  # fmt: skip
    return row


def sweep(session: Session) -> int:
    """Put messages back into the queue whose job was lost; how many."""
    lost = webhooks.without_job(session)
    for id in lost:
        put_in_queue(session, id)
    return len(lost)
