"""The map of village names in a browser: list and map alike, search, filters, card, share link, and the saved file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypdf
import pytest

from api.pages import output
from geo.store import village_names
from tests.pages.conftest import until_page, watch
from tests.pages.looking import fits, violations

NARROW = {"width": 320, "height": 640}
#: What the script keeps of the names, in the order of the list.
ROWS = """() => [...document.querySelectorAll("[data-rows] .row")].map((row) => [
    Number(row.dataset.number), row.querySelector(".row-name").textContent, row.querySelector(".row-place").textContent,
])"""

#: What lies over the map, by class, with left, top, right and bottom.
BOXES = """() => [".panel-title", ".north", "[data-list]", "[data-legend]", ".zoom-bar", ".leaflet-control-scale", ".foot"]
    .map((s) => document.querySelector("[data-stage] " + s)).filter((e) => e && e.checkVisibility())
    .map((e) => { const b = e.getBoundingClientRect(); return [e.className, b.left, b.top, b.right, b.bottom]; })"""

#: Numbers of the names that MapLibre draws from the list in red, and of those from the tiles.
DRAWN = """() => {
    const drawing = Object.values(window).find((v) => v && v.start && v.getMaplibreMap).getMaplibreMap();
    const of = (layers) => drawing.queryRenderedFeatures({ layers }).map((f) => f.id || f.properties.number);
    return [of(["famous"]), of(["villages-gone", "villages-hamlet", "villages-village"])];
}"""

#: Type a name, put a finger on the first row at once and take it away after the list would have been written anew.
PRESSED_WHILE_TYPING = """(name) => new Promise((done) => {
  const field = document.querySelector("#village-q"), row = document.querySelector("[data-rows] .row");
  const finger = (kind) => row.dispatchEvent(new PointerEvent(kind, {bubbles: true}));
  field.value = name;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  finger("pointerdown");
  setTimeout(() => {
    const stayed = row.isConnected;
    finger("pointerup");
    row.click();
    done([row.querySelector(".row-name").textContent, stayed]);
  }, 400);
})"""


def famous_of(page: Any) -> set[int]:
    answer = page.request.get("/api/v1/maps/villages/names?at=2024-12-31&theme=famous&limit=500").json()
    return set(answer["famous"])


def entered(page: Any, path: str = "/maps/villages") -> Any:
    """Open the map and wait for its names; the stage."""
    page.goto(path)
    page.wait_for_selector("[data-stage][data-names]")
    return page.locator("[data-stage]")


def shown(page: Any) -> list[str]:
    return [name for _, name, _ in page.evaluate(ROWS)]


def counted(page: Any) -> int:
    return int(re.search(r"\d+", page.locator("[data-count]").inner_text())[0])


def unfold(page: Any, what: str) -> None:
    panel = page.locator(f"[{what}]")
    if not panel.evaluate("p => p.open"):
        panel.locator("summary").first.click()


def test_list_and_map_hold_the_same_names_and_numbers(visit: Callable[..., Any]) -> None:
    page = visit("desktop", gl=False, bypass_csp=True)
    stage = entered(page)
    data = page.request.get("/api/v1/maps/villages?at=2024-12-31").json()
    rows = page.evaluate(ROWS)
    assert int(stage.get_attribute("data-names")) == len(data["names"]) == counted(page) > 300
    assert [place for *_, place in rows] == [str(n) for n in range(1, len(rows) + 1)]
    famous = {n[0] for n in data["names"] if n[9] & 1} | {n for i in data["items"] for n in i["names"]}
    order = sorted(data["names"], key=lambda n: n[0] not in famous)
    assert [number for number, *_ in rows] == [n[0] for n in order[: len(rows)]]
    page.locator("[data-more] button").click()
    assert len(page.evaluate(ROWS)) > len(rows)
    # Names on the map are the first of the list that have room.
    assert page.evaluate("Yudi.placed.length") > 10

    # A filter goes through list and map alike.
    unfold(page, "data-filters")
    page.select_option('select[name="theme"]', "famous")
    until_page(page, lambda: counted(page) == len(famous & {n[0] for n in data["names"]}), "the filter")
    assert {number for number, *_ in page.evaluate(ROWS)} <= famous
    page.select_option('select[name="theme"]', "gone")
    until_page(page, lambda: counted(page) == sum(bool(n[9] & 16) for n in data["names"]), "those gone")
    page.select_option('select[name="theme"]', "")
    page.select_option('select[name="township"]', "2")
    here = [n for n in data["names"] if n[8] == 2]
    until_page(page, lambda: counted(page) == len(here), "the township")
    page.select_option('select[name="period"]', "to1978")
    old = [n for n in here if n[10] is not None and 1949 <= n[10] <= 1978]
    until_page(page, lambda: counted(page) == len(old), "the period")
    assert violations(page) == []


def test_search_card_keyboard_and_the_link_that_is_shared(visit: Callable[..., Any]) -> None:
    page = visit("desktop", gl=False, bypass_csp=True)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    entered(page)
    data = page.request.get("/api/v1/maps/villages?at=2024-12-31").json()["names"]
    told = next(n for n in data if n[9] & 2 and n[6] is not None and n[4])
    for words in (told[1], told[4], told[3], told[5]):
        page.fill("#village-q", words)
        until_page(page, lambda w=words: told[1] in shown(page) and w and counted(page) < len(data), words)
    page.fill("#village-q", told[1])
    until_page(page, lambda: all(told[1] in name for name in shown(page)), "the name")
    row = page.locator(f'[data-rows] [data-number="{told[0]}"]')
    row.focus()
    page.keyboard.press("Enter")
    card = page.locator("[data-card]")
    story = page.request.get(f"/api/v1/place-names/{told[0]}").json()["facts"]["story"]
    until_page(page, lambda: story[:20] in card.inner_text(), "the story")
    assert card.locator(".card-title").inner_text() == told[1] and told[3] in card.inner_text()
    assert card.locator(f'a[href="/names/{told[0]}"]').count() == 1
    assert row.get_attribute("aria-current") == "true"
    assert page.evaluate("document.activeElement.className") == "card-close"
    assert violations(page) == []
    shared = page.url
    view = re.search(r"v=([\d.]+)/", shared)[1]
    page.keyboard.press("Escape")
    assert card.is_hidden() and page.evaluate("document.activeElement.dataset.number") == str(told[0])

    again = visit("desktop", gl=False)
    entered(again, shared)
    assert again.locator("#village-q").input_value() == told[1] and counted(again) == counted(page)
    assert again.locator(".card-title").inner_text() == told[1]
    assert f"v={view}/" in again.url
    page.fill("#village-q", "查无此村啊")
    until_page(page, lambda: page.locator("[data-empty]").is_visible() and counted(page) == 0, "no name")
    assert not [url for url in asked if "v=" in url.partition("#")[0].replace("?v=", "")], "no view is sent"


def test_a_township_has_a_map_of_its_own_and_a_poster(visit: Callable[..., Any]) -> None:
    page = visit("desktop", gl=False, bypass_csp=True)
    entered(page)
    unfold(page, "data-filters")
    own = page.locator("[data-part]")
    assert own.is_hidden(), "until a township is chosen"
    page.select_option('select[name="township"]', "2")
    until_page(page, own.is_visible, "the way to its own map")
    label = page.locator('select[name="township"] option:checked').inner_text()
    own.click()
    page.wait_for_selector("[data-stage][data-names]")
    assert page.locator("h1").inner_text() == f"{label}乡村地名图"
    whole = page.request.get("/api/v1/maps/villages?at=2024-12-31").json()["names"]
    assert counted(page) == sum(n[8] == 2 for n in whole) > 0
    unfold(page, "data-filters")
    assert violations(page) == []
    papers = page.locator(".map-posters a:not([data-part])")
    assert papers.all_inner_texts() == ["A4", "A3", "A2", "A1", "A0"]
    made = page.request.get(papers.first.get_attribute("href"))
    assert made.ok and made.headers["content-type"] == "application/pdf"
    sheet = pypdf.PdfReader(io.BytesIO(made.body()))
    assert label in sheet.pages[0].extract_text() and not sheet.pages[0].images, "drawn, not a picture"
    assert {round(float(x) / 72 * 25.4) for x in sheet.pages[0].mediabox[2:]} == {210, 297}
    assert page.request.get("/maps/villages/poster?paper=A9").status == 422
    assert page.request.get("/maps/villages/poster?township=500112999").status == 404

    # From the card of a village to the village's own map.
    village = next(n for n in whole if n[8] == 2 and n[9] & 32)
    pressed, stayed = page.evaluate(PRESSED_WHILE_TYPING, village[1])
    assert stayed, "the list waits for the finger that is on it"
    until_page(page, lambda: page.locator(".card-title").inner_text() == pressed, "the name that was pressed")
    until_page(page, lambda: 0 < counted(page) < 10, "the village, once the finger is gone")
    row = page.locator(f'[data-rows] [data-number="{village[0]}"]')
    to_own = page.locator('.card a[href^="/maps/villages?village="]')

    row.click()
    to_own.click()
    page.wait_for_selector("[data-stage][data-names]")
    assert village[1].removesuffix("村")[:2] in page.locator("h1").inner_text()


def test_a_small_phone(visit: Callable[..., Any]) -> None:
    page = visit("phone", gl=False, bypass_csp=True)
    page.set_viewport_size(NARROW)
    entered(page)
    assert fits(page)
    for _ in range(2):
        boxes = page.evaluate(BOXES)
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a[1] >= b[3] - 1 or b[1] >= a[3] - 1 or a[2] >= b[4] - 1 or b[2] >= a[4] - 1
                assert apart, (a, b)
        unfold(page, "data-filters")
    small = page.evaluate(
        """[...document.querySelectorAll(".stage button, .stage summary, .stage select, .stage input")]
        .filter((e) => e.checkVisibility()).map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])
        .filter(([, h]) => h > 0 && h < 43.5)"""
    )
    assert not small, small
    assert violations(page) == []
    page.locator("[data-filters] summary").click()
    unfold(page, "data-list")
    name = shown(page)[0]
    page.locator("[data-rows] .row").first.click()
    assert page.locator(".card-title").inner_text() == name
    assert not page.locator("[data-list]").evaluate("p => p.open"), "the sheet makes room for the card"


@pytest.mark.full
def test_one_township_and_english(visit: Callable[..., Any]) -> None:
    page = visit("desktop", allow=("404",), gl=False, locale="en-US")
    code = page.request.get("/api/v1/admin-units?level=township&parent=500112&limit=3").json()["items"][2][
        "code"
    ]
    stage = entered(page, f"/maps/villages?township={code}&lang=en")
    whole = page.request.get("/api/v1/maps/villages?at=2024-12-31").json()["names"]
    assert 0 < int(stage.get_attribute("data-names")) < len(whole)
    words = page.locator(".side").inner_text()
    assert not re.search("图例|筛选|列表", words), words[:200]
    assert page.goto("/maps/villages?township=500112999").status == 404


def test_the_saved_file_lists_and_searches_without_a_network(site: Any, browser: Any, tmp_path: Path) -> None:
    out = tmp_path / "villages.html"
    output.write_html(
        out, standalone=True, at=date(2024, 12, 31), language="zh", name="villages", within=None
    )
    assert out.stat().st_size < 3_000_000, out.stat().st_size
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    troubles: list[str] = []
    page = context.new_page()
    watch(page, troubles, ())
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(out.as_uri() + "?labels=canvas")
    page.wait_for_selector("[data-stage][data-names]")
    all_names = counted(page)
    assert all_names > 300
    page.fill("#village-q", shown(page)[0])
    until_page(page, lambda: 0 < counted(page) < all_names, "the search")
    page.locator("[data-rows] .row").first.click()
    card = page.locator("[data-card]")
    assert card.locator(".card-title").inner_text() == shown(page)[0]
    assert card.locator("a").count() == 0, "a file leads nowhere"
    assert (
        page.locator("[data-rows] .row").first.evaluate("e => getComputedStyle(e).gridTemplateColumns")
        != "none"
    )
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    context.close()
    assert not troubles, troubles


def moved(page: Any, lat: float, lon: float, zoom: float) -> None:
    """Move the map as a reader does who drags it."""
    page.evaluate(
        "([lat, lon, zoom]) => { const id = document.querySelector('.map').id; window[id].setView([lat, lon], zoom, {animate: false}); }",
        [lat, lon, zoom],
    )


def test_many_names_without_webgl_a_small_page_and_a_list_of_what_the_map_shows(
    visit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(village_names, "MOST", 100)
    page = visit("desktop", gl=False, bypass_csp=True)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    stage = entered(page)
    html = page.request.get("/maps/villages").text()
    assert len(html.encode()) < 10_000, "no outline, no name and no word of the script is in the page"
    assert len(page.request.get("/maps/villages?lang=en").text().encode()) < 10_000
    assert page.locator("[data-hint]").is_visible() and "WebGL" in page.locator("[data-hint]").inner_text()
    assert not [url for url in asked if "maplibre" in url or ".mvt" in url], "no engine that could not draw"
    # The map is drawn all the same: townships, names that have room, dots of those that have none.
    assert page.evaluate("Yudi.placed.length") > 10
    monkeypatch.setattr(village_names, "MOST", 5_000)
    data = page.request.get("/api/v1/maps/villages?at=2024-12-31").json()
    monkeypatch.setattr(village_names, "MOST", 100)
    names, items = data["names"], data["items"]
    famous = {n[0] for n in names if n[9] & 1} | {n for i in items for n in i["names"]}
    placed = [n for n in names if n[6] is not None]

    def matching() -> int:
        return int(re.findall(r"[\d,]+", page.locator("[data-count]").inner_text())[1].replace(",", ""))

    assert matching() == len(placed) == int(stage.get_attribute("data-names"))
    rows = page.evaluate(ROWS)
    order = sorted(placed, key=lambda n: n[0] not in famous)
    assert [number for number, *_ in rows] == [n[0] for n in order][: len(rows)], "the order of the small map"
    assert [place for *_, place in rows] == [str(n) for n in range(1, len(rows) + 1)]

    # The list follows the map, unless all names are asked for.
    spot = placed[len(placed) // 2]
    moved(page, spot[7], spot[6], 14)
    until_page(page, lambda: 0 < matching() < len(placed) / 3 and spot[1] in shown(page), "the box")
    unfold(page, "data-filters")
    page.uncheck('input[name="box"]')
    until_page(page, lambda: matching() == len(names), "all names, those without a position too")
    page.select_option('select[name="theme"]', "story")
    until_page(page, lambda: matching() == sum(bool(n[9] & 2) for n in names), "those with a story")
    page.select_option('select[name="theme"]', "famous")
    until_page(page, lambda: matching() == len(famous & {n[0] for n in names}), "the listed")
    page.select_option('select[name="theme"]', "")
    page.select_option('select[name="period"]', "before1949")
    old = [n for n in names if n[10] is not None and n[10] < 1949]
    until_page(page, lambda: matching() == len(old), "the period")
    page.select_option('select[name="period"]', "")
    here = str(spot[8])
    page.select_option('select[name="township"]', here)
    until_page(page, lambda: matching() == sum(n[8] == spot[8] for n in names), "the township")
    page.select_option('select[name="township"]', "")
    until_page(page, lambda: matching() == len(names), "all townships")
    page.fill("#village-q", spot[4])
    until_page(page, lambda: spot[1] in shown(page) and matching() < len(names), "the search by pinyin")
    row = page.locator(f'[data-rows] [data-number="{spot[0]}"]')
    row.focus()
    page.keyboard.press("Enter")
    until_page(page, lambda: page.locator(f'.card a[href="/names/{spot[0]}"]').count(), "the card")
    assert row.get_attribute("aria-current") == "true", "its row stays where it was"
    assert violations(page) == []
    again = visit("desktop", gl=False)
    entered(again, page.url)
    until_page(again, lambda: again.locator(".card-title").count(), "the shared choice")
    assert again.locator(".card-title").inner_text() == spot[1]


@pytest.mark.full
def test_more_names_than_a_page_holds_come_as_tiles_and_the_list_in_pages(
    visit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(village_names, "MOST", 100)
    page = visit("desktop", bypass_csp=True)
    page.set_viewport_size({"width": 800, "height": 800})
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    entered(page)
    unfold(page, "data-list")  # as narrow as this the map comes first
    first = page.request.get("/api/v1/maps/villages?at=2024-12-31").json()
    assert not first["whole"] and len(first["names"]) == 100
    rows = page.evaluate(ROWS)
    assert len(rows) == 100 and [place for *_, place in rows] == [str(n) for n in range(1, 101)]
    until_page(page, lambda: [url for url in asked if "/tiles/villages/" in url], "the tiles")
    assert not [url for url in asked if urlsplit(url).path == "/api/v1/maps/villages"]
    page.locator("[data-more] button").click()
    until_page(page, lambda: len(page.evaluate(ROWS)) == 200, "the next page")
    assert len({number for number, *_ in page.evaluate(ROWS)}) == 200
    stage = page.locator("[data-stage]")
    until_page(page, lambda: int(stage.get_attribute("data-labels") or 0) > 20, "the names of the map")
    # Famous ones are those that the legend says, however weighty the tiles hold a name to be.
    until_page(page, lambda: page.evaluate(DRAWN)[0], "the listed names")
    red = page.evaluate(DRAWN)[0]
    spot = next(n for n in first["names"] if n[6] is not None and n[9] & 32)
    moved(page, spot[7], spot[6], 14)
    until_page(page, lambda: page.evaluate(DRAWN)[1], "names of the tiles")
    tiled = page.evaluate(DRAWN)[1]
    famous = famous_of(page)
    assert set(red) <= famous and not set(tiled) & famous
    moved(page, 29.84, 106.72, 10)
    until_page(page, lambda: len(page.evaluate(ROWS)) == 100, "the list of the whole")
    page.evaluate("document.querySelector('[data-hint]').hidden || (() => { throw 'a hint' })()")
    name = shown(page)[0]
    page.fill("#village-q", name)
    until_page(page, lambda: 0 < len(shown(page)) < 100 and name in shown(page), "the search")
    page.locator("[data-rows] .row").first.click()
    until_page(page, lambda: page.locator('.card a[href^="/names/"]').count(), "the card")
    page.keyboard.press("Escape")
    page.fill("#village-q", "")
    unfold(page, "data-filters")
    page.select_option('select[name="theme"]', "hamlet")
    until_page(
        page,
        lambda: page.locator(".row-village:not(.kind-hamlet):not(.kind-famous)").count() == 0,
        "the theme",
    )
    page.select_option('select[name="period"]', "to2000")
    until_page(page, lambda: page.evaluate(DRAWN)[1] == [], "the tiles' names give way to those of the list")
    page.select_option('select[name="period"]', "")
    moved(page, 29.84, 106.72, 10)  # the chosen name lies close, and the list is of what the map shows
    until_page(page, lambda: counted(page) > 100, "the period is over")
    here = page.locator(".row-state").first.inner_text().split(" · ")[-1]
    page.select_option('select[name="township"]', label=here)
    until_page(
        page,
        lambda: {t.split(" · ")[-1] for t in page.locator(".row-state").all_inner_texts()} == {here},
        "the township",
    )
    assert violations(page) == []
