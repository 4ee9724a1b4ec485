"""检查: the job, again and again; what it stores; what becomes of one that cannot be done."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
import shapely
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from api.acts import inspect, submit
from geo.reading.layers import ReadOptions
from geo.store import engine, files, inspections, submissions
from geo.store.tables import FindingRow, Submission, SubmissionFeature
from tests import answers
from tests.api.acts.conftest import Office, open_office


@pytest.fixture
def sessions(own_database: str) -> sessionmaker[Session]:
    return engine.sessions("app")


@pytest.fixture
def waiting(sessions: sessionmaker[Session], tmp_path: Path) -> tuple[Office, Submission]:
    """A committed district and one submission that waits."""
    with sessions.begin() as session:
        office = open_office(session, tmp_path)
        row = office.upload(b"a file")
    return office, row


def reload(sessions: sessionmaker[Session], row: Submission) -> Submission:
    with sessions() as session:
        return submissions.find(session, row.id)


def test_the_job_stores_its_answer_once(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, row = waiting
    seen = []
    found = answers.finding("TP02", "warning", "k1", shapely.Point(106.7, 29.8))
    features = [
        *answers.line_features(office.shapes),
        *answers.marker_features(office.shapes, next(iter(office.shapes.lines))),
    ]

    def apart(path, options, limits, surroundings, *, file, progress):
        progress("checking", 0.5)
        seen.append((path, file, surroundings, reload(sessions, row)))
        return answers.answer(features, [found, answers.finding("CR08", "info", "k2")])

    monkeypatch.setattr("geo.inspection.inspect_apart", apart)
    monkeypatch.setattr(inspect, "NOTE_EVERY", 0.0)
    inspect.inspect(sessions, row.id, 1)
    inspect.inspect(sessions, row.id, 1)  # a second job of the same round
    [(path, file, surroundings, during)] = seen
    assert path.read_bytes() == b"a file" and file == "成果.zip"
    assert (during.state, during.step, during.progress) == ("inspecting", "checking", 0.5)
    assert len(surroundings.published.polygons) == 4 and len(surroundings.units.table) == 4
    after = reload(sessions, row)
    assert (after.state, after.verdict, after.progress, after.round) == (
        "checked",
        "accept-with-warning",
        1.0,
        1,
    )
    assert after.checked is not None and "findings" not in after.report
    with sessions() as session:
        stored = submissions.findings(session, after)
        assert [f["key"] for f in stored] == ["k1", "k2"] and stored[0]["geometry"].equals(
            shapely.Point(106.7, 29.8)
        )
        assert {k: v for k, v in stored[0].items() if k != "geometry"} == {
            k: v for k, v in found.items() if k != "geometry"
        }
        kept = submissions.features(session, after)
        assert len(kept) == 9
        for had, has in zip(features, kept, strict=True):
            assert shapely.to_wkb(has["geometry"], byte_order=1) == had["geometry"]
            assert (has["role"], has["record"], has["ident"], has["z"]) == (
                had["role"],
                had["record"],
                had["ident"],
                had["z"],
            )
            assert has["fields"] == json.loads(had["fields"])


def test_text_that_a_database_cannot_hold_is_mended(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, row = waiting
    nasty = answers.feature(
        "lines", 0, "a\0b", {"name": "甲\0乙", "x": float("nan"), "y": "\ud800", "z": "\\u0000"}, None
    )
    nasty["fields"] = json.dumps(json.loads(nasty["fields"]))
    bad = answers.finding("EN04", "error", "k") | {
        "message": "界\0线\udc00",
        "measure": {"width_m": float("inf")},
    }
    monkeypatch.setattr("geo.inspection.inspect_apart", lambda *a, **w: answers.answer([nasty], [bad]))
    inspect.inspect(sessions, row.id, 1)
    with sessions() as session:
        after = submissions.find(session, row.id)
        [kept] = submissions.features(session, after)
        assert kept["ident"] == "ab" and kept["geometry"] is None
        assert kept["fields"] == {"name": "甲乙", "x": None, "y": "?", "z": "\\u0000"}
        [told] = submissions.findings(session, after)
        assert told["message"] == "界线?" and told["measure"] == {"width_m": None}


def test_our_own_mistake_ends_in_failed_with_a_sentence(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, row = waiting

    def broken(*args, **words):
        raise ZeroDivisionError

    monkeypatch.setattr("geo.inspection.inspect_apart", broken)
    with pytest.raises(ZeroDivisionError):
        inspect.inspect(sessions, row.id, 1)
    after = reload(sessions, row)
    assert after.state == "failed" and after.failure["code"] == "inspection-failed"
    assert str(after.number) in after.failure["title"] and "administrator" in after.failure["title_en"]


def test_a_lost_file_ends_in_failed_with_a_sentence(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission]
) -> None:
    _, row = waiting
    with sessions() as session:
        files.place(submissions.file_of(session, row.id).sha256).unlink()
    inspect.inspect(sessions, row.id, 1)
    after = reload(sessions, row)
    assert after.state == "failed" and "备份" in after.failure["title"]


def test_a_full_disk_while_reading_is_said_and_the_file_can_be_checked_again(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, row = waiting

    def full(*args, **words):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("geo.reading.apart.tempfile.mkdtemp", full)
        inspect.inspect(sessions, row.id, 1)
    after = reload(sessions, row)
    assert after.state == "failed" and after.failure["code"] == "disk-full"
    assert "管理员" in after.failure["title"] and after.report is None
    with sessions.begin() as session:
        submit.recheck(session, office.surveyor, row.id, ReadOptions(), after.version)
    monkeypatch.setattr("geo.inspection.inspect_apart", lambda *a, **w: answers.answer([]))
    inspect.inspect(sessions, row.id, 2)
    assert reload(sessions, row).state == "checked"


def test_a_database_away_is_tried_again(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    _, row = waiting

    def away(*args, **words):
        raise OperationalError("select 1", {}, psycopg.OperationalError("server closed the connection"))

    monkeypatch.setattr("api.acts.inspect.finish", away)
    monkeypatch.setattr("geo.inspection.inspect_apart", lambda *a, **w: answers.answer([]))
    with pytest.raises(OperationalError):
        inspect.inspect(sessions, row.id, 1)
    assert reload(sessions, row).state == "inspecting"
    monkeypatch.undo()
    monkeypatch.setattr("geo.inspection.inspect_apart", lambda *a, **w: answers.answer([]))
    inspect.inspect(sessions, row.id, 1)
    assert reload(sessions, row).state == "checked"


def test_interrupted_too_often_fails_with_a_sentence(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission]
) -> None:
    _, row = waiting
    for attempt in range(1, inspect.MOST_ATTEMPTS + 1):
        with sessions.begin() as session:  # begun, and then the worker is killed
            assert inspect.begin(session, row.id, 1) is not None
        assert reload(sessions, row).attempts == attempt
    with sessions.begin() as session:
        assert inspect.begin(session, row.id, 1) is None
    after = reload(sessions, row)
    assert after.state == "failed" and "重新检查" in after.failure["title"]


def test_the_sweep_queues_what_has_no_job(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission]
) -> None:
    from sqlalchemy import text

    _, row = waiting
    with sessions.begin() as session:
        assert inspect.sweep(session) == 0  # its job waits
        session.execute(text("delete from procrastinate_jobs"))
    with sessions.begin() as session:
        assert inspect.sweep(session) == 1
    with sessions.begin() as session:
        assert inspect.sweep(session) == 0
        session.execute(text("delete from procrastinate_jobs"))
        submissions.find(session, row.id).attempts = inspect.MOST_ATTEMPTS
    with sessions.begin() as session:
        inspect.sweep(session)
    assert reload(sessions, row).state == "failed"


def test_a_round_checked_again_replaces_only_its_own_rows(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission]
) -> None:
    office, row = waiting
    with sessions.begin() as session:
        live = submissions.find(session, row.id)
        for round, keys in ((1, "ab"), (2, "c"), (2, "de")):
            live.round = round
            found = [answers.finding("GE05", "warning", key) for key in keys]
            inspections.keep(
                session,
                live,
                answers.answer([], found).report,
                answers.answer(answers.line_features(office.shapes)).features,
            )
        rows = session.execute(select(FindingRow.round, FindingRow.key).order_by(FindingRow.key)).all()
        assert [tuple(r) for r in rows] == [(1, "a"), (1, "b"), (2, "d"), (2, "e")]
        assert session.scalar(select(func.count()).select_from(SubmissionFeature)) == 10


def test_only_the_answer_waits_for_the_disk(
    sessions: sessionmaker[Session], waiting: tuple[Office, Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inspection is one durable transaction and few statements; what is noted on the way costs no wait, and one
    that ends at once notes nothing."""
    _, row = waiting
    slow = False

    def apart(path, options, limits, surroundings, *, file, progress):
        progress("reading", 0.0)  # as `begin` noted it: nothing to say
        if slow:
            progress.last -= inspect.NOTE_EVERY
        progress("checking", 0.4)
        progress("checking", 0.5)  # too soon
        return answers.answer([], [answers.finding("CR08", "info", "k2")])

    monkeypatch.setattr("geo.inspection.inspect_apart", apart)
    inspect.inspect(sessions, row.id, 1)  # what the district is like is looked up once
    said: list[str] = []
    bound = sessions.kw["bind"]
    event.listen(bound, "before_cursor_execute", lambda *told: said.append(told[2]))
    event.listen(bound, "commit", lambda connection: said.append("commit"))
    for slow, light in ((False, [True, False]), (True, [True, True, False])):
        with sessions.begin() as session:
            again = submissions.find(session, row.id)
            again.state, again.round, again.attempts = "received", again.round + 1, 0
            session.flush()
            round = again.round
        said.clear()
        inspect.inspect(sessions, row.id, round)
        endings = [i for i, words in enumerate(said) if words == "commit"]
        parts = [said[a + 1 : b] for a, b in zip([-1, *endings], endings, strict=False)]
        assert ["set local synchronous_commit = off" in part for part in parts] == light
        assert [sum(w.startswith("UPDATE submission ") for w in part) for part in parts] == [1] * len(light)
        assert len(said) <= 15 + 4 * slow, said
