"""What a place was called on a date, chains of names, and names that are gone."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.store import name_history, names
from geo.store.name_history import NoSuchPlace
from geo.store.names import NoSuchName
from geo.store.tables import NameSuccession
from geo.terms import NameStatus
from tests import builders as b


def span(start: str | None, end: str | None = None) -> Range[date]:
    return Range(
        None if start is None else date.fromisoformat(start),
        None if end is None else date.fromisoformat(end),
        bounds="[)",
    )


@pytest.fixture
def renamed(session: Session) -> dict[str, int]:
    """月影湖社区 became 月隐湖社区 in 2020 and the place was abolished in 2022, its people going to 龙山社区."""
    maker = b.person(session).id
    old = b.place_name(session, maker, "月影湖社区", valid=span("1950-01-01", "2020-06-30"))
    b.place_name(
        session, maker, "月影湖社区", number=old.number, place_id=old.place_id,
        status=NameStatus.FORMER, valid=span("2020-06-30"),
    )  # fmt: skip
    new = b.place_name(
        session, maker, "月隐湖社区", place_id=old.place_id, valid=span("2020-06-30", "2022-10-31")
    )
    b.place_name(
        session, maker, "月隐湖社区", number=new.number, place_id=old.place_id,
        status=NameStatus.VANISHED, valid=span("2022-10-31"),
    )  # fmt: skip
    heir = b.place_name(session, maker, "龙山社区", valid=span("2000-01-01"), point=(106.6, 29.8))
    for source, target, kind, on in (
        (old.number, new.number, "renamed", date(2020, 6, 30)),
        (new.number, heir.number, "merged", date(2022, 10, 31)),
    ):
        names.succeed(
            session,
            NameSuccession(
                from_number=source, to_number=target, kind=kind, on_date=on, source="年度名录",
                document="测试批复〔2020〕1号", made_by=maker,
            ),
        )  # fmt: skip
    session.execute(text("set local role yudi_public"))
    return {"place": old.place_id, "old": old.number, "new": new.number, "heir": heir.number}


@pytest.mark.parametrize(
    ("on", "name", "is_gone"),
    [
        ("1950-06-01", "月影湖社区", False),
        ("2020-06-29", "月影湖社区", False),
        ("2020-06-30", "月隐湖社区", False),
        ("2022-10-30", "月隐湖社区", False),
        ("2023-01-01", "月影湖社区", True),
        ("1949-10-01", None, True),
    ],
)
def test_what_was_it_called(
    session: Session, renamed: dict[str, int], on: str, name: str | None, is_gone: bool
) -> None:
    found = name_history.place_at(session, renamed["place"], date.fromisoformat(on))
    assert (found["called"] and found["called"]["name"], found["gone"]) == (name, is_gone)


def test_the_chain_leads_both_ways_with_sources(session: Session, renamed: dict[str, int]) -> None:
    for start in ("old", "new", "heir"):
        found = name_history.chain(session, renamed[start])
        assert [v["name"] for v in found["names"]] == ["月影湖社区", "月隐湖社区", "龙山社区"]
        assert [(x["from_name"], x["kind"], x["to_name"]) for x in found["links"]] == [
            ("月影湖社区", "renamed", "月隐湖社区"),
            ("月隐湖社区", "merged", "龙山社区"),
        ]
        assert all(link["source"] and link["document"] for link in found["links"])
        assert found["complete"]


def test_a_circle_of_names_ends(session: Session) -> None:
    maker = b.person(session).id
    one, two = (b.place_name(session, maker, n) for n in ("甲村", "乙村"))
    for x, y in ((one, two), (two, one)):
        names.succeed(
            session,
            NameSuccession(
                from_number=x.number,
                to_number=y.number,
                kind="renamed",
                on_date=date(2020, 1, 1),
                source="测试",
                made_by=maker,
            ),
        )
    assert len(name_history.chain(session, one.number)["links"]) == 2


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["月影湖社区", "月隐湖社区"]),
        ({"standing": [NameStatus.VANISHED]}, ["月隐湖社区"]),
        ({"unit": "500112113"}, ["月影湖社区", "月隐湖社区"]),
        ({"unit": "500112114"}, []),
        ({"category": Category.COMMITTEE.value}, ["月影湖社区", "月隐湖社区"]),
        ({"category": Category.STREET.value}, []),
        ({"since": date(2022, 1, 1)}, ["月隐湖社区"]),
        ({"until": date(2022, 1, 1)}, ["月影湖社区"]),
        ({"at": date(2021, 1, 1)}, ["月影湖社区"]),
    ],
)
def test_gone_names(session: Session, renamed: dict[str, int], filters: dict, expected: list[str]) -> None:
    given = {"at": date(2024, 12, 31), "after": 0, "limit": 10, **filters}
    assert [v["name"] for v in name_history.gone_names(session, **given)] == expected


def test_secret_and_proposed_names_are_nobodys(session: Session) -> None:
    maker = b.person(session).id
    secret = b.place_name(session, maker, "某某站", Category.FACILITY, facts={"secrecy": "秘密"})
    proposed = b.place_name(session, maker, "新拟村", status=NameStatus.PROPOSED)
    session.execute(text("set local role yudi_public"))
    for row in (secret, proposed):
        with pytest.raises(NoSuchPlace):
            name_history.place_at(session, row.place_id, date(2024, 1, 1))
        with pytest.raises(NoSuchName):
            name_history.chain(session, row.number)


def test_a_cluster_is_of_one_specific_part_nearest_first(session: Session) -> None:
    maker = b.person(session).id
    town = b.place_name(session, maker, "兴隆镇", Category.TOWNSHIP, point=(106.70, 29.80))
    b.place_name(session, maker, "兴隆社区", point=(106.75, 29.80))
    b.place_name(session, maker, "兴隆场", Category.NATURAL_VILLAGE, point=(106.71, 29.80))
    b.place_name(session, maker, "兴隆村", unit_code="500230100", point=(106.70, 29.80))
    b.place_name(session, maker, "龙兴镇", Category.TOWNSHIP, point=(106.70, 29.81))
    at = date(2024, 12, 31)
    version = name_history.called(name_history.versions_of_place(session, town.place_id), at)
    assert version is not None
    near = name_history.cluster(session, version, at, point=(106.70, 29.80))
    assert [v["name"] for v in near] == ["兴隆场", "兴隆社区"]
    assert near[0]["distance_m"] == pytest.approx(967, abs=3)


def test_where_it_lay_follows_the_units(session: Session) -> None:
    maker = b.person(session).id
    b.unit(
        session,
        maker,
        "500112",
        "渝北区",
        level="county",
        parent="50",
        valid=span("1994-01-01", "2025-11-07"),
    )
    b.unit(session, maker, "500109", "北碚区", level="county", parent="50", valid=span("1994-01-01"))
    b.unit(session, maker, "500112113", "兴隆镇", parent="500112", valid=span("2001-01-01", "2025-11-07"))
    b.unit(session, maker, "500112113", "兴隆镇", parent="500109", valid=span("2025-11-07"))
    row = b.place_name(session, maker, "永兴村", valid=span("2001-01-01"))
    versions = name_history.versions_of_place(session, row.place_id)
    units = name_history.unit_versions(session, ["500112113"])
    told = [
        (m["valid_from"], m["valid_to"], [u["name"] for u in m["units"]])
        for m in name_history.moves(units, versions)
    ]
    assert told == [
        (date(2001, 1, 1), date(2025, 11, 7), ["渝北区", "兴隆镇"]),
        (date(2025, 11, 7), None, ["北碚区", "兴隆镇"]),
    ]
