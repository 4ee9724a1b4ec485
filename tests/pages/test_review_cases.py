"""审查办理: an officer's queue and console, on a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from geo.settings import ROOT
from geo.store.engine import sessions

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Any) -> list[str]:
    """What axe finds on the page, by rule."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {resultTypes: ['violations'], runOnly: rules})", RULES)
    return [f"{v['id']}: {n['html'][:160]}" for v in found["violations"] for n in v["nodes"]]


def number_of(name: str) -> str:
    with sessions("app")() as session:
        return session.execute(
            text("select number from place_name_application where name = :name and number is not null"), {"name": name}
        ).scalar_one()  # fmt: skip


@pytest.mark.parametrize("size", [pytest.param("desktop", marks=pytest.mark.full), "phone"])
def test_the_queue_shows_days_left_and_leads_to_the_case(visit: Any, drawn: Any, size: str) -> None:
    page = visit(size, "reviewer", gl=False)
    page.goto("/review")
    first = page.locator(".table-cards tbody tr").first
    assert "超期" in first.inner_text() or "剩" in first.inner_text(), "the soonest due stands first"
    page.fill("[name=text]", "栖秀") if page.locator("[name=text]").is_visible() else page.goto(
        "/review?text=栖秀"
    )
    if size == "desktop":
        page.goto("/review?text=栖秀")
    assert page.locator(".cell-file a").first.inner_text() == "栖秀路"
    page.click(".cell-file a")
    stage = drawn(page)
    assert stage.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_reviewer_works_by_keyboard_and_a_stale_form_changes_nothing(visit: Any) -> None:
    number = number_of("竹韵路")
    page = visit("desktop", "reviewer", gl=False)
    page.goto(f"/review/{number}")
    other = visit("desktop", "reviewer", allow=("409",))
    other.goto(f"/review/{number}")
    page.keyboard.press("1")
    assert page.locator("details[data-step][open] summary strong").inner_text() == "开始审查"
    page.keyboard.type("材料已核")
    page.click("details[data-step][open] button[type=submit]")
    page.wait_for_url("**?done=step")
    assert "审查中" in page.locator(".case-chips").inner_text()
    with sessions("app")() as session:
        steps = session.execute(
            text("select count(*) from application_step s join place_name_application a on a.id = s.application_id where a.number = :n"), {"n": number}
        ).scalar_one()  # fmt: skip
    # Another officer's page is older: refused, and what he wrote is still there.
    other.locator("#step-begin_review summary").click()
    other.fill("#reason-begin_review", "我也来审")
    other.click("#step-begin_review button[type=submit]")
    assert "刷新" in other.locator("[role=alert]").inner_text()
    with sessions("app")() as session:
        again = session.execute(
            text("select count(*) from application_step s join place_name_application a on a.id = s.application_id where a.number = :n"), {"n": number}
        ).scalar_one()  # fmt: skip
    assert again == steps


def test_who_accepted_sees_no_step_of_the_review(visit: Any) -> None:
    page = visit("desktop", "acceptance", gl=False)
    page.goto(f"/review/{number_of('栖秀路')}")
    assert "提出审查意见" not in page.locator(".case-right").inner_text()


def test_a_plan_is_taken_together_or_not_at_all(visit: Any) -> None:
    page = visit("desktop", "acceptance", gl=False)
    page.goto("/review")
    of_queue = (
        page.locator("tr", has_text="丹枫一路").locator("a[href*='/review/plans/']").get_attribute("href")
    )
    page.goto(f"/review/{number_of('丹枫一路')}")
    page.click("a.chip[href*='/review/plans/']")
    page.wait_for_url(f"**{of_queue}")
    boxes = page.locator("input[name=case]:not([disabled])")
    assert boxes.count() >= 3
    for i in range(boxes.count()):
        boxes.nth(i).check()
    page.select_option("#transition", "accept")
    page.fill("#reason", "材料齐全，一并受理")
    page.click("button[type=submit].button-main")
    page.wait_for_url("**?done=step")
    with sessions("app")() as session:
        states = session.execute(
            text("select distinct state from place_name_application where name like '丹枫%路' and number is not null")
        ).scalars().all()  # fmt: skip
    assert states == ["accepted"]


def test_hostile_names_stay_text(visit: Any) -> None:
    name = "<img src=x onerror=alert(1)>{{7*7}}`${1}"
    with sessions("owner").begin() as session:
        session.execute(text("alter table place_name_application disable trigger keep_content"))
        session.execute(
            text("update place_name_application set name = :n where name = '杏坪路'"), {"n": name}
        )
        session.execute(text("alter table place_name_application enable trigger keep_content"))
    page = visit("desktop", "acceptance", gl=False)
    page.goto(f"/review/{number_of(name)}")
    page.wait_for_selector("[data-stage][data-ready]")
    assert page.locator("h1").inner_text().startswith(name)
    assert page.locator("main img").count() == 0


def test_queue_case_and_announcements_fit_everybody(visit: Any) -> None:
    page = visit("phone", "reviewer", gl=False)
    for path in (
        "/review",
        f"/review/{number_of('听雨路')}",
        f"/review/{number_of('栖秀路')}",
        "/announcements",
    ):
        page.goto(path, wait_until="domcontentloaded")
        page.evaluate(
            "document.querySelectorAll('[data-step], .name-finding details, #comments details').forEach(d => { d.open = true; })"
        )
        assert not violations(page), path
    page = visit("phone", "township", gl=False)
    page.goto("/apply", wait_until="domcontentloaded")
    assert not violations(page)


def test_a_comment_is_shown_with_an_answer_or_not_at_all(visit: Any) -> None:
    number = number_of("听雨路")
    page = visit("phone", "reviewer", gl=False, allow=("422", "400"))
    page.goto(f"/review/{number}", wait_until="domcontentloaded")
    waiting = page.locator(".case-comment", has_text="旧名用惯了")
    waiting.locator("button[value=hide]").click()
    assert page.locator("[role=alert]").is_visible(), "hiding wants a reason"
    waiting.locator("[name=answer]").fill("已告知沿线住户。")
    waiting.locator("button[value=show]").click()
    page.wait_for_url("**done=saved**")
    page.goto(f"/comments/{number}", wait_until="domcontentloaded")
    assert "旧名用惯了" in page.inner_text("#said") and "已告知沿线住户" in page.inner_text("#said")
    keeper = visit("phone", "acceptance", gl=False)
    keeper.goto(f"/review/{number}", wait_until="domcontentloaded")
    assert keeper.locator("button[value=hide]").count() == 0
