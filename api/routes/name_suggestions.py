"""公民建议 suggestions: what citizens propose in a township, for the township to take up as its own application."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.acts.apply import listed_suggestions
from api.doors import Acting, Reading

router = APIRouter(prefix="/api/v1", tags=["applications 地名申请"])


class SuggestionOut(BaseModel):
    """一条建议，不含建议人 Without who made it."""

    number: str
    version: int
    action: str
    category: str
    name: str
    romanization: str | None
    unit_code: str
    submitted_at: datetime
    reasons: str | None
    position: str | None
    verdict: str | None
    geometry: dict[str, Any] | None
    demo: bool


class SuggestionsOut(BaseModel):
    items: list[SuggestionOut]
    next: None = None


@router.get("/name-suggestions", summary="待采纳的建议 Suggestions to take up")
def listed(actor: Acting, session: Reading) -> SuggestionsOut:
    """本乡镇（街道）范围内的公民建议；用 POST /api/v1/applications/{number}/taking-up 采纳。

    Suggestions within one's township; take one up with POST /api/v1/applications/{number}/taking-up."""
    found = listed_suggestions(session, actor)
    return SuggestionsOut(items=[SuggestionOut.model_validate(s, from_attributes=True) for s in found])
