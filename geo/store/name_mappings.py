"""Column mappings of name imports (列对应), kept for an organisation's next file of the same headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geo.names.register import guess
from geo.store import options
from geo.store.tables import FieldMapping

#: What stands in the place of a layer's role.
ROLE = "names"


def remembered(session: Session, organisation_id: int, headings: Sequence[str]) -> dict[str, str] | None:
    """What was chosen for these headings, as `register.mapped` takes it; None where nothing was."""
    return session.scalars(
        select(FieldMapping.fields)
        .where(
            FieldMapping.organisation_id == organisation_id,
            FieldMapping.role == ROLE,
            FieldMapping.signature == options.signature(headings),
        )
        .order_by(FieldMapping.set_at.desc())
        .limit(1)
    ).first()


def remember(
    session: Session,
    *,
    organisation_id: int,
    headings: Sequence[str],
    mapping: Mapping[str, str],
    set_by: int,
) -> None:
    """Keep the mapping that an import used, in place of an earlier one; columns that were taken out stay out.

    A mapping that is guessed anyway is not kept.
    """
    mark, guessed = options.signature(headings), guess(headings)
    session.execute(
        delete(FieldMapping).where(
            FieldMapping.organisation_id == organisation_id,
            FieldMapping.role == ROLE,
            FieldMapping.signature == mark,
        )
    )
    if dict(mapping) != dict(guessed):
        fields = {**{ours: "" for ours in guessed if ours not in mapping}, **mapping}
        session.add(
            FieldMapping(
                organisation_id=organisation_id, signature=mark, role=ROLE, fields=fields, set_by=set_by
            )
        )
    session.flush()
