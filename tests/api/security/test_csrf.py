"""Writes with a cookie bring the session's token; other sites get nothing done."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from api.security import csrf
from geo.terms import UserRole
from tests.api.conftest import PASSWORD
from tests.api.security.test_permissions import address

OUT = "/api/v1/sessions/current"


@pytest.mark.parametrize("token", [None, "", "wrong", "ü"])
def test_a_write_without_the_token_is_refused(login_as, token):
    client = login_as(UserRole.SURVEYOR)
    del client.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": token.encode()}
    refused = client.delete(OUT, headers=headers)
    assert refused.status_code == 403 and refused.json()["code"] == "csrf-token"
    assert client.get(OUT).status_code == 200, "the session is still there"


def test_another_sessions_token_is_refused(login_as):
    client, other = login_as(UserRole.SURVEYOR), login_as(UserRole.SURVEYOR)
    client.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert client.delete(OUT).status_code == 403


def test_every_write_route_is_fenced(login_as):
    """Whatever the role may do, without the token nothing is done."""
    from api.security.permissions import TABLE

    client = login_as(*UserRole)
    del client.headers["X-CSRF-Token"]
    for (method, path), access in TABLE.items():
        if method == "GET" or access.public:
            continue
        answer = client.request(method, address(path))
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf-token"), path


def test_other_sites_may_send_to_one_public_service_alone():
    """The Reconciliation API is the one place that pages of other sites may write to, and a read it is."""
    from api.security.permissions import TABLE

    foreign = {path for (_, path), access in TABLE.items() if access.foreign}
    assert foreign and all(path.startswith("/api/v1/reconcile") for path in foreign)
    assert all(access.public for access in TABLE.values() if access.foreign)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_log_anybody_in(client, login_as, headers):
    body = {"user": login_as().login, "password": PASSWORD}
    refused = client.post("/api/v1/sessions", json=body, headers=headers)
    assert refused.status_code == 403 and refused.json()["code"] == "foreign-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://site.example:8000", "Host": "site.example:8000"},
    ],
)
def test_own_pages_and_programs_pass(headers):
    csrf.refuse_foreign(Headers(headers), None)


def test_behind_a_proxy_the_public_address_counts():
    headers = Headers({"Origin": "https://yudi.example", "Host": "127.0.0.1:8000"})
    csrf.refuse_foreign(headers, "https://yudi.example")
    with pytest.raises(csrf.ForeignOrigin):
        csrf.refuse_foreign(headers, None)
