"""The Reconciliation API 0.2 as OpenRefine uses it: manifest, suggestions, a batch, extension, preview.

The shapes are those of the specification's JSON schemas of version 0.2.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql import Range

from api import reconciling
from api.routes import reconcile
from geo.names.categories import Category
from geo.store import search_forms
from geo.terms import NameStatus
from tests import builders as b

PATH = "/api/v1/reconcile"
PREVIEW = "/embed/reconcile"
OTHER_SITE = {"Origin": "https://refine.example", "Sec-Fetch-Site": "cross-site"}
NASTY = "</h1><script>{{7*7}}</script>"


@pytest.fixture(scope="module")
def register(module_database: str) -> dict[str, int]:
    """Places by name, committed."""
    from geo.store.engine import sessions

    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.unit(session, maker, "500112", "渝北区", level="county", parent="50")
        b.unit(session, maker, "500112113", "兴隆镇")
        b.unit(session, maker, "500112133", "统景镇")
        rows = [
            b.place_name(
                session, maker, "江口村", unit_code="500112133", point=(106.9, 29.9), code="500112133201"
            ),
            b.place_name(session, maker, "兴隆村", unit_code="500112113"),
            b.place_name(session, maker, "兴隆村", unit_code="500112133"),
            b.place_name(session, maker, NASTY, Category.OTHER),
        ]
        old = b.place_name(
            session, maker, "月影湖社区", status=NameStatus.FORMER, place_id=rows[0].place_id,
            valid=Range(date(2000, 1, 1), date(2020, 1, 1), bounds="[)"),
        )  # fmt: skip
        search_forms.refresh(session, [r.number for r in (*rows, old)])
        return {"江口村": rows[0].place_id, "兴隆村": rows[1].place_id, "nasty": rows[3].place_id}


def ask(client: Any, queries: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(PATH, data={"queries": json.dumps(queries)}, headers=OTHER_SITE)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_manifest_says_what_is_offered(client: Any) -> None:
    answer = client.get(PATH)
    given = answer.json()
    assert "0.2" in given["versions"]
    assert all(isinstance(given[k], str) for k in ("name", "identifierSpace", "schemaSpace", "documentation"))
    assert "{{id}}" in given["view"]["url"] and "{{id}}" in given["preview"]["url"]
    assert all(isinstance(given["preview"][k], int) for k in ("width", "height"))
    for kind in ("entity", "property", "type"):
        assert "${id}" in given["suggest"][kind]["flyout_service_path"]
    assert all({"id", "name"} == set(t) for t in given["defaultTypes"])
    assert given["batchSize"] == reconciling.BATCH
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_flow_of_openrefine(client: Any, register: dict[str, int]) -> None:
    """Manifest, suggestion of a type, a batch, a look at the candidate, its properties."""
    given = client.get(PATH).json()
    types = client.get(PATH + "/suggest/type", params={"prefix": "村"}).json()["result"]
    assert {"id": "自然村", "name": "自然村"} in types
    batch = {
        "q0": {"query": "江口村", "type": "村委会、居委会所在地", "limit": 3, "type_strict": "should"},
        "q1": {"query": "重庆市渝北区统景镇江口村"},
        "q2": {"query": "兴隆村"},
        "q3": {"query": "兴隆村", "properties": [{"pid": "unit", "v": ["兴隆镇"]}]},
        "q4": {
            "query": "兴隆村",
            "properties": [{"pid": "unit", "v": {"id": "500112113", "name": "兴隆镇"}}],
        },
        "q5": {"query": "月影湖社区"},
        "q6": {"query": "没有这个地方"},
        "q7": {"query": str(register["江口村"])},
        "q8": {"properties": [{"pid": "unit", "v": "兴隆镇"}]},
    }
    answer = ask(client, batch)
    assert set(answer) == set(batch)
    for each in answer.values():
        for c in each["result"]:
            assert isinstance(c["id"], str) and c["name"] and isinstance(c["score"], int | float)
            assert isinstance(c["match"], bool)
            assert all(set(t) == {"id", "name"} for t in c["type"])
            ids = [f["id"] for f in c.get("features", [])]
            assert len(ids) == len(set(ids))
        scores = [c["score"] for c in each["result"]]
        assert scores == sorted(scores, reverse=True)
    place = str(register["江口村"])
    first = {key: (each["result"] or [None])[0] for key, each in answer.items()}
    assert first["q0"]["id"] == place and first["q0"]["match"] is True and first["q0"]["score"] == 100
    assert first["q1"]["id"] == place and first["q1"]["match"] is True
    assert [c["match"] for c in answer["q2"]["result"]] == [False, False]
    for key in ("q3", "q4"):
        assert first[key]["id"] == str(register["兴隆村"]) and first[key]["match"] is True
    assert first["q5"]["id"] == place and first["q5"]["match"] is True and first["q5"]["name"] == "月影湖社区"
    assert answer["q6"]["result"] == [] and answer["q8"]["result"] == []
    assert first["q7"]["id"] == place
    page = client.get(given["preview"]["url"].replace("{{id}}", place))
    assert page.status_code == 200 and "江口村" in page.text
    proposed = client.get(PATH + "/properties", params={"type": "自然村"}).json()["properties"]
    extension = {"ids": [place, "999999"], "properties": [{"id": p["id"]} for p in proposed]}
    told = client.post(PATH, data={"extend": json.dumps(extension)}, headers=OTHER_SITE).json()
    assert [m["id"] for m in told["meta"]] == [p["id"] for p in proposed]
    row = told["rows"][place]
    assert row["romanization"] == [{"str": "Jiāngkǒu Cūn"}]
    assert row["unit"] == [{"str": "渝北区统景镇"}] and row["unit_code"] == [{"str": "500112133"}]
    assert row["lon"] == [{"float": 106.9}] and row["lat"] == [{"float": 29.9}]
    assert row["code"] == [{"str": "500112133201"}] and row["former"] == [{"str": "月影湖社区"}]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", row["valid_from"][0]["date"])
    assert row["uri"][0]["str"].endswith(f"/places/{place}")
    assert all(cells == [] for cells in told["rows"]["999999"].values())


def test_a_batch_by_get_is_the_same(client: Any, register: dict[str, int]) -> None:
    queries = {"q0": {"query": "江口村"}}
    by_get = client.get(PATH, params={"queries": json.dumps(queries)}).json()
    assert by_get == ask(client, queries)


@pytest.mark.parametrize("length", [reconciling.BATCH, reconciling.BATCH + 1])
def test_the_batch_has_a_limit(client: Any, length: int) -> None:
    queries = {f"q{i}": {"query": "江口村"} for i in range(length)}
    answer = client.post(PATH, data={"queries": json.dumps(queries)})
    assert answer.status_code == (200 if length == reconciling.BATCH else 413)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", '"x"', '{"q0": []}', '{"q0": {}}', '{"q0": {"query": 5}}', '{"q0": {"query": ""}}',
        '{"q0": {"query": "a", "properties": 5}}', '{"q0": {"query": "a", "properties": [{}]}}', "[" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_batch_is_refused(client: Any, text: str) -> None:
    answer = client.post(PATH, data={"queries": text}, headers=OTHER_SITE)
    if text == "":
        # An empty form field is no field: the manifest answers.
        assert answer.status_code in (200, 422)
        return
    assert (answer.status_code, answer.json()["code"]) == (422, "not-a-batch")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "query", ["x" * 10_000, "\0", "a\u202eb", "%", "_", "'; drop table place_name; --", "😀", "\ud7ff\ufffe"]
)
def test_odd_queries_have_an_empty_answer(client: Any, query: str) -> None:
    assert ask(client, {"q0": {"query": query}}) == {"q0": {"result": []}}


@pytest.mark.parametrize("limit", [0, -1, 1, 1e9, 2.5])
def test_odd_limits_are_brought_to_sense(client: Any, register: dict[str, int], limit: float) -> None:
    answer = ask(client, {"q0": {"query": "兴隆村", "limit": limit}})
    assert 1 <= len(answer["q0"]["result"]) <= 2


def test_suggestions(client: Any, register: dict[str, int]) -> None:
    found = client.get(PATH + "/suggest/entity", params={"prefix": "江口"}).json()["result"]
    assert [(e["id"], e["name"]) for e in found] == [(str(register["江口村"]), "江口村")]
    assert client.get(PATH + "/suggest/entity", params={"prefix": ""}).json() == {"result": []}
    found = client.get(PATH + "/suggest/property", params={"prefix": "lon"}).json()["result"]
    assert [p["id"] for p in found] == ["lon"]


def test_names_are_data_in_preview_and_flyout(client: Any, register: dict[str, int]) -> None:
    place = str(register["nasty"])
    page = client.get(PREVIEW, params={"id": place})
    flyout = client.get(PATH + "/flyout/entity", params={"id": place}).json()
    for text in (page.text, flyout["html"]):
        assert "<script" not in text and "{{7*7}}" in text and "&lt;script&gt;" in text
    assert flyout["id"] == place
    typed = client.get(PATH + "/flyout/type", params={"id": "<b>"}).json()
    assert typed["html"] == "<p>&lt;b&gt;</p>"


def test_other_sites_may_frame_the_preview_and_nothing_else(client: Any, register: dict[str, int]) -> None:
    page = client.get(PREVIEW, params={"id": str(register["江口村"])})
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert "frame-src 'none'" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers
    other = client.get("/login")
    assert other.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in other.headers


def test_a_browser_may_ask_before(client: Any) -> None:
    for path in (PATH, PATH + "/suggest/entity"):
        answer = client.options(path, headers={**OTHER_SITE, "Access-Control-Request-Method": "POST"})
        assert answer.status_code == 204
        assert "POST" in answer.headers["access-control-allow-methods"]


def test_unknown_places_are_not_found(client: Any) -> None:
    assert client.get(PREVIEW, params={"id": "999999"}).status_code == 404
    assert client.get(PREVIEW, params={"id": "x"}).status_code == 422
    assert client.get(PATH + "/flyout/entity", params={"id": "9" * 30}).status_code == 404


def test_the_share_of_an_address_ends(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "BURST", 1)
    monkeypatch.setattr(reconcile, "PER_MINUTE", 0.001)
    answers = [client.get(PATH, params={"queries": '{"q": {"query": "x"}}'}) for _ in range(3)]
    assert [a.status_code for a in answers][-1] == 429
    assert int(answers[-1].headers["retry-after"]) > 0
