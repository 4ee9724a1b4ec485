"""Handling a case (办理), step by step: acceptance, review, consultations, decision, and what stops each."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select, text

from api.acts import apply, case_facts, decide, lapse
from api.acts.case_facts import offers, open_errors
from api.acts.decide import UnknownStep
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from api.acts.step_effects import EFFECTS, ReportIncomplete
from geo import days
from geo.approvals import life, materials
from geo.machine import GuardUnmet, WrongState
from geo.names.categories import Category
from geo.store import audit, audit_chain
from geo.store.approvals import NoSuchApplication
from geo.store.tables import ApplicationStep, AuditEvent
from tests import builders as b
from tests.api.acts.desk import TODAY, WHOLE, Clock, Desk


def test_a_naming_goes_from_draft_to_closed(desk: Desk) -> None:
    row = desk.draft(name="云雀路")
    assert (row.state, row.number, row.version) == ("draft", None, 1)
    apply.submit(desk.session, desk.township, row.ref, version=1)
    assert row.number == "500112-2026-00001" and row.state == "submitted"
    assert (row.route, row.body, row.romanization) == ("decide", "渝北区人民政府", "Yúnquè Lù")
    desk.reviewed(row)
    desk.step(row, "approve", desk.approver, reason="同意命名")
    assert row.state == "approved" and row.decision_number.startswith("渝北民地〔2026〕")
    # In the register at once, and not public.
    assert [n[:2] for n in desk.names(row.result_number)] == [("云雀路", "approved")]
    public = text("select count(*) from published.place_name where number = :n")
    forms = text("select count(*) from published.name_form where number = :n")
    assert desk.session.scalar(public, {"n": row.result_number}) == 0
    assert desk.session.scalar(forms, {"n": row.result_number}) == 0
    desk.step(row, "announce", desk.registrar)
    assert row.state == "approved"
    assert [n[:2] for n in desk.names(row.result_number)] == [("云雀路", "standard")]
    assert desk.session.scalar(public, {"n": row.result_number}) == 1
    assert desk.session.scalar(forms, {"n": row.result_number}) > 0
    desk.step(row, "send_filing", desk.registrar)
    desk.step(row, "file", desk.registrar, reference="备〔2026〕8号")
    assert row.state == "closed" and row.due is not None  # the decision is still to be delivered
    desk.step(row, "deliver", desk.accepter, how="窗口领取")
    assert row.state == "closed" and row.due is None
    case = desk.case(row)
    assert [d["kind"] for d in case.documents] == [
        "receipt", "acceptance", "approval", "announcement", "filing", "filing_report",
    ]  # fmt: skip
    assert {c.limit_id: c.clock.stopped for c in case.clocks} == dict.fromkeys(
        ("DL-4", "DL-5", "DL-7", "DL-1", "DL-2"), TODAY
    )
    acts = desk.session.scalars(
        select(AuditEvent.act).where(AuditEvent.subject == row.number).order_by(AuditEvent.id)
    ).all()
    assert acts == [f"application.{s.transition}" for s in case.steps if s.transition != "create"]
    assert audit_chain.verify(desk.session) == []


def test_every_step_leaves_state_and_step_alike(desk: Desk) -> None:
    row = desk.closed()
    steps = desk.session.scalars(
        select(ApplicationStep).where(ApplicationStep.application_id == row.id)
    ).all()
    steps = sorted(steps, key=lambda s: s.version)
    assert [s.version for s in steps] == list(range(1, row.version + 1)) and steps[-1].to_state == row.state
    assert all(one.to_state == two.from_state for one, two in itertools.pairwise(steps))


def test_nobody_handles_his_own_application(desk: Desk) -> None:
    row = desk.draft(desk.everything, name="云雀路", applicant_kind="department", category=Category.FACILITY)
    apply.submit(desk.session, desk.everything, row.ref, version=1)
    with pytest.raises(GuardUnmet, match="不得办理自己"):
        desk.step(row, "accept", desk.everything)
    # A colleague of the place-name authority is another person.
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(GuardUnmet, match="不得办理自己"):
        desk.step(row, "begin_review", desk.everything)


def test_accepting_reviewing_and_deciding_are_three_people(desk: Desk) -> None:
    row = desk.submitted()
    desk.step(row, "accept", desk.everything)
    with pytest.raises(GuardUnmet, match="受理与审查分开"):
        desk.step(row, "begin_review", desk.everything)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "report", desk.reviewer, stance="agree")
    with pytest.raises(GuardUnmet, match="审查与决定分开"):
        desk.step(row, "approve", desk.everything)
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.everything)
    desk.step(row, "report", desk.everything, stance="agree")
    with pytest.raises(GuardUnmet, match="审查与决定分开"):
        desk.step(row, "approve", desk.everything)
    desk.step(row, "approve", desk.approver)


def test_supplement_before_acceptance_is_told_once(desk: Desk, clock: Clock) -> None:
    row = desk.submitted(form={**WHOLE, "position": "", "size": ""})
    with pytest.raises(GuardUnmet, match="齐全的申请材料"):
        desk.step(row, "accept", desk.accepter)
    with pytest.raises(GuardUnmet, match="一次告知"):
        desk.step(row, "ask_supplement", desk.accepter)
    desk.step(row, "ask_supplement", desk.accepter, items=["位置图", "道路规模"], until="2026-03-20")
    assert row.state == "supplement" and row.due is None
    with pytest.raises(GuardUnmet, match="补正期限"):
        desk.step(row, "lapse", desk.accepter)
    apply.save(desk.session, desk.township, row.number, desk.content(row.name), version=row.version)
    apply.supply(desk.session, desk.township, row.number, version=row.version)
    assert row.state == "submitted"
    with pytest.raises(GuardUnmet, match="上次"):
        desk.step(row, "ask_supplement", desk.accepter, items=["其他材料"])
    desk.step(row, "ask_supplement", desk.accepter, items=["位置图"], until="2026-03-20")
    clock.day = date(2026, 3, 21)
    desk.step(row, "lapse", desk.accepter)
    assert row.state == "lapsed" and row.due is None


def test_a_case_not_supplemented_lapses_by_itself(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day after, once, in the system's name; not before, and not what was supplemented meanwhile."""
    row, other = desk.submitted(name="云雀路"), desk.submitted(name="青禾路")
    for one in (row, other):
        desk.step(one, "ask_supplement", desk.accepter, items=["位置图"], until="2026-03-20")
    clock.day = date(2026, 3, 20)
    assert lapse.lapse(desk.session, row.id, clock.day) is None and row.state == "supplement"
    apply.supply(desk.session, desk.township, other.number, version=other.version)
    clock.day = date(2026, 3, 21)
    seen = row.version
    assert lapse.lapse(desk.session, row.id, clock.day) is row and row.state == "lapsed" and row.due is None
    assert lapse.lapse(desk.session, other.id, clock.day) is None and other.state == "submitted"
    assert lapse.lapse(desk.session, row.id, clock.day) is None and row.version == seen + 1, "twice is once"
    last = desk.case(row).steps[-1]
    assert (last.transition, last.actor_id) == ("lapse", None) and "2026-03-20" in last.reason
    event = desk.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.act, event.subject, event.actor) == ("application.lapse", row.number, audit.SYSTEM)
    with pytest.raises(Stale):
        decide.take_step(
            desk.session, desk.township, row.number, "supply", reason="补正", version=seen, details={}
        )
    monkeypatch.setenv("YUDI_LAPSE", "off")
    assert not lapse.automatic()


def test_a_reconsideration_is_recorded_in_time_or_with_a_good_reason(desk: Desk, clock: Clock) -> None:
    """行政复议法第二十条: 60 days from knowing of the decision, not counting its day."""
    row = desk.reviewed(desk.submitted())
    desk.step(row, "refuse", desk.approver)
    paper = {"body": "渝北区人民政府", "number": "渝北府复〔2026〕3号", "date": "2026-05-20"}

    def late(**more: str) -> bool:
        case = desk.case(row)
        told = datetime(2026, 3, 2, 9, tzinfo=days.SHANGHAI)
        case = replace(case, steps=tuple(replace(s, at=told) for s in case.steps))
        facts = case_facts.facts_of(case, desk.accepter, given=paper | more, on=date(2026, 6, 1))
        assert life.RECONSIDERED_IN_TIME.holds(facts) is not facts.reconsider_late
        return facts.reconsider_late

    assert not late(), "who was never told has time"
    desk.step(row, "deliver", desk.accepter)
    # The sixtieth day, 1 May, is a holiday: the first working day after it is the last.
    assert [late(applied=f"2026-05-0{day}") for day in (1, 6, 7)] == [False, False, True]
    assert late() and not late(late_because="洪水致交通中断")
    clock.day = date(2026, 5, 20)
    desk.step(row, "reconsider", desk.accepter, **paper)
    assert row.state == "reconsideration"


def test_what_is_told_too_late_counts_as_accepted_on_receipt(desk: Desk, clock: Clock) -> None:
    row = desk.submitted()
    clock.on(7)  # five working days are over on Monday, 9 March; the tenth is late
    clock.on(1)
    with pytest.raises(GuardUnmet, match="即为受理"):
        desk.step(row, "ask_supplement", desk.accepter, items=["位置图"])
    with pytest.raises(GuardUnmet, match="即为受理"):
        desk.step(row, "not_accept", desk.accepter)
    desk.step(row, "accept", desk.accepter)
    running = next(c for c in desk.case(row).clocks if c.limit_id == "DL-5")
    assert running.clock.starts == TODAY and desk.case(row).steps[-1].details == {"deemed_on": "2026-03-02"}


def test_the_decision_pauses_while_the_applicant_supplements_and_experts_sit(
    desk: Desk, clock: Clock
) -> None:
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    due = row.due
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "ask_more", desk.reviewer, items=["平面图"], until="2026-03-30")
    assert row.state == "supplement" and row.due is None
    clock.on(7)
    apply.supply(desk.session, desk.township, row.number, version=row.version)
    assert (
        due == date(2026, 3, 30) and row.state == "review" and row.due == date(2026, 4, 7)
    )  # 清明 lies between
    desk.step(row, "hold_expert", desk.reviewer)
    with pytest.raises(GuardUnmet, match="均已收回"):
        desk.step(row, "report", desk.reviewer, stance="agree")
    clock.on(7)
    with pytest.raises(ReportIncomplete):
        desk.step(row, "record_expert", desk.reviewer, says="可行", contents={"necessity": "必要"})
    desk.step(
        row,
        "record_expert",
        desk.reviewer,
        says="可行",
        contents=dict.fromkeys(materials.contents("expert"), "已论证"),
    )
    assert row.due == date(2026, 4, 14)
    desk.step(row, "extend", desk.approver, reason="须实地核查")
    assert row.due == date(2026, 4, 28)
    with pytest.raises(GuardUnmet, match="只能延长一次"):
        desk.step(row, "extend", desk.approver)


def test_opinions_are_all_in_before_the_report(desk: Desk) -> None:
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "seek_opinions", desk.reviewer, items=["交通局", "公安分局"])
    desk.step(row, "record_opinion", desk.reviewer, giver="交通局", stance="agree", says="无意见")
    with pytest.raises(GuardUnmet, match="均已收回"):
        desk.step(row, "report", desk.reviewer, stance="agree")
    desk.step(
        row, "record_opinion", desk.reviewer, giver="公安分局", stance="agree_with_changes", says="加拼音"
    )
    desk.step(row, "report", desk.reviewer, stance="agree")
    assert [o["giver"] for o in desk.case(row).opinions if o["kind"] == "opinion"] == ["交通局", "公安分局"]


def test_withdrawing_ends_a_case(desk: Desk) -> None:
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(NoSuchApplication):
        apply.withdraw(desk.session, desk.builder, row.number, version=row.version, reason="不办了")
    apply.withdraw(desk.session, desk.colleague, row.number, version=row.version, reason="方案调整")
    assert row.state == "withdrawn" and row.due is None
    for name, who in (
        ("begin_review", desk.reviewer),
        ("accept", desk.accepter),
        ("withdraw", desk.township),
    ):
        with pytest.raises(WrongState):
            desk.step(row, name, who)


def test_a_refusal_and_its_reconsideration(desk: Desk) -> None:
    row = desk.reviewed(desk.submitted())
    desk.step(row, "refuse", desk.approver, reason="与规划不符")
    assert row.state == "refused" and row.result_number is None and row.decision_number
    paper = {"body": "渝北区人民政府", "number": "渝北府复〔2026〕1号", "date": "2026-03-02"}
    with pytest.raises(GuardUnmet, match="文号和日期"):
        desk.step(row, "reconsider", desk.accepter)
    desk.step(row, "reconsider", desk.accepter, **paper)
    desk.step(row, "uphold", desk.approver, **paper)
    assert row.state == "refused"
    desk.step(row, "reconsider", desk.accepter, **paper)
    desk.step(row, "redo", desk.approver, **paper)
    assert row.state == "review" and row.due is not None
    desk.step(row, "report", desk.reviewer, stance="agree")
    desk.step(row, "approve", desk.approver)
    other = desk.submitted()
    desk.step(other, "not_accept", desk.accepter, reason="不属本级权限")
    desk.step(other, "reconsider", desk.accepter, **paper)
    desk.step(other, "redo", desk.approver, **paper)
    assert other.state == "submitted"


def test_rule_errors_are_overruled_in_writing_or_stop_the_approval(desk: Desk) -> None:
    b.place_name(desk.session, desk.registrar.id, "云雀路", Category.STREET, unit_code="500112106")
    row = desk.submitted(name="云雀路")
    assert row.findings["verdict"] == "refused"
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "report", desk.reviewer, stance="disagree")
    with pytest.raises(GuardUnmet, match="书面说明理由"):
        desk.step(row, "approve", desk.approver)
    for found in [f for f in row.findings["findings"] if f["severity"] == "error"]:
        with pytest.raises(GuardUnmet, match="尚未排除"):
            desk.step(row, "overrule", desk.approver, rule=found["rule"], message="别的")
        desk.step(
            row, "overrule", desk.approver, reason="旧名已停用", rule=found["rule"], message=found["message"]
        )
    assert [o["says"] for o in desk.case(row).opinions if o["kind"] == "overrule"]
    # The same rule meeting another name is another finding, which nobody has overruled.
    case = desk.case(row)
    assert open_errors(case) == []
    error = next(f for f in case.row["findings"]["findings"] if f["severity"] == "error")
    error["collides"] = [{**error["collides"][0], "unit": "500112107"}]
    assert open_errors(case) == [error]
    desk.step(row, "approve", desk.approver)
    assert row.state == "approved"


def test_a_double_click_and_a_stale_form_do_nothing(desk: Desk) -> None:
    row = desk.submitted()
    seen = row.version
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(Stale):
        decide.take_step(desk.session, desk.accepter, row.number, "accept", reason="再点一次", version=seen)
    with pytest.raises(Stale):
        apply.withdraw(desk.session, desk.township, row.number, version=seen, reason="旧页面")
    assert desk.session.scalar(text("select count(*) from application_step where transition = 'accept'")) == 1


BAD_DETAILS: list[dict] = [
    {"nonsense": "x"}, {"items": "位置图"}, {"items": ["x" * 501]}, {"items": ["x"] * 41}, {"until": "明天"},
    {"until": "2020-01-01"}, {"stance": "maybe"}, {"says": 7}, {"says": "a\x00b"}, {"date": "2999-01-01"},
    {"contents": ["x"]}, {"sha256": "0" * 64}, {"opens": "2026-03-05", "closes": "2026-03-04"},
]  # fmt: skip


def test_a_steps_form_is_checked(desk: Desk) -> None:
    row = desk.submitted()
    for details in BAD_DETAILS:
        with pytest.raises(BadDetail):
            desk.step(row, "ask_supplement", desk.accepter, **details)


def test_steps_have_a_name_and_a_reason(desk: Desk) -> None:
    row = desk.submitted()
    with pytest.raises(UnknownStep):
        desk.step(row, "publish_at_once", desk.accepter)
    with pytest.raises(NoReason):
        desk.step(row, "accept", desk.accepter, reason="  ")
    with pytest.raises(NoSuchApplication):
        decide.take_step(desk.session, desk.accepter, "500112-2026-99999", "accept", reason="x", version=1)


def test_a_clock_of_the_machine_turned_back_leaves_the_days_alone(desk: Desk, clock: Clock) -> None:
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    clock.on(-30)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "ask_more", desk.reviewer, items=["平面图"], until="2026-03-30")
    apply.supply(desk.session, desk.township, row.number, version=row.version)
    running = next(c for c in desk.case(row).clocks if c.limit_id == "DL-5")
    assert running.clock.pauses[0].since == TODAY and row.due is not None


def test_offers_are_the_steps_that_can_be_taken(desk: Desk) -> None:
    row = desk.reviewed(desk.submitted())
    mine = {t.name: [n.zh for n in needs] for t, needs in offers(desk.case(row), desk.approver)}
    assert mine["approve"] == [] and mine["return_to_review"] == [] and "report" not in mine
    other = {t.name: needs for t, needs in offers(desk.case(row), desk.reviewer)}
    assert "approve" not in other
    assert "approve" in {t.name for t, _ in offers(desk.case(row), desk.everything)}


def test_the_sets_of_the_life_are_used(desk: Desk) -> None:
    assert set(EFFECTS) <= set(life.LIFE.by_name) and set(life.LIFE.by_name) >= decide.BULK
