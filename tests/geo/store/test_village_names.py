"""What the map of village names is given: names by date and by part, with what the register says of each."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import shapely
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.store import village_names
from geo.store.tables import ProgrammeItem, ProtectionEntry, ProtectionList
from geo.store.village_names import NoSuchPartOfMap, name_of_part, village_map
from geo.terms import NameStatus
from tests import builders as b

DAY, MOVED = date(2024, 12, 31), date(2020, 1, 1)
UPPER, LOWER = f"{b.XINGLONG}201", f"{b.XINGLONG}202"


@pytest.fixture
def told(session: Session) -> dict[str, int]:
    """Names in two townships, one of them renamed, one vanished, one protected; and two items. Numbers by name."""
    maker = b.person(session).id
    b.small_district(session, maker)
    for code, name in ((UPPER, "上湾村"), (LOWER, "下湾村")):
        b.unit(session, maker, code, name, level="village", parent=b.XINGLONG)

    def village(name: str, **more: Any) -> int:
        more = {"category": Category.NATURAL_VILLAGE, "unit_code": b.XINGLONG, "importance": 1.0} | more
        return int(b.place_name(session, maker, name, **more).number)

    numbers = {
        "老湾": village("老湾", valid=b.since(b.SINCE, MOVED), status=NameStatus.FORMER, place_id=None),
        "新湾": village("新湾", valid=b.since(MOVED), point=(106.72, 29.84), importance=5.0, names_unit=UPPER,
                      meaning="湾边", facts={"story": "一段传说", "named_on": "1984", "founded": "1736"}),
        "枯井": village("枯井", status=NameStatus.VANISHED),
        "下湾": village("下湾", names_unit=LOWER, category=Category.COMMITTEE, facts={"from_between": ["2018-10-31", "2019-10-31"]}),
        "远山": village("远山", unit_code=b.CIZHU, importance=3.0),
        "大桥": village("大桥", category=Category.FACILITY),
    }  # fmt: skip
    listed = ProtectionList(district=b.DISTRICT, kind="rural", batch=1, title="名录", state="published",
                            document="渝北府〔2024〕1号", published_on=date(2024, 3, 1))  # fmt: skip
    session.add(listed)
    session.flush()
    session.add(
        ProtectionEntry(list_id=listed.id, number=numbers["新湾"], state="accepted", proposed_by=maker)
    )
    session.add(
        ProtectionEntry(list_id=listed.id, number=numbers["远山"], state="proposed", proposed_by=maker)
    )
    for kind, unit in (("museum", b.XINGLONG), ("event", b.CIZHU)):
        session.add(
            ProgrammeItem(
                kind=kind, title=kind, status="checked", unit_code=unit, name_numbers=[numbers["新湾"]], valid=b.since(MOVED),
                reason="测试", made_by=maker, geometry=b.stored(shapely.Point(106.72, 29.84)), geometry_source="imported",
            )
        )  # fmt: skip
    session.flush()
    return numbers


def names(session: Session, **more: Any) -> list[str]:
    return [n["name"] for n in village_map(session, **{"district": b.DISTRICT, "at": DAY} | more).names]


def test_names_in_force_by_importance_and_what_is_gone_behind(session: Session, told: dict[str, int]) -> None:
    assert names(session) == ["新湾", "远山", "下湾", "枯井"], "no bridge, no name out of force"
    found = village_map(session, district=b.DISTRICT, at=DAY)
    assert found.whole and set(found.units["level"]) == {"county", "township"}
    first = found.names[0]
    assert (first["number"], first["romanization"], first["plain"], first["initials"]) == (
        told["新湾"],
        "Xīnwān",
        "xinwan",
        "xw",
    )
    assert (first["meaning"], first["story"], first["named_on"], first["founded"]) == (
        "湾边",
        "一段传说",
        "1984",
        "1736",
    )
    assert (round(first["lon"], 2), round(first["lat"], 2)) == (106.72, 29.84)
    assert found.names[1]["lon"] is None
    assert [n["protected"] for n in found.names] == [True, False, False, False], "only what was accepted"
    assert [i["kind"] for i in found.items] == ["event", "museum"]


def test_the_date_takes_the_names_back(session: Session, told: dict[str, int]) -> None:
    before = village_map(session, district=b.DISTRICT, at=date(2010, 1, 1))
    said = [n["name"] for n in before.names]
    assert "老湾" in said and "新湾" not in said and before.items == []
    nothing = village_map(session, district=b.DISTRICT, at=date(1950, 1, 1))
    assert nothing.names == [] and len(nothing.units) == 0 and nothing.whole


def test_one_township_and_one_village(session: Session, told: dict[str, int]) -> None:
    assert names(session, within=b.XINGLONG) == ["新湾", "下湾", "枯井"]
    assert names(session, within=b.CIZHU) == ["远山"]
    assert names(session, within=UPPER) == ["新湾"]
    assert names(session, within=LOWER) == ["下湾"]
    assert [i["kind"] for i in village_map(session, district=b.DISTRICT, at=DAY, within=b.CIZHU).items] == [
        "event"
    ]
    assert name_of_part(session, UPPER, at=DAY) == "上湾村"


@pytest.mark.parametrize("code", ["500112999", "500112138999", "500109101", "500112", "' or 1=1 --", ""])
def test_an_unknown_part_is_a_sentence(session: Session, told: dict[str, int], code: str) -> None:
    with pytest.raises(NoSuchPartOfMap):
        village_map(session, district=b.DISTRICT, at=DAY, within=code)
    if not code.startswith("500109") and code != "500112":
        with pytest.raises(NoSuchPartOfMap):
            name_of_part(session, code, at=DAY)


def test_a_part_that_was_not_yet_there(session: Session, told: dict[str, int]) -> None:
    with pytest.raises(NoSuchPartOfMap):
        village_map(session, district=b.DISTRICT, at=date(1990, 1, 1), within=UPPER)


def test_more_than_the_most_says_so(session: Session, told: dict[str, int]) -> None:
    cut = village_map(session, district=b.DISTRICT, at=DAY, most=2)
    assert [n["name"] for n in cut.names] == ["新湾", "远山"] and not cut.whole
    assert village_map(session, district=b.DISTRICT, at=DAY, most=4).whole
    assert village_names.MOST == 5_000
