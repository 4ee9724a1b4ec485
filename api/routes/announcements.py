"""公告 announcements: JSON with permanent addresses, an Atom feed, corrections. All of them stay, withdrawn ones too."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from xml.etree import ElementTree

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.acts import announce
from api.acts.announcing import AlreadyWithdrawn
from api.acts.stale import NoReason
from api.acts.step_details import BadDetail
from api.doors import Acting, District, PublicReading, Writing
from api.errors import problems
from api.paging import BadCursor, Cursor, Limit, decode, encode
from api.sharing import base_of
from geo.machine import StepNotYours
from geo.store import announcements
from geo.store.announcements import NoSuchAnnouncement, Shown

router = APIRouter(tags=["announcements 公告"])

Year = Annotated[int, Path(ge=1900, le=9999)]
Serial = Annotated[int, Path(ge=1, le=2**31 - 1, description="年度序号")]
ATOM = "http://www.w3.org/2005/Atom"
KINDS = {"announcement": "公告", "correction": "更正", "withdrawal": "撤销"}


class ItemOut(BaseModel):
    """公告的一个地名 (地名管理条例实施办法: 标准名称、罗马字母拼写、所属政区、位置描述、批准机关、批准时间)."""

    action: str
    name: str
    romanization: str
    former: str
    category: str
    unit: str
    position: str
    approved_by: str
    approved_on: date
    document: str | None
    number: int | None = Field(description="地名编号 Number in the register")


class LaterOut(BaseModel):
    """更正或撤销此公告的公告."""

    number: str
    kind: str
    dated: date
    path: str


class AnnouncementOut(BaseModel):
    """公告. head_id, head_hash: head of the audit chain when it was published; keep it to check the chain later."""

    id: str = Field(description="永久地址 The permanent address")
    number: str
    kind: str = Field(description="announcement 公告, correction 更正, withdrawal 撤销")
    of: str | None = Field(description="所更正或撤销的公告 The announcement that it corrects or takes back")
    title: str
    says: str
    items: list[ItemOut]
    issuer: str
    dated: date
    published_at: datetime
    head_id: int | None
    head_hash: str | None
    withdrawn: bool
    later: list[LaterOut]
    demo: bool


class AnnouncementsOut(BaseModel):
    items: list[AnnouncementOut]
    next: str | None = None


class CorrectionIn(BaseModel):
    """更正. changes: position in the announcement, from 0, -> what is right."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[int, dict[str, str]] = Field(max_length=200)
    says: str = Field("", max_length=5000)
    reason: str = Field(min_length=1, max_length=2000)


def out(found: Shown, base: str) -> AnnouncementOut:
    """An announcement as its answer."""
    return AnnouncementOut(
        id=f"{base}{found.path}", number=found.number, kind=found.kind, of=found.of, title=found.title, says=found.says,
        items=[ItemOut.model_validate({"document": None, "number": None, **i}) for i in found.items], issuer=found.issuer,
        dated=found.dated, published_at=found.published_at, head_id=found.head_id, head_hash=found.head_hash,
        withdrawn=found.withdrawn, later=[LaterOut.model_validate(one) for one in found.later], demo=found.demo,
    )  # fmt: skip


def before_of(cursor: str | None) -> tuple[datetime, int] | None:
    """The place in the list that a cursor names. Raises BadCursor."""
    if cursor is None:
        return None
    moment, _, last = decode(cursor, str, "").partition("/")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not 0 < int(last) < 2**63:
            raise ValueError(cursor)
    except ValueError:
        raise BadCursor() from None
    return at, int(last)


@router.get("/api/v1/announcements", summary="公告 Announcements", responses=problems(BadCursor))
def listed(
    request: Request, district: District, session: PublicReading, limit: Limit = 20, cursor: Cursor = None
) -> AnnouncementsOut:
    """最新的在前；更正和撤销也在内。The newest first, corrections and withdrawals among them."""
    rows = announcements.latest(session, district.code, limit=limit + 1, before=before_of(cursor))
    shown = rows[:limit]
    more = len(rows) > limit
    return AnnouncementsOut(
        items=[out(r, base_of(request)) for r in shown],
        next=encode(f"{shown[-1].published_at.isoformat()}/{shown[-1].id}") if more else None,
    )


@router.get(
    "/api/v1/announcements/{year}/{serial}",
    summary="一则公告 One announcement",
    responses=problems(NoSuchAnnouncement),
)
def read(
    year: Year, serial: Serial, request: Request, district: District, session: PublicReading
) -> AnnouncementOut:
    """永久地址；更正和撤销它的公告在 later 中。Permanent; what corrects it or takes it back is in `later`."""
    return out(announcements.shown(session, district.code, year, serial), base_of(request))


@router.post(
    "/api/v1/announcements/{year}/{serial}/corrections",
    status_code=201,
    summary="更正公告 Correct an announcement",
    responses=problems(NoSuchAnnouncement, AlreadyWithdrawn, StepNotYours, BadDetail, NoReason),
)
def correct(
    year: Year, serial: Serial, body: CorrectionIn, actor: Acting, session: Writing, response: Response
) -> dict[str, str]:
    """另发一则更正公告，原公告保留。An announcement of its own; the one that it corrects stays as it is."""
    made = announce.correct(
        session, actor, year, serial, changes=body.changes, says=body.says, reason=body.reason
    )
    response.headers["Location"] = f"/api/v1/announcements/{made.year}/{made.serial}"
    return {"number": made.number, "path": f"/announcements/{made.year}/{made.serial}"}


@router.get("/announcements.atom", summary="公告订阅 Atom feed", response_class=Response)
def feed(request: Request, district: District, session: PublicReading) -> Response:
    """最近五十则公告（RFC 4287）。The latest fifty announcements."""
    rows = announcements.latest(session, district.code, limit=50)
    body = atom(rows, base_of(request), district.name, district.code)
    return Response(body, media_type="application/atom+xml; charset=utf-8")


def atom(rows: list[Shown], base: str, district: str, code: str) -> bytes:
    """The feed as XML. Everything that a person typed is text, never markup."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed")
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "zh-CN")

    def add(parent: ElementTree.Element, tag: str, words: str | None = None, **attributes: str) -> Any:
        made = ElementTree.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
        made.text = words
        return made

    add(root, "id", f"{base}/announcements")
    add(root, "title", f"{district}地名公告")
    updated = max((r.published_at for r in rows), default=datetime.fromisoformat("2022-05-01T00:00:00+08:00"))
    add(root, "updated", updated.isoformat())
    add(root, "link", rel="self", href=f"{base}/announcements.atom", type="application/atom+xml")
    add(root, "link", rel="alternate", href=f"{base}/announcements", type="text/html")
    add(add(root, "author"), "name", f"{district}民政局")
    for row in rows:
        entry = add(root, "entry")
        add(entry, "id", f"{base}{row.path}")
        mark = "（演示）" if row.demo else ""
        add(entry, "title", f"{mark}{row.title}")
        add(entry, "published", row.published_at.isoformat())
        add(entry, "updated", row.published_at.isoformat())
        add(entry, "category", term=row.kind, label=KINDS[row.kind])
        add(entry, "link", rel="alternate", href=f"{base}{row.path}", type="text/html")
        if row.of_path:
            add(entry, "link", rel="related", href=f"{base}{row.of_path}", title=row.of or "")
        add(entry, "summary", summary(row), type="text")
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")


def summary(row: Shown) -> str:
    """公告要点 in one paragraph, with the head of the audit chain for those who only keep the feed."""
    names = "；".join(
        f"{i['name']}（{i['romanization']}，{i['unit']}{'，原名' + i['former'] if i['former'] else ''}，"
        f"{i['approved_by']}{i['approved_on']}批准）"
        for i in row.items
    )
    head = f" 审计链头 {row.head_id} · {row.head_hash}" if row.head_hash else ""
    return f"{row.number} {row.says} {names}{head}".strip()
