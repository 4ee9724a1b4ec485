"""All tables, so that one import knows the whole metadata."""

from geo.store.tables.base import SRID, Base
from geo.store.tables.boundaries import BoundaryLine, BoundaryMarker, Demarcation, DemarcationStep, Tripoint
from geo.store.tables.people import (
    AuditEvent,
    FieldMapping,
    LoginSession,
    Organisation,
    RateBucket,
    RoleGrant,
    StoredFile,
    User,
)
from geo.store.tables.submissions import FindingRow, Submission, SubmissionFile
from geo.store.tables.units import AdminUnit, UnitSuccession

__all__ = [
    "SRID",
    "AdminUnit",
    "AuditEvent",
    "Base",
    "BoundaryLine",
    "BoundaryMarker",
    "Demarcation",
    "DemarcationStep",
    "FieldMapping",
    "FindingRow",
    "LoginSession",
    "Organisation",
    "RateBucket",
    "RoleGrant",
    "StoredFile",
    "Submission",
    "SubmissionFile",
    "Tripoint",
    "UnitSuccession",
    "User",
]
