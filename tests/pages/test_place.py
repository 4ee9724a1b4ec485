"""The page of a place as people meet it, on a desk and on a phone, without any request leaving the machine."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from geo.store.engine import sessions
from tests.pages.looking import fits


@pytest.fixture
def renamed(site: Any) -> dict[str, int]:
    """A renamed place of the real lists: 月影湖社区 became 月隐湖社区 between 2019-10-31 and 2020-06-30."""
    with sessions("public")() as session:
        rows = session.execute(
            text(
                "select number, place_id, name from published.place_name where name in ('月影湖社区', '月隐湖社区')"
            )
        ).all()
    found = {r.name: r.number for r in rows}
    return {"old": found["月影湖社区"], "new": found["月隐湖社区"], "place": rows[0].place_id}


def test_the_page_tells_the_name_its_spelling_and_its_history(visit: Any, renamed: Any) -> None:
    page = visit("desktop", gl=False)
    page.goto(f"/names/{renamed['new']}")
    assert page.locator("h1").first.inner_text().startswith("月隐湖社区")
    assert "Yuèyǐnhú Shèqū" in page.locator(".spelling").inner_text()
    history = page.locator("#history").inner_text()
    assert "月影湖社区" in history and "更名为" in history and "2019-10-31" in history
    assert f"/places/{renamed['place']}" in page.locator(".cite").inner_text()


@pytest.mark.parametrize(
    ("on", "name"), [("2019-12-31", "月影湖社区"), ("2021-01-01", "月隐湖社区"), ("1950-01-01", None)]
)
def test_what_was_it_called_on_a_date(visit: Any, renamed: Any, on: str, name: str | None) -> None:
    page = visit("desktop", gl=False)
    page.goto(f"/places/{renamed['place']}")
    page.fill("#when", on)
    page.press("#when", "Enter")
    page.wait_for_url(f"**/places/{renamed['place']}?at={on}")
    if name is None:
        assert "没有记载" in page.locator(".then").inner_text()
    else:
        assert page.locator("h1").first.inner_text().startswith(name)


def test_an_old_name_leads_to_the_one_in_use(visit: Any, renamed: Any) -> None:
    page = visit("phone", gl=False)
    page.goto(f"/names/{renamed['old']}?at=2024-12-31")
    page.locator(".then a").click()
    page.wait_for_url(f"**/names/{renamed['new']}")


@pytest.mark.parametrize("size", ["desktop", pytest.param("phone", marks=pytest.mark.full)])
def test_the_map_stands_and_nothing_overflows(visit: Any, site: Any, drawn: Any, size: str) -> None:
    with sessions("public")() as session:
        number = session.scalar(text(
            "select number from published.place_name where geometry is not null and status = 'standard'"
            " and category = '乡镇' order by number limit 1"
        ))  # fmt: skip
    page = visit(size)
    page.goto(f"/names/{number}?at=2024-12-31")
    drawn(page)
    assert fits(page)
    page.goto(f"/names/{number}?lang=en")
    assert "Sources and citation" in page.content()


def test_open_data_is_there(visit: Any, site: Any) -> None:
    page = visit("phone", gl=False)
    page.goto("/names/data")
    assert page.locator('a[href*="download.csv"]').is_visible()
    assert fits(page)
    with page.expect_download() as coming:
        page.locator('a[href*="download.csv"]').click()
    assert coming.value.suggested_filename.endswith(".csv")


def test_names_that_are_gone_are_listed_by_township_and_time(visit: Any, renamed: Any) -> None:
    page = visit("desktop", gl=False)
    page.goto("/names")
    page.click("main >> text=已不使用的地名")
    page.wait_for_url("**/names/vanished")
    page.goto("/names/vanished?unit=500112013&since=2020-01-01&until=2020-12-31")
    entry = page.locator(".vanished li", has_text="月影湖社区")
    said = entry.inner_text()
    assert "Yuèyǐnghú Shèqū" in said and "曾用名" in said and "2020-06-30 起停用" in said
    assert "消失原因" in said and "更名为“月隐湖社区”" in said
    assert page.locator(".vanished li").count() < 5
    entry.locator("h2 a").click()
    page.wait_for_url(f"**/names/{renamed['old']}")


def test_where_no_name_is_gone_the_page_says_what_to_do(visit: Any) -> None:
    page = visit("phone", allow=("422",))
    page.goto("/names/vanished?since=2023-12-01&until=2023-12-02")
    assert "放宽停用时间" in page.locator("main").inner_text()
    assert fits(page)
    page.goto("/names/vanished?unit=somewhere")
    assert "筛选条件有误" in page.locator("[role=alert]").inner_text()
    page.goto("/")
    assert page.locator("a[href='/names/vanished']").count() == 1
