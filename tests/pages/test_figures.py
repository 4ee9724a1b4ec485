"""Public numbers: charts say what their tables say, and every page that shows one opens formula, inputs, date and law."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import lxml.html
import pytest

from api.app import create_app
from api.security.settings import DoorSettings
from geo.figures import public_figures
from geo.store import published_names
from geo.store.engine import sessions
from maps.charts import WIDTH, Bar, bars
from tests.api.conftest import TestClient
from tests.demonstration import Loaded, settings_of_the_demonstration
from tests.demonstration import demo_database as demo_database
from tests.demonstration import demonstration as demonstration

#: Where a figure stands before the public, by page.
SHOWN = {
    "/": {"lines_settled"},
    "/dashboard": {"lines_settled", "lines_by_state"},
    "/figures": {"lines_settled", "lines_by_state", "names_by_category", "care_coverage", "care_targets", "programme_done"},
    "/programme": {"programme_done"},
    "/punctuality": {"punctuality"},
    "/facilities/coverage": {"care_coverage", "care_supply", "care_targets"},
    "/facilities/areas": {"cremation_area"},
}  # fmt: skip


@pytest.fixture(scope="module")
def site(demo_database: str, demonstration: Loaded) -> Iterator[Any]:
    with settings_of_the_demonstration():
        app = create_app(settings=DoorSettings(login_burst=1000, login_per_minute=6000))
        with TestClient(app, headers={"Accept": "text/html"}) as client:
            yield client


def read(site: Any, path: str) -> Any:
    answer = site.get(path)
    assert answer.status_code == 200, path
    return lxml.html.fromstring(answer.text)


def test_every_public_figure_opens_what_it_rests_on(site: Any) -> None:
    for language in ("zh", "en"):
        seen = set()
        for path, expected in SHOWN.items():
            page = read(site, f"{path}?lang={language}")
            parts = page.xpath("//details[@data-figure]")
            assert {p.get("data-figure") for p in parts} == expected, path
            seen |= expected
            for part in parts:
                figure = public_figures()[part.get("data-figure")]
                said = [d.text_content() for d in part.xpath(".//dd")]
                assert said[0] == figure.formula.in_language(language)
                assert said[1].startswith(figure.inputs.in_language(language))
                assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", said[2]), (path, said)
                assert said[3] == figure.law.in_language(language)
                assert site.get(part.xpath(".//a/@href")[0]).status_code == 200, figure.data
        assert seen == set(public_figures()), "a figure that no page shows, or one that none explains"
    site.get("/?lang=zh")
    assert read(site, "/").xpath("//a[@href='/figures']"), "one step from home"


def test_charts_and_tables_hold_the_same_numbers(site: Any) -> None:
    page = read(site, "/figures?lang=zh")
    charts = page.xpath("//*[@class='numbers']")
    assert len(charts) == 5
    for chart in charts:
        drawn = chart.xpath(".//*[local-name()='svg']")[0]
        assert drawn.get("role") == "img" and drawn.get("aria-label")
        rows = chart.xpath(".//tbody/tr")
        names = [r.xpath("./th")[0].text_content() for r in rows]
        in_chart = [t.text for t in drawn.xpath(".//*[@class='chart-name']")]
        assert len(in_chart) in (len(names), len(names) - 1), "a row for each bar, and the total"
        assert all(
            n == shown or n.startswith(shown.rstrip("…")) for n, shown in zip(names, in_chart, strict=False)
        )
    with sessions("public")() as public:
        held = published_names.counts(public, district="500112", at=date(2024, 12, 31))
    table = page.xpath("//*[@id='names']//tbody/tr/td")
    assert [int(t.text.replace(",", "")) for t in table] == [*held.values(), sum(held.values())]
    lines = {"settled": page.xpath("//*[@id='lines']//tbody/tr/td[1]")}
    assert sum(int(t.text) for t in lines["settled"][:-1]) == int(lines["settled"][-1].text)
    assert site.get("/figures").text.count("style=") == 0


def test_bars_are_as_long_as_their_numbers_and_their_text_is_text() -> None:
    rows = [Bar("<b>甲</b>", 10, "10"), Bar("乙" * 40, 5, "5", whole=8), Bar("丙", None, "不公布")]
    drawn = lxml.html.fromstring(str(bars(rows, '"><script>')))
    parts = [float(r.get("width")) for r in drawn.xpath(".//*[contains(@class, 'chart-part')]")]
    assert parts == [WIDTH, WIDTH / 2, 0]
    names = [t.text for t in drawn.xpath(".//*[@class='chart-name']")]
    assert names[0] == "<b>甲</b>" and names[1].endswith("…") and len(names[1]) < 25
    assert drawn.get("aria-label") == '"><script>' and not drawn.xpath(".//script")


def test_large_bars_fold_their_names_onto_two_lines() -> None:
    drawn = lxml.html.fromstring(str(bars([Bar("Street, road or lane", 1, "120"), Bar("甲" * 9, 2, "7")], "t", large=True)))  # fmt: skip
    names = [t.text for t in drawn.xpath(".//*[@class='chart-name']")]
    assert " ".join(names[:2]) == "Street, road or lane" and names[2:] == ["甲" * 9]
    tops = [float(r.get("y")) for r in drawn.xpath(".//*[contains(@class, 'chart-part')]")]
    bases = [float(t.get("y")) for t in drawn.xpath(".//*[@class='chart-name']")]
    assert bases[1] < tops[0] < bases[2] < tops[1] < float(drawn.get("viewbox").split()[3])


def test_planners_see_the_proved_sites_beside_greed(site: Any, demonstration: Loaded) -> None:
    word = next(a.password for a in demonstration.accounts if a.login == "facility")
    assert site.get("/facilities/sites", follow_redirects=False).status_code in (303, 401)
    token = site.post(
        "/api/v1/sessions", json={"user": "facility", "password": word, "kind": "token"}
    ).json()["token"]
    answer = site.get("/facilities/sites?count=3", headers={"Authorization": f"Bearer {token}"})
    page = lxml.html.fromstring(answer.text)
    assert len(page.xpath("//tbody/tr")) == 3 and "已证明最优" in answer.text
    numbers = [int(re.sub(r"\D", "", d.text)) for d in page.xpath("//*[@class='tiles']//dd")]
    now, gained, greedy, cost = numbers
    assert now and gained >= greedy > 0 and cost == gained - greedy
    assert page.xpath("//tbody//a/@href")[0].startswith("/maps/elderly-care#at=")
    spoken = site.get("/facilities/sites?count=3&lang=en", headers={"Authorization": f"Bearer {token}"}).text
    assert "Walking model: Elder" in spoken and "步行模型" not in spoken
