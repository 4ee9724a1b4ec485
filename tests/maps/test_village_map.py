"""The map of village names: rows and flags, hostile names as text everywhere, a file that holds all it shows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas
import pytest

from geo.store import village_pages
from geo.terms import ProgrammeKind
from maps import village_map, village_stage
from maps.page import Assets
from maps.village_map import About, build
from tests.maps.conftest import district_frames
from tests.maps.test_boundary_map import HOSTILE, Linked, block

ABOUT = About("渝北区", date(2024, 12, 31), "待填（未经审核，不得公开）")
MARKS = [*HOSTILE, "\u202e反向\u2066", "<!--", "]]>"]


def name(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "number": number, "place_id": number, "name": f"第{number}湾", "romanization": "Diyiwan", "plain": "diyiwan",
        "initials": "dyw", "category": "自然村", "status": "standard", "unit_code": "500112100", "names_unit": None,
        "importance": 1.0, "demo": False, "meaning": None, "story": None, "named_on": None, "founded": None,
        "first_listed": None,
        "pictured": False, "lon": 106.6123456, "lat": 29.7, "protected": False,
    } | more  # fmt: skip


def item(**more: Any) -> dict[str, Any]:
    return {
        "number": 1, "kind": "museum", "title": "地名馆", "theme": None, "status": "done", "unit_code": "500112100",
        "name_numbers": [1], "says": "老地图", "responsible": None, "on_date": date(2024, 6, 1), "facts": {}, "demo": False,
        "lon": 106.6, "lat": 29.7,
    } | more  # fmt: skip


def frames(names: list[dict[str, Any]], items: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    placed = [(n["lon"], n["lat"]) for n in names if n["lon"] is not None]
    box = tuple(f(xy) for f in (min, max) for xy in zip(*placed, strict=True)) if placed else None
    told = {"whole": True, "count": len(names), "box": box, "demo": any(n["demo"] for n in names)} | more
    return SimpleNamespace(units=district_frames(demo=False).units, names=names, items=items or [], **told)


def row(**more: Any) -> list[Any]:
    return village_map.rows([name(**more)], ["500112100"])[0]


def test_a_row_holds_what_the_list_and_the_map_need() -> None:
    got = row(number=7, name="老屋（旧）", romanization="Lǎowū", plain="laowu", initials="lw")
    assert got == [7, "老屋（旧）", "老屋(旧)", "Lǎowū", "laowu", "lw", 106.61235, 29.7, 0, 0, None]
    assert row()[2] == 0, "a label that is the name is not said twice"
    assert row(unit_code="500112100203")[8] == 0, "a village lies in its township"
    assert row(unit_code="500112999")[8] == -1
    assert row(lon=None, lat=None)[6:8] == [None, None]
    assert row(plain=None, initials=None)[4:6] == ["", ""]
    full = village_map.rows([name(meaning="湾边", story="传说")], [], full=True)[0]
    assert len(full) == 13 and full[-2:] == ["湾边", "传说"]


@pytest.mark.parametrize(
    ("more", "flag"),
    [
        ({"protected": True}, 1), ({"story": "传说"}, 2), ({"meaning": "湾边"}, 4), ({"pictured": True}, 8),
        ({"status": "former"}, 16), ({"status": "vanished"}, 16), ({"status": "historic"}, 16),
        ({"category": "村委会、居委会所在地"}, 32), ({"demo": True}, 64), ({"protected": True, "demo": True}, 65),
    ],
)  # fmt: skip
def test_every_flag_has_a_bit_of_its_own(more: dict[str, Any], flag: int) -> None:
    assert row(**more)[9] == flag


@pytest.mark.parametrize(
    ("named_on", "founded", "first_listed", "year"),
    [
        ("1984-06", None, "2019-10-31", 1984),
        (None, "1736年", None, 1736),
        ("2003", "1736", None, 2003),
        ("清乾隆年间", "1736", None, 1736),
        ("不详", None, None, None),
        (None, None, "2019-10-31", 2019),
        (None, None, None, None),
    ],
)
def test_the_year_is_of_naming_else_of_the_village_else_of_the_first_list(
    named_on: str | None, founded: str | None, first_listed: str | None, year: int | None
) -> None:
    assert row(named_on=named_on, founded=founded, first_listed=first_listed)[10] == year


def test_the_page_fetches_and_the_file_holds() -> None:
    found = frames(
        [name(1, story="一段故事"), name(2, status="vanished")], [item(kind="product", theme="food")]
    )
    served = block(build(found, replace(ABOUT, data="/api/v1/maps/villages?at=2024-12-31"), Linked(), "n"))
    assert served["source"].startswith("/api/v1/maps/villages") and "contents" not in served
    parts = build(found, replace(ABOUT, links=False), Linked(), "n")
    held = block(parts)
    assert held["source"] is None and held["contents"]["whole"] is True
    assert [n[0] for n in held["contents"]["names"]] == [1, 2]
    assert held["contents"]["names"][0][12] == "一段故事"
    assert held["contents"]["items"][0]["kind_name"] and held["contents"]["items"][0]["on"] == "2024-06-01"
    assert 'value="item:product"' in parts.body and 'value="item:museum"' not in parts.body
    assert str(parts.body).count("<option") == len(held["units"]) + 1 + 6 + 1 + 1 + 5 + 1
    assert 'name="box"' not in parts.body, "all names are there: nothing has to be paged by the map"


def test_a_map_of_tiles_is_small_and_fetches_the_rest() -> None:
    """30 townships, the words and the style come from an address of their own, and nothing of them stands in the page."""
    found = frames([], [item()], whole=False, count=50_000, demo=True)
    found.units = pandas.concat(
        [
            found.units,
            *(found.units.iloc[-1:].assign(code=str(500112900 + i), name=f"第{i}街道") for i in range(28)),
        ]
    )
    about = replace(
        ABOUT,
        data="/api/v1/maps/villages/names?at=2024-12-31",
        rest="/api/v1/maps/villages/rest?at=2024-12-31",
    )
    parts = build(found, about, Linked(), "n")
    served = block(parts)
    assert (
        served["tiled"] and served["rest"] == about.rest and "units" not in served and "bands" not in served
    )
    assert len(parts.document().encode()) < 7_500
    assert '"/static/maplibre"' in parts.scripts and 'src="/static/maplibre' not in parts.scripts, (
        "loaded late"
    )
    assert "50,000" in parts.body and 'name="box"' in parts.body and "data-hint" in parts.body
    fetched = village_map.rest(found, ABOUT.on, "zh")
    assert set(fetched["words"]) == set(village_map.SCRIPT_WORDS) and fetched["items"][0]["kind"] == "museum"
    assert len(fetched["units"]) >= 28 and fetched["outline"]["coordinates"]
    assert all(u["geometry"]["coordinates"] and u["label"] for u in fetched["units"])
    layers = [layer["id"] for layer in fetched["style"]["layers"]]
    assert layers[:3] == ["villages-gone", "villages-hamlet", "villages-village"], "below what the list draws"
    assert layers[-1] == "units" and {"famous", "hamlet"} <= set(layers) and "villages-famous" not in layers


def test_the_page_of_few_names_fetches_its_ground_too() -> None:
    found = frames([name(1)], [item()])
    about = replace(ABOUT, data="/api/v1/maps/villages?at=2024-12-31")
    inside = block(build(found, about, Linked(), "n"))
    small = block(
        build(found, replace(about, rest="/api/v1/maps/villages/rest?at=2024-12-31"), Linked(), "n")
    )
    assert "units" not in small and not small["tiled"]
    fetched = json.loads(json.dumps(village_map.rest(found, ABOUT.on, "zh")))
    assert {**small, **fetched} == {**inside, "rest": small["rest"]}


def test_demonstration_names_say_so_and_real_ones_do_not() -> None:
    said = "演示"
    assert (
        said in str(build(frames([name(demo=True)]), ABOUT, Linked(), "n").body).partition('id="map-data"')[0]
    )
    assert said not in str(build(frames([name()]), ABOUT, Linked(), "n").body).partition('id="map-data"')[0]


def test_the_map_of_a_part_shows_where_its_names_lie() -> None:
    one = frames([name(lon=106.6, lat=29.7), name(2, lon=106.62, lat=29.71)])
    west, south, east, north = block(build(one, replace(ABOUT, part="统景镇"), Linked(), "n"))["bounds"]
    assert (west, south, east, north) == pytest.approx((106.59, 29.69, 106.63, 29.72))
    whole = block(build(one, ABOUT, Linked(), "n"))["bounds"]
    assert whole[2] - whole[0] > 0.3
    assert "统景镇" in str(build(one, replace(ABOUT, part="统景镇"), Linked(), "n").body)


def test_no_name_at_all_is_a_map_too() -> None:
    assert block(build(frames([]), replace(ABOUT, part="空镇"), Linked(), "n"))["contents"]["names"] == []


def test_a_register_without_outlines_is_a_map_too() -> None:
    found = frames([name(lon=None, lat=None)])
    found.units = (
        found.units.iloc[:2].assign(geometry=None, level=["county", "township"]).set_geometry("geometry")
    )
    assert block(build(found, ABOUT, Linked(), "n"))["units"] == []


def test_the_foot_leads_to_a_report_where_there_is_a_site() -> None:
    here = 'href="/report?about=/maps/villages"'
    assert here in str(build(frames([]), ABOUT, Linked(), "n").body)
    assert here not in str(build(frames([]), replace(ABOUT, links=False), Linked(), "n").body)


@pytest.mark.parametrize("mark", MARKS)
def test_hostile_names_are_text_everywhere(mark: str) -> None:
    bad = name(
        name=mark, romanization=mark, plain=mark, initials=mark, meaning=mark, story=mark, unit_code=mark, named_on=mark
    )  # fmt: skip
    thing = item(title=mark, says=mark, responsible=mark, theme=mark, unit_code=mark)
    found = frames([bad], [thing])
    found.units["name"] = [mark] * len(found.units)
    about = replace(ABOUT, district=mark, approval=mark, part=mark)
    parts = build(found, about, Linked(), "n")
    page = parts.document()
    data = block(parts)
    assert data["contents"]["names"][0][1] == data["contents"]["names"][0][12] == mark
    assert data["contents"]["items"][0]["title"] == data["units"][0]["title"] == mark
    assert "uid=" not in page, "a name ran as a template"
    assert "<script>alert" not in page and "<img" not in page and "<b>" not in page and "<!--" not in page
    # The block ends where it is meant to, and no name reaches what Folium renders.
    assert page.count("</script>") == len(re.findall(r"<script\b", page))
    script = re.sub(r'id="map-data">.*?</script>', "", page, flags=re.DOTALL)
    script = script[script.index("L.map(") :]
    assert len(mark) <= 4 or mark not in script


def test_every_kind_and_word_is_said_in_both_languages() -> None:
    from maps.words import WORDS

    for key in (
        *village_map.SCRIPT_WORDS,
        *village_stage.THEMES.values(),
        *village_stage.PERIODS.values(),
        "villages_box",
        "villages_no_gl",
        "villages_posters",
        "villages_part",
        "villages_whole",
        "district_line",
        "township_line",
        "filters",
        "villages_find",
        "by_township",
        "by_theme",
        "by_period",
    ):
        text = WORDS[key]
        assert text.zh and text.en and not re.search(r"[一-鿿]", text.en), key
        assert sorted(re.findall(r"{\w+}", text.zh)) == sorted(re.findall(r"{\w+}", text.en)), key
    assert set(village_stage.THEMES) | {f"item:{k.value}" for k in ProgrammeKind} == set(village_pages.THEMES)
    assert set(village_stage.PERIODS) == set(village_pages.PERIODS), (
        "what is offered is what the server filters by"
    )
    assert set(village_map.ITEM_COLOURS) == {k.value for k in ProgrammeKind}


def test_a_thousand_names_with_their_stories_fit_into_three_megabytes() -> None:
    """The measure of the file as it is sent: scripts, styles and all names with meaning and story."""
    many = [
        name(n, name=f"第{n}号大湾", meaning="湾边有井，故名。" * 4, story="清末迁来，修屋于此。" * 20)
        for n in range(1, 1001)
    ]
    try:
        made = build(frames(many), replace(ABOUT, links=False), Assets(inline=True), "n").document()
    except FileNotFoundError:
        pytest.skip("front-end assets are not installed")
    assert len(made.encode()) < 3_000_000
    outside = re.sub(r"<(script|style) nonce.*?</\1>", "", made, flags=re.DOTALL)
    assert "https://" not in outside and "/static/" not in outside and ".row-village" in made
    assert json.dumps("第1000号大湾", ensure_ascii=False)[1:-1] in made
