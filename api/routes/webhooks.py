"""推送 webhooks: the configured targets and what became of each message, for the administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.acts import notify
from api.doors import Acting, Reading, Writing
from api.errors import problems
from api.paging import BadCursor, Cursor, Limit, decode, encode
from api.security import webhooks as doors
from geo.store import webhooks
from geo.store.tables import WebhookDelivery
from geo.store.webhooks import NoSuchDelivery

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks 推送"])


class TargetOut(BaseModel):
    """推送目标，不含密钥 A target without its secret."""

    name: str
    url: str
    events: list[str]
    private: bool


class DeliveryOut(BaseModel):
    """一条推送记录."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    target: str
    event: str
    state: Literal["waiting", "delivered", "given_up"]
    attempts: int
    last_status: int | None = Field(description="对方最后的 HTTP 状态")
    last_error: str | None
    created: datetime
    delivered: datetime | None
    body: str
    demo: bool


class DeliveriesOut(BaseModel):
    """推送记录，最新在前."""

    items: list[DeliveryOut]
    next: str | None


@router.get("", summary="推送目标 Targets")
def targets(actor: Acting) -> list[TargetOut]:
    """YUDI_WEBHOOKS 所配置的目标。The targets that YUDI_WEBHOOKS configures; nothing else is called."""
    return [
        TargetOut(name=t.name, url=t.url, events=list(t.events), private=t.private) for t in doors.targets()
    ]


@router.get("/deliveries", summary="推送记录 Deliveries")
def deliveries(
    actor: Acting,
    session: Reading,
    state: Annotated[Literal["waiting", "delivered", "given_up"] | None, Query()] = None,
    target: Annotated[str | None, Query(max_length=40)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveriesOut:
    """每条消息的去向。What became of each message, the newest first."""
    place = decode(cursor, str, "")
    before = None
    if place:
        created, _, id = place.partition("|")
        try:
            before = (datetime.fromisoformat(created), UUID(id))
        except ValueError:
            raise BadCursor() from None
    rows = list(webhooks.listed(session, state=state, target=target, before=before, limit=limit + 1))
    more = None
    if len(rows) > limit:
        more = encode(f"{rows[limit - 1].created.isoformat()}|{rows[limit - 1].id}")
    return DeliveriesOut(items=[shown(r) for r in rows[:limit]], next=more)


def shown(row: WebhookDelivery) -> DeliveryOut:
    """A delivery as its answer."""
    return DeliveryOut.model_validate(row)


@router.post(
    "/deliveries/{delivery_id}/again",
    status_code=202,
    summary="再次推送 Send again",
    responses=problems(NoSuchDelivery, notify.StillWaiting, notify.NoSuchTarget),
)
def again(delivery_id: UUID, actor: Acting, session: Writing) -> DeliveryOut:
    """同一消息再次推送，id 不变。The same message once more, under the same id."""
    return shown(notify.again(session, actor, delivery_id))


@router.post("/{name}/ping", status_code=202, summary="试推送 Ping", responses=problems(notify.NoSuchTarget))
def ping(name: Annotated[str, Path(max_length=40)], actor: Acting, session: Writing) -> DeliveryOut:
    """向目标发一条空消息。A message that says nothing, to see whether it arrives."""
    return shown(notify.ping(session, actor, name))
