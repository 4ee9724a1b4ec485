"""Materials (申请材料) of a case: rows that are added, and marked as taken back, never deleted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store import approvals
from geo.store.tables import ApplicationMaterial, PlaceNameApplication, StoredFile
from geo.text import Text


class NoSuchMaterial(NotFound):
    """The case has no such file, or it was taken back."""

    code = "no-such-material"
    title = Text("该申请没有这份材料", "The application has no such file")


def case(session: Session, key: str) -> PlaceNameApplication:
    """The case of a number or ref, to be read. Raises NoSuchApplication."""
    row = session.scalars(select(PlaceNameApplication).where(approvals.which(key))).first()
    if row is None:
        raise approvals.NoSuchApplication(key=key[:60])
    return row


def add(
    session: Session,
    row: PlaceNameApplication,
    file: StoredFile,
    *,
    kind: str,
    filename: str,
    media_type: str,
    inline: bool,
    pages: int | None,
    added_by: int,
) -> ApplicationMaterial:
    """Enter a kept file as a material of a case."""
    material = ApplicationMaterial(
        application_id=row.id, kind=kind, filename=filename, sha256=file.sha256, media_type=media_type,
        inline=inline, pages=pages, added_by=added_by, demo=row.demo,
    )  # fmt: skip
    session.add(material)
    session.flush()
    session.refresh(material)
    return material


def of_case(session: Session, application_id: int) -> Sequence[ApplicationMaterial]:
    """The materials that stand, in the order of their coming."""
    return session.scalars(
        select(ApplicationMaterial)
        .where(ApplicationMaterial.application_id == application_id, ApplicationMaterial.removed_at.is_(None))
        .order_by(ApplicationMaterial.id)
    ).all()


def find(session: Session, application_id: int, material_id: int) -> ApplicationMaterial:
    """One material that stands. Raises NoSuchMaterial."""
    material = session.get(ApplicationMaterial, material_id)
    if material is None or material.application_id != application_id or material.removed_at is not None:
        raise NoSuchMaterial()
    return material


def take_back(session: Session, material: ApplicationMaterial) -> None:
    """Mark it as taken back; the file stays."""
    material.removed_at = session.scalar(select(func.clock_timestamp()))
    session.flush()
