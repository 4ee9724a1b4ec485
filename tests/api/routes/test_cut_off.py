"""Uploads against a real server: cut off half way, refused early, and what is left of them."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api import intake, serving
from geo.store import files
from geo.store.engine import sessions
from geo.store.tables import AuditEvent, StoredFile, Submission
from geo.terms import UserRole
from tests.api.conftest import PASSWORD, account


def wait_until(holds, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def port(app: FastAPI) -> Iterator[int]:
    """A uvicorn of our settings on a free port of the loopback."""
    server = uvicorn.Server(serving.config(app, host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def token(port: int) -> str:
    with sessions("app")() as session:
        name = account(session, UserRole.SURVEYOR)
    body = {"user": name, "password": PASSWORD, "kind": "token"}
    return httpx.post(f"http://127.0.0.1:{port}/api/v1/sessions", json=body).json()["token"]


def head(token: str, *more: str) -> bytes:
    lines = (
        "POST /api/v1/submissions HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}",
        "Content-Type: multipart/form-data; boundary=B", *more, "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


PART = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'


def answer_of(connection: socket.socket) -> tuple[int, dict]:
    data = b""
    while piece := connection.recv(65536):
        data += piece
    top, _, body = data.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(body)


def records() -> list[int]:
    with sessions("app")() as session:
        return [
            session.scalar(select(func.count()).select_from(t)) for t in (Submission, StoredFile, AuditEvent)
        ]


def nothing_left() -> bool:
    return not [*intake.room().glob("*"), *(files.room() / "incoming").glob("*")]


@pytest.mark.parametrize("chunked", [False, True])
def test_half_an_upload_is_answered_with_400(port, token, chunked):
    before = records()
    sent = PART + b"x" * 300_000
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        if chunked:
            connection.sendall(head(token, "Transfer-Encoding: chunked"))
            connection.sendall(f"{len(sent):x}\r\n".encode() + sent + b"\r\n")
        else:
            connection.sendall(head(token, f"Content-Length: {1_000_000}") + sent)
        connection.shutdown(socket.SHUT_WR)
        status, body = answer_of(connection)
    assert status == 400 and body["code"] == "upload-cut-off"
    assert "重新上传" in body["title"] and body["title_en"]
    wait_until(nothing_left)
    assert records() == before


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_vanishes_leaves_nothing(port, token, how):
    before = records()
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(head(token, "Content-Length: 50000000") + PART + b"x" * 3_000_000)
    wait_until(lambda: any(p.stat().st_size for p in intake.room().glob("*.part")))
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    wait_until(nothing_left)
    assert records() == before
    assert httpx.get(f"http://127.0.0.1:{port}/healthz").json() == {"status": "ok"}


def test_too_large_by_its_own_word_is_refused_before_it_is_sent(port, token):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(token, "Content-Length: 999999999999", "Expect: 100-continue"))
        status, body = answer_of(connection)
    assert status == 413 and body["code"] == "body-too-large"
    assert nothing_left()


def test_a_whole_request_is_answered_after_its_sender_has_closed(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert answer_of(connection) == (200, {"status": "ok"})


#: Whatever takes a position: where it goes, and how.
POSITIONS = (
    ("GET", "/api/v1/locate?lon=106.63217&lat=29.71543", None),
    ("GET", "/api/v1/locate?lon=106.63217&lat=29.71543x", None),
    ("GET", "/api/v1/facilities/nearby?lon=106.63217&lat=29.71543", None),
    ("GET", "/api/v1/place-names?bbox=106.63217,29.71543,106.64,29.72", None),
    ("GET", "/ogc/collections/villages/items?bbox=106.63217,29.71543,106.64,29.72", None),
    ("GET", "/no/such/page?lon=106.63217&lat=29.71543", None),
    ("POST", "/api/v1/facilities/nearby", {"json": {"lon": 106.63217, "lat": 29.71543}}),
    ("POST", "/api/v1/facilities/nearby", {"json": {"lon": 106.63217, "lat": "29.71543 N"}}),
    ("POST", "/facilities/leaflet", {"data": {"lon": "106.63217", "lat": "29.71543", "minutes": "15"}}),
    ("POST", "/where", {"data": {"lon": "106.63217", "lat": "29.71543"}}),
)  # fmt: skip


def test_the_server_says_neither_its_name_nor_positions(port, capfd):
    """No position of a visitor is in any log: neither from an address nor from a body, whatever becomes of it."""
    spoken = ""
    for method, path, body in POSITIONS:
        answer = httpx.request(method, f"http://127.0.0.1:{port}{path}", timeout=60, **(body or {}))
        assert answer.status_code < 500 or answer.json()["code"] == "no-streets", (path, answer.text)
        assert "server" not in answer.headers

    def logged() -> bool:
        nonlocal spoken  # the answer is sent before its line is written
        spoken += "".join(capfd.readouterr())
        return spoken.count('"event": "request"') >= len(POSITIONS)

    wait_until(logged)
    assert "/api/v1/locate" in spoken and "106.63" not in spoken and "29.71" not in spoken
    assert "?" not in spoken, "no query of any kind is logged"


def test_what_a_killed_process_left_is_swept(tmp_path, monkeypatch):
    monkeypatch.setenv("YUDI_VAR", str(tmp_path))
    intake.room().mkdir()
    old, fresh = intake.room() / "old.part", intake.room() / "fresh.part"
    old.touch()
    now = time.time() + intake.STALE_SECONDS + 1
    assert intake.sweep(now) == 1 and not old.exists()
    fresh.touch()
    assert intake.sweep() == 0 and fresh.exists()


def test_endless_headers_are_refused(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * (serving.MOST_HEAD + 1)
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_requests_sent_together_are_answered_in_their_order(port):
    first = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    asked = first + first.replace(b"healthz", b"nothing").replace(b"Host", b"Connection: close\r\nHost")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(asked)
        data = b""
        while piece := connection.recv(65536):
            data += piece
    assert re.findall(rb"HTTP/1\.1 (\d+)", data) == [b"200", b"404"]


def test_an_answer_in_bytes_is_what_the_framework_answers(port, app):
    """The server takes a tile with its headers as bytes; any other server gets the same as messages."""
    path = "/tiles/place_names/3/1/1.mvt?at=2024-12-31"
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        first, again = client.get(path), client.get(path)
        closing = client.get(path, headers={"Connection": "close"})
        known = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert closing.headers.pop("connection") == "close"
    assert first.status_code == 200 and first.headers.pop("date")
    for other in (again, closing):
        del other.headers["date"]
        assert (other.headers, other.content) == (first.headers, first.content)
    assert known.status_code == 304 and known.headers["etag"] == first.headers["etag"]
    with TestClient(app) as framework:
        assert framework.get(path, headers=httpx.Headers(first.request.headers)).headers == first.headers
