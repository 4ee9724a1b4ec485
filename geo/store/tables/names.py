"""The register of place names (地名) over time: places, their names, and which name became which."""

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
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.names.categories import Category
from geo.store.tables.base import Base, Versioned, geometry, moment, new_uuid, version_rules
from geo.terms import NameStatus

CATEGORIES = ", ".join(f"'{c.value}'" for c in Category)
STATUSES = ", ".join(f"'{s.value}'" for s in NameStatus)


class Place(Base):
    """地理实体: the thing that is named. Several names belong to one place; its id is the stable one of the
    place's URI, for good."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    created: Mapped[Any] = moment()
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class PlaceName(Versioned, Base):
    """地名: one version of one name of a place.

    number: the name's own id through all its versions. place_id: what it names. code: 地名代码 (20 digits)
    or the code of the list that it came from; an import finds its row again by it. unit_code: the unit that
    it lies in; names_unit: the unit whose own name it is. status: its standing, and with it the duty of use.
    document: the approval, or the official list that the name was taken over from; no name is standard
    without one (条例第四条). readings: a settled reading, one syllable a character. sources: a list of
    {title, url, note}; pictures: a list of {sha256, caption, licence}; facts: what else the census form
    holds. importance: 0 (least) to 100, for ranking. geometry: any kind, EPSG:4490; geometry_source:
    surveyed, imported, derived, or demo.
    """

    __tablename__ = "place_name"
    __table_args__ = (
        *version_rules("place_name", key="number"),
        CheckConstraint(f"category in ({CATEGORIES})", name="category_known"),
        CheckConstraint(f"status in ({STATUSES})", name="status_known"),
        CheckConstraint(
            "length(name) between 1 and 100 and name = btrim(name) and name !~ '[[:cntrl:]]'",
            name="name_is_one",
        ),
        CheckConstraint(
            "status not in ('standard', 'approved') or coalesce(length(document), 0) > 0", name="standard_has_document"
        ),
        CheckConstraint("unit_code ~ '^[0-9]{2,12}$'", name="unit_digits"),
        CheckConstraint("gb_code ~ '^[0-9]{5}$'", name="gb_digits"),
        CheckConstraint("importance between 0 and 100", name="importance_in_range"),
        CheckConstraint("(geometry is null) = (geometry_source is null)", name="geometry_has_source"),
        CheckConstraint(
            "geometry_source in ('surveyed', 'imported', 'derived', 'demo')", name="geometry_source_known"
        ),
        CheckConstraint(
            "geometry is null or (ST_XMin(geometry) >= -180 and ST_XMax(geometry) <= 180"
            " and ST_YMin(geometry) >= -90 and ST_YMax(geometry) <= 90)",
            name="geometry_in_degrees",
        ),
        # One standard name of a place, and one standard name of a code, in force without end.
        Index(
            "place_name_place_standard_key", "place_id", unique=True,
            postgresql_where=text("upper_inf(recorded) and upper_inf(valid) and status = 'standard'"),
        ),
        Index(
            "place_name_code_standard_key", "code", unique=True,
            postgresql_where=text("upper_inf(recorded) and upper_inf(valid) and status = 'standard'"),
        ),
        Index(
            "place_name_gone_ix", "number",
            postgresql_where=text("status in ('former', 'vanished', 'historic')"),
        ),
        Index("place_name_place_ix", "place_id"),
        Index("place_name_code_ix", "code"),
        Index("place_name_name_ix", "name"),
        Index(
            "place_name_scope_ix", "name", "category", "unit_code", postgresql_where=text("upper_inf(recorded)")
        ),
        Index("place_name_specific_ix", "specific", "category"),
        Index("place_name_unit_code_ix", "unit_code", postgresql_ops={"unit_code": "text_pattern_ops"}),
    )  # fmt: skip

    number: Mapped[int] = mapped_column(
        BigInteger, nullable=False, server_default=text("nextval('place_name_number')")
    )
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), nullable=False)
    code: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    specific: Mapped[str] = mapped_column(Text, nullable=False)
    generic: Mapped[str] = mapped_column(Text, nullable=False)
    romanization: Mapped[str] = mapped_column(Text, nullable=False)
    readings: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    category: Mapped[str] = mapped_column(Text, nullable=False)
    gb_code: Mapped[str | None] = mapped_column(String(5))
    status: Mapped[str] = mapped_column(String(10), nullable=False)
    unit_code: Mapped[str] = mapped_column(Text, nullable=False)
    names_unit: Mapped[str | None] = mapped_column(String(12), index=True)
    meaning: Mapped[str | None] = mapped_column(Text)
    origin: Mapped[str | None] = mapped_column(Text)
    history: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_on: Mapped[date | None] = mapped_column(Date)
    announcement: Mapped[str | None] = mapped_column(Text)
    announced_on: Mapped[date | None] = mapped_column(Date)
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    pictures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    importance: Mapped[int] = mapped_column(SmallInteger, nullable=False, server_default="0")
    geometry: Mapped[object | None] = mapped_column(geometry("GEOMETRY"))
    geometry_source: Mapped[str | None] = mapped_column(String(10))


class NameSuccession(Base):
    """地名沿革: one name gave way to another, or ended, by which document. Append-only.

    kind: renamed (the place stayed), merged, split, moved (to another unit), recoded, abolished,
    vanished (the place itself is gone; to_number is null).
    """

    __tablename__ = "name_succession"
    __table_args__ = (
        CheckConstraint(
            "kind in ('renamed', 'merged', 'split', 'moved', 'recoded', 'abolished', 'vanished')",
            name="kind_known",
        ),
        CheckConstraint("length(source) > 0", name="source_given"),
        CheckConstraint("from_number <> to_number", name="another_name"),
        Index("name_succession_from_ix", "from_number"),
        Index("name_succession_to_ix", "to_number"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    from_number: Mapped[int] = mapped_column(BigInteger, nullable=False)
    to_number: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    on_date: Mapped[date] = mapped_column(Date, nullable=False)
    document: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, nullable=False)
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class NameImport(Base):
    """地名导入: a file of names on its way into the register, and what became of it.

    options: what the person gave (document, on, source, status, category, unit, mapping, sheet, encoding, crs).
    dry_run: everything but keeping it. rows: of the file; done: taken so far. result: counts, mapping, headings
    and the first bad rows; report_sha256: all of them as a CSV. problem: why it failed ({code, zh, en}).
    """

    __tablename__ = "name_import"
    __table_args__ = (
        CheckConstraint("state in ('received', 'running', 'done', 'failed')", name="state_known"),
        Index("name_import_created_ix", "created"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_uuid)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), nullable=False)
    filename: Mapped[str] = mapped_column(Text, nullable=False)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    dry_run: Mapped[bool] = mapped_column(nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="received")
    attempts: Mapped[int] = mapped_column(SmallInteger, nullable=False, server_default="0")
    rows: Mapped[int | None] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger, nullable=False, server_default="0")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    report_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"))
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    created: Mapped[Any] = moment()
    finished: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
