"""One name from the first draft to its end, in a real browser: a township applies for a community, supplements, is accepted;
the reviewer sees the name that sounds like it; departments and the public are asked; it is approved, filed, announced and
found; then it is renamed, and later abolished. A builder's estate, on which this authority is only asked, beside it."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import mapbox_vector_tile
import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from geo import days
from geo.approvals import materials
from geo.store import audit_chain
from geo.store.engine import sessions
from geo.store.tables import NameSuccession, PlaceName, PlaceNameApplication
from tests.pages.conftest import until_page

NAME, ALIKE, RENAMED, ESTATE = "月饮湖社区", "月隐湖社区", "晴岚坝社区", "澜屿雅苑"
LON, LAT = 106.576, 29.625
PHONE = "13812345678"
#: The days whose register the site shows, one for each part of the journey.
NAMED, CHANGED, ENDED = date(2024, 12, 31), date(2025, 3, 31), date(2025, 9, 30)
FORM = {
    "reasons": "新建居民区已入住，群众办事需要社区名称",
    "position": "东临甲路，西至乙路",
    "size": "约2000户",
    "nature": "城市社区",
    "meaning": "取湖月相映之意",
}


class Day:
    """The day that everybody reads; the journey moves it past the public comment."""

    def __init__(self) -> None:
        self.day = days.today()

    def __call__(self, now: datetime | None = None) -> date:
        return self.day


@pytest.fixture
def day(site: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    made = Day()
    monkeypatch.setattr(days, "today", made)
    monkeypatch.setenv("YUDI_AS_OF", NAMED.isoformat())
    yield made


@pytest.fixture
def desk(visit: Callable[..., Any]) -> Callable[[str], Any]:
    """desk(login): that account's page; one for each in a journey. No map is drawn with WebGL."""
    pages: dict[str, Any] = {}

    def at(login: str) -> Any:
        if login not in pages:
            pages[login] = visit("desktop", login, gl=False)
            pages[login].set_default_timeout(60_000)
        return pages[login]

    return at


def saved(page: Any) -> None:
    page.wait_for_selector('[data-saved-words][data-state="saved"]')


def begin(page: Any, action: str, category: str) -> None:
    page.goto("/apply")
    page.check(f'input[value="{action}"]')
    page.select_option("#category", category)
    page.click("#begin button[type=submit]")
    page.wait_for_selector("[data-stage][data-ready]")


def fill(page: Any, form: Mapping[str, str], name: str = "") -> None:
    if name:
        page.fill("#name", name)
    for key, value in form.items():
        page.fill(f"#f-{key}", value)
    page.fill("#contact_name", "经办人")
    page.fill("#contact_phone", PHONE)
    saved(page)


def hand_in(page: Any) -> str:
    """Hand the form in; the number on the receipt."""
    page.click('button[value="submit"]')
    page.wait_for_url("**/applications/**")
    return str(page.url.rsplit("/", 1)[1].partition("?")[0])


def take(page: Any, number: str, step: str, reason: str, /, **fields: Any) -> None:
    """Take a step with the form of the case's page, as an officer does."""
    page.goto(f"/review/{number}", wait_until="domcontentloaded")
    form = page.locator(f"#step-{step}")
    form.locator("summary").click()
    for field, value in fields.items():
        if isinstance(value, dict):
            for key, text in value.items():
                form.locator(f'[name="{field}:{key}"]').fill(text)
        elif field in ("stance", "giver"):
            form.locator(f"[name={field}]").select_option(value)
        else:
            form.locator(f"[name={field}]").fill(value)
    form.locator("[name=reason]").fill(reason)
    form.locator("button[type=submit]").click()
    page.wait_for_url("**?done=step", wait_until="domcontentloaded")


def send(page: Any, number: str, step: str, reason: str, /, **fields: Any) -> None:
    """The same form without drawing the page between, for steps that the first part showed."""
    shown = page.request.get(f"/review/{number}").text()
    given = {name: shown.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf", "version")}  # fmt: skip
    flat = {f"{f}:{k}": v for f, told in fields.items() if isinstance(told, dict) for k, v in told.items()}
    flat |= {f: v for f, v in fields.items() if not isinstance(v, dict)}
    answer = page.request.post(
        f"/review/{number}/steps", form={**given, "transition": step, "reason": reason, **flat}
    )
    assert answer.ok and answer.url.endswith("?done=step"), (step, answer.status)


def consult(day: Day, act: Callable[..., None], reviewer: Any, number: str) -> None:
    """What a renaming and an abolition demand: a department's opinion, and the public's."""
    closes = day.day + timedelta(days=10)
    act(reviewer, number, "begin_review", "开始审查")
    act(reviewer, number, "seek_opinions", "征求部门意见", items="演示自然资源部门")
    act(
        reviewer, number, "record_opinion", "收到复函", giver="演示自然资源部门", stance="agree", says="无不同意见"
    )  # fmt: skip
    act(
        reviewer, number, "open_comment", "向社会公示", says="征求意见", opens=day.day.isoformat(), closes=closes.isoformat()
    )  # fmt: skip


def conclude(day: Day, act: Callable[..., None], reviewer: Any, number: str) -> None:
    day.day += timedelta(days=11)
    told = dict.fromkeys(materials.contents("comment"), "已汇总，多数支持")
    act(reviewer, number, "record_comment", "公示期满", contents=told, says="多数支持")
    act(reviewer, number, "report", "建议同意", stance="agree", says="建议批准")


def held(name: str) -> list[PlaceName]:
    """The versions of a name that the register holds now."""
    with sessions("app")() as session:
        rows = session.scalars(select(PlaceName).where(PlaceName.name == name).order_by(PlaceName.id))
        return [row for row in rows if row.recorded.upper is None]


def tile() -> str:
    """The tile of the map of villages in which the community lies."""
    n = 2**14
    y = (1 - math.asinh(math.tan(math.radians(LAT))) / math.pi) / 2 * n
    return f"/tiles/villages/14/{int((LON + 180) / 360 * n)}/{int(y)}.mvt"


def drawn_names(page: Any, at: date) -> set[str]:
    """The standard names on the tile; former ones are drawn as such."""
    content = page.request.get(f"{tile()}?at={at}").body()
    layers = mapbox_vector_tile.decode(content) if content else {}
    told = (f["properties"] for layer in layers.values() for f in layer["features"])
    return {p["name"] for p in told if p["status"] == "standard"}


def listed(page: Any, question: str) -> str:
    """What the search page answers, without the breaks round what is marked."""
    page.goto(f"/names?q={question}", wait_until="domcontentloaded")
    return "".join(page.inner_text("main").split())


def announced(page: Any, number: str) -> str:
    """The path of the announcement of a case."""
    page.goto(f"/applications/{number}", wait_until="domcontentloaded")
    return str(page.locator("dd a[href^='/announcements/']").last.get_attribute("href"))


def paper(folder: Path) -> Path:
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(made)
    path = folder / "位置图.pdf"
    path.write_bytes(made.getvalue())
    return path


def test_a_name_is_given_changed_and_ended(
    desk: Callable[[str], Any], visit: Callable[..., Any], day: Day, tmp_path: Path
) -> None:
    town, office, reviewer = desk("township"), desk("acceptance"), desk("reviewer")
    approver, registrar = desk("approver"), desk("registrar")
    public = visit("phone", gl=False)

    # A township applies: the draft saves itself, the naming rules answer, a paper goes with it.
    begin(town, "naming", "村委会、居委会所在地")
    town.click("summary:has-text('直接填写坐标')")
    town.select_option("#shape", "point")
    town.fill("#coordinates", f"{LON}, {LAT}")
    town.locator("#coordinates").blur()
    until_page(town, lambda: town.input_value("#unit"), "the township of the place")
    fill(town, FORM, NAME)
    town.wait_for_selector(f"[data-answer] :text('{ALIKE}')")
    town.set_input_files('[data-upload] input[type="file"]', paper(tmp_path))
    town.click("[data-upload] button[type=submit]")
    town.wait_for_selector("[data-state-box] .file")
    number = hand_in(town)

    # It is asked to supplement, does, and is accepted.
    take(office, number, "ask_supplement", "请补充户数", items="户数\n位置图须标注四至")
    town.goto(f"/applications/{number}")
    assert "位置图须标注四至" in town.inner_text("#supplement")
    town.fill("#supply-reason", "已补充")
    town.click("#supplement button.button-main")
    town.wait_for_url("**done=step")
    take(office, number, "accept", "材料齐全")

    # The reviewer sees what it sounds like, on the map and with its article, and asks whom the category demands.
    reviewer.goto("/review")
    reviewer.click(f'a[href="/review/{number}"]')
    found = reviewer.locator(".name-finding", has_text=ALIKE)
    assert "地名管理条例第九条" in found.inner_text() and "同音" in found.inner_text()
    found.locator(f"button.name-meet:has-text('{ALIKE}')").click()
    reviewer.wait_for_selector(f".case-map :text('{ALIKE}')")
    consult(day, take, reviewer, number)
    public.goto(f"/comments/{number}")
    public.check('input[value="support"]')
    public.fill("#says", "名字好听")
    public.click("#give button")
    public.wait_for_url("**done=commented**")
    assert "名字好听" not in public.inner_text("#said")
    reviewer.reload(wait_until="domcontentloaded")
    reviewer.fill("#comments [name=answer]", "谢谢，已采纳")
    reviewer.click("#comments button[value=show]")
    reviewer.wait_for_url("**done=saved**")
    public.reload()
    assert "名字好听" in public.inner_text("#said") and "已采纳" in public.inner_text("#said")
    conclude(day, take, reviewer, number)

    # Approved, it is in the register at once; nobody outside sees it before the announcement.
    take(approver, number, "approve", "同意命名")
    assert [n.status for n in held(NAME)] == ["approved"]
    assert NAME not in listed(public, "yueyinhu") and NAME not in drawn_names(public, NAMED)
    take(office, number, "deliver", "窗口领取")
    take(registrar, number, "send_filing", "报送备案")
    take(registrar, number, "announce", "予以公告")
    assert NAME in listed(public, "yueyinhu") and NAME in drawn_names(public, NAMED)
    take(registrar, number, "file", "备案办结", reference="演示备案1号")
    assert "已办结" in registrar.inner_text(".case-chips")
    office.goto("/maps/villages")
    office.wait_for_selector("[data-stage][data-names]")
    office.fill("#village-q", "yueyinhu")
    rows = office.locator("[data-rows] .row-name")
    until_page(office, lambda: NAME in rows.all_text_contents(), "the name on the map of villages")
    public.goto(f"/names/{held(NAME)[0].number}")
    assert NAME in public.inner_text("h1") and "Yuèyǐnhú" in public.inner_text("main")

    # The announcement stands, and carries the head of the chain, to outsiders' feeds too.
    path = announced(town, number)
    public.goto("/announcements")
    public.click(f'a[href="{path}"]')
    told = public.request.get(f"/api/v1{path}").json()
    assert NAME in public.inner_text("main") and told["head_hash"] in public.inner_text(".sheet-chain")
    feed = ElementTree.fromstring(public.request.get("/announcements.atom").body())
    entry = "".join(feed.find("{http://www.w3.org/2005/Atom}entry").itertext())  # type: ignore[union-attr]
    assert NAME in entry and told["head_hash"] in entry

    # The documents come from the worker, for the record and to edit.
    def made() -> list[str]:
        town.reload(wait_until="domcontentloaded")
        links = town.locator("#documents a.button-small")
        found = [str(links.nth(i).get_attribute("href")) for i in range(links.count())]
        return found if found and "正在生成" not in town.inner_text("#documents") else []

    kinds = set()
    for href in until_page(town, made, "the documents", 60):
        body = town.request.get(href).body()
        kinds.add((href.rpartition(".")[2], body[:4]))
    assert kinds == {("pdf", b"%PDF"), ("docx", b"PK\x03\x04")}
    pdf = next(h for h in made() if h.endswith(".pdf"))
    assert NAME in PdfReader(io.BytesIO(town.request.get(pdf).body())).pages[0].extract_text()

    # Renamed, because it sounds like another: the old name is chosen from the search.
    os.environ["YUDI_AS_OF"] = CHANGED.isoformat()
    renaming = change(town, "renaming", NAME, RENAMED)
    handled(day, desk, renaming)
    old, new = held(NAME), held(RENAMED)
    assert [n.status for n in old] == ["standard", "former"] and [n.status for n in new] == ["standard"]
    assert (old[1].valid.lower, new[0].valid.lower) == (CHANGED, CHANGED) and old[0].valid.upper == CHANGED
    assert old[0].place_id == new[0].place_id
    assert drawn_names(public, CHANGED) >= {RENAMED} and NAME not in drawn_names(public, CHANGED)
    assert NAME in drawn_names(public, NAMED), "on its own days the map shows the old name"
    answer = listed(public, "yueyinhu")
    assert RENAMED in answer and "曾用名" in answer

    # Abolished, because the community is no more.
    os.environ["YUDI_AS_OF"] = ENDED.isoformat()
    ending = change(town, "abolition", RENAMED)
    handled(day, desk, ending)
    assert [n.status for n in held(RENAMED)] == ["standard", "former"]
    assert RENAMED not in drawn_names(public, ENDED) and RENAMED in drawn_names(public, CHANGED)
    public.goto(f"/names/{new[0].number}")
    history = public.inner_text("main")
    assert NAME in history and announced(town, ending).rpartition("/")[2] in history
    with sessions("app")() as session:
        of = select(
            NameSuccession.kind, NameSuccession.from_number, NameSuccession.to_number, NameSuccession.on_date
        )
        rows = session.execute(
            of.where(NameSuccession.from_number.in_([old[0].number, new[0].number])).order_by(NameSuccession.id)
        )  # fmt: skip
        assert [tuple(r) for r in rows] == [
            ("renamed", old[0].number, new[0].number, CHANGED), ("abolished", new[0].number, None, ENDED),
        ]  # fmt: skip
        states = session.scalars(select(PlaceNameApplication.state).where(PlaceNameApplication.number.in_([number, renaming, ending])))  # fmt: skip
        assert set(states) == {"closed"}
        assert audit_chain.verify(session) == []


def change(town: Any, action: str, old: str, new: str = "") -> str:
    """A renaming or an abolition as the township hands it in."""
    begin(town, action, "村委会、居委会所在地")
    town.locator("#subject").press_sequentially(old[:3])
    town.locator(".subject-option", has_text=old).first.click()
    form = {k: v for k, v in FORM.items() if k != "meaning" or new}
    fill(town, form | ({} if new else {"cause": "居民整体搬迁，社区撤销"}), new)
    return hand_in(town)


def handled(day: Day, desk: Callable[[str], Any], number: str) -> None:
    """What officers do with a change, from acceptance to the announcement."""
    send(desk("acceptance"), number, "accept", "材料齐全")
    consult(day, send, desk("reviewer"), number)
    conclude(day, send, desk("reviewer"), number)
    send(desk("approver"), number, "approve", "同意")
    send(desk("registrar"), number, "send_filing", "报送备案")
    send(desk("registrar"), number, "file", "备案办结", reference="演示备案2号", date=day.day.isoformat())
    take(desk("registrar"), number, "announce", "予以公告")


def test_an_estate_is_answered_here_and_approved_elsewhere(
    desk: Callable[[str], Any], visit: Callable[..., Any], day: Day
) -> None:
    builder, registrar = desk("builder"), desk("registrar")
    public = visit("phone", gl=False)
    begin(builder, "naming", "住宅区、楼宇")
    builder.click("summary:has-text('直接填写坐标')")
    builder.select_option("#shape", "point")
    builder.fill("#coordinates", f"{LON}, {LAT}")
    builder.locator("#coordinates").blur()
    until_page(builder, lambda: builder.input_value("#unit"), "the township of the place")
    fill(builder, {**FORM, "green_ratio": "0.35", "area_m2": "40000"}, ESTATE)
    number = hand_in(builder)
    send(desk("acceptance"), number, "accept", "材料齐全")
    send(desk("reviewer"), number, "begin_review", "开始审查")
    send(desk("reviewer"), number, "report", "符合命名规则", stance="agree", says="建议同意")
    take(desk("approver"), number, "answer", "同意使用该名称")
    assert "已复函" in desk("approver").inner_text(".case-chips") and not held(ESTATE)
    # The department that decides sends its document; this authority keeps it, and announces after the filing.
    take(
        registrar, number, "record_approval", "收到批准文件", body="演示住房城乡建设部门", number="演示建〔2026〕1号",
        date=day.day.isoformat(),
    )  # fmt: skip
    assert registrar.locator("#step-announce").count() == 0, "the filing comes first"
    send(registrar, number, "send_filing", "报送备案")
    send(registrar, number, "file", "备案办结", date=day.day.isoformat(), reference="演示备案3号")
    take(registrar, number, "announce", "予以公告")
    assert ESTATE in listed(public, "lanyuyayuan")
    assert "演示建〔2026〕1号" in public.request.get(f"/api/v1{announced(builder, number)}").text()
