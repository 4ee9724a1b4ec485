"""Errors: RFC 9457 for programs, a page for people, never a stack trace."""

from __future__ import annotations

import errno
import json

import pytest
from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api import errors
from api.app import create_app
from api.doors import Writing
from api.security.access import PUBLIC
from api.security.permissions import TABLE
from geo import problems
from geo.problems import Problem
from tests.api.conftest import TestClient


def well_formed(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["code"] == code
    assert body["type"] == f"urn:yudi:problem:{code}"
    assert body["title"] and body["title_en"] and body["title"] != body["title_en"]
    assert body["instance"].startswith("/") and "?" not in body["instance"]
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert "Traceback" not in answer.text
    return body


def test_not_found(client):
    well_formed(client.get("/api/v1/nothing?lon=106.7"), 404, "not-found")


def test_method_not_allowed(client):
    answer = client.put("/api/v1/sessions")
    well_formed(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("content", "pointer"),
    [(b"{", None), (b"[]", "/"), (b"{}", "/user"), (b'{"user": 1, "password": "x"}', "/user"), (b"\xff", None), (b"[" * 100000, None)],
)  # fmt: skip
def test_malformed_bodies(client, content, pointer):
    answer = client.post("/api/v1/sessions", content=content, headers={"Content-Type": "application/json"})
    if answer.status_code == 400:
        well_formed(answer, 400, "bad-request")
        return
    body = well_formed(answer, 422, "malformed")
    if pointer:
        assert pointer in [e["pointer"] for e in body["errors"]]


def test_what_was_sent_is_not_repeated(client):
    secret = "hunter2-hunter2"
    answer = client.post("/api/v1/sessions", json={"user": ["x"], "password": [secret]})
    assert answer.status_code == 422 and secret not in answer.text


def test_nul_in_a_value_is_the_askers_mistake(client):
    answer = client.post("/api/v1/sessions", json={"user": "a\0b", "password": "x"})
    well_formed(answer, 422, "malformed")


def test_a_browser_gets_a_page(client):
    answer = client.get("/no-such-page", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "没有找到" in answer.text and "<html" in answer.text
    assert client.get("/api/v1/nothing", headers={"Accept": "text/html"}).json()["status"] == 404


@pytest.fixture
def trouble(module_database):
    """An app with a route for each way to fail."""
    router = APIRouter()
    failures = {
        "bug": lambda: 1 / 0,
        "disk": lambda: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")),
        "other-os": lambda: (_ for _ in ()).throw(OSError(errno.EIO, "secret path")),
    }

    @router.get("/trouble/{kind}")
    def trouble(kind: str) -> None:
        next(iter([failures[kind]()]), None) if kind == "bug" else next(failures[kind]())

    @router.get("/trouble-sql/{kind}")
    def trouble_sql(kind: str, session: Writing) -> None:
        session.execute(
            text(
                {
                    "timeout": "set statement_timeout = 10",
                    "missing": "select * from no_such_table",
                    "number": "select 1",
                }[kind]
            )
        )
        session.execute(
            text({"timeout": "select pg_sleep(5)", "number": "select 99999999999999999999::int"}[kind])
        )

    rows = {("GET", "/trouble/{kind}"): PUBLIC, ("GET", "/trouble-sql/{kind}"): PUBLIC}
    TABLE.update(rows)
    app = create_app()
    app.include_router(router)
    with TestClient(app) as client:
        yield client
    for key in rows:
        del TABLE[key]


def test_our_own_mistake(trouble, capsys):
    answer = trouble.get("/trouble/bug?lon=106.6")
    body = well_formed(answer, 500, "internal")
    assert body["request_id"] in body["title"]
    assert "division" not in answer.text and "ZeroDivision" not in answer.text
    assert answer.headers["Content-Security-Policy"], "even then"
    line = next(json.loads(x) for x in capsys.readouterr().err.splitlines() if '"unexpected"' in x)
    assert line["kind"] == "builtins.ZeroDivisionError" and line["request_id"] == body["request_id"]
    page = trouble.get("/trouble/bug", headers={"Accept": "text/html"})
    assert page.status_code == 500 and page.headers["Content-Type"].startswith("text/html")


def test_an_error_page_that_fails_itself(trouble, monkeypatch):
    monkeypatch.setattr(trouble.app.state, "error_page", lambda *words: 1 / 0)
    page = trouble.get("/no-such-page", headers={"Accept": "text/html"})
    assert page.status_code == 404 and "没有找到" in page.text


def test_a_full_disk(trouble):
    body = well_formed(trouble.get("/trouble/disk"), 507, "disk-full")
    assert "空间" in body["title"]


def test_another_failure_of_the_system_is_ours(trouble):
    assert "secret path" not in trouble.get("/trouble/other-os").text
    well_formed(trouble.get("/trouble/other-os"), 500, "internal")


def test_a_statement_that_takes_too_long(trouble):
    well_formed(trouble.get("/trouble-sql/timeout"), 503, "database-busy")


def test_a_number_too_large_for_the_database(trouble):
    well_formed(trouble.get("/trouble-sql/number"), 422, "malformed")


def test_a_wrong_statement_is_our_mistake(trouble):
    answer = trouble.get("/trouble-sql/missing")
    well_formed(answer, 500, "internal")
    assert "no_such_table" not in answer.text


def test_no_database(monkeypatch, module_database):
    from geo.store.engine import close_engines

    monkeypatch.setenv("YUDI_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    close_engines()
    with TestClient(create_app()) as client:
        assert client.get("/healthz").status_code == 200
        well_formed(client.get("/readyz"), 503, "database-away")
    close_engines()


def kinds(of: type[Problem]) -> list[type[Problem]]:
    return [of, *(k for sub in of.__subclasses__() for k in kinds(sub))]


@pytest.mark.parametrize("kind", kinds(Problem), ids=lambda k: k.__name__)
def test_every_problem_has_code_status_and_both_languages(kind):
    assert any(k in errors.STATUS for k in kind.__mro__)
    assert kind.title.zh and kind.title.en
    base = kind in vars(problems).values()
    assert base or kind.code != "problem", "a code of its own"


def test_details_are_json():
    from uuid import UUID

    from geo.text import Text

    assert errors.plain({"step": Text("退回", "Return"), "id": UUID(int=1), "seen": (1, None)}) == {
        "step": {"zh": "退回", "en": "Return"},
        "id": "00000000-0000-0000-0000-000000000001",
        "seen": [1, None],
    }


def test_lost_races_and_doubles_are_conflicts():
    class Lost(Exception):
        sqlstate = "23505"

    assert isinstance(errors.known(DBAPIError("insert", {}, Lost())), errors.Raced)
