"""The log: one line of JSON an event, and nothing in it that anybody sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import APIRouter

from api.app import create_app
from api.security.access import PUBLIC
from api.security.permissions import TABLE
from tests.api.conftest import TestClient
from tests.hostile import HOSTILE

#: Names that would begin a line of their own, colour a terminal or turn the text round.
WRITING = (
    '某村\n{"event": "forged", "status": 200}',
    "某村\r\nlevel=error",
    "\x1b[31m某村\x1b]0;x\x07",
    "某村\u2028\u202e",
)
SENT = [name for name in (*HOSTILE, *WRITING)]


@pytest.fixture(scope="module")
def failing(module_database: str) -> Iterator[Any]:
    """An app whose own mistake has what was sent in its words."""
    router = APIRouter()

    @router.post("/failing")
    def failing(body: dict[str, str]) -> None:
        raise ValueError(f"cannot place {body['name']}")

    TABLE["POST", "/failing"] = PUBLIC
    app = create_app()
    app.include_router(router)
    with TestClient(app) as client:
        yield client
    del TABLE["POST", "/failing"]


@pytest.mark.parametrize("name", SENT, ids=range(len(SENT)))
def test_a_name_writes_nothing_into_the_log(
    failing: Any, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert failing.post("/failing", json={"name": name}).status_code == 500
    failing.post(
        "/api/v1/place-name-checks", json={"name": name, "category": "natural_village", "unit_code": "500112"}
    )
    failing.post("/api/v1/sessions", json={"user": name, "password": name, "kind": "cookie"})
    failing.post("/api/v1/webhooks", json={"name": name})
    for path in ("/names?q=", "/api/v1/suggest?q=", "/announcements?q=", "/report?about=", "/"):
        failing.get(path + quote(name))
    said = capfd.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert sum('"unexpected"' in line for line in lines) == 1 and len(lines) >= 10
    assert len(lines) == said.err.count("\n"), "no other break of a line either"
    for line in lines:
        event = json.loads(line)
        assert event["event"] in ("request", "unexpected")
    assert name not in said.err and json.dumps(name, ensure_ascii=False)[1:-1] not in said.err
    assert not any((ord(c) < 32 and c != "\n") or c in "\x7f\u2028\u2029\u202e\u2066" for c in said.err)
