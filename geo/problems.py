"""Problems: what a user did that cannot be done, declared beside the code that meets it.

A problem says in both languages what to do about it. api/errors.py maps the kinds to HTTP status,
api/cli to exit codes. A finding is a result, never a problem.
"""

from __future__ import annotations

from typing import Any, ClassVar

from geo.text import Text


class Problem(Exception):
    """A user's mistake or a state that does not allow the request. Subclasses set `code` and `title`."""

    code: ClassVar[str] = "problem"
    title: ClassVar[Text] = Text("请求无法完成", "The request cannot be carried out")

    def __init__(self, *args: object, **details: Any) -> None:
        self.text = self.title.fill(*args, **details)
        self.details = details
        super().__init__(self.text.zh)


class BadInput(Problem):
    """The input is malformed."""


class NotFound(Problem):
    """What was asked for does not exist, or is not for this person to know of."""

    code = "not-found"
    title = Text("没有找到，请核对地址或编号", "Not found; check the address or number")


class NotLoggedIn(Problem):
    """Nobody is logged in."""

    code = "not-logged-in"
    title = Text("请先登录", "Log in first")


class NotAllowed(Problem):
    """The person may not do this."""

    code = "not-allowed"
    title = Text("您没有办理此事项的权限", "You may not do this")


class Conflict(Problem):
    """The record has moved on since it was read, or its state does not allow the step."""


class TooLarge(Problem):
    """More bytes than the limit allows."""


class TooMany(Problem):
    """More requests than the limit allows."""

    code = "too-many-requests"
    title = Text("操作过于频繁，请 {seconds} 秒后再试", "Too many requests; try again in {seconds} seconds")


class Unavailable(Problem):
    """A part that the request needs does not answer, or has no room left."""
