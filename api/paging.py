"""Pages of lists: `limit` and `cursor` in, `{items, next}` out. A cursor is opaque: the key behind which
the next page begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query

from geo.problems import BadInput
from geo.text import Text

LONGEST = 1000

Key = TypeVar("Key", str, int)


class BadCursor(BadInput):
    """The cursor is not one of ours."""

    code = "bad-cursor"
    title = Text(
        "cursor 无效：请用上一页答复中的 next，或不带 cursor 从头读起",
        "The cursor is not valid: take `next` of the page before, or begin without one",
    )


Limit = Annotated[int, Query(ge=1, le=500, description="每页条数 Items a page")]
Cursor = Annotated[
    str | None, Query(max_length=LONGEST, description="上一页的 next / `next` of the page before")
]


def encode(key: str | int) -> str:
    """The cursor of a key."""
    raw = json.dumps(key, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(cursor: str | None, kind: type[Key], first: Key) -> Key:
    """The key of a cursor; `first` where there is none. Raises BadCursor."""
    if cursor is None:
        return first
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor() from None
    if type(key) is not kind or (isinstance(key, str) and ("\0" in key or not _storable(key))):
        raise BadCursor()
    if isinstance(key, int) and not -(2**63) <= key < 2**63:
        raise BadCursor()
    return key


def _storable(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def page(rows: Sequence[Any], limit: int, key: Callable[[Any], str | int]) -> dict[str, Any]:
    """The answer of a list, of up to limit + 1 rows."""
    items = list(rows[:limit])
    return {"items": items, "next": encode(key(items[-1])) if len(rows) > limit and items else None}


def of_store(found: Any, shown: Callable[[Any], Any]) -> dict[str, Any]:
    """The answer of a list that the store has already cut: {items, next} with its bare key."""
    return {
        "items": [shown(item) for item in found.items],
        "next": None if found.next is None else encode(found.next),
    }
