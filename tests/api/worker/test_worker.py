"""The worker as a process: it works, stops gracefully, and what a killed one held is done by the next."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from geo.store import engine, submissions
from geo.store.tables import AuditEvent, CaseDocument, Submission
from tests import working
from tests.api.acts.conftest import open_office
from tests.api.acts.desk import Desk

#: A worker whose inspections wait for a file before they answer, so that a test decides when.
SLOW = """
import os, sys, time
import geo.inspection
from geo.inspection import Answer

def slow(path, options, limits, surroundings, *, file, progress):
    progress.last = 0.0  # the first note is due
    progress("reading", 0.25)
    import tempfile
    open(os.path.join(tempfile.gettempdir(), "unpacked"), "w").close()
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.02)
    report = {"file": file, "sha256": "0" * 64, "profile": "township", "verdict": "accept", "layers": [], "findings": []}
    return Answer(report)

geo.inspection.inspect_apart = slow
"""

#: A worker that waits between the two files of a document.
HALF = """
import os, time
from pathlib import Path
from api.worker import documents

real = documents.make
def slow(kind, facts, form):
    made = real(kind, facts, form)
    if form == "docx":
        Path(os.environ["GO"]).with_name("half").touch()
        while not os.path.exists(os.environ["GO"]):
            time.sleep(0.02)
    return made

documents.make = slow
"""


@pytest.fixture
def sessions(own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sessionmaker[Session]:
    monkeypatch.setenv("YUDI_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("GO", str(tmp_path / "go"))
    return engine.sessions("app")


@pytest.fixture
def waiting(sessions: sessionmaker[Session], tmp_path: Path) -> Submission:
    with sessions.begin() as session:
        return open_office(session, tmp_path).upload(b"a file")


@pytest.fixture
def work(sessions: sessionmaker[Session]) -> Iterator[Callable[..., BaseProcess]]:
    """Starts a slow worker that beats every 0.2 s and counts as dead after 1.5 s."""
    started: list[BaseProcess] = []

    def start(script: str = SLOW) -> BaseProcess:
        beats = ("--heartbeat", "0.2", "--stalled-after", "1.5", "--grace", "0.5")
        started.append(working.start(*beats, script=script))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.join()
        process.close()


def killed(process: BaseProcess) -> None:
    process.kill()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL


def stopped(process: BaseProcess) -> None:
    process.terminate()
    process.join(20)
    assert process.exitcode == 0


def until(sessions: sessionmaker[Session], row: Submission, state: str, seconds: float = 40) -> Submission:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with sessions() as session:
            now = submissions.find(session, row.id)
        if now.state == state and (state != "inspecting" or now.progress > 0):
            return now
        time.sleep(0.05)
    raise AssertionError(f"still {now.state}, wanted {state}")


def test_a_killed_worker_loses_nothing(
    sessions: sessionmaker[Session], waiting: Submission, work: Callable[[], BaseProcess], tmp_path: Path
) -> None:
    first = work()
    during = until(sessions, waiting, "inspecting")
    assert (during.progress, during.step, during.attempts) == (0.25, "reading", 1)
    left = tmp_path / "var" / "tmp" / f"worker-{first.pid}" / "unpacked"
    assert left.exists()
    killed(first)
    assert until(sessions, waiting, "inspecting").attempts == 1
    time.sleep(1.6)  # until the dead worker's last sign of life is old enough
    (tmp_path / "go").touch()
    second = work()
    after = until(sessions, waiting, "checked")
    assert (after.verdict, after.attempts, after.progress) == ("accept", 2, 1.0)
    assert not left.exists()  # what the killed one had unpacked is gone
    stopped(second)
    with sessions() as session:
        assert (
            session.scalar(text("select count(*) from procrastinate_jobs where task_name = 'inspect'")) == 0
        )
        assert session.scalar(text("select count(*) from procrastinate_workers")) == 0
    assert not list((tmp_path / "var" / "tmp").iterdir())


def test_stopping_in_the_middle_ends_and_the_next_goes_on(
    sessions: sessionmaker[Session], waiting: Submission, work: Callable[[], BaseProcess], tmp_path: Path
) -> None:
    first = work()
    until(sessions, waiting, "inspecting")
    stopped(first)  # after its grace, though the inspection never ends by itself
    (tmp_path / "go").touch()
    work()
    assert until(sessions, waiting, "checked").attempts == 2


def test_a_worker_killed_while_it_makes_a_document_leaves_no_half(
    sessions: sessionmaker[Session], work: Callable[..., BaseProcess], tmp_path: Path
) -> None:
    """One outcome: no file of it is kept, and the next worker makes both, once."""
    with sessions.begin() as session:
        desk = Desk(session)
        row = desk.submitted()
        desk.step(row, "accept", desk.accepter)
        wanted = session.scalars(select(CaseDocument.id).where(CaseDocument.kind == "acceptance")).one()

    def document() -> CaseDocument:
        with sessions() as session:
            return session.get_one(CaseDocument, wanted)

    def made() -> int:
        with sessions() as session:
            event = select(func.count()).where(
                AuditEvent.act == "document.make", AuditEvent.subject == str(wanted)
            )
            return session.scalar(event) or 0

    first = work(HALF)
    wait(lambda: (tmp_path / "half").exists())
    killed(first)
    assert (document().pdf_sha256, document().docx_sha256, made()) == (None, None, 0)
    time.sleep(1.6)  # until the dead worker's last sign of life is old enough
    (tmp_path / "go").touch()
    second = work(HALF)
    wait(lambda: document().pdf_sha256 is not None)
    assert document().docx_sha256 is not None and made() == 1
    stopped(second)
    with sessions() as session:
        left = text("select count(*) from procrastinate_jobs where task_name = 'make_document'")
        assert session.scalar(left) == 0


def wait(holds: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
