"""Punctuality for everybody and reminders for each officer: as JSON, as pages, as the morning's work of the worker."""

from __future__ import annotations

import json
import smtplib
import socket
import threading
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import event, text

from api import timekeeping
from api.acts import remind
from api.worker import digest as morning
from api.worker.digest import MailSettings
from api.worker.jobs import Timing, build
from geo import days
from geo.approvals import holidays
from geo.approvals.digest import Digest, Officer
from geo.store import punctuality
from geo.store.engine import sessions
from geo.store.tables import ApplicationClock, PlaceNameApplication
from geo.terms import UserRole
from tests.api.acts.desk import Desk
from tests.api.conftest import DISTRICT

TODAY = date(2026, 11, 26)  # a Thursday


@pytest.fixture(scope="module")
def office(module_database):
    """A closed case, one that waits for its decision, one for its acceptance, one withdrawn: on 2 November."""
    real = days.today
    days.today = lambda now=None: date(2026, 11, 2)
    try:
        with sessions("app").begin() as session:
            desk = Desk(session)
            closed = desk.closed(name="云雀路")
            waiting = desk.submitted(name="青禾路")
            desk.step(waiting, "accept", desk.accepter)
            desk.step(waiting, "begin_review", desk.reviewer)
            fresh = desk.submitted(name="松针路")
            gone = desk.submitted(name="石榴路")
            desk.step(gone, "withdraw", desk.township)
            return {
                "closed": closed.number, "waiting": waiting.number, "fresh": fresh.number,
                "reviewer": desk.reviewer.login, "accepter": desk.accepter.login,
            }  # fmt: skip
    finally:
        days.today = real


@pytest.fixture(autouse=True)
def day(monkeypatch, office):
    """Everybody reads the same day, on which the case that waits for acceptance is late."""
    monkeypatch.setattr(days, "today", lambda now=None: TODAY)


def of(answer: dict[str, Any], duty: str) -> dict[str, Any]:
    return next(d for d in answer["duties"] if d["duty"] == duty)


def test_the_report_counts_what_was_done_and_what_is_overdue(client):
    answer = client.get("/api/v1/punctuality", params={"year": 2026})
    assert answer.status_code == 200 and "max-age" in answer.headers["cache-control"]
    said = answer.json()
    answered = of(said, "answer")
    # The withdrawn one was nobody's duty done.
    assert (answered["total"]["done"], answered["total"]["in_time"], answered["open_overdue"]) == (2, 2, 1)
    assert of(said, "decision")["total"]["done"] == 1
    filing = of(said, "filing")
    assert [(r["month"], r["category"], r["done"]) for r in filing["rows"]] == [("2026-11", "街路巷", 1)]
    assert filing["total"]["share"] is None and filing["total"]["median_days"] is None
    assert client.get("/api/v1/punctuality", params={"year": 2019}).json()["duties"][0]["total"]["done"] == 0
    assert client.get("/api/v1/punctuality", params={"year": "x"}).status_code == 422


def test_the_report_is_one_question_to_the_database(client):
    asked: list[str] = []
    engine = sessions("app").kw["bind"]
    listen = lambda conn, cursor, statement, *rest: asked.append(statement)  # noqa: E731
    event.listen(engine, "before_cursor_execute", listen)
    try:
        client.get("/api/v1/punctuality")
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert sum("application_clock" in statement for statement in asked) == 1


def test_an_answer_that_took_long_is_given_again_for_a_while(client, monkeypatch):
    asked: list[int] = []
    real = punctuality.kept_clocks
    monkeypatch.setattr(punctuality, "kept_clocks", lambda *a: asked.append(1) or real(*a))
    monkeypatch.setattr(timekeeping, "_KEPT", {})
    monkeypatch.setattr(timekeeping, "SLOW_SECONDS", 1e9)
    for _ in range(2):
        client.get("/api/v1/punctuality")
    assert len(asked) == 2
    monkeypatch.setattr(timekeeping, "SLOW_SECONDS", -1.0)
    first, second = (client.get("/api/v1/punctuality").json() for _ in range(2))
    assert len(asked) == 3 and first == second
    monkeypatch.setattr(timekeeping, "KEEP_SECONDS", -1.0)
    client.get("/api/v1/punctuality")
    assert len(asked) == 4


def test_the_page_says_the_same_in_both_languages(client):
    page = client.get("/punctuality")
    assert page.status_code == 200 and "办件时效" in page.text and "2 件中 2 件" in page.text
    assert "街路巷" in page.text
    english = client.get("/punctuality?lang=en&year=2026").text
    assert "Punctuality" in english and "2 of 2" in english and "Overdue, open" in english
    assert "本年还没有办结的事项" in client.get("/punctuality?lang=zh&year=2025").text
    for odd in ("x", "99999999999999999999", "-1", "1"):
        assert client.get(f"/punctuality?year={odd}").status_code == 200


def test_an_officer_is_reminded_of_what_is_his(login_as, office):
    reviewer = login_as(UserRole.REVIEWER)
    accepter = login_as(UserRole.ACCEPTANCE_OFFICER)
    late = accepter.get("/api/v1/digest").json()
    assert late["day"] == TODAY.isoformat() and late["calendar_until"] == "2026-12-28"
    # The closed case was never delivered.
    assert [(d["number"], d["duty"]) for d in late["overdue"]] == [
        (office["fresh"], "一次告知补正"), (office["closed"], "送达决定"),
    ]  # fmt: skip
    # Another reviewer has the case in hand: his colleague is not reminded of it.
    assert reviewer.get("/api/v1/digest").json()["soon"] == []
    assert login_as(UserRole.APPLICANT).get("/api/v1/digest").status_code == 403


def test_the_page_of_an_officer(login_as, office):
    page = login_as(UserRole.ACCEPTANCE_OFFICER).get("/digest")
    assert "节假日表只录到 2026-12-28" in page.text and "2027 年放假通知" in page.text
    assert "data/approvals/holidays.csv" in page.text, "which file is to be added to"
    assert page.status_code == 200 and "松针路" in page.text and f"/review/{office['fresh']}" in page.text


def test_the_morning_keeps_a_copy_of_every_officers_digest(office, tmp_path, monkeypatch):
    monkeypatch.setenv("YUDI_VAR", str(tmp_path))
    monkeypatch.delenv("YUDI_SMTP_URL", raising=False)
    folder = tmp_path / "digests"
    folder.mkdir()
    (folder / "2026-01-01.json").write_text("{}")
    found = morning.run(sessions("app"), TODAY + timedelta(days=1))
    kept = json.loads((folder / "2026-11-27.json").read_text("utf-8"))
    assert kept["day"] == "2026-11-27" and not (folder / "2026-01-01.json").exists()
    mine = next(o for o in kept["officers"] if o["officer"] == office["reviewer"])
    assert [d["number"] for d in mine["soon"]] == [office["waiting"]]
    assert {d.officer.login for d in found} >= {office["reviewer"], office["accepter"]}


def test_administrators_are_told_ahead_which_holidays_are_missing(office):
    """In a letter on Mondays, whether they have cases or not; other officers with nothing to do get none."""
    boss = Officer(1, "boss", "管理员", frozenset({UserRole.ADMINISTRATOR}))
    found = [
        Digest(o, (), (), ()) for o in (boss, Officer(2, "other", "审核", frozenset({UserRole.REVIEWER})))
    ]
    settings = MailSettings("smtp://mail.example", "yudi@gov.example", "gov.example")
    monday = date(2026, 11, 23)
    (letter,) = morning.messages(settings, found, monday)
    assert letter["To"] == "boss@gov.example"
    assert all(
        w in letter.get_content()
        for w in ("2026-12-28", "2027", "YUDI_HOLIDAYS", "data/approvals/holidays.csv")
    )
    assert morning.messages(settings, found, TODAY) == [], "and not every day"
    assert morning.messages(settings, found, date(2026, 6, 1)) == [], "nor long before"


class Server:
    """A mail server that notes what it is given; refuses one recipient."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *args: object) -> None:
        pass

    def send_message(self, letter: Any) -> None:
        if letter["To"].startswith("refused"):
            raise smtplib.SMTPRecipientsRefused({})
        self.sent.append(letter)


def test_mail_goes_to_officers_with_something_to_do(office):
    with sessions("app")() as session:
        found = remind.digests(session, DISTRICT, TODAY)
    settings = MailSettings("smtp://mail.example", "yudi@gov.example", "gov.example")
    letters = morning.messages(settings, found, TODAY)
    assert {letter["To"] for letter in letters} >= {f"{office['accepter']}@gov.example"}
    letter = next(one for one in letters if one["To"].startswith(office["accepter"]))
    assert "逾期 2" in letter["Subject"] and office["fresh"] in letter.get_content()
    server = Server()
    assert morning.send(settings, letters, lambda s: server) == len(letters) == len(server.sent)
    letters[0].replace_header("To", "refused@gov.example")
    assert morning.send(settings, letters, lambda s: server) == len(letters) - 1
    assert morning.messages(MailSettings("smtp://x", "a@b.example"), found, TODAY) == []


class Post:
    """A mail server on this machine: takes what comes, refuses one recipient, and notes the letters as they came."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rb") as lines:
            say = lambda words: connection.sendall(words + b"\r\n")  # noqa: E731
            say(b"220 post")
            for line in lines:
                verb = line[:4].upper()
                if verb == b"DATA":
                    say(b"354 go on")
                    self.letters.append(b"".join(iter(lines.readline, b".\r\n")))
                say(
                    b"550 unknown"
                    if verb == b"RCPT" and b"refused" in line
                    else b"221 bye"
                    if verb == b"QUIT"
                    else b"250 ok"
                )
                if verb == b"QUIT":
                    return


def test_a_morning_is_mailed_by_a_real_server_and_hostile_names_stay_in_the_body(office):
    """Over a socket, as it goes out: a name with line breaks makes no header, and one refused recipient stops no other."""
    evil = "甲路\r\nBcc: all@evil.example\r\n.\r\nDATA"
    with sessions("app")() as session:
        found = remind.digests(session, DISTRICT, TODAY)
    found = [
        replace(
            one,
            **{
                kind: tuple(replace(d, name=evil) for d in getattr(one, kind))
                for kind in ("overdue", "today", "soon")
            },
        )
        for one in found
    ]
    post = Post()
    settings = MailSettings(
        f"smtp://127.0.0.1:{post.socket.getsockname()[1]}", "yudi@gov.example", "gov.example"
    )
    letters = morning.messages(settings, found, TODAY)
    assert len(letters) >= 2
    letters[0].replace_header("To", "refused@gov.example")
    assert morning.send(settings, letters) == len(letters) - 1 == len(post.letters)
    post.thread.join(10)
    post.socket.close()
    for raw in post.letters:
        came = message_from_bytes(raw, policy=default)
        assert set(came.keys()) == {
            "Subject",
            "From",
            "To",
            "Auto-Submitted",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        }
        assert came["Subject"].startswith("地名审批提醒") and came["To"].endswith("@gov.example")
        assert "Bcc: all@evil.example" not in came["Subject"] and "甲路" in came.get_content()


def test_a_mail_server_that_is_away_does_not_stop_the_morning(caplog):
    def away(settings: MailSettings) -> smtplib.SMTP:
        raise ConnectionRefusedError

    settings = MailSettings("smtp://127.0.0.1:1", "a@b.example")
    from email.message import EmailMessage

    assert morning.send(settings, [EmailMessage()], away) == 0 and "0 of 1" in caplog.text


def test_mail_settings(monkeypatch):
    monkeypatch.delenv("YUDI_SMTP_URL", raising=False)
    assert MailSettings.from_environment() is None
    monkeypatch.setenv("YUDI_SMTP_URL", "smtps://u:p%40@mail.example")
    monkeypatch.setenv("YUDI_MAIL_FROM", "yudi@gov.example")
    assert MailSettings.from_environment().sender == "yudi@gov.example"
    assert MailSettings("x", "y", "gov.example").address_of("evil\nBcc: x") is None
    monkeypatch.setenv("YUDI_MAIL_FROM", "no address")
    with pytest.raises(ValueError, match="MAIL_FROM"):
        MailSettings.from_environment()
    monkeypatch.setenv("YUDI_SMTP_URL", "http://mail.example")
    with pytest.raises(ValueError, match="SMTP_URL"):
        MailSettings.from_environment()


def test_a_case_says_that_its_due_date_is_open():
    from api.pages.rendering import environment, words

    macros = environment().get_template("review_fields.html").module
    said = lambda key, **more: words()[key].zh.format(**more)  # noqa: E731
    assert "到期日待定" in macros.days_left(said, None, "unknown")
    assert "到期日待定" not in macros.days_left(said, 3, "running")


def test_settings_that_are_not_in_order_stop_the_start(monkeypatch, tmp_path):
    from api.worker.jobs import check_settings

    check_settings()
    monkeypatch.setenv("YUDI_SMTP_URL", "http://mail.example")
    with pytest.raises(ValueError, match="SMTP_URL"):
        check_settings()
    monkeypatch.delenv("YUDI_SMTP_URL")
    monkeypatch.setenv("YUDI_HOLIDAYS", str(tmp_path / "nowhere.csv"))
    holidays.working_days.cache_clear()
    try:
        with pytest.raises(OSError):
            check_settings()
    finally:
        holidays.working_days.cache_clear()


def test_no_mail_on_days_of_rest():
    assert morning._works(date(2026, 11, 27)) and not morning._works(date(2026, 11, 28))
    assert morning._works(date(2027, 3, 1))  # unknown: rather one too many


def test_due_dates_become_known_with_the_holiday_table(office, monkeypatch):
    with sessions("app").begin() as session:
        row = session.query(PlaceNameApplication).filter_by(number=office["waiting"]).one()
        clock = ApplicationClock(
            application_id=row.id, limit_id="DL-7", unit="working", days=10, starts=date(2026, 12, 21), pauses=[]
        )  # fmt: skip
        session.add(clock)
        session.flush()
        assert punctuality.settle_unknown(session) == 0
        whole = holidays.working_days()
        more = holidays.from_rows(
            [{"year": str(y), "kind": "rest", "first": f"{y}-01-01", "last": f"{y}-01-01", "source": "例"} for y in (2026, 2027)]
        )  # fmt: skip
        monkeypatch.setattr("geo.approvals.clocks.working_days", lambda: more)
        assert whole.last < more.last and punctuality.settle_unknown(session) >= 1
        assert clock.due is not None and clock.due.year == 2027 and row.due < clock.due
        session.rollback()


def test_the_worker_knows_the_morning(module_database):
    app = build(Timing())
    assert morning.TASK in app.tasks and morning.CRON == "30 23 * * *"


def test_the_questions_use_their_indexes(module_database, office):
    with sessions("app")() as session:
        session.execute(text("set local enable_seqscan = off"))
        plan = "\n".join(
            session.scalars(text("explain " + punctuality._DUE.text), {"district": DISTRICT, "until": TODAY})
        )
    assert "application_clock_due_ix" in plan
