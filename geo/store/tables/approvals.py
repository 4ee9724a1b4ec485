"""Applications (地名申请): plans, cases, their steps, clocks, materials, opinions and documents; numbers."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, geometry, moment, new_uuid, now
from geo.store.tables.names import CATEGORIES
from geo.terms import ApplicationAction, ApplicationState

ACTIONS = ", ".join(f"'{a.value}'" for a in ApplicationAction)


STATES = ", ".join(f"'{s.value}'" for s in ApplicationState)


OPEN_STATES = (
    "'submitted', 'supplement', 'accepted', 'review', 'reviewed', 'consulted', 'approved', 'reconsideration'"
)


class NamePlan(Base):
    """地名方案: several names applied for and decided together, each with its own record."""

    __tablename__ = "name_plan"
    __table_args__ = (CheckConstraint("length(btrim(title)) > 0", name="title_given"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    ref: Mapped[uuid.UUID] = mapped_column(nullable=False, unique=True, default=new_uuid)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    title: Mapped[str] = mapped_column(Text, nullable=False)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False, index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    created: Mapped[datetime] = moment()
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class PlaceNameApplication(Base):
    """地名申请. `state` and `version` change only together with an ApplicationStep.

    ref: its address while a draft; number: 受理编号, like 500112-2026-00012, given at submission without gaps.
    action, category: what decides the route. applicant_kind: of data/approvals/applicants.csv. subject_number:
    PlaceName.number of the name to change or end; result_number: of the name entered by the approval.
    form: the fields that category and action ask for (reasons, meaning, origin, position, size …). route: how it is
    decided (here, consulted, filed), body: 批准机关. findings: the last answer of the naming rules, its moment beside.
    contact_*: personal data, never public. public: shown to everybody after the decision or during comment.
    """

    __tablename__ = "place_name_application"
    __table_args__ = (
        CheckConstraint(f"state in ({STATES})", name="state_known"),
        CheckConstraint(f"action in ({ACTIONS})", name="action_known"),
        CheckConstraint(f"category in ({CATEGORIES})", name="category_known"),
        CheckConstraint("state = 'draft' or (number is not null and submitted_at is not null)", name="submitted_has_number"),
        CheckConstraint("number ~ '^[0-9]{6}-[0-9]{4}-[0-9]{5,}$'", name="number_form"),
        CheckConstraint("state = 'draft' or action = 'naming' or subject_number is not null", name="change_has_subject"),
        CheckConstraint("state = 'draft' or action = 'abolition' or length(name) > 0", name="name_given"),
        CheckConstraint("length(name) <= 100 and name !~ '[[:cntrl:]]'", name="name_is_one"),
        CheckConstraint("route in ('decide', 'consult', 'file')", name="route_known"),
        CheckConstraint("state not in ('approved', 'closed') or action = 'abolition' or route <> 'decide' or result_number is not null", name="approved_is_entered"),
        CheckConstraint(
            "geometry is null or (ST_XMin(geometry) >= -180 and ST_XMax(geometry) <= 180"
            " and ST_YMin(geometry) >= -90 and ST_YMax(geometry) <= 90)",
            name="geometry_in_degrees",
        ),
        Index("place_name_application_geometry_gist", "geometry", postgresql_using="gist"),
        # The officers' queue: open cases of a district, oldest due first; and one state's.
        Index(
            "place_name_application_queue_ix", "district", "due", "id",
            postgresql_where=text(f"state in ({OPEN_STATES})"),
        ),
        Index("place_name_application_state_ix", "district", "state", "id"),
        Index("place_name_application_applicant_ix", "applicant_id", "id"),
        Index("place_name_application_plan_ix", "plan_id"),
        Index("place_name_application_subject_ix", "subject_number"),
        Index("place_name_application_result_ix", "result_number"),
        Index("place_name_application_name_ix", "name"),
        Index(
            "place_name_application_external_ix", text("(external ->> 'system')"), text("(external ->> 'id')"),
            postgresql_where=text("external is not null"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    ref: Mapped[uuid.UUID] = mapped_column(nullable=False, unique=True, default=new_uuid)
    number: Mapped[str | None] = mapped_column(Text, unique=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("name_plan.id"))
    action: Mapped[str] = mapped_column(String(10), nullable=False)
    category: Mapped[str] = mapped_column(Text, nullable=False)
    state: Mapped[str] = mapped_column(String(16), nullable=False, server_default="draft")
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    name: Mapped[str] = mapped_column(Text, nullable=False, server_default="")
    romanization: Mapped[str | None] = mapped_column(Text)
    unit_code: Mapped[str | None] = mapped_column(String(12))
    geometry: Mapped[object | None] = mapped_column(geometry("GEOMETRY"))
    subject_number: Mapped[int | None] = mapped_column(BigInteger)
    result_number: Mapped[int | None] = mapped_column(BigInteger)
    form: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    applicant_kind: Mapped[str | None] = mapped_column(String(20))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), nullable=False)
    contact_name: Mapped[str | None] = mapped_column(Text)
    contact_phone: Mapped[str | None] = mapped_column(Text)
    route: Mapped[str | None] = mapped_column(String(10))
    body: Mapped[str | None] = mapped_column(Text)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created: Mapped[datetime] = moment()
    saved: Mapped[datetime] = moment()
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: The earliest due date among its running clocks; null where none runs or all pause.
    due: Mapped[date | None] = mapped_column(Date)
    decision_number: Mapped[str | None] = mapped_column(Text)
    external: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class ApplicationStep(Base):
    """办理步骤: what was done to a case, by whom, when and why. Append-only."""

    __tablename__ = "application_step"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason_given"),
        UniqueConstraint("application_id", "version"),
        Index("application_step_at_ix", "at"),
        Index("application_step_actor_ix", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("place_name_application.id"), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False)
    transition: Mapped[str] = mapped_column(String(40), nullable=False)
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16), nullable=False)
    at: Mapped[datetime] = now()
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    role: Mapped[str | None] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class ApplicationClock(Base):
    """期限: one statutory or promised limit of a case, of data/approvals/limits.csv.

    starts: the day that it runs from (that day is not counted). pauses: [{from, until}] while the applicant
    supplements; until is null while it pauses. extended: further days, with extension_reason. due: worked out at
    every change; null while it pauses. stopped: the day on which its duty was done.
    """

    __tablename__ = "application_clock"
    __table_args__ = (
        CheckConstraint("unit in ('calendar', 'working', 'month')", name="unit_known"),
        CheckConstraint("days > 0 and extended >= 0", name="days_positive"),
        CheckConstraint("extended = 0 or length(extension_reason) > 0", name="extension_has_reason"),
        UniqueConstraint("application_id", "limit_id", "round"),
        Index("application_clock_due_ix", "due", postgresql_where=text("stopped is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("place_name_application.id"), nullable=False)
    limit_id: Mapped[str] = mapped_column(String(20), nullable=False)
    round: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    unit: Mapped[str] = mapped_column(String(10), nullable=False)
    days: Mapped[int] = mapped_column(Integer, nullable=False)
    starts: Mapped[date] = mapped_column(Date, nullable=False)
    pauses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    extended: Mapped[int] = mapped_column(Integer, nullable=False, server_default="0")
    extension_reason: Mapped[str | None] = mapped_column(Text)
    due: Mapped[date | None] = mapped_column(Date)
    stopped: Mapped[date | None] = mapped_column(Date)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class ApplicationMaterial(Base):
    """申请材料: one file of a case. kind: of data/approvals/materials.csv. inline: may be shown in the browser (else a
    download only). removed: taken back while the case was a draft or being supplemented; never deleted."""

    __tablename__ = "application_material"
    __table_args__ = (Index("application_material_application_ix", "application_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("place_name_application.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(40), nullable=False)
    filename: Mapped[str] = mapped_column(Text, nullable=False)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), nullable=False, index=True)
    media_type: Mapped[str] = mapped_column(Text, nullable=False)
    inline: Mapped[bool] = mapped_column(nullable=False)
    pages: Mapped[int | None] = mapped_column(Integer)
    added_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    added_at: Mapped[datetime] = now()
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class ApplicationOpinion(Base):
    """办理意见: a department's opinion, an expert review, an assessment, a reviewer's view, or a finding that was
    overruled in writing. Append-only.

    kind: opinion, expert, assessment, comment_report, review, overrule. stance: agree, agree_with_changes,
    disagree, none. rule: of an overruled finding. contents: the points that the Measures ask of a report.
    """

    __tablename__ = "application_opinion"
    __table_args__ = (
        CheckConstraint(
            "kind in ('opinion', 'expert', 'assessment', 'comment_report', 'review', 'overrule')",
            name="kind_known",
        ),
        CheckConstraint("stance in ('agree', 'agree_with_changes', 'disagree', 'none')", name="stance_known"),
        CheckConstraint("length(btrim(says)) > 0", name="says_something"),
        CheckConstraint("(kind = 'overrule') = (rule is not null)", name="overrule_has_rule"),
        Index("application_opinion_application_ix", "application_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("place_name_application.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    giver: Mapped[str | None] = mapped_column(Text)
    stance: Mapped[str] = mapped_column(String(20), nullable=False, server_default="none")
    says: Mapped[str] = mapped_column(Text, nullable=False)
    rule: Mapped[str | None] = mapped_column(Text)
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"))
    at: Mapped[datetime] = now()
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class CaseDocument(Base):
    """办理文书: a document of a case, a plan or an announcement, numbered by year (渝北民地名〔2026〕12号).

    kind: of maps.documents. facts: all that it is made from, so that the same row gives the same bytes. The files
    are null until the worker has made them; they are set once.
    """

    __tablename__ = "case_document"
    __table_args__ = (
        UniqueConstraint("district", "kind", "year", "serial"),
        CheckConstraint("serial > 0", name="serial_positive"),
        CheckConstraint(
            "num_nonnulls(application_id, plan_id, announcement_id) >= 1", name="belongs_somewhere"
        ),
        Index("case_document_application_ix", "application_id"),
        Index("case_document_plan_ix", "plan_id"),
        Index("case_document_announcement_ix", "announcement_id"),
        Index("case_document_waiting_ix", "id", postgresql_where=text("pdf_sha256 is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    kind: Mapped[str] = mapped_column(String(30), nullable=False)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    serial: Mapped[int] = mapped_column(Integer, nullable=False)
    number: Mapped[str] = mapped_column(Text, nullable=False)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("place_name_application.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("name_plan.id"))
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    dated: Mapped[date] = mapped_column(Date, nullable=False)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created: Mapped[datetime] = now()
    pdf_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"))
    docx_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"))
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class NumberSeries(Base):
    """编号: the last serial of a kind and year, taken in the transaction that uses it, so that none is left out."""

    __tablename__ = "number_series"

    district: Mapped[str] = mapped_column(String(6), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, nullable=False)
