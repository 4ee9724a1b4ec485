"""Sessions end when they should, and nothing of use is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from api.security import sessions
from api.security.settings import DoorSettings
from geo.store.tables import LoginSession, User
from geo.terms import UserRole
from tests.api.conftest import PASSWORD

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHO = "/api/v1/sessions/current"


def test_only_the_hash_is_stored(login_as, committed):
    client = login_as(UserRole.SURVEYOR)
    token = client.cookies["yudi_session"]
    user = committed.scalar(select(User.id).where(User.login == client.login))
    row = committed.scalars(select(LoginSession).where(LoginSession.user_id == user)).one()
    assert row.token_hash == sessions.digest(token)
    assert token not in repr({c.name: getattr(row, c.name) for c in LoginSession.__table__.columns})
    assert token.encode() not in row.token_hash


def test_login_rotates_the_token_and_ends_the_one_before(login_as):
    client = login_as(UserRole.SURVEYOR)
    before = client.cookies["yudi_session"]
    client.post("/api/v1/sessions", json={"user": client.login, "password": PASSWORD})
    after = client.cookies["yudi_session"]
    assert after != before
    assert client.get(WHO).status_code == 200
    client.cookies.set("yudi_session", before)
    assert client.get(WHO).status_code == 401


def test_a_planted_token_is_never_taken_over(client, login_as):
    name = login_as(UserRole.SURVEYOR).login
    client.cookies.set("yudi_session", "yudi_planted-by-somebody-else")
    answer = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD})
    assert "planted" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (61, 401)])
def test_idle_limit(login_as, minutes, status):
    with time_machine.travel(START, tick=False) as clock:
        client = login_as(UserRole.SURVEYOR)
        clock.shift(timedelta(minutes=minutes))
        assert client.get(WHO).status_code == status


def test_absolute_limit_in_spite_of_use(login_as):
    with time_machine.travel(START, tick=False) as clock:
        client = login_as(UserRole.SURVEYOR)
        for _ in range(23):
            clock.shift(timedelta(minutes=30))
            assert client.get(WHO).status_code == 200
        clock.shift(timedelta(minutes=31))
        assert client.get(WHO).status_code == 401


def test_a_bearer_token_is_not_idle_but_ends(client, login_as):
    with time_machine.travel(START, tick=False) as clock:
        name = login_as(UserRole.SURVEYOR).login
        body = {"user": name, "password": PASSWORD, "kind": "token"}
        bearer = {"Authorization": "Bearer " + client.post("/api/v1/sessions", json=body).json()["token"]}
        clock.shift(timedelta(days=6))
        assert client.get(WHO, headers=bearer).status_code == 200
        clock.shift(timedelta(days=1))
        assert client.get(WHO, headers=bearer).status_code == 401


def test_a_cookie_is_no_bearer_token_and_the_other_way_round(client, login_as):
    browser = login_as(UserRole.SURVEYOR)
    cookie = browser.cookies["yudi_session"]
    assert client.get(WHO, headers={"Authorization": f"Bearer {cookie}"}).status_code == 401
    body = {"user": browser.login, "password": PASSWORD, "kind": "token"}
    token = client.post("/api/v1/sessions", json=body).json()["token"]
    client.cookies.set("yudi_session", token)
    assert client.get(WHO).status_code == 401


def test_a_closed_account_is_out_at_once(login_as, committed):
    client = login_as(UserRole.SURVEYOR)
    committed.scalars(select(User).where(User.login == client.login)).one().active = False
    committed.commit()
    assert client.get(WHO).status_code == 401
    again = client.post("/api/v1/sessions", json={"user": client.login, "password": PASSWORD})
    assert again.status_code == 401 and again.json()["code"] == "wrong-login"


def test_lock_out_and_its_end(client, login_as, committed):
    name = login_as(UserRole.SURVEYOR).login
    limit = DoorSettings().lock_after

    def enter(password):
        return client.post("/api/v1/sessions", json={"user": name, "password": password})

    with time_machine.travel(START, tick=False) as clock:
        for _ in range(limit):
            assert enter("not the password").status_code == 401
        locked = enter(PASSWORD)
        assert locked.status_code == 429 and locked.json()["code"] == "account-locked"
        assert int(locked.headers["Retry-After"]) > 800
        clock.shift(timedelta(minutes=16))
        assert enter(PASSWORD).status_code == 201
        for _ in range(limit - 1):
            enter("not the password")
        assert enter(PASSWORD).status_code == 201, "one right password clears the count"


def test_a_name_that_is_no_accounts_rests_like_one_that_is(client, login_as):
    """Locking does not tell which names exist."""
    names = (login_as(UserRole.SURVEYOR).login, "nobody-here")
    with time_machine.travel(START + timedelta(days=10), tick=False) as clock:
        told = {name: [] for name in names}
        for _ in range(DoorSettings().lock_after + 2):
            clock.shift(timedelta(seconds=7))
            for name in names:
                answer = client.post("/api/v1/sessions", json={"user": name, "password": "not the password"})
                told[name].append(
                    (answer.status_code, answer.json()["code"], answer.headers.get("Retry-After"))
                )
        clock.shift(timedelta(minutes=16))
        for name in names:
            answer = client.post("/api/v1/sessions", json={"user": name, "password": "not the password"})
            told[name].append(answer.status_code)
    assert told[names[0]] == told[names[1]]
    assert told[names[0]][-3][0] == 429 and told[names[0]][-1] == 401


def test_secure_cookie_over_https(app, login_as):
    from tests.api.conftest import TestClient

    name = login_as(UserRole.SURVEYOR).login
    with TestClient(app, base_url="https://testserver") as client:
        answer = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-yudi_session=") and "Secure" in cookie and "HttpOnly" in cookie
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert client.get(WHO).status_code == 200


def test_what_is_over_is_swept(login_as, committed):
    """Idle cookies, ended tokens and full buckets go; what still holds stays."""
    from api.acts import administer
    from geo.store import people
    from geo.store.tables import RateBucket

    with time_machine.travel(START + timedelta(days=400), tick=False) as clock:
        old = login_as(UserRole.SURVEYOR)
        people.take_token(committed, b"old", capacity=1, per_second=1, now=sessions.now())
        committed.commit()
        clock.shift(timedelta(days=2))
        fresh = login_as(UserRole.SURVEYOR)
        assert administer.tidy(committed, DoorSettings()) >= 1
        committed.commit()
        assert committed.get(LoginSession, sessions.digest(old.cookies["yudi_session"])) is None
        assert fresh.get(WHO).status_code == 200
        assert committed.get(RateBucket, b"old") is None
