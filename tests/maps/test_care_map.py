"""The elderly-care map and the leaflet: hostile names are text everywhere, the list holds what the map holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import lxml.html
import numpy as np
import pytest
import shapely

from geo.facilities.facility import Facility, Report, standing
from geo.facilities.hours import parse
from geo.facilities.kinds import CARE, rules
from geo.terms import FacilityStatus
from geo.text import Text
from maps import care_leaflet, care_list
from maps.care_list import About, Item
from maps.care_map import build, rest
from maps.care_words import WORDS
from maps.page import Assets
from tests.maps.test_boundary_map import HOSTILE, Linked

NOW = datetime(2024, 12, 26, 3, 0, tzinfo=UTC)
ABOUT = About("渝北区", date(2024, 12, 26), NOW, "待填")
UNITS = [("龙兴镇", shapely.box(106.5, 29.6, 106.7, 29.8))]


def facility(number: int = 1, **more: Any) -> Facility:
    base = Facility(
        number, 1, f"第{number}食堂", "E06", FacilityStatus.OPEN, "500112104201", "龙兴镇天堡社区", mode="market",
        hours=parse("逢1、4、7 07:00-13:00"), phone="023-00001234", prices={"meal_elder": 10}, services=("meals",),
        address="天堡路 1 号", beds=20, nursing_beds=4, lon=106.6 + number / 1000, lat=29.7, checked_on=date(2024, 12, 1),
    )  # fmt: skip
    return replace(base, **more)


def item(f: Facility) -> Item:
    return Item(f, standing(f, NOW, rules()))


def drawn(
    items: list[Item], about: About = ABOUT, assets: Assets | None = None
) -> tuple[str, dict[str, Any]]:
    """The page, and its data with what each row carries for the map as `items`."""
    page = build(items, UNITS, {"500112104": "龙兴镇"}, about, assets or Linked(), "n").document()
    found = re.search(r'id="map-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return page, json.loads(found[1]) | {"items": carried(page)}


def carried(page: str) -> list[dict[str, Any]]:
    """What the map's script reads of the rows of a list."""
    rows = lxml.html.fromstring(page).xpath("//li[@class='care-item']")
    return [
        {
            **{key.removeprefix("data-"): value for key, value in row.items() if key.startswith("data-")},
            "name": row.xpath(".//h3")[0].text_content(),
            "facts": json.loads(row.get("data-facts", "[]")),
        }
        for row in rows
    ]


def test_list_and_data_hold_the_same_in_the_same_order() -> None:
    page, data = drawn([item(facility(n)) for n in (3, 1, 2)])
    names = re.findall(r'<h3><a href="/facilities/\d+">([^<]+)</a>', page)
    assert names == [d["name"] for d in data["items"]] == ["第3食堂", "第1食堂", "第2食堂"]
    assert re.findall(r'class="care-no" aria-hidden="true">(\d+)', page) == ["1", "2", "3"]
    assert 'href="tel:02300001234"' in page
    facts = dict(data["items"][0]["facts"])
    assert (
        facts["食堂模式"] == "赶集食堂"
        and facts["价格"] == "老人餐 10 元"
        and "12 月 27 日" in facts["赶集日"]
    )


def test_a_card_says_all_that_one_asks_before_going_there() -> None:
    """Services, beds, market days, price, grade, access, phone and the date checked."""
    f = facility(grade="3", access={"lift": "yes", "ramp": "yes"})
    data = drawn([item(f)])[1]["items"][0]
    said = dict(data["facts"])
    asked = "食堂模式 开放时间 赶集日 价格 等级 床位 服务 无障碍 地址 核实日期"
    assert set(asked.split()) <= set(said), said
    assert said["核实日期"] == "2024-12-01" and data["phone"] == "023-00001234" and "4" in said["床位"]


def test_vacancies_stand_with_their_time_grey_when_old_and_not_at_all_when_stale() -> None:
    def made(days: float) -> str:
        report = Report(6, 1, None, NOW - timedelta(days=days))
        return drawn([item(facility(report=report))])[0]

    assert "6 张（12-25 11:00 报）" in made(1)
    assert "care-old" in made(9) and "较早" in made(9)
    assert "空床" not in re.sub(r'id="map-data">.*', "", made(40), flags=re.DOTALL)


def test_a_restricted_place_has_neither_pin_nor_address() -> None:
    page, data = drawn([item(facility(kind="S02", restricted=True))])
    assert data["items"][0]["at"] == "" and "天堡路" not in page and "地址不公开" in page


def test_a_page_holds_a_part_of_a_long_list_and_all_of_it_comes_beside() -> None:
    """Without the script the parts are reached by links, filtered on the server and numbered as in the whole."""
    many = [item(facility(n, mode="market" if n % 2 else "village")) for n in range(1, 201)]
    about = replace(ABOUT, rest="/maps/elderly-care/rest?at=2024-12-26", carried={"at": "2024-12-26"})
    page, data = drawn(many, about)
    assert [i["n"] for i in data["items"]] == [str(n) for n in range(1, 61)] and "200 处" in page
    assert data["rest"] == about.rest and "units" not in data and "data-facts" not in page
    assert (
        'rel="next" href="/maps/elderly-care?at=2024-12-26&amp;part=2"' in page and 'rel="prev"' not in page
    )
    wanted = replace(about, filters={"mode": "market", "q": "食堂"}, part=2)
    page, data = drawn(many, wanted)
    assert [i["n"] for i in data["items"]] == [str(n) for n in range(121, 200, 2)] and "100 处" in page
    assert (
        re.findall(r'class="care-no" aria-hidden="true">(\d+)', page)[0] == "61"
        and "第 2 页，共 2 页" in page
    )
    assert 'rel="prev" href="/maps/elderly-care?at=2024-12-26&amp;mode=market&amp;q=%E9%A3%9F' in page
    assert drawn(many, replace(wanted, part=99))[1]["items"] == data["items"]
    assert "data-parts" not in drawn(many[:60], about)[0] and "data-parts" not in drawn(many)[0]
    beside = rest(many, UNITS, about)
    whole = carried(f"<ol>{beside['list']}</ol>")
    assert [i["n"] for i in whole] == [str(n) for n in range(1, 201)] and len(beside["units"]) == 1
    assert {k: v for k, v in whole[0].items() if k != "n"} == {
        k: v for k, v in drawn(many)[1]["items"][0].items() if k != "n"
    }


def test_a_saved_file_promises_no_opening_and_asks_nobody() -> None:
    about = replace(ABOUT, nearby=None, links=False)
    page, data = drawn([item(facility())], about)
    assert data["nearby"] is None and data["items"][0]["open"] == "unknown"
    assert (
        "data-position" not in page
        and "/facilities/1" not in page
        and "正在营业" not in page.replace(WORDS["open_now"].zh, "")
    )


@pytest.mark.parametrize("name", [*HOSTILE, "\u202e反向\u2066"])
def test_hostile_names_are_text_on_map_list_and_leaflet(name: str) -> None:
    bad = facility(
        name=name, address=name, unit_name=name, operator=name, prices={"subsidy": name}, phone=name[:40]
    )
    page, data = drawn([item(bad)], replace(ABOUT, district=name, approval=name))
    assert data["items"][0]["name"] == name
    assert "uid=" not in page and "<script>alert" not in page and "<img" not in page and "<b>" not in page
    script = re.sub(r'id="map-data">.*?</script>', "", page, flags=re.DOTALL)
    script = script[script.index("L.map(") :]
    assert len(name) <= 3 or name not in script


def leaflet(**more: Any) -> care_leaflet.Leaflet:
    area = shapely.Point(106.6, 29.7).buffer(0.008)
    lines = shapely.MultiLineString([[(106.6, 29.7), (106.606, 29.702)], [(106.6, 29.7), (106.598, 29.705)]])
    stops = [care_leaflet.Stop(facility(n), item(facility(n)).standing, n + 3) for n in range(1, 12)]
    base = care_leaflet.Leaflet(
        lon=106.6, lat=29.7, minutes=15, who=Text("老人", "Elder"), stops=stops, area=area, lines=lines,
        says=Text("按步行路网计算", "By the street network"), parameters=Text("平地 0.9 米/秒", "0.9 m/s"),
        streets=("演示", date(2024, 12, 31)), approval="审图号：待填", url="http://localhost/maps/elderly-care#at=106.6,29.7",
        on=date(2024, 12, 26), demo=True,
    )  # fmt: skip
    return replace(base, **more)


def test_the_leaflet_is_a4_in_type_of_sixteen_points_and_more() -> None:
    import io

    import pypdf

    made = pypdf.PdfReader(io.BytesIO(care_leaflet.pdf(leaflet())))
    page = made.pages[0]
    assert [round(float(v) / 72 * 25.4) for v in page.mediabox[2:]] == [210, 297]
    text = "".join(p.extract_text() for p in made.pages).replace(" ", "")
    assert "我的十五分钟" in text and "第1食堂" in text and "023-00001234" in text and "还有2处" in text
    assert "0.9米/秒" in text and "审图号" in text and "演示数据" in text and "扫码看地图" in text
    sizes: list[float] = []

    def seen(said: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if said.strip():
            sizes.append(
                size
                * abs(
                    np.linalg.det(np.array(tm[:4]).reshape(2, 2))
                    * np.linalg.det(np.array(cm[:4]).reshape(2, 2))
                )
                ** 0.5
            )

    for p in made.pages:
        p.extract_text(visitor_text=seen)
    assert min(sizes) >= 15.99, sorted(set(np.round(sizes, 1)))


def test_the_sketch_is_drawing_only() -> None:
    svg = care_leaflet.sketch(leaflet(), leaflet().stops[:3])
    assert svg.startswith("<svg") and svg.endswith("</svg>") and "食堂" not in svg
    assert all(f">{n}</text>" in svg for n in (1, 2, 3))


def test_the_words_are_there_in_both_languages() -> None:
    from api.pages.facility_words import WORDS as PAGE_WORDS

    for key, text in {**WORDS, **care_leaflet.WORDS, **PAGE_WORDS}.items():
        assert text.zh and text.en, key
        if key not in ("target_from", "hours_help", "figures_lead"):
            assert not re.search(r"[一-鿿]", text.en), key
        assert sorted(re.findall(r"{\w+}", text.zh)) == sorted(re.findall(r"{\w+}", text.en)) or key in (
            "call",
            "subtitle",
        ), key
    assert set(care_list.COLOURS) >= set(CARE)
