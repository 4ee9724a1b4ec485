"""What a process that searches knows beforehand is asked for anew when it has changed, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.store import engine, search, search_forms, search_known
from geo.store.engine import Overtaken
from geo.store.search_known import Known, changed, known_of
from tests import builders as b

STAMP = text("select coalesce(sum(stamp), 0) from published.search_stamp")


@pytest.fixture(scope="module")
def maker(module_database: str) -> int:
    with engine.sessions("owner").begin() as session:
        made = b.person(session).id
        b.place_name(session, made, "江口村", unit_code="500112133", importance=20)
        b.place_name(session, made, "江口湾", Category.NATURAL_VILLAGE, unit_code="500112138")
    return made


@pytest.fixture
def reader(maker: int) -> Iterator[Session]:
    with engine.sessions("search")() as session:
        yield session


def sent(session: Session, q: str) -> list[str]:
    """The statements beside the page's own that a question takes."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement.split()[2])

    event.listen(engine.engine("search"), "before_cursor_execute", note)
    try:
        search.search(session, q)
    finally:
        event.remove(engine.engine("search"), "before_cursor_execute", note)
    return seen


def test_a_question_is_one_statement_planned_once_for_all_of_its_kind(reader: Session) -> None:
    search.search(reader, "江口")
    for q in ("江口村", "口湾", "不存", "江口湾村", "姜口村", "江口", "洛碛镇") * 2:
        assert sent(reader, q) == []
    kept = reader.execute(
        text(
            "select statement, generic_plans > 0 as kept from pg_prepared_statements where statement like '/* search%'"
        )
    ).all()
    assert [(row.statement.split()[2], row.kept) for row in kept] == [("page", True)]


def test_a_search_has_little_time_and_writes_nothing(reader: Session) -> None:
    assert reader.scalar(text("show statement_timeout")) == "3s"
    assert reader.connection().connection.driver_connection.autocommit  # type: ignore[union-attr]
    with pytest.raises(DBAPIError, match="read-only"):
        reader.execute(text("insert into published.search_stamp (stamp) values (1)"))


def test_a_unit_that_the_register_names_is_known_at_once(reader: Session, maker: int) -> None:
    def within() -> list[str]:
        return [h.name for h in search.search(reader, "统景江口").items if h.tier.value == "within"]

    assert within() == []
    with engine.sessions("owner").begin() as session:
        row = b.place_name(session, maker, "统景镇", Category.TOWNSHIP, names_unit="500112133")
    assert within() == ["江口村"]
    assert sent(reader, "统景江口") == ["units"], "what lies in the unit is asked for, its name is not"
    for q in ("统景 jiangkou", "统景湾、统景", "统景江口湾"):
        assert sent(reader, q) == ["units"], "all units of a question are asked for together"
    with engine.sessions("owner").begin() as session:
        gone = "update place_name set recorded = tstzrange(lower(recorded), now()) where number = :number"
        session.execute(text(gone), {"number": row.number})
        search_forms.refresh(session, [row.number])
    assert within() == []


def test_what_a_unit_is_called_is_known_at_once(reader: Session, maker: int) -> None:
    def units() -> set[str | None]:
        return {h.unit_name for h in search.search(reader, "江口").items}

    assert units() == {None}
    with engine.sessions("owner").begin() as session:
        b.unit(session, maker, "500112", "渝北区", level="county", parent="500000")
        b.unit(session, maker, "500112138", "兴隆乡", valid=b.since(end=date(2001, 1, 1)))
        b.unit(session, maker, "500112138", "兴隆镇", valid=b.since(date(2001, 1, 1)))
    assert units() == {"渝北区", "渝北区兴隆镇"}
    assert sent(reader, "江口") == []


def test_keys_are_known_to_be_common_at_once(
    reader: Session, maker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = search.search(reader, "江口").items
    assert known_of(reader).common == {}
    with engine.sessions("owner").begin() as session:
        monkeypatch.setattr(search_forms, "COMMON", 1)
        monkeypatch.setattr(search_forms, "LISTED", 1)
        search_forms.count_common(session)
    assert search.search(reader, "江口").items == before
    assert known_of(reader).common != {}


def test_an_ordinary_name_changes_nothing_that_is_known(reader: Session, maker: int) -> None:
    stamp = reader.scalar(STAMP)
    with engine.sessions("owner").begin() as session:
        b.place_name(session, maker, "大江口湾", Category.NATURAL_VILLAGE, unit_code="500112138")
    assert reader.scalar(STAMP) == stamp
    assert "大江口湾" in [h.name for h in search.search(reader, "江口").items]


@pytest.mark.parametrize("first", [0, 1])
def test_changes_wait_for_nobody_and_each_is_seen(reader: Session, maker: int, first: int) -> None:
    """Two at once, committed in either order; afterwards one row is left to be taken out."""
    stamps = [reader.scalar(STAMP)]
    with engine.sessions("owner")() as one, engine.sessions("app")() as other:
        both = (one, other)
        for session in both:
            session.execute(text("set local lock_timeout = '100ms'"))
            changed(session)
        for session in (both[first], both[1 - first]):
            session.commit()
            stamps.append(reader.scalar(STAMP))
    assert len(set(stamps)) == 3
    with engine.sessions("owner").begin() as session:
        changed(session)
    assert reader.scalar(text("select count(*) from published.search_stamp")) == 1


def test_a_search_that_is_always_overtaken_says_so(reader: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def stale(_: Session, anew: bool = False) -> Known:
        asked.append(anew)
        return Known("-1", (), (), ())

    monkeypatch.setattr(search, "known_of", stale)
    with pytest.raises(Overtaken):
        search.search(reader, "江口")
    with pytest.raises(Overtaken):
        search.listed(reader)
    assert asked == [False, *[True] * search.TRIES] * 2


def test_where_a_name_lies_is_said_once_and_by_the_units_own_code() -> None:
    county = ("500112", "500112000", "渝北区", "1994-12-17", None)
    old = ("500109006", None, "蔡家岗街道", None, "2025-11-07")
    new = ("500157006", "500109006", "蔡家岗街道办", "2020-01-01", None)
    known = Known("0", (), (), (county, new, old))
    assert known.within("500112", "2024-12-31") == "渝北区"
    assert known.within("500112000", "2024-12-31") == "渝北区"
    assert known.within("500112138201", "2024-12-31") == "渝北区"
    assert known.within("500112", "1994-12-16") is None
    assert known.within("500109006201", "2025-11-06") == "蔡家岗街道"
    assert known.within("500109006201", "2025-11-07") == "蔡家岗街道办"
    assert known.within("50", "2024-12-31") is None


def test_databases_are_known_apart(reader: Session, session: Session) -> None:
    assert known_of(reader) is not known_of(session)
    assert len(search_known._KNOWN) >= 2
