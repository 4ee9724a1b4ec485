"""Removal (清除) of the demonstration: its data and accounts go, real records and the audit trail stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, delete, select, text, union, update
from sqlalchemy.orm import Session

from api.setup.demo import accounts
from api.setup.demo.applications import remove_applications
from api.setup.demo.load import load_units
from api.setup.demo.names_removed import remove_names
from api.setup.demo.protection import remove_lists
from geo.settings import DistrictSettings
from geo.store import audit
from geo.store import files as store_files
from geo.store.boundaries import touch_publication
from geo.store.tables import (
    AdminUnit,
    Base,
    BoundaryLine,
    BoundaryMarker,
    CareFigure,
    CommunityArea,
    Demarcation,
    DemarcationStep,
    Facility,
    FacilityInspection,
    FacilityReport,
    FieldMapping,
    FindingRow,
    Organisation,
    OrganisationClaim,
    PolicyArea,
    ProgrammeItem,
    PublicShape,
    StoredFile,
    Submission,
    SubmissionFeature,
    SubmissionFile,
    Tripoint,
    UnitSuccession,
    User,
    WalkNetwork,
)

#: The owner alone may delete versions, and only of demonstration data, and only after saying so.
LEAVE = "set local yudi.removing_demo = 'on'"
#: Digests named by submissions, by the evidence of any step or as the picture of a name: their files stay.
STILL_NAMED = """
    select sha256 from submission_file
    union
    select sha256 from walk_network
    union
    select p ->> 'sha256' from facility f, jsonb_array_elements(f.pictures) p where p ->> 'sha256' is not null
    union
    select e ->> 'sha256' from demarcation_step s, jsonb_array_elements(s.evidence) e
    where e ->> 'sha256' is not null
    union
    select sha256 from application_material
    union
    select sha256 from application_opinion
    union
    select f.sha256 from case_document d, unnest(array[d.pdf_sha256, d.docx_sha256]) f (sha256)
    union
    select p ->> 'sha256' from place_name n, jsonb_array_elements(n.pictures) p
    where p ->> 'sha256' is not null
"""


#: Facilities, what was reported about them, figures, areas and streets; the programme's items.
CARE = (
    FacilityReport, FacilityInspection, CareFigure, Facility, CommunityArea, PolicyArea, WalkNetwork, ProgrammeItem,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Removed:
    """How much went, by kind, and the digests of files that no record names any more: remove them from
    the disk after the commit."""

    counts: dict[str, int]
    files: tuple[str, ...]


def remove_demo(session: Session, settings: DistrictSettings) -> Removed:
    """Take all demonstration data and accounts away, within the caller's transaction (owner's role).

    A line that has real versions or real steps stays with its whole life. An account that the audit trail
    or a real record names stays as an empty, closed row that nobody can log in with. Units stay as the
    facts that they are, without outlines.
    """
    session.execute(text(LEAVE))
    gone: dict[str, int] = {}
    users = set(session.scalars(select(User.id).where(User.demo)))
    for table in (PublicShape, BoundaryMarker, Tripoint, BoundaryLine, AdminUnit, UnitSuccession):
        gone[table.__tablename__] = _rows(session, delete(table).where(table.demo))
    real = union(
        select(BoundaryLine.code),
        select(BoundaryMarker.line_code),
        select(DemarcationStep.code).where(DemarcationStep.demo.is_(False)),
    )
    lines = set(session.scalars(select(Demarcation.code).where(Demarcation.demo)))
    keep = lines & set(session.scalars(real))
    every = lines - keep
    gone["demarcation_step"] = _rows(session, delete(DemarcationStep).where(DemarcationStep.code.in_(every)))
    gone["demarcation"] = _rows(session, delete(Demarcation).where(Demarcation.code.in_(every)))
    session.execute(update(Demarcation).where(Demarcation.code.in_(keep)).values(demo=False))
    gone["application"] = remove_applications(session)
    gone["protection_list"] = remove_lists(session)
    gone |= remove_names(session)
    for table in CARE:
        gone[table.__tablename__] = _rows(session, delete(table).where(table.demo))
    gone["submission"] = _submissions(session, users)
    gone["field_mapping"] = _rows(session, delete(FieldMapping).where(FieldMapping.set_by.in_(users)))
    gone["account"] = _accounts(session, users)
    files = _files(session)
    gone["stored_file"] = len(files)
    load_units(session, settings, shapes={}, made_by=0, only_missing=True)
    touch_publication(session, settings.code)
    audit.append(
        session, actor=None, act="remove", subject_kind="demo", subject=settings.code,
        reason="清除演示数据与演示账号", before=gone,
    )  # fmt: skip
    return Removed(gone, tuple(files))


def forget_files(session: Session, removed: Removed) -> None:
    """After the commit: take the files off the disk, and the passwords."""
    bind = session.get_bind()
    for sha256 in removed.files:
        store_files.remove_if_unknown(bind.engine, sha256)
    accounts.forget()


def _submissions(session: Session, users: set[int]) -> int:
    """Submissions that are demonstration data or came from its accounts, but for those that a real version
    names."""
    wanted = set(
        session.scalars(select(Submission.id).where(Submission.demo | Submission.submitted_by.in_(users)))
    )
    for table in (AdminUnit, BoundaryLine, BoundaryMarker, Tripoint):
        wanted -= set(session.scalars(select(table.submission_id).where(table.submission_id.is_not(None))))
    # A real submission may mend one of the demonstration's: it then stands for itself.
    session.execute(
        update(Submission)
        .where(Submission.replaces_id.in_(wanted), Submission.id.not_in(wanted))
        .values(replaces_id=None)
    )
    for child in (FindingRow, SubmissionFeature, SubmissionFile):
        session.execute(delete(child).where(child.submission_id.in_(wanted)))
    session.execute(update(Submission).where(Submission.id.in_(wanted)).values(replaces_id=None))
    return _rows(session, delete(Submission).where(Submission.id.in_(wanted)))


def _accounts(session: Session, users: set[int]) -> int:
    """Accounts and organisations; those that something still names are emptied and closed."""
    session.execute(delete(OrganisationClaim).where(OrganisationClaim.user_id.in_(users)))
    for table in ("login_session", "role_grant"):
        statement = text(f"delete from {table} where user_id in :users")
        session.execute(
            statement.bindparams(bindparam("users", expanding=True)), {"users": list(users) or [0]}
        )
    named = users & _referring(session, User.__table__, but=("login_session", "role_grant"))
    session.execute(delete(User).where(User.id.in_(users - named)))
    home = accounts.system_user(session).organisation_id
    for user_id in sorted(named):
        session.execute(
            update(User)
            .where(User.id == user_id)
            .values(
                login=f"removed-{user_id}", name="已清除的演示账号", password_hash=None, active=False,
                organisation_id=home, phone=None,
            )
        )  # fmt: skip
    demo = set(session.scalars(select(Organisation.id).where(Organisation.demo)))
    still = _referring(session, Organisation.__table__)
    session.execute(delete(Organisation).where(Organisation.id.in_(demo - still)))
    for one in sorted(demo & still):
        session.execute(
            update(Organisation).where(Organisation.id == one).values(name=f"已清除的演示机构 {one}")
        )
    return len(users)


def _referring(session: Session, target: Any, but: tuple[str, ...] = ()) -> set[int]:
    """Ids of rows of `target` that a foreign key of any table names."""
    assert isinstance(target, Table)
    found: set[int] = set()
    for table in Base.metadata.sorted_tables:
        if table.name in but:
            continue
        for column in table.columns:
            if any(key.column.table is target for key in column.foreign_keys):
                found |= set(session.scalars(select(column).where(column.is_not(None)).distinct()))
    return found


def _files(session: Session) -> list[str]:
    """Digests of kept files that nothing names any more; their rows go."""
    named = set(session.scalars(text(STILL_NAMED)))
    loose = sorted(set(session.scalars(select(StoredFile.sha256))) - named)
    session.execute(delete(StoredFile).where(StoredFile.sha256.in_(loose)))
    return loose


def _rows(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
