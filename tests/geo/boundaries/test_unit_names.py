"""Names of units in traditional characters are the same units."""

from __future__ import annotations

import csv
import json

import pytest

from geo.boundaries.unit_names import same_unit_name, simplified
from geo.settings import DATA

#: Traditional forms by the table that was made from simplified names, not the one that is under test.
TRADITIONAL = {
    "洛碛镇": "洛磧鎮", "统景镇": "統景鎮", "兴隆镇": "興隆鎮", "龙兴镇": "龍興鎮", "大盛镇": "大盛鎮",
    "木耳镇": "木耳鎮", "茨竹镇": "茨竹鎮", "古路镇": "古路鎮", "玉峰山镇": "玉峰山鎮", "石船镇": "石船鎮",
    "大湾镇": "大灣鎮", "双龙湖街道": "雙龍湖街道", "回兴街道": "回興街道", "悦来街道": "悅來街道",
    "两路街道": "兩路街道", "双凤桥街道": "雙鳳橋街道", "王家街道": "王家街道", "仙桃街道": "仙桃街道",
    "宝圣湖街道": "寶聖湖街道", "鱼嘴镇": "魚嘴鎮", "复盛镇": "復盛鎮", "郭家沱街道": "郭家沱街道",
    "礼嘉街道": "禮嘉街道", "鸳鸯街道": "鴛鴦街道", "翠云街道": "翠雲街道", "大竹林街道": "大竹林街道",
}  # fmt: skip


@pytest.mark.parametrize(("plain", "traditional"), TRADITIONAL.items())
def test_traditional_names_of_the_district(plain: str, traditional: str) -> None:
    assert same_unit_name(plain, traditional) and simplified(traditional) == plain


def test_standard_characters_stay_what_they_are() -> None:
    with (DATA / "boundaries" / "traditional.csv").open(encoding="utf-8", newline="") as file:
        added = {row["traditional"]: row["simplified"] for row in csv.DictReader(file)}
    with (DATA / "placenames" / "tongyong_8105.csv").open(encoding="utf-8", newline="") as file:
        standard = {row["char"] for row in csv.DictReader(file)}
    first = json.loads((DATA / "placenames" / "traditional_convert.json").read_text(encoding="utf-8"))
    assert len(added) > 1500 and not added.keys() & standard and not added.keys() & first.keys()
