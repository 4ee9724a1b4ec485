"""The façade of the national library's query interface: its field names over this register's public names."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import shapely.geometry

from geo.names.categories import Category
from geo.store.engine import sessions
from geo.terms import NameStatus
from tests import builders as b

AT = "/api/v1/national"
FIELDS = {
    "id", "standard_name", "roman_alphabet_spelling", "ethnic_minorities_writing", "place_type", "place_type_code",
    "place_code", "province", "province_name", "city", "city_name", "area", "area_name", "gdm",
}  # fmt: skip


@pytest.fixture(scope="module")
def names(module_database: str) -> dict[str, int]:
    """兴隆镇 with its former name, 兴隆村 twice, 兴龙村 of the same sound, and names that are not public standard ones."""
    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.small_district(session, maker)
        town = b.place_name(
            session, maker, "兴隆镇", Category.TOWNSHIP, unit_code="500112138", names_unit="500112138",
            point=(106.72, 29.84), gb_code="21500", code="50011213821500000001", history="1950年设乡",
            facts={"minority_writing": "x"},
        )  # fmt: skip
        b.place_name(
            session, maker, "兴隆场", Category.TOWNSHIP, unit_code="500112138", place_id=town.place_id,
            status=NameStatus.FORMER, valid=b.since(date(1950, 1, 1), date(2000, 1, 1)),
        )  # fmt: skip
        one = b.place_name(
            session, maker, "兴隆村", unit_code="500112138", meaning="兴旺", origin="清代设场", gb_code="22200",
            history="沿用至今",
        )  # fmt: skip
        b.place_name(session, maker, "兴隆村", unit_code="500112140")
        b.place_name(session, maker, "兴龙村", unit_code="500112140")
        b.place_name(session, maker, "兴隆坝", status=NameStatus.PROPOSED)
    return {"town": town.number, "one": one.number}


@pytest.fixture(autouse=True)
def filled(names: dict[str, int]) -> None:
    """Every test here reads the same names."""


def asked(client: Any, path: str, **params: Any) -> Any:
    answer = client.get(f"{AT}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(client: Any, **params: Any) -> list[str]:
    return [r["standard_name"] for r in asked(client, "stname/listPub", **params)["records"]]


def test_exact_and_fuzzy(client: Any) -> None:
    assert found(client, stName="兴隆村", searchType="精确") == ["兴隆村", "兴隆村"]
    assert found(client, stName="兴隆", searchType="精确") == []
    assert sorted(found(client, stName="兴隆")) == ["兴隆村", "兴隆村", "兴隆镇"]
    assert sorted(found(client, stName="xinglong")) == ["兴隆村", "兴隆村", "兴隆镇", "兴龙村"]
    assert found(client, stName="隆镇") == ["兴隆镇"]


def test_filters_and_pages(client: Any) -> None:
    assert found(client, stName="兴隆村", code="500112140") == ["兴隆村"]
    assert found(client, stName="兴隆村", code="5001") == ["兴隆村", "兴隆村"]
    assert found(client, stName="兴隆", placeTypeCode="215") == ["兴隆镇"]
    first = asked(client, "stname/listPub", stName="兴隆", size=2)
    second = asked(client, "stname/listPub", stName="兴隆", size=2, page=2)
    assert first["total"] == second["total"] == 3
    assert len(first["records"]) == 2 and len(second["records"]) == 1
    assert not {r["id"] for r in first["records"]} & {r["id"] for r in second["records"]}


def test_a_record_has_the_fields_of_the_library(client: Any, names: dict[str, int]) -> None:
    record = asked(client, "stname/listPub", stName="兴隆镇")["records"][0]
    assert set(record) == FIELDS | {"demo"}
    assert record["roman_alphabet_spelling"] == "Xīnglóng Zhèn"
    assert (record["province_name"], record["area_name"]) == ("重庆市", "渝北区")
    assert (record["province"], record["area"]) == ("500000", "500112")
    assert (record["place_type"], record["place_type_code"]) == ("乡级行政区域", "21500")
    assert record["place_code"] == "50011213821500000001" and record["ethnic_minorities_writing"] == "x"
    assert record["gdm"] == {"type": "multipoint", "coordinates": [[106.72, 29.84]]}
    assert shapely.geometry.shape(record["gdm"]).geoms[0].x == 106.72


def test_details_by_both_methods(client: Any, names: dict[str, int]) -> None:
    one = asked(client, "stname/detailsPub", id=str(names["one"]))
    assert (one["place_meaning"], one["place_origin"], one["place_history"]) == (
        "兴旺",
        "清代设场",
        "沿用至今",
    )
    town = client.post(f"{AT}/stname/detailsPub", json={"id": str(names["town"])}).json()
    assert town["old_name"] == "兴隆场" and town["government_history"] == "1950年设乡"
    assert town["place_history"] == ""
    for wrong in ("0", "999999999", "x", "9" * 30):
        gone = client.get(f"{AT}/stname/detailsPub", params={"id": wrong})
        assert gone.status_code == 404 and gone.json()["code"] == "no-such-record"


def test_counts_of_same_name_and_same_sound(client: Any) -> None:
    by_code = asked(client, "datastatis/GroupCountNameByCode", name="兴隆村", distCode="500112")
    assert {(r["code"], r["count"]) for r in by_code["data"]} == {("500112138", 1), ("500112140", 1)}
    assert by_code["total"] == 2 and all(r["name"] for r in by_code["data"])
    assert asked(client, "datastatis/GroupCountNameByCode", name="兴隆村")["data"] == [
        {"name": "重庆市", "code": "50", "count": 2}
    ]
    by_type = asked(client, "datastatis/GroupCountNameByType", name="兴隆村", distCode="50")
    assert {(r["type"], r["typeCode"], r["count"]) for r in by_type["data"]} == {
        ("农村居民点", "22200", 1),
        ("村委会、居委会所在地", "", 1),
    }
    same_sound = asked(client, "datastatis/GroupCountPinyinByCode", name="Xīnglóngcūn", distCode="500112")
    assert same_sound["total"] == 3
    assert (
        asked(client, "datastatis/GroupCountPinyinByType", name="xing long cun", distCode="50")["total"] == 3
    )
    assert asked(client, "datastatis/GroupCountPinyinByType", name="兴龙村", distCode="50")["total"] == 3
    assert asked(client, "datastatis/GroupCountPinyinByType", name="Xīnglǒngcūn", distCode="50")["total"] == 0


def test_a_question_waits_no_longer_than_one_of_the_search(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geo.store import national

    monkeypatch.setattr(national, "_TOTAL", "select pg_sleep(5)::text = '' {found}")
    monkeypatch.setattr(national, "TIMEOUT_MS", 50)
    answer = client.get(f"{AT}/stname/listPub", params={"stName": "兴隆"})
    assert answer.status_code == 503 and answer.json()["code"] == "database-busy"


def test_divisions(client: Any) -> None:
    county = asked(client, "xzqh/getList", code="500112", maxLevel=1)["data"][0]
    assert county["name"] == "渝北区" and county["level"] == 3
    assert {c["level"] for c in county["children"]} == {4} and county["children"][0]["children"] == []
    assert asked(client, "xzqh/getList", code="500112", maxLevel=0)["data"][0]["children"] == []
    assert asked(client, "xzqh/getList", code="999999")["data"] == []


def test_a_year_asks_for_its_end(client: Any) -> None:
    assert found(client, stName="兴隆镇", year=1900) == []


@pytest.mark.parametrize(
    "params",
    [{}, {"stName": ""}, {"stName": "x" * 200}, {"stName": "a", "size": 1000}, {"stName": "a", "code": "50%"},
     {"stName": "兴隆", "searchType": "别的"}, {"stName": "!"}, {"stName": "ab"}],
)  # fmt: skip
def test_malformed(client: Any, params: dict[str, Any]) -> None:
    assert client.get(f"{AT}/stname/listPub", params=params).status_code == 422


def test_text_for_the_database_stays_text(client: Any) -> None:
    for evil in ("'; drop table place_name; --", "%", "\\", "兴隆%' or '1'='1"):
        assert client.get(f"{AT}/stname/listPub", params={"stName": evil}).status_code in (200, 422)
