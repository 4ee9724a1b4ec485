"""The 乡村著名 programme: what its 六个一批 collect."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, Versioned, geometry, version_rules
from geo.store.tables.facilities import IN_DEGREES, SOURCES
from geo.terms import ProgrammeKind, ProgrammeStatus

KINDS = ", ".join(f"'{k.value}'" for k in ProgrammeKind)
STATUSES = ", ".join(f"'{s.value}'" for s in ProgrammeStatus)


class ProgrammeItem(Versioned, Base):
    """六个一批的一项: a museum of names (地名馆), a naming plan (地名方案), a sign (标志牌), a label on a map (上图标注), a
    product (地名+产业、地名+美食) or an event (文化活动).

    number: its own id through all versions. name_numbers: PlaceName.number of the names it belongs to. theme: of a
    product (industry, food), of a point of interest its kind. facts: the fields of its kind (place-names.md §12).
    """

    __tablename__ = "programme_item"
    __table_args__ = (
        *version_rules("programme_item", key="number"),
        CheckConstraint(f"kind in ({KINDS})", name="kind_known"),
        CheckConstraint(f"status in ({STATUSES})", name="status_known"),
        CheckConstraint(
            "length(title) between 1 and 100 and title = btrim(title) and title !~ '[[:cntrl:]]'", name="title_is_one"
        ),
        CheckConstraint("unit_code ~ '^[0-9]{6,12}$'", name="unit_digits"),
        CheckConstraint("(geometry is null) = (geometry_source is null)", name="geometry_has_source"),
        CheckConstraint(f"geometry_source in ({SOURCES})", name="geometry_source_known"),
        CheckConstraint(IN_DEGREES, name="geometry_in_degrees"),
        Index(
            "programme_item_code_key", "kind", "code", unique=True,
            postgresql_where=text("upper_inf(recorded) and upper_inf(valid) and code is not null"),
        ),
        Index("programme_item_kind_ix", "kind", postgresql_where=text("upper_inf(recorded)")),
        Index("programme_item_unit_code_ix", "unit_code", postgresql_ops={"unit_code": "text_pattern_ops"}),
        Index("programme_item_names_ix", "name_numbers", postgresql_using="gin"),
    )  # fmt: skip

    number: Mapped[int] = mapped_column(
        BigInteger, nullable=False, server_default=text("nextval('programme_item_number')")
    )
    code: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    title: Mapped[str] = mapped_column(Text, nullable=False)
    theme: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), nullable=False)
    unit_code: Mapped[str] = mapped_column(String(12), nullable=False)
    name_numbers: Mapped[list[int]] = mapped_column(JSONB, nullable=False, server_default="[]")
    says: Mapped[str | None] = mapped_column(Text)
    responsible: Mapped[str | None] = mapped_column(Text)
    on_date: Mapped[date | None] = mapped_column(Date)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, server_default="{}")
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    pictures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, server_default="[]")
    geometry: Mapped[object | None] = mapped_column(geometry("POINT"))
    geometry_source: Mapped[str | None] = mapped_column(String(10))
