"""A new user finds a village's story from the home page in two steps, by what can be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

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
