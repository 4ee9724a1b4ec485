"""The demonstration's applications: in many states, each by steps that its life allows, and gone when it goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api.acts.case_facts import is_announced
from geo.approvals.life import LIFE
from geo.store import approvals_case
from geo.store.engine import sessions
from geo.store.tables import PlaceNameApplication
from tests.demonstration import Loaded


@pytest.fixture(scope="module")
def shown(demo_database: str, demonstration: Loaded) -> Iterator[Session]:
    with sessions("app")() as session:
        yield session


def test_there_are_cases_in_every_stage(shown: Session) -> None:
    rows = shown.scalars(select(PlaceNameApplication)).all()
    assert len(rows) >= 12 and all(r.demo for r in rows)
    assert {r.state for r in rows} >= {
        "draft", "submitted", "supplement", "accepted", "review", "reviewed", "approved", "refused", "consulted",
        "closed", "withdrawn",
    }  # fmt: skip
    assert {r.action for r in rows} >= {"naming", "renaming"} and any(r.plan_id for r in rows)


def test_their_steps_are_those_of_the_machine(shown: Session) -> None:
    for row in shown.scalars(select(PlaceNameApplication)).all():
        case = approvals_case.case_by_id(shown, row.id)
        assert case.steps[-1].to_state == row.state and case.steps[-1].version == row.version
        assert [s.at for s in case.steps] == sorted(s.at for s in case.steps)
        for step in case.steps[1:]:
            assert any(
                step.from_state in t.from_ and t.to == step.to_state for t in LIFE.by_name[step.transition]
            )
        hands = {s.transition: s.actor_id for s in case.steps}
        assert len({hands.get(n, n) for n in ("submit", "accept", "report", "approve")}) == 4


def test_register_and_announcement_follow_their_states(shown: Session) -> None:
    status = text("select status from place_name where number = :n and upper_inf(recorded)")
    for row in shown.scalars(
        select(PlaceNameApplication).where(PlaceNameApplication.result_number.is_not(None))
    ).all():
        announced = is_announced(approvals_case.case_by_id(shown, row.id))
        assert shown.scalar(status, {"n": row.result_number}) == ("standard" if announced else "approved")
        assert (row.state == "closed") == announced
    assert shown.scalar(text("select count(*) from published.announcement where demo")) == 1
    heads = shown.execute(text("select head_id, head_hash from announcement where demo")).all()
    assert heads and all(head and digest for head, digest in heads), "an announcement prints the chain's head"


def test_a_reviewer_finds_a_name_that_sounds_like_another(shown: Session) -> None:
    row = shown.scalars(select(PlaceNameApplication).where(PlaceNameApplication.state == "reviewed")).one()
    rules = [f["rule"] for f in row.findings["findings"] if f["severity"] in ("error", "warning")]
    assert any("homophone" in rule for rule in rules)
