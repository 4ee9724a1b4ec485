"""The village names on paper: famous ones first and in red, of the district or of a part."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import geopandas
import numpy as np
import shapely

from maps import sheets
from maps.sheets import village_sheet
from maps.village_map import About
from tests.maps.sheets import reading

ON = date(2024, 12, 31)


def name(number: int, text: str, lon: float | None, lat: float = 29.75, **changes: Any) -> dict[str, Any]:
    return {
        "number": number, "name": text, "lon": lon, "lat": lat, "status": "standard", "protected": False, "story": None,
        "category": "自然村", "demo": False, "unit_code": "500112101",
    } | changes  # fmt: skip


def frames(names: list[dict[str, Any]], items: list[dict[str, Any]] | None = None) -> Any:
    units = geopandas.GeoDataFrame(
        {"code": ["500112", "500112101", "500112102"], "name": ["示例区", "东山镇", "西山镇"],
         "level": ["county", "township", "township"]},
        geometry=[shapely.box(106.5, 29.6, 106.9, 29.9), shapely.box(106.7, 29.7, 106.9, 29.8),
                  shapely.box(106.5, 29.6, 106.7, 29.9)],
        crs=4490,
    )  # fmt: skip
    return SimpleNamespace(units=units, names=names, items=items or [], whole=True)


def build(found: Any, size: str = "A3", **changes: Any) -> sheets.Sheet:
    about = About("示例区", ON, "待填（未经审核，不得公开）", **changes)
    return village_sheet.build(found, about, sheets.paper(size))


def test_kinds_of_names_with_their_counts() -> None:
    item = {"kind": "museum", "title": "馆", "lon": 106.6, "lat": 29.7, "name_numbers": [3], "demo": False}
    found = frames(
        [
            name(1, "王家湾", 106.73, 29.68), name(2, "翠湖村", 106.8, 29.65, category="村委会、居委会所在地"), name(3, "龙门场", 106.6),
            name(4, "古寨", 106.55, protected=True), name(5, "老街", 106.65, status="vanished", protected=True),
            name(6, "无处", None),
        ],
        [item],
    )  # fmt: skip
    said = reading.texts(build(found).svg)
    for text in ("示例区乡村地名图", "王家湾", "翠湖村", "龙门场", "古寨", "老街", "东山镇", "西山镇", "名录地名", "村（社区）",
                 "地名馆", "审图号：待填（未经审核，不得公开）", "资料来源：示例区标准地名库"):  # fmt: skip
        assert any(text in one for one in said), (text, said)
    assert "无处" not in said and any("6 个地名" in one for one in said)
    kinds = [village_sheet.kind_of(n, {3}) for n in found.names]
    assert kinds == ["hamlet", "village", "famous", "famous", "gone", "hamlet"]


def test_the_famous_name_has_the_place_of_a_crowd() -> None:
    rng = np.random.default_rng(2)
    crowd = [name(i, f"小村{i}", *rng.uniform((106.69, 29.74), (106.71, 29.76))) for i in range(2, 400)]
    made = build(frames([*crowd, name(1, "古寨", 106.7, protected=True)]), "A4")
    assert "古寨" in reading.texts(made.svg) and len(made.left_out) > 200


def test_one_township_fills_its_sheet() -> None:
    found = frames([name(1, "王家湾", 106.75), name(2, "李家坝", 106.85)])
    whole, part = build(found), build(found, part="东山镇")
    assert part.title == "东山镇乡村地名图" and part.scale < whole.scale
    village = build(frames([name(1, "王家湾", 106.75), name(2, "李家坝", 106.76)]), part="翠湖村")
    assert village.scale < part.scale


def test_the_demonstration_and_emptiness_are_said() -> None:
    assert "演示数据（虚构）" in reading.texts(build(frames([name(1, "王家湾", 106.75, demo=True)])).svg)
    empty = build(frames([]))
    assert not empty.demo and any("0 个地名" in one for one in reading.texts(empty.svg))
