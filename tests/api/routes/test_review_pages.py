"""The officers' pages ask the database as often for many cases as for one: no question in a loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from geo.store.engine import engine, sessions
from geo.terms import UserRole as R
from tests.api.acts.desk import NAMES, Desk


@pytest.fixture(scope="module")
def desk(module_database: str) -> Desk:
    """Officers and applicants of the module's database; what they do is committed step by step."""
    with sessions("owner")() as session:
        made = Desk(session)
        session.commit()
        yield made


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What is asked of the database, by the application's and the public's role."""
    told: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        told.append(statement)

    bound = [engine(role) for role in ("app", "public")]
    for each in bound:
        event.listen(each, "before_cursor_execute", note)
    yield told
    for each in bound:
        event.remove(each, "before_cursor_execute", note)


def count(client: Any, path: str, asked: list[str]) -> int:
    """Statements of one page, what a process keeps being warm."""
    client.get(path)
    asked.clear()
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return len(asked)


def test_the_queue_asks_as_often_for_many_cases_and_submissions_as_for_one(
    desk: Desk, login_as: Any, asked: list[str]
) -> None:
    client = login_as(R.APPROVER, R.REVIEWER, R.ACCEPTANCE_OFFICER)
    counts = []
    for some in (NAMES[:1], NAMES[1:6]):
        for name in some:
            desk.step(desk.submitted(name=name), "accept", desk.accepter)
            desk.session.execute(
                text(SUBMISSION), {"person": desk.builder.id, "home": desk.builder.organisation_id}
            )
        desk.session.commit()
        counts.append(count(client, "/review", asked))
    shown = client.get("/review").text
    assert all(name in shown for name in NAMES[:6]) and shown.count('class="num cell-number"') == 6
    assert len(set(counts)) == 1 and counts[0] <= 6, counts


SUBMISSION = """
    insert into submission (id, district, submitted_by, organisation_id, state, verdict, profile)
    values (gen_random_uuid(), '500112', :person, :home, 'checked', 'accept', 'township')"""


def test_a_case_asks_as_often_with_a_long_history_as_with_a_short_one(
    desk: Desk, login_as: Any, asked: list[str]
) -> None:
    client = login_as(R.REVIEWER)
    row = desk.submitted(name=NAMES[7])
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.session.commit()
    short = count(client, f"/review/{row.number}", asked)
    bodies = [f"演示部门{n}" for n in range(8)]
    desk.step(row, "seek_opinions", desk.reviewer, items=bodies)
    for body in bodies:
        desk.step(row, "record_opinion", desk.reviewer, giver=body, stance="agree", says="无意见")
    desk.session.commit()
    long = count(client, f"/review/{row.number}", asked)
    assert "演示部门7" in client.get(f"/review/{row.number}").text
    assert short == long <= 9, (short, long)
