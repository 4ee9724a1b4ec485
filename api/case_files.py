"""收取申请材料: a file of a case comes in by the interface or by a page, and is looked at before it is entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

from api import doors
from api.acts import attach
from api.doors import settings_of, transaction
from api.intake import Incoming
from api.security.person import Person
from geo.reading.materials import examine
from geo.settings import MaterialLimits
from geo.store.tables import ApplicationMaterial

T = TypeVar("T")


def take_turn(request: Request, actor: Person) -> None:
    """Count an upload of a person. Raises TooMany."""
    settings = settings_of(request)
    doors.take_turn(
        request, "upload", who=actor.id, burst=settings.upload_burst, per_minute=settings.upload_per_minute
    )


def keep(
    request: Request,
    actor: Person,
    number: str,
    incoming: Incoming,
    most: MaterialLimits,
    told: Callable[[ApplicationMaterial], T],
) -> T:
    """Ask whether it may come in, look at it without a transaction open, then enter it. told: makes the answer while
    the transaction is open. Raises what attach.attach raises, and MaterialRefused."""
    kind = incoming.fields.get("kind", "").strip()
    with transaction(request) as session:
        attach.may_add(actor, attach.seen(session, actor, number), kind)
    with examine(incoming.path, incoming.filename, most) as examined, transaction(request) as session:
        row = attach.attach(session, actor, number, kind=kind, examined=examined, sha256_came=incoming.sha256)
        return told(row)
