"""Applications from draft to announced name, and everything that may happen in between."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import shapely
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from api.acts import announce, apply, comment, decide
from api.acts.apply import BadShape, DraftMoved
from api.acts.case_facts import case_for, facts_of, offers, open_errors
from api.acts.decide import NothingChosen, OneByOne, PlanStepFailed, ReportIncomplete, UnknownStep
from api.acts.enter_name import SubjectGone
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from api.worker.documents import facts_of as document_facts
from geo.approvals import holidays, life, materials
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.names.categories import Category
from geo.names.protection import EntryState, ListKind, ListState
from geo.store import approvals_queue, audit_chain
from geo.store.approvals import NoSuchApplication
from geo.store.tables import (
    Announcement,
    ApplicationStep,
    AuditEvent,
    CaseDocument,
    NameSuccession,
    Organisation,
    ProtectionEntry,
    ProtectionList,
)
from geo.terms import ApplicationAction as Action
from geo.terms import UserRole
from maps.documents.kinds import Kind
from maps.documents.make import compose
from tests import builders as b
from tests.api.acts.desk import PHONE, WHOLE, Desk

TODAY = date(2026, 3, 2)  # a Monday


class Clock:
    """The day that everybody reads; a test moves it."""

    def __init__(self) -> None:
        self.day = TODAY

    def __call__(self, now: datetime | None = None) -> date:
        return self.day

    def on(self, days: int) -> None:
        self.day += timedelta(days=days)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(holidays, "today", made)
    return made


@pytest.fixture
def desk(session: Session, clock: Clock) -> Desk:
    return Desk(session)


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


def test_numbers_have_no_gaps(desk: Desk) -> None:
    desk.submitted(name="云雀路")
    with pytest.raises(GuardUnmet), desk.session.begin_nested():
        desk.submitted(form={})
    assert desk.submitted(name="青禾路").number == "500112-2026-00002"


def test_an_incomplete_form_is_not_handed_in(desk: Desk) -> None:
    for change in (
        {"name": ""},
        {"contact_phone": None},
        {"shape": None},
        {"applicant_kind": None},
        {"form": {}},
    ):
        row = apply.begin(desk.session, desk.township, replace(desk.content("云雀路"), **change))
        with pytest.raises(GuardUnmet, match="申请内容"):
            apply.submit(desk.session, desk.township, row.ref, version=1)


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


def test_strangers_do_not_learn_of_a_case(desk: Desk) -> None:
    row = desk.draft()
    with pytest.raises(NoSuchApplication):
        desk.step(row, "submit", desk.builder)
    # Officers learn of it once it is handed in.
    with pytest.raises(NoSuchApplication):
        desk.step(row, "accept", desk.accepter)
    with pytest.raises(NoSuchApplication):
        apply.save(desk.session, desk.builder, row.ref, desk.content(), version=1)
    apply.submit(desk.session, desk.colleague, row.ref, version=1)
    with pytest.raises(StepNotYours):
        desk.step(row, "accept", desk.reviewer)


def test_citizens_are_no_colleagues_of_each_other(desk: Desk) -> None:
    home = desk.session.get_one(Organisation, desk.citizen.organisation_id)
    other = b.person(desk.session, UserRole.APPLICANT, organisation_row=home)
    row = desk.submitted(desk.citizen, name="云雀路", applicant_kind="citizen")
    with pytest.raises(NoSuchApplication):
        case_for(desk.session, other, row.number)
    with pytest.raises(NoSuchApplication):
        apply.withdraw(desk.session, other, row.number, version=row.version, reason="不是我的")
    assert approvals_queue.own(desk.session, other.id, other.organisation_id) == []
    assert len(approvals_queue.own(desk.session, desk.citizen.id, desk.citizen.organisation_id)) == 1


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


def test_two_cases_for_one_name_the_second_meets_the_first(desk: Desk) -> None:
    first, second = (
        desk.submitted(name="云雀路"),
        desk.submitted(desk.builder, name="云雀路", applicant_kind="builder"),
    )
    assert [r["number"] for r in desk.case(first).rivals] == [second.number]
    desk.reviewed(first)
    desk.reviewed(second)
    assert second.findings["verdict"] == "fits"
    desk.step(first, "approve", desk.approver)
    with pytest.raises(GuardUnmet, match="书面说明理由"):
        desk.step(second, "approve", desk.approver)


def test_a_name_just_approved_is_met_by_one_that_sounds_like_it(desk: Desk) -> None:
    desk.approved("云雀路")
    row = desk.submitted(name="云鹊路")
    assert "9(8)-homophone" in [f["rule"] for f in row.findings["findings"]]


def commented(desk: Desk, clock: Clock, row: object) -> None:
    """Everything that a change of a street's name demands, public comment too."""
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "seek_opinions", desk.reviewer, items=["统景镇"])
    desk.step(row, "record_opinion", desk.reviewer, giver="统景镇", stance="agree", says="同意")
    opens, closes = clock.day.isoformat(), (clock.day + timedelta(days=7)).isoformat()
    desk.step(row, "open_comment", desk.reviewer, opens=opens, closes=closes, says="欢迎提出意见")
    said = comment.give(
        desk.session, row.number, stance="support", says="好听", giver="某市民", phone="13900000001"
    )
    clock.on(8)
    told = dict.fromkeys(materials.contents("comment"), "已办")
    with pytest.raises(GuardUnmet, match="公众意见均已处理"):
        desk.step(row, "record_comment", desk.reviewer, says="一条意见，已采纳", contents=told)
    comment.moderate(desk.session, desk.reviewer, said.number, show=True, version=1, answer="谢谢")
    desk.step(row, "record_comment", desk.reviewer, says="一条意见，已采纳", contents=told)
    desk.step(row, "report", desk.reviewer, stance="agree")


def test_a_renaming_and_then_an_abolition(desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUDI_AS_OF", "2026-03-02")
    old = a_street(desk)
    row = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, "青禾路"))
    apply.submit(desk.session, desk.township, row.ref, version=1)
    commented(desk, clock, row)
    monkeypatch.setenv("YUDI_AS_OF", "2026-04-01")
    desk.step(row, "approve", desk.approver)
    # Until the announcement the old name stands, and officers see that it is about to give way.
    assert desk.names(old) == [("云雀路", "standard", b.SINCE, None)]
    assert desk.case(row).subject["status"] == "standard"
    monkeypatch.setenv("YUDI_AS_OF", "2026-04-05")
    desk.step(row, "announce", desk.registrar)
    assert desk.names(old) == [
        ("云雀路", "standard", b.SINCE, date(2026, 4, 5)), ("云雀路", "former", date(2026, 4, 5), None),
    ]  # fmt: skip
    assert desk.names(row.result_number) == [
        ("青禾路", "approved", date(2026, 4, 1), date(2026, 4, 5)), ("青禾路", "standard", date(2026, 4, 5), None),
    ]  # fmt: skip
    gave = desk.session.scalars(select(NameSuccession).where(NameSuccession.from_number == old)).one()
    assert (gave.to_number, gave.kind, gave.on_date) == (row.result_number, "renamed", date(2026, 4, 5))
    assert desk.case(row).result["place_id"] == desk.case(row).subject["place_id"]
    # The old name cannot be changed a second time.
    again = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, "松针路"))
    with pytest.raises(GuardUnmet, match="申请内容"):
        apply.submit(desk.session, desk.township, again.ref, version=1)
    # Abolished: the street is gone.
    gone = apply.begin(
        desk.session,
        desk.township,
        desk.change(Action.ABOLITION, row.result_number, form={**WHOLE, "cause": "vanished"}),
    )
    apply.submit(desk.session, desk.township, gone.ref, version=1)
    none = materials.Demands(frozenset(), frozenset(), True, "", "")
    monkeypatch.setattr(materials, "demands", lambda *given, **more: none)
    desk.reviewed(gone)
    desk.step(gone, "approve", desk.approver)
    assert desk.names(row.result_number)[-1][1] == "standard" and gone.result_number is None
    monkeypatch.setenv("YUDI_AS_OF", "2026-05-05")
    desk.step(gone, "announce", desk.registrar)
    assert desk.names(row.result_number)[-1] == ("青禾路", "vanished", date(2026, 5, 5), None)
    ended = desk.session.scalars(
        select(NameSuccession).where(
            NameSuccession.from_number == row.result_number, NameSuccession.to_number.is_(None)
        )
    ).one()
    assert ended.kind == "vanished"


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change demands no consultations: the tests that are not about them are quicker."""
    none = materials.Demands(frozenset(), frozenset(), True, "", "")
    monkeypatch.setattr(materials, "demands", lambda *given, **more: none)


def a_street(desk: Desk, name: str = "云雀路") -> int:
    """A standard name in the register."""
    return b.place_name(
        desk.session, desk.registrar.id, name, Category.STREET, unit_code="500112106", point=(106.83, 29.92)
    ).number  # fmt: skip


def test_two_approved_changes_of_one_name_do_not_meet(desk: Desk, lenient: None) -> None:
    old = a_street(desk)
    rows = []
    for name in ("青禾路", "松针路"):
        row = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, name))
        apply.submit(desk.session, desk.township, row.ref, version=1)
        desk.reviewed(row)
        rows.append(row)
    desk.step(rows[0], "approve", desk.approver)
    with pytest.raises(Exception, match="等待公告"):
        desk.step(rows[1], "approve", desk.approver)


def test_a_listed_name_is_renamed_only_with_measures(desk: Desk) -> None:
    old = a_street(desk)
    held = ProtectionList(
        district=b.DISTRICT, kind=ListKind.HISTORIC.value, batch=1, title="第1批", state=ListState.PUBLISHED.value,
        document="渝北民发〔2026〕1号", published_on=TODAY,
    )  # fmt: skip
    desk.session.add(held)
    desk.session.flush()
    desk.session.add(
        ProtectionEntry(
            list_id=held.id, number=old, proposed_by=desk.registrar.id, state=EntryState.ACCEPTED.value,
            kind_class="town", grounds=["old"], measures=["sign"], reasons="见于旧志",
        )
    )  # fmt: skip
    desk.session.flush()
    row = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, "青禾路"))
    apply.submit(desk.session, desk.township, row.ref, version=1)
    assert desk.case(row).protected
    assert "25-protected" in [f["rule"] for f in row.findings["findings"]]
    needs = facts_of(desk.case(row), desk.accepter)
    assert needs.protected_bare and "protection_measures" in needs.missing and "expert" in needs.required
    with pytest.raises(GuardUnmet, match="齐全的申请材料"):
        desk.step(row, "accept", desk.accepter)


def test_another_departments_approval_is_announced_after_its_filing(desk: Desk, clock: Clock) -> None:
    row = desk.submitted(desk.builder, name="云栖苑", category=Category.ESTATE, applicant_kind="builder")
    assert row.route == "consult"
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "report", desk.reviewer, stance="agree")
    with pytest.raises(GuardUnmet, match="本级有权决定"):
        desk.step(row, "approve", desk.approver)
    desk.step(row, "answer", desk.approver, stance="agree")
    assert row.state == "consulted" and row.result_number is None
    clock.on(10)
    paper = {"body": "渝北区住房和城乡建设委员会", "number": "渝北建〔2026〕9号", "date": "2026-03-05"}
    desk.step(row, "record_approval", desk.registrar, **paper)
    assert row.state == "approved" and [n[1] for n in desk.names(row.result_number)] == ["approved"]
    running = {c.limit_id: c.due for c in desk.case(row).clocks if c.clock.stopped is None}
    assert running["DL-1"] == date(2026, 3, 20) and "DL-2" not in running and "DL-3" not in running
    with pytest.raises(GuardUnmet, match="先办结备案"):
        desk.step(row, "announce", desk.registrar)
    desk.step(row, "send_filing", desk.registrar)
    desk.step(row, "file", desk.registrar, date="2026-03-12")
    running = {c.limit_id: c.due for c in desk.case(row).clocks if c.clock.stopped is None}
    assert running["DL-3"] == date(2026, 3, 27)
    desk.step(row, "announce", desk.registrar)
    assert row.state == "closed"


def test_a_park_is_only_filed_here(desk: Desk) -> None:
    row = desk.submitted(desk.builder, name="云雀公园", category=Category.PARK, applicant_kind="builder")
    assert row.route == "file"
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(GuardUnmet, match="只备案"):
        desk.step(row, "begin_review", desk.reviewer)
    desk.step(
        row, "record_approval", desk.registrar, body="林业局", number="林〔2026〕1号", date="2026-03-01"
    )
    assert row.state == "approved"


def test_a_filing_that_is_returned_keeps_its_first_days(desk: Desk, clock: Clock) -> None:
    row = desk.approved()
    due = next(c.due for c in desk.case(row).clocks if c.limit_id == "DL-1")
    desk.step(row, "send_filing", desk.registrar)
    with pytest.raises(GuardUnmet, match="未报送"):
        desk.step(row, "send_filing", desk.registrar)
    clock.on(5)
    desk.step(row, "return_filing", desk.registrar, reason="缺论证报告")
    again = [c for c in desk.case(row).clocks if c.limit_id == "DL-1"]
    assert len(again) == 2 and again[1].due == due
    desk.step(row, "send_filing", desk.registrar)
    desk.step(row, "file", desk.registrar)
    assert [f["state"] for f in desk.case(row).filings] == ["returned", "filed"]


def test_a_citizens_suggestion_is_taken_up_by_a_township(desk: Desk) -> None:
    row = desk.submitted(desk.citizen, name="云雀路", applicant_kind="citizen")
    assert row.route is None
    with pytest.raises(GuardUnmet, match="此件为建议"):
        desk.step(row, "accept", desk.accepter)
    with pytest.raises((GuardUnmet, NoSuchApplication)):
        apply.take_up(desk.session, desk.builder, row.number, version=row.version, reason="采纳")
    assert [s.name for s in apply.listed_suggestions(desk.session, desk.township)] == ["云雀路"]
    assert apply.listed_suggestions(desk.session, desk.builder) == []
    closed, draft = apply.take_up(desk.session, desk.township, row.number, version=row.version, reason="采纳")
    assert closed.state == "closed" and draft.state == "draft" and draft.form["suggestion"] == row.number
    assert draft.organisation_id == desk.township.organisation_id and draft.contact_phone is None
    assert apply.listed_suggestions(desk.session, desk.township) == []


def test_a_wrong_applicant_is_not_accepted(desk: Desk) -> None:
    row = desk.submitted(desk.builder, name="云雀村", category=Category.COMMITTEE, applicant_kind="builder")
    with pytest.raises(GuardUnmet, match="法定的申请人"):
        desk.step(row, "accept", desk.accepter)
    with pytest.raises(BadDetail):
        desk.draft(desk.builder, applicant_kind="township")


def test_a_plan_is_decided_name_by_name_together(desk: Desk) -> None:
    held = apply.begin_plan(desk.session, desk.township, "统景新区道路命名方案")
    names = ("云雀路", "青禾路", "松针路")
    drafts = [apply.begin(desk.session, desk.township, desk.content(n), plan=held.ref) for n in names]
    rows = apply.submit_plan(desk.session, desk.township, held.ref, versions={str(r.ref): 1 for r in drafts})
    assert [r.number for r in rows] == [f"500112-2026-0000{i}" for i in (1, 2, 3)]
    versions = {r.number: r.version for r in rows}

    def all_of(name: str, who: object, rows: list = rows, **details: object) -> list:
        return decide.take_steps(
            desk.session, who, held.ref, name, reason="依据充分", details=details,
            versions={r.number: r.version for r in rows},
        )  # fmt: skip

    all_of("accept", desk.accepter)
    with pytest.raises(Stale):
        decide.take_steps(
            desk.session, desk.reviewer, held.ref, "begin_review", reason="开始", versions=versions
        )
    all_of("begin_review", desk.reviewer)
    with pytest.raises(OneByOne):
        all_of("hold_expert", desk.reviewer)
    with pytest.raises(NothingChosen):
        decide.take_steps(desk.session, desk.reviewer, held.ref, "report", reason="x", versions={})
    all_of("report", desk.reviewer, rows[:2], stance="agree")
    with pytest.raises(PlanStepFailed, match="00003"), desk.session.begin_nested():
        all_of("approve", desk.approver)
    all_of("report", desk.reviewer, rows[2:], stance="agree")
    all_of("approve", desk.approver)
    assert len({r.decision_number for r in rows}) == 1 and len({r.result_number for r in rows}) == 3
    papers = desk.session.scalars(select(CaseDocument).where(CaseDocument.kind == "approval")).all()
    assert len(papers) == 1 and papers[0].plan_id == held.id and len(papers[0].facts["places"]) == 3
    assert [s["name"] for s in desk.case(rows[0]).siblings] == ["青禾路", "松针路"]
    all_of("announce", desk.registrar)
    told = desk.session.scalars(select(Announcement)).one()
    assert [i["name"] for i in told.items] == list(names) and told.title == "关于“云雀路”等3个地名命名的公告"


def test_a_plan_does_not_collide_with_itself(desk: Desk) -> None:
    held = apply.begin_plan(desk.session, desk.township, "方案")
    drafts = [
        apply.begin(desk.session, desk.township, desk.content(n), plan=held.ref) for n in ("云雀路", "云雀路")
    ]
    rows = apply.submit_plan(desk.session, desk.township, held.ref, versions={str(r.ref): 1 for r in drafts})
    assert {r.findings["verdict"] for r in rows} == {"refused"}


def test_corrections_and_withdrawals_leave_both_visible(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    row = desk.closed("云雀路")
    first = desk.session.scalars(select(Announcement)).one()
    assert first.head_id and first.head_hash and first.number == "渝北民地公告〔2026〕1号"
    fixed = announce.correct(
        desk.session,
        desk.registrar,
        2026,
        1,
        changes={0: {"position": "南起甲路"}},
        says="位置有误",
        reason="更正",
    )
    assert (fixed.kind, fixed.of_id, fixed.items[0]["position"]) == ("correction", first.id, "南起甲路")
    assert first.items[0]["position"] == WHOLE["position"]
    with pytest.raises(BadDetail):
        announce.correct(
            desk.session, desk.registrar, 2026, 1, changes={0: {"name": "别名"}}, says="", reason="改名"
        )
    with pytest.raises(StepNotYours):
        announce.correct(
            desk.session, desk.reviewer, 2026, 1, changes={0: {"unit": "x"}}, says="", reason="改"
        )
    announce.withdraw(desk.session, desk.approver, row.number, reason="公告有误", version=row.version)
    assert row.state == "approved" and [n[1] for n in desk.names(row.result_number)][-1] == "approved"
    kinds = [a["kind"] for a in desk.case(row).announcements]
    assert kinds == ["announcement", "correction", "withdrawal"]
    with pytest.raises(announce.AlreadyWithdrawn):
        announce.correct(
            desk.session, desk.registrar, 2026, 1, changes={0: {"unit": "x"}}, says="", reason="改"
        )
    desk.step(row, "announce", desk.registrar)
    assert row.state == "closed" and [n[1] for n in desk.names(row.result_number)][-1] == "standard"


def test_a_withdrawn_renaming_brings_the_old_name_back(desk: Desk, lenient: None) -> None:
    old = a_street(desk)
    row = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, "青禾路"))
    apply.submit(desk.session, desk.township, row.ref, version=1)
    desk.reviewed(row)
    desk.step(row, "approve", desk.approver)
    desk.step(row, "announce", desk.registrar)
    announce.withdraw(desk.session, desk.approver, row.number, reason="公告有误", version=row.version)
    assert desk.names(old)[-1][1] == "standard" and desk.names(row.result_number)[-1][1] == "approved"
    desk.step(row, "announce", desk.registrar)
    assert desk.names(old)[-1][1] == "former" and desk.names(row.result_number)[-1][1] == "standard"


def test_a_subject_that_has_gone_meanwhile_stops_the_approval(desk: Desk, lenient: None) -> None:
    from geo.store import names, versions
    from geo.store.tables import PlaceName

    old = a_street(desk)
    row = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, "青禾路"))
    apply.submit(desk.session, desk.township, row.ref, version=1)
    desk.reviewed(row)
    held = names.name_at(desk.session, old, date.today())
    made = versions.copy_of(held, held.valid, None)
    made.status = "former"
    names.enter(desk.session, made)
    with pytest.raises(SubjectGone):
        desk.step(row, "approve", desk.approver)
    assert isinstance(held, PlaceName)


# Stale forms, replays, bad input ------------------------------------------------------------------------------------


def test_a_double_click_and_a_stale_form_do_nothing(desk: Desk) -> None:
    row = desk.submitted()
    seen = row.version
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(Stale):
        decide.take_step(desk.session, desk.accepter, row.number, "accept", reason="再点一次", version=seen)
    with pytest.raises(Stale):
        apply.withdraw(desk.session, desk.township, row.number, version=seen, reason="旧页面")
    assert desk.session.scalar(text("select count(*) from application_step where transition = 'accept'")) == 1


def test_a_draft_saved_in_another_window_is_not_written_over(desk: Desk) -> None:
    row = desk.draft(name="云雀路")
    seen = row.saved
    apply.save(desk.session, desk.township, row.ref, desk.content("青禾路"), version=1, saved=seen)
    with pytest.raises(DraftMoved):
        apply.save(desk.session, desk.township, row.ref, desk.content("松针路"), version=1, saved=seen)
    assert row.name == "青禾路" and row.version == 1
    apply.submit(desk.session, desk.township, row.ref, version=1)
    with pytest.raises(WrongState):
        apply.save(desk.session, desk.township, row.ref, desk.content("松针路"), version=row.version)


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


BAD_SHAPES = [
    shapely.Point(29.9, 106.8), shapely.Point(0, 0), shapely.Polygon(), shapely.GeometryCollection([shapely.Point(106, 29)]),
    shapely.Polygon([(106, 29), (107, 30), (107, 29), (106, 30)]), shapely.LineString([(106 + i / 1e5, 29) for i in range(5002)]),
    shapely.Point(float("nan"), 29),
]  # fmt: skip


def test_a_place_that_is_none_is_refused(desk: Desk) -> None:
    for shape in BAD_SHAPES:
        with pytest.raises(BadShape):
            desk.draft(shape=shape)


BAD_FORMS: list[dict] = [{"reasons": "x" * 5001}, {"Not A Key": "x"}, {f"k{i}": "x" for i in range(61)}, {"width_m": "16"}, {"width_m": True},
     {"reasons": {"a": 1}}, {"reasons": "\ud800"}]  # fmt: skip


def test_a_form_that_is_none_is_refused(desk: Desk) -> None:
    for form in BAD_FORMS:
        with pytest.raises(BadDetail):
            desk.draft(form=form)


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


# Public comment -------------------------------------------------------------------------------------------------------


def test_comments_are_taken_in_their_period_and_shown_after_moderation(desk: Desk, clock: Clock) -> None:
    from geo.store import comments

    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(comments.NoSuchCommentCase):
        comment.give(desk.session, row.number, stance="support", says="好")
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(
        row, "open_comment", desk.reviewer, opens="2026-03-03", closes="2026-03-10", says="欢迎提出意见"
    )
    with pytest.raises(comments.NoSuchCommentCase):
        comment.give(desk.session, row.number, stance="support", says="太早")
    clock.on(1)
    one = comment.give(
        desk.session, row.number, stance="oppose", says="<b>不好</b>", giver="张某", phone=PHONE
    )
    two = comment.give(desk.session, row.number, stance="support", says="广告")
    for bad in (
        {"stance": "maybe", "says": "x"},
        {"stance": "support", "says": "  "},
        {"stance": "other", "says": "长" * 2001},
    ):
        with pytest.raises((comment.BadComment, BadDetail)):
            comment.give(desk.session, row.number, **bad)
    with pytest.raises(StepNotYours):
        comment.moderate(desk.session, desk.accepter, one.number, show=True, version=1)
    comment.moderate(desk.session, desk.reviewer, one.number, show=True, version=1, answer="已转达")
    with pytest.raises(Stale):
        comment.moderate(desk.session, desk.registrar, one.number, show=False, version=1, reason="迟了")
    with pytest.raises(NoReason):
        comment.moderate(desk.session, desk.reviewer, two.number, show=False, version=1)
    comment.moderate(desk.session, desk.reviewer, two.number, show=False, version=1, reason="与地名无关")
    told = desk.session.execute(text("select * from published.public_comment")).mappings().all()
    assert [w["says"] for w in told] == ["<b>不好</b>"] and not {"giver", "phone"} & set(told[0])
    assert not any("张某" in str(v) or PHONE in str(v) for w in told for v in w.values())
    counts = desk.case(row).comment
    assert (counts["received"], counts["shown"], counts["oppose"], counts["support"]) == (2, 1, 1, 0)
    comment.lengthen(
        desk.session, desk.reviewer, row.number, date(2026, 3, 12), version=1, reason="应市民请求"
    )
    clock.day = date(2026, 3, 13)
    with pytest.raises(comment.CommentClosed):
        comment.give(desk.session, row.number, stance="support", says="太晚")
    # Who said what is nowhere in the audit trail.
    trail = desk.session.scalars(select(AuditEvent.after).where(AuditEvent.act == "comment.give")).all()
    assert trail and not any("张某" in str(a) or "不好" in str(a) for a in trail)


# Lists and offers -----------------------------------------------------------------------------------------------------


def test_offers_are_the_steps_that_can_be_taken(desk: Desk) -> None:
    row = desk.reviewed(desk.submitted())
    mine = {t.name: [n.zh for n in needs] for t, needs in offers(desk.case(row), desk.approver)}
    assert mine["approve"] == [] and mine["return_to_review"] == [] and "report" not in mine
    other = {t.name: needs for t, needs in offers(desk.case(row), desk.reviewer)}
    assert "approve" not in other
    assert "approve" in {t.name for t, _ in offers(desk.case(row), desk.everything)}


def test_the_queue_has_the_soonest_due_first_and_no_drafts(desk: Desk, clock: Clock) -> None:
    desk.draft()
    late = desk.submitted(name="云雀路")
    clock.on(2)
    soon = desk.submitted(name="青禾路")
    desk.step(late, "accept", desk.accepter)
    rows = approvals_queue.queue(desk.session, b.DISTRICT)
    assert [r.number for r in rows] == [soon.number, late.number]
    first = approvals_queue.queue(desk.session, b.DISTRICT, limit=1)
    then = approvals_queue.queue(desk.session, b.DISTRICT, after=(first[0].due, first[0].id))
    assert [r.number for r in then] == [late.number]
    assert [
        r.number
        for r in approvals_queue.queue(desk.session, b.DISTRICT, approvals_queue.Filters(text="青禾"))
    ] == [soon.number]
    counts = approvals_queue.counts(desk.session, b.DISTRICT, date(2026, 3, 12), date(2026, 5, 1))
    assert counts["submitted"].overdue == 1 and counts["accepted"].overdue == 0
    assert (
        approvals_queue.next_in_queue(desk.session, b.DISTRICT, ("submitted", "accepted"), soon.id)
        == late.number
    )
    assert len(approvals_queue.own(desk.session, desk.township.id, desk.township.organisation_id)) == 3


def test_the_status_needs_number_and_phone(desk: Desk) -> None:
    row = desk.submitted()
    for given in (PHONE, "138-0000-0000", "+86 138 0000 0000"):
        assert approvals_queue.status(desk.session, row.number, given).state == "submitted"
    asked: list[str] = []
    event.listen(desk.session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
    for number, phone in (
        (row.number, "13800000001"),
        (row.number, ""),
        ("500112-2026-99999", PHONE),
        ("", ""),
    ):
        asked.clear()
        assert approvals_queue.status(desk.session, number, phone) is None
        # The same work for a wrong number as for a wrong phone.
        assert len(asked) == 1 and "contact_phone" in asked[0]


# Documents --------------------------------------------------------------------------------------------------------------


def test_every_kind_of_document_can_be_read_as_its_facts(desk: Desk, clock: Clock) -> None:
    row = desk.submitted(form={**WHOLE, "position": ""})
    desk.step(row, "ask_supplement", desk.accepter, items=["位置图"], until="2026-03-20")
    apply.save(desk.session, desk.township, row.number, desk.content(row.name), version=row.version)
    apply.supply(desk.session, desk.township, row.number, version=row.version)
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "extend", desk.approver, reason="须核查")
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "report", desk.reviewer, stance="agree")
    desk.step(row, "approve", desk.approver)
    desk.step(row, "send_filing", desk.registrar)
    desk.step(row, "announce", desk.registrar)
    desk.step(desk.reviewed(desk.submitted()), "refuse", desk.approver)
    desk.step(desk.submitted(), "not_accept", desk.accepter)
    other = desk.submitted(desk.builder, name="云栖苑", category=Category.ESTATE, applicant_kind="builder")
    desk.step(desk.reviewed(other), "answer", desk.approver, stance="agree")
    papers = desk.session.scalars(select(CaseDocument)).all()
    assert {p.kind for p in papers} == {k.value for k in Kind}
    for paper in papers:
        said = document_facts(paper)
        assert isinstance(said, Kind(paper.kind).facts) and said.number == paper.number and said.on == TODAY
        assert said.issuer.name == "渝北区民政局" and (said.places or paper.kind == "refusal")
        assert not any("13800000000" in str(v) for v in paper.facts.values())
    jobs = desk.session.scalar(
        text("select count(*) from procrastinate_jobs where task_name = 'make_document'")
    )
    assert jobs == len(papers)


def test_notices_are_made_where_next_years_working_days_are_not_known(desk: Desk, clock: Clock) -> None:
    clock.day = date(2099, 12, 20)
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    papers = desk.session.scalars(select(CaseDocument).where(CaseDocument.kind == "acceptance")).all()
    assert row.due is None and papers[0].facts["due"] is None
    assert "届满" not in str(compose(Kind.ACCEPTANCE, document_facts(papers[0])))


def test_the_sets_of_the_life_are_used(desk: Desk) -> None:
    assert set(decide.EFFECTS) <= set(life.LIFE.by_name) and set(life.LIFE.by_name) >= decide.BULK
