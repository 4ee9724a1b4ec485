"""公众意见 by the interface and by the page: counted by the address that they come from."""

from __future__ import annotations

from fastapi import Request

from api.doors import address, settings_of, transaction
from api.security import limits


def take_turn(request: Request) -> None:
    """Count a comment of an address. Raises TooMany."""
    settings = settings_of(request)
    with transaction(request) as session:
        refused = limits.take(
            session, "comment", address(request) or "", burst=settings.comment_burst,
            per_minute=settings.comment_per_minute,
        )  # fmt: skip
    if refused is not None:
        raise refused
