"""The pages in a real browser: both languages, keyboard, without JavaScript, and the main job."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.pages.conftest import until_page


@pytest.fixture(scope="module")
def deliveries(site: Any) -> dict[str, Path]:
    """The tutorial set as a surveyor has it on disk."""
    answer = {}
    for name in ("correct", "defective"):
        answer[name] = site.folder / f"{name}.zip"
        shutil.copyfile(Path(os.environ["YUDI_VAR"], "tutorial", f"tutorial_{name}.zip"), answer[name])
    return answer


def uploaded(page: Any, path: Path, form: Any | None = None) -> str:
    """Upload a file and wait for its findings; the page's path."""
    scope = form or page
    scope.locator('input[type="file"][name="file"]').set_input_files(path)
    before = urlsplit(page.url).path
    scope.locator(".drop-send").press("Enter")
    page.wait_for_url(lambda url: re.fullmatch(r"/survey/\d+", path_of(url)) and path_of(url) != before)
    page.wait_for_selector(".workbench", timeout=60_000)
    return path_of(page.url)


def path_of(url: str) -> str:
    return urlsplit(url).path


def map_data(page: Any) -> dict[str, Any]:
    """The data of the boundary map as this person gets it, without drawing it."""
    text = page.request.get("/maps/boundaries").text()
    data = json.loads(re.search(r'id="map-data">(.*?)</script>', text, re.DOTALL)[1])
    return page.request.get(data["rest"]).json() if "rest" in data else data


def test_names_are_drawn_with_webgl(visit: Callable[..., Any], drawn: Callable[[Any], Any]) -> None:
    """(Software GL is slow: the other tests have the names on the canvas.)"""
    page = visit("desktop")
    page.goto("/maps/boundaries")
    assert int(drawn(page).get_attribute("data-labels")) > 5
    assert "审图号：待填（未经审核，不得公开）" in page.locator(".foot").inner_text()


def test_the_public_and_officers_see_different_maps(visit: Callable[..., Any]) -> None:
    seen = {}
    for login in (None, "reviewer"):
        seen[login] = map_data(visit("desktop", login))
    public, officer = seen[None], seen["reviewer"]
    assert {w["state"] for w in public["ways"] if w["accepted"]} <= {"settled", "changing"}
    assert {w["state"] for w in officer["ways"] if w["accepted"]} > {"settled", "changing"}
    assert all(round(v, 3) == v for m in public["markers"] for v in m["at"])
    assert any(round(v, 4) != v for m in officer["markers"] for v in m["at"])
    assert not any(w["dispute"] for w in public["ways"])
    assert len(public["units"]) == len(officer["units"]) == 30


def test_names_do_not_collide_without_webgl(visit: Callable[..., Any], drawn: Callable[[Any], Any]) -> None:
    page = visit()
    page.goto("/maps/boundaries?labels=canvas")
    stage = drawn(page)
    boxes = page.evaluate("Yudi.placed")
    # The first box is the north arrow's, under which no name runs.
    assert len(boxes) - 1 == int(stage.get_attribute("data-labels")) > 15
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def test_the_map_by_keyboard(visit: Callable[..., Any], drawn: Callable[[Any], Any]) -> None:
    page = visit()
    page.goto("/maps/boundaries?labels=canvas")
    drawn(page)
    row = page.locator("[data-way]").nth(3)
    row.focus()
    page.keyboard.press("Enter")
    card = page.locator("[data-card]")
    card.wait_for()
    assert card.locator("h2").inner_text() == row.locator(".row-name").inner_text().strip()
    assert re.search(r"\d{9}-\d{9}", card.inner_text()) and " km" in card.inner_text(), "the facts"
    assert re.fullmatch(r"[\d.]+ (m|km)", page.locator(".leaflet-control-scale-line").inner_text())
    assert page.locator(".north").is_visible() and page.locator("[data-legend]").count() == 1
    assert "资料" in page.locator(".foot").inner_text() and "审图号" in page.locator(".foot").inner_text()
    # The row, the card and the map give the line the same number.
    assert (
        row.locator(".row-number").inner_text() == "4" and card.locator(".card-kind").inner_text() == "界线 4"
    )
    assert row.get_attribute("aria-current") == "true"
    assert page.evaluate("document.activeElement.className") == "card-close"
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.dataset.way") == "3", "the focus goes back to its row"
    marker = page.locator("[data-marker]").nth(2)
    marker.focus()
    page.keyboard.press("Enter")
    card.wait_for()
    assert card.locator("h2").inner_text() == marker.locator(".row-name").inner_text()
    assert marker.get_attribute("aria-current") == "true" and row.get_attribute("aria-current") is None
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.marker") == "2"


def test_language_and_date_are_kept(visit: Callable[..., Any]) -> None:
    page = visit(locale="en-US")
    page.goto("/dashboard")
    assert page.locator(".tag-demo").count() == 1, "counts of demonstration data say so"
    assert page.locator("html").get_attribute("lang") == "zh-CN", "Chinese first, whatever the browser asks"
    page.locator("header a[lang]").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/dashboard?at=2025-12-31")
    assert page.locator("html").get_attribute("lang") == "en", "the language is remembered"
    page.goto("/dashboard")
    assert "2025-12-31" in page.locator("header .date summary").inner_text(), "the date is remembered"
    page.goto("/dashboard?at=")
    assert "2024-12-31" in page.locator("header .date summary").inner_text()
    page.goto("/dashboard?at=nonsense")
    assert "2024-12-31" in page.locator("header .date summary").inner_text()


def test_without_javascript(visit: Callable[..., Any], deliveries: dict[str, Path]) -> None:
    page = visit("desktop", "surveyor2", java_script_enabled=False)
    page.goto("/survey")
    hostile = deliveries["correct"].with_name("<img src=x onerror=alert(1)>{{7*7}}.zip")
    hostile.write_bytes(b"not a zip at all")
    page.locator("#file").set_input_files(hostile)
    page.locator(".drop-send").click()
    page.wait_for_url(re.compile(r"/survey/\d+"))
    assert "{{7*7}}.zip" in page.locator("h1").inner_text(), "the name of a file stays text"
    assert page.locator("h1 img").count() == 0
    inspected(page)
    assert "UP01" in page.locator(".groups").inner_text()
    officer = visit("phone", "approver", java_script_enabled=False)
    officer.goto(path_of(page.url))
    assert officer.locator('#decide button[value="accept"]').count() == 0, "it has an error"
    officer.locator("#decide textarea").fill("请按检查意见改正后重新提交")
    officer.locator("#decide input[type=checkbox]").check()
    officer.locator('#decide button[value="return"]').click()
    officer.wait_for_url(lambda url: "done=returned" in url)
    page.reload()
    assert "请按检查意见改正后重新提交" in page.locator(".decision-returned").inner_text()


def test_a_refused_login_says_why(visit: Callable[..., Any], site: Any) -> None:
    page = visit(java_script_enabled=False)
    page.goto("/login?next=https://example.com/")
    assert page.locator('input[name="next"]').get_attribute("value") == "/"
    page.fill("#user", "surveyor")
    page.fill("#password", "wrong")
    answer = page.request.post(
        f"{site.url}/login", form={"user": "surveyor", "password": "wrong", "next": "//example.com"}
    )
    assert answer.status == 401 and 'role="alert"' in answer.text()
    page.goto("/survey")
    assert "/login?next=/survey" in page.url


def test_a_step_is_taken_with_its_paper(visit: Callable[..., Any], deliveries: dict[str, Path]) -> None:
    page = visit("phone", "reviewer", ("409 (Conflict)",), java_script_enabled=False)
    page.goto("/review")
    page.locator('a[href*="#step-submit"]').first.click()
    page.wait_for_url("**/boundaries/*")
    step = page.locator("#step-submit")
    step.locator("textarea").fill("材料齐全，上报审批")
    step.locator('input[name="confirmed"]').check()
    step.locator("button").click()
    refusal = page.locator("[role=alert]")
    refusal.wait_for()
    assert "报批请示" in refusal.inner_text(), "what is missing is named"
    step.locator('input[type="file"]').set_input_files(deliveries["correct"])
    step.locator("textarea").fill("材料齐全，上报审批")
    step.locator('input[name="confirmed"]').check()
    step.locator("button").click()
    page.wait_for_url("**/boundaries/*?done=step")
    assert "报批" in page.locator(".timeline .current").inner_text()
    assert "correct.zip" in page.locator(".history").inner_text()


def test_fields_are_chosen_from_the_files_columns(visit: Callable[..., Any], site: Any) -> None:
    """Why the layer was read so, and a mapping by choice, without JavaScript."""
    way = {"type": "LineString", "coordinates": [[106.6, 29.7], [106.61, 29.72]]}
    row = {"type": "Feature", "properties": {"JXMC": "甲乙线", "beizhu": "无"}, "geometry": way}
    path = site.folder / "columns.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}), encoding="utf-8")
    page = visit("desktop", "surveyor2", java_script_enabled=False)
    page.goto("/survey")
    page.locator("#file").set_input_files(path)
    page.locator(".drop-send").click()
    layer = page.locator("#layers .layer").first
    inspected(page)
    whys = layer.locator(".why").all_inner_texts()
    assert len(whys) == 3 and all(re.search("[一-鿿]", why) for why in whys), whys
    name = layer.locator('select[name="field:0:name"]')
    assert name.locator("option").all_inner_texts() == ["无此字段", "JXMC", "beizhu"]
    assert name.input_value() == "JXMC"
    name.select_option("beizhu")
    assert "CR03" in page.locator(".groups").inner_text(), "no system is stated: WGS 84"
    page.locator("#layers input[name=crs]").fill("4490")
    page.locator("#layers form button[type=submit]").click()
    page.wait_for_url(lambda url: "done=recheck" in url)
    inspected(page)
    assert name.input_value() == "beizhu"
    assert page.locator("#layers input[name=crs]").input_value() == "4490"
    assert "CR03" not in page.locator(".groups").inner_text(), (
        "the chosen system counts, without a new upload"
    )
    assert page.locator(".groups .mend").count(), "the findings are there again"
    assert "docs/" not in page.locator(".groups").inner_text(), "no page of the project as a legal source"
    for group in page.locator(".group").all():
        said = group.locator(".hit-text").all_text_contents()
        assert group.locator(".group-title").text_content() not in said, "a message stands once"


def inspected(page: Any) -> None:
    """Wait until the inspection is over and the page, which loads itself again without a script too, shows it."""
    page.wait_for_url(re.compile(r"/survey/\d+"))
    until_page(page, lambda: '"box inspecting"' not in page.request.get(page.url).text(), "the inspection")
    page.wait_for_selector(".inspecting", state="detached")
    page.wait_for_selector(".workbench")


def test_a_file_is_dropped(visit: Callable[..., Any], deliveries: dict[str, Path]) -> None:
    page = visit("desktop", "surveyor2")
    page.goto("/survey")
    content = base64.b64encode(deliveries["correct"].read_bytes()).decode()
    carried = page.evaluate_handle(
        """text => {
            const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
            const carried = new DataTransfer();
            carried.items.add(new File([bytes], "拖放.zip", { type: "application/zip" }));
            return carried;
        }""",
        content,
    )
    zone = page.locator(".drop-zone")
    zone.dispatch_event("dragenter", {"dataTransfer": carried})
    assert "over" in zone.get_attribute("class").split()
    zone.dispatch_event("drop", {"dataTransfer": carried})
    page.wait_for_url(re.compile(r"/survey/\d+"))
    assert "拖放.zip" in page.locator("h1").inner_text()


def test_a_line_is_settled_and_the_public_sees_it(
    visit: Callable[..., Any], deliveries: dict[str, Path]
) -> None:
    """The approver takes a signed line on to settled with its papers; map and progress change."""
    public = visit("phone", java_script_enabled=False)
    page = visit("desktop", "approver")
    signed = [w for w in map_data(page)["ways"] if w["state"] == "agreement_signed" and not w["dispute"]]
    code = str(signed[-1]["code"])
    before = settled(public)
    assert not shown_settled(public, code)
    for name, kind in (("submit", "request"), ("settle", "approval")):
        assert settled(public) == before and not shown_settled(public, code)
        page.goto(f"/boundaries/{code}#step-{name}")
        step = page.locator(f"#step-{name}")
        step.locator(f'input[name="file:{kind}"]').set_input_files(deliveries["correct"])
        step.locator(f'input[name="number:{kind}"]').fill("渝北府〔2024〕99 号")
        step.locator(f'input[name="date:{kind}"]').fill("2024-12-30")
        step.locator("textarea").fill("材料齐全")
        step.locator('input[name="confirmed"]').check()
        step.locator("button").click()
        page.wait_for_url("**/boundaries/*?done=step")
    assert "勘定" in page.locator(".timeline .current").inner_text()
    assert settled(public) == (before[0] + 1, before[1]) == (12, 18)
    assert shown_settled(public, code)


def settled(page: Any) -> tuple[int, int]:
    """(settled, targeted) as the public progress page says."""
    page.goto("/dashboard")
    found = re.search(r"已勘定 (\d+) 条 / 目标 (\d+) 条", page.locator("main").inner_text())
    return int(found[1]), int(found[2])


def shown_settled(page: Any, code: str) -> bool:
    """Whether the public map shows the line itself, not the outline in use."""
    return any(w["accepted"] and w["state"] == "settled" for w in map_data(page)["ways"] if w["code"] == code)


def test_the_main_job(
    visit: Callable[..., Any], drawn: Callable[[Any], Any], deliveries: dict[str, Path], site: Any
) -> None:
    """Defective file, its findings by keyboard, other settings, mended file, acceptance by another person."""
    page = visit("desktop", "surveyor", gl=False)
    page.goto("/survey")
    first = uploaded(page, deliveries["defective"])
    stage = drawn(page)
    hit = page.locator(".hit:not([data-nowhere])").first
    hit.focus()
    page.keyboard.press("Enter")
    assert stage.get_attribute("data-chosen") == hit.get_attribute("data-finding")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement !== document.body")
    errors = page.locator('.hit[data-severity="error"]').count()
    assert errors > 20 and page.locator(".mend").count() > 20, "each says how to mend it"
    page.locator('.filter input[value="error"]').press("Space")
    assert page.locator('.hit[data-severity="error"]:visible').count() == 0
    assert page.locator('li:not([hidden]) > .hit[data-severity="warning"]').count() > 0

    page.locator("#layers input[name=encoding]").fill("gb18030")
    page.locator("#layers form button[type=submit]").click()
    page.wait_for_url(lambda url: "done=recheck" in url)
    page.wait_for_selector(".workbench", timeout=40_000)
    assert page.locator("#layers input[name=encoding]").input_value() == "gb18030"

    second = uploaded(page, deliveries["correct"], page.locator("form[data-drop]"))
    assert second != first
    compared = page.locator(".compare").inner_text()
    assert int(re.search(r"已消除 (\d+) 条", compared)[1]) > 20
    assert page.locator("#decide").count() == 0, "a submitter does not decide"
    page.goto(first)
    assert "已被替代" in page.locator(".title-chips").inner_text()
    number = first.rpartition("/")[2]

    officer = visit("phone", "approver", gl=False)
    officer.goto("/review")
    officer.locator(f'a[href="{second}"]').first.click()
    officer.wait_for_url(f"**{second}")
    officer.goto(f"{second}?view=changes")
    drawn(officer)
    assert officer.locator("[data-change], .bench-list .blank").count() > 0
    officer.locator("#decide textarea").fill("成果完整，同意接受")
    officer.locator("#decide input[type=checkbox]").check()
    officer.locator('#decide button[value="accept"]').click()
    officer.wait_for_url(lambda url: "done=accepted" in url)
    assert "已接受" in officer.locator(".title-chips").inner_text()
    assert officer.goto(f"/survey/{number}").status == 200
