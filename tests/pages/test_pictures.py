"""Pictures of README and of the surveyors' and approvers' guides, as the demonstration shows the pages today.

`./yudi test tests/pages/test_pictures.py --pictures docs/images` takes them anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pages.conftest import until_page
from tests.pages.test_site import deliveries as deliveries
from tests.pages.test_site import uploaded

pytestmark = pytest.mark.pictures


@pytest.fixture
def take(request: pytest.FixtureRequest) -> Callable[[Any, str], None]:
    """take(page, name): what is seen of a page, kept under a name; nothing is focused or hovered over."""

    def shoot(page: Any, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        page.wait_for_timeout(800)
        page.screenshot(path=Path(request.config.getoption("--pictures")) / f"{name}.png")

    return shoot


def test_the_map_of_boundaries(visit: Any, drawn: Any, take: Any) -> None:
    for size, name in (("desktop", "map"), ("phone", "map-phone")):
        page = visit(size)
        page.goto("/maps/boundaries")
        drawn(page)
        take(page, name)


def test_a_name_is_checked(visit: Any, drawn: Any, take: Any) -> None:
    page = visit("desktop")
    page.goto("/names/check")
    drawn(page)
    page.select_option("#category", "村委会、居委会所在地")
    page.select_option("#unit", label="木耳镇")
    page.fill("#name", "兴隆村")
    until_page(page, lambda: page.locator(".verdict-refused").count(), "the verdict")
    page.evaluate("document.activeElement.blur()")
    take(page, "name-check")


def test_a_place(visit: Any, drawn: Any, take: Any) -> None:
    page = visit("desktop")
    page.goto("/names?q=凤龙村")
    page.click("main a:has-text('凤龙村')")
    page.wait_for_url("**/names/*")
    drawn(page)
    take(page, "place")


def test_an_upload_and_what_officers_have_to_do(
    visit: Any, drawn: Any, take: Any, deliveries: dict[str, Path]
) -> None:
    page = visit("desktop", "surveyor")
    page.goto("/survey")
    take(page, "survey")
    path = uploaded(page, deliveries["defective"])
    drawn(page)
    page.locator(".finding-row, [data-finding]").first.click()
    take(page, "findings")
    page.goto(path)
    part = page.locator("section:has(> h2:text-is('识别结果'))")
    part.evaluate("e => scrollBy(0, e.getBoundingClientRect().top)")
    take(page, "layers")
    officer = visit("desktop", "approver")
    officer.goto("/review")
    take(officer, "review")
    officer.goto("/boundaries/500112007-500112015")
    take(officer, "line")
