"""本人账号: password, sessions and tokens of one's own."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from api.security.settings import DoorSettings
from geo.store.tables import AuditEvent, LoginSession, RateBucket, User
from geo.terms import UserRole
from tests.api.conftest import PASSWORD, TestClient

ACCOUNT = "/api/v1/account"
WHO = "/api/v1/sessions/current"
NEW = "统景温泉的清晨-2025"


@pytest.fixture(autouse=True)
def full_buckets(committed):
    committed.execute(delete(RateBucket))
    committed.commit()


def bearer(client, name: str, password: str = PASSWORD) -> dict[str, str]:
    body = {"user": name, "password": password, "kind": "token"}
    return {"Authorization": "Bearer " + client.post("/api/v1/sessions", json=body).json()["token"]}


def test_a_new_password_ends_all_other_sessions_and_rotates_this_one(app, client, login_as, committed):
    mine = login_as(UserRole.SURVEYOR)
    token = bearer(client, mine.login)
    before = mine.cookies["yudi_session"]
    answer = mine.put(ACCOUNT + "/password", json={"old": PASSWORD, "new": NEW})
    assert answer.status_code == 200, answer.text
    assert mine.cookies["yudi_session"] != before and mine.get(WHO).json()["csrf"] == answer.json()["csrf"]
    with TestClient(app) as other:
        other.cookies.set("yudi_session", before)
        assert other.get(WHO).status_code == 401
        assert other.get(WHO, headers=token).status_code == 401
        assert (
            other.post("/api/v1/sessions", json={"user": mine.login, "password": PASSWORD}).status_code == 401
        )
        assert other.post("/api/v1/sessions", json={"user": mine.login, "password": NEW}).status_code == 201
    event = committed.scalars(
        select(AuditEvent).where(AuditEvent.act == "password", AuditEvent.subject == mine.login)
    ).one()
    assert event.after == {"sessions_ended": 1} and NEW not in str(event.after)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("not the password", NEW, "wrong-password"),
        (PASSWORD, PASSWORD, "same-password"),
        (PASSWORD, "password1234", "weak-password"),
        (PASSWORD, "short", "weak-password"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(login_as, old, new, code):
    client = login_as(UserRole.SURVEYOR)
    refused = client.put(ACCOUNT + "/password", json={"old": old, "new": new})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert client.get(WHO).status_code == 200


def test_guessing_the_present_password_from_an_open_window_locks_the_account(login_as):
    client = login_as(UserRole.SURVEYOR)
    for _ in range(DoorSettings().lock_after):
        client.put(ACCOUNT + "/password", json={"old": "not the password", "new": NEW})
    locked = client.put(ACCOUNT + "/password", json={"old": PASSWORD, "new": NEW})
    assert locked.status_code == 429 and locked.json()["code"] == "account-locked"


def test_tries_are_limited_whatever_the_lock(login_as):
    client = login_as(UserRole.SURVEYOR)
    statuses = {
        client.put(ACCOUNT + "/password", json={"old": PASSWORD, "new": "short"}).status_code
        for _ in range(12)
    }
    assert statuses == {422, 429}


def test_an_account_of_the_single_sign_on_alone_has_no_password(login_as, committed):
    client = login_as(UserRole.SURVEYOR)
    committed.scalars(select(User).where(User.login == client.login)).one().password_hash = None
    committed.commit()
    refused = client.put(ACCOUNT + "/password", json={"old": PASSWORD, "new": NEW})
    assert refused.status_code == 409 and refused.json()["code"] == "no-password"
    made = client.post(ACCOUNT + "/tokens", json={"label": "脚本", "scopes": ["read"]})
    assert made.status_code == 201, "it cannot prove what it does not have"


def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(app, client, login_as):
    mine, other = login_as(UserRole.SURVEYOR), login_as(UserRole.SURVEYOR)
    with TestClient(
        app, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"}
    ) as at_work:
        at_work.post("/api/v1/sessions", json={"user": mine.login, "password": PASSWORD})
        rows = mine.get(ACCOUNT + "/sessions").json()["items"]
        assert [(r["label"], r["current"]) for r in rows if r["label"]] == [("Chrome · Windows", False)]
        assert sum(r["current"] for r in rows) == 1 and len(rows) == 2
        (there,) = [r["id"] for r in rows if not r["current"]]
        assert other.delete(f"{ACCOUNT}/sessions/{there}").status_code == 404
        assert mine.delete(f"{ACCOUNT}/sessions/{there}").status_code == 204
        assert at_work.get(WHO).status_code == 401 and mine.get(WHO).status_code == 200
    assert mine.delete(f"{ACCOUNT}/sessions/{there}").status_code == 404


def test_a_token_has_a_label_scopes_and_an_end_and_is_shown_once(client, login_as, committed):
    mine = login_as(UserRole.SURVEYOR)
    body = {"label": "  夜间  检查脚本 ", "scopes": ["read", "submit"], "days": 30, "password": PASSWORD}
    made = mine.post(ACCOUNT + "/tokens", json=body).json()
    rows = mine.get(ACCOUNT + "/sessions").json()["items"]
    (row,) = [r for r in rows if r["kind"] == "token"]
    assert row["id"] == made["id"] and row["label"] == "夜间 检查脚本" and row["scopes"] == ["read", "submit"]
    assert made["token"] not in str(rows)
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert client.get(WHO, headers=headers).json()["scopes"] == ["read", "submit"]
    event = committed.scalars(
        select(AuditEvent).where(AuditEvent.act == "make-token").order_by(AuditEvent.id.desc())
    ).first()
    assert event.after == {"session": made["id"], "scopes": ["read", "submit"], "days": 30}
    assert mine.delete(f"{ACCOUNT}/sessions/{made['id']}").status_code == 204
    assert client.get(WHO, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "wrong"}, "wrong-password"),
        ({"label": "   "}, "bad-label"),
        ({"scopes": ["everything"]}, "bad-scope"),
        ({"scopes": []}, "malformed"),
        ({"days": 400}, "malformed"),
    ],
)
def test_a_token_that_will_not_do_is_refused(login_as, change, code):
    body = {"label": "脚本", "scopes": ["read"], "days": 30, "password": PASSWORD} | change
    refused = login_as(UserRole.SURVEYOR).post(ACCOUNT + "/tokens", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_a_token_makes_none_that_may_do_more_or_lives_longer(client, login_as):
    mine = login_as(UserRole.SURVEYOR)
    body = {"label": "管理", "scopes": ["administer", "read"], "days": 10, "password": PASSWORD}
    headers = {"Authorization": "Bearer " + mine.post(ACCOUNT + "/tokens", json=body).json()["token"]}

    def ask(**change):
        asked = {"label": "子令牌", "scopes": ["read"], "days": 5, "password": PASSWORD} | change
        return client.post(ACCOUNT + "/tokens", json=asked, headers=headers)

    assert ask().status_code == 201
    for wider in ({"scopes": ["read", "decide"]}, {"days": 11}):
        assert ask(**wider).json()["code"] == "wider-token"


def test_only_so_many_tokens(login_as, committed, monkeypatch):
    from api.acts import own_account

    monkeypatch.setattr(own_account, "MOST_TOKENS", 1)
    mine = login_as(UserRole.SURVEYOR)
    body = {"label": "脚本", "scopes": ["read"], "password": PASSWORD}
    assert mine.post(ACCOUNT + "/tokens", json=body).status_code == 201
    assert mine.post(ACCOUNT + "/tokens", json=body).json()["code"] == "too-many-tokens"
    assert committed.scalars(select(LoginSession).where(LoginSession.label == "脚本")).first() is not None
