"""How often and how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from api.app import create_app
from api.security import limits
from api.security.settings import DoorSettings
from geo.problems import TooMany
from geo.store import people
from tests.api.conftest import TestClient

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_bucket_empties_and_fills_again(app_session):
    def take(at, who="somebody"):
        with time_machine.travel(at, tick=False):
            return limits.take(app_session, "login", who, burst=3, per_minute=6)

    assert [take(START) for _ in range(3)] == [None] * 3
    refused = take(START)
    assert isinstance(refused, TooMany) and refused.details["seconds"] == 10
    assert take(START, "somebody else") is None
    assert take(START + timedelta(seconds=9)) is not None
    assert take(START + timedelta(seconds=10)) is None, "refused tries do not push the time out"
    assert take(START + timedelta(seconds=10)) is not None
    assert [take(START + timedelta(hours=1)) for _ in range(4)].count(None) == 3, "never more than the burst"


def test_a_clock_set_back_gives_nothing_away(app_session):
    key = b"k"
    for _ in range(2):
        assert people.take_token(app_session, key, capacity=2, per_second=1, now=START) == 0
    assert people.take_token(app_session, key, capacity=2, per_second=1, now=START - timedelta(hours=1)) > 0


def test_logins_of_one_address_are_limited(module_database):
    app = create_app(settings=DoorSettings(login_burst=3, login_per_minute=1))
    with TestClient(app) as client:
        body = {"user": "nobody-here", "password": "not the password"}
        statuses = [client.post("/api/v1/sessions", json=body).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        refused = client.post("/api/v1/sessions", json=body)
        assert refused.json()["code"] == "too-many-requests" and int(refused.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("declared", [True, False])
def test_body_over_the_limit_is_413(client, declared):
    big = b'{"user": "' + b"x" * (1024 * 1024) + b'"}'
    headers = {"Content-Type": "application/json"}
    # A generator is sent in chunks without a Content-Length.
    content = big if declared else (big[i : i + 65536] for i in range(0, len(big), 65536))
    answer = client.post("/api/v1/sessions", content=content, headers=headers)
    assert answer.status_code == 413 and answer.json()["code"] == "body-too-large"
    assert client.get("/healthz").status_code == 200
