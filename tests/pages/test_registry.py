"""The registrar's pages in a real browser: find a name, describe it, settle its reading, compare, go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geo.names.categories import Category
from geo.store.engine import sessions
from tests import builders as b
from tests.pages.looking import fits


def test_a_name_is_described_settled_compared_and_put_back(visit: Callable[..., Any]) -> None:
    with sessions("app").begin() as session:
        maker = b.person(session).id
        number = b.place_name(
            session, maker, "重岩湾", Category.NATURAL_VILLAGE, unit_code="500112000"
        ).number
        b.place_name(session, maker, "长安湾", Category.NATURAL_VILLAGE, unit_code="500112000")
    page = visit("desktop", "registrar", allow=("409", "422"))
    # What is known to be read cháng is no question; from the page of readings to the names that are one.
    page.goto("/registry?lacks=reading&q=长安湾")
    assert not page.query_selector_all("tbody a")
    page.goto("/registry/readings")
    page.click("text=待审定的地名")
    page.fill("[name=q]", "重岩湾")
    page.press("[name=q]", "Enter")
    page.click("tbody >> text=重岩湾")
    page.wait_for_selector("#facts")
    assert page.input_value('#reading select[name="syllable"] >> nth=1') == "yán"

    page.fill("#meaning", "因湾内有两块叠石 <script>alert(1)</script>")
    page.fill("#why-facts", "走访所得")
    page.press("#why-facts", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice")
    assert "<script>alert(1)</script>" in page.inner_text("#history ins")

    page.select_option('#reading select[name="syllable"]', "chóng")
    page.fill("#why-reading", "当地读 chóng")
    page.click("#reading button")
    page.wait_for_selector(".notice")
    assert "Chóngyánwān" in page.inner_text("h1") and "已审定" in page.inner_text("#reading")

    # The same form again, seen before the last change, is refused and keeps what was filled in.
    other = page.context.new_page()
    other.goto(f"/registry/{number}")
    page.fill("#origin", "第一人")
    page.fill("#why-facts", "补")
    page.click("#facts button")
    page.wait_for_selector(".notice")
    other.fill("#origin", "第二人")
    other.fill("#why-facts", "补")
    other.click("#facts button")
    assert "记录已被更新" in other.inner_text(".problem")
    assert other.input_value("#origin") == "第二人"

    first = page.locator("#history li").last
    first.locator("details summary").press("Enter")
    first.locator("textarea").fill("写错了")
    first.locator("button").click()
    page.wait_for_selector(".notice")
    assert page.input_value("#meaning") == "" and page.input_value("#origin") == ""
    assert page.locator("#history > ol > li").count() == 5


def test_the_core_of_a_name_is_not_in_the_form_and_the_page_fits_a_phone(visit: Callable[..., Any]) -> None:
    page = visit("phone", "registrar")
    page.goto("/registry")
    page.locator("tbody a").first.click()
    page.wait_for_selector("#facts")
    names = page.eval_on_selector_all("form [name]", "els => els.map(e => e.name)")
    assert not {"name", "category", "status", "unit_code", "unit", "geometry"} & set(names)
    assert fits(page)
