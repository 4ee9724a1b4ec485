"""The permission table against every route and every role."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.app import routers
from api.security import permissions
from api.security.access import Access
from api.security.permissions import TABLE
from geo.problems import NotAllowed
from geo.terms import UserRole


def routes_of(router: APIRouter) -> Iterator[APIRoute]:
    """Every route of a router, those of the routers that it includes too."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            inner = route.original_router
            assert not route.include_context.prefix, "a prefix belongs to the router itself"
            yield from routes_of(inner)


#: Routes as they are, not as the table would have them.
ROUTES = sorted(
    {(method, route.path) for router in routers() for route in routes_of(router) for method in route.methods}
)
#: Something of the right form for every parameter of a path; none of it exists.
FILL = {
    "submission_id": "00000000-0000-4000-8000-000000000000",
    "import_id": "00000000-0000-4000-8000-000000000000",
    "code": "500112998-500112999",
    "number": "1",
    "place_id": "1",
    "rest": "suggest/entity",
    "kind": "entity",
    "sha256": "0" * 64,
    "list_id": "1",
    "list_name": "leaders",
    "entry_id": "1",
    "layer": "villages",
    "part": "0",
    "collection": "villages",
    "feature_id": "1",
    "tms": "WebMercatorQuad",
    "row": "0",
    "col": "0",
    "z": "0",
    "x": "0",
    "y": "0",
    "user_id": "999999999",
    "claim_id": "999999999",
    "session_id": "0" * 16,
    "material_id": "1",
    "document_id": "1",
    "form": "pdf",
    "delivery_id": "00000000-0000-4000-8000-000000000000",
    "name": "nobody",
    "key": "00000000-0000-4000-8000-000000000000",
    "ref": "00000000-0000-4000-8000-000000000000",
    "year": "2026",
    "serial": "1",
}


def address(path: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: FILL[m[1]], path)


def test_there_are_routes_to_walk():
    assert len(ROUTES) > 20


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_is_listed(method, path):
    assert (method, path) in TABLE


def test_every_row_is_a_route():
    known = {*ROUTES, ("GET", "/api/v1/openapi.json")}
    assert not set(TABLE) - known


def test_an_unlisted_route_answers_nobody():
    with pytest.raises(NotAllowed):
        permissions.access_to("GET", "/api/v1/forgotten")


@pytest.fixture(scope="module")
def everybody(app, module_database):
    """One bearer token for each role, and None for nobody; tokens last, so one login does."""
    from geo.store.engine import sessions
    from tests.api.conftest import PASSWORD, TestClient, account

    tokens = {None: None}
    with TestClient(app) as client, sessions("app")() as session:
        for role in UserRole:
            body = {"user": account(session, role), "password": PASSWORD, "kind": "token"}
            tokens[role] = client.post("/api/v1/sessions", json=body).json()["token"]
    return tokens


@pytest.fixture(scope="module")
def walker(app):
    """One client for the whole walk: starting one for every route takes longer than asking."""
    from tests.api.conftest import TestClient

    with TestClient(app) as client:
        yield client


#: These end the session that asks; test_sessions has them.
ENDING = {("DELETE", "/api/v1/sessions/current"), ("POST", "/logout")}
#: These answer 401 to whoever sends no password.
LOGINS = {("POST", "/api/v1/sessions"), ("POST", "/login")}


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if r not in ENDING])
def test_every_role_meets_the_table(walker, everybody, method, path):
    """Outside the table 401 or 403, inside it anything but those (what is asked for does not exist)."""
    access: Access = TABLE[method, path]
    for role, token in everybody.items():
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = walker.request(method, address(path), headers=headers, follow_redirects=False)
        where = f"{method} {path} as {role}: {answer.status_code}"
        if access.roles is None:
            assert answer.status_code != 401 or (method, path) in LOGINS, where
        elif role is None:
            assert answer.status_code == 401, where
        elif access.roles and role not in access.roles:
            assert answer.status_code == 403 and answer.json()["code"] == "not-allowed", where
        else:
            assert answer.status_code not in (401, 403, 500), where


def test_a_token_that_may_only_read_changes_nothing():
    """Only a session may be ended with it, which is its own."""
    writing = {
        row for row, access in TABLE.items() if row[0] not in ("GET", "OPTIONS") and access.roles is not None
    }
    loose = {row for row in writing if TABLE[row].scope == "read"}
    assert loose == {("DELETE", "/api/v1/sessions/current"), ("POST", "/logout")} & writing


def test_a_token_without_the_scope_is_refused(client, login_as):
    from tests.api.conftest import PASSWORD

    name = login_as(UserRole.SURVEYOR).login
    client.cookies.clear()
    body = {"user": name, "password": PASSWORD, "kind": "token", "scopes": ["read"]}
    token = client.post("/api/v1/sessions", json=body).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/sessions/current", headers=bearer).json()["scopes"] == ["read"]
    refused = client.post("/api/v1/submissions", headers=bearer)
    assert refused.status_code == 403 and refused.json()["code"] == "out-of-scope"


def test_an_unknown_scope_is_refused(client, login_as):
    from tests.api.conftest import PASSWORD

    body = {"user": login_as().login, "password": PASSWORD, "kind": "token", "scopes": ["everything"]}
    answer = client.post("/api/v1/sessions", json=body)
    assert answer.status_code == 422 and answer.json()["code"] == "bad-scope"
