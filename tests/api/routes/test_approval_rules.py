"""Rules of a case over HTTP: the settings tables as a one-stop platform reads them."""

from __future__ import annotations

from typing import Any

import pytest

from geo.names.categories import Category
from geo.terms import ApplicationAction

AT = "/api/v1/approval-rules"


@pytest.mark.parametrize("action", list(ApplicationAction))
def test_every_category_has_its_rules(client: Any, action: ApplicationAction) -> None:
    for category in Category:
        answer = client.get(AT, params={"category": category.value, "action": action.value})
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert said["applicants"]["kinds"] and len(said["authorities"]) == 3 and said["materials"]
        assert all(a["sure"] or a["note"] for a in said["authorities"])
        assert set(said["consultations"]) == {"opinion", "expert", "comment", "assessment"}


def test_a_street(client: Any) -> None:
    said = client.get(AT, params={"category": "街路巷"}).json()
    assert said["applicants"]["kinds"] == ["builder", "township"] and said["applicants"]["sure"]
    inside, across, _ = said["authorities"]
    assert (inside["route"], inside["body"]["zh"], inside["sure"]) == ("decide", "渝北区人民政府", False)
    assert (across["route"], across["body"]["zh"]) == ("consult", "重庆市人民政府")
    papers = {m["kind"]: m for m in said["materials"]}
    assert papers["proposal"]["needed"] == "always" and papers["proposal"]["fields"] == ["reasons"]
    assert [t["zh"] for t in papers["comment_report"]["must_cover"]][1] == "主要意见"
    limits = {x["id"]: (x["days"], x["unit"]) for x in said["limits"]}
    assert limits["DL-1"] == (15, "calendar") and limits["DL-5"] == (20, "working")


def test_malformed(client: Any) -> None:
    for params in ({}, {"category": "路"}, {"category": "街路巷", "action": "x"}):
        assert client.get(AT, params=params).status_code == 422
