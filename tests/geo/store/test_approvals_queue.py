"""The queue on a filled table: its order, its pages, and that a page reads the rows that it shows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.store import approvals_queue as q
from geo.terms import UserRole
from tests import builders as b

FILL = """
    insert into place_name_application (ref, number, district, action, category, state, name, form, applicant_id,
        organisation_id, submitted_at, due, findings)
    select gen_random_uuid(), '500112-2026-' || (100000 + i), '500112', 'naming', '街路巷',
        (array['submitted','accepted','review','withdrawn','withdrawn','withdrawn'])[1 + i % 6], '路' || i, '{}',
        :person, :home, now(), case when i % 10 > 0 then date '2026-01-01' + i % 300 end, '{"verdict": "fits"}'
    from generate_series(1, 3000) i"""


@pytest.fixture
def filled(session: Session) -> Session:
    person = b.person(session, UserRole.APPLICANT)
    session.execute(text("alter table place_name_application disable trigger user"))
    session.execute(text(FILL), {"person": person.id, "home": person.organisation_id})
    session.execute(text("analyze place_name_application"))
    return session


def test_pages_follow_each_other_in_the_order_of_their_due_dates(filled: Session) -> None:
    seen: list[q.QueueRow] = []
    while page := q.queue(filled, "500112", limit=400, after=(seen[-1].due, seen[-1].id) if seen else None):
        seen += page
    assert len(seen) == 1500 == len({r.id for r in seen})
    assert seen == sorted(seen, key=lambda r: (r.due is None, r.due or date.max, r.id))


def test_a_page_reads_by_its_index(filled: Session) -> None:
    values = {"district": "500112"}
    page = q.of_states(q.QUEUE, [s.value for s in q.OPEN], 50)
    deep = {**values, "after_due": date(2026, 9, 1), "after_id": 5}
    for filters, given in (("", values), ("and (a.due, a.id) > (:after_due, :after_id)", deep)):
        statement = "explain (analyze, format json) " + page.replace("/*filters*/", filters)
        plan = filled.execute(text(statement), given).scalar_one()[0]["Plan"]
        found = [node for node in walk(plan) if node.get("Relation Name") == "place_name_application"]
        assert [n["Index Name"] for n in found] == ["place_name_application_queue_ix"]
        assert found[0]["Actual Rows"] == 50 and found[0].get("Rows Removed by Filter", 0) == 0


def walk(node: dict) -> list[dict]:
    return [node, *(one for child in node.get("Plans", ()) for one in walk(child))]


def test_counts_stop_where_nobody_reads_further(filled: Session) -> None:
    counts = q.counts(filled, "500112", date(2026, 2, 1), date(2026, 2, 10))
    assert set(counts) == {"submitted", "accepted", "review"} and counts["review"].cases == q.MOST
    assert 0 < counts["review"].overdue < q.MOST and counts["review"].soon > 0
