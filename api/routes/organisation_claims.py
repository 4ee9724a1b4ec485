"""机构身份申请 organisation claims: who says that he applies for an organisation, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.acts import manage_users, register
from api.acts.stale import NoReason
from api.acts.step_details import BadDetail
from api.doors import Acting, Reading, Writing
from api.errors import problems
from api.paging import Cursor, Limit, decode
from api.paging import page as cut
from geo.store.tables import OrganisationClaim

router = APIRouter(prefix="/api/v1/organisation-claims", tags=["users 用户"])

ClaimId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class ClaimOut(BaseModel):
    """一件机构身份申请."""

    id: int
    state: str = Field(description="waiting 待核实, confirmed 已确认, refused 未确认")
    kind: str = Field(description="申请人类型 Kind of applicant")
    organisation: str
    unit_code: str | None
    says: str = Field(description="证明说明 What proves it")
    user_id: int
    login: str
    name: str
    phone: str | None
    created: datetime
    answer: str | None = Field(description="办理理由 Why it was decided so")
    decided_at: datetime | None


class ClaimsOut(BaseModel):
    """机构身份申请列表."""

    items: list[ClaimOut]
    next: str | None


class ClaimStep(BaseModel):
    """核实. organisation, unit_code: as the administrator has them, where that differs from what was claimed."""

    model_config = ConfigDict(extra="forbid")

    transition: Literal["confirm", "refuse"]
    reason: str = Field(min_length=1, max_length=1000, description="理由 Why")
    organisation: str | None = Field(None, max_length=100)
    unit_code: str | None = Field(None, pattern=r"^\d{6,12}$")


def claim_out(row: OrganisationClaim) -> ClaimOut:
    return ClaimOut(
        id=row.id, state=row.state, kind=row.kind, organisation=row.organisation, unit_code=row.unit_code, says=row.says,
        user_id=row.user_id, login=row.user.login, name=row.user.name, phone=row.user.phone, created=row.created,
        answer=row.answer, decided_at=row.decided_at,
    )  # fmt: skip


@router.get("", summary="机构身份申请列表 Claims of organisations")
def list_claims(
    actor: Acting,
    session: Reading,
    response: Response,
    state: Annotated[
        Literal["waiting", "decided"], Query(description="待核实，或已办理 Waiting, or decided")
    ] = "waiting",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ClaimsOut:
    """待核实的按先后，已办理的新的在前；含电话，查看留痕。Those that wait, the oldest first; those decided, the newest first. Phone
    numbers are in it, so that every look is noted."""
    response.headers["Cache-Control"] = "no-store"
    found = register.listed(
        session, actor, waiting=state == "waiting", limit=limit + 1, after=decode(cursor, int, 0)
    )
    answer = cut(found, limit, lambda claim: claim.id)
    return ClaimsOut(items=[claim_out(c) for c in answer["items"]], next=answer["next"])


@router.post(
    "/{claim_id}/transitions",
    summary="确认或不确认 Confirm or refuse",
    responses=problems(
        register.NoSuchClaim, register.ClaimDecided, register.OtherKind, manage_users.OwnRights, NoReason, BadDetail
    ),
)  # fmt: skip
def decide_claim(claim_id: ClaimId, body: ClaimStep, actor: Acting, session: Writing) -> ClaimOut:
    """确认后，此人从下一次请求起属于该机构，草稿随之转入。Confirmed, the person belongs to the organisation from his next request
    on, his drafts with him; refused, he may claim again."""
    row = register.decide(
        session, actor, claim_id, confirm=body.transition == "confirm", reason=body.reason,
        organisation=body.organisation, unit_code=body.unit_code,
    )  # fmt: skip
    return claim_out(row)
