"""The officers' queue (待办), and the status by number and phone."""

from __future__ import annotations

from datetime import date

from sqlalchemy import event

from geo.store import approvals_queue
from tests import builders as b
from tests.api.acts.desk import PHONE, WHOLE, Clock, Desk


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


def test_what_waits_for_a_supplement_shows_until_when(desk: Desk, clock: Clock) -> None:
    told, bare = (desk.submitted(form={**WHOLE, "position": ""}) for _ in range(2))
    desk.step(told, "ask_supplement", desk.accepter, items=["位置图"], until="2026-03-20")
    desk.step(bare, "ask_supplement", desk.accepter, items=["位置图"])
    desk.submitted()
    rows = {r.number: (r.due, r.until) for r in approvals_queue.queue(desk.session, b.DISTRICT)}
    assert rows[told.number] == (None, date(2026, 3, 20)) and rows[bare.number] == (None, date(2026, 3, 17))
    assert sorted(until is None for _, until in rows.values()) == [False, False, True]
