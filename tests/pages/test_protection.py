"""The pages of protection lists in a real browser: from an empty page to a published list, by the keyboard too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geo.names.categories import Category
from geo.store.engine import sessions
from geo.terms import NameStatus
from tests import builders as b
from tests.pages.looking import fits


def step(page: Any, summary: str, reason: str, **fields: str) -> None:
    """Open a step's form, fill it in and send it."""
    form = page.locator("details.step").filter(has=page.locator("summary", has_text=summary)).first
    form.locator("summary").press("Enter")
    form.locator('textarea[name="reason"]').fill(reason)
    for name, value in fields.items():
        form.locator(f'[name="{name}"]').fill(value)
    form.locator("button").press("Enter")
    page.wait_for_selector(".notice")


def test_a_list_is_made_reviewed_and_published(visit: Callable[..., Any]) -> None:
    with sessions("app").begin() as session:
        b.place_name(
            session, b.person(session).id, "试验老场", Category.NATURAL_VILLAGE, status=NameStatus.HISTORIC
        )
    reader = visit("phone")
    reader.goto("/protection")
    # The demonstration's published list is there, and says what it is; those in preparation are not.
    shown = reader.inner_text("main")
    assert "第1批历史地名保护名录（演示）" in shown and "演示数据（虚构）" in shown and "第2批" not in shown

    registrar = visit("desktop", "registrar", allow=("422",))
    registrar.goto("/protection")
    registrar.select_option("#kind", "rural")
    registrar.fill("#batch", "2")
    registrar.fill("#reason", "2024 年工作要点")
    registrar.press("#reason", "Tab")
    registrar.keyboard.press("Enter")
    registrar.wait_for_selector("#propose")
    where = registrar.url
    propose = registrar.locator("#propose")
    propose.locator("#name").fill("没有这个名")
    propose.locator("#why-new").fill("调查")
    propose.locator("button").click()
    assert "有 0 条" in registrar.inner_text(".problem")
    # What was filled in is still there.
    propose.locator("#name").fill("试验老场")
    propose.locator("#class-new").select_option("town")
    propose.locator('input[value="old"]').check()
    propose.locator('input[value="sign"]').check()
    propose.locator("#reasons-new").fill("见于旧志 <b>不是标签</b>")
    propose.locator("#why-new").fill("调查")
    propose.locator("button").click()
    registrar.wait_for_selector(".notice")
    assert "<b>不是标签</b>" in registrar.inner_text("article")
    step(registrar, "提交评审", "材料齐全")

    reviewer = visit("phone", "reviewer")
    reviewer.goto(where)
    step(reviewer, "同意列入", "专家组意见")
    assert fits(reviewer)

    approver = visit("desktop", "approver")
    approver.goto(where)
    step(approver, "公布", "局长办公会", document="渝北民发〔2024〕30号")

    reader.goto("/protection")
    reader.click("text=第2批乡村地名保护名录")
    text = reader.inner_text("main")
    assert "试验老场" in text and "渝北民发〔2024〕30号" in text
    assert "专家组意见" not in text and "演示审核员" not in text
    assert fits(reader)
