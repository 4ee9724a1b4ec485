"""Submissions (成果提交), their files and findings."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import SRID, Base, moment, new_uuid
from geo.terms import SubmissionState

STATES = ", ".join(f"'{s.value}'" for s in SubmissionState)


class Submission(Base):
    """成果提交: one upload and what became of it.

    replaces_id: the submission that this one mends. options: what the surveyor set by hand.
    report: the contract's object of `check` without its findings. progress: 0 to 1 while inspecting.
    round: which inspection the report, findings and features are of. against: the published state
    (DistrictState.published) that the inspection saw. attempts: inspections begun in this round.
    version: goes up with every step and is what a person's decision must name; progress leaves it.
    """

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint(f"state in ({STATES})", name="state_known"),
        CheckConstraint("state <> 'checked' or verdict is not null", name="checked_has_verdict"),
        CheckConstraint(
            "verdict is null or verdict in ('accept', 'accept-with-warning', 'reject')", name="verdict_known"
        ),
        CheckConstraint("state <> 'accepted' or verdict <> 'reject'", name="accepted_without_errors"),
        CheckConstraint("progress between 0 and 1", name="progress_share"),
        Index("submission_created_ix", "created"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_uuid)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    profile: Mapped[str] = mapped_column(String(10), nullable=False, server_default="township")
    state: Mapped[str] = mapped_column(String(20), nullable=False, server_default="received")
    verdict: Mapped[str | None] = mapped_column(String(20))
    submitted_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False, index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), nullable=False, index=True)
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("submission.id"), index=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    progress: Mapped[float] = mapped_column(Float, nullable=False, server_default="0")
    step: Mapped[str | None] = mapped_column(String(40))
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    round: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    against: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, server_default="0")
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    created: Mapped[datetime] = moment()
    checked: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decision_reason: Mapped[str | None] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class SubmissionFile(Base):
    """An original file of a submission, kept by its SHA-256."""

    __tablename__ = "submission_file"

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), primary_key=True, index=True)
    filename: Mapped[str] = mapped_column(Text, nullable=False)


class SubmissionFeature(Base):
    """成果要素: one feature of a submission as the inspection read it.

    fields: our names -> values as read. geometry: EPSG:4490, null where the file's system has no
    authorised transformation. z: height (1985 datum) as given, null where there is none.
    """

    __tablename__ = "submission_feature"
    __table_args__ = (
        CheckConstraint("role in ('lines', 'markers', 'tripoints', 'polygons')", name="role_known"),
        Index("submission_feature_submission_round_ix", "submission_id", "round", "role"),
        Index("submission_feature_geometry_gist", "geometry", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"), nullable=False)
    round: Mapped[int] = mapped_column(Integer, nullable=False)
    role: Mapped[str] = mapped_column(String(10), nullable=False)
    layer: Mapped[str] = mapped_column(Text, nullable=False)
    record: Mapped[int] = mapped_column(Integer, nullable=False)
    ident: Mapped[str | None] = mapped_column(Text)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    z: Mapped[float | None] = mapped_column(Float)
    geometry: Mapped[object | None] = mapped_column(
        Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=True
    )


class FindingRow(Base):
    """检查意见 of a submission, as the contract's JSON; geometry in EPSG:4490.

    round: 1 for the first inspection, 2 after the surveyor changed mapping, CRS or encoding, and so on.
    key: the finding's deterministic id.
    """

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("severity in ('error', 'warning', 'info')", name="severity_known"),
        Index("finding_submission_round_ix", "submission_id", "round", "code"),
        Index("finding_geometry_gist", "geometry", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"), nullable=False)
    round: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    key: Mapped[str] = mapped_column(String(16), nullable=False)
    code: Mapped[str] = mapped_column(String(8), nullable=False)
    severity: Mapped[str] = mapped_column(String(10), nullable=False)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    geometry: Mapped[object | None] = mapped_column(
        Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=True
    )
