"""What an approval writes into the register: new names, renamings, abolitions, and what they meet there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from api.acts import apply, comment
from api.acts.case_facts import facts_of
from api.acts.enter_name import SubjectGone
from geo import days
from geo.approvals import materials
from geo.machine import GuardUnmet
from geo.names.protection import EntryState, ListKind, ListState
from geo.store.tables import NameSuccession, ProtectionEntry, ProtectionList
from geo.terms import ApplicationAction as Action
from tests import builders as b
from tests.api.acts.desk import TODAY, WHOLE, Clock, Desk, a_street


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


def test_a_subject_that_has_gone_meanwhile_stops_the_approval(desk: Desk, lenient: None) -> None:
    from geo.store import names, versions
    from geo.store.tables import PlaceName

    old = a_street(desk)
    row = apply.begin(desk.session, desk.township, desk.change(Action.RENAMING, old, "青禾路"))
    apply.submit(desk.session, desk.township, row.ref, version=1)
    desk.reviewed(row)
    held = names.name_at(desk.session, old, days.today())
    made = versions.copy_of(held, held.valid, None)
    made.status = "former"
    names.enter(desk.session, made)
    with pytest.raises(SubjectGone):
        desk.step(row, "approve", desk.approver)
    assert isinstance(held, PlaceName)
