"""长辈版: 24 px (18 pt) at least, targets of 60 px, nothing that floats, on every page that everybody may open."""

from __future__ import annotations

from typing import Any

from tests.pages.looking import SMALL_TARGETS, SMALL_TEXT, fits

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


def test_text_and_targets_are_large_and_nothing_runs_out_of_the_page(visit: Any) -> None:
    """The pages that most people open; `--all` has every page at every size (test_every_page)."""
    page = visit("phone", gl=False)
    page.goto("/?elder=1")
    for path in PAGES:
        page.goto(path)
        if page.locator("[data-stage]").count():
            page.wait_for_selector("[data-stage][data-ready]")
        assert page.evaluate(SMALL_TEXT) == [], path
        assert page.evaluate(SMALL_TARGETS) == [], path
        assert fits(page), path


#: A machine with a Chinese voice; what it says is kept.
VOICE = """{
    const said = [];
    const speech = { said, speaking: false, getVoices: () => [{ lang: "zh-CN" }], addEventListener() {},
        speak(part) { this.speaking = true; said.push(part.text); }, cancel() { this.speaking = false; } };
    Object.defineProperty(window, "speechSynthesis", { value: speech });
    window.SpeechSynthesisUtterance = function (text) { this.text = text; };
}"""


def test_a_door_on_the_home_page_leads_in_and_every_page_leads_out(visit: Any) -> None:
    page = visit("phone", gl=False)
    page.add_init_script(VOICE)
    page.goto("/")
    assert not page.locator("[data-read]").is_visible()
    page.click(".doors a[href*='elder=1']")
    assert page.locator("body.elder").count() == 1
    page.goto("/names")
    assert page.locator("body.elder").count() == 1, "the choice is kept"
    # 朗读: paragraph by paragraph, until the same button is pressed again.
    page.click("[data-read]")
    assert page.evaluate("speechSynthesis.said[0]") == page.locator("h1").inner_text()
    assert page.evaluate("speechSynthesis.said.length") > 2
    assert page.locator("[data-read]").get_attribute("aria-pressed") == "true"
    page.click("[data-read]")
    assert page.locator("[data-read]").get_attribute("aria-pressed") == "false"
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
