"""What a new user finds from the home page in two steps each, by what can be seen: a village's story, the nearest canteen
open now, and which township a point lies in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from api import care
from geo.days import SHANGHAI
from tests.pages.conftest import until_page


def test_a_village_story_in_two_steps(visit: Callable[..., Any]) -> None:
    page = visit("phone", gl=False)

    def home() -> Any:
        page.goto("/")
        return page.locator("main")

    # A village's story: to the map of village names, to the first of its list.
    home().get_by_role("link", name=re.compile("乡村地名图")).first.click()
    page.wait_for_selector("[data-stage][data-names]")
    stories = page.request.get("/api/v1/maps/villages/names?at=2024-12-31&theme=story&limit=500").json()
    assert stories["matching"] > 0
    told = {name[0] for name in stories["names"]}
    unfolded = page.locator("[data-list]")
    if not unfolded.evaluate("p => p.open"):
        unfolded.locator("summary").click()
    row = page.locator("[data-rows] .row").first
    number = int(row.get_attribute("data-number"))
    assert number in told, "the list begins with names that have something to tell"
    row.click()
    story = page.request.get(f"/api/v1/place-names/{number}").json()["facts"]["story"]
    until_page(page, lambda: story[:12] in page.locator("[data-card]").inner_text(), "the story")

    # The same by its name: into the box, and the page that it leads to.
    main = home()
    main.get_by_role("combobox").first.fill(row_name(page, number))
    page.get_by_role("option").first.click()
    page.wait_for_url("**/names/*")
    assert "来历" in page.locator("main").inner_text() or story[:12] in page.locator("main").inner_text()


def row_name(page: Any, number: int) -> str:
    return str(page.request.get(f"/api/v1/place-names/{number}").json()["name"])


def at_this_hour(monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    """A Tuesday at this hour in Beijing, for everything that is open or closed."""
    then = datetime(2024, 12, 31, hour, 30, tzinfo=SHANGHAI)
    monkeypatch.setattr(care.Moment, "now", classmethod(lambda cls, at: cls(then, at)))


def test_the_nearest_canteen_open_now_in_two_steps(
    visit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    own: dict[str, Any] = {
        "geolocation": {"longitude": 106.6110, "latitude": 29.7243},
        "permissions": ["geolocation"],
    }
    page = visit("phone", gl=False, **own)
    at_this_hour(monkeypatch, 11)
    page.goto("/")
    page.locator("main").get_by_role("link", name=re.compile("现在开着的老年食堂")).click()
    page.wait_for_selector("[data-stage][data-ready]")
    page.click("[data-position]")
    until_page(page, lambda: page.locator("[data-model]").is_visible(), "the answer")
    first = page.locator(".care-item:not([hidden])").first
    assert "正在营业" in first.inner_text() and "步行" in first.locator("[data-walk]").inner_text()

    # In the night all are closed: said so, and shown all the same with the hour at which each opens.
    # (Another visitor: a browser may keep the list for a minute.)
    at_this_hour(monkeypatch, 3)
    address = page.url
    page = visit("phone", gl=False, **own)
    page.goto(address)
    until_page(
        page, lambda: "现在都没有开门" in page.inner_text("[data-empty]"), "what is said when all are closed"
    )
    page.locator("[data-empty] button").first.click()
    assert re.search(r"现在休息，.*开门", page.locator(".care-item:not([hidden])").first.inner_text())
    assert "open=" not in page.url and page.locator("[data-empty]").is_hidden()
    page.select_option("[data-minutes]", "5")
    page.locator('.care-chip:has(input[value="residential"])').click()
    page.locator("[data-empty] button").first.click()
    until_page(page, lambda: page.locator(".care-item:not([hidden])").count() > 0, "what lies farther away")


def test_which_township_a_point_lies_in_in_two_steps(visit: Callable[..., Any]) -> None:
    page = visit(
        "phone", gl=False, geolocation={"longitude": 106.72, "latitude": 29.84}, permissions=["geolocation"]
    )
    page.goto("/")
    page.locator("main").get_by_role("link", name=re.compile("这里属于哪里")).click()
    page.click("[data-here]")
    page.locator("[data-unit]").first.wait_for()
    assert page.locator("[data-unit]").all_inner_texts()[:2] == ["渝北区", "古路镇"]
