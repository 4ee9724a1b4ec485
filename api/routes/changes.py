"""变更记录 what changed in the public register of names, in the order in which it became public.

Replayed from the beginning, the feed rebuilds the register: keep every version that was added, forget every one that
ended. A cursor never skips a change: transactions are numbered as they commit.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.doors import PublicReading
from api.errors import problems
from api.paging import LONGEST, BadCursor, Limit, decode, encode
from geo.store import changes

router = APIRouter(prefix="/api/v1/changes", tags=["place names 地名"])


class ChangeOut(BaseModel):
    """一项变更. `record` 为该版本现在公开的内容；已结束的版本为 null the version as it is public now, null once it ended."""

    action: Literal["add", "version", "end"] = Field(description="add 新增；version 新版本；end 版本结束")
    number: int = Field(description="地名编号 number of the name")
    version: int = Field(description="版本编号 id of the version")
    at: datetime = Field(description="何时记入 when the database took it")
    record: dict[str, Any] | None


class ChangesOut(BaseModel):
    """变更记录. Pass `next` on as `since`; it is given also where nothing is left, to come back with later."""

    items: list[ChangeOut]
    next: str
    more: bool = Field(description="还有更多 whether more can be had at once")


@router.get("", summary="变更记录 Change feed", response_model=ChangesOut, responses=problems(BadCursor))
def list_changes(
    session: PublicReading,
    limit: Limit = 100,
    since: Annotated[
        str | None, Query(max_length=LONGEST, description="上一页的 next `next` of the page before")
    ] = None,
) -> Any:
    """公开地名的新增、新版本和结束，按公开的先后。从头重放即得全部公开地名。

    Additions, new versions and ends of public names in the order in which they became public. Replayed from the
    beginning they give the whole public register: keep what is added by `version`, drop what ends."""
    after = _position(since)
    found = changes.after(session, after, limit)
    return {"items": found[:limit], "next": _cursor(found[:limit], after), "more": len(found) > limit}


def _cursor(shown: list[dict[str, Any]], after: tuple[int, int]) -> str:
    change_set, change = (shown[-1]["change_set"], shown[-1]["id"]) if shown else after
    return encode(f"{change_set}.{change}")


def _position(since: str | None) -> tuple[int, int]:
    parts = decode(since, str, "0.0").split(".")
    if len(parts) != 2 or not all(p.isascii() and p.isdigit() and len(p) < 19 for p in parts):
        raise BadCursor()
    return int(parts[0]), int(parts[1])
