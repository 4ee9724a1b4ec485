"""POST /api/v1/place-name-checks against the register, and the catalogue of rules."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from api.cli.__main__ import main
from geo.names.rules.run import discover
from geo.terms import NameStatus, UserRole
from tests import builders as b

COMMITTEE = "村委会、居委会所在地"
CHECKS = "/api/v1/place-name-checks"


@pytest.fixture(scope="module")
def names(module_database: str) -> None:
    """One standard name and one that is only proposed, in two townships of a small district."""
    from geo.store.engine import sessions

    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.small_district(session, maker)
        b.place_name(session, maker, "保胜寺村", unit_code=b.CIZHU, point=(106.78, 29.85))
        b.place_name(session, maker, "兴隆村", unit_code=b.CIZHU, status=NameStatus.PROPOSED)


def ask(client: Any, name: str, **more: Any) -> Any:
    return client.post(CHECKS, json={"name": name, "category": COMMITTEE, "unit": b.XINGLONG, **more})


def test_the_answer_is_the_contracts(client: Any, names: None) -> None:
    answer = ask(client, "保胜寺村", unit=None, lon=106.72, lat=29.85).json()
    assert set(answer) == {"name", "category", "verdict", "findings", "suggestions"}
    assert answer["verdict"] == "refused" and answer["suggestions"]
    (finding,) = [f for f in answer["findings"] if f["severity"] == "error"]
    assert set(finding) == {"rule", "article", "severity", "message", "message_en", "collides"}
    (collision,) = finding["collides"]
    assert collision["name"] == "保胜寺村" and collision["unit"] == b.CIZHU
    assert collision["category"] == COMMITTEE and collision["why"] == "同名"
    assert 5000 < collision["distance_m"] < 6500
    for suggestion in answer["suggestions"]:
        assert ask(client, suggestion).json()["verdict"] == "fits", suggestion


def test_the_public_is_not_told_a_proposed_name_and_an_officer_is(
    client: Any, names: None, login_as: Any
) -> None:
    told = ask(client, "兴龙村")
    assert told.json()["verdict"] == "doubtful"
    assert "兴隆" not in told.text and b.CIZHU not in told.text and "尚未公布" in told.text
    assert "兴隆村" in ask(login_as(UserRole.REVIEWER), "兴龙村").text
    # Neither does somebody who is only logged in.
    assert "兴隆" not in ask(login_as(UserRole.APPLICANT), "兴龙村").text


def test_no_category_is_other_and_says_so(client: Any, names: None) -> None:
    answer = client.post(CHECKS, json={"name": "保胜寺村", "unit": b.XINGLONG}).json()
    assert answer["category"] == "其他" and any(f["rule"] == "3-category" for f in answer["findings"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": ""}, None),
        ({"name": "村" * 10_000}, None),
        ({"name": "保胜寺村", "category": "村"}, None),
        ({"name": "保胜寺村", "unit": "5001"}, None),
        ({"name": "保胜寺村", "unit": "５００１１２"}, None),
        ({"name": "保胜寺村", "lon": 29.8, "lat": 106.7}, "bad-place"),
        ({"name": "保胜寺村", "lon": 106.7}, "bad-place"),
        ({"name": "保胜寺村", "lon": "NaN", "lat": 1}, None),
        ({"name": "保胜寺村", "other": 1}, None),
        ({"name": "\ud800村"}, None),
    ],
)
def test_what_cannot_be_understood_is_a_clear_4xx(
    client: Any, names: None, body: Any, code: str | None
) -> None:
    answer = client.post(
        CHECKS, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert code is None or answer.json()["code"] == code


@pytest.mark.parametrize(
    "name", ["\x00村", "😀村", "兴\u202e隆村", "%_村", "';--", "ＡＢ村", "\u0378村", " ", "村" * 999]
)
def test_odd_names_are_answered(client: Any, names: None, name: str) -> None:
    answer = ask(client, name)
    assert answer.status_code == 200 and answer.json()["verdict"] == "refused"


def test_an_address_that_asks_too_often_waits(app: Any, client: Any, names: None) -> None:
    usual = app.state.settings
    app.state.settings = dataclasses.replace(usual, check_burst=1, check_per_minute=0.1)
    try:
        answers = [ask(client, "保胜寺村") for _ in range(3)]
    finally:
        app.state.settings = usual
    refused = answers[-1]
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0


def test_every_rule_is_listed_with_article_and_example(client: Any) -> None:
    items = client.get("/api/v1/place-name-rules").json()["items"]
    assert [i["rule"] for i in items] == [r.code for r in discover()]
    for item in items:
        assert item["article"].startswith("地名管理条例") and item["examples"] and item["on"] is True
        assert item["message"] and item["message_en"]


def test_the_command_asks_the_register_too(
    names: None, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    arguments = ["names", "check", "保胜寺村", "--category", COMMITTEE, "--unit", b.XINGLONG, "--json"]
    assert main(arguments) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["findings"][0]["rule"] == "9(8)-duplicate"
    assert main([*arguments, "--no-register"]) == 0
    capsys.readouterr()
    plan = tmp_path / "plan.csv"
    plan.write_text(f"name,category,unit,existing\n保胜寺村,{COMMITTEE},{b.XINGLONG},\n", encoding="utf-8")
    assert main(["names", "check", "--file", str(plan), "--json"]) == 0, "its own existing names decide"
    plan.write_text(f"name,category,unit\n保胜寺村,{COMMITTEE},{b.XINGLONG}\n", encoding="utf-8")
    assert main(["names", "check", "--file", str(plan), "--json"]) == 1


def test_the_register_is_asked_on_the_date_given(client: Any, names: None) -> None:
    before = client.post(
        CHECKS, params={"at": "1999-01-01"}, json={"name": "保胜寺村", "category": COMMITTEE}
    )
    assert before.status_code == 200
