"""Two at once: acceptances, the same bytes, and steps of one line, each in its own connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from api.acts import demarcate, publish, submit
from api.acts.stale import Stale
from geo.problems import Conflict
from geo.reading.layers import ReadOptions
from geo.store import audit_chain, engine, files, submissions
from tests import answers
from tests import builders as b
from tests.api.acts.conftest import Office, open_office

UPPER, LOWER = f"{b.XINGLONG}-{b.CIZHU}", f"{b.TONGJING}-{b.DASHENG}"


@pytest.fixture(scope="module")
def sessions(module_database: str) -> sessionmaker[Session]:
    return engine.sessions("app")


@pytest.fixture(scope="module")
def office(sessions: sessionmaker[Session], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with sessions.begin() as session:
        made = open_office(session, tmp_path_factory.mktemp("office"))
    yield made


def together(sessions: sessionmaker[Session], *acts: Callable[[Session], Any]) -> list[Any]:
    """Run acts at the same time, each in its own transaction: what each gave, or the problem it met."""
    gate = Barrier(len(acts))

    def run(act: Callable[[Session], Any]) -> Any:
        gate.wait()
        try:
            with sessions.begin() as session:
                return act(session)
        except Conflict as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def checked(sessions: sessionmaker[Session], office: Office, code: str, content: bytes) -> tuple[UUID, int]:
    with sessions.begin() as session:
        office.session = session
        row = office.checked(answers.line_features(office.shapes, code), content=content)
    return row.id, row.version


def test_the_same_submission_is_accepted_once(sessions: sessionmaker[Session], office: Office) -> None:
    id, version = checked(sessions, office, UPPER, b"one")

    def accept(session: Session) -> str:
        return publish.accept(session, office.approver, id, reason="合格", version=version).state

    outcome = together(sessions, accept, accept)
    assert sorted(map(type, outcome), key=str) == sorted([str, Stale], key=str) and "accepted" in outcome
    with sessions() as session:
        assert session.scalar(text("select count(*) from boundary_line where code = :c"), {"c": UPPER}) == 1
        assert session.scalar(text("select count(*) from audit_event where act = 'accept'")) == 1


def test_two_submissions_follow_each_other_and_the_second_is_checked_again(
    sessions: sessionmaker[Session], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def again(*args: Any, **words: Any) -> Any:
        asked.append(words["file"])
        return answers.answer([], [answers.finding("TP12", "error", "k")])

    monkeypatch.setattr("geo.inspection.inspect_apart", again)
    one, two = checked(sessions, office, LOWER, b"two"), checked(sessions, office, LOWER, b"three")

    def accept(which: tuple[UUID, int]) -> Callable[[Session], str]:
        return lambda session: (
            publish.accept(session, office.approver, which[0], reason="合格", version=which[1]).state
        )

    outcome = together(sessions, accept(one), accept(two))
    assert len(asked) == 1 and "accepted" in outcome
    assert any(isinstance(o, publish.ChangedSince) for o in outcome)
    with sessions() as session:
        assert sorted(submissions.find(session, i).state for i, _ in (one, two)) == ["accepted", "checked"]
        assert session.scalar(text("select count(*) from boundary_line where code = :c"), {"c": LOWER}) == 1
        assert audit_chain.verify(session) == []


def test_the_same_upload_twice_at_once_is_one_submission(
    sessions: sessionmaker[Session], office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"uploaded twice" * 100_000)

    def upload(session: Session) -> UUID:
        return submit.submit(session, office.surveyor, filename="a.zip", path=path, options=ReadOptions()).id

    outcome = together(sessions, *[upload] * 4)
    [first] = [o for o in outcome if isinstance(o, UUID)]
    refused = [o for o in outcome if isinstance(o, submit.BeingTaken)]
    assert len(refused) == 3 and {o.details["id"] for o in refused} == {str(first)}
    assert not [p for p in (files.room() / "incoming").glob("*")]
    with sessions() as session:
        kept = submissions.file_of(session, first)
        assert files.place(kept.sha256).read_bytes() == path.read_bytes()


def test_two_steps_of_one_line_meet(sessions: sessionmaker[Session], office: Office) -> None:
    code = f"{b.TONGJING}-{b.XINGLONG}"
    dispute = {"kind": "dispute", "title": "材料"}

    def step(session: Session) -> int:
        return demarcate.take_step(
            session, office.reviewer, code, "set_dispute", reason="x", version=1, evidence=[dispute]
        ).version

    outcome = together(sessions, step, step)
    assert sorted(map(str, map(type, outcome))) == sorted([str(int), str(Stale)])


def test_a_failing_audit_leaves_nothing(
    sessions: sessionmaker[Session], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acceptance and its audit event are one transaction."""
    code = f"{b.CIZHU}-{b.DASHENG}"
    monkeypatch.setattr("geo.inspection.inspect_apart", lambda *a, **w: answers.answer([]))
    id, version = checked(sessions, office, code, b"five")
    monkeypatch.setattr("geo.store.audit.append", lambda *a, **w: 1 / 0)
    with pytest.raises(ZeroDivisionError), sessions.begin() as session:
        publish.accept(session, office.approver, id, reason="合格", version=version)
    monkeypatch.undo()
    with sessions() as session:
        assert submissions.find(session, id).state == "checked"
        assert session.scalar(text("select count(*) from boundary_line where code = :c"), {"c": code}) == 0
        assert (
            session.scalar(text("select state from demarcation where code = :c"), {"c": code})
            == "undemarcated"
        )
