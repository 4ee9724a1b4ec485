"""Protection lists over HTTP: the way of a list, and what the public gets of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from geo.terms import UserRole
from tests import builders as b

LISTS = "/api/v1/protection-lists"
ENTRY = {
    "kind_class": "town",
    "grounds": ["old"],
    "measures": ["sign"],
    "reasons": "见于旧志",
    "reason": "调查",
}


def test_a_list_over_http(client: Any, login_as: Callable[..., Any], committed: Session) -> None:
    name = b.place_name(committed, b.person(committed).id, "洛碛场")
    committed.commit()
    registrar, reviewer, approver = (
        login_as(r) for r in (UserRole.REGISTRAR, UserRole.REVIEWER, UserRole.APPROVER)
    )
    made = registrar.post(LISTS, json={"kind": "historic", "batch": 2, "reason": "工作要点"})
    assert made.status_code == 201, made.text
    held = f"{LISTS}/{made.json()['id']}"
    entry = registrar.post(f"{held}/entries", json={**ENTRY, "number": name.number})
    assert entry.status_code == 201, entry.text
    one = f"{held}/entries/{entry.json()['id']}"
    changed = registrar.put(one, json={**ENTRY, "kind_class": "village", "version": 1})
    assert changed.json()["version"] == 2

    assert client.get(held).status_code == 404
    assert client.get(LISTS).json() == {"items": []}
    assert registrar.get(held).json()["may"] == ["open_review", "discard"]

    def step(who: Any, where: str, **body: Any) -> Any:
        answer = who.post(f"{where}/transitions", json={"reason": "依据充分", **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    step(registrar, held, transition="open_review", version=1)
    assert reviewer.get(held).json()["names"][0]["may"] == ["accept", "refuse"]
    step(reviewer, one, transition="accept", version=2)
    stale = approver.post(
        f"{held}/transitions", json={"transition": "publish", "version": 1, "reason": "试", "document": "文"}
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    step(approver, held, transition="publish", version=2, document="渝北民发〔2024〕30号")

    seen = client.get(held).json()
    assert (seen["state"], seen["document"]) == ("published", "渝北民发〔2024〕30号")
    assert [n["name"] for n in seen["names"]] == ["洛碛场"]
    # Who proposed, why and when is not the public's.
    assert not {"version", "may", "steps"} & {*seen, *seen["names"][0]}
    assert "proposed_by" not in seen["names"][0]
    assert [s["transition"] for s in approver.get(held).json()["steps"]] == [
        "create", "propose", "amend", "open_review", "accept", "publish",
    ]  # fmt: skip


def test_a_wrong_body_says_where(login_as: Callable[..., Any]) -> None:
    registrar = login_as(UserRole.REGISTRAR)
    answer = registrar.post(LISTS, json={"kind": "castle", "batch": 0})
    assert answer.status_code == 422
    assert registrar.get(f"{LISTS}/99999").json()["code"] == "no-such-protection-list"
