"""Refusals, readings of restricted data and writes stand on the audit chain."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from api.acts import administer
from api.security import watch
from api.security.permissions import TABLE
from api.security.settings import DoorSettings
from geo.store import audit, people
from geo.store.tables import AuditEvent, RateBucket
from geo.terms import UserRole

SESSIONS = "/api/v1/sessions"
WORDS = "/api/v1/word-lists"


@pytest.fixture
def since(committed):
    """since() -> the events written since the test began, oldest first."""
    committed.execute(delete(RateBucket))
    committed.commit()
    before = audit.head(committed)
    number = 0 if before is None else before.id

    def events(*acts: str) -> list[AuditEvent]:
        committed.rollback()
        found = committed.scalars(select(AuditEvent).where(AuditEvent.id > number).order_by(AuditEvent.id))
        return [e for e in found if not acts or e.act in acts]

    return events


def test_logging_in_and_out_is_noted(login_as, since):
    client = login_as(UserRole.SURVEYOR)
    client.delete(SESSIONS + "/current")
    into, out = since()
    assert (into.act, into.subject, into.after["kind"], into.after["by"]) == (
        "login",
        client.login,
        "cookie",
        "password",
    )
    assert (out.act, out.subject) == ("logout", client.login)
    assert out.after["session"] == into.after["session"]


def test_a_refused_login_is_noted_and_a_name_that_is_no_accounts_is_not_kept(client, login_as, since):
    name = login_as(UserRole.SURVEYOR).login
    client.post(SESSIONS, json={"user": name, "password": "wrong wrong wrong"})
    client.post(SESSIONS, json={"user": "my-secret-password", "password": "x"})
    known, unknown = since("refuse-login")
    assert (known.subject, known.after, known.actor_id) == (name, {"why": "wrong-password"}, None)
    assert (unknown.subject, unknown.after, unknown.actor) == ("", {"why": "unknown-login"}, "未登录者")
    assert "my-secret-password" not in str([audit.content(e) for e in since()])


def test_a_lock_out_is_noted_once_with_the_tries_on_both_sides(client, login_as, since):
    name = login_as(UserRole.SURVEYOR).login
    for _ in range(DoorSettings().lock_after + 2):
        client.post(SESSIONS, json={"user": name, "password": "not the password"})
    assert [e.subject for e in since("lock")] == [name]
    why = [e.after["why"] for e in since("refuse-login")]
    assert why.count("locked") == 2 and why.count("wrong-password") == DoorSettings().lock_after


def test_a_refused_person_is_noted_with_the_route_alone(login_as, since):
    client = login_as(UserRole.SURVEYOR)
    assert client.get(WORDS + "/leaders?q=secret").status_code == 403
    (event,) = since("refuse")
    assert event.subject == "GET /api/v1/word-lists/{list_name}" and client.login in event.actor
    assert event.after == {"status": 403, "what": "leaders"}


def test_a_page_that_shows_the_refusal_itself_is_noted_too(login_as, since):
    client = login_as(UserRole.REVIEWER)
    answer = client.post(
        "/protection",
        data={
            "csrf": client.headers["X-CSRF-Token"],
            "kind": "historical",
            "title": "某批",
            "document": "x",
            "batch": "1",
            "reason": "测试",
        },
    )
    assert answer.status_code == 403, "a reviewer makes no list"
    assert [e.subject for e in since("refuse")] == ["POST /protection"]


def test_nobody_floods_the_chain_with_refusals(login_as, since):
    client = login_as(UserRole.SURVEYOR)
    for _ in range(40):
        client.get(WORDS)
    assert watch.OWN_BURST <= len(since("refuse")) <= watch.OWN_BURST + 3, "and the rest is counted"
    other = login_as(UserRole.SURVEYOR)
    other.get(WORDS)
    last = since("refuse")[-1]
    assert other.login in last.actor
    assert last.after["unrecorded"] + len(since("refuse")) - 1 == 40


def test_what_no_event_has_counted_is_put_down_by_the_worker(committed, since):
    people.count_unrecorded(committed, watch.now())
    people.count_unrecorded(committed, watch.now())
    administer.tidy(committed, DoorSettings())
    committed.commit()
    (event,) = since()
    assert (event.actor, event.act, event.after) == ("系统", "refuse", {"unrecorded": 2})
    assert watch.count_the_rest(committed) == 0


def test_strangers_together_have_a_share_too(committed, since, monkeypatch):
    monkeypatch.setattr(watch, "ALL_BURST", 3)
    noted = [
        watch.refused(
            committed, audit.Stranger(f"192.0.2.{n}"), act="refuse-login", subject_kind="user", subject="", reason="x"
        )
        for n in range(9)
    ]  # fmt: skip
    assert 3 <= sum(noted) <= 4
    committed.commit()


def test_an_officer_who_reads_exact_markers_is_noted_once_however_many(login_as, since):
    officer = login_as(UserRole.REVIEWER)
    assert officer.get("/api/v1/markers?line=500112133-500112138").status_code == 200
    (event,) = since("read")
    assert (event.subject_kind, event.subject) == ("marker", "*") and officer.login in event.actor
    assert event.after == {"route": "GET /api/v1/markers", "query": {"line": "500112133-500112138"}}


def test_what_the_public_sees_is_nobodys_business(client, login_as, since):
    assert client.get("/api/v1/markers").status_code == 200
    assert login_as(UserRole.SURVEYOR).get("/api/v1/markers").status_code == 200
    assert since("read") == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/submissions/00000000-0000-4000-8000-000000000000/file", "submission"),
        ("/api/v1/evidence/" + "0" * 64, "evidence"),
        ("/maps/boundaries", "marker"),
    ],
)
def test_downloads_and_maps_are_noted(login_as, since, path, kind):
    login_as(UserRole.REVIEWER).get(path)
    assert [e.subject_kind for e in since("read")] == [kind]


def test_what_cannot_be_noted_cannot_be_read(login_as, since, monkeypatch):
    officer = login_as(UserRole.REVIEWER)

    def away(*_, **__):
        raise OSError(28, "no space left")

    monkeypatch.setattr(audit, "append", away)
    refused = officer.get("/api/v1/markers")
    assert refused.status_code == 507 and "items" not in refused.json()
    assert officer.get("/api/v1/boundary-lines").status_code == 200, "what is not watched is read as ever"


def test_a_write_whose_act_leaves_no_event_leaves_one_at_the_door(login_as, since):
    reviewer = login_as(UserRole.REVIEWER)
    answer = reviewer.post("/api/v1/evidence", files={"file": ("a.pdf", b"%PDF-1.4\n")})
    assert answer.status_code == 201
    (event,) = since("write")
    assert event.subject == "POST /api/v1/evidence" and event.after["status"] == 201


def test_a_write_with_an_event_of_its_own_gets_no_second_one(login_as, since):
    registrar = login_as(UserRole.REGISTRAR, UserRole.ADMINISTRATOR)
    registrar.post(
        WORDS + "/inflated",
        json={
            "word": "某某之最",
            "severity": "warning",
            "match": "anywhere",
            "source": "测试",
            "reason": "测试",
        },
    ).raise_for_status()
    assert len(since()) == 2, "the login and the word"


#: Parts of a path by which a file or an exact position leaves the house.
TELLING = ("/file", "/evidence/", "/materials/", "/markers", "/features", ".gpkg", "/diff", "/findings")
#: Their acts note the reading themselves, with the file's digest.
NOTED_BY_THE_ACT = {"/api/v1/applications/{number}/materials/{material_id}"}


def test_whatever_gives_restricted_data_away_is_watched():
    found = {
        path
        for (method, path), access in TABLE.items()
        if method == "GET" and not access.watched and any(part in path for part in TELLING)
    }
    assert found <= NOTED_BY_THE_ACT, "give these rows `watched(...)`, or note the reading in the act"
