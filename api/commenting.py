"""公众意见 by the interface and by the page: counted by the address that they come from."""

from __future__ import annotations

from fastapi import Request

from api import doors
from api.doors import settings_of


def take_turn(request: Request) -> None:
    """Count a comment of an address. Raises TooMany."""
    settings = settings_of(request)
    doors.take_turn(request, "comment", burst=settings.comment_burst, per_minute=settings.comment_per_minute)
