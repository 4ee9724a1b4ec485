"""Applications over HTTP: a draft to an announced name, who sees what, the status without an account, feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api.app import create_app
from api.security.settings import DoorSettings
from geo.store.engine import sessions
from geo.store.tables import User
from geo.terms import UserRole as R
from tests.api.acts.desk import PHONE, WHOLE
from tests.api.conftest import PASSWORD, TestClient, account

ATOM = "{http://www.w3.org/2005/Atom}"
EVIL = "云雀路<script>alert(1)</script>&=cmd"
FORM = {
    "action": "naming", "category": "街路巷", "name": "云雀路", "unit": "500112106", "applicant_kind": "builder",
    "geometry": {"type": "LineString", "coordinates": [[106.83, 29.92], [106.84, 29.93]]}, "contact_name": "经办人",
    "contact_phone": PHONE, "form": dict(WHOLE),
}  # fmt: skip


@pytest.fixture(scope="module")
def people(module_database: str, app: FastAPI) -> Iterator[dict[str, Any]]:
    """A bearer client for each role, the officers of one bureau."""
    clients: dict[str, Any] = {}
    with sessions("app")() as session, sessions("owner").begin() as owner:
        for role in (R.APPLICANT, R.ACCEPTANCE_OFFICER, R.REVIEWER, R.APPROVER, R.REGISTRAR, R.SURVEYOR):
            home = "甲建设公司" if role is R.APPLICANT else "民政局"
            login = account(session, role, organisation=home)
            client = TestClient(app)
            body = {"user": login, "password": PASSWORD, "kind": "token"}
            token = client.post("/api/v1/sessions", json=body).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            clients[role.value] = client
        stranger = TestClient(app)
        login = account(session, R.APPLICANT, organisation="乙建设公司")
        body = {"user": login, "password": PASSWORD, "kind": "token"}
        stranger.headers["Authorization"] = (
            f"Bearer {stranger.post('/api/v1/sessions', json=body).json()['token']}"
        )
        clients["stranger"] = stranger
        from tests import builders as b

        b.unit(owner, owner.scalars(select(User.id)).first(), "500112106", "统景镇")
    clients["nobody"] = TestClient(app)
    yield clients
    for client in clients.values():
        client.close()


def step(client: Any, taken: dict[str, Any], name: str, **details: Any) -> dict[str, Any]:
    answer = client.post(
        f"/api/v1/applications/{taken['number'] or taken['id']}/transitions",
        json={"transition": name, "reason": "依据充分", "version": taken["version"], "details": details},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def announced(people: dict[str, Any]) -> dict[str, Any]:
    """A street named and announced over HTTP."""
    draft = people["applicant"].post("/api/v1/applications", json=FORM)
    assert draft.status_code == 201 and draft.headers["Location"].endswith(draft.json()["id"])
    taken = step(people["applicant"], draft.json(), "submit")
    for role, name, details in (
        ("acceptance_officer", "accept", {}), ("reviewer", "begin_review", {}), ("reviewer", "report", {"stance": "agree"}),
        ("approver", "approve", {}), ("registrar", "announce", {"says": EVIL}), ("registrar", "send_filing", {}),
        ("registrar", "file", {}),
    ):  # fmt: skip
        taken = step(people[role], taken, name, **details)
    assert taken["state"] == "closed" and taken["state_name"] == "已办结"
    return taken


def test_the_name_is_found_once_it_is_announced(people: dict[str, Any], announced: dict[str, Any]) -> None:
    found = people["nobody"].get("/api/v1/place-names", params={"q": "yunquelu"}).json()["items"]
    assert [n["name"] for n in found] == ["云雀路"]
    page = people["nobody"].get(f"/api/v1/place-names/{announced['name_number']}").json()
    assert page["status"] == "standard" and page["announcement"].startswith("渝北民地公告〔")


def test_a_case_tells_each_reader_his_part(people: dict[str, Any], announced: dict[str, Any]) -> None:
    where = f"/api/v1/applications/{announced['number']}"
    officer, own = people["reviewer"].get(where).json(), people["applicant"].get(where).json()
    assert people["stranger"].get(where).status_code == 404 and people["nobody"].get(where).status_code == 401
    assert people["surveyor"].get(where).status_code == 403
    assert [s["transition"] for s in officer["steps"]] == [s["transition"] for s in own["steps"]]
    assert all(s["actor"] for s in officer["steps"]) and not any(s["actor"] for s in own["steps"])
    assert next(s for s in own["steps"] if s["transition"] == "report")["reason"] == ""
    assert {c["limit"] for c in officer["clocks"]} == {"DL-1", "DL-2", "DL-4", "DL-5", "DL-7"}
    assert officer["opinions"] and not own["opinions"] and own["contact_phone"] == PHONE
    assert own["geometry"]["type"] == "LineString" and not own["may"]


def test_lists_are_for_those_whose_they_are(people: dict[str, Any], announced: dict[str, Any]) -> None:
    for n in range(3):
        step(people["applicant"], people["applicant"].post("/api/v1/applications", json={**FORM, "name": f"青禾{n}路"}).json(), "submit")  # fmt: skip
    own = people["applicant"].get("/api/v1/applications").json()["items"]
    assert len(own) == 4 and people["stranger"].get("/api/v1/applications").json()["items"] == []
    numbers, cursor = [], None
    while True:
        page = people["acceptance_officer"].get(
            "/api/v1/applications", params={"limit": 2, "state": "submitted", **({"cursor": cursor} if cursor else {})}
        ).json()  # fmt: skip
        numbers += [i["number"] for i in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(numbers) == 3 == len(set(numbers))
    done = people["approver"].get("/api/v1/applications", params={"state": "closed"}).json()["items"]
    assert [i["number"] for i in done] == [announced["number"]]
    bad = people["approver"].get("/api/v1/applications", params={"cursor": "nonsense"})
    assert bad.status_code == 422


def test_stale_and_forbidden_steps_are_told_apart(people: dict[str, Any]) -> None:
    taken = step(
        people["applicant"], people["applicant"].post("/api/v1/applications", json=FORM).json(), "submit"
    )
    where = f"/api/v1/applications/{taken['number']}/transitions"

    def code(who: str, **body: Any) -> tuple[int, str]:
        whole = {"transition": "accept", "reason": "x", "version": taken["version"], **body}
        answer = people[who].post(where, json=whole)
        return answer.status_code, answer.json()["code"]

    assert code("acceptance_officer", version=1) == (409, "stale")
    assert code("reviewer") == (403, "step-not-yours")
    assert code("stranger") == (404, "no-such-application")
    assert code("acceptance_officer", transition="approve") == (409, "wrong-state")
    assert code("acceptance_officer", transition="nothing") == (422, "unknown-step")
    assert code("acceptance_officer", reason=" ") == (422, "no-reason")
    assert code("acceptance_officer", extra=1) == (422, "malformed")
    assert code("acceptance_officer", details={"items": 7}) == (422, "bad-detail")
    assert code("acceptance_officer", transition="ask_supplement") == (409, "guard-unmet")
    for geometry in (
        {"type": "Point"},
        {"type": "Point", "coordinates": ["a", "b"]},
        {},
        {"type": "Sphere", "coordinates": []},
    ):
        answer = people["applicant"].post("/api/v1/applications", json={**FORM, "geometry": geometry})
        assert answer.json()["code"] == "bad-shape", geometry


def test_the_status_answers_alike_for_a_wrong_number_and_a_wrong_phone(
    people: dict[str, Any], announced: dict[str, Any]
) -> None:
    def ask(number: str, phone: str) -> Any:
        return people["nobody"].post("/api/v1/application-status", json={"number": number, "phone": phone})

    told = ask(announced["number"], "138 0000 0000")
    assert told.status_code == 200 and told.json()["state"] == "closed" and PHONE not in told.text
    wrong = [
        ask(announced["number"], "13800000001"),
        ask("500112-2026-99999", PHONE),
        ask("x", ""),
        ask("", PHONE),
    ]
    bodies = [{k: v for k, v in w.json().items() if k != "request_id"} for w in wrong]
    assert {w.status_code for w in wrong} == {404} and all(one == bodies[0] for one in bodies)


def test_asking_for_the_status_is_limited(module_database: str) -> None:
    with TestClient(create_app(settings=DoorSettings(status_burst=3, status_per_minute=1))) as client:
        body = {"number": "500112-2026-77777", "phone": "1"}
        codes = [client.post("/api/v1/application-status", json=body).status_code for _ in range(5)]
    assert codes == [404, 404, 404, 429, 429]


def test_announcements_have_a_feed_a_permalink_and_the_heads_of_the_chain(
    people: dict[str, Any], announced: dict[str, Any]
) -> None:
    listed = people["nobody"].get("/api/v1/announcements").json()["items"]
    assert len(listed) == 1 and listed[0]["items"][0]["romanization"] == "Yúnquè Lù"
    assert set(listed[0]["items"][0]) >= {
        "name",
        "romanization",
        "unit",
        "position",
        "approved_by",
        "approved_on",
    }
    where = "/api/v1/announcements/" + "/".join(listed[0]["id"].split("/")[-2:])
    one = people["nobody"].get(where).json()
    with sessions("app")() as session:
        link = session.execute(
            text("select hash from audit_event where id = :id"), {"id": one["head_id"]}
        ).scalar_one()
    assert one["head_hash"] == link.hex()
    feed = people["nobody"].get("/announcements.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(feed.content)
    entry = root.find(f"{ATOM}entry")
    assert entry is not None and entry.findtext(f"{ATOM}id") == one["id"].replace("/api/v1", "")
    # What somebody typed is text in the feed, not markup.
    assert b"<script" not in feed.content and EVIL in entry.findtext(f"{ATOM}summary")
    assert one["head_hash"] in entry.findtext(f"{ATOM}summary")
    assert people["nobody"].get("/api/v1/announcements/1999/1").status_code == 404
    fixed = people["registrar"].post(
        f"{where}/corrections",
        json={"changes": {"0": {"position": "=1+1"}}, "says": "更正位置", "reason": "有误"},
    )
    assert fixed.status_code == 201
    again = people["nobody"].get(where).json()
    assert [one["kind"] for one in again["later"]] == ["correction"] and again["items"] == one["items"]
    assert people["nobody"].post(f"{where}/corrections", json={}).status_code == 401
    items = people["nobody"].get("/api/v1/announcements", params={"limit": 1}).json()
    more = people["nobody"].get("/api/v1/announcements", params={"limit": 1, "cursor": items["next"]}).json()
    assert (items["items"][0]["kind"], more["items"][0]["kind"], more["next"]) == (
        "correction",
        "announcement",
        None,
    )


def test_public_comment_over_http(people: dict[str, Any]) -> None:
    from datetime import timedelta

    from geo.days import today

    taken = step(people["applicant"], people["applicant"].post("/api/v1/applications", json={**FORM, "name": "松针路"}).json(), "submit")  # fmt: skip
    taken = step(people["acceptance_officer"], taken, "accept")
    taken = step(people["reviewer"], taken, "begin_review")
    where = f"/api/v1/comment-cases/{taken['number']}"
    said = {
        "stance": "oppose",
        "says": "<img src=x onerror=alert(1)>",
        "giver": "张某",
        "phone": "13911112222",
    }
    assert people["nobody"].post(f"{where}/comments", json=said).status_code == 404
    last = today() + timedelta(days=7)
    step(
        people["reviewer"],
        taken,
        "open_comment",
        opens=today().isoformat(),
        closes=last.isoformat(),
        says="欢迎",
    )
    given = people["nobody"].post(f"{where}/comments", json=said)
    assert given.status_code == 201
    assert people["nobody"].get(f"{where}/comments").json()["items"] == []
    case = people["nobody"].get(where)
    assert (
        case.json()["received"] == 1
        and case.json()["open"]
        and PHONE not in case.text
        and "经办人" not in case.text
    )
    held = people["reviewer"].get(f"/api/v1/applications/{taken['number']}/comments").json()
    assert held[0]["giver"] == "张某" and people["applicant"].get(f"/api/v1/applications/{taken['number']}/comments").status_code == 403  # fmt: skip
    body = {"show": True, "version": 1, "answer": "已转达"}
    shown = people["reviewer"].post(f"/api/v1/comments/{held[0]['number']}/moderation", json=body)
    assert shown.status_code == 200
    told = people["nobody"].get(f"{where}/comments")
    assert (
        told.json()["items"][0]["answer"] == "已转达"
        and "张某" not in told.text
        and "1391111" not in told.text
    )
    assert people["nobody"].get("/api/v1/comment-cases").json()["items"][0]["number"] == taken["number"]


def test_a_plan_over_http(people: dict[str, Any]) -> None:
    plan = people["applicant"].post("/api/v1/naming-plans", json={"title": "新区道路方案"}).json()
    drafts = [
        people["applicant"].post("/api/v1/applications", json={**FORM, "name": n, "plan": plan["ref"]}).json()
        for n in ("石榴路", "桐花路")
    ]
    where = f"/api/v1/naming-plans/{plan['ref']}"
    assert people["reviewer"].get(where).json()["cases"] == []
    body = {"transition": "submit", "reason": "提交方案", "versions": {d["id"]: d["version"] for d in drafts}}
    taken = people["applicant"].post(f"{where}/transitions", json=body)
    assert taken.status_code == 200 and len({t["number"] for t in taken.json()}) == 2
    assert people["stranger"].get(where).status_code == 404
    assert [c["name"] for c in people["reviewer"].get(where).json()["cases"]] == ["石榴路", "桐花路"]


def test_the_case_and_the_queue_take_a_fixed_number_of_queries(
    people: dict[str, Any], announced: dict[str, Any]
) -> None:
    from api.acts import case_facts
    from geo.store import approvals_case, approvals_queue
    from tests.api.conftest import DISTRICT

    with sessions("app")() as session:
        counted = Counted(session)
        found = approvals_case.case(session, announced["number"])
        assert counted.queries == 1 and len(found.steps) > 8 and case_facts.open_errors(found) == []
        approvals_queue.queue(session, DISTRICT)
        approvals_queue.counts(session, DISTRICT, found.row["saved"].date(), found.row["saved"].date())
        assert counted.queries == 3


class Counted:
    """Counts the statements of a session."""

    def __init__(self, session: Session) -> None:
        from sqlalchemy import event

        self.queries = 0

        def count(*_: Any) -> None:
            self.queries += 1

        event.listen(session.connection().engine, "before_cursor_execute", count)
