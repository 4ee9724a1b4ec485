"""Candidates from the register: each kind of match finds its name through the index of keys."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.matching import Kind, Wanted, match
from geo.store import name_matches, search_forms
from geo.terms import NameStatus
from tests import builders as b

CASES = [
    (Wanted("统景镇"), Kind.EXACT, "统景镇"),
    (Wanted("统景"), Kind.VARIANT, "统景镇"),
    (Wanted("月影湖社区"), Kind.VARIANT, "月影湖社区"),
    (Wanted("空港家园社区"), Kind.HOMOPHONE, "空港佳园社区"),
    (Wanted("空港佳苑社区"), Kind.FUZZY, "空港佳园社区"),
    (Wanted("空港佳园"), Kind.VARIANT, "空港佳园社区"),
    (Wanted("重庆市渝北区统景镇江口村"), Kind.EXACT, "江口村"),
    (Wanted("兴隆村"), Kind.AMBIGUOUS, None),
    (Wanted("兴隆村", "500112113"), Kind.EXACT, "兴隆村"),
    (Wanted("没有这个地方"), Kind.NONE, None),
    (Wanted(""), Kind.NONE, None),
]


@pytest.fixture
def register(session: Session) -> Session:
    maker = b.person(session).id
    b.unit(session, maker, "500112", "渝北区", level="county", parent="50")
    b.unit(session, maker, "500112133", "统景镇")
    b.unit(session, maker, "500112113", "兴隆镇")
    rows = [
        b.place_name(session, maker, "统景镇", Category.TOWNSHIP, unit_code="500112133"),
        b.place_name(session, maker, "江口村", unit_code="500112133", point=(106.9, 29.9)),
        b.place_name(session, maker, "兴隆村", unit_code="500112113"),
        b.place_name(session, maker, "兴隆村", unit_code="500112133"),
        b.place_name(session, maker, "空港佳园社区"),
        b.place_name(session, maker, "月影湖社区", status=NameStatus.FORMER),
        b.place_name(session, maker, "某某站", Category.FACILITY, facts={"secrecy": "秘密"}),
        b.place_name(session, maker, "新拟村", status=NameStatus.PROPOSED),
    ]
    search_forms.refresh(session, [r.number for r in rows])
    session.execute(text("set local role yudi_public"))
    return session


def test_each_kind_is_found(register: Session) -> None:
    wanted = [w for w, _, _ in CASES]
    answers = [match(w, c) for w, c in zip(wanted, name_matches.candidates(register, wanted), strict=True)]
    got = [(a.kind, a.best.candidate.name if a.best else None) for a in answers]
    assert got == [(kind, name) for _, kind, name in CASES]


def test_secret_and_proposed_names_match_nothing(register: Session) -> None:
    assert name_matches.candidates(register, [Wanted("某某站"), Wanted("新拟村")]) == [[], []]


def test_units_of_all_times_are_known(session: Session) -> None:
    """A list of last year says 渝北区, one of this year 北碚区; both mean the village."""
    maker = b.person(session).id
    old, new = (
        Range(date(2000, 1, 1), date(2025, 11, 7), bounds="[)"),
        Range(date(2025, 11, 7), None, bounds="[)"),
    )
    b.unit(session, maker, "500112", "渝北区", level="county", parent="50", valid=old)
    b.unit(session, maker, "500109", "北碚区", level="county", parent="50")
    b.unit(session, maker, "500112113", "兴隆镇", valid=old)
    b.unit(session, maker, "500112113", "兴隆镇", parent="500109", valid=new)
    row = b.place_name(session, maker, "永兴村")
    search_forms.refresh(session, [row.number])
    wanted = [Wanted("永兴村", "渝北区"), Wanted("北碚区兴隆镇永兴村"), Wanted("永兴村", "合川区")]
    found = name_matches.candidates(session, wanted)
    assert [match(w, c).kind for w, c in zip(wanted, found, strict=True)] == [
        Kind.EXACT,
        Kind.EXACT,
        Kind.FUZZY,
    ]


def test_many_names_are_few_statements(register: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    execute = register.execute
    monkeypatch.setattr(register, "execute", lambda *a, **k: (calls.append(1), execute(*a, **k))[1])
    found = name_matches.candidates(register, [Wanted("统景镇")] * name_matches.BATCH)
    assert len(found) == name_matches.BATCH and len(calls) <= 4


def test_candidates_come_through_the_index_of_keys(register: Session) -> None:
    values = {"wanted": [0], "keys": [1], "units": [None], "most": 40}
    # Among so few names the planner may as well walk the ranks: by conditions on keys only this index can be used.
    register.execute(text("set local enable_seqscan = off"))
    register.execute(text("set local enable_indexscan = off"))
    lines = register.scalars(text(f"explain (costs off) {name_matches.CANDIDATES}"), values).all()
    assert any("name_form_keys_gin" in line for line in lines), "\n".join(lines)
