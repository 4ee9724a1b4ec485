"""All tables, so that one import knows the whole metadata."""

from geo.store.tables.base import SRID, Base
from geo.store.tables.boundaries import (
    BoundaryLine,
    BoundaryMarker,
    Demarcation,
    DemarcationStep,
    DistrictState,
    PublicShape,
    Tripoint,
)
from geo.store.tables.names import NameImport, NameSuccession, Place, PlaceName
from geo.store.tables.naming import BuiltUpArea, NameShape, NamingSetting, NamingWord
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
from geo.store.tables.protection import ProtectionEntry, ProtectionList, ProtectionStep
from geo.store.tables.submissions import FindingRow, Submission, SubmissionFeature, SubmissionFile
from geo.store.tables.units import AdminUnit, UnitSuccession

__all__ = [
    "SRID",
    "AdminUnit",
    "AuditEvent",
    "Base",
    "BoundaryLine",
    "BoundaryMarker",
    "BuiltUpArea",
    "Demarcation",
    "DemarcationStep",
    "DistrictState",
    "FieldMapping",
    "FindingRow",
    "LoginSession",
    "NameImport",
    "NameShape",
    "NameSuccession",
    "NamingSetting",
    "NamingWord",
    "Organisation",
    "Place",
    "PlaceName",
    "ProtectionEntry",
    "ProtectionList",
    "ProtectionStep",
    "PublicShape",
    "RateBucket",
    "RoleGrant",
    "StoredFile",
    "Submission",
    "SubmissionFeature",
    "SubmissionFile",
    "Tripoint",
    "UnitSuccession",
    "User",
]
