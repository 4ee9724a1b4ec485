"""Facilities (设施), what is reported about them, areas of policy, residents and the street network."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, Versioned, geometry, now, version_rules
from geo.terms import FacilityStatus

STATUSES = ", ".join(f"'{s.value}'" for s in FacilityStatus)
SOURCES = "'surveyed', 'imported', 'derived', 'demo'"
IN_DEGREES = (
    "geometry is null or (ST_XMin(geometry) >= -180 and ST_XMax(geometry) <= 180"
    " and ST_YMin(geometry) >= -90 and ST_YMax(geometry) <= 90)"
)


class Facility(Versioned, Base):
    """设施: one version of a facility; elderly care first, any further kind by a row of data/facilities/kinds.csv.

    number: its own id through all versions. code: the key of the list it came from, by which an import finds it
    again. kind: code of the kind (E06 老年食堂 …). mode: one of the seven canteen modes. operator_id: 运营机构, whose
    people report its vacancies and hours. geometry: the entrance, EPSG:4490. hours, prices, access, services: see
    geo/facilities. facts: what else the kind asks for. internal: 消防、检查等, never public. restricted: its address is
    not public. checked_on: 核实日期, when somebody last made sure of it.
    """

    __tablename__ = "facility"
    __table_args__ = (
        *version_rules("facility", key="number"),
        CheckConstraint("kind ~ '^[A-Z][0-9]{2}$'", name="kind_form"),
        CheckConstraint(f"status in ({STATUSES})", name="status_known"),
        CheckConstraint("length(name) between 1 and 100 and name = btrim(name) and name !~ '[[:cntrl:]]'", name="name_is_one"),
        CheckConstraint("unit_code ~ '^[0-9]{6,12}$'", name="unit_digits"),
        CheckConstraint("beds >= 0 and nursing_beds >= 0 and nursing_beds <= beds", name="beds_fit"),
        CheckConstraint("(geometry is null) = (geometry_source is null)", name="geometry_has_source"),
        CheckConstraint(f"geometry_source in ({SOURCES})", name="geometry_source_known"),
        CheckConstraint(IN_DEGREES, name="geometry_in_degrees"),
        Index(
            "facility_code_key", "code", unique=True,
            postgresql_where=text("upper_inf(recorded) and upper_inf(valid) and code is not null"),
        ),
        Index("facility_kind_ix", "kind", postgresql_where=text("upper_inf(recorded)")),
        Index("facility_unit_code_ix", "unit_code", postgresql_ops={"unit_code": "text_pattern_ops"}),
        Index("facility_operator_ix", "operator_id"),
    )  # fmt: skip

    number: Mapped[int] = mapped_column(
        BigInteger, nullable=False, server_default=text("nextval('facility_number')")
    )
    code: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    kind: Mapped[str] = mapped_column(String(3), nullable=False)
    sub_kind: Mapped[str | None] = mapped_column(Text)
    mode: Mapped[str | None] = mapped_column(Text)
    nature: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), nullable=False)
    grade: Mapped[str | None] = mapped_column(Text)
    unit_code: Mapped[str] = mapped_column(String(12), nullable=False)
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    operator: Mapped[str | None] = mapped_column(Text)
    beds: Mapped[int | None] = mapped_column(Integer)
    nursing_beds: Mapped[int | None] = mapped_column(Integer)
    services: Mapped[list[str]] = mapped_column(JSONB, nullable=False, server_default="[]")
    hours: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    prices: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    access: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    internal: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    restricted: Mapped[bool] = mapped_column(nullable=False, server_default="false")
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    pictures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    checked_on: Mapped[date | None] = mapped_column(Date)
    geometry: Mapped[object | None] = mapped_column(geometry("POINT"))
    geometry_source: Mapped[str | None] = mapped_column(String(10))


class FacilityReport(Base):
    """机构上报: vacancies (空床) and today's notice, as the operator reports them. The last one counts. Append-only."""

    __tablename__ = "facility_report"
    __table_args__ = (
        CheckConstraint("vacancies >= 0 and nursing_vacancies >= 0", name="vacancies_positive"),
        Index("facility_report_number_ix", "number", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, nullable=False)
    vacancies: Mapped[int | None] = mapped_column(Integer)
    nursing_vacancies: Mapped[int | None] = mapped_column(Integer)
    notice: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = now()
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class FacilityInspection(Base):
    """检查记录: internal, never public. Append-only."""

    __tablename__ = "facility_inspection"
    __table_args__ = (
        CheckConstraint("length(btrim(says)) > 0", name="says_something"),
        Index("facility_inspection_number_ix", "number", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, nullable=False)
    on_date: Mapped[date] = mapped_column(Date, nullable=False)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    says: Mapped[str] = mapped_column(Text, nullable=False)
    hazards: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    at: Mapped[datetime] = now()
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class CareFigure(Base):
    """月报数: one figure of a township and month (家庭养老床位, 上门服务人次 …), of data/facilities/figures.csv. The last
    one entered counts. Append-only."""

    __tablename__ = "care_figure"
    __table_args__ = (
        CheckConstraint("value >= 0", name="value_positive"),
        CheckConstraint("extract(day from month) = 1", name="month_begins"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
        Index("care_figure_key_ix", "figure", "unit_code", "month", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    figure: Mapped[str] = mapped_column(String(40), nullable=False)
    unit_code: Mapped[str] = mapped_column(String(12), nullable=False)
    month: Mapped[date] = mapped_column(Date, nullable=False)
    value: Mapped[Any] = mapped_column(Numeric(12, 2), nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    at: Mapped[datetime] = now()
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class CommunityArea(Versioned, Base):
    """社区（村）范围与六十岁以上常住人口: an area and its total of residents 60+, never persons. code: the unit's."""

    __tablename__ = "community_area"
    __table_args__ = (
        *version_rules("community_area", key="code"),
        CheckConstraint("code ~ '^[0-9]{9,12}$'", name="code_digits"),
        CheckConstraint("elders >= 0", name="elders_positive"),
        CheckConstraint("(elders is null) = (elders_on is null)", name="elders_have_date"),
    )

    code: Mapped[str] = mapped_column(String(12), nullable=False)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    elders: Mapped[int | None] = mapped_column(Integer)
    elders_on: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text, nullable=False)
    geometry: Mapped[object] = mapped_column(geometry("MULTIPOLYGON"), nullable=False)


class PolicyArea(Versioned, Base):
    """政策区域 (火葬区 …): an area before or after a change, with the document and the day from which it holds."""

    __tablename__ = "policy_area"
    __table_args__ = (
        *version_rules("policy_area", key="code"),
        CheckConstraint("length(kind) > 0 and length(name) > 0", name="named"),
        CheckConstraint("length(document) > 0", name="document_given"),
    )

    code: Mapped[str] = mapped_column(Text, nullable=False)
    kind: Mapped[str] = mapped_column(String(30), nullable=False)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    level: Mapped[str | None] = mapped_column(String(20))
    unit_code: Mapped[str] = mapped_column(String(12), nullable=False)
    document: Mapped[str] = mapped_column(Text, nullable=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    geometry: Mapped[object] = mapped_column(geometry("MULTIPOLYGON"), nullable=False)


class WalkNetwork(Base):
    """步行路网: one state of the street network, kept as a file (see geo/walking). The newest of a district counts."""

    __tablename__ = "walk_network"
    __table_args__ = (
        CheckConstraint("length(reason) > 0 and length(source) > 0", name="reason_given"),
        Index("walk_network_district_ix", "district", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    dated: Mapped[date] = mapped_column(Date, nullable=False)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), nullable=False)
    nodes: Mapped[int] = mapped_column(Integer, nullable=False)
    edges: Mapped[int] = mapped_column(Integer, nullable=False)
    source: Mapped[str] = mapped_column(Text, nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    at: Mapped[datetime] = now()
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
