"""All tables, so that one import knows the whole metadata."""

from geo.store.tables.announcements import (
    Announcement,
    AnnouncementCase,
    CommentPeriod,
    Filing,
    PublicComment,
)
from geo.store.tables.approvals import (
    ApplicationClock,
    ApplicationMaterial,
    ApplicationOpinion,
    ApplicationStep,
    CaseDocument,
    NamePlan,
    NumberSeries,
    PlaceNameApplication,
)
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
from geo.store.tables.exchange import IdempotencyKey, WebhookDelivery
from geo.store.tables.facilities import (
    CareFigure,
    CommunityArea,
    Facility,
    FacilityInspection,
    FacilityReport,
    PolicyArea,
    WalkNetwork,
)
from geo.store.tables.names import NameImport, NameSuccession, Place, PlaceName
from geo.store.tables.naming import BuiltUpArea, NameShape, NamingSetting, NamingWord
from geo.store.tables.people import (
    AuditEvent,
    FieldMapping,
    LoginSession,
    OidcPending,
    Organisation,
    OrganisationClaim,
    RateBucket,
    RoleGrant,
    StoredFile,
    User,
)
from geo.store.tables.programme import ProgrammeItem
from geo.store.tables.protection import ProtectionEntry, ProtectionList, ProtectionStep
from geo.store.tables.reports import ErrorReport
from geo.store.tables.submissions import FindingRow, Submission, SubmissionFeature, SubmissionFile
from geo.store.tables.units import AdminUnit, UnitSuccession

__all__ = [
    "SRID",
    "AdminUnit",
    "Announcement",
    "AnnouncementCase",
    "ApplicationClock",
    "ApplicationMaterial",
    "ApplicationOpinion",
    "ApplicationStep",
    "AuditEvent",
    "Base",
    "BoundaryLine",
    "BoundaryMarker",
    "BuiltUpArea",
    "CareFigure",
    "CaseDocument",
    "CommentPeriod",
    "CommunityArea",
    "Demarcation",
    "DemarcationStep",
    "DistrictState",
    "ErrorReport",
    "Facility",
    "FacilityInspection",
    "FacilityReport",
    "FieldMapping",
    "Filing",
    "FindingRow",
    "IdempotencyKey",
    "LoginSession",
    "NameImport",
    "NamePlan",
    "NameShape",
    "NameSuccession",
    "NamingSetting",
    "NamingWord",
    "NumberSeries",
    "OidcPending",
    "Organisation",
    "OrganisationClaim",
    "Place",
    "PlaceName",
    "PlaceNameApplication",
    "PolicyArea",
    "ProgrammeItem",
    "ProtectionEntry",
    "ProtectionList",
    "ProtectionStep",
    "PublicComment",
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
    "WalkNetwork",
    "WebhookDelivery",
]
