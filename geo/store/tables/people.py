"""Organisations, users, roles, sessions and the audit trail."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geo.store.tables.base import Base, moment, new_uuid


class Organisation(Base):
    """机构: surveying firm (测绘单位), township, department, facility operator, committee, builder. citizen: one for each
    person who registered himself, so that he is nobody's colleague."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "kind in ('firm', 'township', 'department', 'operator', 'other', 'committee', 'builder', 'citizen')",
            name="kind_known",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text, nullable=False, unique=True)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    unit_code: Mapped[str | None] = mapped_column(String(12))
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")


class User(Base):
    """用户, in exactly one organisation. The login name is kept in lower case.

    must_change: the password was set by somebody else. phone: of one who registered himself; never public. oidc_*: the identity of a single sign-on (统一身份认证).
    version: goes up with every change that an administrator makes.
    """

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("login = lower(login) and length(login) > 0", name="login_lower"),
        CheckConstraint("(oidc_issuer is null) = (oidc_subject is null)", name="oidc_whole"),
        UniqueConstraint("oidc_issuer", "oidc_subject"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), nullable=False, unique=True)
    name: Mapped[str] = mapped_column(Text, nullable=False)
    phone: Mapped[str | None] = mapped_column(Text)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), nullable=False, index=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(nullable=False, server_default="true")
    failed_logins: Mapped[int] = mapped_column(nullable=False, server_default="0")
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    must_change: Mapped[bool] = mapped_column(nullable=False, server_default="false")
    password_changed: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    oidc_issuer: Mapped[str | None] = mapped_column(Text)
    oidc_subject: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")
    created: Mapped[datetime] = moment()
    demo: Mapped[bool] = mapped_column(nullable=False, server_default="false")

    organisation: Mapped[Organisation] = relationship()
    roles: Mapped[list[RoleGrant]] = relationship(cascade="all, delete-orphan")


class RoleGrant(Base):
    """Role (角色) that a user holds in a district."""

    __tablename__ = "role_grant"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(30), primary_key=True)
    district: Mapped[str] = mapped_column(String(6), primary_key=True)


class OrganisationClaim(Base):
    """机构身份申请: whom somebody who registered himself says that he applies for. It counts once an administrator has
    confirmed it. kind: of data/approvals/applicant_kinds.csv. answer: why it was confirmed or refused."""

    __tablename__ = "organisation_claim"
    __table_args__ = (
        CheckConstraint("kind in ('township', 'committee', 'builder', 'department', 'government')", name="kind_known"),
        CheckConstraint("state in ('waiting', 'confirmed', 'refused')", name="state_known"),
        CheckConstraint(
            "(state = 'waiting') = (decided_by is null) and (state = 'waiting' or length(answer) > 0)",
            name="decided_has_reason",
        ),
        CheckConstraint("length(btrim(organisation)) > 0", name="organisation_given"),
        Index(
            "organisation_claim_one_open_key", "user_id", unique=True, postgresql_where=text("state = 'waiting'")
        ),
        Index("organisation_claim_district_ix", "district", "state", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    district: Mapped[str] = mapped_column(String(6), nullable=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False, index=True)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    organisation: Mapped[str] = mapped_column(Text, nullable=False)
    unit_code: Mapped[str | None] = mapped_column(String(12))
    says: Mapped[str] = mapped_column(Text, nullable=False, server_default="")
    state: Mapped[str] = mapped_column(String(10), nullable=False, server_default="waiting")
    answer: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created: Mapped[datetime] = moment()

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class LoginSession(Base):
    """登录会话: an opaque token of which only the hash is stored."""

    __tablename__ = "login_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    csrf: Mapped[str | None] = mapped_column(String(64))
    scopes: Mapped[list[str] | None] = mapped_column(JSONB)
    label: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = moment()
    last_seen: Mapped[datetime] = moment()
    expires: Mapped[datetime] = mapped_column(DateTime(timezone=True), nullable=False)


class OidcPending(Base):
    """A single sign-on (统一身份认证) that has been begun: what its answer must fit. Good for minutes, used once."""

    __tablename__ = "oidc_pending"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    nonce: Mapped[str] = mapped_column(Text, nullable=False)
    verifier: Mapped[str] = mapped_column(Text, nullable=False)
    back: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = moment()


class AuditEvent(Base):
    """审计记录: who did what, when, before, after, why. Append-only by database privilege; each row
    holds the hash of the one before it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("audit_event_subject_ix", "subject_kind", "subject"),
        Index("audit_event_at_ix", "at"),
        Index("audit_event_actor_ix", "actor_id", "id"),
        Index("audit_event_act_ix", "act", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), nullable=False, server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    actor: Mapped[str] = mapped_column(Text, nullable=False)
    act: Mapped[str] = mapped_column(String(60), nullable=False)
    subject_kind: Mapped[str] = mapped_column(String(40), nullable=False)
    subject: Mapped[str] = mapped_column(Text, nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    before: Mapped[Any | None] = mapped_column(JSONB)
    after: Mapped[Any | None] = mapped_column(JSONB)
    address: Mapped[str | None] = mapped_column(INET)
    algorithm: Mapped[str] = mapped_column(String(10), nullable=False)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary, nullable=False, unique=True)


class StoredFile(Base):
    """A file kept by its SHA-256 (原始文件): the bytes lie under var/files, named by the digest."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, nullable=False)
    media_type: Mapped[str] = mapped_column(Text, nullable=False)
    created: Mapped[datetime] = moment()


class FieldMapping(Base):
    """A field mapping (字段对应) that a firm set by hand, kept for its next upload."""

    __tablename__ = "field_mapping"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_uuid)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), nullable=False, index=True)
    signature: Mapped[str] = mapped_column(Text, nullable=False)
    role: Mapped[str] = mapped_column(String(20), nullable=False)
    fields: Mapped[dict[str, str]] = mapped_column(JSONB, nullable=False)
    set_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), nullable=False)
    set_at: Mapped[datetime] = moment()


class RateBucket(Base):
    """令牌桶: how many more tries one key has (logins of an address, uploads of a person).

    key: a digest, never a name or an address. An unlogged table: losing it in a crash costs nothing.
    """

    __tablename__ = "rate_bucket"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tokens: Mapped[float] = mapped_column(Float, nullable=False)
    refilled: Mapped[datetime] = mapped_column(DateTime(timezone=True), nullable=False)
