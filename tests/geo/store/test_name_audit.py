"""The audit of the register: what the rules would refuse or doubt among names that stand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.store import name_shapes
from geo.store.name_audit import audit, size
from geo.terms import NameStatus, Severity
from tests import builders as b

ON = date(2024, 12, 31)
COUNTY, TOWNSHIP, OTHER_TOWNSHIP = "500112", "500112138200", "500112140200"


@pytest.fixture
def register(session: Session) -> dict[str, int]:
    maker = b.person(session).id
    rows = [
        ("兴隆村", Category.COMMITTEE, TOWNSHIP), ("兴隆村", Category.COMMITTEE, OTHER_TOWNSHIP),
        ("兴龙村", Category.COMMITTEE, OTHER_TOWNSHIP), ("兴隆村", Category.COMMITTEE, "500105100200"),
        ("王家湾", Category.NATURAL_VILLAGE, TOWNSHIP), ("王家湾", Category.NATURAL_VILLAGE, OTHER_TOWNSHIP),
        ("黄泥塝", Category.NATURAL_VILLAGE, TOWNSHIP), ("邏山村", Category.COMMITTEE, TOWNSHIP),
        ("巴黎小区", Category.ESTATE, TOWNSHIP), ("保胜寺村", Category.COMMITTEE, TOWNSHIP),
    ]  # fmt: skip
    numbers = {
        f"{name}@{unit}": b.place_name(session, maker, name, c, unit_code=unit).number
        for name, c, unit in rows
    }
    b.place_name(session, maker, "保胜寺村", unit_code=OTHER_TOWNSHIP, status=NameStatus.FORMER)
    name_shapes.fill(session)
    return numbers


def test_duplicates_homophones_characters_and_words_are_told(
    session: Session, register: dict[str, int]
) -> None:
    report = audit(session, at=ON)
    assert (report.names, report.waiting) == (10, 0)
    told: dict[tuple[str, str, Severity], set[int]] = {}
    for d in report.doubts:
        told.setdefault((f"{d.name}@{d.unit_code}", d.rule, d.severity), set()).update(
            c.number for c in d.collides
        )
    first = register[f"兴隆村@{TOWNSHIP}"]
    second = register[f"兴隆村@{OTHER_TOWNSHIP}"]
    third = register[f"兴龙村@{OTHER_TOWNSHIP}"]
    assert told == {
        (f"兴隆村@{TOWNSHIP}", "9(8)-duplicate", Severity.ERROR): {second},
        (f"兴隆村@{OTHER_TOWNSHIP}", "9(8)-duplicate", Severity.ERROR): {first},
        (f"兴隆村@{TOWNSHIP}", "9(8)-homophone", Severity.WARNING): {third},
        (f"兴隆村@{OTHER_TOWNSHIP}", "9(8)-homophone", Severity.WARNING): {third},
        (f"兴龙村@{OTHER_TOWNSHIP}", "9(8)-homophone", Severity.WARNING): {first, second},
        (f"黄泥塝@{TOWNSHIP}", "9(3)-characters", Severity.WARNING): set(),
        (f"邏山村@{TOWNSHIP}", "9(3)-characters", Severity.ERROR): set(),
        (f"巴黎小区@{TOWNSHIP}", "9(5)-foreign", Severity.ERROR): set(),
    }
    assert report.counts()[("9(8)-duplicate", Severity.ERROR)] == 2
    assert report.counts()[("9(8)-homophone", Severity.WARNING)] == 3


def test_a_unit_is_judged_against_its_whole_scope(session: Session, register: dict[str, int]) -> None:
    """A township's report knows the village of its county that lies in another township."""
    report = audit(session, unit="500112138", at=ON)
    assert report.names == size(session, unit="500112138", at=ON) == 6
    assert {d.name for d in report.doubts if d.rule == "9(8)-duplicate"} == {"兴隆村"}
    assert not audit(session, unit="500105", at=ON).doubts


def test_a_name_without_keys_is_counted_as_waiting(session: Session, register: dict[str, int]) -> None:
    b.place_name(session, b.person(session).id, "新庙村", unit_code=TOWNSHIP)
    assert audit(session, at=ON).waiting == 1


def test_a_unit_is_what_lies_in_it_on_the_date(session: Session) -> None:
    """蔡家岗街道 came to 500157 with its old code: its villages are judged with those of its new county."""
    maker, moved = b.person(session).id, date(2025, 11, 7)
    b.unit(session, maker, "500109", "北碚区", level="county", parent="500000")
    b.unit(session, maker, "500157", "两江新区", level="county", parent="500000", valid=b.since(moved))
    b.unit(session, maker, "500109006", "蔡家岗街道", parent="500109", valid=b.since(end=moved))
    b.unit(session, maker, "500109006", "蔡家岗街道", parent="500157", valid=b.since(moved))
    for unit in ("500109006", "500109001", "500157001"):
        b.place_name(session, maker, "灯塔村", unit_code=unit)
    name_shapes.fill(session)

    def told(unit: str, at: date) -> tuple[int, set[str]]:
        report = audit(session, unit=unit, at=at)
        assert report.names == size(session, unit=unit, at=at)
        return report.names, {d.unit_code for d in report.doubts if d.rule == "9(8)-duplicate"}

    assert told("500109", ON) == (2, {"500109006", "500109001"})
    assert told("500109", date(2026, 1, 1)) == (1, set())
    assert told("500157", date(2026, 1, 1)) == (2, {"500109006", "500157001"})


def test_a_division_is_not_called_like_a_feature(session: Session) -> None:
    maker = b.person(session).id
    b.unit(session, maker, "500112138", "玉峰山镇", parent=COUNTY)
    town, natural = Category.TOWNSHIP, Category.NATURAL
    b.place_name(session, maker, "玉峰山镇", town, unit_code=COUNTY, names_unit="500112138")
    b.place_name(session, maker, "玉峰山", natural, unit_code="500112138")
    b.place_name(session, maker, "铜锣山镇", town, unit_code=COUNTY, names_unit="500112140")
    b.place_name(session, maker, "铜锣山", natural, unit_code=COUNTY)
    b.place_name(session, maker, "老鹰岩镇", town, unit_code=COUNTY, names_unit="500112141")
    b.place_name(session, maker, "老鹰岩", Category.OTHER, unit_code="500112141", facts={"heritage": "市级"})
    b.place_name(session, maker, "黄山镇", town, unit_code=COUNTY, names_unit="500112142")
    b.place_name(session, maker, "清溪镇", town, unit_code=COUNTY, names_unit="500112143")
    name_shapes.fill(session)
    told = {(d.name, d.severity) for d in audit(session, at=ON).doubts if d.rule == "9(9)-division"}
    assert told == {
        ("玉峰山镇", Severity.WARNING), ("铜锣山镇", Severity.ERROR), ("老鹰岩镇", Severity.ERROR), ("黄山镇", Severity.ERROR),
    }  # fmt: skip


def test_a_county_is_held_against_the_nation_and_not_against_itself(session: Session) -> None:
    maker = b.person(session).id
    for name, code in (("渝中区", "500103"), ("江北区", "500105")):
        b.place_name(session, maker, name, Category.COUNTY_UP, unit_code="500000", names_unit=code)
    name_shapes.fill(session)
    told = {d.name for d in audit(session, at=ON).doubts if d.rule == "9(7)-duplicate"}
    assert told == {"江北区"}  # there is another one in Ningbo


def test_settled_readings_count(session: Session) -> None:
    maker = b.person(session).id
    for name, unit, readings in [
        ("长坪村", TOWNSHIP, ["cháng", "píng", "cūn"]),
        ("掌坪村", OTHER_TOWNSHIP, None),
        ("长田村", TOWNSHIP, ["zhǎng", "tián", "cūn"]),
        ("掌田村", OTHER_TOWNSHIP, None),
    ]:
        b.place_name(session, maker, name, unit_code=unit, readings=readings)
    name_shapes.fill(session)
    assert {d.name for d in audit(session, at=ON).doubts if d.rule == "9(8)-homophone"} == {
        "长田村",
        "掌田村",
    }


def test_progress_ends_with_all(session: Session, register: dict[str, int]) -> None:
    seen: list[tuple[int, int]] = []
    audit(session, at=ON, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (10, 10)
