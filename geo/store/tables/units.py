"""Administrative units (行政区划) over time, and which unit became which."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, Identity, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, Versioned, geometry, version_rules


class AdminUnit(Versioned, Base):
    """行政区划: a unit's name, level and parent while they were so.

    code: GB/T 2260 + GB/T 10114, the civil-affairs code, 2 to 12 digits; the key. statistical: the
    12-digit statistical code, which can differ. A change of name or parent is a new version; a change
    of code is a new unit and a row of UnitSuccession. geometry: polygon in EPSG:4490 and
    geometry_source says where it is from: derived (from accepted lines), imported, or demo.
    """

    __tablename__ = "admin_unit"
    __table_args__ = (
        *version_rules("admin_unit"),
        CheckConstraint("code ~ '^[0-9]{2,12}$'", name="code_digits"),
        CheckConstraint("level in ('province', 'county', 'township', 'village')", name="level_known"),
        CheckConstraint(
            "geometry_source is null or geometry_source in ('derived', 'imported', 'demo')",
            name="geometry_source_known",
        ),
        CheckConstraint("(geometry is null) = (geometry_source is null)", name="geometry_has_source"),
        Index("admin_unit_parent_ix", "parent_code"),
    )

    code: Mapped[str] = mapped_column(String(12), nullable=False)
    statistical: Mapped[str | None] = mapped_column(String(12), index=True)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    level: Mapped[str] = mapped_column(String(10), nullable=False)
    kind: Mapped[str | None] = mapped_column(String(20))
    parent_code: Mapped[str | None] = mapped_column(String(12))
    document: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, nullable=False)
    geometry: Mapped[object | None] = mapped_column(geometry("MULTIPOLYGON"))
    geometry_source: Mapped[str | None] = mapped_column(String(10))


class UnitSuccession(Base):
    """区划沿革: one unit became another, by which document (renamed, merged, split, recoded, moved)."""

    __tablename__ = "unit_succession"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    from_code: Mapped[str] = mapped_column(String(12), nullable=False, index=True)
    to_code: Mapped[str | None] = mapped_column(String(12), index=True)
    to_name: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    on_date: Mapped[date] = mapped_column(Date, nullable=False)
    document: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")
