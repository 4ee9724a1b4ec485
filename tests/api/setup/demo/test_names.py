"""Real and invented names: loading them into a register, taking the invented away, another district's lists."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api.cli import up
from api.setup.demo import accounts, names, remove
from api.setup.demo.generate import District
from api.setup.demo.load import _geographic, load_missing_names, load_units
from api.setup.demo.names_invented import MARK, invent, picture
from api.setup.demo.names_invented import names as invented_names
from api.setup.demo.names_removed import remove_names
from api.setup.demo.remove import LEAVE
from geo.names.categories import Category
from geo.names.parts import split
from geo.names.romanize import romanize
from geo.names.rules.proposal import Facts, Proposal
from geo.names.rules.run import run
from geo.settings import ROOT, district
from geo.store import files as store_files
from geo.store.engine import sessions
from geo.store.name_facts import facts_for
from geo.store.tables import BuiltUpArea, NameSuccession, Place, PlaceName
from geo.store.versions import as_of
from geo.store.village_pages import PERIODS, Wanted, page
from geo.terms import NameStatus
from tests import builders as b

HERE = district("500112")
YEAR_END = date(2024, 12, 31)
REGISTER = ROOT / "data" / "placenames" / "register"
SHARED = ROOT.parent / "shared" / "data"
#: Cut-offs of the yearly lists and how many villages and communities each has.
LISTED = {
    date(2016, 7, 31): 391, date(2017, 10, 31): 401, date(2018, 10, 31): 402, date(2019, 10, 31): 410,
    date(2020, 6, 30): 414, date(2021, 10, 31): 410, date(2022, 10, 31): 411, date(2023, 6, 30): 412,
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded(module_database: str, demo: District) -> Iterator[names.Loaded]:
    with sessions("owner").begin() as session:
        load_units(
            session, HERE, shapes=_geographic(demo.units), made_by=accounts.system_user(session).id
        )  # fmt: skip
        assert names.wanted(session)
        entered = names.load_names(session, seed=500112)
    yield entered


@pytest.fixture
def owner(loaded: names.Loaded) -> Iterator[Session]:
    with sessions("owner")() as session:
        yield session
        session.rollback()


def committees(session: Session, at: date) -> list[PlaceName]:
    statement = as_of(PlaceName, at).where(
        PlaceName.category == Category.COMMITTEE.value, PlaceName.status == NameStatus.STANDARD.value
    )
    return list(session.scalars(statement))


@pytest.mark.parametrize(("at", "count"), LISTED.items())
def test_every_yearly_list_has_its_names(owner: Session, at: date, count: int) -> None:
    found = committees(owner, at)
    assert len(found) == count
    # Names of places, not the committees' full titles; every one says which list it was taken over from.
    assert not [n.name for n in found if "委" in n.name]
    assert all("统计用区划代码（截至 " in (n.document or "") for n in found)


def test_a_title_written_in_full_renames_nothing(owner: Session) -> None:
    life = owner.scalars(
        select(PlaceName).where(PlaceName.name == "五星路社区", func.upper_inf(PlaceName.recorded))
    ).all()
    assert len({n.number for n in life}) == 1 and {n.status for n in life} == {"standard"}
    assert life[0].facts["committee"] == ["五星路社区居委会", "五星路社区居民委员会"]


def test_renamings_and_ends_are_told_without_inventing_a_date(owner: Session) -> None:
    rows = owner.execute(
        select(NameSuccession.kind, PlaceName.name, NameSuccession.source)
        .join(PlaceName, PlaceName.number == NameSuccession.from_number)
        .where(PlaceName.category == Category.COMMITTEE.value, PlaceName.unit_code.like("500112%"))
        .distinct()
    ).all()
    assert {r[1] for r in rows if r[0] == "renamed"} == {
        "风龙村", "滨港社区", "观音岩社区", "兰馨路社区", "月影湖社区", "空港家园社区",
    }  # fmt: skip
    gone = [r for r in rows if r[0] == "abolished"]
    assert len(gone) == 11 and all("successor not stated in the source" in r[2] for r in gone)
    assert all(re.search(r"发生在 \d{4}-\d\d-\d\d 与 \d{4}-\d\d-\d\d 之间", r[2]) for r in rows)
    ended = owner.scalars(as_of(PlaceName, YEAR_END).where(PlaceName.name == "太洪场村")).one()
    assert ended.status == "vanished" and ended.facts["until_between"] == ["2019-10-31", "2020-06-30"]
    assert "vanished_because" not in ended.facts


def test_facts_are_the_systems_and_invented_rows_carry_the_mark(owner: Session) -> None:
    system = accounts.system_user(owner).id
    real = owner.scalars(select(PlaceName).where(~PlaceName.demo)).all()
    assert all(n.made_by == system and MARK not in str((n.meaning, n.origin, n.facts)) for n in real)
    invented = owner.scalars(select(PlaceName).where(PlaceName.demo)).all()
    assert len(invented) > 600
    for n in invented:
        assert n.geometry_source == "demo" and n.meaning is not None and n.meaning.startswith(MARK)
        assert n.document is not None and "虚构" in n.document and n.code is None
        assert "story" not in n.facts or n.facts["story"].startswith(MARK)
        assert "named_on" not in n.facts or n.facts["named_on"].endswith(MARK)
    pictures = [p for n in invented for p in n.pictures]
    assert pictures and all("虚构" in p["caption"] and p["licence"] for p in pictures)
    assert owner.scalar(select(func.count()).select_from(Place).where(Place.demo)) == len(invented)


def test_the_map_has_names_of_every_period(owner: Session) -> None:
    """Invented villages of each; of the real ones those that a yearly list shows first."""
    for period in PERIODS:
        kinds = {
            row["demo"]
            for row in page(
                owner, Wanted(period=period), district="500112", at=YEAR_END, within=None, after=0, limit=500
            ).rows
        }
        assert kinds == ({True, False} if period in ("since2000", "unknown") else {True}), period


def test_positions_lie_in_the_generated_areas_and_say_so(owner: Session, demo: District) -> None:
    areas = _geographic(demo.units)
    shapely.prepare(list(areas.values()))
    for n in committees(owner, YEAR_END):
        assert n.geometry_source == "demo" and "虚构" in n.reason
        assert areas[n.code or ""].contains(to_shape(n.geometry))  # type: ignore[arg-type]
    town = owner.scalars(as_of(PlaceName, YEAR_END).where(PlaceName.name == "洛碛镇")).one()
    assert town.geometry_source == "imported" and any("CC BY 4.0" in s["title"] for s in town.sources)
    for n in owner.scalars(select(PlaceName).where(PlaceName.demo)):
        assert areas[n.unit_code].contains(to_shape(n.geometry).representative_point())  # type: ignore[arg-type]


def test_the_built_up_area_is_invented_and_says_so(owner: Session, demo: District) -> None:
    area = owner.scalars(select(BuiltUpArea)).one()
    assert area.demo and "演示" in area.name and "虚构" in area.source
    outline, areas = to_shape(area.geometry), _geographic(demo.units)  # type: ignore[arg-type]
    assert outline.is_valid and outline.contains(areas["500112016"].representative_point())
    assert not outline.intersects(areas["500112138"])
    # Streets are searched in it, and the answer says where.
    at = areas["500112016"].representative_point()
    found = facts_for(owner, Proposal("渝龙路", Category.STREET, lon=at.x, lat=at.y), at=YEAR_END)
    assert any("两路城区" in note.zh for note in found.notes)


def test_every_name_can_be_searched(owner: Session) -> None:
    forms = owner.scalar(text("select count(distinct number) from published.name_form where kind = 'name'"))
    assert forms == owner.scalar(select(func.count(PlaceName.number.distinct())))


def test_both_codes_of_a_township_are_kept_apart(owner: Session) -> None:
    town = owner.scalars(as_of(PlaceName, YEAR_END).where(PlaceName.name == "龙溪街道")).one()
    assert town.code == "500112011"
    assert [c["code"] for c in town.facts["other_codes"]] == ["500112003"]
    assert "未核实" in town.facts["other_codes"][0]["system"]


def test_two_origins_stay_side_by_side(owner: Session) -> None:
    town = owner.scalars(as_of(PlaceName, YEAR_END).where(PlaceName.name == "龙溪街道")).one()
    assert town.origin is not None and [w[:3] for w in town.origin.splitlines()] == ["说法一", "说法二"]
    assert all("来源：" in w for w in town.origin.splitlines())


def test_old_names_lead_to_the_place(owner: Session) -> None:
    for old, now in (
        ("黄葛坪", "回兴街道"),
        ("石坪", "玉峰山镇"),
        ("大石场", "大竹林街道"),
        ("刺竹林", "茨竹镇"),
    ):
        one = owner.scalars(as_of(PlaceName, YEAR_END).where(PlaceName.name == old)).one()
        standard = as_of(PlaceName, YEAR_END).where(
            PlaceName.place_id == one.place_id, PlaceName.status == "standard"
        )
        assert owner.scalars(standard).one().name == now


def test_removal_leaves_the_facts_without_invented_positions(owner: Session) -> None:
    before = owner.scalar(select(func.count()).where(~PlaceName.demo, func.upper_inf(PlaceName.recorded)))
    kept = owner.scalars(as_of(PlaceName, YEAR_END).where(PlaceName.name == "凤龙村")).one()
    number, place = kept.number, kept.place_id
    owner.execute(text(LEAVE))
    gone = remove_names(owner)
    assert gone["place_name"] > 600 and gone["name_position"] > 800 and gone["built_up_area"] == 1
    now = owner.scalars(
        select(PlaceName).where(func.upper_inf(PlaceName.recorded)).execution_options(populate_existing=True)
    ).all()
    assert len(now) == before and not [n for n in now if n.demo or n.geometry_source == "demo"]
    assert owner.scalar(select(func.count()).select_from(Place).where(Place.demo)) == 0
    after = next(n for n in now if n.number == number and YEAR_END in n.valid)
    assert (after.name, after.place_id, after.geometry, after.document) == (
        "凤龙村", place, None, kept.document,
    )  # fmt: skip
    assert next(n for n in now if n.name == "洛碛镇").geometry is not None
    assert owner.scalar(text("select count(*) from published.name_form where demo or point is null")) > 0
    assert owner.scalar(text("select count(*) from published.name_form where demo")) == 0
    assert not names.wanted(owner)


def test_a_database_from_before_the_register_gets_the_names_once(own_database: str) -> None:
    with sessions("owner").begin() as session:
        assert not names.wanted(session)
        load_units(session, HERE, shapes={}, made_by=0)
    with sessions("owner").begin() as session:
        assert load_missing_names(session, HERE)
    with sessions("owner").begin() as session:
        assert not load_missing_names(session, HERE)
        assert len(committees(session, YEAR_END)) == 412
        # No generated areas: nothing invented, no position made up.
        assert session.scalar(select(func.count()).where(PlaceName.demo)) == 0
        assert session.scalar(select(func.count()).where(PlaceName.geometry_source == "demo")) == 0


def test_the_next_start_fills_an_old_database_and_the_one_after_does_nothing(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions("owner").begin() as session:
        load_units(session, HERE, shapes={}, made_by=0)
    entered = []

    def few(session: Session, *, seed: int) -> names.Loaded:
        entered.append(seed)
        b.place_name(session, accounts.system_user(session).id, "兴隆镇", Category.TOWNSHIP)
        return names.Loaded(1, 0, 0)

    monkeypatch.setattr(names, "load_names", few)
    up.prepare(own_database, empty=False)
    up.prepare(own_database, empty=False)
    assert entered == [500112]


def test_a_picture_that_a_name_still_has_is_kept(session: Session, tmp_path: Path) -> None:
    kept = {}
    for word in ("named", "loose"):
        (tmp_path / word).write_text(word, encoding="utf-8")
        kept[word] = store_files.keep(session, tmp_path / word, "text/plain").sha256
    picture_of = [{"sha256": kept["named"], "caption": "照片", "licence": "CC0-1.0"}]
    b.place_name(session, b.person(session).id, "兴隆村", pictures=picture_of)
    assert remove._files(session) == [kept["loose"]]


def test_units_that_a_person_entered_ask_for_no_names(session: Session) -> None:
    b.unit(session, b.person(session).id, "500112138", "兴隆镇")
    assert not names.wanted(session)


@pytest.fixture(scope="module")
def make() -> Callable[..., None]:
    if not SHARED.is_dir():
        pytest.skip("the public lists under ../shared/data are not here")
    before = list(sys.path)
    program = runpy.run_path(str(REGISTER / "make.py"))
    sys.path[:] = before
    made: Callable[..., None] = program["make"]
    return made


@pytest.mark.parametrize(("code", "villages"), [("500000", True), ("500112", True), ("500109", False)])
def test_the_lists_are_what_the_program_makes(
    make: Callable[..., None], tmp_path: Path, code: str, villages: bool
) -> None:
    make(code, tmp_path, villages=villages)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (REGISTER / path.name).read_bytes(), path.name


def test_another_district_is_a_matter_of_data(
    make: Callable[..., None], tmp_path: Path, session: Session
) -> None:
    make("500109", tmp_path)
    names.load_names(session, seed=1, folder=tmp_path)
    found = committees(session, YEAR_END)
    assert len(found) == 192 and {n.unit_code[:6] for n in found} == {"500109"}
    assert all(n.geometry is None for n in found)
    moved = as_of(PlaceName, date(2026, 1, 1)).where(
        PlaceName.code == "500109008", PlaceName.status == "standard"
    )
    town = session.scalars(moved).one()
    assert (town.name, town.unit_code) == ("水土街道", "500157")


def test_spellings_are_those_of_the_rules() -> None:
    wrong = [
        (row["name"], row["romanization"], said)
        for row in names.lists().names
        if (said := romanize(row["name"], Category(row["category"])).romanization) != row["romanization"]
    ]
    assert wrong == []


def test_invented_names_are_lawful_and_like_no_real_one() -> None:
    def sound(name: str) -> str:
        return re.sub("[^a-z]", "", romanize(name, Category.OTHER).plain.casefold())

    real = {split(r["name"], Category(r["category"])).specific for r in names.lists().names}
    heard = {sound(name) for name in real}
    every = [(c, r) for c, rows in invented_names().items() for r in rows]
    specifics = [split(r["name"], c).specific for c, r in every]
    assert not real & set(specifics) and len(set(specifics)) == len(specifics)
    assert not heard & {sound(s) for s in specifics}
    for category, row in every:
        assert romanize(row["name"], category).romanization == row["romanization"]
        verdict = run(Proposal(row["name"], category), Facts())
        assert verdict.verdict != "refused", (row["name"], [f.code for f in verdict.findings])


def test_the_same_seed_puts_the_same_names_in_the_same_places() -> None:
    areas = {
        "500112135207": shapely.box(106.8, 30.0, 106.82, 30.02),
        "500112002001": shapely.box(106.6, 29.7, 106.61, 29.71),
    }
    kinds = {"500112135207": "村", "500112002001": "社区"}
    first, again = invent(areas, kinds, 1), invent(areas, kinds, 1)
    assert first == again and len(first) == 3
    assert [n.shape for n in invent(areas, kinds, 2)] != [n.shape for n in first]
    assert all(areas[n.unit_code].covers(n.shape) for n in first)
    assert picture(1) == picture(1) != picture(2) and picture(1).startswith(b"\x89PNG")


def test_the_lists_of_vanished_names_have_the_form_of_the_research() -> None:
    rows = names._read(REGISTER / "500112_vanished.csv")
    assert list(rows[0]) == ["序号", "地名名称", "地名拼音", "得名原由", "地名概况", "消失原因"]
    by_name = {r["地名名称"]: r for r in rows}
    # Stated by the list: a renaming. Not stated: why a village went, so the field is blank.
    assert by_name["风龙村"]["消失原因"].startswith("更名为“凤龙村”") and by_name["桂湾村"]["消失原因"] == ""
    assert by_name["桂湾村"]["地名拼音"] == "Guìwān Cūn" and by_name["桂湾村"]["得名原由"] == ""
    assert [r["序号"] for r in rows] == [str(i) for i in range(1, len(rows) + 1)]
