"""Official enumerations: unit levels, line states, marker kinds, and the words of this system's contract."""

from __future__ import annotations

from enum import StrEnum

from geo.text import Text


class Severity(StrEnum):
    """How much a finding (检查意见) weighs: an error blocks acceptance, a warning does not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Profile(StrEnum):
    """What a file is checked as: a township result (乡镇勘界成果) or any boundary file from anywhere."""

    TOWNSHIP = "township"
    GENERIC = "generic"


class Verdict(StrEnum):
    """检查结论: reject if any error, else accept-with-warning if any warning, else accept."""

    ACCEPT = "accept"
    ACCEPT_WITH_WARNING = "accept-with-warning"
    REJECT = "reject"


class Role(StrEnum):
    """What a layer holds: 界线, 界桩, 三交点, 政区面."""

    LINES = "lines"
    MARKERS = "markers"
    TRIPOINTS = "tripoints"
    POLYGONS = "polygons"


class UnitLevel(StrEnum):
    """行政区划级别."""

    PROVINCE = "province"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class LineState(StrEnum):
    """勘定状态 of a boundary line, in the order of a demarcation."""

    UNDEMARCATED = "undemarcated"
    PREPARING = "preparing"
    FIELD_SURVEY = "field_survey"
    ALIGNMENT_CONFIRMED = "alignment_confirmed"
    MARKERS_DONE = "markers_done"
    RESULTS_CHECKED = "results_checked"
    AGREEMENT_SIGNED = "agreement_signed"
    SUBMITTED = "submitted"
    SETTLED = "settled"
    CHANGING = "changing"


LINE_STATE_NAMES: dict[LineState, Text] = {
    LineState.UNDEMARCATED: Text("未勘定", "Undemarcated"),
    LineState.PREPARING: Text("准备", "Preparing"),
    LineState.FIELD_SURVEY: Text("外业勘测", "Field survey"),
    LineState.ALIGNMENT_CONFIRMED: Text("走向确认", "Alignment confirmed"),
    LineState.MARKERS_DONE: Text("界桩测定", "Markers surveyed"),
    LineState.RESULTS_CHECKED: Text("成果审查", "Results checked"),
    LineState.AGREEMENT_SIGNED: Text("协议签订", "Agreement signed"),
    LineState.SUBMITTED: Text("报批", "Submitted for approval"),
    LineState.SETTLED: Text("已勘定", "Settled"),
    LineState.CHANGING: Text("变更中", "Changing"),
}


class MarkerKind(StrEnum):
    """界桩类型 by type code (GB/T 17796): Q 单立, A/B 同号双立, C/D/E 同号三立."""

    SINGLE = "Q"
    TWIN_A = "A"
    TWIN_B = "B"
    TRIPLE_C = "C"
    TRIPLE_D = "D"
    TRIPLE_E = "E"


class SubmissionState(StrEnum):
    """成果提交状态. `checked` carries the verdict; accepting needs one without errors."""

    RECEIVED = "received"
    INSPECTING = "inspecting"
    CHECKED = "checked"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    FAILED = "failed"


class UserRole(StrEnum):
    """用户角色 (docs/contract.md)."""

    APPLICANT = "applicant"
    SURVEYOR = "surveyor"
    ACCEPTANCE_OFFICER = "acceptance_officer"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    REGISTRAR = "registrar"
    FACILITY_EDITOR = "facility_editor"
    FACILITY_OPERATOR = "facility_operator"
    ADMINISTRATOR = "administrator"
