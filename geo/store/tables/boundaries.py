"""Boundary lines, markers, tripoints, and the demarcation life of lines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, Versioned, geometry, version_rules
from geo.terms import LineState, MarkerKind

STATES = ", ".join(f"'{s.value}'" for s in LineState)
KINDS = ", ".join(f"'{k.value}'" for k in MarkerKind)


class BoundaryLine(Versioned, Base):
    """界线: one accepted version of a line's geometry and facts.

    code: min(unit9)-max(unit9), with -2 … where a pair has several lines; kept when units are recoded.
    left_code, right_code: units on either side in line direction. basis: what the line follows.
    """

    __tablename__ = "boundary_line"
    __table_args__ = (
        *version_rules("boundary_line"),
        CheckConstraint(r"code ~ '^[0-9]{6,9}-[0-9]{6,9}(-[0-9]+)?$'", name="code_form"),
        CheckConstraint("left_code <> right_code", name="two_units"),
        CheckConstraint("ST_IsSimple(geometry) and ST_NPoints(geometry) >= 2", name="geometry_simple"),
        CheckConstraint("length_m > 0", name="length_positive"),
    )

    code: Mapped[str] = mapped_column(String(30), ForeignKey("demarcation.code"), nullable=False)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    left_code: Mapped[str] = mapped_column(String(12), nullable=False, index=True)
    right_code: Mapped[str] = mapped_column(String(12), nullable=False, index=True)
    level: Mapped[str] = mapped_column(String(10), nullable=False)
    document: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    geometry: Mapped[object] = mapped_column(geometry("LINESTRING"), nullable=False)
    length_m: Mapped[float] = mapped_column(Float, nullable=False)


class BoundaryMarker(Versioned, Base):
    """界桩: one accepted version of a marker. number: line code + serial (3 digits) + type letter.

    geometry is the exact position and restricted; the public sees a generalised one.
    height: metres, 1985 national height datum.
    """

    __tablename__ = "boundary_marker"
    __table_args__ = (
        *version_rules("boundary_marker", key="number"),
        CheckConstraint(f"kind in ({KINDS})", name="kind_known"),
    )

    number: Mapped[str] = mapped_column(String(40), nullable=False)
    display_number: Mapped[str | None] = mapped_column(Text)
    line_code: Mapped[str] = mapped_column(ForeignKey("demarcation.code"), nullable=False, index=True)
    kind: Mapped[str] = mapped_column(String(1), nullable=False)
    height: Mapped[float | None] = mapped_column(Float)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    condition: Mapped[str | None] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    geometry: Mapped[object] = mapped_column(geometry("POINT"), nullable=False)


class Tripoint(Versioned, Base):
    """三交点: the point where three units meet."""

    __tablename__ = "tripoint"
    __table_args__ = (
        *version_rules("tripoint", key="number"),
        CheckConstraint("unit1 < unit2 and unit2 < unit3", name="units_in_order"),
    )

    number: Mapped[str] = mapped_column(String(60), nullable=False)
    unit1: Mapped[str] = mapped_column(String(12), nullable=False)
    unit2: Mapped[str] = mapped_column(String(12), nullable=False)
    unit3: Mapped[str] = mapped_column(String(12), nullable=False)
    height: Mapped[float | None] = mapped_column(Float)
    geometry: Mapped[object] = mapped_column(geometry("POINT"), nullable=False)


class Demarcation(Base):
    """勘界事项: one line to be demarcated, from undemarcated to settled: the current state of a line.

    A row exists for every pair of adjoining units, before any geometry does. `state` and `version`
    change only together with a DemarcationStep in the same transaction.
    """

    __tablename__ = "demarcation"
    __table_args__ = (CheckConstraint(f"state in ({STATES})", name="state_known"),)

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    unit_a: Mapped[str] = mapped_column(String(12), nullable=False, index=True)
    unit_b: Mapped[str] = mapped_column(String(12), nullable=False, index=True)
    level: Mapped[str] = mapped_column(String(10), nullable=False)
    district: Mapped[str] = mapped_column(String(6), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(20), nullable=False, server_default="undemarcated")
    in_dispute: Mapped[bool] = mapped_column(nullable=False, server_default="false")
    inspection_due: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class DistrictState(Base):
    """How often the published state of a district has changed: an inspection remembers which state it saw,
    and accepting compares. The row is also the lock that makes two acceptances follow each other."""

    __tablename__ = "district_state"

    district: Mapped[str] = mapped_column(String(6), primary_key=True)
    published: Mapped[int] = mapped_column(BigInteger, nullable=False, server_default="1")
    changed: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), nullable=False, server_default=func.now()
    )


class PublicShape(Base):
    """公开图形: the generalised geometry of a settled line or of a unit's outline in use.

    Made when a line is settled and when outlines are loaded, never from an unsettled line. kind: line
    or unit; valid and recorded as in a versioned record; tolerance_m: the generalisation of the day.
    """

    __tablename__ = "public_shape"
    __table_args__ = (
        ExcludeConstraint(
            ("kind", "="), ("code", "="), ("valid", "&&"), ("recorded", "&&"),
            using="gist", name="public_shape_one_version_excl",
        ),
        CheckConstraint("kind in ('line', 'unit')", name="kind_known"),
        CheckConstraint("not isempty(valid)", name="valid_not_empty"),
        CheckConstraint("not isempty(recorded)", name="recorded_not_empty"),
        CheckConstraint("tolerance_m >= 0", name="tolerance_not_negative"),
        CheckConstraint(
            "GeometryType(geometry) = case kind when 'line' then 'LINESTRING' else 'MULTIPOLYGON' end",
            name="geometry_fits_kind",
        ),
        CheckConstraint("(kind = 'line') = (line_id is not null)", name="line_has_version"),
        Index("public_shape_geometry_gist", "geometry", postgresql_using="gist"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(4), nullable=False)
    code: Mapped[str] = mapped_column(String(30), nullable=False)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("boundary_line.id"), index=True)
    valid: Mapped[Range[Any]] = mapped_column(DATERANGE, nullable=False)
    recorded: Mapped[Range[Any]] = mapped_column(
        TSTZRANGE, nullable=False, server_default=text("tstzrange(clock_timestamp(), null, '[)')")
    )
    tolerance_m: Mapped[float] = mapped_column(Float, nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
    geometry: Mapped[object] = mapped_column(geometry("GEOMETRY"), nullable=False)


class DemarcationStep(Base):
    """办理步骤: one step in a line's life, with its evidence. Append-only.

    on_date: the date of the document that the step rests on; evidence: a list of
    {kind, title, number, date, sha256}.
    """

    __tablename__ = "demarcation_step"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint(f"to_state in ({STATES})", name="to_state_known"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("demarcation.code"), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False)
    transition: Mapped[str] = mapped_column(String(40), nullable=False)
    from_state: Mapped[str] = mapped_column(String(20), nullable=False)
    to_state: Mapped[str] = mapped_column(String(20), nullable=False)
    on_date: Mapped[date] = mapped_column(Date, nullable=False)
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    )
    actor_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
