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
from geo.terms import UserRole
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


#: What each form or interface says that it takes, in MiB.
PROMISED = {
    "/survey": 100, "/api/v1/submissions": 100, "/names/import": 100, "/api/v1/place-names/imports": 100,
    "/boundaries/500112001-500112002/transitions": 50, "/api/v1/evidence": 50, "/api/v1/applications/1/materials": 50,
    "/apply/1/materials": 50, "/facilities/import": 20, "/facilities/figures": 20, "/registry/12": 10,
    "/api/v1/boundary-lines/500112001-500112002/transitions": 1, "/registry/12/reading": 1, "/apply/1": 1, "/report": 1,
}  # fmt: skip


@pytest.mark.parametrize(("path", "megabytes"), PROMISED.items())
def test_a_file_of_the_size_that_is_promised_comes_through(path, megabytes):
    most = limits.BodyLimit(None, DoorSettings()).limit_of({"path": path})
    assert megabytes * 1024**2 <= most <= megabytes * 1024**2 + limits.FORM_BYTES


@pytest.mark.parametrize(
    "path",
    sorted(path for path, megabytes in PROMISED.items() if megabytes > 1 and not path.startswith("/api/")),
)
def test_a_file_of_more_than_a_megabyte_reaches_its_page(login_as, path):
    """No page that takes files is cut off at the limit of forms; what is wrong with the file is said by its own."""
    client = login_as(*UserRole)
    sent = {"csrf": client.headers["X-CSRF-Token"], "picture_caption": "图", "picture_licence": "CC0"}
    field = "picture" if path.startswith("/registry") else "file"
    answer = client.post(path, data=sent, files={field: ("大.csv", b"0" * 1_300_000)}, follow_redirects=False)
    assert answer.status_code != 413 and "上限" not in answer.text, answer.text[:300]
