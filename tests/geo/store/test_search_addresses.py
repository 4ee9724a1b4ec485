"""Names asked for with the units that they lie in: as of all times, and on a date, where units went to another county."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from geo.names.categories import Category
from geo.store import engine, search
from geo.store.search import Filters
from tests import builders as b

MOVED = date(2025, 11, 7)
THEN, NOW = date(2024, 12, 31), date(2026, 1, 1)
EVER = None


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[None]:
    """统景镇 lay in 渝北区 and lies in 北碚区, with the code and the villages that it had."""
    with engine.sessions("owner").begin() as session:
        maker = b.person(session).id
        for code, name, valid in (
            ("500000", "重庆市", b.since()),
            ("500112", "渝北区", b.since(end=MOVED)),
            ("500109", "北碚区", b.since()),
            ("500113", "巴南区", b.since()),
        ):
            parent = None if code == "500000" else "500000"
            b.unit(
                session,
                maker,
                code,
                name,
                level="county" if parent else "province",
                parent=parent,
                valid=valid,
            )
            b.place_name(
                session, maker, name, Category.COUNTY_UP, unit_code="500000", names_unit=code, importance=90, valid=valid,
            )  # fmt: skip
        for parent, valid in (("500112", b.since(end=MOVED)), ("500109", b.since(MOVED))):
            b.unit(session, maker, "500112133", "统景镇", parent=parent, valid=valid)
        first = b.place_name(
            session, maker, "统景镇", Category.TOWNSHIP, unit_code="500112", names_unit="500112133", valid=b.since(end=MOVED),
        )  # fmt: skip
        b.place_name(
            session, maker, "统景镇", Category.TOWNSHIP, unit_code="500109", names_unit="500112133", valid=b.since(MOVED),
            number=first.number, place_id=first.place_id,
        )  # fmt: skip
        b.place_name(session, maker, "统景镇卫生院", Category.FACILITY, unit_code="500113001")
        b.place_name(session, maker, "合理村", unit_code="500112133", names_unit="500112133202")
        b.place_name(session, maker, "江口湾", Category.NATURAL_VILLAGE, unit_code="500112133")
        b.place_name(session, maker, "江口坝", Category.NATURAL_VILLAGE, unit_code="500109001")
    yield


CASES = [
    *((q, at, ["统景镇"]) for q in ("渝北区统景镇", "渝北统景", "渝北区 统景镇", "统景镇，渝北区") for at in (EVER, THEN, NOW)),
    ("重庆市统景镇", EVER, ["统景镇", "统景镇卫生院"]),
    # It came to 北碚区 later.
    *((q, at, found) for q in ("北碚区统景镇", "重庆市北碚区统景镇")
      for at, found in ((EVER, ["统景镇"]), (THEN, []), (NOW, ["统景镇"]))),
    *((q, at, ["合理村"]) for q in ("渝北区合理村", "渝北区统景镇合理村", "重庆市渝北区统景镇合理村", "统景合理", "重庆合理村", "渝北区 heli")
      for at in (EVER, THEN, NOW)),
    *((q, at, found) for q in ("北碚区合理村", "北碚区统景镇合理村")
      for at, found in ((EVER, ["合理村"]), (THEN, []), (NOW, ["合理村"]))),
    ("北碚区江口", THEN, ["江口坝"]),
    ("北碚区江口", EVER, ["江口湾", "江口坝"]),
    ("北碚区 jiangkou", NOW, ["江口湾", "江口坝"]),
    # It never lay there.
    *((q, at, []) for q in ("巴南区合理村", "巴南区统景镇合理村", "合理村 巴南区") for at in (EVER, THEN, NOW)),
    ("巴南区统景镇", EVER, ["统景镇卫生院"]),
]  # fmt: skip


@pytest.mark.parametrize(("q", "at", "expected"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_name_is_found_in_the_units_that_it_lay_in_by_then(
    filled: None, q: str, at: date | None, expected: list[str]
) -> None:
    with engine.sessions("search")() as session:
        assert [h.name for h in search.search(session, q, filters=Filters(at=at)).items] == expected


def test_a_unit_of_the_question_and_one_of_the_filter_are_both_asked(filled: None) -> None:
    with engine.sessions("search")() as session:
        for unit, found in (("500109", ["统景镇"]), ("500112", []), ("500113", [])):
            answer = search.search(session, "渝北区统景镇", filters=Filters(unit=unit))
            assert [h.name for h in answer.items] == found


def test_a_unit_that_moves_is_known_at_once(filled: None) -> None:
    def found() -> list[str]:
        with engine.sessions("search")() as session:
            return [h.name for h in search.search(session, "巴南区统景镇", filters=Filters(at=NOW)).items]

    assert found() == ["统景镇卫生院"]
    with engine.sessions("owner").begin() as session:
        b.unit(
            session,
            b.person(session).id,
            "500112133",
            "统景镇",
            parent="500113",
            valid=b.since(date(1990, 1, 1), date(2000, 1, 1)),
        )
    assert found() == ["统景镇", "统景镇卫生院"]
