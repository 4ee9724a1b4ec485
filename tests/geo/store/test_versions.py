"""Versions: superseding, as of a date, and as the database held it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.store import versions
from geo.store.tables import AdminUnit
from tests import builders as b

CODE = "500112138"


def unit(session: Session, maker: int, name: str, start: date | None, end: date | None = None) -> AdminUnit:
    row = AdminUnit(code=CODE, name=name, level="township", parent_code="500112", source="x", reason="x", made_by=maker,
                    valid=Range(start, end, bounds="[)"))  # fmt: skip
    return versions.supersede(session, row)


def name_on(session: Session, day: date, known: object = None) -> str | None:
    rows = session.scalars(versions.as_of(AdminUnit, day, known).where(AdminUnit.code == CODE)).all()  # type: ignore[arg-type]
    assert len(rows) <= 1
    return rows[0].name if rows else None


def test_a_new_version_takes_over_from_its_day(app_session: Session) -> None:
    maker = b.user(app_session).id
    first = unit(app_session, maker, "旧名", date(2000, 1, 1))
    before = app_session.scalar(select(func.clock_timestamp()))
    unit(app_session, maker, "新名", date(2010, 1, 1))
    assert name_on(app_session, date(2009, 12, 31)) == "旧名"
    assert name_on(app_session, date(2010, 1, 1)) == "新名"
    assert name_on(app_session, date(1999, 12, 31)) is None
    # As the database held it before: the old name for good.
    assert name_on(app_session, date(2015, 1, 1), before) == "旧名"
    rows = versions.history(app_session, AdminUnit, CODE)
    assert len(rows) == 3 and first in rows


def test_the_rest_keeps_its_origin(app_session: Session) -> None:
    maker, corrector = b.user(app_session).id, b.user(app_session).id
    actor = b.person(app_session)
    source = b.submission(app_session, actor)
    old = unit(app_session, maker, "旧名", date(2000, 1, 1))
    old_id = old.id
    row = AdminUnit(code=CODE, name="更正", level="township", parent_code="500112", source="x", reason="x", made_by=corrector,
                    submission_id=source.id, valid=Range(date(2005, 1, 1), date(2006, 1, 1), bounds="[)"))  # fmt: skip
    versions.supersede(app_session, row)
    said = [(name_on(app_session, date(y, 6, 1))) for y in (2004, 2005, 2006)]
    assert said == ["旧名", "更正", "旧名"]
    rest = [r for r in versions.history(app_session, AdminUnit, CODE) if r.name == "旧名" and r.id != old_id]
    assert (
        len(rest) == 2 and {r.made_by for r in rest} == {maker} and {r.submission_id for r in rest} == {None}
    )


def test_ending_leaves_the_past(app_session: Session) -> None:
    maker = b.user(app_session).id
    unit(app_session, maker, "旧名", date(2000, 1, 1))
    assert versions.end(app_session, AdminUnit, CODE, date(2025, 11, 7)) == 1
    assert (
        name_on(app_session, date(2025, 11, 6)) == "旧名" and name_on(app_session, date(2025, 11, 7)) is None
    )
    assert versions.end(app_session, AdminUnit, CODE, date(2025, 11, 7)) == 0


def test_many_at_once_are_as_each_alone(app_session: Session) -> None:
    """The same versions as one by one: closed, the rest of the old time kept with its maker, the new one in force."""
    maker, corrector = b.user(app_session).id, b.user(app_session).id
    new = [
        ("500112901", date(2005, 1, 1), date(2006, 1, 1)),
        ("500112902", date(2000, 1, 1), None),
        ("500112903", date(2010, 1, 1), None),
    ]

    def row(code: str, name: str, start: date, end: date | None, by: int) -> AdminUnit:
        return AdminUnit(code=code, name=name, level="township", parent_code="500112", source="x", reason="x", made_by=by,
                         valid=Range(start, end, bounds="[)"))  # fmt: skip

    def said() -> list[tuple[object, ...]]:
        rows = [r for code, *_ in new for r in versions.history(app_session, AdminUnit, code)]
        told = [
            (r.code, r.name, r.valid.lower, r.valid.upper, r.made_by, r.recorded.upper is None) for r in rows
        ]
        return sorted(told, key=repr)

    answers = []
    for together in (False, True):
        with app_session.begin_nested() as point:
            for code in ("500112901", "500112902"):
                versions.supersede(app_session, row(code, "旧名", date(2000, 1, 1), None, maker))
            made = [row(code, "新名", start, end, corrector) for code, start, end in new]
            if together:
                versions.supersede_many(app_session, made)
            else:
                for one in made:
                    versions.supersede(app_session, one)
            answers.append(said())
            point.rollback()
    assert answers[0] == answers[1] and len(answers[0]) == 7


days = st.dates(date(2000, 1, 1), date(2000, 2, 10))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(days, st.one_of(st.none(), days)), min_size=1, max_size=5), days)
def test_the_last_said_of_a_day_holds(
    app_session: Session, said: list[tuple[date, date | None]], day: date
) -> None:
    """Whatever was entered in whatever order: on a day, the last version entered for that day is in force."""
    with app_session.begin_nested() as point:
        maker = b.user(app_session).id
        expected = None
        for number, (start, end) in enumerate(said):
            if end is not None and end <= start:
                end = None
            unit(app_session, maker, str(number), start, end)
            if start <= day and (end is None or day < end):
                expected = str(number)
        assert name_on(app_session, day) == expected
        point.rollback()


@pytest.mark.parametrize(
    ("old", "new", "rest"),
    [
        ((1, 9), (3, 5), [(1, 3), (5, 9)]),
        ((1, 9), (1, None), []),
        ((1, None), (3, None), [(1, 3)]),
        ((None, None), (3, 5), [(None, 3), (5, None)]),
        ((3, 5), (1, 9), []),
    ],
)
def test_remainders(old: tuple, new: tuple, rest: list) -> None:
    def of(pair: tuple) -> Range[date]:
        return Range(*(None if d is None else date(2000, 1, d) for d in pair), bounds="[)")

    assert versions.remainders(of(old), of(new)) == [of(r) for r in rest]
