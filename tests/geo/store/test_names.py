"""The register of place names in the database: versions, what it refuses, what the public sees."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.store import names, versions
from geo.store.tables import NameSuccession, PlaceName
from geo.terms import NameStatus
from tests import builders as b

PUBLIC = "select name, status, facts from published.place_name order by number"


def test_a_name_has_parts_and_a_place(session: Session) -> None:
    row = b.place_name(session, b.person(session).id, "兴隆村")
    assert (row.specific, row.generic, row.romanization) == ("兴隆", "村", "Xīnglóng Cūn")
    assert row.place_id and row.number


def test_a_new_version_keeps_the_old_time(session: Session) -> None:
    maker = b.person(session).id
    first = b.place_name(session, maker, "风龙村")
    b.place_name(
        session,
        maker,
        "凤龙村",
        number=first.number,
        place_id=first.place_id,
        valid=b.since(date(2017, 1, 1)),
    )
    assert names.name_at(session, first.number, date(2016, 1, 1)).name == "风龙村"
    assert names.name_at(session, first.number, date(2018, 1, 1)).name == "凤龙村"
    # The one version that was replaced is closed, its remainder and its successor are open.
    assert [v.recorded.upper is None for v in versions.history(session, PlaceName, first.number)] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("status", [NameStatus.STANDARD, NameStatus.APPROVED])
def test_no_name_is_standard_without_a_document(session: Session, status: NameStatus) -> None:
    with pytest.raises(DBAPIError, match="standard_has_document"):
        b.place_name(session, b.person(session).id, "兴隆村", status=status, document=None)


def test_a_place_has_one_standard_name(session: Session) -> None:
    maker = b.person(session).id
    first = b.place_name(session, maker, "兴隆村")
    b.place_name(session, maker, "兴隆场", status=NameStatus.FORMER, place_id=first.place_id)
    with pytest.raises(DBAPIError, match="place_name_place_standard_key"):
        b.place_name(session, maker, "兴隆社区", place_id=first.place_id)


@pytest.mark.parametrize("name", ["", " 兴隆村", "兴隆\n村", "村" * 101])
def test_the_database_refuses_what_is_no_name(session: Session, name: str) -> None:
    with pytest.raises(DBAPIError, match="name_is_one"):
        b.place_name(session, b.person(session).id, name)


def test_a_name_is_never_changed_or_deleted(app_session: Session) -> None:
    row = b.place_name(app_session, b.person(app_session).id, "兴隆村")
    with pytest.raises(DBAPIError, match="permission denied"), app_session.begin_nested():
        app_session.execute(text("delete from place_name where number = :n"), {"n": row.number})
    with pytest.raises(DBAPIError, match="permission denied"), app_session.begin_nested():
        app_session.execute(update(PlaceName).values(name="别的村"))
    assert app_session.scalar(select(func.count()).select_from(PlaceName)) == 1


def test_the_public_sees_no_proposal_no_secret_and_no_note(session: Session) -> None:
    maker = b.person(session).id
    b.place_name(session, maker, "兴隆村", facts={"elevation_m": 320, "registered_by": "某人"})
    b.place_name(session, maker, "新拟村", status=NameStatus.PROPOSED)
    b.place_name(session, maker, "新批村", status=NameStatus.APPROVED)
    b.place_name(session, maker, "密村", facts={"secrecy": "秘密"})
    session.execute(text("set local role yudi_public"))
    assert [tuple(r) for r in session.execute(text(PUBLIC))] == [("兴隆村", "standard", {"elevation_m": 320})]
    with pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text("select 1 from place_name"))


def test_a_succession_to_a_secret_name_is_not_told(session: Session) -> None:
    maker = b.person(session).id
    old = b.place_name(session, maker, "旧村", Category.NATURAL_VILLAGE, status=NameStatus.FORMER)
    new = b.place_name(session, maker, "密村", facts={"secrecy": "秘密"}, place_id=old.place_id)
    names.succeed(
        session,
        NameSuccession(
            from_number=old.number, to_number=new.number, kind="renamed", on_date=date(2020, 1, 1), source="测试",
            made_by=maker,
        ),
    )  # fmt: skip
    session.execute(text("set local role yudi_public"))
    assert session.execute(text("select count(*) from published.name_succession")).scalar() == 0
