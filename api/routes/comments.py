"""公示征求意见 public comment: what is before the public, saying something about it, moderating and answering."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from api.acts import case_facts, comment
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from api.commenting import take_turn
from api.doors import Acting, District, PublicReading, Reading, Writing
from api.errors import problems
from api.paging import Cursor, Limit, decode, encode
from geo import days
from geo.machine import StepNotYours
from geo.problems import TooMany
from geo.store import comments
from geo.store.approvals import NoSuchApplication
from geo.store.comments import NoSuchComment, NoSuchCommentCase, PublicCase

router = APIRouter(prefix="/api/v1", tags=["public comment 公示"])

Number = Annotated[str, Path(max_length=40, description="受理编号 Number of the case")]
CommentNumber = Annotated[str, Path(max_length=40, description="意见编号 Number of the comment")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CaseOut(BaseModel):
    """公示中的地名，不含个人信息."""

    number: str
    action: str
    category: str
    name: str
    romanization: str | None
    unit: str | None
    geometry: dict[str, Any] | None
    reasons: str | None
    meaning: str | None
    position: str | None
    opens: date
    closes: date
    open: bool
    says: str
    answer: str | None = Field(description="意见采纳情况 What came of the comments")
    received: int
    demo: bool


class WordOut(BaseModel):
    """公开的意见."""

    stance: str
    says: str
    at: datetime
    answer: str | None


class CasesOut(BaseModel):
    items: list[CaseOut]
    next: None = None


class WordsOut(BaseModel):
    items: list[WordOut]
    next: str | None = None


class WordIn(Strict):
    """一条意见. giver and phone are for the officers alone."""

    stance: str = Field(max_length=10, description="support 支持, oppose 反对, other 其他")
    says: str = Field(max_length=4000)
    giver: str | None = Field(None, max_length=100)
    phone: str | None = Field(None, max_length=60)


class HeldOut(BaseModel):
    """意见，供工作人员处理 For officers."""

    number: str
    stance: str
    says: str
    giver: str | None
    phone: str | None
    at: datetime
    state: str
    hidden_because: str | None
    answer: str | None
    version: int


class ModerationIn(Strict):
    """show: 公开; otherwise with a reason. answer: 答复."""

    show: bool
    version: int = Field(ge=1)
    reason: str = Field("", max_length=2000)
    answer: str | None = Field(None, max_length=5000)


class LongerIn(Strict):
    closes: date
    version: int = Field(ge=1)
    reason: str = Field(max_length=2000)


def case_out(found: PublicCase) -> CaseOut:
    plain = {k: getattr(found, k) for k in CaseOut.model_fields if hasattr(found, k)}
    return CaseOut(**plain, unit=found.unit_code, open=found.open_on(days.today()))


@router.get("/comment-cases", summary="公示 Cases before the public")
def listed(district: District, session: PublicReading) -> CasesOut:
    """正在公示和公示过的地名。Cases that are or were before the public."""
    return CasesOut(items=[case_out(c) for c in comments.public_cases(session, district.code)])


@router.get("/comment-cases/{number}", summary="一件公示 One of them", responses=problems(NoSuchCommentCase))
def read(number: Number, session: PublicReading) -> CaseOut:
    """不含个人信息。Without persons."""
    return case_out(comments.public_case(session, number))


@router.get(
    "/comment-cases/{number}/comments",
    summary="已公开的意见 What was said, as far as it is shown",
    responses=problems(NoSuchCommentCase),
)
def shown(number: Number, session: PublicReading, limit: Limit = 50, cursor: Cursor = None) -> WordsOut:
    """处理后公开；不含姓名和电话。After moderation, without names and phones."""
    case = comments.public_case(session, number)
    rows = comments.public_words(session, case.id, limit=limit + 1, after=decode(cursor, int, 0))
    return WordsOut(
        items=[WordOut(stance=r.stance, says=r.says, at=r.at, answer=r.answer) for r in rows[:limit]],
        next=encode(rows[limit - 1].id) if len(rows) > limit else None,
    )


@router.post(
    "/comment-cases/{number}/comments",
    status_code=201,
    summary="提意见 Say something",
    responses=problems(NoSuchCommentCase, comment.CommentClosed, comment.BadComment, BadDetail, TooMany),
)
def give(number: Number, body: WordIn, request: Request, session: Writing) -> dict[str, str]:
    """无需账号；姓名和电话可不填，永不公开。No account is needed; name and phone may be left out and are never shown."""
    take_turn(request)
    row = comment.give(
        session, number, stance=body.stance, says=body.says, giver=body.giver, phone=body.phone
    )
    return {"number": row.number}


@router.get(
    "/applications/{number}/comments",
    summary="全部意见 All comments, for officers",
    responses=problems(NoSuchApplication),
)
def held(number: Number, actor: Acting, session: Reading) -> list[HeldOut]:
    """含提出人，仅供工作人员。With who gave them: for officers only."""
    found = case_facts.case_for(session, actor, number)
    rows = comments.for_officers(session, found.row["id"], limit=500)
    return [HeldOut.model_validate(r, from_attributes=True) for r in rows]


@router.post(
    "/comments/{number}/moderation",
    summary="处理意见 Moderate a comment",
    responses=problems(NoSuchComment, Stale, StepNotYours, NoReason, BadDetail),
)
def moderate(number: CommentNumber, body: ModerationIn, actor: Acting, session: Writing) -> HeldOut:
    """公开或（写明理由）不公开，可答复。Show it, or hide it with a reason; answer it."""
    row = comment.moderate(
        session, actor, number, show=body.show, version=body.version, reason=body.reason, answer=body.answer
    )
    return HeldOut.model_validate(row, from_attributes=True)


@router.post(
    "/comment-cases/{number}/period",
    summary="延长公示 Lengthen the period",
    responses=problems(NoSuchCommentCase, Stale, StepNotYours, comment.CommentClosed, NoReason),
)
def lengthen(number: Number, body: LongerIn, actor: Acting, session: Writing) -> dict[str, Any]:
    """公示期满前可延长。Before it closes."""
    row = comment.lengthen(session, actor, number, body.closes, version=body.version, reason=body.reason)
    return {"number": number, "opens": row.opens, "closes": row.closes, "version": row.version}
