"""长辈版: 24 px (18 pt) at least, targets of 60 px, nothing that floats, on every page that everybody may open."""

from __future__ import annotations

from typing import Any

import pytest

#: Smallest text and target in CSS pixels: 18 pt and 60 px.
PAGES = (
    "/",
    "/maps/villages",
    "/maps/boundaries",
    "/names",
    "/names/1",
    "/report",
    "/dashboard",
    "/login",
    "/protection",
    "/apply",
    "/applications/status",
    "/announcements",
    "/comments",
)

SMALL_TEXT = """() => [...document.querySelectorAll("body *")].filter((e) => {
  if (e.closest("svg, .map, [hidden], .visually-hidden, script, style, option, noscript") || !e.getClientRects().length) return false;
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  return own && parseFloat(getComputedStyle(e).fontSize) < 24;
}).map((e) => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 30))"""

SMALL_TARGETS = """() => [...document.querySelectorAll("button, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea, summary, .nav a, .tool, .button, .doors a, .row")].filter((e) => {
  if (e.closest("[hidden], .visually-hidden") || e.classList.contains("skip") || !e.getClientRects().length) return false;
  return e.getBoundingClientRect().height < 59.5;
}).map((e) => e.tagName + "." + e.className + ": " + e.getBoundingClientRect().height)"""


@pytest.mark.parametrize("size", [pytest.param("desktop", marks=pytest.mark.full), "phone"])
def test_text_and_targets_are_large_and_nothing_runs_out_of_the_page(visit: Any, size: str) -> None:
    page = visit(size, gl=False)
    page.goto("/?elder=1")
    for path in PAGES:
        page.goto(path)
        if page.locator("[data-stage]").count():
            page.wait_for_selector("[data-stage][data-ready]")
        assert page.evaluate(SMALL_TEXT) == [], path
        assert page.evaluate(SMALL_TARGETS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_a_door_on_the_home_page_leads_in_and_every_page_leads_out(visit: Any) -> None:
    page = visit("phone", gl=False)
    page.goto("/")
    page.click(".doors a[href*='elder=1']")
    assert page.locator("body.elder").count() == 1
    page.goto("/names")
    assert page.locator("body.elder").count() == 1, "the choice is kept"
    page.click(".tools a[href*='elder=0']")
    assert page.locator("body.elder").count() == 0


def test_the_list_of_a_map_stands_open_below_it(visit: Any) -> None:
    page = visit("phone", gl=False)
    page.goto("/maps/villages?elder=1")
    page.wait_for_selector("[data-rows] .row")
    assert page.locator("[data-list][open]").count() == 1
    map_, rows = page.locator(".map").bounding_box(), page.locator("[data-list]").bounding_box()
    assert rows["y"] >= map_["y"] + map_["height"]
    page.locator("[data-rows] .row").first.click()
    page.wait_for_selector("[data-card]:not([hidden])")
    card = page.locator("[data-card]").bounding_box()
    assert card["y"] + card["height"] <= page.locator(".map").bounding_box()["y"] + 1, (
        "no sheet lies over the map"
    )
