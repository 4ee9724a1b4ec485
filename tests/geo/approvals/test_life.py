"""Every step of an application tried by every role from every state: exactly the allowed ones succeed."""

from dataclasses import fields, replace
from itertools import product

import pytest

from geo.approvals.life import ACCEPTING, ENTERING, LIFE, REVIEWING, Facts
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.terms import ApplicationState as S
from geo.terms import UserRole as R

#: Facts with which every guard holds that can hold together with the others.
GOOD = Facts(
    document=True, items=("map",), stance=True, rule_open=True, period=True, period_over=True, of_township=True,
    supplement_late=True,
)  # fmt: skip

#: step | from | to | who | facts that the step needs besides GOOD. Written by hand, not taken from the machine.
ALLOWED = """
submit                | draft           | submitted       | applicant           | own
supply                | supplement      | submitted       | applicant           | own
supply                | supplement      | review          | applicant           | own was_accepted
withdraw              | submitted       | withdrawn       | applicant           | own
withdraw              | supplement      | withdrawn       | applicant           | own
withdraw              | accepted        | withdrawn       | applicant           | own
withdraw              | review          | withdrawn       | applicant           | own
withdraw              | reviewed        | withdrawn       | applicant           | own
take_up               | submitted       | closed          | applicant           | suggestion
accept                | submitted       | accepted        | acceptance_officer  |
ask_supplement        | submitted       | supplement      | acceptance_officer  |
not_accept            | submitted       | not_accepted    | acceptance_officer  |
lapse                 | supplement      | lapsed          | acceptance_officer  |
begin_review          | accepted        | review          | reviewer            |
ask_more              | review          | supplement      | reviewer            |
seek_opinions         | review          | review          | reviewer            |
record_opinion        | review          | review          | reviewer            | pending:opinion
hold_expert           | review          | review          | reviewer            |
record_expert         | review          | review          | reviewer            | pending:expert
open_comment          | review          | review          | reviewer            |
record_comment        | review          | review          | reviewer            | pending:comment
record_assessment     | review          | review          | reviewer            |
overrule              | review          | review          | reviewer approver   |
overrule              | reviewed        | reviewed        | reviewer approver   |
report                | review          | reviewed        | reviewer            |
return_to_review      | reviewed        | review          | approver            |
extend                | accepted        | accepted        | approver            |
extend                | review          | review          | approver            |
extend                | reviewed        | reviewed        | approver            |
approve               | reviewed        | approved        | approver            |
refuse                | reviewed        | refused         | approver            |
deliver               | approved        | approved        | acceptance_officer  |
deliver               | refused         | refused         | acceptance_officer  |
deliver               | closed          | closed          | acceptance_officer  |
answer                | reviewed        | consulted       | approver            | consult
record_approval       | consulted       | approved        | registrar           | consult
record_approval       | accepted        | approved        | registrar           | file
record_approval       | consulted       | approved        | registrar           | consult department
record_approval       | accepted        | approved        | registrar           | file department
record_refusal        | consulted       | refused         | registrar           | consult
send_filing           | approved        | approved        | registrar           |
return_filing         | approved        | approved        | registrar           | sent
file                  | approved        | approved        | registrar           | sent
file                  | approved        | approved        | registrar           | sent department
file                  | approved        | closed          | registrar           | sent announced
announce              | approved        | approved        | registrar           |
announce              | approved        | closed          | registrar           | filed
announce              | approved        | closed          | registrar           | filed department
withdraw_announcement | approved        | approved        | approver            | announced
withdraw_announcement | closed          | approved        | approver            | announced filed
join                  | accepted        | accepted        | approver            |
join                  | review          | review          | approver            |
join                  | reviewed        | reviewed        | approver            |
carry_out             | approved        | approved        | registrar           | changing
carry_out             | closed          | closed          | registrar           | changing
extend_change         | approved        | approved        | registrar           | changing
extend_change         | closed          | closed          | registrar           | changing
publish_code          | approved        | approved        | registrar           | coding
publish_code          | closed          | closed          | registrar           | coding
reconsider            | not_accepted    | reconsideration | acceptance_officer  |
reconsider            | refused         | reconsideration | acceptance_officer  |
uphold                | reconsideration | refused         | approver            | was_refused
uphold                | reconsideration | not_accepted    | approver            |
redo                  | reconsideration | review          | approver            | was_refused
redo                  | reconsideration | submitted       | approver            |
"""
ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in ALLOWED.strip().splitlines()]


def facts_of(words: str) -> Facts:
    facts = GOOD
    for word in words.split():
        if word == "suggestion":
            facts = replace(facts, route=None)
        elif word in ("consult", "file"):
            facts = replace(facts, route=word)
        elif word.startswith("pending:"):
            facts = replace(facts, pending=frozenset({word.partition(":")[2]}))
        else:
            facts = replace(facts, **{word: True})
    return facts


@pytest.mark.parametrize("words", sorted({row[4] for row in ROWS}))
def test_exactly_the_allowed_steps_succeed(words: str) -> None:
    """With the same facts, every step × role × state: those of the table, unless another guard keeps them back."""
    facts = facts_of(words)
    here = {
        (name, start, role): to for name, start, to, by, need in ROWS if need == words for role in by.split()
    }
    any_facts = {(name, start, role) for name, start, _, by, _ in ROWS for role in by.split()}
    ways = {(name, start) for name, start, *_ in ROWS}
    for name, state, role in product(LIFE.by_name, S, R):
        key = (name, state.value, role.value)
        if key in here:
            assert LIFE.step(state, name, {role}, facts).to == here[key], key
        elif (name, state.value) not in ways:
            with pytest.raises(WrongState):
                LIFE.step(state, name, {role}, facts)
        elif key not in any_facts:
            # Allowed to others: whatever the facts, never to this role.
            with pytest.raises((StepNotYours, GuardUnmet)):
                LIFE.step(state, name, {role}, facts)


def test_the_machine_has_no_step_that_the_table_does_not_list() -> None:
    listed = {(name, start, to) for name, start, to, *_ in ROWS}
    assert {(t.name, start, t.to) for t in LIFE.transitions for start in t.from_} == listed


def test_every_state_is_reached_and_named() -> None:
    assert {t.to for t in LIFE.transitions} | {"draft"} == {s.value for s in S} == set(LIFE.states)


def unmet(name: str, state: S, role: R, **change: object) -> str:
    """What is missing once one fact is otherwise."""
    row = next(r for r in ROWS if r[0] == name and r[1] == state.value)
    with pytest.raises(GuardUnmet) as refused:
        LIFE.step(state, name, {role}, replace(facts_of(row[4]), **change))
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "state", "role", "change", "says"),
    [
        ("submit", S.DRAFT, R.APPLICANT, {"own": False}, "申请人本人"),
        ("submit", S.DRAFT, R.APPLICANT, {"lacking": ("name",)}, "完整的申请内容"),
        ("submit", S.DRAFT, R.APPLICANT, {"checked": False}, "命名规则"),
        ("withdraw", S.REVIEW, R.APPLICANT, {"own": False}, "申请人本人"),
        ("supply", S.SUPPLEMENT, R.APPLICANT, {"missing": ("map",)}, "齐全的申请材料"),
        ("take_up", S.SUBMITTED, R.APPLICANT, {"of_township": False}, "乡镇"),
        ("take_up", S.SUBMITTED, R.APPLICANT, {"route": "decide"}, "公民建议"),
        ("accept", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"applied": True}, "申请单位以外"),
        ("accept", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"route": None}, "此件为建议"),
        ("accept", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"eligible": False}, "法定的申请人"),
        ("accept", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"missing": ("map",)}, "齐全的申请材料"),
        ("ask_supplement", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"items": ()}, "一次告知"),
        ("ask_supplement", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"asked": ("other",)}, "上次所列内容"),
        ("ask_supplement", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"answer_late": True}, "即为受理"),
        ("not_accept", S.SUBMITTED, R.ACCEPTANCE_OFFICER, {"answer_late": True}, "即为受理"),
        ("lapse", S.SUPPLEMENT, R.ACCEPTANCE_OFFICER, {"supplement_late": False}, "补正期限"),
        ("begin_review", S.ACCEPTED, R.REVIEWER, {"accepted": True}, "受理与审查分开"),
        ("begin_review", S.ACCEPTED, R.REVIEWER, {"applied": True}, "申请单位以外"),
        ("begin_review", S.ACCEPTED, R.REVIEWER, {"route": "file"}, "只备案"),
        ("record_comment", S.REVIEW, R.REVIEWER, {"period_over": False}, "公示期满"),
        ("record_comment", S.REVIEW, R.REVIEWER, {"comments_open": 1}, "公众意见均已处理"),
        ("open_comment", S.REVIEW, R.REVIEWER, {"done": frozenset({"comment"})}, "尚未公示"),
        ("hold_expert", S.REVIEW, R.REVIEWER, {"pending": frozenset({"expert"})}, "未在进行"),
        ("overrule", S.REVIEW, R.REVIEWER, {"rule_open": False}, "尚未排除"),
        ("report", S.REVIEW, R.REVIEWER, {"stance": False}, "审查结论"),
        ("report", S.REVIEW, R.REVIEWER, {"pending": frozenset({"expert"})}, "均已收回"),
        ("report", S.REVIEW, R.REVIEWER, {"required": frozenset({"expert"})}, "均已完成"),
        ("approve", S.REVIEWED, R.APPROVER, {"applied": True}, "申请单位以外"),
        ("approve", S.REVIEWED, R.APPROVER, {"accepted": True}, "审查与决定分开"),
        ("approve", S.REVIEWED, R.APPROVER, {"reviewed": True}, "审查与决定分开"),
        ("approve", S.REVIEWED, R.APPROVER, {"open_findings": 1}, "书面说明理由"),
        ("approve", S.REVIEWED, R.APPROVER, {"protected_bare": True}, "第二十五条"),
        ("approve", S.REVIEWED, R.APPROVER, {"route": "consult"}, "本级有权决定"),
        ("refuse", S.REVIEWED, R.APPROVER, {"reviewed": True}, "审查与决定分开"),
        ("answer", S.REVIEWED, R.APPROVER, {"route": "decide"}, "其他部门决定"),
        ("record_approval", S.CONSULTED, R.REGISTRAR, {"document": False}, "文号和日期"),
        ("record_approval", S.ACCEPTED, R.REGISTRAR, {"route": "decide"}, "只在本部门备案"),
        ("extend", S.REVIEW, R.APPROVER, {"extended": True}, "只能延长一次"),
        ("join", S.REVIEW, R.APPROVER, {"joint": True}, "尚未改为联合"),
        ("join", S.REVIEW, R.APPROVER, {"extended": True}, "只能延长一次"),
        ("join", S.REVIEW, R.APPROVER, {"items": ()}, "参加联合办理的机关"),
        ("carry_out", S.APPROVED, R.REGISTRAR, {"changing": False}, "尚未完成"),
        ("extend_change", S.CLOSED, R.REGISTRAR, {"changing": True, "change_extended": True}, "只能延长一次"),
        ("extend_change", S.APPROVED, R.REGISTRAR, {"changing": True, "document": False}, "文号和日期"),
        ("publish_code", S.APPROVED, R.REGISTRAR, {"coding": False}, "尚未公布"),
        ("send_filing", S.APPROVED, R.REGISTRAR, {"sent": True}, "未报送"),
        ("file", S.APPROVED, R.REGISTRAR, {"sent": False}, "已报送"),
        ("announce", S.APPROVED, R.REGISTRAR, {"announced": True}, "尚未公告"),
        ("announce", S.APPROVED, R.REGISTRAR, {"department": True}, "先办结备案"),
        ("deliver", S.REFUSED, R.ACCEPTANCE_OFFICER, {"delivered": True}, "尚未送达"),
        ("reconsider", S.REFUSED, R.ACCEPTANCE_OFFICER, {"document": False}, "文号和日期"),
        ("withdraw_announcement", S.CLOSED, R.APPROVER, {"announced": False}, "已发布的公告"),
    ],
)  # fmt: skip
def test_a_guard_keeps_the_step_back(
    name: str, state: S, role: R, change: dict[str, object], says: str
) -> None:
    assert says in unmet(name, state, role, **change)


def test_clocks_start_stop_and_pause_with_the_steps() -> None:
    def of(name: str, state: S, words: str = "") -> object:
        roles = set(R)
        return LIFE.step(state, name, roles, facts_of(words))

    accept = of("accept", S.SUBMITTED)
    assert (accept.starts, accept.stops) == (("DL-5",), ("DL-4",))
    approve = of("approve", S.REVIEWED)
    assert (approve.starts, approve.stops) == (("DL-7", "DL-1", "DL-2", "DL-8"), ("DL-5", "DL-6"))
    assert of("ask_more", S.REVIEW).pauses == ("DL-5", "DL-6")
    assert of("supply", S.SUPPLEMENT, "own was_accepted").resumes == ("DL-5", "DL-6")
    assert (
        of("hold_expert", S.REVIEW).pauses
        == of("record_expert", S.REVIEW, "pending:expert").resumes
        == ("DL-5", "DL-6")
    )
    # Another department's approval: the announcement runs from the filing, not from the approval.
    assert of("record_approval", S.CONSULTED, "consult department").starts == ("DL-1", "DL-8")
    assert of("record_approval", S.CONSULTED, "consult").starts == ("DL-1", "DL-2", "DL-8")
    assert of("file", S.APPROVED, "sent department").starts == ("DL-3",)
    assert of("file", S.APPROVED, "sent").starts == ()


def test_the_sets_name_steps_that_exist() -> None:
    assert set(LIFE.by_name) >= ACCEPTING | REVIEWING | ENTERING
    assert {f.name for f in fields(Facts)} >= {"own", "applied", "accepted", "reviewed"}


def test_offers_name_what_a_step_still_needs() -> None:
    offered = dict(
        (t.name, [n.zh for n in needs]) for t, needs in LIFE.offers("reviewed", {R.APPROVER}, replace(GOOD, reviewed=True, rule_open=False))
    )  # fmt: skip
    assert any("审查与决定分开" in n for n in offered["approve"]) and offered["return_to_review"] == []
