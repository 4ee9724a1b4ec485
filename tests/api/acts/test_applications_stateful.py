"""Applications under random hands: whatever is tried in whatever order, a case never stands between two states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.acts import apply, decide, lapse
from api.acts.stale import Stale
from api.security.person import Person
from geo import days
from geo.approvals import life
from geo.problems import Problem
from geo.store.tables import PlaceNameApplication
from tests.api.acts.desk import TODAY, Clock, Desk

PAPER = {"body": "渝北区人民政府", "number": "渝北府〔2026〕1号", "date": "2026-01-05"}
DETAILS: dict[str, dict[str, Any]] = {
    "ask_supplement": {"items": ["位置图"]}, "ask_more": {"items": ["位置图"]}, "seek_opinions": {"items": ["交通局"]},
    "record_opinion": {"giver": "交通局", "stance": "agree", "says": "无意见"}, "report": {"stance": "agree"},
    "record_approval": PAPER, "record_refusal": PAPER, "reconsider": PAPER, "uphold": PAPER, "redo": PAPER,
    "open_comment": {"opens": "2099-01-01", "closes": "2099-01-08", "says": "欢迎"},
}  # fmt: skip
#: What is tried most: the way to the register and back.
LIKELY = (
    "accept", "begin_review", "report", "approve", "announce", "send_filing", "file", "withdraw_announcement",
    "return_filing", "deliver", "refuse", "reconsider", "redo", "supply", "withdraw",
)  # fmt: skip
REGISTER = text("""
    select status from place_name where number = :number and upper_inf(recorded) and upper_inf(valid)""")
PUBLIC = text("select count(*) from published.place_name where number = :n and upper_inf(valid)")
LAST = text("""
    select to_state, version, (select count(*) from application_step s where s.application_id = :id) as steps
    from application_step where application_id = :id order by version desc limit 1""")


#: One try: which step, by whom (a place among the people), and whether with an old version.
TRIES = st.lists(
    st.tuples(
        st.sampled_from(LIKELY)
        | st.sampled_from(sorted(life.LIFE.by_name))
        | st.sampled_from(("save", "night", "clock")),
        st.integers(0, 6),
        st.integers(0, 9),
    ),
    min_size=20,
    max_size=40,
)
#: The shortest way to a closed case, from which random tries go on as well: (step, person).
WAY = (
    ("accept", 2),
    ("begin_review", 3),
    ("report", 3),
    ("approve", 4),
    ("announce", 5),
    ("send_filing", 5),
    ("file", 5),
)


def check(desk: Desk, row: PlaceNameApplication) -> None:
    """State is the last step, and the register holds what the state says."""
    desk.session.flush()
    last = desk.session.execute(LAST, {"id": row.id}).one()
    assert (last.to_state, last.version, last.steps) == (row.state, row.version, row.version)
    case = desk.case(row)
    decided = row.state in ("approved", "closed") and row.route is not None
    assert decided == (row.result_number is not None)
    running = [c for c in case.clocks if c.clock.stopped is None]
    assert row.due == min((c.due for c in running if c.due), default=None) or row.state in (
        "withdrawn",
        "lapsed",
    )
    if row.result_number is None:
        return
    kinds = [a["kind"] for a in case.announcements]
    announced = bool(kinds) and kinds[-1] == "announcement"
    held = desk.session.scalar(REGISTER, {"number": row.result_number})
    assert held == ("standard" if announced else "approved")
    filed = any(f["state"] == "filed" for f in case.filings)
    assert (row.state == "closed") == (announced and filed)
    assert desk.session.scalar(PUBLIC, {"n": row.result_number}) == int(announced)


def attempt(desk: Desk, row: PlaceNameApplication, name: str, who: Person, *, late: bool) -> None:
    """Somebody tries something: it is done whole, with its constraints, or nothing is. A form is also sent twice (a double
    click, a replay): the second one changes nothing."""
    if name == "night":
        seen = row.version
        ended = lapse.lapse(desk.session, row.id, days.today())
        assert row.version == seen + (ended is not None)
        check(desk, row)
        return
    before = (row.state, row.version)
    nested = desk.session.begin_nested()
    try:
        if name == "save":
            apply.save(desk.session, who, row.number, desk.content("云雀路"), version=row.version - late)
        else:
            decide.take_step(
                desk.session, who, row.number, name, reason="依据充分", version=row.version - late,
                details=DETAILS.get(name, {}),
            )  # fmt: skip
        desk.session.execute(text("set constraints all immediate"))
        desk.session.execute(text("set constraints all deferred"))
        nested.commit()
    except Problem:
        nested.rollback()
        desk.session.refresh(row)
        assert (row.state, row.version) == before
    else:
        assert not late and row.version == before[1] + (name != "save")
        check(desk, row)
        if name != "save":
            with pytest.raises(Stale), desk.session.begin_nested():
                decide.take_step(
                    desk.session, who, row.number, name, reason="依据充分", version=before[1], details=DETAILS.get(name, {})
                )  # fmt: skip


def test_no_case_stands_half_way(session: Session, clock: Clock) -> None:
    """By anybody, in any order, on any day: also where the clock of the machine goes back."""
    desk = Desk(session)
    people = [
        desk.township,
        desk.builder,
        desk.accepter,
        desk.reviewer,
        desk.approver,
        desk.registrar,
        desk.everything,
    ]

    @settings(max_examples=5, deadline=None, derandomize=True, database=None, phases=(Phase.generate,))
    @given(st.integers(0, len(WAY)), TRIES)
    def random_hands(ahead: int, tries: list[tuple[str, int, int]]) -> None:
        whole = session.begin_nested()
        try:
            row = desk.submitted(name="云雀路")
            check(desk, row)
            for name, who in WAY[:ahead]:
                attempt(desk, row, name, people[who], late=False)
            for name, who, late in tries:
                if name == "clock":
                    clock.on((-20, -1, 1, 6, 16, 40, 90)[who])
                else:
                    attempt(desk, row, name, people[who], late=late == 0)
        finally:
            whole.rollback()
            clock.day = TODAY

    random_hands()
