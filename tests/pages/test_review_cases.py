"""审查办理: an officer's queue and console, on a desk and on a phone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from lxml import html
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from sqlalchemy import text

from geo.store.engine import sessions
from tests.pages.looking import fits, violations


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
    assert fits(page)


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


def views(number: str) -> list[str]:
    """Files of a case that were looked at, as the audit trail has them."""
    with sessions("owner")() as session:
        return list(
            session.execute(
                text("select m.filename from audit_event e join application_material m on m.id = (e.after ->> 'material')::bigint "
                     "where e.act = 'read_material' and e.subject = :n order by e.id"), {"n": number}
            ).scalars()
        )  # fmt: skip


def scripted() -> bytes:
    """A PDF that would speak up when opened (such a file is refused when it comes in), its Chinese in a face that it does
    not bring, as old office programs write it."""
    writer, out = PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(300, 200)
    runs = {
        "/S": NameObject("/JavaScript"),
        "/JS": TextStringObject("app.alert('ran'); app.launchURL('https://example.org/');"),
    }
    writer.root_object[NameObject("/OpenAction")] = _dictionary(runs)
    words = StreamObject()
    words.set_data(b"BT /F1 24 Tf 20 100 Td <" + "渝北区栖秀路".encode("gbk").hex().encode() + b"> Tj ET")
    song = NameObject("/STSong-Light")
    system = {
        "/Registry": TextStringObject("Adobe"),
        "/Ordering": TextStringObject("GB1"),
        "/Supplement": NumberObject(2),
    }
    descendant = {"/Type": NameObject("/Font"), "/Subtype": NameObject("/CIDFontType0"), "/BaseFont": song,
                  "/CIDSystemInfo": _dictionary(system)}  # fmt: skip
    font = {"/Type": NameObject("/Font"), "/Subtype": NameObject("/Type0"), "/BaseFont": song,
            "/Encoding": NameObject("/GBK-EUC-H"), "/DescendantFonts": ArrayObject([_dictionary(descendant)])}  # fmt: skip
    page[NameObject("/Resources")] = _dictionary({"/Font": _dictionary({"/F1": _dictionary(font)})})
    page[NameObject("/Contents")] = writer._add_object(words)
    writer.write(out)
    return out.getvalue()


def _dictionary(entries: dict[str, Any]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def giving(**answer: Any) -> Any:
    """Answers in the place of the server."""
    return lambda route: route.fulfill(content_type="application/pdf", **answer)


def test_the_materials_are_looked_at_beside_the_case(visit: Any) -> None:
    """By keyboard, beside the case on a desk and over it on a phone; every view is an audited reading of the file."""
    number = number_of("栖秀路")
    page = visit("desktop", "reviewer", gl=False, allow=("404",))
    page.on("dialog", lambda dialog: pytest.fail(f"a script of a PDF ran: {dialog.message}"))
    page.goto(f"/review/{number}", wait_until="domcontentloaded")
    viewer, sheet = page.locator("[data-viewer]"), page.locator(".viewer-sheet")
    assert not viewer.is_visible()
    page.keyboard.press("v")
    page.wait_for_selector("[data-drawn='1.1']")
    image = sheet.locator("img")
    assert image.evaluate("i => i.naturalWidth") > 1000 and "示意图" in image.get_attribute("alt")
    assert page.locator("h1").is_visible() and viewer.bounding_box()["x"] >= 700, "the case stays in sight"
    assert fits(page)
    before = sheet.bounding_box()
    page.keyboard.press("r")
    page.wait_for_function(
        "() => { const b = document.querySelector('.viewer-sheet'); return b.offsetHeight > b.offsetWidth; }"
    )
    page.keyboard.press("0")
    page.keyboard.press("+")
    page.wait_for_function(
        "w => document.querySelector('.viewer-sheet').offsetHeight > w", arg=before["width"] * 1.1
    )
    page.keyboard.press("]")
    page.wait_for_selector("[data-drawn='2.1']")
    assert "命名方案及理由" in sheet.locator(".viewer-text").inner_text().replace("\n", "")
    painted = """c => { const {data} = c.getContext('2d').getImageData(0, 0, c.width, c.height);
        let dark = 0; for (let i = 0; i < data.length; i += 4) dark += data[i] < 128; return dark; }"""
    assert sheet.locator("canvas").evaluate(painted) > 500, "the characters of the PDF are drawn"
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-drawn='2.2']")
    assert "沿线情况" in sheet.locator(".viewer-text").inner_text().replace("\n", "")
    assert page.locator("[data-viewer] [role=status]").inner_text().endswith("第 2 页，共 2 页")
    assert not violations(page)
    # The next page of the last one is the next file: one that no browser shows.
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".viewer-note a")
    assert "docx" in page.locator("#viewer-name").inner_text() and "Word" in viewer.inner_text()
    assert len(page.locator("[data-viewer] [data-sha256]").inner_text()) == 64
    with page.expect_download() as saved:
        page.click(".viewer-note a")
    assert saved.value.suggested_filename.endswith(".docx")
    # On a phone it stands over the page, and the page's keys rest.
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.querySelector('[data-viewer]').matches(':modal')")
    assert page.evaluate("document.querySelector('[data-viewer]').scrollWidth") <= 390
    page.keyboard.press("Escape")
    assert not viewer.is_visible()
    assert page.evaluate("document.activeElement.hasAttribute('data-view-open')"), (
        "focus goes back where it was"
    )
    assert [name.rpartition(".")[2] for name in views(number)] == ["png", "pdf", "docx"]
    # What is broken, taken back, or would do something: a sentence with the download, or a page without its script.
    address = page.locator("[data-form=pdf]").get_attribute("href")
    for answer, says in (
        ({"body": b"%PDF-1.7 torn"}, "已损坏"),
        ({"status": 404, "body": b""}, "没有取到"),
        ({"body": scripted()}, ""),
    ):
        page.route(f"**{address}", giving(**answer))
        page.click("[data-form=pdf]")
        if says:
            page.wait_for_selector(".viewer-note a")
            assert says in page.inner_text(".viewer-note")
        else:
            page.wait_for_selector("[data-drawn='2.1']")
            assert sheet.locator(".viewer-text").inner_text().strip() == "渝北区栖秀路"
        page.keyboard.press("Escape")
        page.unroute(f"**{address}")


def test_without_scripts_the_materials_are_links(visit: Any) -> None:
    page = visit("phone", "reviewer", gl=False)
    page.goto("/review", wait_until="domcontentloaded")
    answer = page.context.request.get(f"/review/{number_of('栖秀路')}")
    tree = html.fromstring(answer.text())
    hrefs = tree.xpath("//ul[@class='case-materials']//a[@data-material]/@href")
    assert len(hrefs) == 3 and all(h.startswith("/api/v1/applications/") for h in hrefs)
    assert tree.xpath("//button[@data-view-open]/@hidden"), "the viewer's button needs the script"


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
    due = page.locator("tbody tr").first.inner_text()
    assert any(said in due for said in ("剩", "超期", "未录入")), "what is due stands on every list"
    assert page.locator("#transition option").all_inner_texts() == ["受理"], (
        "steps of each case alone are not offered"
    )
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
