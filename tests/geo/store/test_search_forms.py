"""Search forms follow the public names, and hold nothing that is not public."""

from __future__ import annotations

import multiprocessing
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.store import search_forms
from geo.store.tables import PlaceName
from geo.store.versions import end
from geo.terms import NameStatus
from tests import builders as b

FORMS = "select name, kind, status, latest from published.name_form order by number, lower(valid), kind = 'name' desc, name collate \"C\""


def forms(session: Session) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(text(FORMS))]


def test_a_name_entered_has_its_forms(app_session: Session) -> None:
    b.place_name(
        app_session, b.person(app_session).id, "兴隆村", facts={"alias": "老兴隆、兴隆坝", "short": ["兴村"]}
    )
    assert [row[:2] for row in forms(app_session)] == [
        ("兴隆村", "name"), ("兴村", "short"), ("兴隆坝", "alias"), ("老兴隆", "alias"),
    ]  # fmt: skip


def test_what_is_not_public_has_none(session: Session) -> None:
    maker = b.person(session).id
    b.place_name(session, maker, "新拟村", status=NameStatus.PROPOSED)
    b.place_name(session, maker, "新批村", status=NameStatus.APPROVED)
    b.place_name(session, maker, "密村", facts={"secrecy": "秘密"})
    assert forms(session) == []
    assert search_forms.rebuild(session, anew=True) == 0 and forms(session) == []


def test_a_name_made_secret_loses_its_forms(session: Session) -> None:
    maker = b.person(session).id
    row = b.place_name(session, maker, "兴隆村")
    b.place_name(
        session, maker, "兴隆村", number=row.number, place_id=row.place_id, facts={"secrecy": "秘密"}
    )
    assert forms(session) == []


def test_the_latest_version_of_a_form_is_marked(session: Session) -> None:
    maker = b.person(session).id
    row = b.place_name(session, maker, "风龙村")
    for name, year in (("凤龙村", 2017), ("凤龙村", 2020)):
        b.place_name(
            session, maker, name, number=row.number, place_id=row.place_id, valid=b.since(date(year, 1, 1))
        )
    assert [(name, latest) for name, _, _, latest in forms(session)] == [
        ("风龙村", True), ("凤龙村", False), ("凤龙村", True),
    ]  # fmt: skip


def test_rebuild_writes_what_bulk_changes_left_out(session: Session) -> None:
    maker = b.person(session).id
    kept = b.place_name(session, maker, "兴隆村")
    row = b.place_name(session, maker, "茨竹村")
    end(session, PlaceName, row.number, date(2020, 1, 1))
    session.execute(text("delete from published.name_form where number = :n"), {"n": kept.number})
    assert search_forms.rebuild(session) == 2
    assert [f[0] for f in forms(session)] == ["兴隆村", "茨竹村"]
    assert session.scalar(text("select upper(valid) from published.name_form where name = '茨竹村'")) == date(
        2020, 1, 1
    )
    assert search_forms.rebuild(session) == 0


def test_a_chunk_is_read_by_number_on_both_sides(session: Session) -> None:
    """Joined with the view alone, 5,000 names had all of a register gone through, facts and all, for every chunk."""
    maker = b.person(session).id
    row = b.place_name(session, maker, "兴隆村")
    session.execute(text("insert into place (demo) select false from generate_series(1, 3000)"))
    session.execute(
        text(
            "insert into place_name (place_id, name, specific, generic, romanization, category, status, unit_code, sources,"
            " facts, valid, recorded, reason, made_by) select p.id, o.name, o.specific, o.generic, o.romanization, o.category,"
            " 'variant', o.unit_code, o.sources, o.facts, o.valid, o.recorded, o.reason, o.made_by"
            " from place p, place_name o where o.id = :one and p.id <> o.place_id"
        ),
        {"one": row.id},
    )
    session.execute(text("analyze place_name"))
    numbers = session.scalars(text("select number from place_name order by number limit 400")).all()
    plan = "\n".join(
        session.scalars(text("explain " + search_forms.SOURCE), {"numbers": list(numbers)}).all()
    )
    assert "Seq Scan on place_name" not in plan and plan.count("place_name_number_ix") == 2, plan


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_many_names_into_an_empty_table_get_the_same_forms(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made by processes beside this one, with the index built at the end. Here they are forked: what they import is read
    already, which else takes them ten seconds."""
    forked = multiprocessing.get_context("fork")
    monkeypatch.setattr(search_forms.multiprocessing, "get_context", lambda _: forked)
    maker = b.person(session).id
    for name in ("兴隆村", "A\\区小区", "洛碛村", "茨竹村"):
        b.place_name(session, maker, name, facts={"alias": "老" + name}, point=(106.7, 29.8))
    whole = "select number, form, plain, spelled, rank, valid, ST_AsText(point), keys from published.name_form order by 1, 2"
    before = session.execute(text(whole)).all()
    session.execute(text("delete from published.name_form"))
    monkeypatch.setattr(search_forms, "MANY", 2)
    monkeypatch.setattr(search_forms, "CHUNK", 3)
    assert search_forms.rebuild(session, anew=True) == 8
    assert session.execute(text(whole)).all() == before
    assert (
        session.scalar(
            text(
                "select count(*) from pg_indexes where indexname = 'name_form_keys_gin' and schemaname = 'published'"
            )
        )
        == 1
    )


def test_the_lists_of_common_keys_are_complete_up_to_their_bound(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names entered and changed after the count stand in the lists exactly where they belong."""
    monkeypatch.setattr(search_forms, "COMMON", 3)
    monkeypatch.setattr(search_forms, "LISTED", 4)
    maker = b.person(session).id
    rows = [
        b.place_name(session, maker, f"大{c}村", importance=10 * i) for i, c in enumerate("东西南北中上下左")
    ]
    search_forms.count_common(session)
    assert session.scalar(text("select count(*) from published.common_key")) > 0
    b.place_name(session, maker, "大前村", importance=95)
    b.place_name(session, maker, "大后村", importance=0)
    b.place_name(session, maker, "大下村", number=rows[6].number, place_id=rows[6].place_id, importance=1)
    b.place_name(session, maker, "大镇", Category.TOWNSHIP)
    wrong = session.execute(
        text(
            """
            select c.key from published.common_key c where
              (select coalesce(array_agg((f.rank, f.id) order by f.rank, f.id), '{}') from published.name_form f
               where c.key = any(f.keys) and (f.rank, f.id) <= (c.last_rank, c.last_form))
              is distinct from
              (select coalesce(array_agg((n.rank, n.form_id) order by n.rank, n.form_id), '{}')
               from published.common_name n where n.key = c.key)"""
        )
    ).all()
    assert wrong == []


def test_the_public_reads_forms_and_changes_none(session: Session) -> None:
    b.place_name(session, b.person(session).id, "兴隆村")
    session.execute(text("set local role yudi_public"))
    assert len(forms(session)) == 1
    with pytest.raises(Exception, match="permission denied"):
        session.execute(text("delete from published.name_form"))
