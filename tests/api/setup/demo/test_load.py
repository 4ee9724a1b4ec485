"""Loading into an empty database and taking it away again, on real PostGIS."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.security import passwords
from api.setup.demo import accounts
from api.setup.demo.load import load_if_empty
from api.setup.demo.remove import forget_files, remove_demo
from geo.settings import district
from geo.store import audit, audit_chain, people, protection
from geo.store.boundaries import around, district_progress, map_frames
from geo.store.engine import sessions
from geo.store.files import place
from geo.store.tables import (
    AdminUnit,
    Announcement,
    ApplicationClock,
    ApplicationOpinion,
    ApplicationStep,
    AuditEvent,
    BoundaryLine,
    BoundaryMarker,
    CaseDocument,
    CommentPeriod,
    Demarcation,
    DemarcationStep,
    Filing,
    NamePlan,
    PlaceName,
    PlaceNameApplication,
    PublicComment,
    PublicShape,
    StoredFile,
    Submission,
    Tripoint,
    User,
)
from geo.store.versions import as_of
from geo.terms import LineState, UserRole
from tests.builders import unit_at
from tests.demonstration import Loaded

HERE = district("500112")
YEAR_END, NOW = date(2024, 12, 31), date(2026, 3, 1)
VERSIONED = (AdminUnit, BoundaryLine, BoundaryMarker, Tripoint)


@pytest.fixture(scope="module")
def loaded(demo_database: str, demonstration: Loaded) -> list[accounts.Account]:
    return demonstration.accounts


@pytest.fixture
def owner(loaded: list[accounts.Account]) -> Iterator[Session]:
    with sessions("owner")() as session:
        yield session
        session.rollback()


def test_accounts_are_of_every_role_and_can_log_in(loaded: list[accounts.Account], owner: Session) -> None:
    roles = {role for account in loaded for role in account.roles}
    assert {
        UserRole.SURVEYOR, UserRole.ACCEPTANCE_OFFICER, UserRole.REVIEWER, UserRole.APPROVER,
        UserRole.REGISTRAR, UserRole.FACILITY_EDITOR, UserRole.ADMINISTRATOR,
    } <= roles  # fmt: skip
    surveyors = [a for a in loaded if UserRole.SURVEYOR in a.roles]
    assert len({a.organisation for a in surveyors}) == 2
    for account in loaded:
        user = people.user_by_login(owner, account.login)
        assert user is not None and user.demo and passwords.fits(user.password_hash, account.password)
        passwords.judge(account.password, login=account.login)
    assert len({a.password for a in loaded}) == len(loaded)


def test_passwords_are_kept_for_the_owner_alone(
    loaded: list[accounts.Account], owner: Session, demonstration: Loaded
) -> None:
    path = accounts.store_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_if_empty(owner, HERE, database=demonstration.name) == loaded
    assert load_if_empty(owner, HERE, database="another") == []
    for account in loaded:
        assert account.password not in str(owner.execute(text("select * from app_user")).all())


def test_facts_are_no_demonstration_and_what_is_generated_is(owner: Session) -> None:
    for table in VERSIONED[1:]:
        assert owner.scalar(select(func.count()).select_from(table)) > 0
        assert owner.scalar(select(func.count()).where(table.demo.is_(False))) == 0
    assert (
        owner.scalar(select(func.count()).where(AdminUnit.geometry.is_not(None), AdminUnit.demo.is_(False)))
        == 0
    )
    assert (
        owner.scalar(
            select(func.count()).where(AdminUnit.demo, AdminUnit.source.not_like("%演示数据（虚构）%"))
        )
        == 0
    )
    province = unit_at(owner, "500000", YEAR_END)
    assert not province.demo and province.made_by == accounts.system_user(owner).id


def test_every_version_says_who_and_from_which_delivery(owner: Session) -> None:
    for table in (BoundaryLine, BoundaryMarker, Tripoint):
        assert owner.scalar(select(func.count()).where(table.submission_id.is_(None))) == 0
    source = owner.scalars(select(Submission)).one()
    assert source.demo and source.state == "accepted" and source.submitted_by != source.decided_by
    kept = owner.execute(text("select sha256 from submission_file")).scalars().one()
    assert place(kept).read_bytes()[:2] == b"PK"


def test_the_same_township_lies_elsewhere_after_the_reassignment(owner: Session) -> None:
    before, after = unit_at(owner, "500112138", YEAR_END), unit_at(owner, "500112138", NOW)
    assert (before.name, before.parent_code) == ("兴隆镇", "500112")
    assert (after.name, after.parent_code, after.statistical) == ("兴隆镇", "500109", None)
    assert after.document == "渝府发〔2025〕15号"
    assert unit_at(owner, "500112131", NOW).parent_code == "500157"
    assert unit_at(owner, "500112138000", YEAR_END).code == "500112138"
    village = owner.scalars(as_of(AdminUnit, date(2019, 12, 1)).where(AdminUnit.code == "500112023012")).one()
    assert village.name == "空港家园社区居民委员会"
    assert unit_at(owner, "500112023012", NOW).name == "空港佳园社区居民委员会"


def test_lines_come_with_their_lives(owner: Session) -> None:
    lines = owner.scalars(select(Demarcation).where(Demarcation.level == "township")).all()
    assert len(lines) >= 60 and {line.state for line in lines} == {s.value for s in LineState}
    assert [line.code for line in lines if line.in_dispute] == ["500112133-500112143"]
    has_version = set(owner.scalars(select(BoundaryLine.code)))
    accepted = list(LineState)[list(LineState).index(LineState.RESULTS_CHECKED) :]
    for line in lines:
        assert (line.code in has_version) == (line.state in accepted), line.code
    settled = next(line for line in lines if line.state == LineState.SETTLED)
    way = owner.scalars(
        select(DemarcationStep).where(DemarcationStep.code == settled.code).order_by(DemarcationStep.version)
    ).all()
    assert way[-1].transition == "settle" and way[-1].on_date <= YEAR_END
    kinds = {paper["kind"]: paper for step in way for paper in step.evidence}
    assert set(kinds["agreement"]["signed_by"]) == {settled.unit_a, settled.unit_b}
    assert place(kinds["approval"]["sha256"]).exists() and kinds["approval"]["number"]


def test_progress_stays_below_the_target(owner: Session) -> None:
    answer = district_progress(
        owner,
        district=HERE.code,
        at=YEAR_END,
        officer=True,
        target=HERE.settled_target,
        year=HERE.target_year,
    )
    assert 5 <= answer.settled_in_year < HERE.settled_target
    assert answer.in_dispute == 1
    # County lines are there (TP13 needs them) but do not count as townships' lines.
    townships = owner.scalars(select(Demarcation.code).where(Demarcation.level == "township")).all()
    assert answer.lines == len(townships) < len(owner.scalars(select(Demarcation.code)).all())


def test_the_public_sees_settled_lines_alone(loaded: list[accounts.Account]) -> None:
    with sessions("public")() as session:
        frames = map_frames(session, district=HERE.code, at=YEAR_END, officer=False)
        # A line under change stays public as it was settled.
        assert set(frames.lines["state"]) == {LineState.SETTLED.value, LineState.CHANGING.value}
        assert frames.lines["demo"].all() and frames.units["demo"].all()
        assert len(frames.pairs) > 30
        assert not frames.markers["exact"].any()


def test_what_the_checks_are_told_is_what_was_generated(owner: Session) -> None:
    published = around(owner, HERE, YEAR_END)
    assert published is not None and published.district is not None and published.county_line is not None
    assert len(published.polygons) == 30
    gap = published.district.symmetric_difference(published.polygons.geometry.union_all()).area
    assert gap < 0.01


def test_the_tutorial_lies_beside_the_accounts(loaded: list[accounts.Account]) -> None:
    folder = accounts.store_path().parent / "tutorial"
    assert {p.name for p in folder.iterdir()} >= {"tutorial_correct.zip", "tutorial_defective.zip"}


def test_protection_lists_stand_at_every_stage(owner: Session) -> None:
    lists = protection.lists(owner, district=HERE.code, officer=True)
    assert [(r["kind"], r["batch"], r["state"]) for r in lists] == [
        ("historic", 1, "published"), ("historic", 2, "review"), ("rural", 1, "draft"),
    ]  # fmt: skip
    assert all(r["demo"] and "演示" in r["title"] and r["entries"] for r in lists)
    # That the old names are listed is invented; the list protects them as any other would.
    assert len(protection.protected(owner)) == lists[0]["entries"]


def test_a_district_without_a_plan_gets_its_units_alone(own_database: str) -> None:
    with sessions("owner").begin() as session:
        assert load_if_empty(session, replace(HERE, code="500105", name="江北区"), database="test") == []
    with sessions("owner")() as session:
        assert unit_at(session, "500105100", YEAR_END).name == "鱼嘴镇"
        assert session.scalar(select(func.count()).where(AdminUnit.demo)) == 0
        assert session.scalar(select(func.count()).select_from(Demarcation)) == 0


APPLICATIONS = (
    PlaceNameApplication, ApplicationStep, ApplicationClock, ApplicationOpinion, CaseDocument, Announcement, NamePlan,
    Filing, CommentPeriod, PublicComment,
)  # fmt: skip


def test_removal_takes_the_demonstration_and_leaves_the_rest(
    own_demo_database: str, demonstration: Loaded
) -> None:
    with sessions("owner").begin() as session:
        surveyor = people.user_by_login(session, "surveyor")
        assert surveyor is not None
        actor = SimpleNamespace(id=surveyor.id, login=surveyor.login, name=surveyor.name, address=None)
        audit.append(session, actor=actor, act="look", subject_kind="line", subject="x", reason="trying it")
        home = people.organisation(session, "真实测绘单位", kind="firm", unit_code=None, demo=False)
        real = people.add_user(
            session, login="real", name="真实用户", organisation=home, password_hash=None,
            roles={UserRole.SURVEYOR}, district=HERE.code, demo=False,
        )  # fmt: skip
        kept_line = real_line(session, real)
    with sessions("owner")() as session:
        with session.begin():
            removed = remove_demo(session, HERE)
        forget_files(session, removed)
    with sessions("owner")() as session:
        for table in (*VERSIONED, PublicShape, Submission, *APPLICATIONS):
            assert session.scalar(select(func.count()).where(table.demo)) == 0, table.__tablename__
        assert list(session.scalars(select(Demarcation.code))) == [kept_line]
        assert session.scalars(select(BoundaryLine.code)).all() == [kept_line]
        logins = set(session.scalars(select(User.login).where(User.active)))
        assert logins == {"real"}
        closed = session.scalars(select(User).where(User.login.like("removed-%"))).all()
        assert closed and all(not u.active and u.password_hash is None and not u.roles for u in closed)
        assert audit_chain.verify(session) == []
        acts = list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))
        assert acts == ["load", "load", "look", "remove"]
        # Facts stay, without invented outlines: both before and after the reassignment.
        assert unit_at(session, "500112138", YEAR_END).geometry is None
        assert unit_at(session, "500112138", NOW).parent_code == "500109"
        assert (
            len(session.scalars(as_of(AdminUnit, YEAR_END).where(AdminUnit.level == "village")).all()) == 412
        )
        assert protection.lists(session, district=HERE.code, officer=True) == []
        # Real names stay, their invented positions and all invented names go.
        assert session.scalar(select(func.count()).where(PlaceName.demo)) == 0
        in_force = as_of(PlaceName, YEAR_END).where(PlaceName.name == "凤龙村")
        assert session.scalars(in_force).one().geometry is None
        assert removed.counts["place_name"] > 600 and removed.counts["name_position"] > 800
        digests = set(session.scalars(select(StoredFile.sha256)))
        assert all(place(d).exists() for d in digests) and not any(place(d).exists() for d in removed.files)
        assert load_if_empty(session, HERE, database=demonstration.name) == []
    assert not accounts.store_path().exists() and len(demonstration.accounts) >= 8


def real_line(session: Session, real: User) -> str:
    """A version that is no demonstration, on one of the demonstration's lines; its code."""
    old = session.scalars(
        select(BoundaryLine).join(Demarcation, Demarcation.code == BoundaryLine.code)
        .where(Demarcation.state == LineState.RESULTS_CHECKED.value).order_by(BoundaryLine.code)
    ).first()  # fmt: skip
    assert old is not None
    session.add(
        BoundaryLine(
            code=old.code, name=old.name, left_code=old.left_code, right_code=old.right_code,
            level=old.level, geometry=old.geometry, length_m=old.length_m,
            valid=Range(date(1990, 1, 1), date(1991, 1, 1), bounds="[)"), reason="真实成果",
            made_by=real.id, demo=False,
        )
    )  # fmt: skip
    session.flush()
    return str(old.code)
