"""/names/check as people meet it: while typing, without JavaScript, on the phone, from the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from geo.names.articles import article_of, articles
from geo.names.rules.run import discover
from tests.pages.conftest import Site, until_page
from tests.pages.looking import fits

COMMITTEE = "村委会、居委会所在地"


def verdict(page: Any) -> str:
    return str(page.locator(".verdict-word").inner_text())


def test_every_rule_has_its_article() -> None:
    for rule in discover():
        assert article_of(rule.code).zh.startswith("第")
    assert all(text.en for text in articles().values())


@pytest.mark.parametrize("size", [pytest.param("desktop", marks=pytest.mark.full), "phone"])
def test_it_answers_while_typing_and_shows_where(visit: Callable[..., Any], drawn: Any, size: str) -> None:
    page = visit(size)
    page.goto("/names/check")
    drawn(page)
    page.select_option("#category", COMMITTEE)
    page.locator("#name").press_sequentially("沙坪村", delay=20)
    until_page(page, lambda: page.locator(".verdict-refused").count(), "the verdict")
    assert verdict(page) == "不符合"
    assert "沙坪村" in page.locator("[data-spoken]").inner_text()
    assert page.locator("[data-stage]").get_attribute("data-drawn") == "1"
    finding = page.locator(".name-error").first
    assert "沙坪社区" in finding.inner_text() and "500112" not in finding.inner_text()
    finding.locator("summary").focus()
    page.keyboard.press("Enter")
    assert "同一个县级行政区域内的村民委员会" in finding.locator(".name-article").inner_text()
    # A suggestion is taken by keyboard, and fits.
    page.locator("[data-suggestion]").first.focus()
    page.keyboard.press("Enter")
    until_page(page, lambda: page.locator(".verdict-fits").count(), "the suggestion's verdict")
    assert fits(page)
    # A press on the map is the place; the distance is then known.
    page.fill("#name", "沙坪村")
    page.locator(".map").scroll_into_view_if_needed()
    box = page.locator(".map").bounding_box()
    page.locator(".map").click(position={"x": box["width"] / 2, "y": box["height"] / 3})
    until_page(page, lambda: "km" in page.locator(".name-meets").first.inner_text(), "a distance")


def test_an_overtaken_answer_is_dropped(visit: Callable[..., Any]) -> None:
    page = visit(gl=False)
    held: list[Any] = []
    page.route("**/names/check/answer?name=%E6%B2%99*", lambda route: held.append(route))
    page.goto("/names/check")
    page.select_option("#category", COMMITTEE)
    page.fill("#name", "沙坪村")
    until_page(page, lambda: held, "the first question")
    page.fill("#name", "巴黎村")
    until_page(page, lambda: page.locator(".verdict-refused").count(), "the second answer")
    for route in held:
        route.abort()
    page.wait_for_timeout(200)
    assert "巴黎" in page.locator(".verdict-what").inner_text()


def test_without_javascript_a_form_is_posted(site: Site) -> None:
    with httpx.Client(base_url=site.url) as client:
        question = {"name": "沙坪村", "category": COMMITTEE, "unit": "500112138"}
        answer = client.post("/names/check", data=question)
        assert answer.status_code == 200 and "verdict-refused" in answer.text
        assert "沙坪社区" in answer.text and "第九条（八）" in answer.text
        # The same by address, in English.
        shown = client.get("/names/check", params={**question, "lang": "en"})
        assert "Refused" in shown.text and "must not be repeated" in shown.text


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({"name": "兴隆村", "category": "村"}, 422),
        ({"name": "兴隆村", "unit": "５００"}, 422),
        ({"name": "兴隆村", "lon": "29", "lat": "106"}, 422),
        ({"name": "兴隆村", "lon": "x"}, 422),
        ({"name": "<script>alert(1)</script>{{7*7}}"}, 200),
        ({"name": "村" * 5000}, 200),
        ({"name": ""}, 200),
    ],
)
def test_odd_questions(site: Site, question: dict[str, str], status: int) -> None:
    for path in ("/names/check", "/names/check/answer"):
        answer = httpx.get(site.url + path, params=question)
        assert answer.status_code == status, answer.text[:300]
        assert "<script>alert" not in answer.text
        if status == 422:
            assert 'class="problem"' in answer.text


def test_the_rules_are_a_page(site: Site) -> None:
    text = httpx.get(site.url + "/names/rules").text
    for rule in discover():
        assert f'id="{rule.code}"' in text
