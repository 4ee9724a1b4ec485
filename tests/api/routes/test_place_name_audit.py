"""The audit over HTTP: for the registrar, by rule and unit, as JSON and as a page with links to the records."""

from __future__ import annotations

from typing import Any

import pytest

from geo.store.engine import sessions
from geo.terms import UserRole
from tests import builders as b

AUDIT = "/api/v1/place-name-audit"


@pytest.fixture(scope="module", autouse=True)
def numbers(module_database: str) -> list[int]:
    with sessions("app").begin() as session:
        maker = b.person(session).id
        return [
            b.place_name(session, maker, name, unit_code=unit).number
            for name, unit in (
                ("兴隆村", "500112138200"),
                ("兴隆村", "500112140200"),
                ("邏山村", "500112140200"),
            )
        ]


def test_json_counts_and_lists(client: Any, login_as: Any, numbers: list[int]) -> None:
    assert client.get(AUDIT).status_code == 401
    registrar = login_as(UserRole.REGISTRAR)
    told = registrar.get(AUDIT).json()
    assert told["names"] == 3 and told["waiting"] == 0 and "stay" in told["note_en"]
    assert {(c["rule"], c["names"]) for c in told["counts"]} == {
        ("9(8)-duplicate", 2),
        ("9(3)-characters", 1),
    }
    one = registrar.get(AUDIT, params={"rule": "9(8)-duplicate", "unit": "500112138"}).json()
    assert [(i["number"], [c["number"] for c in i["collides"]]) for i in one["items"]] == [
        (numbers[0], [numbers[1]])
    ]
    assert registrar.get(AUDIT, params={"unit": "510000"}).json()["code"] == "no-such-part"


def test_the_page_links_to_the_records_and_has_an_empty_state(login_as: Any, numbers: list[int]) -> None:
    registrar = login_as(UserRole.REGISTRAR)
    page = registrar.get("/registry/audit")
    assert page.status_code == 200 and all(f'href="/registry/{n}"' in page.text for n in numbers)
    assert "继续有效" in page.text
    assert "没有意见" in registrar.get("/registry/audit?unit=500112999").text
    assert registrar.get("/registry/audit?unit=51").status_code == 422


def test_too_many_are_sent_to_the_command_line(login_as: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from api import auditing

    monkeypatch.setattr(auditing, "AT_ONCE", 2)
    assert login_as(UserRole.REGISTRAR).get(AUDIT).json()["code"] == "too-many-to-audit"
