"""Plans (地名方案) of an organisation, for its own list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.store.tables import NamePlan, PlaceNameApplication
from geo.terms import ApplicationState


@dataclass(frozen=True, slots=True)
class PlanRow:
    """方案列表的一行. names: how many; drafts: how many of them are not handed in."""

    ref: uuid.UUID
    title: str
    created: datetime
    demo: bool
    names: int
    drafts: int


def own(session: Session, organisation_id: int, *, limit: int = 50) -> list[PlanRow]:
    """An organisation's plans, the newest first."""
    case = PlaceNameApplication
    rows = session.execute(
        select(
            NamePlan.ref,
            NamePlan.title,
            NamePlan.created,
            NamePlan.demo,
            func.count(case.id),
            func.count(case.id).filter(case.state == ApplicationState.DRAFT.value),
        )
        .outerjoin(case, case.plan_id == NamePlan.id)
        .where(NamePlan.organisation_id == organisation_id)
        .group_by(NamePlan.id)
        .order_by(NamePlan.id.desc())
        .limit(limit)
    )
    return [PlanRow(*row) for row in rows]
