"""What every act on an existing record asks first: has it moved on since the person saw it?"""

from __future__ import annotations

from geo.problems import BadInput, Conflict
from geo.text import Text


class Stale(Conflict):
    """The record has changed since the person read it."""

    code = "stale"
    title = Text(
        "记录已被更新（您看到的是版本 {seen}，现为版本 {now}），请刷新后再办理",
        "The record has changed since (you saw version {seen}, it is now {now}); reload and decide again",
    )


class NoReason(BadInput):
    """A step without a reason."""

    code = "no-reason"
    title = Text("请填写理由", "Give a reason")


def require_version(seen: int, now: int) -> None:
    """Raise Stale where the record is not the one that the person saw."""
    if seen != now:
        raise Stale(seen=seen, now=now)


def require_reason(reason: str) -> str:
    """The reason without blanks around it. Raises NoReason."""
    if not reason or not reason.strip():
        raise NoReason()
    return reason.strip()
