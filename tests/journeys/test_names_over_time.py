"""One place through the years: its name, its unit and its codes on a day of 2016, of 2024 and after the
reassignment of November 2025, as the register and the units tell them together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.setup.demo.load import load_units
from api.setup.demo.names import load_names
from geo.settings import district
from geo.store import names as register
from geo.store.engine import sessions
from geo.store.tables import NameSuccession, PlaceName
from geo.store.versions import as_of
from tests.builders import unit_at

OLD, YEAR_END, NOW = date(2016, 12, 31), date(2024, 12, 31), date(2026, 3, 1)
HERE = district("500112")


@pytest.fixture(scope="module")
def facts(module_database: str) -> None:
    with sessions("owner").begin() as session:
        load_units(session, HERE, shapes={}, made_by=0)
        load_names(session, seed=1)


@pytest.fixture
def session(facts: None) -> Iterator[Session]:
    with sessions("app")() as session:
        yield session


def named(session: Session, name: str, at: date) -> PlaceName:
    """The one version of a name that was in force on a day."""
    return session.scalars(as_of(PlaceName, at).where(PlaceName.name == name)).one()


def standard(session: Session, place_id: int, at: date) -> str | None:
    statement = as_of(PlaceName, at).where(PlaceName.place_id == place_id, PlaceName.status == "standard")
    found = session.scalars(statement).one_or_none()
    return None if found is None else found.name


def home(session: Session, name: PlaceName, at: date) -> list[str]:
    """Names of the units that a name lay in on a day, the nearest first, up to the county."""
    units = [unit_at(session, name.unit_code, at)]
    while len(units[-1].code) > 6:
        units.append(unit_at(session, units[-1].parent_code, at))
    return [unit.name for unit in units]


def after(session: Session, number: int) -> list[tuple[str, str | None]]:
    """What became of a name: kind, and the name that followed."""
    new = (
        select(PlaceName.name).where(PlaceName.number == NameSuccession.to_number).limit(1).scalar_subquery()
    )
    rows = session.execute(select(NameSuccession.kind, new).where(NameSuccession.from_number == number))
    return sorted((r[0], r[1]) for r in rows)


@pytest.mark.parametrize(
    ("old", "new", "before", "since"),
    [
        ("风龙村", "凤龙村", OLD, date(2017, 10, 31)),
        ("月影湖社区", "月隐湖社区", date(2019, 12, 31), date(2020, 6, 30)),
    ],
)
def test_a_renamed_place_keeps_its_identity(
    session: Session, old: str, new: str, before: date, since: date
) -> None:
    first = named(session, old, before)
    assert first.status == "standard" and standard(session, first.place_id, before) == old
    for day in (since, YEAR_END, NOW):
        later = named(session, new, day)
        assert (later.place_id, later.code, later.status) == (first.place_id, first.code, "standard")
        assert named(session, old, day).status == "former"
    assert after(session, first.number) == [("renamed", new)]
    every = select(PlaceName.name).where(
        PlaceName.place_id == first.place_id, func.upper_inf(PlaceName.recorded)
    )
    assert set(session.scalars(every)) == {old, new}


def test_a_community_that_is_gone_keeps_its_name_as_a_vanished_one(session: Session) -> None:
    was = named(session, "齐心社区", OLD)
    assert (was.status, was.code) == ("standard", "500112016013")
    assert home(session, was, OLD) == ["两路街道", "渝北区"]
    for day in (YEAR_END, NOW):
        assert named(session, "齐心社区", day).status == "vanished"
        assert standard(session, was.place_id, day) is None
    assert after(session, was.number) == [("abolished", None)]
    with pytest.raises(register.NoSuchName):
        register.name_at(session, was.number, date(2010, 1, 1))


def test_a_village_goes_to_another_district_and_keeps_its_name(session: Session) -> None:
    for day, county, told in ((OLD, "渝北区", False), (YEAR_END, "渝北区", False), (NOW, "北碚区", True)):
        village = named(session, "凤龙村" if day > OLD else "风龙村", day)
        assert home(session, village, day) == ["大湾镇", county]
        # The new codes are not known: the old one stays and still resolves.
        assert village.code == "500112135207" and unit_at(session, village.code, day).code == village.code
        assert ("划归北碚区（渝府发〔2025〕15号）" in (village.history or "")) == told


def test_a_township_lies_in_its_unit_of_the_day(session: Session) -> None:
    numbers = set()
    for day, county in ((OLD, "500112"), (YEAR_END, "500112"), (NOW, "500109")):
        town = session.scalars(
            as_of(PlaceName, day).where(PlaceName.names_unit == "500112138", PlaceName.status == "standard")
        ).one()
        assert (town.name, town.unit_code) == ("兴隆镇", county)
        assert unit_at(session, "500112138", day).parent_code == county
        numbers.add(town.number)
    assert len(numbers) == 1


def test_the_district_itself_ends(session: Session) -> None:
    was = named(session, "渝北区", YEAR_END)
    assert (was.status, was.code) == ("standard", "500112")
    assert named(session, "渝北区", NOW).status == "vanished"
    assert after(session, was.number) == [("split", "两江新区"), ("split", "北碚区")]
    assert named(session, "两江新区", NOW).document == "渝府发〔2025〕15号"
    assert not session.scalars(as_of(PlaceName, YEAR_END).where(PlaceName.name == "两江新区")).all()
    # The same place under the code that it had in Sichuan.
    assert register.name_at(session, was.number, date(1996, 1, 1)).code == "510218"


def test_what_a_place_was_called_in_1950(session: Session) -> None:
    then = session.scalars(as_of(PlaceName, date(1950, 1, 1)).where(PlaceName.status == "historic")).all()
    assert {n.name for n in then} == {"梁山县", "重庆市第二区", "城关镇"}
    old = next(n for n in then if n.name == "梁山县")
    assert standard(session, old.place_id, NOW) == "梁平区"
    assert old.facts["until_between"] == ["1952-01-01", "1952-12-31"]
    assert session.scalar(select(func.count()).where(PlaceName.demo)) == 0
