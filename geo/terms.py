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


class NameStatus(StrEnum):
    """地名状态: the standing of a name, and with it the duty of use (条例第十五至二十二条).

    Only a standard name must be used. An approved one waits for its announcement (公告); proposed and
    approved names are not public.
    """

    PROPOSED = "proposed"
    APPROVED = "approved"
    STANDARD = "standard"
    FORMER = "former"
    VANISHED = "vanished"
    HISTORIC = "historic"
    VARIANT = "variant"
    SHORT = "short"
    DIALECT = "dialect"

    @property
    def public(self) -> bool:
        return self not in (NameStatus.PROPOSED, NameStatus.APPROVED)

    @property
    def must_be_used(self) -> bool:
        """Whether the law asks everybody to use this name (应当使用)."""
        return self is NameStatus.STANDARD


NAME_STATUS_NAMES: dict[NameStatus, Text] = {
    NameStatus.PROPOSED: Text("拟用名", "Proposed"),
    NameStatus.APPROVED: Text("已批准未公告", "Approved, not yet announced"),
    NameStatus.STANDARD: Text("标准地名", "Standard name"),
    NameStatus.FORMER: Text("曾用名", "Former name"),
    NameStatus.VANISHED: Text("消失地名", "Vanished name"),
    NameStatus.HISTORIC: Text("历史地名", "Historic name"),
    NameStatus.VARIANT: Text("别名、异写", "Variant"),
    NameStatus.SHORT: Text("简称", "Short form"),
    NameStatus.DIALECT: Text("方言名", "Dialect name"),
}


class ApplicationAction(StrEnum):
    """申请事项: what an application asks for."""

    NAMING = "naming"
    RENAMING = "renaming"
    ABOLITION = "abolition"


APPLICATION_ACTION_NAMES: dict[ApplicationAction, Text] = {
    ApplicationAction.NAMING: Text("命名", "Naming"),
    ApplicationAction.RENAMING: Text("更名", "Renaming"),
    ApplicationAction.ABOLITION: Text("销名", "Abolition"),
}


class ApplicationState(StrEnum):
    """申请状态. `approved` holds until filing and announcement, two parallel duties, are both done: `closed`.

    Opinions, expert review, public comment and assessment are recorded inside `review`. A case that is decided
    elsewhere (another authority's) is `consulted` or `recorded` here.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SUPPLEMENT = "supplement"
    NOT_ACCEPTED = "not_accepted"
    ACCEPTED = "accepted"
    REVIEW = "review"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    REFUSED = "refused"
    CONSULTED = "consulted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    RECONSIDERATION = "reconsideration"


APPLICATION_STATE_NAMES: dict[ApplicationState, Text] = {
    ApplicationState.DRAFT: Text("草稿", "Draft"),
    ApplicationState.SUBMITTED: Text("已提交", "Submitted"),
    ApplicationState.SUPPLEMENT: Text("待补正", "Supplement asked"),
    ApplicationState.NOT_ACCEPTED: Text("不予受理", "Not accepted"),
    ApplicationState.ACCEPTED: Text("已受理", "Accepted"),
    ApplicationState.REVIEW: Text("审查中", "Under review"),
    ApplicationState.REVIEWED: Text("待决定", "Reviewed, to be decided"),
    ApplicationState.APPROVED: Text("已批准", "Approved"),
    ApplicationState.REFUSED: Text("不予批准", "Refused"),
    ApplicationState.CONSULTED: Text("已复函", "Opinion given"),
    ApplicationState.CLOSED: Text("已办结", "Closed"),
    ApplicationState.WITHDRAWN: Text("已撤回", "Withdrawn"),
    ApplicationState.LAPSED: Text("已失效", "Lapsed"),
    ApplicationState.RECONSIDERATION: Text("复议中", "Reconsideration"),
}


class FacilityStatus(StrEnum):
    """设施状态."""

    PLANNED = "planned"
    BUILDING = "building"
    ACCEPTED = "accepted"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


FACILITY_STATUS_NAMES: dict[FacilityStatus, Text] = {
    FacilityStatus.PLANNED: Text("规划", "Planned"),
    FacilityStatus.BUILDING: Text("在建", "Being built"),
    FacilityStatus.ACCEPTED: Text("已验收", "Accepted"),
    FacilityStatus.OPEN: Text("运营", "Open"),
    FacilityStatus.SUSPENDED: Text("暂停", "Suspended"),
    FacilityStatus.CLOSED: Text("停办", "Closed"),
}


class ProgrammeKind(StrEnum):
    """六个一批."""

    MUSEUM = "museum"
    PLAN = "plan"
    SIGN = "sign"
    MAP_LABEL = "map_label"
    PRODUCT = "product"
    EVENT = "event"


PROGRAMME_KIND_NAMES: dict[ProgrammeKind, Text] = {
    ProgrammeKind.MUSEUM: Text("乡村地名馆", "Museum of village names"),
    ProgrammeKind.PLAN: Text("地名方案", "Naming plan"),
    ProgrammeKind.SIGN: Text("地名标志牌", "Name sign"),
    ProgrammeKind.MAP_LABEL: Text("上图标注", "Label on the map"),
    ProgrammeKind.PRODUCT: Text("地名+产业、地名+美食", "Name and product"),
    ProgrammeKind.EVENT: Text("地名文化活动", "Event of name culture"),
}


class ProgrammeStatus(StrEnum):
    """进展."""

    PLANNED = "planned"
    UNDERWAY = "underway"
    DONE = "done"
    CHECKED = "checked"


PROGRAMME_STATUS_NAMES: dict[ProgrammeStatus, Text] = {
    ProgrammeStatus.PLANNED: Text("计划", "Planned"),
    ProgrammeStatus.UNDERWAY: Text("进行中", "Underway"),
    ProgrammeStatus.DONE: Text("完成", "Done"),
    ProgrammeStatus.CHECKED: Text("已验收", "Checked"),
}


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


USER_ROLE_NAMES: dict[UserRole, Text] = {
    UserRole.APPLICANT: Text("申请人", "Applicant"),
    UserRole.SURVEYOR: Text("测绘员", "Surveyor"),
    UserRole.ACCEPTANCE_OFFICER: Text("受理员", "Acceptance officer"),
    UserRole.REVIEWER: Text("审核员", "Reviewer"),
    UserRole.APPROVER: Text("审批员", "Approver"),
    UserRole.REGISTRAR: Text("登记员", "Registrar"),
    UserRole.FACILITY_EDITOR: Text("设施管理员", "Facility editor"),
    UserRole.FACILITY_OPERATOR: Text("设施运营方", "Facility operator"),
    UserRole.ADMINISTRATOR: Text("系统管理员", "Administrator"),
}
