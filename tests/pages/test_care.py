"""The elderly-care map and the pages of facilities in a browser: list and pins alike, near me, forms of those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.conftest import until_page
from tests.pages.looking import fits, violations

#: In the middle of an invented town; its streets come from the seeded generator.
START = "#at=106.5500,29.6300&profile=elder&minutes=15"


def shown(page: Any) -> list[str]:
    return page.eval_on_selector_all(
        ".care-item:not([hidden]) h3", "all => all.map(e => e.textContent.trim())"
    )


def test_list_and_pins_are_the_same_and_filters_answer_at_once(visit: Callable[..., Any]) -> None:
    page = visit("desktop", gl=False, bypass_csp=True)
    page.goto("/maps/elderly-care")
    page.wait_for_selector("[data-stage][data-ready]")
    total = int(page.locator("[data-count]").inner_text().split()[0])
    assert total > 300 and len(shown(page)) == 60
    page.locator("[data-more]").click()
    assert len(shown(page)) == 120
    page.locator('.care-chip:has(input[value="residential"])').click()
    homes = shown(page)
    assert 0 < len(homes) < total and "group=residential" in page.url
    numbers = page.eval_on_selector_all(
        ".care-item:not([hidden]) .care-no", "all => all.map(e => Number(e.textContent))"
    )
    assert numbers == list(range(1, len(homes) + 1))
    again = visit("desktop", gl=False)
    again.goto(page.url)  # the address keeps the view
    again.wait_for_selector("[data-stage][data-ready]")
    assert shown(again) == homes
    first = page.locator(".care-item:not([hidden])").first
    first.locator("[data-show]").click()
    card = page.locator("[data-card]")
    assert (
        card.locator(".card-title").inner_text() == homes[0] and card.locator('a[href^="tel:"]').count() == 1
    )
    assert first.get_attribute("aria-current") == "true"
    assert (
        violations(page, ".care-head", ".care-near", ".care-filter", ".care-item[aria-current]", ".care-map")
        == []
    )
    page.keyboard.press("Escape")
    assert card.is_hidden()


def test_near_me_keeps_the_position_in_the_fragment_and_out_of_every_address(
    visit: Callable[..., Any],
) -> None:
    page = visit("phone", gl=False)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto("/maps/elderly-care" + START)
    until_page(page, lambda: page.locator("[data-model]").is_visible(), "the answer")
    assert page.locator(".care-item:not([hidden]) [data-walk]").first.inner_text().startswith("步行")
    model = page.locator("[data-model]").inner_text()
    assert "0.9 米/秒" in model and "路网" in model and "2024-12-31" in model
    walks = page.eval_on_selector_all(
        ".care-item:not([hidden]) [data-walk]", "all => all.map(e => Number(e.textContent.match(/\\d+/)[0]))"
    )
    assert walks == sorted(walks) and max(walks) <= 15
    assert "#at=106.55000,29.63000" in page.url
    assert not [url for url in asked if "106.55" in url.partition("#")[0]]
    assert fits(page)
    assert page.locator("[data-leaflet] button").is_visible()
    page.locator("[data-clear]").click()
    assert "at=" not in page.url and page.locator("[data-model]").is_hidden()


def test_without_script_the_list_filters_and_compares(visit: Callable[..., Any]) -> None:
    page = visit("phone", allow=("422",), java_script_enabled=False)
    page.goto("/maps/elderly-care?q=村")
    total = int(page.locator("[data-count]").inner_text().split()[0])
    names = shown(page)
    assert total > 60 == len(names)
    page.locator(".care-parts a[rel=next]").click()
    assert "第 2 页" in page.locator(".care-parts").inner_text() and not set(shown(page)) & set(names)
    page.locator(".care-chip").filter(has_text="养老机构").click()
    page.locator("[data-apply]").click()
    assert "group=residential" in page.url and 0 < len(shown(page)) < total
    page.goto("/facilities?group=meal&q=赶集")
    names = shown(page)
    assert names and all("赶集" in n for n in names)
    for box in page.locator('input[name="n"]').all()[:2]:
        box.check()
    page.locator(".care-compare button").click()
    assert page.locator(".care-compared thead a").all_inner_texts() == names[:2]
    page.goto("/facilities/compare?n=1")
    assert page.locator("[role=alert]").inner_text().startswith("请选择 2 到 6")


@pytest.mark.full
def test_the_elder_version_floats_nothing(visit: Callable[..., Any]) -> None:
    page = visit("phone", gl=False)
    page.goto("/maps/elderly-care?elder=1")
    page.wait_for_selector("[data-stage][data-ready]")
    page.locator(".care-item:not([hidden]) [data-show]").first.click()
    assert page.locator("[data-card]").is_hidden()
    call = page.locator(".care-call").first
    assert call.bounding_box()["height"] >= 60
    assert fits(page)
    small = page.evaluate(
        "[...document.querySelectorAll('.care *')].filter(e => e.childNodes.length && e.offsetParent && !e.closest('.map')"
        " && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && parseFloat(getComputedStyle(e).fontSize) < 24)"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == []


def test_coverage_shows_targets_formula_and_withheld_cells(visit: Callable[..., Any]) -> None:
    page = visit("phone", java_script_enabled=False)
    page.goto("/facilities/coverage")
    text = page.locator("main").inner_text()
    assert "家庭养老床位" in text and "不少于 40,000" in text and "2024年全区民政工作要点第54项" in text
    assert "重叠覆盖的只算一次" in text and "演示数据（虚构）" in text
    assert page.locator("meter").count() > 20


def test_an_operator_sees_its_forms_and_an_editor_more(visit: Callable[..., Any]) -> None:
    page = visit("phone", "operator", java_script_enabled=False)
    page.goto("/facilities/1")
    assert page.locator('input[name="act"][value="report"]').count() == 1
    assert page.locator('input[name="act"][value="change"]').count() == 0
    page.fill('input[name="vacancies"]', "3")
    page.locator('form:has(input[value="report"]) button').click()
    assert "3 张" in page.locator(".facility-facts").inner_text()
    page.goto("/facilities/2")
    assert page.locator('input[name="act"]').count() == 0
    editor = visit("desktop", "facility", allow=("422",), java_script_enabled=False)
    editor.goto("/facilities/2")
    assert "疏散通道" in editor.locator("main").inner_text()
    editor.locator("summary").filter(has_text="修改").click()
    editor.fill("#f-phone", "13912345678")
    editor.locator('form:has(input[value="change"]) input[name="reason"]').fill("换号")
    editor.locator('form:has(input[value="change"]) button').click()
    assert "手机号码" in editor.locator("[role=alert]").inner_text()
    editor.locator('form:has(input[value="verify"]) button').click()
    assert editor.locator(".notice").count() == 1
    anybody = visit("desktop", java_script_enabled=False)
    anybody.goto("/facilities/2")
    assert anybody.locator("form[method=post]").count() == 0 and "疏散通道" not in anybody.content()


def test_figures_are_entered_and_tables_brought_in(visit: Callable[..., Any], tmp_path: Any) -> None:
    page = visit("desktop", "facility", java_script_enabled=False)
    page.goto("/facilities/figures")
    page.select_option('select[name="figure"]', "lone_elders_watched")
    page.fill('input[name="value"]', "321")
    page.locator("form button").filter(has_text="录入").click()
    assert "321" in page.locator("table").inner_text()
    file = tmp_path / "x.csv"
    file.write_text("名称,类别,开放时间\n甲,养老院,随便\n", encoding="utf-8")
    page.goto("/facilities/import")
    page.set_input_files('input[name="file"]', str(file))
    page.locator("form button").filter(has_text="导入").click()
    assert (
        "未入库 1" in page.locator(".notice").inner_text()
        and "开放时间" in page.locator("table").inner_text()
    )
