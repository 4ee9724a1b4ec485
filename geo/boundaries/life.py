"""勘定状态: the life of a boundary line from undemarcated to settled, and who may take which step.

Source: DB50/T 1621-2024 (annexes by name) and State Council Order 353 (articles 2, 4,
9, 13). Nothing is skipped. `results_checked` is entered only by accepting a submission, from whatever state
before it the line is in: that is what the submission's check and the approver's acceptance vouch for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geo.machine import Guard, GuardUnmet, Machine, Transition
from geo.terms import LineState as S
from geo.terms import UserRole as R
from geo.text import Text

#: 证据: the kinds of documents that a step rests on.
EVIDENCE: Mapping[str, Text] = {
    "work_plan": Text("勘界工作方案", "work plan"),
    "contacts": Text("双方负责人与联系人名单", "leaders and contacts of both sides"),
    "base_maps": Text("工作底图", "base maps"),
    "direction_map": Text("界线方向图", "line direction map"),
    "work_map": Text("勘界工作图", "demarcation work map"),
    "investigation": Text("边界调查材料", "boundary investigation"),
    "claims": Text("双方边界主张线图", "maps of both sides' claims"),
    "survey_files": Text("外业勘测资料", "files of the field survey"),
    "alignment_map": Text("界线走向确认图（双方签字）", "alignment confirmation map, signed by both sides"),
    "marker_forms": Text("界桩登记表", "marker registration forms"),
    "marker_table": Text("界桩成果表", "marker result table"),
    "no_markers": Text("不设界桩的说明", "statement that the line has no markers"),
    "photos": Text("界桩照片", "marker photographs"),
    "submission": Text("审查通过的成果提交", "accepted submission"),
    "agreement": Text(
        "行政区域界线协议书（双方签字盖章）", "boundary agreement, signed and sealed by both sides"
    ),
    "agreement_map": Text(
        "协议书附图（双方签字盖章）", "map attached to the agreement, signed and sealed by both sides"
    ),
    "request": Text("报批请示及全套成果", "request for approval with the full set of results"),
    "approval": Text("批准文件", "approval document"),
    "announcement": Text("公布通告", "public announcement"),
    "archive": Text("归档编号", "archive number"),
    "change_approval": Text("行政区域界线变更批准文件", "approval of the boundary change"),
    "dispute": Text("争议材料", "dispute papers"),
    "settlement": Text("争议处理协议或决定", "agreement or decision that ends the dispute"),
    "other": Text("其他材料", "other papers"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step's guards are asked with.

    evidence: of this step, each {kind, title, number, date, sha256, signed_by}; signed_by lists the unit
    codes whose signature and seal the document bears. before: the evidence of all steps before it, since
    the line was last opened for change. sides: the two units. submission: the accepted submission, only
    inside its acceptance. geometry: whether an accepted geometry is in force. moved: whether a new geometry was accepted
    since the line was opened for change.
    """

    evidence: Sequence[Mapping[str, Any]] = ()
    before: Sequence[Mapping[str, Any]] = ()
    sides: tuple[str, str] = ("", "")
    submission: str | None = None
    geometry: bool = False
    moved: bool = False
    in_dispute: bool = False
    on_date: date | None = None
    signed: frozenset[str] = field(default_factory=frozenset)

    def of(self, kind: str, *, earlier: bool = False) -> list[Mapping[str, Any]]:
        """The documents of one kind, of this step or also of those before."""
        rows = [*self.evidence, *(self.before if earlier else ())]
        return [row for row in rows if row.get("kind") == kind]


def has(kind: str, *, file: bool = True) -> Guard:
    """The document is attached: named, and its file kept where one is asked for."""

    def holds(facts: Facts) -> bool:
        return any(not file or row.get("sha256") for row in facts.of(kind))

    return Guard(EVIDENCE[kind], holds)


def either(*kinds: str) -> Guard:
    """One of several documents."""
    words = [EVIDENCE[kind] for kind in kinds]
    return Guard(
        Text("或".join(t.zh for t in words), " or ".join(t.en for t in words)),
        lambda facts: any(row.get("sha256") for kind in kinds for row in facts.of(kind)),
    )


def numbered(kind: str, *, earlier: bool = False) -> Guard:
    """The document has a number and a date (文号、日期)."""
    what = EVIDENCE[kind]
    return Guard(
        Text(f"{what.zh}的文号和日期", f"number and date of the {what.en}"),
        lambda facts: any(row.get("number") and row.get("date") for row in facts.of(kind, earlier=earlier)),
    )


def signed_by_both(kind: str) -> Guard:
    """Both units have signed and sealed the document."""
    what = EVIDENCE[kind]
    return Guard(
        Text(f"{what.zh}：双方签字", f"both sides' signatures on the {what.en}"),
        lambda facts: any(set(facts.sides) <= set(row.get("signed_by") or ()) for row in facts.of(kind)),
    )


AGREED = Guard(
    Text("双方签字盖章的协议书", "an agreement signed and sealed by both sides"),
    lambda facts: any(
        row.get("sha256") and set(facts.sides) <= set(row.get("signed_by") or ())
        for row in facts.of("agreement", earlier=True)
    ),
)
ACCEPTED = Guard(
    Text("审查通过的成果提交（在“成果提交”中接受）", "an accepted submission: accept one under submissions"),
    lambda facts: facts.submission is not None,
)
GEOMETRY = Guard(Text("已接受的界线成果", "an accepted geometry of the line"), lambda facts: facts.geometry)
UNDISPUTED = Guard(
    Text("先解决争议并撤销争议标志", "the dispute's end: clear the flag first"),
    lambda facts: not facts.in_dispute,
)
DISPUTED = Guard(Text("争议标志", "the dispute flag"), lambda facts: facts.in_dispute)
NOT_MOVED = Guard(
    Text(
        "未变更的界线（新成果已接受，不能撤销变更）",
        "an unchanged line: a new geometry has already been accepted",
    ),
    lambda facts: not facts.moved,
)

OFFICERS = frozenset({R.REVIEWER, R.APPROVER})
APPROVERS = frozenset({R.APPROVER})
EARLY = (S.UNDEMARCATED, S.PREPARING, S.FIELD_SURVEY, S.ALIGNMENT_CONFIRMED, S.MARKERS_DONE)
EVERYWHERE = tuple(S)

#: Steps that leave the state as it is.
SET_DISPUTE, CLEAR_DISPUTE = "set_dispute", "clear_dispute"
#: The step that accepting a submission takes.
ACCEPT = "check_results"
SETTLE = "settle"


def _step(name: str, from_: Iterable[S], to: S | None, by: frozenset[R], says: Text, *guards: Guard, evidence: tuple[str, ...] = ()) -> Transition:  # fmt: skip
    return Transition(
        name, tuple(s.value for s in from_), "" if to is None else to.value, by, says, guards, evidence
    )


LIFE = Machine(
    "boundary line",
    (
        _step("prepare", (S.UNDEMARCATED,), S.PREPARING, OFFICERS, Text("启动勘界准备", "Start preparing"),
              has("work_plan"), has("contacts", file=False), has("base_maps", file=False), has("direction_map"),
              evidence=("work_plan", "contacts", "base_maps", "direction_map")),
        _step("start_survey", (S.PREPARING, S.CHANGING), S.FIELD_SURVEY, OFFICERS, Text("开展外业勘测", "Start the field survey"),
              has("work_map"), has("investigation"), evidence=("work_map", "investigation", "claims", "survey_files")),
        _step("confirm_alignment", (S.FIELD_SURVEY,), S.ALIGNMENT_CONFIRMED, OFFICERS, Text("确认界线走向", "Confirm the alignment"),
              has("alignment_map"), signed_by_both("alignment_map"), UNDISPUTED, evidence=("alignment_map",)),
        _step("finish_markers", (S.ALIGNMENT_CONFIRMED,), S.MARKERS_DONE, OFFICERS, Text("完成界桩测定", "Finish the markers"),
              either("marker_forms", "no_markers"), either("marker_table", "no_markers"),
              either("photos", "no_markers"),
              evidence=("marker_forms", "marker_table", "photos", "no_markers")),
        _step(ACCEPT, (*EARLY, S.CHANGING), S.RESULTS_CHECKED, APPROVERS, Text("成果审查通过", "Accept the checked results"),
              ACCEPTED, evidence=("submission",)),
        _step("sign_agreement", (S.RESULTS_CHECKED,), S.AGREEMENT_SIGNED, OFFICERS, Text("签订界线协议", "Sign the agreement"),
              GEOMETRY, UNDISPUTED, has("agreement"), numbered("agreement"), has("agreement_map"),
              signed_by_both("agreement"), signed_by_both("agreement_map"), evidence=("agreement", "agreement_map")),
        _step("submit", (S.AGREEMENT_SIGNED,), S.SUBMITTED, OFFICERS, Text("上报审批", "Submit for approval"),
              has("request"), evidence=("request",)),
        _step(SETTLE, (S.SUBMITTED,), S.SETTLED, APPROVERS, Text("勘定", "Settle the line"),
              GEOMETRY, UNDISPUTED, AGREED, has("approval"), numbered("approval"),
              evidence=("approval", "announcement", "archive")),
        _step("send_back", (S.AGREEMENT_SIGNED, S.SUBMITTED), S.RESULTS_CHECKED, APPROVERS,
              Text("退回重新协议", "Send back to the agreement"), evidence=("other",)),
        _step("open_change", (S.SETTLED,), S.CHANGING, APPROVERS, Text("启动界线变更", "Open a boundary change"),
              has("change_approval"), numbered("change_approval"), evidence=("change_approval",)),
        _step("abandon_change", (S.CHANGING,), S.SETTLED, APPROVERS, Text("撤销界线变更", "Abandon the change"),
              NOT_MOVED, evidence=("other",)),
        *(
            _step(SET_DISPUTE, (state,), state, OFFICERS, Text("标注争议", "Mark as disputed"),
                  Guard(Text("尚未标注争议", "a line that is not marked as disputed"), lambda f: not f.in_dispute),
                  evidence=("dispute",))
            for state in EVERYWHERE
        ),
        *(
            _step(CLEAR_DISPUTE, (state,), state, APPROVERS, Text("撤销争议标志", "Clear the dispute flag"),
                  DISPUTED, has("settlement"), evidence=("settlement",))
            for state in EVERYWHERE
        ),
    ),
)  # fmt: skip


#: How far along a line is: what accepting a submission leaves alone.
ORDER: Mapping[S, int] = {state: number for number, state in enumerate(S)}


def acceptance_moves(state: S) -> bool:
    """Whether accepting a submission takes a line in `state` on to results_checked."""
    return state in EARLY or state is S.CHANGING


def geometry_is_locked(state: S) -> bool:
    """Whether a line in `state` may not get another geometry: a settled line is changed only through a
    boundary change (353 art. 2, 9), and one under approval must stay as it was agreed."""
    return state in (S.AGREEMENT_SIGNED, S.SUBMITTED, S.SETTLED)


def missing(name: str, state: S, facts: Facts) -> list[Text]:
    """What a step from `state` still lacks; empty where it may be taken."""
    for transition in LIFE.by_name.get(name, ()):
        if state.value in transition.from_:
            return [guard.needs for guard in transition.guards if not guard.holds(facts)]
    return []


__all__ = [
    "ACCEPT",
    "EVIDENCE",
    "LIFE",
    "Facts",
    "GuardUnmet",
    "acceptance_moves",
    "geometry_is_locked",
    "missing",
]
