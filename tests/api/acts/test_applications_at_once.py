"""Two officers at once, numbers under contention, a document whose worker dies: one outcome, each on its own connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from api.acts import apply, decide, papers
from api.acts.stale import Stale
from api.worker import documents, jobs
from geo.machine import GuardUnmet
from geo.problems import Conflict
from geo.store import approvals, engine, files
from geo.store.tables import CaseDocument, PlaceNameApplication
from tests.api.acts.desk import Desk
from tests.loops import finish


@pytest.fixture(scope="module")
def sessions(module_database: str) -> sessionmaker[Session]:
    return engine.sessions("app")


@pytest.fixture(scope="module")
def desk(sessions: sessionmaker[Session]) -> Desk:
    with engine.sessions("owner").begin() as session:
        return Desk(session)


@pytest.fixture
def at_work(sessions: sessionmaker[Session], desk: Desk) -> Iterator[Callable[..., Any]]:
    """Do something at the desk in a transaction of its own."""

    def work(act: Callable[[Desk], Any]) -> Any:
        with sessions.begin() as session:
            desk.session = session
            row = act(desk)
            session.flush()
            return row.number, row.version

    yield work


def together(sessions: sessionmaker[Session], *acts: Callable[[Session], Any]) -> list[Any]:
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


def test_two_officers_at_once_one_decides(
    sessions: sessionmaker[Session], desk: Desk, at_work: Callable[..., Any]
) -> None:
    number, version = at_work(lambda d: d.reviewed(d.submitted(name="云雀路")))

    def step(name: str) -> Callable[[Session], str]:
        return lambda s: (
            decide.take_step(s, desk.approver, number, name, reason="依据充分", version=version).state
        )

    outcome = together(sessions, step("approve"), step("refuse"), step("approve"), step("return_to_review"))
    done = [o for o in outcome if isinstance(o, str)]
    assert len(done) == 1 and [type(o) for o in outcome if not isinstance(o, str)] == [Stale] * 3
    with sessions() as session:
        row = session.scalars(select(PlaceNameApplication).where(PlaceNameApplication.number == number)).one()
        last = session.execute(
            text(
                "select to_state, version from application_step where application_id = :id order by version desc limit 1"
            ),
            {"id": row.id},
        ).one()
        assert (row.state, row.version) == tuple(last) == (done[0], version + 1)
        entered = session.scalar(text("select count(*) from place_name where name = '云雀路'"))
        assert entered == (1 if done == ["approved"] else 0)


def test_two_cases_for_one_name_approved_at_once_one_is_held_back(
    sessions: sessionmaker[Session], desk: Desk, at_work: Callable[..., Any]
) -> None:
    cases = [at_work(lambda d: d.reviewed(d.submitted(name="青禾路"))) for _ in range(2)]

    def approve(number: str, version: int) -> Callable[[Session], str]:
        return lambda s: (
            decide.take_step(s, desk.approver, number, "approve", reason="依据充分", version=version).state
        )

    outcome = together(sessions, *(approve(*case) for case in cases))
    assert sorted(type(o).__name__ for o in outcome) == ["GuardUnmet", "str"]
    assert any(isinstance(o, GuardUnmet) for o in outcome)


def test_submissions_at_once_are_numbered_without_gaps(
    sessions: sessionmaker[Session], desk: Desk, at_work: Callable[..., Any]
) -> None:
    refs = []
    for name in ("松针路", "石榴路", "桐花路", "月季路"):
        with sessions.begin() as session:
            desk.session = session
            refs.append(desk.draft(name=name).ref)

    def submit(ref: Any) -> Callable[[Session], str]:
        def act(session: Session) -> str:
            row = apply.submit(session, desk.township, ref, version=1)
            if ref == refs[2]:
                raise Stale(seen=0, now=0)  # the request fails after its number was taken
            return row.number

        return act

    together(sessions, *(submit(ref) for ref in refs), submit(refs[0]))
    with sessions() as session:
        numbers = session.scalars(
            select(PlaceNameApplication.number)
            .where(PlaceNameApplication.number.is_not(None))
            .order_by(PlaceNameApplication.number)
        ).all()
    assert [int(n[-5:]) for n in numbers] == list(range(1, len(numbers) + 1))


def test_a_document_is_made_once_whatever_happens_to_its_worker(
    sessions: sessionmaker[Session], at_work: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = at_work(lambda d: d.submitted(name="稻香路"))
    with sessions() as session:
        paper = session.scalars(select(CaseDocument).where(CaseDocument.number == number)).one()
    made: list[str] = []

    def make(kind: Any, facts: Any, form: str) -> bytes:
        made.append(form)
        return f"{facts.number} {form}".encode()

    def killed(kind: Any, facts: Any, form: str) -> bytes:
        if form == "docx":
            raise KeyboardInterrupt
        return make(kind, facts, form)

    monkeypatch.setattr(documents, "make", killed)
    with pytest.raises(KeyboardInterrupt):
        documents.make_document(sessions, paper.id)
    with sessions() as session:
        held = session.get_one(CaseDocument, paper.id)
        assert held.pdf_sha256 is None and held.docx_sha256 is None
        # Its job waits in the queue; were it lost, the daily round would ask for it again.
        assert paper.id not in approvals.documents_waiting(session)
        session.execute(
            text("delete from procrastinate_jobs where args ->> 'document' = :d"), {"d": str(paper.id)}
        )
        assert paper.id in approvals.documents_waiting(session)
    monkeypatch.setattr(documents, "make", make)
    made.clear()
    outcome = together(sessions, *(lambda s: documents.make_document(sessions, paper.id) for _ in range(3)))
    assert sorted(outcome) == [False, False, True] and sorted(made) == ["docx", "pdf"]
    assert documents.make_document(sessions, paper.id) is False
    with sessions() as session:
        held = session.get_one(CaseDocument, paper.id)
        assert files.place(held.pdf_sha256).read_bytes() == f"{number} pdf".encode()
        assert session.scalar(text("select count(*) from audit_event where act = 'document.make'")) == 1


def test_the_worker_makes_what_the_steps_asked_for(
    sessions: sessionmaker[Session], at_work: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Job by job through the queue, as the worker's process does it."""

    async def work() -> None:
        app = jobs.build(jobs.Timing())
        async with app.open_async():
            await app.run_worker_async(queues=[papers.DOCUMENTS], wait=False, install_signal_handlers=False)

    monkeypatch.setattr(documents, "make", lambda kind, facts, form: f"{kind} {facts.number} {form}".encode())
    monkeypatch.setattr(documents, "attached", lambda *given: None)
    at_work(lambda d: d.approved(name="竹溪路"))
    finish(work())
    with sessions() as session:
        papers_made = session.scalars(select(CaseDocument)).all()
        assert len(papers_made) > 3 and all(p.pdf_sha256 and p.docx_sha256 for p in papers_made)
