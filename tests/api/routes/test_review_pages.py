"""The officers' pages ask the database as often for many cases as for one: no question in a loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from api.acts import apply
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


def test_a_plans_step_asks_for_what_it_needs_of_all_the_chosen(desk: Desk, login_as: Any) -> None:
    """The fields of each step bear its name; of the chosen one alone they count, and none of the names is left behind."""
    held = apply.begin_plan(desk.session, desk.township, "统景新区道路命名方案")
    drafts = [
        apply.begin(desk.session, desk.township, desk.content(n), plan=held.ref) for n in ("柳浪路", "荷风路")
    ]
    rows = apply.submit_plan(desk.session, desk.township, held.ref, versions={str(r.ref): 1 for r in drafts})
    for row in rows:
        desk.step(row, "accept", desk.accepter)
        desk.step(row, "begin_review", desk.reviewer)
    desk.session.commit()
    client, url = login_as(R.REVIEWER), f"/review/plans/{held.ref}"
    page = client.get(url).text
    assert (
        'name="report:stance"' in page
        and "期限" in page
        and "ask_more" not in page
        and "seek_opinions" not in page
    )
    form = {"transition": "report", "reason": "审查完毕", "case": [r.number for r in rows]} | {
        f"version:{r.number}": str(r.version) for r in rows
    }
    refused = client.post(url, data=form)
    assert refused.status_code == 409 and "结论" in refused.text
    done = client.post(
        url, data=form | {"report:stance": "agree", "send_filing:body": "无关"}, follow_redirects=False
    )
    assert done.status_code == 303
    for row in rows:
        desk.session.refresh(row)
        assert row.state == "reviewed"
        assert desk.case(row).steps[-1].details == {"stance": "agree"}
