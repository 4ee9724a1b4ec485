"""The applicant's and the public's pages in a real browser, the network cut: a township applies, supplements and is followed;
a builder without JavaScript applies for an estate; several names in a plan; announcements and public comment."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from sqlalchemy import select

from api.acts import decide
from geo import days
from geo.store.engine import sessions
from geo.store.tables import Announcement, AnnouncementCase, PlaceNameApplication
from tests.demonstration import someone
from tests.pages.looking import fits, violations

PHONE = "13812345678"
EVIL = "<img src=x onerror=alert(1)>{{7*7}}"
SQUARE = "106.62, 29.71\n106.63, 29.71\n106.63, 29.72\n106.62, 29.72"


def officer_steps(number: str, *steps: tuple[str, str, dict[str, Any]]) -> None:
    """Steps of a case: account, name, details."""
    with sessions("app").begin() as session:
        for login, name, details in steps:
            version = session.scalars(
                select(PlaceNameApplication.version).where(PlaceNameApplication.number == number)
            ).one()
            decide.take_step(
                session, someone(session, login), number, name, reason="依据充分", version=version, details=details
            )  # fmt: skip


def pdf(folder: Path, name: str, *, script: bool = False) -> Path:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}  # fmt: skip
        writer._root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    made = io.BytesIO()
    writer.write(made)
    path = folder / name
    path.write_bytes(made.getvalue())
    return path


def saved(page: Any) -> None:
    page.wait_for_selector('[data-saved-words][data-state="saved"]')


def test_a_township_applies_is_asked_to_supplement_and_is_accepted(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    page = visit("desktop", "township", gl=False, allow=("409", "422", "400"))
    page.goto("/apply")
    assert not violations(page)
    page.select_option("#category", "街路巷")
    page.click("#begin button[type=submit]")
    page.wait_for_selector("[data-stage][data-ready]")
    assert "还缺" in page.inner_text("[data-state-box]")

    # Drawn on the map: the coordinates are written, and the township is found.
    page.click('[data-mode="linestring"]')
    box = page.locator(".draw-map .map").bounding_box()
    x, y = box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.45
    for dx in (0, 40, 80):
        page.mouse.click(x + dx, y + dx / 4)
    page.click('[data-mode="done"]')
    # Cleared and drawn again, it is seen again.
    page.click(".draw-bar button:has-text('清除')")
    assert page.input_value("#coordinates") == ""
    page.click('[data-mode="linestring"]')
    for dx in (0, 40, 80):
        page.mouse.click(x + dx, y + dx / 4)
    page.click('[data-mode="done"]')
    assert page.locator(".leaflet-10-pane canvas").count() == 1
    assert len(page.input_value("#coordinates").splitlines()) == 3 and page.input_value("#shape") == "line"
    page.wait_for_selector("#unit option:checked:not([value=''])", state="attached")

    # The naming rules answer while the name is typed; the form saves itself.
    page.fill("#name", "晴岚坡路")
    page.wait_for_selector("[data-answer] .verdict")
    for key, value in (("reasons", "新建道路"), ("position", f"北起甲路 {EVIL}"), ("size", "长1200米"), ("nature", "城市支路"), ("width_m", "16")):  # fmt: skip
        page.fill(f"#f-{key}", value)
    page.fill("#contact_name", "经办人")
    page.fill("#contact_phone", PHONE)
    saved(page)
    page.wait_for_selector("[data-state-box] .whole")
    assert not violations(page, ".apply-form", ".apply-side")

    # What another window saved is not written over, and nothing that was typed here is lost.
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("#f-origin", "另一窗口")
    saved(other)
    other.close()
    page.fill("#f-meaning", "晴日山岚")
    page.wait_for_selector("[data-moved]:not([hidden])")
    assert page.input_value("#f-meaning") == "晴日山岚"
    page.click("[data-moved-mine]")
    saved(page)

    # A file with a script is refused in words; a sound one is taken.
    page.set_input_files('[data-upload] input[type="file"]', pdf(tmp_path, "坏.pdf", script=True))
    page.click("[data-upload] button[type=submit]")
    page.wait_for_selector("[data-upload] [data-problem]:not([hidden])")
    assert "脚本" in page.inner_text("[data-upload] [data-problem]")
    page.set_input_files('[data-upload] input[type="file"]', pdf(tmp_path, "位置图.pdf"))
    page.click("[data-upload] button[type=submit]")
    page.wait_for_selector("[data-state-box] .file")
    assert "位置图.pdf" in page.inner_text("[data-state-box]")

    page.click('button[value="submit"]')
    page.wait_for_url("**/applications/**")
    number = page.url.rsplit("/", 1)[1].partition("?")[0]
    assert EVIL in page.inner_text("main") and "已提交" in page.inner_text("h1")
    page.click('a[href$="/receipt"]')
    assert number in page.inner_text(".receipt") and page.locator(".qr svg").count() == 1

    # Somebody without an account: the number alone, or with a wrong phone, says nothing.
    reader = visit("phone", gl=False, allow=("404",))
    reader.goto(f"/applications/{number}")
    assert reader.input_value("#ask-number") == number
    told = []
    for asked, phone in ((number, "13900000000"), ("500112-2026-99999", PHONE)):
        reader.fill("#ask-number", asked)
        reader.fill("#ask-phone", phone)
        reader.click("main button[type=submit]")
        told.append(reader.inner_text(".problem"))
    assert told[0] == told[1]
    reader.fill("#ask-number", number)
    reader.fill("#ask-phone", PHONE)
    reader.click("main button[type=submit]")
    assert "晴岚坡路" in reader.inner_text(".status-answer") and fits(reader) and not violations(reader)

    until = (days.today() + timedelta(days=10)).isoformat()
    officer_steps(number, ("acceptance", "ask_supplement", {"items": [f"道路宽度 {EVIL}"], "until": until}))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/applications/{number}")
    assert EVIL in page.inner_text("#supplement") and "待补正" in page.inner_text("h1")
    assert fits(page) and not violations(page, "#supplement", ".timeline", "#documents", "#history")
    page.fill("#supply-reason", "已补充")
    page.click("#supplement button.button-main")
    page.wait_for_url("**done=step")
    officer_steps(number, ("acceptance", "accept", {}))
    page.goto(f"/applications/{number}")
    assert "已受理" in page.inner_text("h1") and "个工作日" in page.inner_text(".clocks")


def test_a_builder_applies_for_an_estate_without_javascript(visit: Callable[..., Any]) -> None:
    page = visit("phone", java_script_enabled=False, allow=("400", "409", "422"))
    # Without JavaScript the login is a plain form, too.
    page.goto("/login?next=/apply")
    page.fill("#user", "builder")
    page.fill("#password", PASSWORDS["builder"])
    page.press("#password", "Enter")
    page.wait_for_selector("#begin")
    assert fits(page)
    page.select_option("#category", "住宅区、楼宇")
    page.click("#begin button[type=submit]")
    page.wait_for_selector("#apply")
    page.wait_for_load_state()
    form = page.url
    assert page.locator("#f-green_ratio").is_visible() and not page.locator("#f-width_m").is_visible()
    page.fill("#name", "澜屿雅苑")
    page.select_option("#unit", index=3)
    page.click("summary:has-text('直接填写坐标')")
    page.select_option("#shape", "polygon")
    page.fill("#coordinates", "106.62, 29.71\n东经一百")
    page.click('button[value="save"]')
    assert "第 2 行" in page.inner_text(".problem") and page.input_value("#name") == "澜屿雅苑"
    page.fill("#coordinates", SQUARE)
    page.fill("#f-area_m2", "四万")
    page.click('button[value="save"]')
    assert "占地面积" in page.inner_text(".problem") and page.input_value("#coordinates") == SQUARE
    page.fill("#f-area_m2", "40,000")
    for key, value in (
        ("reasons", "新建住宅区"),
        ("position", "东临甲路"),
        ("size", "4万平方米"),
        ("nature", "住宅区"),
    ):
        page.fill(f"#f-{key}", value)
    # Handing in what is not whole keeps it and says what is missing.
    page.click('button[value="submit"]')
    assert "联系人" in page.inner_text(".lack") and page.input_value("#f-area_m2") == "40000"
    page.fill("#contact_name", "经办人")
    page.fill("#contact_phone", PHONE)
    page.click('button[value="submit"]')
    page.wait_for_selector(".timeline")
    assert "澜屿雅苑" in page.inner_text("h1") and form != page.url
    page.click("summary:has-text('撤回申请')")
    page.fill("#withdraw-reason", "方案调整")
    page.click("#withdraw button")
    assert "已撤回" in page.inner_text("h1") and fits(page)


PASSWORDS: dict[str, str] = {}


@pytest.fixture(autouse=True)
def passwords(site: Any) -> None:
    PASSWORDS.update(site.passwords)


@pytest.mark.full
def test_a_plan_and_a_renaming(visit: Callable[..., Any]) -> None:
    page = visit("desktop", "township", gl=False, allow=("409", "422", "400"))
    page.goto("/apply")
    page.fill("#title", f"云溪片区 {EVIL}")
    page.click("#plans button")
    page.wait_for_selector("#names")
    page.fill("#names", "名称\t经度\t纬度\n云溪一路\n云溪二路\t106.63\t29.72\n" + EVIL)
    page.fill("[name=contact_name]", "经办人")
    page.fill("[name=contact_phone]", PHONE)
    page.fill("#s-reasons", "片区开发")
    page.click("form:has(#names) button")
    page.wait_for_selector(".plan-names")
    assert EVIL in page.inner_text(".plan-names") and page.inner_text(".plan-names").count("还缺") == 3
    # One name is drawn after the other; the one that was pasted with its place has it.
    rows = page.locator("[data-place-row]")
    assert [r.split()[1] for r in rows.all_inner_texts()[:2]] == ["未定位", "点"]
    page.locator(".plan-places").evaluate("e => e.scrollIntoView()")
    page.click('[data-mode="point"]')
    box = page.locator(".draw-map").bounding_box()
    for part in (0.4, 0.6):
        page.mouse.click(box["x"] + box["width"] * part, box["y"] + 150)
    assert page.locator(".leaflet-30-pane canvas").count() == 1
    page.click("text=保存位置")
    page.wait_for_selector(".notice")
    assert all("未定位" not in said for said in rows.all_inner_texts()) and not violations(page)
    page.click("text=按命名规则审查")
    assert "不符合" in page.inner_text(".plan-names") and not violations(page)
    page.click(".plan-names a:has-text('云溪一路')")
    page.wait_for_selector("[data-stage][data-ready]")
    page.click("summary:has-text('直接填写坐标')")
    page.fill("#coordinates", "106.62, 29.71")
    page.select_option("#shape", "point")
    if not page.input_value("#unit"):
        page.select_option("#unit", index=2)
    saved(page)
    page.click(".crumb a")
    page.check("[name=chosen]")
    page.click("text=提交所选地名")
    page.wait_for_selector(".notice")
    assert page.inner_text(".plan-names").count("已提交") == 1

    # The old name of a renaming is chosen from the public search.
    page.goto("/apply")
    page.check('input[value="renaming"]')
    page.select_option("#category", "街路巷")
    page.click("#begin button[type=submit]")
    page.wait_for_selector("[data-stage][data-ready]")
    with sessions("app")() as session:
        from geo.store.tables import PlaceName

        old = session.scalars(
            select(PlaceName).where(PlaceName.category == "街路巷", PlaceName.status == "standard", PlaceName.demo)
        ).first()  # fmt: skip
    page.locator("#subject").press_sequentially(old.name)
    page.locator(".subject-option").first.click()
    assert page.input_value("[name=subject_number]").isdigit() and page.input_value("#subject") == old.name
    saved(page)
    assert "原地名" not in page.inner_text("[data-state-box]").partition("已上传")[0]


def test_announcements_stay_with_what_corrects_them_and_print(visit: Callable[..., Any]) -> None:
    keeper = visit("desktop", "registrar", gl=False)
    with sessions("app")() as session:
        year = days.today().year
        number = session.scalars(
            select(PlaceNameApplication.number).join(AnnouncementCase, AnnouncementCase.application_id == PlaceNameApplication.id)
            .join(Announcement, Announcement.id == AnnouncementCase.announcement_id)
            .where(Announcement.year == year, Announcement.serial == 1)
        ).first()  # fmt: skip
    keeper.goto(f"/review/{number}", wait_until="domcontentloaded")
    keeper.click("text=更正或撤销")
    assert not violations(keeper) and keeper.locator("#withdraw").count() == 0, (
        "taking back is the approver's"
    )
    was = keeper.input_value("[name='0:position']")
    keeper.fill("[name='0:position']", f"北起 {EVIL}")
    keeper.fill("[name=says]", EVIL)
    keeper.fill("[name=reason]", "位置有误")
    keeper.click("text=发布更正公告")
    keeper.wait_for_url("**?done=announced")
    assert keeper.inner_text(".announced-items del") == was, "what stood there before is struck through"
    page = visit("phone", gl=False)
    page.goto("/announcements")
    assert page.locator("head link[type='application/atom+xml']").count() == 1 and not violations(page)
    first = page.inner_text(".announced")
    assert "已更正" in first and "更正" in first and fits(page)
    page.goto("/announcements?q=没有这个名")
    assert "没有符合条件的公告" in page.inner_text("main")
    page.goto("/announcements?kind=correction")
    page.click(".announced a")
    page.wait_for_selector("[data-stage][data-ready]")
    shown = page.inner_text("main")
    assert EVIL in shown and "审计链" in shown and len(page.inner_text(".hash")) > 64 and fits(page)
    assert not violations(page, ".paper-sheet", ".sheet-chain")
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible() and page.locator(".announced-items").is_visible()
    page.emulate_media(media="screen")
    page.click(".sheet-head a")
    assert "已更正" in page.inner_text("main")
    assert page.locator("text=更正或撤销").count() == 0, "the public amends nothing"
    first = page.url
    page.click(".announced-items a")
    assert "公告〔" in page.inner_text("main"), "the place page leads back"
    approver = visit("phone", "approver", gl=False)
    approver.goto(first, wait_until="domcontentloaded")
    approver.click("text=更正或撤销")
    assert not violations(approver) and fits(approver) and approver.locator("#correct").count() == 0
    approver.fill("[name=reason]", "公告程序有误")
    approver.click("text=发布撤销公告")
    approver.wait_for_url("**?done=announced")
    assert "撤销" in approver.inner_text("h1")
    page.goto(first, wait_until="domcontentloaded")
    assert "已撤销" in page.inner_text("main") and "已更正" in page.inner_text("main")
    assert page.locator(".announced-items tbody tr").count() == 1, "and what was announced stays to be read"


def test_the_public_comments_without_an_account(visit: Callable[..., Any]) -> None:
    page = visit("phone", gl=False, allow=("422", "400"))
    page.goto("/")
    page.click('.doors a[href="/comments"]')
    page.click(".plan-name")
    page.wait_for_selector("[data-stage][data-ready]")
    assert fits(page) and not violations(page, "#give", "#said", ".facts")
    page.check('input[value="oppose"]')
    page.fill("#says", EVIL)
    page.fill("#giver", "某人")
    page.click("#give button")
    assert "意见已收到" in page.inner_text("main")
    assert EVIL not in page.inner_text("#said") and "收到 3 条" in page.inner_text("#said")
    assert "某人" not in page.inner_text("main")
