"""Exchange (一件事交换): idempotency keys, and the cases that another system is told of in the order of their last step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from geo.problems import Conflict
from geo.store.tables import IdempotencyKey, Organisation, PlaceNameApplication
from geo.text import Text

#: Steps are told of when they are so old: one that began earlier may be committed later, and must not be passed over.
LAG_SECONDS = 10.0
#: How long an answer is kept for a key.
KEPT = timedelta(days=30)


class KeyReused(Conflict):
    """The key stands for another message."""

    code = "idempotency-key-reused"
    title = Text(
        "此 Idempotency-Key 已用于另一内容，请换一个键",
        "This Idempotency-Key was used for another message; use a new one",
    )


def answered(session: Session, organisation_id: int, key: str, sha256: str) -> IdempotencyKey | None:
    """What was answered to a key; None where it is new, and then others who bring it wait until this transaction
    ends. Raises KeyReused for another message under the same key."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"idempotency {organisation_id} {key}"},
    )
    row = session.get(IdempotencyKey, (organisation_id, key))
    if row is not None and row.request_sha256 != sha256:
        raise KeyReused()
    return row


def keep(session: Session, organisation_id: int, key: str, sha256: str, status: int, answer: Any) -> None:
    """Keep what is answered to a key, in the transaction of what was done."""
    session.add(
        IdempotencyKey(
            organisation_id=organisation_id, key=key, request_sha256=sha256, status=status, answer=answer
        )
    )
    session.flush()


def tidy(session: Session) -> None:
    """Keys that are too old go."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < func.clock_timestamp() - KEPT))


def organisation_named(session: Session, name: str) -> Organisation | None:
    """The organisation of exactly this name."""
    return session.scalars(select(Organisation).where(Organisation.name == name)).first()


# application_step by its primary key, from the last one seen on; the steps of a case by (application_id, version).
_CHANGED = """
    select a.id, s.id as last
    from application_step s join place_name_application a on a.id = s.application_id
    where s.id > :after and s.at < clock_timestamp() - make_interval(secs => :lag) and a.state <> 'draft' and a.district = :district
      and (:all or a.organisation_id = :organisation or a.external ->> 'system' = :system)
      and not exists (select from application_step n where n.application_id = s.application_id and n.id > s.id)
    order by s.id limit :limit"""


def changed(
    session: Session, *, district: str, after: int, organisation_id: int, system: str, everything: bool, limit: int
) -> Sequence[tuple[int, int]]:  # fmt: skip
    """(id of the case, id of its last step) of cases whose last step came after `after`, in that order: those of an
    organisation and those that its system brought, or all of the district."""
    rows = session.execute(
        text(_CHANGED),
        {"after": after, "district": district, "organisation": organisation_id, "system": system, "all": everything,
         "limit": limit, "lag": LAG_SECONDS},
    )  # fmt: skip
    return [(row.id, row.last) for row in rows]


def brought(session: Session, system: str, external_id: str, district: str) -> PlaceNameApplication | None:
    """The case that a system brought under its own number."""
    return session.scalars(
        select(PlaceNameApplication).where(
            PlaceNameApplication.district == district,
            PlaceNameApplication.external["system"].astext == system,
            PlaceNameApplication.external["id"].astext == external_id,
        )
    ).first()
