"""The boundary map: hostile names stay text, nothing is asked for outside, what is not public is not in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from geo.terms import LINE_STATE_NAMES, LineState
from maps.boundary_map import About, build, contents
from maps.page import Assets, MapParts
from maps.theme import TINTS, tint_numbers

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "`",
    "\\`",
    "${alert(1)}",
    "{{ cycler.__init__.__globals__.os.popen(dict(id=1)|first).read() }}",
    "{% x",
    '"><b>镇（东）',
]


class Linked(Assets):
    """Links without the vendor files, which these tests do not need."""

    def path(self, name: str) -> Path:
        super_root = Path(__file__)
        return super_root

    def url(self, name: str) -> str:
        return f"/static/{name}"


ABOUT = About("渝北区", date(2024, 12, 31), "待填（未经审核，不得公开）", target=18)


def block(parts: MapParts) -> dict[str, Any]:
    found = re.search(r'id="map-data">(.*?)</script>', str(parts.body), re.DOTALL)
    assert found
    return json.loads(found[1])


def test_every_field_may_hold_a_hostile_name(frames: Callable[..., Any]) -> None:
    made = frames(True, names=HOSTILE)
    for frame in (made.units, made.lines, made.pairs, made.markers):
        for column in (
            "code",
            "name",
            "document",
            "display_number",
            "number",
            "line_code",
            "condition",
            "parent_code",
        ):
            if column in frame:
                frame[column] = [HOSTILE[i % len(HOSTILE)] for i in range(len(frame))]
    for name in HOSTILE:
        about = About(name, date(2024, 12, 31), name, officer=True)
        page = build(made, about, Linked(), "n").document()
        assert "uid=" not in page
        assert "<script>alert" not in page
        assert "<img" not in page and "<b>" not in page
        outside_data = re.sub(r'id="map-data">.*?</script>', "", page, flags=re.DOTALL)
        script = outside_data[outside_data.index("L.map(") :]
        assert not any(text in script for text in HOSTILE if len(text) > 3), "a name reached a script"


def test_names_arrive_whole_in_the_data(frames: Callable[..., Any]) -> None:
    data = block(build(frames(True, names=HOSTILE), ABOUT, Linked(), "n"))
    assert {u["title"] for u in data["units"]} == set(HOSTILE)
    assert '"><b>镇(东)' in {u["label"] for u in data["units"]}, "labels use half-width brackets"


def test_no_address_leaves_the_machine(frames: Callable[..., Any]) -> None:
    page = build(frames(False), ABOUT, Linked(), "n").document()
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", page)
    assert "http://" not in page and "https://" not in page


def test_public_frames_make_a_public_map(frames: Callable[..., Any]) -> None:
    data = block(build(frames(False), ABOUT, Linked(), "n"))
    assert {w["state"] for w in data["ways"] if w["accepted"]} == {"settled"}
    coordinates = [c for w in data["ways"] for c in w["geometry"]["coordinates"]]
    assert all(round(x, 5) == x and round(y, 5) == y for x, y in coordinates)
    assert all(round(v, 3) == v for m in data["markers"] for v in m["at"])
    assert "已勘定界线经概括" in str(build(frames(False), ABOUT, Linked(), "n").body)


def test_the_officers_map_says_that_it_is_internal(frames: Callable[..., Any]) -> None:
    about = About("渝北区", date(2024, 12, 31), "渝S(2024)000号", officer=True)
    body = str(build(frames(True), about, Linked(), "n").body)
    assert "内部版" in body and "审图号：渝S(2024)000号" in body
    assert "内部版" not in str(build(frames(False), ABOUT, Linked(), "n").body)


def test_legend_and_list_say_the_same_as_the_map(frames: Callable[..., Any]) -> None:
    parts = build(frames(True), ABOUT, Linked(), "n")
    data, body = block(parts), str(parts.body)
    assert len(re.findall(r'data-way="\d+"', body)) == len(data["ways"]) > 10
    listed = re.findall(r'data-marker="(\d+)".*?<span class="row-name">(.*?)</span>', body)
    assert [(int(place), shown) for place, shown in listed] == [
        (place, marker["title"]) for place, marker in enumerate(data["markers"])
    ], "every marker of the map stands in its list, by the number that the map writes"
    assert listed, "the frames have markers"
    for state in LineState:
        chosen = [w for w in data["ways"] if w["state"] == state]
        km = sum(w["length_km"] for w in chosen)
        assert f"{len(chosen)} · {km:.1f} km" in body
        assert LINE_STATE_NAMES[state].zh in body
    settled = sum(w["state"] == "settled" for w in data["ways"])
    assert f"已勘定 {settled} 条，年度目标 18 条" in body
    assert "演示数据（虚构）" in body and "2024-12-31" in body


def test_each_state_has_its_colour_and_what_is_not_settled_is_dashed(frames: Callable[..., Any]) -> None:
    data = block(build(frames(True), ABOUT, Linked(), "n"))
    drawn = data["theme"]["states"]
    assert set(drawn) == {s.value for s in LineState} and len(
        {colour for colour, _ in drawn.values()}
    ) == len(drawn)
    assert {state for state, (_, dash) in drawn.items() if not dash} == {"settled"}
    for way in data["ways"]:
        outline = not way["accepted"] and way["state"] != "settled"
        assert (way["note"] is not None) is outline, "an outline in use says that it is no settled line"


def test_the_card_tells_the_facts(frames: Callable[..., Any]) -> None:
    made = frames(True)
    data = block(build(made, ABOUT, Linked(), "n"))
    row = made.lines[made.lines["state"] == "settled"].iloc[0]
    (way,) = [w for w in data["ways"] if w["code"] == row["code"]]
    names = dict(zip(made.units["code"], made.units["name"], strict=True))
    told = [value for _, value in way["facts"]]
    for fact in (row["code"], "已勘定", names[row["left_code"]], names[row["right_code"]], f"{row['length_m'] / 1000:.2f} km",
                 "2024-05-01", "示例〔2024〕1号"):  # fmt: skip
        assert fact in told, fact
    assert all(
        name and value
        for thing in (*data["ways"], *data["markers"], *data["units"])
        for name, value in thing["facts"]
    )
    marker = data["markers"][0]
    assert {made.markers.iloc[0]["number"], made.markers.iloc[0]["line_code"]} <= {
        value for _, value in marker["facts"]
    }
    unit = data["units"][0]
    assert {unit["code"], "500112"} <= {value for _, value in unit["facts"]}


def test_a_page_may_fetch_what_is_drawn(frames: Callable[..., Any]) -> None:
    made = frames(False)
    inside = block(build(made, ABOUT, Linked(), "n"))
    parts = build(made, replace(ABOUT, rest="/api/v1/maps/boundaries?at=2024-12-31"), Linked(), "n")
    small = block(parts)
    assert set(small) == {"rest", "words", "bounds", "language"}, "no outline is in the page"
    fetched = json.loads(json.dumps(contents(made, ABOUT)))
    assert {**small, **fetched} == {**inside, "rest": small["rest"]}
    # The list is there at once, with the numbers that the lines bear.
    rows = re.findall(r'data-way="(\d+)".*?<span class="row-number">(\d+)</span>', str(parts.body), re.DOTALL)
    assert len(rows) == len(fetched["ways"]) and all(int(way) + 1 == int(number) for way, number in rows)


def test_county_lines_do_not_fill_the_townships_count(frames: Callable[..., Any]) -> None:
    made = frames(True)
    row = made.lines.index[0]
    state = LineState(made.lines.loc[row, "state"])
    before = counted(made, state)
    made.lines.loc[row, "code"] = "500105-500112"
    assert counted(made, state) == before - 1
    body = str(build(made, ABOUT, Linked(), "n").body)
    listed, apart, markers = body.split('class="rows-title"')
    heading = re.search(r'data-list><summary>[^<]*<span class="count">(\d+)', listed)
    assert int(heading[1]) == listed.count("data-way=")
    assert apart.count("data-way=") == 1, "the county line stands in a group of its own"
    assert markers.count("data-way=") == 0 < markers.count("data-marker="), "and so do the markers"
    assert re.search(r'区界（县级界线）</span><span class="legend-count">1 · ', body)


def counted(made: Any, state: LineState) -> int:
    """How many lines of a state the legend counts."""
    name = re.escape(LINE_STATE_NAMES[state].zh)
    pattern = rf'legend-name">{name}</span><span class="legend-count">(\d+) · '
    found = re.search(pattern, str(build(made, ABOUT, Linked(), "n").body))
    return int(found[1]) if found else 0


def test_without_demo_data_nothing_says_demo(frames: Callable[..., Any]) -> None:
    assert "演示数据（虚构）" not in str(build(frames(True, demo=False), ABOUT, Linked(), "n").body)


def test_english_has_no_chinese_furniture(frames: Callable[..., Any]) -> None:
    made = frames(False, names=[f"Unit {i}" for i in range(8)])
    for frame in (made.lines, made.pairs):
        frame["name"] = "Line"
    made.lines["document"] = None
    about = About("Yubei", date(2024, 12, 31), "none", language="en", target=18)
    assert not re.search(r"[一-鿿]", str(build(made, about, Linked(), "n").body).replace("界线", "", 1))


def test_an_empty_district_is_a_map_too(frames: Callable[..., Any]) -> None:
    made = frames(True)
    for name in ("units", "lines", "pairs", "markers"):
        setattr(made, name, getattr(made, name).iloc[:0])
    assert "此日期没有界线记录" in str(build(made, ABOUT, Linked(), "n").body)


def test_neighbours_differ_in_tint() -> None:
    cells = np.array(
        [shapely.box(x, y, x + 1, y + 1) for x in range(6) for y in range(5)] + [None], dtype=object
    )
    tints = tint_numbers(cells)
    assert set(tints) <= set(range(len(TINTS)))
    frame = geopandas.GeoSeries(cells[:-1])
    left, right = frame.sindex.query(frame, predicate="touches")
    sides = [(a, b) for a, b in zip(left, right, strict=True) if frame[a].intersection(frame[b]).length > 0]
    assert sides and all(tints[a] != tints[b] for a, b in sides)


def test_the_pages_use_the_maps_colours() -> None:
    import maps.theme as theme

    css = (
        (Path(__file__).resolve().parents[2] / "api/static/css/tokens.css")
        .read_text(encoding="utf-8")
        .upper()
    )
    for name in ("INK", "SECOND", "THIRD", "SEAL", "PANEL", "RULE", "OUTSIDE"):
        assert f"--{name.replace('_', '-')}: {getattr(theme, name)}" in css
    for severity, colour in theme.SEVERITY_COLOURS.items():
        assert f"--{severity.name}: {colour}" in css


@pytest.mark.skipif(
    not (Path(__file__).resolve().parents[2] / "api/static/vendor/leaflet/leaflet.js").is_file(),
    reason="front-end assets are not installed; ./yudi up installs them",
)
def test_standalone_is_one_file(frames: Callable[..., Any]) -> None:
    page = build(frames(False), ABOUT, Assets(inline=True), "n").document()
    assert not re.search(r"<(?:script|img|iframe|link)[^>]*\s(?:src|href)=", page)
    assert "connect-src data: blob:" in page, "its own policy lets nothing out"
