"""What a new user does with the tutorial, through the real acts: hand in the wrong delivery, then the right
one, accept it as the approver, take a line on to settled, and see it in public."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from api.acts import demarcate, inspect, publish, submit
from api.security.person import Person
from api.security.sessions import person_of
from api.setup.demo import accounts
from api.setup.demo.plan import plan
from api.setup.demo.remove import forget_files, remove_demo
from geo.reading.layers import ReadOptions
from geo.settings import district
from geo.store import audit_chain, people, submissions
from geo.store.boundaries import district_progress, map_frames
from geo.store.engine import sessions
from geo.store.tables import (
    AuditEvent,
    BoundaryLine,
    BoundaryMarker,
    Demarcation,
    StoredFile,
    Submission,
    Tripoint,
    User,
)

HERE = district("500112")
AT = date(2024, 12, 31)
LINE = plan(HERE.code).short


@pytest.fixture
def app(own_demo_database: str, monkeypatch: pytest.MonkeyPatch) -> sessionmaker[Session]:
    monkeypatch.setenv("YUDI_AS_OF", AT.isoformat())
    return sessions("app")


def acting(session: Session, login: str) -> Person:
    user = people.user_by_login(session, login)
    assert user is not None
    return person_of(user, HERE.code)


def hand_in(app: sessionmaker[Session], name: str, replaces: Any = None) -> Submission:
    path = accounts.store_path().parent / "tutorial" / name
    with app.begin() as session:
        row = submit.submit(
            session, acting(session, "surveyor"), filename=name, path=Path(path), options=ReadOptions(),
            replaces=replaces,
        )  # fmt: skip
    inspect.inspect(app, row.id, row.round)
    with app() as session:
        return submissions.find(session, row.id)


# The same by page and by notebook is in every run.
@pytest.mark.full
def test_from_the_wrong_delivery_to_a_public_line(app: sessionmaker[Session]) -> None:
    wrong = hand_in(app, "tutorial_defective.zip")
    assert (wrong.state, wrong.verdict) == ("checked", "reject") and wrong.demo
    right = hand_in(app, "tutorial_correct.zip", replaces=wrong.id)
    with app() as session:
        errors = [f for f in submissions.findings(session, right) if f["severity"] == "error"]
    assert errors == [] and right.verdict == "accept-with-warning"

    with app.begin() as session:
        row = publish.accept(
            session, acting(session, "approver"), right.id, reason="成果合格", version=right.version
        )
        assert row.state == "accepted"
    with app() as session:
        for code in plan(HERE.code).tutorial:
            assert session.get(Demarcation, code).state == "results_checked"
        for table in (BoundaryLine, BoundaryMarker, Tripoint):
            new = session.scalars(select(table).where(table.submission_id == right.id)).all()
            assert new and all(r.demo for r in new), table.__tablename__
        before = seen_by_the_public()
        digest = session.scalars(select(StoredFile.sha256)).first()
    assert LINE not in before

    paper = {"title": "文件", "number": "演示1号", "date": AT.isoformat(), "sha256": digest}
    for name, kinds in (
        ("sign_agreement", ("agreement", "agreement_map")), ("submit", ("request",)), ("settle", ("approval",)),
    ):  # fmt: skip
        with app.begin() as session:
            line = session.get(Demarcation, LINE)
            demarcate.take_step(
                session, acting(session, "approver"), LINE, name, reason="办理", version=line.version,
                evidence=[paper | {"kind": k, "signed_by": [line.unit_a, line.unit_b]} for k in kinds],
                on_date=AT,
            )  # fmt: skip
    assert seen_by_the_public() == before | {LINE}
    with app() as session:
        answer = district_progress(
            session,
            district=HERE.code,
            at=AT,
            officer=True,
            target=HERE.settled_target,
            year=HERE.target_year,
        )
    assert answer.settled_in_year == 12
    nothing_is_left_but_the_trail()


def nothing_is_left_but_the_trail() -> None:
    """All that the demonstration's accounts did goes with the demonstration; the audit trail tells it."""
    with sessions("owner")() as session:
        with session.begin():
            removed = remove_demo(session, HERE)
        forget_files(session, removed)
    with sessions("owner")() as session:
        for table in (BoundaryLine, BoundaryMarker, Tripoint, Demarcation, Submission, StoredFile):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table.__tablename__
        assert audit_chain.verify(session) == []
        acts = list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))
        assert acts[0] == "load" and acts[-1] == "remove" and {"submit", "accept", "line.settle"} <= set(acts)
        assert not session.scalars(select(User).where(User.active, User.demo)).all()


def seen_by_the_public() -> set[str]:
    with sessions("public")() as session:
        return set(map_frames(session, district=HERE.code, at=AT, officer=False).lines["code"])
