"""办理状态 by number and phone, without an account: for the interface and the page alike."""

from __future__ import annotations

from fastapi import Request
from sqlalchemy.orm import Session

from api.doors import settings_of, take_turn
from geo.problems import NotFound
from geo.store import approvals_queue
from geo.store.approvals_queue import Status
from geo.text import Text


class NoSuchStatus(NotFound):
    """The same answer for a wrong number and a wrong phone."""

    code = "no-such-status"
    title = Text(
        "编号与电话不符，请核对回执", "The number and the phone do not belong together; check the receipt"
    )


def ask_status(request: Request, session: Session, number: str, phone: str) -> Status:
    """The status, counted against the address's and the number's limit. Raises NoSuchStatus, TooMany."""
    settings = settings_of(request)
    for what, who in (("status", None), ("status-number", number.strip())):
        take_turn(request, what, who=who, burst=settings.status_burst, per_minute=settings.status_per_minute)
    found = approvals_queue.status(session, number.strip(), phone)
    if found is None:
        raise NoSuchStatus()
    return found
