"""A small district with its people, submissions taken as far as a test needs them, and a desk for applications."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from api.acts import inspect, submit
from api.security.person import Person
from geo import days
from geo.approvals import materials
from geo.reading.layers import ReadOptions
from geo.store.tables import Organisation, Submission
from geo.terms import UserRole
from tests import answers
from tests import builders as b
from tests.api.acts.desk import Clock, Desk


@dataclass
class Office:
    """Everyone who takes part: a firm's surveyor, and officers of the bureau."""

    session: Session
    shapes: b.SmallDistrict
    firm: Organisation
    bureau: Organisation
    surveyor: Person
    reviewer: Person
    approver: Person
    folder: Path

    def upload(
        self,
        content: bytes = b"bytes of a zip",
        actor: Person | None = None,
        replaces: UUID | None = None,
        options: ReadOptions | None = None,
    ) -> Submission:
        path = self.folder / "upload"
        path.write_bytes(content)
        return submit.submit(
            self.session,
            actor or self.surveyor,
            filename="成果.zip",
            path=path,
            options=options or ReadOptions(),
            replaces=replaces,
        )

    def inspected(self, row: Submission, answer: answers.Answer) -> Submission:
        work = inspect.begin(self.session, row.id, row.round)
        assert work is not None
        inspect.finish(self.session, work, answer)
        return row

    def checked(
        self,
        features: Iterable[dict[str, Any]],
        findings: Iterable[dict[str, Any]] = (),
        content: bytes = b"bytes of a zip",
        **more: Any,
    ) -> Submission:
        return self.inspected(self.upload(content, **more), answers.answer(features, findings))


def open_office(session: Session, folder: Path) -> Office:
    firm = b.organisation(session, "甲测绘公司")
    bureau = b.organisation(session, "渝北区民政局", kind="department")
    shapes = b.small_district(session, b.user(session, organisation_row=bureau).id)
    return Office(
        session,
        shapes,
        firm,
        bureau,
        b.person(session, UserRole.SURVEYOR, organisation_row=firm),
        b.person(session, UserRole.REVIEWER, organisation_row=bureau),
        b.person(session, UserRole.APPROVER, organisation_row=bureau),
        folder,
    )


@pytest.fixture
def office(app_session: Session, tmp_path: Path) -> Office:
    return open_office(app_session, tmp_path)


@pytest.fixture
def file_of_evidence(office: Office, tmp_path: Path) -> Callable[[str], str]:
    """Keep a document and say its digest."""
    from geo.store import files

    def keep(text: str) -> str:
        path = tmp_path / "paper"
        path.write_text(text, encoding="utf-8")
        return files.keep(office.session, path, "application/pdf").sha256

    return keep


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(days, "today", made)
    return made


@pytest.fixture
def desk(session: Session, clock: Clock) -> Desk:
    return Desk(session)


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change demands no consultations: the tests that are not about them are quicker."""
    none = materials.Demands(frozenset(), frozenset(), True, "", "")
    monkeypatch.setattr(materials, "demands", lambda *given, **more: none)
