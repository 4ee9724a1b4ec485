"""成果提交的办理: what may happen to a submission, by whom, and what each step needs."""

from __future__ import annotations

from dataclasses import dataclass

from geo.machine import Guard, Machine, Transition
from geo.terms import Profile, Verdict
from geo.terms import SubmissionState as S
from geo.terms import UserRole as R
from geo.text import Text

SUBMISSION_STATE_NAMES: dict[S, Text] = {
    S.RECEIVED: Text("已收到", "Received"),
    S.INSPECTING: Text("检查中", "Being checked"),
    S.CHECKED: Text("已检查", "Checked"),
    S.RETURNED: Text("已退回", "Returned"),
    S.ACCEPTED: Text("已接受", "Accepted"),
    S.SUPERSEDED: Text("已被替代", "Superseded"),
    S.FAILED: Text("检查失败", "Check failed"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step's guards are asked with.

    own: the person submitted it; own_organisation: someone of the person's organisation did. replaced: a
    later submission takes its place.
    """

    own: bool = False
    own_organisation: bool = False
    verdict: Verdict | None = None
    profile: Profile = Profile.TOWNSHIP
    replaced: bool = False


NOT_OWN = Guard(
    Text(
        "另一单位的审核人员（提交人及其单位不能审核自己的成果）",
        "an officer of another organisation: nobody decides on a submission of his own organisation",
    ),
    lambda f: not f.own and not f.own_organisation,
)
OWN_ORGANISATION = Guard(
    Text("提交单位的人员", "someone of the organisation that submitted it"), lambda f: f.own_organisation
)
NO_ERRORS = Guard(
    Text("没有错误的检查结论（请先修正或退回）", "a verdict without errors: have it mended, or return it"),
    lambda f: f.verdict in (Verdict.ACCEPT, Verdict.ACCEPT_WITH_WARNING),
)
TOWNSHIP = Guard(
    Text(
        "按“乡镇勘界成果”检查（通用检查的文件不能入库）",
        "a check in profile township: a file of profile generic is not a boundary result",
    ),
    lambda f: f.profile is Profile.TOWNSHIP,
)
NOT_REPLACED = Guard(
    Text("最新一次提交（此份已被重新提交替代）", "the latest submission: this one was submitted anew"),
    lambda f: not f.replaced,
)

SURVEYORS = frozenset({R.SURVEYOR, R.REVIEWER, R.APPROVER})
DECIDERS = frozenset({R.REVIEWER, R.APPROVER})

LIFE = Machine(
    "submission",
    (
        Transition(
            "recheck", (S.CHECKED.value, S.RETURNED.value, S.FAILED.value), S.RECEIVED.value, SURVEYORS,
            Text("重新检查", "Check again"), (OWN_ORGANISATION, NOT_REPLACED),
        ),
        Transition(
            "resubmit", (S.CHECKED.value, S.RETURNED.value, S.FAILED.value), S.SUPERSEDED.value, SURVEYORS,
            Text("重新提交", "Submit anew"), (OWN_ORGANISATION, NOT_REPLACED),
        ),
        Transition(
            "accept", (S.CHECKED.value,), S.ACCEPTED.value, frozenset({R.APPROVER}),
            Text("接受成果", "Accept"), (NOT_OWN, TOWNSHIP, NO_ERRORS, NOT_REPLACED),
        ),
        Transition(
            "return", (S.CHECKED.value, S.FAILED.value), S.RETURNED.value, DECIDERS,
            Text("退回", "Return"), (NOT_OWN, NOT_REPLACED),
        ),
    ),
)  # fmt: skip
