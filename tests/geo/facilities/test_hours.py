"""Opening hours: reading, open now, holidays, market days by the ten-day and the lunar rule."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import radians, sin
from pathlib import Path

import pytest

from geo.facilities import hours
from geo.facilities.hours import BadHours, Openness, market_days, now, parse, says
from geo.facilities.lunar import lunar

TAIPEI = Path(__file__).resolve().parents[4] / "shared" / "data" / "eldercare" / "tp_dementia_points.csv"


@pytest.mark.parametrize(
    ("text", "weekly"),
    [
        ("周一至周五 08:00-17:30", [([1, 2, 3, 4, 5], [["08:00", "17:30"]])]),
        ("每天 6:30—9:00、11:00～13:00", [([1, 2, 3, 4, 5, 6, 7], [["06:30", "09:00"], ["11:00", "13:00"]])]),
        ("周一、三、五 9:00-11:30；周六 14:00-16:00",
         [([1, 3, 5], [["09:00", "11:30"]]), ([6], [["14:00", "16:00"]])]),
        ("星期六至星期一 10:00至12:00", [([1, 6, 7], [["10:00", "12:00"]])]),
        ("工作日 09:00-17:00，周末 10:00-16:00",
         [([1, 2, 3, 4, 5], [["09:00", "17:00"]]), ([6, 7], [["10:00", "16:00"]])]),
        ("24小时", [([1, 2, 3, 4, 5, 6, 7], [["00:00", "24:00"]])]),
        ("营业时间：周日 22:00-次日02:00", [([7], [["22:00", "02:00"]])]),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(text: str, weekly: list) -> None:
    got = parse(text)
    assert [(r["days"], r["spans"]) for r in got["weekly"]] == weekly
    assert got["text"] == " ".join(text.split())
    again = says(got)
    assert again is not None and parse(again.zh)["weekly"] == got["weekly"]


@pytest.mark.parametrize(
    "text", ["看情况", "周一至周五", "周三全宵 08:00-10:00", "每天 25:00-26:00", "逢1、4、7"]
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(BadHours):
        parse(text)


def test_real_half_days_are_marked_as_about() -> None:
    if not TAIPEI.exists():
        pytest.skip("real data not here")
    with TAIPEI.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    column = next(c for c in rows[0] if "時" in c)
    written = [r[column].strip() for r in rows if r[column].strip()]
    read = 0
    for text in written:
        try:
            got = parse(text)
        except BadHours:
            continue
        read += 1
        assert got["about"] is True
    assert read >= 0.9 * len(written) > 20
    mixed = parse("周二至五上午,周一至周五下午")
    assert {tuple(r["days"]): r["spans"] for r in mixed["weekly"]} == {
        (1, 2, 3, 4, 5): [["14:00", "17:00"]], (2, 3, 4, 5): [["09:00", "12:00"]],
    }  # fmt: skip


def test_open_now() -> None:
    week = parse("周一至周五 08:00-12:00、14:00-17:30")
    thursday = datetime(2024, 12, 26, 9, 0)
    assert (now(week, thursday).state, now(week, thursday).at) == (
        Openness.OPEN,
        datetime(2024, 12, 26, 12, 0),
    )
    assert now(week, thursday).says.zh == "正在营业，到 12:00"
    noon = now(week, datetime(2024, 12, 26, 12, 0))
    assert noon.state is Openness.CLOSED and noon.says.zh == "现在休息，14:00 开门"
    friday_night = now(week, datetime(2024, 12, 27, 20, 0))
    assert friday_night.at == datetime(2024, 12, 30, 8, 0)
    assert friday_night.says.en == "Closed now, opens 30 Dec 08:00"
    assert now({}, thursday).state is Openness.UNKNOWN
    assert now({"text": "请来电"}, thursday).state is Openness.UNKNOWN


def test_a_span_may_run_past_midnight_and_spans_that_touch_are_one() -> None:
    late = parse("每天 18:00-02:00")
    assert now(late, datetime(2024, 12, 26, 1, 0)).at == datetime(2024, 12, 26, 2, 0)
    always = parse("24小时")
    midnight = now(always, datetime(2024, 12, 26, 23, 59))
    assert midnight.state is Openness.OPEN and midnight.says.zh == "正在营业，全天开放"


def test_holidays_close_only_who_says_so_and_are_doubtful_where_nobody_said() -> None:
    new_year = datetime(2025, 1, 1, 12, 0)
    off = {date(2025, 1, 1)}
    assert now(parse("每天 07:00-19:00，法定节假日休息"), new_year, off).state is Openness.CLOSED
    assert now(parse("每天 07:00-19:00，节假日照常"), new_year, off).state is Openness.OPEN
    assert now(parse("每天 07:00-19:00"), new_year, off).state is Openness.UNKNOWN
    shut = {**parse("每天 07:00-19:00，节假日照常"), "closed": [["2024-12-30", "2025-01-02"]]}
    assert now(shut, new_year, off).at == datetime(2025, 1, 3, 7, 0)


def test_market_days_by_the_ten_day_rule() -> None:
    market = parse("逢1、4、7 07:00-13:00")
    assert market["market"] == {"calendar": "solar", "digits": [1, 4, 7], "spans": [["07:00", "13:00"]]}
    days = market_days(market["market"], date(2024, 12, 1), 31)
    assert [d.day for d in days] == [1, 4, 7, 11, 14, 17, 21, 24, 27, 31]
    assert now(market, datetime(2024, 12, 24, 8, 0)).state is Openness.OPEN
    assert now(market, datetime(2024, 12, 25, 8, 0)).at == datetime(2024, 12, 27, 7, 0)
    assert parse("逢三、六、十 赶集 06:00-12:00")["market"]["digits"] == [0, 3, 6]


def test_market_days_by_the_moon() -> None:
    market = parse("农历逢三、六、九 07:00-12:00")
    assert market["market"]["calendar"] == "lunar"
    # 2025-01-29 is the first of the first month: its third is the 31st.
    assert market_days(market["market"], date(2025, 1, 29), 10) == [
        date(2025, 1, 31), date(2025, 2, 3), date(2025, 2, 6),
    ]  # fmt: skip
    assert "农历逢 3、6、9 赶集日 07:00–12:00" in (says(market) or hours.OPENS).zh


@pytest.mark.parametrize(
    ("day", "written"),
    [
        # 春节, 端午, 中秋 as the State Council's holiday notices have them.
        ("2019-02-05", "正月初一"), ("2020-01-25", "正月初一"), ("2021-02-12", "正月初一"), ("2022-02-01", "正月初一"),
        ("2023-01-22", "正月初一"), ("2024-02-10", "正月初一"), ("2025-01-29", "正月初一"), ("2026-02-17", "正月初一"),
        # New moons within minutes of midnight, where other calendars err by a day.
        ("2027-02-06", "正月初一"), ("2030-02-03", "正月初一"), ("2012-08-23", "七月初七"), ("2018-11-08", "十月初一"),
        ("2023-06-22", "五月初五"), ("2024-06-10", "五月初五"), ("2025-05-31", "五月初五"), ("2026-06-19", "五月初五"),
        ("2023-09-29", "八月十五"), ("2024-09-17", "八月十五"), ("2025-10-06", "八月十五"), ("2026-09-25", "八月十五"),
        ("2023-03-22", "闰二月初一"), ("2025-07-25", "闰六月初一"), ("2033-12-22", "闰冬月初一"), ("2024-12-31", "腊月初一"),
        ("2025-01-28", "腊月廿九"), ("2024-02-09", "腊月三十"), ("2025-02-17", "正月二十"),
    ],
)  # fmt: skip
def test_known_lunar_dates(day: str, written: str) -> None:
    assert str(lunar(date.fromisoformat(day))) == written


def new_moon(k: int) -> datetime:
    """The k-th new moon after January 2000, Beijing time, within a few minutes (J. Meeus, Astronomical
    Algorithms, chapter 49: the mean moon and its largest terms)."""
    t = k / 1236.85
    e = 1 - 0.002516 * t
    sun, moon = radians(2.5534 + 29.10535670 * k), radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    node, omega = radians(160.7108 + 390.67050284 * k), radians(124.7746 - 1.56375588 * k)
    days = (
        2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
        - 0.40720 * sin(moon) + 0.17241 * e * sin(sun) + 0.01608 * sin(2 * moon) + 0.01039 * sin(2 * node)
        + 0.00739 * e * sin(moon - sun) - 0.00514 * e * sin(moon + sun) + 0.00208 * e * e * sin(2 * sun)
        - 0.00111 * sin(moon - 2 * node) - 0.00057 * sin(moon + 2 * node) + 0.00056 * e * sin(2 * moon + sun)
        - 0.00042 * sin(3 * moon) + 0.00042 * e * sin(sun + 2 * node) + 0.00038 * e * sin(sun - 2 * node)
        - 0.00024 * e * sin(2 * moon - sun) - 0.00017 * sin(omega)
    )  # fmt: skip
    delta_t = 64 + 0.5 * (k / 12.3685)  # seconds, grown slowly since 2000
    return datetime(2000, 1, 1, 12) + timedelta(days=days - 2451545.0, hours=8, seconds=-delta_t)


def test_every_lunar_month_begins_on_the_day_of_a_new_moon_in_beijing() -> None:
    firsts = hours.lunar.__globals__["_table"]()[0]
    assert {(b - a).days for a, b in pairwise(firsts)} == {29, 30}
    assert [f for k, f in enumerate(firsts, start=1) if new_moon(k).date() != f] == []


def test_a_year_has_twelve_months_or_thirteen_with_one_leap() -> None:
    months = hours.lunar.__globals__["_table"]()[1]
    for year in range(2000, 2059):
        given = [(m, leap) for y, m, leap in months if y == year]
        assert [m for m, leap in given if not leap] == list(range(1, 13))
        assert sum(leap for _, leap in given) == len(given) - 12 <= 1
    assert lunar(date(1999, 1, 1)) is None and lunar(date(2099, 1, 1)) is None
