"""Kinds as rows of a table, a row of a file as a facility, what of it is public, and comparing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from geo.facilities.compare import NotToCompare, compare
from geo.facilities.facility import Facility, Report, price_text, standing
from geo.facilities.freshness import Freshness
from geo.facilities.hours import Openness, parse
from geo.facilities.kinds import CARE, FOLDER, MODES, figures, kind_named, kinds, rules
from geo.facilities.register import NoFacilityName, columns, draft, mapped
from geo.reading.rows import BadMapping
from geo.terms import FacilityStatus


def unit_of(word: str, place: tuple[float, float] | None) -> str | None:
    return {"龙兴镇": "500112104", "": "500112104201" if place else None}.get(word)


def row(**more: str) -> dict[str, str]:
    return {"name": "天宫殿社区食堂", "kind": "老年食堂", "unit": "龙兴镇", **more}


def why(key: str, **more: str) -> str:
    found = dict(draft(row(**more), unit_of, (106, 29, 107, 30)).problems)
    return found[key].zh if key in found else ""


def test_all_kinds_and_the_seven_modes_are_there() -> None:
    table = kinds()
    assert {f"E{i:02d}" for i in range(1, 16)} <= set(table)
    assert not table["E15"].place and table["S02"].restricted and not table["S02"].public
    assert [t.zh for t in list(MODES.values())[:7]] == [
        "养老机构+食堂", "物业+食堂", "社区+食堂", "餐饮企业+食堂", "村社食堂", "赶集食堂", "集体经济食堂",
    ]  # fmt: skip
    assert {k.group for k in table.values() if k.code.startswith("E") and k.place} == set(CARE)
    assert (figures()["family_care_beds"].target, figures()["home_visits"].target) == (500, 40000)
    assert (figures()["model_canteens"].target, figures()["model_canteens"].target_most) == (3, 5)


def test_a_further_kind_is_a_row(tmp_path: Path) -> None:
    text = (FOLDER / "kinds.csv").read_text(encoding="utf-8")
    more = tmp_path / "kinds.csv"
    more.write_text(
        text + "P03,社工站,Social work station,civil,circle,乡镇社工服务,Social work,yes,no,本区\n",
        encoding="utf-8",
    )
    assert kinds(more)["P03"].name.zh == "社工站" and kinds(more)["P03"].public
    more = tmp_path / "other.csv"
    more.write_text(text + "P04,X,X,nowhere,circle,x,x,yes,no,x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="P04"):
        kinds(more)


@pytest.mark.parametrize(("word", "code"), [("E06", "E06"), ("e01", "E01"), ("老年食堂", "E06"), ("敬老院", "E01"), ("助餐点", "E07"), ("公墓", "C03"), ("飞机场", None)])  # fmt: skip
def test_kinds_by_word(word: str, code: str | None) -> None:
    found = kind_named(word)
    assert (found.code if found else None) == code


def test_a_row_of_a_file() -> None:
    got = draft(
        row(mode="社区+食堂", hours="周一至周日 10:30-13:00", services="助餐、送餐上门", access="坡道,无障碍卫生间", seats="60",
            meal_elder="12", subsidy="80 岁以上减 3 元", phone="023-67800000", checked_on="2024/12/1", lon="106.62", lat="29.72",
            model_canteen="是", fire_acceptance="已验收", beds=""),
        unit_of,
    )  # fmt: skip
    assert got.problems == [] and got.place == (106.62, 29.72)
    v = got.values
    assert (v["kind"], v["mode"], v["services"], v["access"]) == ("E06", "community", ["meals", "delivery"], {"ramp": True, "toilet": True})  # fmt: skip
    assert v["hours"]["weekly"][0]["spans"] == [["10:30", "13:00"]] and v["checked_on"] == date(2024, 12, 1)
    assert v["facts"] == {"seats": 60, "model_canteen": "yes"} and v["internal"] == {
        "fire_acceptance": "已验收"
    }
    assert v["prices"] == {"meal_elder": "12", "subsidy": "80 岁以上减 3 元"} and v["status"] == "open"


def test_what_is_wrong_with_a_row_is_said_by_column() -> None:
    assert "飞机场" in why("kind", kind="飞机场")
    assert "只作统计" in why("kind", kind="家庭养老床位")
    assert "手机" in why("phone", phone="13800000000")
    assert why("phone", phone="13800000000", phone_agreed="是") == ""
    assert "电话" in why("phone", phone="找王阿姨")
    assert "整数" in why("beds", beds="很多")
    assert "不能多于" in why("nursing_beds", beds="10", nursing_beds="11")
    assert "开放时间" in why("hours", hours="随时")
    assert "日期" in why("checked_on", checked_on="2024-13-01")
    assert "同时" in why("lon", lon="106.5")
    assert "不在地图" in why("lon", lon="0", lat="0")
    assert "范围" in why("lon", lon="116.4", lat="39.9")
    assert "找不到" in why("unit", unit="不存在镇")
    assert "或给出位置" in why("unit", unit="")
    assert why("unit", unit="", lon="106.6", lat="29.7") == ""
    assert "100" in why("name", name="")
    assert "理发" in why("services", services="理发")


def test_headings_of_others_are_recognised() -> None:
    got = mapped(["机构名称", "机构类型", "详细地址", "联系电话", "总床位数", "经度", "纬度", "备注"])
    assert got == {"name": "机构名称", "kind": "机构类型", "address": "详细地址", "phone": "联系电话", "beds": "总床位数", "lon": "经度", "lat": "纬度"}  # fmt: skip
    assert mapped(["甲", "乙"], {"name": "乙"}) == {"name": "乙"}
    with pytest.raises(NoFacilityName):
        mapped(["甲", "乙"])
    for wrong in ({"nome": "甲"}, {"name": "丙"}, {"name": "甲", "code": "甲"}):
        with pytest.raises(BadMapping):
            mapped(["甲", "乙"], wrong)
    assert {c.into for c in columns().values()} == {"table", "facts", "prices", "internal"}


NOW = datetime(2024, 12, 26, 11, 0, tzinfo=UTC)
BASE = Facility(
    1, 1, "天宫殿社区食堂", "E06", FacilityStatus.OPEN, "500112104201", hours=parse("每天 10:30-13:00"), lon=106.6, lat=29.7,
    prices={"meal_elder": "12"}, beds=40, checked_on=date(2024, 12, 1),
)  # fmt: skip


def reported(days: float, vacancies: int = 6) -> Facility:
    return replace(BASE, report=Report(vacancies, 2, "今天有腊八粥", NOW - timedelta(days=days)))


def test_vacancies_are_grey_when_old_and_hidden_when_stale() -> None:
    seen = [standing(reported(d), NOW, rules()) for d in (1, 8, 31)]
    assert [(s.vacancies, s.fresh) for s in seen] == [(6, Freshness.FRESH), (6, Freshness.OLD), (None, None)]
    assert seen[0].reported == NOW - timedelta(days=1) and seen[2].reported is None
    assert (seen[0].notice, seen[1].notice) == ("今天有腊八粥", None)
    assert standing(BASE, NOW, rules()).vacancies is None


def test_what_was_not_checked_for_half_a_year_is_marked() -> None:
    assert not standing(BASE, NOW, rules()).overdue
    assert standing(replace(BASE, checked_on=date(2024, 6, 1)), NOW, rules()).overdue
    assert standing(replace(BASE, checked_on=None), NOW, rules()).overdue


def test_what_is_public() -> None:
    assert BASE.placed
    assert not replace(BASE, restricted=True).placed and replace(BASE, restricted=True).public
    assert not replace(BASE, kind="S02").placed
    assert not replace(BASE, kind="E15").public
    assert not replace(BASE, status=FacilityStatus.PLANNED).public
    closed = replace(BASE, status=FacilityStatus.SUSPENDED).open(NOW.replace(tzinfo=None))
    assert closed.state is Openness.CLOSED and closed.says.zh == "暂停"


def test_two_to_six_are_compared() -> None:
    other = replace(
        reported(1), number=2, name="乙", mode="market", prices={"meal_elder": "15", "meal_public": "20"}
    )
    pair = [BASE, other]
    rows = {r.label.zh: r for r in compare(pair, [standing(f, NOW, rules()) for f in pair], [7.0, None])}
    assert rows["步行（往返取长）"].values[0].zh == "7 分钟" and rows["步行（往返取长）"].values[1] is None
    assert rows["价格"].differs and not rows["类别"].differs
    assert rows["空床"].values[0] is None and rows["空床"].values[1].zh == "6"
    assert price_text(other).en == "Meal for elders 15 yuan, others 20 yuan"
    for wrong in ([BASE], [replace(BASE, number=i) for i in range(7)], [BASE, BASE]):
        with pytest.raises(NotToCompare):
            compare(wrong, [standing(f, NOW, rules()) for f in wrong])
