"""Search over HTTP and on the command line: suggestions, the list, one name, the page, and bad input."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from api import searching
from api.cli.__main__ import main
from geo.names.categories import Category
from geo.store.engine import sessions
from geo.terms import NameStatus
from tests import builders as b

SUGGEST, NAMES = "/api/v1/suggest", "/api/v1/place-names"


@pytest.fixture(scope="module")
def names(module_database: str) -> dict[str, int]:
    """兴隆镇 with its former name 兴隆场, 兴隆村 in the same county, and a name that is not public."""
    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.small_district(session, maker)
        town = b.place_name(
            session, maker, "兴隆镇", Category.TOWNSHIP, unit_code="500112138", names_unit="500112138",
            point=(106.72, 29.84), facts={"story": "赶场", "registered_by": "某人"},
        )  # fmt: skip
        old = b.place_name(
            session, maker, "兴隆场", Category.TOWNSHIP, unit_code="500112138", place_id=town.place_id,
            status=NameStatus.FORMER, valid=b.since(date(1950, 1, 1), date(2000, 1, 1)),
        )  # fmt: skip
        village = b.place_name(session, maker, "兴隆村", unit_code="500112140", point=(106.78, 29.84))
        secret = b.place_name(session, maker, "兴隆坝", status=NameStatus.PROPOSED)
        for i in range(25):
            b.place_name(session, maker, f"茨竹{i}社", unit_code="500112140")
    return {"town": town.number, "old": old.number, "village": village.number, "secret": secret.number}


@pytest.fixture(autouse=True)
def filled(names: dict[str, int]) -> None:
    """Every test here reads the same names."""


def shown(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(hit["name"], hit["tier"]) for hit in answer.json()["items"]]


def test_suggestions(client: Any) -> None:
    answer = client.get(SUGGEST, params={"q": "xinglong"})
    assert shown(answer) == [
        ("兴隆镇", "pinyin"),
        ("兴隆场", "pinyin-prefix"),
        ("兴隆村", "pinyin"),
    ] or shown(answer)
    assert {name for name, _ in shown(answer)} == {"兴隆镇", "兴隆场", "兴隆村"}
    hit = answer.json()["items"][0]
    assert hit["why"] == "拼音相同" and hit["why_en"] == "Same pinyin" and hit["highlight"] == [[0, 2]]
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_statements_stay_prepared_from_one_request_to_the_next(client: Any) -> None:
    """A door that ended in a rollback would make the driver forget them, and every search be planned anew."""
    client.get(SUGGEST, params={"q": "兴隆"})
    with sessions("search")() as session:
        kept = session.scalars(text("select statement from pg_prepared_statements")).all()
    assert any(s.startswith("/* search page */") for s in kept)


def test_offers_stand_apart(client: Any) -> None:
    body = client.get(SUGGEST, params={"q": "兴龙镇"}).json()
    assert body["items"] == [] and body["offers"][0]["name"] == "兴隆镇"
    assert body["offers"][0]["tier"] == "same-sound"


def test_a_former_name_leads_to_the_standard_one(client: Any, names: dict[str, int]) -> None:
    hit = client.get(NAMES, params={"q": "兴隆场"}).json()["items"][0]
    assert hit["status"] == "former" and hit["standard"] == {"number": names["town"], "name": "兴隆镇"}
    assert shown(client.get(NAMES, params={"q": "兴隆场", "at": "2010-01-01"}))[0] != ("兴隆场", "exact")
    assert shown(client.get(NAMES, params={"q": "兴隆场", "at": "1980-01-01"})) == [("兴隆场", "exact")]


def test_filters_and_nearness(client: Any) -> None:
    assert shown(client.get(NAMES, params={"q": "兴隆", "category": "村委会、居委会所在地"})) == [
        ("兴隆村", "bare")
    ]
    assert shown(client.get(NAMES, params={"q": "兴隆", "unit": "500112140"})) == [("兴隆村", "bare")]
    assert shown(client.get(NAMES, params={"q": "兴隆", "bbox": "106.7,29.8,106.75,29.9"})) == [
        ("兴隆镇", "bare")
    ]
    assert shown(client.get(NAMES, params={"q": "兴隆村", "lon": 106.7, "lat": 29.8}))[0] == (
        "兴隆村",
        "exact",
    )


@pytest.mark.parametrize("q", ["", "茨竹"])
def test_pages(client: Any, q: str) -> None:
    seen, cursor = [], None
    for _ in range(20):
        given = {"q": q, "limit": 10} | ({"cursor": cursor} if cursor else {})
        body = client.get(NAMES, params=given).json()
        seen += [hit["number"] for hit in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == (28 if not q else 25)


def test_one_name_with_its_place_and_cluster(client: Any, names: dict[str, int]) -> None:
    body = client.get(f"{NAMES}/{names['town']}").json()
    assert body["name"] == "兴隆镇" and body["must_be_used"] is True
    assert body["geometry"] == {"type": "Point", "coordinates": [106.72, 29.84]}
    assert body["facts"] == {"story": "赶场"}
    assert [n["name"] for n in body["names"]] == ["兴隆场"]
    assert [n["name"] for n in body["cluster"]] == ["兴隆村"]
    old = client.get(f"{NAMES}/{names['old']}").json()
    assert old["must_be_used"] is False and old["valid_to"] == "2000-01-01"


def test_a_name_that_is_not_public_is_not_there(client: Any, names: dict[str, int]) -> None:
    refused = client.get(f"{NAMES}/{names['secret']}")
    assert refused.status_code == 404 and refused.json()["code"] == "no-such-name"
    assert "兴隆坝" not in client.get(SUGGEST, params={"q": "兴隆坝"}).text.split('"offers"')[0]
    assert client.get(f"{NAMES}/999999999").status_code == 404
    assert client.get(f"{NAMES}/{10**30}").status_code == 422


ODD = ["", " ", "%", "_", "%%%", "\\", "'", "\"; select 1", "\x00", "兴\x00隆", "\u202e", "\u200f兴隆", "😀", "\U000e0fff", "\ud83d",
       "兴隆%", "兴_镇", "*", "(", "[a-", "a" * 200, "兴" * 200, "1" * 200, "洛" + "q" * 150]  # fmt: skip


@pytest.mark.parametrize("path", [SUGGEST, NAMES, "/names"])
@pytest.mark.parametrize("q", ODD, ids=lambda q: ascii(q)[:20])
def test_odd_questions_are_answered(client: Any, path: str, q: str) -> None:
    assert client.get(f"{path}?q={quote(q.encode('utf-8', 'surrogatepass'))}").status_code == 200


@pytest.mark.parametrize("path", [SUGGEST, NAMES, "/names"])
def test_too_long_a_question_is_refused(client: Any, path: str) -> None:
    answer = client.get(path, params={"q": "x" * 10_000})
    assert answer.status_code == 422
    assert "200" in answer.text and "10000" in answer.text


@pytest.mark.parametrize(
    "given",
    [
        {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"bbox": "107,29,106,30"}, {"bbox": "0,0,500,1"}, {"bbox": "nan,0,1,1"},
        {"lon": 106}, {"lat": 29}, {"lon": "nan", "lat": 1}, {"lon": 200, "lat": 1}, {"unit": "5%"}, {"unit": "渝北"},
        {"category": "村"}, {"at": "2024-13-01"}, {"limit": 0}, {"limit": 10_000}, {"cursor": "x"}, {"cursor": "IjE6MSI"},
    ],
    ids=str,
)  # fmt: skip
def test_bad_filters_are_refused(client: Any, given: dict[str, Any]) -> None:
    answer = client.get(NAMES, params={"q": "兴隆", **given})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_searches_of_one_address_are_counted(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "BURST", 1)
    monkeypatch.setattr(searching, "PER_MINUTE", 0.001)
    codes = [client.get(SUGGEST, params={"q": "兴"}).status_code for _ in range(3)]
    assert codes[-1] == 429
    # The bucket stays empty for the tests behind this one otherwise: all of them come from one address.
    with sessions("owner").begin() as session:
        session.execute(text("delete from rate_bucket"))


def test_the_page_answers_without_a_script(client: Any, names: dict[str, int]) -> None:
    page = client.get("/names", params={"q": "兴隆"}).text
    assert f'href="/names/{names["town"]}"' in page and "<mark>兴隆</mark>镇" in page
    assert "曾用名" in page and "名称相同" in page
    page = client.get("/names", params={"q": "兴龙镇"}).text
    assert "没有找到“兴龙镇”" in page and "是否要找" in page and "同音" in page
    page = client.get("/names", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page
    page = client.get("/names", params={"q": "茨竹"}).text
    assert 'rel="next"' in page
    assert 'action="/names"' in client.get("/").text
    for odd in ({"unit": "x"}, {"on": "x"}, {"category": "x"}, {"cursor": "x"}):
        assert client.get("/names", params={"q": "兴隆", **odd}).status_code == 422


def test_the_command_says_what_the_box_answers(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    box = client.get(SUGGEST, params={"q": "xlz", "limit": 20}).json()
    assert main(["names", "search", "xlz", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["query"] == "xlz" and said["items"] == box["items"] and said["offers"] == box["offers"]
    assert main(["names", "search", "兴龙镇"]) == 0
    assert "是否要找" in capsys.readouterr().out
    assert main(["names", "search", "兴" * 300]) == 2
