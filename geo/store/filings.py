"""备案 in the database: the papers sent to the authority that keeps them, and what it answered."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.store.tables import Filing, PlaceNameApplication


def send(
    session: Session, row: PlaceNameApplication, *, to_body: str, sent_on: date, reason: str, made_by: int
) -> Filing:
    """Send a filing; a case has one that is open or done at a time."""
    filing = Filing(
        application_id=row.id, to_body=to_body, sent_on=sent_on, reason=reason, made_by=made_by, demo=row.demo
    )
    session.add(filing)
    session.flush()
    return filing


def open_one(session: Session, application_id: int) -> Filing:
    """The filing that was sent and is not answered, locked."""
    return session.scalars(
        select(Filing)
        .where(Filing.application_id == application_id, Filing.state == "sent")
        .with_for_update()
    ).one()


def give_back(session: Session, application_id: int) -> Filing:
    """The receiver has returned it to be completed."""
    filing = open_one(session, application_id)
    filing.state = "returned"
    session.flush()
    return filing


def done(session: Session, application_id: int, *, filed_on: date, reference: str | None) -> Filing:
    """The receiver has filed it."""
    filing = open_one(session, application_id)
    filing.state, filing.filed_on, filing.reference = "filed", filed_on, reference
    session.flush()
    return filing
