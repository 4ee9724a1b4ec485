"""Accounts and the audit trail in a real browser: from a new user to what is recorded of him."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.pages.looking import fits

OWN = "嘉陵江边的老黄葛树-2025"


def test_a_new_user_from_the_administrators_form_to_the_audit_trail(visit: Callable[..., Any]) -> None:
    boss = visit("desktop", "administrator", allow=("409",))
    boss.goto("/admin/users")
    boss.click("text=新建用户")
    boss.fill("[name=login]", "li.lei")
    boss.fill("[name=name]", "<b>某审核员</b>")
    boss.fill("[name=organisation]", "某街道办事处")
    boss.check('[value="500112:reviewer"]')
    boss.fill("#reason", "新到任")
    boss.press("#reason", "Enter")
    first = boss.inner_text(".once .secret")
    assert len(first) == 23 and "<b>某审核员</b>" in boss.inner_text("h1")
    where = boss.url

    user = visit("phone", allow=("422", "403"))
    user.goto("/login?next=/review")
    user.fill("#user", "li.lei")
    user.fill("#password", first)
    user.press("#password", "Enter")
    user.wait_for_url("**/account/password")
    assert "由他人设置" in user.inner_text("main") and fits(user)
    for old, new, again, said in (
        (first, OWN, OWN + "x", "不一样"),
        (first, "password-12345", "password-12345", "常见泄露口令"),
    ):
        user.fill("#old", old)
        user.fill("#new", new)
        user.fill("#again", again)
        user.press("#again", "Enter")
        assert said in user.inner_text(".problem")
    user.fill("#old", first)
    user.fill("#new", OWN)
    user.fill("#again", OWN)
    user.press("#again", "Enter")
    user.wait_for_url("**/account?done=password")
    assert fits(user) and "审核员" in user.inner_text(".facts")
    user.click("#token summary")
    user.fill("[name=label]", "夜间成果检查")
    user.fill("#token [name=password]", OWN)
    user.click("#token button")
    assert user.inner_text(".once .secret").startswith("yudi_") and fits(user)
    user.goto("/account")
    assert user.locator(".once").count() == 0 and "夜间成果检查" in user.inner_text("main")
    user.click('[aria-label="结束：夜间成果检查"]')
    user.wait_for_url("**/account?done=session")
    user.goto("/review")
    assert user.locator("h1").count() == 1, "the role holds now"

    boss.goto(where if where.rstrip("/").rsplit("/", 1)[-1].isdigit() else "/admin/users?q=li.lei")
    if boss.locator("[name=version]").count() == 0:
        boss.click("text=<b>某审核员</b>")
    boss.click("summary:has-text('停用账号')")
    boss.fill("#why-close", "调离")
    boss.press("#why-close", "Enter")
    boss.wait_for_url("**?done=user")
    assert "已停用" in boss.inner_text(".title-chips")
    user.goto("/account")
    user.wait_for_url("**/login?**")

    boss.click("text=此账号的审计记录")
    acts = boss.locator(".trail-act").all_inner_texts()
    assert acts == ["更改用户", "结束会话", "生成令牌", "修改口令", "登录", "新建用户"]
    boss.locator(".trail summary").first.press("Enter")
    assert "调离" in boss.inner_text(".trail") and '"active": false' in boss.inner_text(".trail")
    assert first not in boss.content() and OWN not in boss.content()


def test_an_organisation_is_asked_for_when_one_is_chosen_without_a_script_too(
    visit: Callable[..., Any],
) -> None:
    person = visit("phone", gl=False, java_script_enabled=False)
    person.goto("/register")
    assert not person.is_visible("[name=organisation]")
    person.check("[value=builder]")
    assert person.is_visible("[name=organisation]")
    person.check("[value=citizen]")
    assert not person.is_visible("[name=organisation]")


def test_a_builder_registers_prepares_a_name_and_is_confirmed(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    person = visit("phone", allow=("422",), gl=False)
    person.goto("/apply")
    person.click("text=注册账号")
    person.wait_for_load_state()
    assert not person.is_visible("[name=organisation]")
    person.check("[value=builder]")
    person.fill("[name=organisation]", "<b>某建设公司</b>")
    person.fill("[name=says]", "信用代码 91500112MA00000000")
    person.fill("[name=name]", "江某")
    person.fill("[name=phone]", "13983001122")
    person.fill("[name=login]", "Jiang")
    person.fill("[name=password]", OWN)
    person.fill("[name=again]", OWN + "x")
    person.press("[name=again]", "Enter")
    assert (
        "不一样" in person.inner_text(".problem")
        and person.input_value("[name=organisation]") == "<b>某建设公司</b>"
    )
    assert person.input_value("[name=password]") == "" and fits(person)
    person.screenshot(path=tmp_path / "register.png", full_page=True)
    person.fill("[name=password]", OWN)
    person.fill("[name=again]", OWN)
    person.press("[name=again]", "Enter")
    person.wait_for_url("**/login?**")
    login = person.inner_text(".secret")
    assert person.input_value("#user") == login and login.startswith("jiang-") and fits(person)
    person.fill("#password", OWN)
    person.press("#password", "Enter")
    person.wait_for_url("**/apply")
    assert (
        "正在核实" in person.inner_text("#begin") and "公民" in person.inner_text("#begin") and fits(person)
    )

    boss = visit("desktop", "administrator", gl=False)
    boss.goto("/admin/users")
    boss.click("nav >> text=身份核实")
    assert "<b>某建设公司</b>" in boss.inner_text("main") and "13983001122" in boss.inner_text("main")
    boss.fill("[name=organisation]", "重庆某建设有限公司")
    boss.fill("[name=reason]", "核对营业执照")
    boss.click("button[value=confirm]")
    boss.wait_for_url("**?done=claim_decided")
    assert "没有待核实" in boss.inner_text("main") and "核对营业执照" in boss.inner_text("main")
    person.reload()
    begin = person.inner_text("#begin")
    assert "重庆某建设有限公司" in begin and "建设单位" in begin and "核实" not in begin
    visitor = visit("phone", gl=False)
    visitor.goto("/register?lang=en")
    assert "four digits" in visitor.inner_text("main") and fits(visitor)


def test_the_last_administrator_and_ones_own_rights_are_out_of_reach_on_the_page_too(
    visit: Callable[..., Any],
) -> None:
    boss = visit("desktop", "administrator")
    boss.goto("/admin/users?q=administrator")
    boss.click("table a")
    assert "您自己的账号" in boss.inner_text(".notice")
    assert boss.locator("fieldset[disabled]").count() == 1 and boss.locator("#why-reset").count() == 0
    boss.fill("#reason", "改名")
    boss.press("#reason", "Enter")
    boss.wait_for_url("**?done=user")
    assert boss.locator('[value="500112:administrator"]:checked').count() == 1, (
        "the hidden fields kept the role"
    )


def test_the_trail_is_filtered_and_the_head_is_public(visit: Callable[..., Any]) -> None:
    boss = visit("desktop", "administrator", allow=("422",))
    boss.goto("/admin/audit?act=login&who=administrator")
    assert set(boss.locator(".trail-act").all_inner_texts()) == {"登录"}
    boss.goto("/admin/audit?since=2999-01-01")
    assert "没有记录" in boss.inner_text("main")
    boss.goto("/admin/audit?since=not-a-day")
    assert "无法读取" in boss.inner_text(".problem")
    reader = visit("phone")
    reader.goto("/audit/head")
    assert len(reader.inner_text(".secret")) == 64 and fits(reader)
