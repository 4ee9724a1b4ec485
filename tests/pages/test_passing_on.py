"""What is passed on: links that keep the view, frames in other sites, a place on paper, and where a point lies."""

from __future__ import annotations

import io
import math
import unicodedata
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from geo.crs.gcj02 import gcj02
from geo.store.engine import sessions
from tests.pages.conftest import until_page
from tests.pages.looking import fits

#: What the browser says of a page that may not be framed, which the test is about.
REFUSED = ("frame-ancestors", "X-Frame-Options", "Refused to frame", "Refused to display")


@pytest.fixture(scope="module")
def storied(site: Any) -> tuple[int, str]:
    """Number and name of a village with a story and a position."""
    with sessions("public")() as session:
        row = session.execute(
            text(
                "select number, name from published.place_name where geometry is not null and facts->>'story' is not null"
                " and status = 'standard' order by number limit 1"
            )
        ).one()
    return row.number, row.name


def settled(page: Any) -> None:
    page.wait_for_selector("[data-stage][data-ready]")


def view_of(page: Any) -> str:
    return unquote(urlsplit(page.url).fragment)


def test_a_shared_link_keeps_the_view_and_the_choice(visit: Any) -> None:
    page = visit("desktop", gl=False)
    for path, more, frame in (
        ("/maps/boundaries", "line=", "/embed/boundaries"),
        ("/maps/elderly-care", "", "/embed/elderly-care"),
        ("/", "", "/embed/boundaries"),
    ):
        page.goto(path)
        settled(page)
        if more:
            page.locator("[data-way]").nth(2).click()
        page.locator(".zoom-button").first.click()
        until_page(page, lambda: "v=" in view_of(page), "the view in the address")
        page.wait_for_function("() => !document.querySelector('.leaflet-zoom-anim')")
        assert more in view_of(page)
        page.locator(".zoom-share").click()
        shared = page.locator("[data-share-link]").input_value()
        assert shared == page.url, "the link to pass on is the page with its view"
        code = page.locator("[data-share-code]").input_value()
        assert code.startswith("<iframe src=") and f"{frame}#" in code and "v=" in code
        page.keyboard.press("Escape")
        before = view_of(page)
        page.goto("about:blank")
        page.goto(shared)
        settled(page)
        assert view_of(page) == before
        where = page.evaluate(
            "(() => { const s = document.querySelector('.leaflet-control-scale-line'); return s.textContent; })()"
        )
        assert where, "the map stands"
        if more:
            assert page.locator('[data-way][aria-current="true"]').count() == 1


def test_only_frames_may_be_framed_and_lead_out_of_themselves(
    visit: Any, site: Any, storied: tuple[int, str]
) -> None:
    number, name = storied
    page = visit("desktop", gl=False, allow=REFUSED)
    other = site.url
    # The content is another page's: who frames is asked by the policy of what is framed, which names nobody.
    page.route(f"{other}/host", lambda route: route.fulfill(content_type="text/html", body=(
        "<!doctype html><title>host</title>"
        f'<iframe name="map" src="{site.url}/embed/villages#v=12/29.8/106.7" width="800" height="520"></iframe>'
        f'<iframe name="place" src="{site.url}/embed/names/{number}" width="360" height="420"></iframe>')))  # fmt: skip
    page.goto(f"{other}/host")
    frame = page.frame("map")
    frame.wait_for_selector("[data-stage][data-names], [data-stage][data-ready]")
    until_page(page, lambda: frame.locator("[data-rows] li").count() > 50, "the names in the frame")
    assert "审图号：待填（未经审核，不得公开）" in frame.locator(".foot").inner_text()
    assert frame.locator("[data-list]").get_attribute("open") is None, "the map comes first"
    assert frame.evaluate("document.cookie") == "" and not page.context.cookies()
    link = frame.locator(".embed-foot a")
    assert (
        link.get_attribute("href") == f"{site.url}/maps/villages"
        and frame.locator("base").get_attribute("target") == "_blank"
    )
    place = page.frame("place")
    place.wait_for_selector("[data-stage][data-ready]")
    assert place.locator("h1").inner_text().startswith(name)
    assert fits(place)
    refused: list[str] = []
    other_site = page.context.new_page()
    other_site.on(
        "requestfailed", lambda request: refused.append(f"{request.failure} {urlsplit(request.url).path}")
    )
    other_site.set_content(f'<iframe src="{site.url}/maps/villages"></iframe>')
    until_page(other_site, lambda: refused, "the refusal of a page that is no frame")
    assert refused == ["net::ERR_BLOCKED_BY_RESPONSE /maps/villages"]


def test_a_place_is_passed_on_printed_and_told_wrong(visit: Any, site: Any, storied: tuple[int, str]) -> None:
    number, name = storied
    page = visit("phone", gl=False)
    page.goto(f"/names/{number}")
    settled(page)
    # No other name runs under the sign that says which place it is.
    sign, own = (
        page.locator(".leaflet-tooltip").bounding_box(),
        page.locator(".place-map .map").bounding_box(),
    )
    x, y = sign["x"] - own["x"], sign["y"] - own["y"]
    under = [
        b for b in page.evaluate("Yudi.placed")
        if b[0] < x + sign["width"] and x < b[2] and b[1] < y + sign["height"] and y < b[3]
    ]  # fmt: skip
    assert len(under) == 1, "its own place alone"
    box = page.locator("[data-share]")
    uri = box.locator("[data-share-link]").input_value()
    assert (
        urlsplit(uri).path.startswith("/places/")
        and page.locator("link[rel=canonical]").get_attribute("href") == uri
    )
    box.locator("summary").first.click()
    assert box.locator(".share-qr svg").is_visible()
    assert f"/embed/names/{number}" in box.locator("[data-share-code]").input_value()
    assert page.locator('link[type="application/json+oembed"]').count() == 1
    box.locator("[data-copy]").first.click()
    until_page(page, lambda: box.locator("[data-share-said]").inner_text() == "已复制", "that it is copied")
    kilometres = [
        float(t.split("·")[-1].removesuffix("km"))
        for t in page.locator(".near").first.locator("li").all_inner_texts()
    ]
    assert len(kilometres) == 8 and kilometres == sorted(kilometres), "the nearest names first"
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(paper.pages) == 1 and [round(v) for v in paper.pages[0].mediabox[2:]] == [595, 842]
    said = unicodedata.normalize("NFKC", paper.pages[0].extract_text())
    assert name in said and "审图号" in said and uri in said.replace("\n", "") and "登录" not in said
    page.locator(".foot-report").click()
    page.wait_for_url("**/report?about=/names/*")
    assert page.locator("#subject").input_value() == str(number)
    assert page.locator('[name="subject_kind"]').input_value() == "place_name", (
        "the report is about this place"
    )


def test_where_a_point_lies_by_press_by_typing_and_by_position(visit: Any) -> None:
    page = visit(
        "phone", gl=False, geolocation={"longitude": 106.72, "latitude": 29.84}, permissions=["geolocation"]
    )
    asked: list[Any] = []
    page.on("request", lambda request: asked.append(request) if "/where" in request.url else None)
    page.goto("/where")
    settled(page)
    page.locator("[data-here]").click()
    page.locator("[data-unit]").first.wait_for()
    named = page.locator("[data-unit]").all_inner_texts()
    assert named[:2] == ["渝北区", "古路镇"]
    assert view_of(page).startswith("at=106.72000,29.84000&on=2024-12-31")
    point = page.locator("[data-stage]").get_attribute("data-point")
    assert point == "106.72000,29.84000", "it stands on the map"
    page.locator(".zoom-share").click()
    until_page(
        page,
        lambda: "v=" in page.url and page.locator("[data-share-link]").input_value() == page.url,
        "the point in the fragment, with the view",
    )
    assert page.locator("[data-share-position]").is_visible(), "and it is said that the link holds a position"
    assert page.locator("[data-share-code]").count() == 0, "it has no frame"
    page.locator("[data-share-close]").click()
    page.fill("#where-at", "1995-01-01")
    until_page(
        page,
        lambda: "1995-01-01" in page.locator("[data-answer]").inner_text(),
        "the answer for another date",
    )
    page.fill("#lon", "100")
    page.press("#lon", "Enter")
    until_page(page, lambda: view_of(page).startswith("at=100.0"), "the answer of a point outside")
    assert "不在本行政区" in page.locator("[data-answer]").inner_text()
    page.reload()
    settled(page)
    until_page(
        page, lambda: page.locator("[data-stage]").get_attribute("data-point"), "the point, asked anew"
    )
    assert page.locator("#lon").input_value() == "100.000000"
    assert "不在本行政区" in page.locator("[data-answer]").inner_text()
    assert page.evaluate(
        "window[Object.keys(window).find((k) => window[k] instanceof L.Map)].getBounds().contains([29.84, 106.72])"
    ), "the map shows the district, not an empty sheet around a point far away"
    page.goto("about:blank")
    page.goto("/where")
    settled(page)
    page.locator(".where-map .map").click(position={"x": 170, "y": 160})
    page.locator("[data-unit]").first.wait_for()
    assert page.locator("#lon").input_value().startswith("106.")
    assert len(asked) > 5
    for request in asked:
        assert "29.8" not in request.url and "106.7" not in request.url, (
            "no position in an address that is sent"
        )
        assert "29.8" not in (request.headers.get("referer") or "")


def test_only_over_a_gcj02_basemap_what_is_shown_is_shifted(
    visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A position at zoom 12, in pixels of the world, over a basemap of each datum."""
    monkeypatch.setenv("YUDI_BASEMAP_URL", "http://127.0.0.1:9/{z}/{x}/{y}")
    true = (106.72, 29.84)
    page = visit("desktop", gl=False, allow=("503",))
    page.route("**/basemap/**", lambda route: route.fulfill(status=204))
    find = "const m = window[Object.keys(window).find((k) => window[k] instanceof L.Map)];"
    for datum, shown in (("wgs84", true), ("cgcs2000", true), ("gcj02", gcj02(*true))):
        monkeypatch.setenv("YUDI_BASEMAP_DATUM", datum)
        page.goto("about:blank")
        page.goto(f"/where#at={true[0]},{true[1]}&on=2024-12-31")
        settled(page)
        until_page(
            page, lambda: page.locator("[data-stage]").get_attribute("data-point"), "the point on the map"
        )
        assert page.locator("[data-stage]").get_attribute("data-point") == "106.72000,29.84000", (
            "data stay true"
        )
        x, y, lng, lat = page.evaluate(
            f"() => {{ {find} const p = m.project([{true[1]}, {true[0]}], 12), b = m.unproject(p, 12); return [p.x, p.y, b.lng, b.lat]; }}"
        )
        assert (lng, lat) == pytest.approx(true, abs=1e-7), "a press gives true coordinates"
        scale = 256 * 2**12
        north = math.log(math.tan(math.pi / 4 + math.radians(shown[1]) / 2))
        assert x == pytest.approx((shown[0] / 360 + 0.5) * scale, abs=0.01)
        assert y == pytest.approx((0.5 - north / (2 * math.pi)) * scale, abs=0.01)
        assert page.evaluate(f"Yudi.gcj02({true[0]}, {true[1]})") == pytest.approx(gcj02(*true), abs=1e-10)
    moved = math.hypot((gcj02(*true)[0] - true[0]) * 96_500, (gcj02(*true)[1] - true[1]) * 111_000)
    assert 300 < moved < 700, "hundreds of metres"
