"""地名库核查: the register's standing names by the naming rules."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.auditing import NoSuchPart, TooManyToAudit, audited
from api.doors import At, Reading
from api.errors import problems
from geo.names.categories import Category
from geo.store.name_audit import STAYS
from geo.terms import Severity

router = APIRouter(tags=["place names 地名"])


class MetOut(BaseModel):
    """相涉的地名."""

    number: int
    name: str
    unit: str


class DoubtOut(BaseModel):
    """核查意见."""

    number: int
    name: str
    category: Category
    unit: str
    rule: str
    article: str
    severity: Severity
    message: str
    message_en: str
    collides: list[MetOut]


class RuleCountOut(BaseModel):
    """一条规则涉及的地名数."""

    rule: str
    severity: Severity
    names: int


class AuditOut(BaseModel):
    """核查报告; names: 已核查的在用地名数; waiting: 读音尚未算出的地名数."""

    note: str
    note_en: str
    names: int
    waiting: int
    counts: list[RuleCountOut]
    items: list[DoubtOut]


@router.get(
    "/api/v1/place-name-audit",
    summary="核查在用地名 Audit the standing names",
    response_model=AuditOut,
    responses=problems(NoSuchPart, TooManyToAudit),
)
def show(
    request: Request,
    session: Reading,
    at: At,
    unit: Annotated[str | None, Query(max_length=12, description="政区代码 Code of a unit")] = None,
    rule: Annotated[str | None, Query(max_length=40, description="只列这条规则 Only this rule")] = None,
) -> Any:
    """按命名规则核查在用地名。已批准的地名继续有效。Names that were approved stay as approved."""
    report = audited(request, session, unit, at)
    return {
        "note": STAYS.zh,
        "note_en": STAYS.en,
        "names": report.names,
        "waiting": report.waiting,
        "counts": [{"rule": r, "severity": s, "names": n} for (r, s), n in report.counts().items()],
        "items": [d.to_json() for d in report.doubts if rule in (None, d.rule)],
    }
