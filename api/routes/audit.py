"""审计 audit: events for administrators; the head and the digests of the chain for everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.doors import Reading
from api.paging import Cursor, Limit, decode
from api.paging import page as cut
from geo.store import audit, audit_chain
from geo.store.tables import AuditEvent

router = APIRouter(prefix="/api/v1/audit", tags=["audit 审计"])


class EventOut(BaseModel):
    """一条审计记录."""

    id: int
    at: datetime
    actor: str
    act: str
    subject_kind: str
    subject: str
    reason: str
    before: Any
    after: Any
    address: str | None
    hash: str


class EventsOut(BaseModel):
    """审计记录，新的在前."""

    items: list[EventOut]
    next: str | None


class HeadOut(BaseModel):
    """链头: keep `id` and `hash`; later anybody can tell with them that nothing before was changed."""

    id: int
    at: datetime
    algorithm: str
    hash: str


class HeadsOut(BaseModel):
    """当前链头，和近日每天最后一条的链头."""

    head: HeadOut | None
    days: list[HeadOut]


class LinkOut(BaseModel):
    """链上一环，不含内容. hash = H(hash of the one before ‖ content)."""

    id: int
    algorithm: str
    content: str | None = Field(description="内容摘要；第一种格式的记录没有 Digest of the content")
    hash: str


class ChainOut(BaseModel):
    """链，旧的在前."""

    items: list[LinkOut]
    next: str | None


#: Days of which the last head is shown.
DAYS = 60


def event_out(event: AuditEvent) -> EventOut:
    return EventOut(
        **{k: getattr(event, k) for k in EventOut.model_fields if k not in ("hash", "address")},
        address=None if event.address is None else str(event.address),
        hash=event.hash.hex(),
    )


@router.get("/events", summary="审计记录 Events")
def list_events(
    session: Reading,
    who: Annotated[
        str, Query(max_length=100, description="登录名或姓名的一部分 Login, or part of a name")
    ] = "",
    act: Annotated[str, Query(max_length=60)] = "",
    subject_kind: Annotated[str, Query(max_length=40)] = "",
    subject: Annotated[str, Query(max_length=200, description="对象的开头 How the subject begins")] = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EventsOut:
    """谁、何时、做了什么、之前、之后、为何。Who did what, when, before, after, why."""
    found = audit.events(
        session, who=who.replace("\0", ""), act=act.replace("\0", ""), subject_kind=subject_kind.replace("\0", ""),
        subject=subject.replace("\0", ""), since=since, until=until,
        before=decode(cursor, int, 2**63 - 1), limit=limit,
    )  # fmt: skip
    answer = cut(found, limit, lambda event: event.id)
    return EventsOut(items=[event_out(event) for event in answer["items"]], next=answer["next"])


@router.get("/head", summary="链头 Head of the chain")
def show_head(session: Reading) -> HeadsOut:
    """公开：谁持有链头，谁就能证明此前的记录未被改动。Public: whoever holds a head can prove what was before it."""
    head = audit.head(session)
    return HeadsOut(
        head=None if head is None else HeadOut(**_facts(head)),
        days=[HeadOut(**_facts(h)) for h in audit.heads_by_day(session, DAYS)],
    )


def _facts(head: audit.Head) -> dict[str, Any]:
    return {"id": head.id, "at": head.at, "algorithm": head.algorithm, "hash": head.hash}


@router.get("/chain", summary="链的摘要 Digests of the chain")
def list_chain(session: Reading, limit: Limit = 500, cursor: Cursor = None) -> ChainOut:
    """公开：逐条的内容摘要和哈希，不含姓名和事由，可据以验证全链。

    Public: digest and hash of every event, without a name or a reason, enough to verify the whole chain."""
    rows = list(audit_chain.chain(session, after=decode(cursor, int, 0), limit=limit + 1))
    answer = cut(rows, limit, lambda row: row["id"])
    return ChainOut(items=answer["items"], next=answer["next"])
