"""地名申请的办理: the life of an application, who may take which step, what it needs, makes and sets running.

Source: 《地名管理条例》第十至十四条、第二十五条; 《行政许可法》第三十二、四十二、四十四、四十五条; 《行政复议法》第二十条.
Opinions, expert review, public comment and assessment run beside one another inside `review`, each a recorded step
with its own guard. Approval is followed by two parallel duties, filing (备案) and announcement (公告); the case is
closed when both are done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from geo.machine import Guard, Machine, Transition
from geo.terms import APPLICATION_STATE_NAMES, ApplicationAction
from geo.terms import ApplicationState as S
from geo.terms import UserRole as R
from geo.text import Text

#: Routes (办理方式): decided here, only consulted here, only filed here; a citizen's proposal is a suggestion.
DECIDE, CONSULT, FILE = "decide", "consult", "file"

#: 期限, by their ids in data/approvals/limits.csv.
ANSWER, DECISION, JOINT, DELIVERY = "DL-4", "DL-5", "DL-6", "DL-7"
FILING, ANNOUNCEMENT, ANNOUNCEMENT_FILED = "DL-1", "DL-2", "DL-3"
#: Of a change of divisions (行政区划变更): carrying it out, and publishing the new code.
CHANGE, CODE = "DL-8", "DL-9"
#: The limit of the decision: its own, or that of joint handling in its place.
DECIDING = (DECISION, JOINT)
#: Within which somebody applies for a reconsideration; no duty of the office, so that no clock of the case runs.
RECONSIDERATION = "FY-1"

#: 咨询事项 inside the review, as `required` names them.
CONSULTATIONS: dict[str, Text] = {
    "opinion": Text("征求有关部门意见", "opinions of the departments"),
    "expert": Text("专家论证报告", "an expert review"),
    "comment": Text("征求公众意见报告", "a report on the public comment"),
    "assessment": Text("综合评估报告", "a comprehensive assessment"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards of a case are asked with.

    The person: own, of the applicant's side (the applicant, or one of his organisation); applied, whether it counts as
    his own application (an officer of the place-name authority is apart from a colleague who applies for a government);
    accepted, reviewed, what the person has done in this case before. The case: route None for a suggestion; lacking, what the form
    misses; missing, obligatory materials that are not there; eligible, whether the law lets this applicant apply for
    it; open_findings, rule errors neither passed nor overruled; required and done consultations, and those pending
    (asked and not answered); protected_bare, the renaming of a listed name without measures. department: another department approves it. answer_late: the days
    for telling what is missing are over, so that the application counts as accepted. supplement_late: the days for
    supplementing are over. reconsider_late: the days for applying for a reconsideration were over, and no good reason
    for that is given. was_accepted: before it went back to its applicant. filed, announced, delivered,
    extended: whether that is done. joint: handled jointly. changing, coding: a change of divisions is still to be carried
    out, its code to be published; change_extended, that change was given longer. The step's own details: items asked for; asked, those asked for in an earlier
    round; document: the number, date and body of the paper that a step rests on are there. rule_open: the finding to
    overrule is an open error. period_over, comments_open: of the public comment.
    """

    own: bool = False
    applied: bool = False
    accepted: bool = False
    reviewed: bool = False
    of_township: bool = False
    route: str | None = DECIDE
    department: bool = False
    action: ApplicationAction = ApplicationAction.NAMING
    lacking: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    eligible: bool = True
    checked: bool = True
    open_findings: int = 0
    required: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    protected_bare: bool = False
    answer_late: bool = False
    supplement_late: bool = False
    reconsider_late: bool = False
    was_accepted: bool = False
    was_refused: bool = False
    sent: bool = False
    filed: bool = False
    announced: bool = False
    delivered: bool = False
    extended: bool = False
    joint: bool = False
    changing: bool = False
    coding: bool = False
    change_extended: bool = False
    items: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    document: bool = False
    stance: bool = False
    rule_open: bool = False
    period: bool = False
    period_over: bool = False
    comments_open: int = 0
    on: date | None = None


# Guards -----------------------------------------------------------------------------------------------------

OWN = Guard(Text("申请人本人或本单位人员", "the applicant, or someone of his organisation"), lambda f: f.own)
NOT_OWN = Guard(
    Text(
        "申请单位以外的人员（不得办理自己或本单位的申请）",
        "someone outside the applicant's organisation: nobody handles his own application",
    ),
    lambda f: not f.applied,
)
NOT_ACCEPTED_BY = Guard(
    Text(
        "未受理过该件的人员（受理与审查分开）",
        "someone who did not accept it: accepting and reviewing are separate",
    ),
    lambda f: not f.accepted,
)
NOT_REVIEWED_BY = Guard(
    Text(
        "未受理、审查过该件的人员（审查与决定分开）",
        "someone who neither accepted nor reviewed it: reviewing and deciding are separate",
    ),
    lambda f: not f.accepted and not f.reviewed,
)
FORM = Guard(Text("完整的申请内容", "a complete form"), lambda f: not f.lacking)
CHECKED = Guard(Text("命名规则审查结果", "the answer of the naming rules"), lambda f: f.checked)
MATERIALS = Guard(Text("齐全的申请材料", "all obligatory materials"), lambda f: not f.missing)
ELIGIBLE = Guard(
    Text("法定的申请人（该类地名由谁申请）", "an applicant whom the law lets apply for such a name"),
    lambda f: f.eligible,
)
NOT_SUGGESTION = Guard(
    Text(
        "法定申请人采纳后提出的申请（此件为建议）",
        "an application: this is a suggestion, for a lawful applicant to take up",
    ),
    lambda f: f.route is not None,
)
ITEMS = Guard(
    Text("需补正的全部内容（一次告知）", "everything that is missing, told at once"), lambda f: bool(f.items)
)
TOLD_ONCE = Guard(
    Text(
        "上次已一次性告知，只能就上次所列内容再要求补正",
        "a request within what was asked the first time: everything missing is told at once",
    ),
    lambda f: not f.asked or set(f.items) <= set(f.asked),
)
IN_TIME = Guard(
    Text(
        "仍在告知期限内（逾期未告知的，自收到之日起即为受理）",
        "the days for telling it: after them the application counts as accepted on its receipt",
    ),
    lambda f: not f.answer_late,
)
SUPPLEMENT_LATE = Guard(
    Text("补正期限已过", "the end of the days for supplementing"), lambda f: f.supplement_late
)
RECONSIDERED_IN_TIME = Guard(
    Text(
        "在法定期限内提出的复议申请（知道决定之日起六十日，复议法第二十条），逾期的须写明不可抗力等正当理由",
        "a reconsideration applied for in time (60 days from knowing of the decision), or the good reason why not",
    ),
    lambda f: not f.reconsider_late,
)
FINDINGS = Guard(
    Text(
        "每条不符合规则的意见均已消除或由审核人员书面说明理由排除",
        "every rule error gone, or overruled in writing by an officer with the right to",
    ),
    lambda f: f.open_findings == 0,
)
CONSULTED = Guard(
    Text(
        "该类地名要求的意见、论证、评估、公示均已完成",
        "all opinions, reviews, assessments and comment that this kind of name demands",
    ),
    lambda f: f.required <= f.done,
)
NOTHING_PENDING = Guard(
    Text("已发出的征求意见、论证、公示均已收回", "the end of what was begun: opinions, review, comment"),
    lambda f: not f.pending,
)
PROTECTED = Guard(
    Text(
        "保护名录内地名的保护措施材料（条例第二十五条）",
        "the protection measures for a name on a protection list (Article 25)",
    ),
    lambda f: not f.protected_bare,
)
DOCUMENT = Guard(
    Text("所依据文件的制发机关、文号和日期", "body, number and date of the document that it rests on"),
    lambda f: f.document,
)
STANCE = Guard(Text("审查结论（同意或不同意）", "a conclusion: agree or disagree"), lambda f: f.stance)
RULE_OPEN = Guard(Text("一条尚未排除的不符合意见", "a rule error that is still open"), lambda f: f.rule_open)


def _route(*routes: str, says: Text) -> Guard:
    return Guard(says, lambda f: f.route in routes)


DECIDED_HERE = _route(DECIDE, says=Text("本级有权决定的事项", "a kind of name that is decided here"))
CONSULTED_HERE = _route(
    CONSULT,
    says=Text("其他部门决定、征求本部门意见的事项", "a kind of name on which this authority is only asked"),
)
FILED_HERE = _route(
    FILE, says=Text("其他部门决定、只在本部门备案的事项", "a kind of name that is only filed here")
)
TAKEN_IN_HAND = _route(
    DECIDE,
    CONSULT,
    says=Text("本部门审查的事项（只备案的直接登记批准文件）", "a kind of name that is reviewed here"),
)
NOT_EXTENDED = Guard(
    Text("未延长过的期限（只能延长一次）", "a limit not yet extended"), lambda f: not f.extended
)
NOT_JOINT = Guard(Text("尚未改为联合办理", "a case not yet handled jointly"), lambda f: not f.joint)
PARTNERS = Guard(Text("参加联合办理的机关", "the bodies that take part"), lambda f: bool(f.items))
CHANGING = Guard(
    Text("尚未完成的行政区划变更（区划条例第十五条）", "a change of divisions still to be carried out"),
    lambda f: f.changing,
)
CHANGE_NOT_EXTENDED = Guard(
    Text("未延期过的变更（只能延长一次）", "a change not yet given longer"), lambda f: not f.change_extended
)
CODING = Guard(
    Text("尚未公布的区划代码（区划条例第十七条）", "a division code still to be published"),
    lambda f: f.coding,
)
FILED_FIRST = Guard(
    Text("先办结备案（其他部门批准的，备案后公告）", "the filing first: another department approved it"),
    lambda f: not f.department or f.filed,
)
NOT_SENT = Guard(
    Text("未报送的备案", "a filing that has not been sent"), lambda f: not f.sent and not f.filed
)
SENT = Guard(Text("已报送的备案", "a filing that has been sent"), lambda f: f.sent and not f.filed)
NOT_ANNOUNCED = Guard(Text("尚未公告", "a name not yet announced"), lambda f: not f.announced)
IS_ANNOUNCED = Guard(Text("已发布的公告", "an announcement that stands"), lambda f: f.announced)
NOT_DELIVERED = Guard(Text("尚未送达", "a decision not yet delivered"), lambda f: not f.delivered)
PERIOD = Guard(Text("公示起止日期和说明", "first and last day, and what is asked"), lambda f: f.period)
NO_PERIOD = Guard(
    Text("尚未公示", "a case without public comment"), lambda f: "comment" not in f.pending | f.done
)
PERIOD_OVER = Guard(Text("公示期满", "the end of the comment period"), lambda f: f.period_over)
MODERATED = Guard(Text("所有公众意见均已处理", "all comments moderated"), lambda f: f.comments_open == 0)
OF_TOWNSHIP = Guard(
    Text("乡镇（街道）的申请人员", "an applicant of a township or subdistrict"), lambda f: f.of_township
)
SUGGESTION = Guard(Text("公民建议", "a suggestion of a citizen"), lambda f: f.route is None)


def _pending(kind: str) -> Guard:
    what = CONSULTATIONS[kind]
    return Guard(Text(f"已发起的{what.zh}", f"{what.en} that has begun"), lambda f: kind in f.pending)


def _not_pending(kind: str) -> Guard:
    what = CONSULTATIONS[kind]
    return Guard(Text(f"未在进行的{what.zh}", f"no running {what.en}"), lambda f: kind not in f.pending)


# Cases of a step that leads to different states ----------------------------------------------------------------

WAS_ACCEPTED = Guard(Text("受理后补正的", "a case that had been accepted"), lambda f: f.was_accepted)
NOT_YET_ACCEPTED = Guard(Text("受理前补正的", "a case not yet accepted"), lambda f: not f.was_accepted)
WAS_REFUSED = Guard(Text("不予批准的", "a case that was refused"), lambda f: f.was_refused)
WAS_NOT_ACCEPTED = Guard(Text("不予受理的", "a case that was not accepted"), lambda f: not f.was_refused)
OTHER_DONE_ANNOUNCED = Guard(Text("已公告的", "an announced one"), lambda f: f.announced)
OWN_NOT_ANNOUNCED = Guard(
    Text("政府或地名主管部门批准、未公告的", "one approved by a government or this authority, not announced"),
    lambda f: not f.announced and not f.department,
)
OTHERS_NOT_ANNOUNCED = Guard(
    Text("其他部门批准、未公告的", "one approved by another department, not announced"),
    lambda f: not f.announced and f.department,
)
BY_DEPARTMENT = Guard(Text("其他部门批准的", "one approved by a department"), lambda f: f.department)
BY_GOVERNMENT = Guard(Text("政府批准的", "one approved by a government"), lambda f: not f.department)
OTHER_DONE_FILED = Guard(Text("已备案的", "a filed one"), lambda f: f.filed)
NOT_YET_FILED = Guard(Text("未备案的", "one not filed"), lambda f: not f.filed)

APPLICANTS = frozenset({R.APPLICANT})
ACCEPTERS = frozenset({R.ACCEPTANCE_OFFICER})
REVIEWERS = frozenset({R.REVIEWER})
APPROVERS = frozenset({R.APPROVER})
DECIDERS = frozenset({R.REVIEWER, R.APPROVER})
KEEPERS = frozenset({R.REGISTRAR})

#: States in which a limit of the licence may run.
RUNNING = (S.ACCEPTED, S.REVIEW, S.REVIEWED)
#: Who has had a hand: steps by which a person has accepted or reviewed a case.
ACCEPTING = frozenset({"accept", "ask_supplement", "not_accept"})
REVIEWING = frozenset(
    {
        "begin_review", "report", "ask_more", "seek_opinions", "record_opinion", "hold_expert", "record_expert",
        "open_comment", "record_comment", "record_assessment",
    }
)  # fmt: skip
#: Steps whose reasons are between the officers; the applicant sees that they were taken.
INTERNAL = (REVIEWING - {"ask_more", "open_comment"}) | {"overrule", "return_to_review"}
APPROVE, RECORD_APPROVAL, ANNOUNCE, REVOKE = "approve", "record_approval", "announce", "withdraw_announcement"
#: Steps by which a name enters the register.
ENTERING = frozenset({APPROVE, RECORD_APPROVAL})


def _t(name: str, from_: Iterable[S] | S, to: S | None, by: frozenset[R], says: Text, *guards: Guard,
       when: Guard | None = None, makes: tuple[str, ...] = (), starts: tuple[str, ...] = (),
       pauses: tuple[str, ...] = (), resumes: tuple[str, ...] = (), stops: tuple[str, ...] = ()) -> tuple[Transition, ...]:  # fmt: skip
    """Rows of one step; to None: the state stays, one row for each state."""
    sources = (from_,) if isinstance(from_, S) else tuple(from_)

    def row(sources: tuple[S, ...], to: S) -> Transition:
        return Transition(
            name, tuple(s.value for s in sources), to.value, by, says, guards, makes=makes, starts=starts,
            pauses=pauses, resumes=resumes, stops=stops, when=when,
        )  # fmt: skip

    return (row(sources, to),) if to is not None else tuple(row((s,), s) for s in sources)


LIFE = Machine(
    "place_name_application",
    (
        # The applicant.
        *_t("submit", S.DRAFT, S.SUBMITTED, APPLICANTS, Text("提交申请", "Submit"), OWN, FORM, CHECKED,
            starts=(ANSWER,), makes=("receipt",)),
        *_t("supply", S.SUPPLEMENT, S.REVIEW, APPLICANTS, Text("提交补正", "Supply the supplement"), OWN, FORM, MATERIALS,
            when=WAS_ACCEPTED, resumes=DECIDING),
        *_t("supply", S.SUPPLEMENT, S.SUBMITTED, APPLICANTS, Text("提交补正", "Supply the supplement"), OWN, FORM, MATERIALS,
            when=NOT_YET_ACCEPTED, starts=(ANSWER,)),
        *_t("withdraw", (S.SUBMITTED, S.SUPPLEMENT, S.ACCEPTED, S.REVIEW, S.REVIEWED), S.WITHDRAWN, APPLICANTS,
            Text("撤回申请", "Withdraw"), OWN, stops=(ANSWER, *DECIDING)),
        *_t("take_up", S.SUBMITTED, S.CLOSED, APPLICANTS, Text("采纳建议", "Take up the suggestion"), SUGGESTION,
            OF_TOWNSHIP, stops=(ANSWER,)),
        # Acceptance (受理).
        *_t("accept", S.SUBMITTED, S.ACCEPTED, ACCEPTERS, Text("受理", "Accept"), NOT_OWN, NOT_SUGGESTION, ELIGIBLE,
            MATERIALS, makes=("acceptance",), starts=(DECISION,), stops=(ANSWER,)),
        *_t("ask_supplement", S.SUBMITTED, S.SUPPLEMENT, ACCEPTERS, Text("要求补正", "Ask for a supplement"), NOT_OWN,
            ITEMS, TOLD_ONCE, IN_TIME, makes=("supplement",), stops=(ANSWER,)),
        *_t("not_accept", S.SUBMITTED, S.NOT_ACCEPTED, ACCEPTERS, Text("不予受理", "Do not accept"), NOT_OWN, IN_TIME,
            makes=("not_accepted",), stops=(ANSWER,)),
        *_t("lapse", S.SUPPLEMENT, S.LAPSED, ACCEPTERS, Text("逾期未补正，按失效处理", "Lapse: not supplemented in time"),
            NOT_OWN, SUPPLEMENT_LATE, stops=DECIDING),
        # Review (审查).
        *_t("begin_review", S.ACCEPTED, S.REVIEW, REVIEWERS, Text("开始审查", "Begin the review"), NOT_OWN, NOT_ACCEPTED_BY,
            TAKEN_IN_HAND),
        *_t("ask_more", S.REVIEW, S.SUPPLEMENT, REVIEWERS, Text("审查中要求补正", "Ask for a supplement in review"), NOT_OWN,
            NOT_ACCEPTED_BY, ITEMS, NOTHING_PENDING, makes=("supplement",), pauses=DECIDING),
        *_t("seek_opinions", S.REVIEW, None, REVIEWERS, Text("征求部门意见", "Seek opinions"), NOT_OWN, NOT_ACCEPTED_BY, ITEMS),
        *_t("record_opinion", S.REVIEW, None, REVIEWERS, Text("登记部门意见", "Record an opinion"), NOT_OWN,
            NOT_ACCEPTED_BY, _pending("opinion")),
        # 许可法第四十五条: the time of an expert review is not counted.
        *_t("hold_expert", S.REVIEW, None, REVIEWERS, Text("组织专家论证", "Hold an expert review"), NOT_OWN,
            NOT_ACCEPTED_BY, _not_pending("expert"), pauses=DECIDING),
        *_t("record_expert", S.REVIEW, None, REVIEWERS, Text("登记专家论证报告", "Record the expert review"), NOT_OWN,
            NOT_ACCEPTED_BY, _pending("expert"), resumes=DECIDING),
        *_t("open_comment", S.REVIEW, None, REVIEWERS, Text("公示征求意见", "Open public comment"), NOT_OWN,
            NOT_ACCEPTED_BY, NO_PERIOD, PERIOD),
        *_t("record_comment", S.REVIEW, None, REVIEWERS, Text("登记征求意见报告", "Record the comment report"), NOT_OWN,
            NOT_ACCEPTED_BY, _pending("comment"), PERIOD_OVER, MODERATED),
        *_t("record_assessment", S.REVIEW, None, REVIEWERS, Text("登记综合评估报告", "Record the assessment"), NOT_OWN,
            NOT_ACCEPTED_BY),
        *_t("overrule", (S.REVIEW, S.REVIEWED), None, DECIDERS, Text("书面排除审查意见", "Overrule a finding in writing"),
            NOT_OWN, NOT_ACCEPTED_BY, RULE_OPEN),
        *_t("report", S.REVIEW, S.REVIEWED, REVIEWERS, Text("提出审查意见", "Report the review"), NOT_OWN, NOT_ACCEPTED_BY,
            STANCE, NOTHING_PENDING, CONSULTED),
        *_t("return_to_review", S.REVIEWED, S.REVIEW, APPROVERS, Text("退回审查", "Return to the review"), NOT_OWN),
        *_t("extend", RUNNING, None, APPROVERS, Text("延长办理期限", "Extend the limit"), NOT_OWN, NOT_EXTENDED,
            makes=("extension",)),
        # 许可法第四十二条: a joint handling has a longer limit, from the same acceptance.
        *_t("join", RUNNING, None, APPROVERS, Text("改为联合办理", "Handle jointly"), NOT_OWN, NOT_EXTENDED, NOT_JOINT,
            PARTNERS, starts=(JOINT,), stops=(DECISION,)),
        # Decision (决定).
        *_t("approve", S.REVIEWED, S.APPROVED, APPROVERS, Text("批准", "Approve"), DECIDED_HERE, NOT_OWN, NOT_REVIEWED_BY,
            MATERIALS, FINDINGS, CONSULTED, NOTHING_PENDING, PROTECTED,
            makes=("approval",), starts=(DELIVERY, FILING, ANNOUNCEMENT, CHANGE), stops=DECIDING),
        *_t("refuse", S.REVIEWED, S.REFUSED, APPROVERS, Text("不予批准", "Refuse"), DECIDED_HERE, NOT_OWN, NOT_REVIEWED_BY,
            makes=("refusal",), starts=(DELIVERY,), stops=DECIDING),
        *_t("deliver", (S.APPROVED, S.REFUSED, S.CLOSED), None, ACCEPTERS, Text("送达决定", "Deliver the decision"),
            DECIDED_HERE, NOT_DELIVERED, stops=(DELIVERY,)),
        # What another authority decides.
        *_t("answer", S.REVIEWED, S.CONSULTED, APPROVERS, Text("复函", "Answer the department"), CONSULTED_HERE, NOT_OWN,
            NOT_REVIEWED_BY, makes=("opinion",), stops=DECIDING),
        *(
            row
            for case, clocks in ((BY_DEPARTMENT, (FILING, CHANGE)), (BY_GOVERNMENT, (FILING, ANNOUNCEMENT, CHANGE)))
            for row in (
                *_t("record_approval", S.CONSULTED, S.APPROVED, KEEPERS,
                    Text("登记其他机关的批准", "Record the approval elsewhere"), NOT_OWN, DOCUMENT, PROTECTED,
                    when=case, starts=clocks),
                *_t("record_approval", S.ACCEPTED, S.APPROVED, KEEPERS,
                    Text("登记其他机关的批准", "Record the approval elsewhere"), FILED_HERE, NOT_OWN, DOCUMENT, PROTECTED,
                    when=case, starts=clocks, stops=DECIDING),
            )
        ),
        *_t("record_refusal", S.CONSULTED, S.REFUSED, KEEPERS, Text("登记其他机关的不予批准", "Record the refusal elsewhere"),
            NOT_OWN, DOCUMENT),
        # Filing (备案) and announcement (公告), beside each other.
        *_t("send_filing", S.APPROVED, None, KEEPERS, Text("报送备案", "Send the filing"), NOT_SENT,
            makes=("filing", "filing_report"), stops=(FILING,)),
        *_t("return_filing", S.APPROVED, None, KEEPERS, Text("备案被退回", "The filing is returned"), SENT, starts=(FILING,)),
        *_t("file", S.APPROVED, S.CLOSED, KEEPERS, Text("备案办结", "Filed"), SENT, when=OTHER_DONE_ANNOUNCED),
        *_t("file", S.APPROVED, S.APPROVED, KEEPERS, Text("备案办结", "Filed"), SENT, when=OWN_NOT_ANNOUNCED),
        *_t("file", S.APPROVED, S.APPROVED, KEEPERS, Text("备案办结", "Filed"), SENT, when=OTHERS_NOT_ANNOUNCED,
            starts=(ANNOUNCEMENT_FILED,)),
        *_t("announce", S.APPROVED, S.CLOSED, KEEPERS, Text("公告", "Announce"), NOT_ANNOUNCED, FILED_FIRST,
            when=OTHER_DONE_FILED, makes=("announcement",), stops=(ANNOUNCEMENT, ANNOUNCEMENT_FILED)),
        *_t("announce", S.APPROVED, S.APPROVED, KEEPERS, Text("公告", "Announce"), NOT_ANNOUNCED, FILED_FIRST,
            when=NOT_YET_FILED, makes=("announcement",), stops=(ANNOUNCEMENT, ANNOUNCEMENT_FILED)),
        *_t("withdraw_announcement", (S.APPROVED, S.CLOSED), S.APPROVED, APPROVERS, Text("撤销公告", "Withdraw the announcement"),
            NOT_OWN, IS_ANNOUNCED, makes=("announcement",)),
        # 行政区划管理条例第十五、十七条: what follows on the approval of a division.
        *_t("carry_out", (S.APPROVED, S.CLOSED), None, KEEPERS, Text("登记区划变更完成", "Record the change carried out"),
            CHANGING, starts=(CODE,), stops=(CHANGE,)),
        # 区划条例第十五条: where twelve months do not do, six more, by the authority that approved.
        *_t("extend_change", (S.APPROVED, S.CLOSED), None, KEEPERS,
            Text("登记变更延期的批准", "Record that the change was given longer"), CHANGING, CHANGE_NOT_EXTENDED, DOCUMENT),
        *_t("publish_code", (S.APPROVED, S.CLOSED), None, KEEPERS, Text("登记区划代码公布", "Record the new division code"),
            CODING, stops=(CODE,)),
        # Reconsideration (行政复议).
        *_t("reconsider", (S.NOT_ACCEPTED, S.REFUSED), S.RECONSIDERATION, ACCEPTERS, Text("登记行政复议", "Record a reconsideration"),
            DOCUMENT, RECONSIDERED_IN_TIME),
        *_t("uphold", S.RECONSIDERATION, S.REFUSED, APPROVERS, Text("复议维持", "Upheld on reconsideration"), DOCUMENT,
            when=WAS_REFUSED),
        *_t("uphold", S.RECONSIDERATION, S.NOT_ACCEPTED, APPROVERS, Text("复议维持", "Upheld on reconsideration"), DOCUMENT,
            when=WAS_NOT_ACCEPTED),
        *_t("redo", S.RECONSIDERATION, S.REVIEW, APPROVERS, Text("复议撤销，重新审查", "Quashed: review anew"), DOCUMENT,
            when=WAS_REFUSED, starts=(DECISION,)),
        *_t("redo", S.RECONSIDERATION, S.SUBMITTED, APPROVERS, Text("复议撤销，重新审查", "Quashed: review anew"), DOCUMENT,
            when=WAS_NOT_ACCEPTED, starts=(ANSWER,)),
    ),
    {state.value: text for state, text in APPLICATION_STATE_NAMES.items()},
)  # fmt: skip

#: States in which nothing more is to be done but by a reconsideration.
ENDED = frozenset({S.CLOSED, S.WITHDRAWN, S.LAPSED, S.REFUSED, S.NOT_ACCEPTED})
