"""Webhooks: signed, sent to configured addresses alone, tried again with growing waits, each attempt noted."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from api.acts import notify
from api.security import webhooks as doors
from api.security.webhooks import BadTargets, ForbiddenAddress, Target, callable_address, from_json
from api.worker import webhooks as sending
from api.worker.jobs import Timing, build
from geo.store import webhooks
from geo.store.engine import sessions
from geo.store.tables import WebhookDelivery
from geo.terms import UserRole
from tests.hostile import HOSTILE

SECRET = b"0123456789abcdef0123456789abcdef"


class Receiver:
    """Another system: notes what comes and answers with `status`."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                if 300 <= outer.status < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def target(self) -> Target:
        return Target(
            "city", f"http://localhost:{self.port}/in?a=1", SECRET, ("application.*", "ping"), private=True
        )

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def configured(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    receiver.came.clear()
    receiver.status = 204
    monkeypatch.setattr(doors, "targets", lambda: (receiver.target,))
    return receiver


def a_case(**more: Any) -> Any:
    return SimpleNamespace(**{
        "number": "500112-2026-00001", "version": 5, "state": "approved", "action": "naming", "category": "街路巷",
        "name": "龙兴大道", "unit_code": "500112138", "route": "decide", "subject_number": None, "result_number": 7,
        "decision_number": "渝北民〔2026〕3号", "external": None, "demo": False, "id": None,
        "contact_name": "张三", "contact_phone": "13800000000",
    } | more)  # fmt: skip


def put(event: str = "application.approve") -> WebhookDelivery:
    with sessions("app").begin() as session:
        assert notify.case_moved(session, a_case(), SimpleNamespace(name=event.partition(".")[2])) == 1
    return newest()


def newest() -> WebhookDelivery:
    with sessions("app")() as session:
        return webhooks.listed(session, state=None, target=None, before=None, limit=1)[0]


def test_hostile_names_are_told_as_they_are(module_database: str, configured: Receiver) -> None:
    """In the body alone, which the signature covers; no name makes a header, an address or a second message."""
    for name in HOSTILE:
        more = {"name": name, "external": {"id": name, "title": name}, "decision_number": name}
        with sessions("app").begin() as session:
            assert notify.case_moved(session, a_case(**more), SimpleNamespace(name="approve")) == 1
        sending.deliver(sessions("app"), newest().id)
        path, headers, body = configured.came[-1]
        data = json.loads(body)["data"]
        assert (data["name"], data["external"]["title"], data["decision_number"]) == (name, name, name)
        assert path == "/in?a=1" and not any(name in value for value in headers.values())
        assert doors.verify(SECRET, headers, body, int(headers["webhook-timestamp"]))
    assert len(configured.came) == len(HOSTILE)


def jobs(id: Any) -> int:
    with sessions("app")() as session:
        return session.scalar(
            text(
                "select count(*) from procrastinate_jobs where task_name = :task and args ->> 'delivery' = :id"
            ),
            {"task": notify.TASK, "id": str(id)},
        )


def test_a_step_is_told_signed_and_noted(module_database, configured):
    row = put()
    assert row.state == "waiting" and jobs(row.id) == 1
    sending.deliver(sessions("app"), row.id)
    (path, headers, body), = configured.came  # fmt: skip
    assert path == "/in?a=1" and headers["host"] == f"localhost:{configured.port}"
    assert headers["webhook-id"] == str(row.id) and body.decode() == row.body
    stamp = int(headers["webhook-timestamp"])
    assert doors.verify(SECRET, headers, body, now=stamp)
    said = json.loads(body)
    assert said["type"] == "application.approve" and said["data"]["number"] == "500112-2026-00001"
    assert "张三" not in row.body and "13800000000" not in row.body
    done = newest()
    assert (done.state, done.attempts, done.last_status) == ("delivered", 1, 204) and done.delivered
    # A job that runs twice sends nothing twice.
    sending.deliver(sessions("app"), row.id)
    assert len(configured.came) == 1


def test_a_receiver_refuses_what_is_old_changed_or_of_another_secret():
    body, stamp = b'{"a": 1}', 1_700_000_000
    headers = doors.headers(Target("x", "https://x", SECRET), "id-1", stamp, body)
    assert doors.verify(SECRET, headers, body, stamp) and doors.verify(
        SECRET, headers, body, stamp + doors.TOLERANCE
    )
    assert not doors.verify(SECRET, headers, body, stamp + doors.TOLERANCE + 1)
    assert not doors.verify(SECRET, headers, body, stamp - doors.TOLERANCE - 1)
    assert not doors.verify(SECRET, headers, body + b" ", stamp)
    assert not doors.verify(b"x" * 32, headers, body, stamp)
    assert not doors.verify(SECRET, headers | {"webhook-id": "id-2"}, body, stamp)
    assert not doors.verify(SECRET, {}, body, stamp)
    # The published example (docs/exchange.md) holds.
    assert doors.signature(SECRET, "msg-1", 1700000000, b'{"a":1}') == (
        "v1,ZETgG/VplZktspjjpXR/773ZeivTm9hL4XxCz7MpFt0="
    )


def test_what_fails_is_tried_again_later_each_time_and_then_given_up(module_database, configured):
    row = put()
    configured.status = 500
    for n in range(1, sending.ATTEMPTS):
        with pytest.raises(sending.NotDelivered):
            sending.deliver(sessions("app"), row.id)
        assert (newest().state, newest().attempts, newest().last_status) == ("waiting", n, 500)
    sending.deliver(sessions("app"), row.id)
    assert (newest().state, newest().attempts) == ("given_up", sending.ATTEMPTS)
    waits = [sending.RETRY.get_retry_decision(exception=sending.NotDelivered(), job=SimpleNamespace(attempts=n))
             for n in range(sending.ATTEMPTS - 1)]  # fmt: skip
    assert all(waits) and sending.RETRY.get_retry_decision(
        exception=sending.NotDelivered(), job=SimpleNamespace(attempts=sending.ATTEMPTS)
    ) is None  # fmt: skip


def test_a_receiver_that_is_gone_is_not_asked_again_and_redirects_are_not_followed(
    module_database, configured
):
    row = put()
    configured.status = 410
    sending.deliver(sessions("app"), row.id)
    assert newest().state == "given_up"
    row = put()
    configured.status = 302
    with pytest.raises(sending.NotDelivered):
        sending.deliver(sessions("app"), row.id)
    assert newest().last_status == 302 and all(path == "/in?a=1" for path, _, _ in configured.came)


def test_a_target_that_was_taken_away_and_one_that_does_not_answer(module_database, configured, monkeypatch):
    row = put()
    monkeypatch.setattr(doors, "targets", tuple)
    sending.deliver(sessions("app"), row.id)
    assert (newest().state, newest().last_error) == ("given_up", "no-such-target")
    nobody = replace(configured.target, url="http://127.0.0.1:1/")
    assert sending.attempt(nobody, "x", b"{}").error == "ConnectError"


def test_nothing_is_sent_where_the_step_is_rolled_back(module_database, configured):
    with sessions("app")() as session:
        notify.case_moved(session, a_case(name="未成之路"), SimpleNamespace(name="approve"))
        session.rollback()
    with sessions("app")() as session:
        bodies = [r.body for r in webhooks.listed(session, state=None, target=None, before=None, limit=500)]
    assert not any("未成之路" in body for body in bodies)


def test_only_what_a_target_wants_and_no_drafts(module_database, configured, monkeypatch):
    target = replace(configured.target, events=("application.announce",))
    monkeypatch.setattr(doors, "targets", lambda: (target,))
    with sessions("app").begin() as session:
        assert notify.case_moved(session, a_case(), SimpleNamespace(name="approve")) == 0
        assert notify.case_moved(session, a_case(), SimpleNamespace(name="announce")) == 1
        assert notify.case_moved(session, a_case(number=None), SimpleNamespace(name="announce")) == 0


def test_a_lost_job_is_put_back(module_database, configured):
    row = put()
    with sessions("owner").begin() as session:
        session.execute(
            text("delete from procrastinate_jobs where args ->> 'delivery' = :id"), {"id": str(row.id)}
        )
    assert jobs(row.id) == 0
    with sessions("app").begin() as session:
        assert notify.sweep(session) >= 1
    assert jobs(row.id) == 1
    with sessions("app").begin() as session:
        assert notify.sweep(session) == 0


def test_the_worker_knows_the_task(module_database):
    task = build(Timing()).tasks[notify.TASK]
    assert task.retry_strategy is sending.RETRY


# -- which addresses may be called


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [
        (["93.184.215.14"], True),
        (["2606:2800:21f:cb07:6820:80da:af6b:8b2c"], True),
        (["127.0.0.1"], False),
        (["10.1.2.3"], False),
        (["172.16.0.1"], False),
        (["192.168.1.1"], False),
        (["169.254.169.254"], False),
        (["0.0.0.0"], False),
        (["100.64.0.1"], False),
        (["224.0.0.1"], False),
        (["::1"], False),
        (["fe80::1%eth0"], False),
        (["fd00::1"], False),
        (["::ffff:10.0.0.1"], False),
        (["2002:0a00:0001::1"], False),
        (["93.184.215.14", "10.0.0.1"], False),
    ],
)
def test_no_address_of_the_inner_network(monkeypatch, addresses, allowed):
    monkeypatch.setattr(doors, "resolve", lambda host, port: addresses)
    target = Target("x", "https://hooks.example/", SECRET)
    if allowed:
        assert callable_address(target) == addresses[0]
    else:
        with pytest.raises(ForbiddenAddress):
            callable_address(target)
        assert callable_address(replace(target, private=True)) == addresses[0]


def test_a_forbidden_address_is_given_up_at_once(module_database, configured, monkeypatch):
    row = put()
    target = replace(configured.target, private=False)
    monkeypatch.setattr(doors, "targets", lambda: (target,))
    sending.deliver(sessions("app"), row.id)
    assert (newest().state, newest().last_error) == ("given_up", "forbidden-address") and not configured.came


def test_the_name_is_looked_up_once_and_that_address_is_called(configured, monkeypatch):
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(doors, "resolve", resolve)
    target = replace(configured.target, url=f"http://hooks.example:{configured.port}/")
    assert sending.attempt(target, "x", b"{}").delivered and asked == ["hooks.example"]
    assert configured.came[-1][1]["host"] == f"hooks.example:{configured.port}"


# -- the file of targets


def item(**more: Any) -> dict[str, Any]:
    return {"name": "city", "url": "https://hooks.example/x", "secret": SECRET.decode()} | more


def test_targets_of_a_file(tmp_path, monkeypatch):
    file = tmp_path / "targets.json"
    file.write_text(
        json.dumps([item(events=["application.*"]), item(name="b", secret="whsec_" + "QUJD" * 8)])
    )
    monkeypatch.setenv("YUDI_WEBHOOKS", str(file))
    doors.targets.cache_clear()
    try:
        first, second = doors.targets()
        assert first.wants("application.approve") and not first.wants("ping")
        assert second.secret == b"ABC" * 8 and SECRET.decode() not in repr(first)
    finally:
        doors.targets.cache_clear()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [item(), item()],
        [item(name="A B")],
        [item(url="http://hooks.example/")],
        [item(url="file:///etc/passwd")],
        [item(url="https://user:pw@hooks.example/")],
        [item(url="https://hooks.example:99999/")],
        [item(secret="short")],
        [item(secret="whsec_*")],
        [item(private="yes")],
        [item(events="all")],
        [item(more=1)],
    ],
)
def test_a_file_that_is_not_in_order_is_refused_without_its_secrets(wrong):
    with pytest.raises(BadTargets) as caught:
        from_json(wrong)
    assert SECRET.decode() not in str(caught.value)


# -- for the administrator


def test_the_administrator_sees_targets_and_deliveries_and_sends_again(login_as, configured):
    admin = login_as(UserRole.ADMINISTRATOR)
    assert admin.get("/api/v1/webhooks").json() == [
        {"name": "city", "url": configured.target.url, "events": ["application.*", "ping"], "private": True}
    ]
    put()
    pinged = admin.post("/api/v1/webhooks/city/ping").json()
    assert pinged["event"] == "ping" and pinged["state"] == "waiting"
    again = f"/api/v1/webhooks/deliveries/{pinged['id']}/again"
    assert admin.post(again).json()["code"] == "still-waiting"
    sending.deliver(sessions("app"), newest().id)
    assert admin.post(again).status_code == 202 and newest().attempts == 0
    assert admin.post("/api/v1/webhooks/nobody/ping").status_code == 404
    first = admin.get("/api/v1/webhooks/deliveries", params={"limit": 1}).json()
    assert first["items"][0]["id"] == pinged["id"]
    rest = admin.get("/api/v1/webhooks/deliveries", params={"cursor": first["next"]}).json()["items"]
    assert rest and pinged["id"] not in {d["id"] for d in rest}
    assert admin.get("/api/v1/webhooks/deliveries", params={"cursor": "e30"}).status_code == 422
