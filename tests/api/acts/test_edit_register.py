"""Editing the register: descriptive facts, readings, undoing; what only a document can change; who, when, why."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api.acts import edit_register as act
from api.acts.stale import NoReason, Stale
from api.security.person import Person
from geo.names.categories import Category
from geo.problems import NotAllowed
from geo.store import files, versions
from geo.store.names import NoSuchName
from geo.store.tables import AuditEvent, PlaceName
from geo.terms import NameStatus, UserRole
from tests import builders as b


@pytest.fixture
def registrar(app_session: Session) -> Person:
    return b.person(app_session, UserRole.REGISTRAR)


@pytest.fixture
def name(app_session: Session, registrar: Person) -> PlaceName:
    return b.place_name(app_session, registrar.id, "兴隆村", meaning="旧说", facts={"elevation_m": "400"})


def event(session: Session) -> AuditEvent:
    return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def test_describing_makes_a_version(app_session: Session, registrar: Person, name: PlaceName) -> None:
    changes = {
        "meaning": "取兴旺之意",
        "facts": {"population": "1200", "elevation_m": None},
        "sources": [{"title": "江北县志", "url": "https://example.org/x"}],
    }
    row = act.describe(app_session, registrar, name.number, changes, version=name.id, reason="据县志补充")
    app_session.expire_all()
    now, before = versions.history(app_session, PlaceName, name.number)
    assert now.id == row.id and (now.meaning, now.facts) == ("取兴旺之意", {"population": "1200"})
    assert (before.meaning, before.recorded.upper is None) == ("旧说", False)
    assert (now.valid, now.document, now.place_id) == (before.valid, before.document, before.place_id)
    said = event(app_session)
    assert (said.act, said.subject, said.reason) == ("describe", str(name.number), "据县志补充")
    assert said.before["meaning"] == "旧说" and said.after["meaning"] == "取兴旺之意"


@pytest.mark.parametrize(
    "field", ["name", "category", "status", "unit", "unit_code", "document", "romanization", "geometry"]
)
def test_what_a_name_is_rests_on_a_document(
    app_session: Session, registrar: Person, name: PlaceName, field: str
) -> None:
    with pytest.raises(act.NeedsDocument, match="批准文件"):
        act.describe(
            app_session, registrar, name.number, {"meaning": "好", field: "新"}, version=name.id, reason="改"
        )
    assert app_session.scalar(select(func.count()).select_from(PlaceName)) == 1


def test_two_people_do_not_overwrite_each_other(
    app_session: Session, registrar: Person, name: PlaceName
) -> None:
    act.describe(app_session, registrar, name.number, {"meaning": "甲"}, version=name.id, reason="改")
    with pytest.raises(Stale):
        act.describe(app_session, registrar, name.number, {"meaning": "乙"}, version=name.id, reason="改")


def test_who_and_why(app_session: Session, registrar: Person, name: PlaceName) -> None:
    for role in (UserRole.SURVEYOR, UserRole.REVIEWER, UserRole.APPROVER):
        with pytest.raises(NotAllowed):
            act.describe(
                app_session,
                b.person(app_session, role),
                name.number,
                {"meaning": "乙"},
                version=name.id,
                reason="改",
            )
    with pytest.raises(NoReason):
        act.describe(app_session, registrar, name.number, {"meaning": "乙"}, version=name.id, reason=" ")
    with pytest.raises(NoSuchName):
        act.describe(app_session, registrar, 10**9, {"meaning": "乙"}, version=1, reason="改")
    with pytest.raises(act.Unchanged):
        act.describe(app_session, registrar, name.number, {"meaning": "旧说"}, version=name.id, reason="改")


@pytest.mark.parametrize(
    "changes",
    [
        {"meaning": "坏\x00字"}, {"meaning": "向\u202e左"}, {"meaning": 5}, {"meaning": "长" * 20_001}, {"colour": "红"},
        {"sources": [{"url": "x"}]}, {"sources": [{"title": "书", "url": "javascript:1"}]}, {"sources": "书"},
        {"pictures": [{"sha256": "0" * 64, "caption": "", "licence": ""}]}, {"facts": {"colour": "红"}}, {"importance": 101},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(
    app_session: Session, registrar: Person, name: PlaceName, changes: dict[str, Any]
) -> None:
    with pytest.raises(act.BadFact):
        act.describe(app_session, registrar, name.number, changes, version=name.id, reason="改")


def test_a_picture_that_was_uploaded(
    app_session: Session, registrar: Person, name: PlaceName, tmp_path: Any
) -> None:
    path = tmp_path / "p.jpg"
    path.write_bytes(b"\xff\xd8\xff picture")
    kept = files.keep(app_session, path, "image/jpeg").sha256
    picture = {"sha256": kept, "caption": "村口", "licence": "CC BY 4.0"}
    row = act.describe(
        app_session, registrar, name.number, {"pictures": [picture]}, version=name.id, reason="加图"
    )
    assert row.pictures == [picture]


def test_a_settled_reading_is_kept_and_spelled(app_session: Session, registrar: Person) -> None:
    row = b.place_name(app_session, registrar.id, "十里堡", Category.NATURAL_VILLAGE)
    settled = act.settle_reading(
        app_session, registrar, row.number, ["shí", "lǐ", "pù"], version=row.id, reason="村民读音"
    )
    assert (settled.readings, settled.romanization) == (["shí", "lǐ", "pù"], "Shílǐpù")
    other = act.settle_reading(
        app_session, registrar, row.number, ["shí", "lǐ", "bǎo"], version=settled.id, reason="再审"
    )
    assert other.romanization == "Shílǐbǎo"
    # A later change of facts keeps the reading.
    kept = act.describe(
        app_session, registrar, row.number, {"meaning": "里程"}, version=other.id, reason="补"
    )
    assert kept.readings == ["shí", "lǐ", "bǎo"]
    spelled = app_session.scalars(
        text("select spelled from published.name_form where number = :n"), {"n": row.number}
    ).all()
    assert spelled and all("bǎo" in s or "bao" in s for s in spelled)


@pytest.mark.parametrize("readings", [["xīng", "lóng"], ["xīng", "lóng", "zhèn"], ["", "", ""]])
def test_a_reading_has_to_be_one(
    app_session: Session, registrar: Person, name: PlaceName, readings: list[str]
) -> None:
    with pytest.raises(act.BadReading):
        act.settle_reading(app_session, registrar, name.number, readings, version=name.id, reason="审定")


def test_undoing_is_a_new_version(app_session: Session, registrar: Person, name: PlaceName) -> None:
    second = act.describe(
        app_session,
        registrar,
        name.number,
        {"meaning": "新说", "facts": {"elevation_m": None}},
        version=name.id,
        reason="改",
    )
    third = act.undo(app_session, registrar, name.number, name.id, version=second.id, reason="改错了")
    assert (third.meaning, third.facts) == ("旧说", {"elevation_m": "400"})
    assert len(versions.history(app_session, PlaceName, name.number)) == 3
    assert event(app_session).after["restored"] == name.id
    other = b.place_name(app_session, registrar.id, "别村")
    for wrong in (other.id, third.id, 10**9):
        with pytest.raises(act.NothingToUndo):
            act.undo(app_session, registrar, name.number, wrong, version=third.id, reason="改")


def test_undoing_never_brings_back_another_name(
    app_session: Session, registrar: Person, name: PlaceName
) -> None:
    from datetime import date

    renamed = b.place_name(
        app_session, registrar.id, "新兴村", number=name.number, place_id=name.place_id, valid=b.since(date(2020, 1, 1)), meaning="新"
    )  # fmt: skip
    row = act.undo(app_session, registrar, name.number, name.id, version=renamed.id, reason="恢复含义")
    # Nor does it rename a name of a protection list (条例第二十五条): what a name is, no undoing touches.
    assert not set(act.CORE) - {"romanization"} & set(act.DESCRIPTIVE)
    assert (row.name, row.romanization, row.meaning, row.status) == (
        "新兴村",
        "Xīnxīng Cūn",
        "旧说",
        NameStatus.STANDARD,
    )


def test_the_search_follows(app_session: Session, registrar: Person, name: PlaceName) -> None:
    row = act.describe(
        app_session,
        registrar,
        name.number,
        {"facts": {"map_name": "兴隆大村"}},
        version=name.id,
        reason="图上名",
    )
    found = app_session.execute(
        text("select version_id, name from published.name_form where number = :n"), {"n": name.number}
    ).all()
    assert {tuple(r) for r in found} == {(row.id, "兴隆村"), (row.id, "兴隆大村")}
