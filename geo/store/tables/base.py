"""Base of all tables: one naming convention, one schema, and the columns that every version carries."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}

#: Stored reference system: CGCS2000 geographic, longitude first in every geometry.
SRID = 4490


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


def geometry(kind: str) -> Geometry:
    """A geometry column of one kind in the stored system; its GiST index is declared with the table."""
    return Geometry(kind, srid=SRID, spatial_index=False)


def new_uuid() -> uuid.UUID:
    return uuid.uuid4()


class Versioned:
    """A published record (in force over time): nothing is updated in place.

    valid: when it is in force (legal time, days). recorded: when the database has held it so
    (transaction time); a correction closes `recorded` and adds a row. A trigger refuses every other
    update and every deletion. submission_id and made_by say where it came from; demo marks
    demonstration data.
    """

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    valid: Mapped[Range[Any]] = mapped_column(DATERANGE, nullable=False)
    recorded: Mapped[Range[Any]] = mapped_column(
        # Not now(): two versions made in one transaction must not begin at the same moment.
        TSTZRANGE,
        nullable=False,
        server_default=text("tstzrange(clock_timestamp(), null, '[)')"),
    )
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")

    @declared_attr
    def submission_id(cls) -> Mapped[uuid.UUID | None]:
        return mapped_column(ForeignKey("submission.id"), index=True)

    @declared_attr
    def made_by(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("app_user.id"), nullable=False)


def version_rules(table: str, key: str = "code", geometry_column: str | None = "geometry") -> tuple[Any, ...]:
    """Constraints of a versioned table: one version of a key at a time, no empty validity, indexes."""
    rules: list[Any] = [
        ExcludeConstraint(
            (key, "="), ("valid", "&&"), ("recorded", "&&"), using="gist", name=f"{table}_one_version_excl"
        ),
        CheckConstraint("not isempty(valid)", name="valid_not_empty"),
        CheckConstraint("not isempty(recorded)", name="recorded_not_empty"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
        Index(f"{table}_{key}_ix", key),
    ]
    if geometry_column:
        rules.append(Index(f"{table}_{geometry_column}_gist", geometry_column, postgresql_using="gist"))
    return tuple(rules)


def moment() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), nullable=False, server_default=func.now())


def now() -> Mapped[datetime]:
    """The moment of the row itself, later than its transaction's."""
    return mapped_column(DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())
