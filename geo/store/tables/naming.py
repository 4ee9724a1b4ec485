"""What the naming rules go by: word lists, settings, built-up areas, and the sounds of every name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.tables.base import Base, Versioned, geometry, version_rules

_NOW = text("tstzrange(clock_timestamp(), null, '[)')")


class NamingWord(Base):
    """词表条目: one version of a word of a list. severity off: taken off the list, and kept off by whatever
    a later release brings. made_by: who changed it, null for a row of data/placenames."""

    __tablename__ = "naming_word"
    __table_args__ = (
        CheckConstraint("severity in ('error', 'warning', 'info', 'off')", name="severity_known"),
        CheckConstraint("match in ('anywhere', 'whole')", name="match_known"),
        CheckConstraint("length(word) between 1 and 60 and word = btrim(word)", name="word_is_one"),
        CheckConstraint("length(source) > 0 and length(reason) > 0", name="source_and_reason"),
        Index(
            "naming_word_current_key", "list", "word", unique=True,
            postgresql_where=text("upper_inf(recorded)"),
        ),
        Index("naming_word_word_ix", "word"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    list: Mapped[str] = mapped_column(String(20), nullable=False)
    word: Mapped[str] = mapped_column(Text, nullable=False)
    kind: Mapped[str] = mapped_column(Text, nullable=False)
    severity: Mapped[str] = mapped_column(String(10), nullable=False)
    match: Mapped[str] = mapped_column(String(10), nullable=False)
    source: Mapped[str] = mapped_column(Text, nullable=False)
    licence: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    recorded: Mapped[Range[Any]] = mapped_column(TSTZRANGE, nullable=False, server_default=_NOW)


class NamingSetting(Base):
    """审查设置: one version of a rule's switch, a threshold of a generic part, or a settled reading (审定读音).

    key: the rule's code; generic|category|attribute; or the text that is read. value: {on}; the row of
    generic_threshold.csv, {} for none; {reading, source}, {} for none.
    """

    __tablename__ = "naming_setting"
    __table_args__ = (
        CheckConstraint("kind in ('rule', 'threshold', 'reading')", name="kind_known"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
        Index(
            "naming_setting_current_key", "kind", "key", unique=True,
            postgresql_where=text("upper_inf(recorded)"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    key: Mapped[str] = mapped_column(Text, nullable=False)
    value: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    recorded: Mapped[Range[Any]] = mapped_column(TSTZRANGE, nullable=False, server_default=_NOW)


class BuiltUpArea(Versioned, Base):
    """建成区: the polygon in which streets, estates and buildings must not share a name."""

    __tablename__ = "built_up_area"
    __table_args__ = (
        *version_rules("built_up_area"),
        CheckConstraint("length(source) > 0", name="source_given"),
    )

    code: Mapped[str] = mapped_column(String(40), nullable=False)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    source: Mapped[str] = mapped_column(Text, nullable=False)
    geometry: Mapped[object] = mapped_column(geometry("MULTIPOLYGON"), nullable=False)


class NameShape(Base):
    """Index keys of a name in a category (geo.names.similar.keys); null until they are worked out. They follow
    from the two alone, so versions of the register share them."""

    __tablename__ = "name_shape"
    __table_args__ = (
        Index("name_shape_keys_gin", "keys", postgresql_using="gin"),
        Index("name_shape_due_ix", "name", postgresql_where=text("keys is null")),
    )

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    keys: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
