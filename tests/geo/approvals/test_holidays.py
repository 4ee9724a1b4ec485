"""Working days of China against the notices."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from geo import days
from geo.approvals import holidays
from geo.approvals.holidays import (
    CalendarUnknown,
    add_working_days,
    from_rows,
    is_working_day,
    working_days,
    working_days_between,
)

#: Days of rest and make-up working days that each notice (with what changed it) names, summed from its text.
SUMS = {
    2019: (24, 7), 2020: (30, 6), 2021: (31, 7), 2022: (31, 7),
    2023: (27, 7), 2024: (28, 8), 2025: (28, 5), 2026: (33, 6),
}  # fmt: skip


def rows():
    with (holidays.PLACE / "holidays.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_notice_is_there_whole():
    found = {year: Counter() for year in SUMS}
    for row in rows():
        days = (date.fromisoformat(row["last"]) - date.fromisoformat(row["first"])).days + 1
        found[int(row["year"])][row["kind"]] += days
    assert {year: (n["rest"], n["work"]) for year, n in found.items()} == SUMS


def test_make_up_days_fall_on_days_of_rest_and_every_row_names_its_notice():
    for row in rows():
        if row["kind"] == "work":
            assert date.fromisoformat(row["first"]).weekday() >= 5, row
        assert row["source"].startswith("国办发明电〔20"), row


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),  # Saturday before the Spring Festival, make-up
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday, make-up
        ("2026-03-01", False),
        ("2019-04-28", True),  # Sunday, by the amended notice
        ("2019-05-02", False),
        ("2020-01-31", False),  # the extended Spring Festival
        ("2020-02-01", False),  # was to be a make-up day, then was not
        ("2020-02-03", True),
        ("2024-02-09", True),  # New Year's Eve of the lunar year: not in the notice
        ("2022-12-30", True),
        ("2023-01-02", False),
        ("2026-11-28", False),
    ],
)
def test_days(day, works):
    assert is_working_day(date.fromisoformat(day)) is works


def test_twenty_working_days_over_the_spring_festival():
    # From Friday 2026-02-06: 9–14 Feb (six, Saturday made up), 24–28 Feb (five, Saturday made up), 2–6, 9–12 March.
    assert add_working_days(date(2026, 2, 6), 20) == date(2026, 3, 12)
    assert working_days_between(date(2026, 2, 6), date(2026, 3, 12)) == 20


def test_the_start_is_not_counted_and_nothing_to_add_is_the_day_itself():
    friday = date(2026, 11, 27)
    assert add_working_days(friday, 0) == friday
    assert add_working_days(friday, 1) == date(2026, 11, 30)
    assert add_working_days(friday + timedelta(days=1), 1) == date(2026, 11, 30)
    assert working_days_between(date(2026, 11, 30), friday) == -1
    with pytest.raises(ValueError, match="negative"):
        add_working_days(friday, -1)


@pytest.mark.parametrize("day", [date(2018, 12, 31), date(2026, 12, 29), date(2027, 2, 1)])
def test_what_the_table_does_not_cover_is_said_never_guessed(day):
    with pytest.raises(CalendarUnknown) as caught:
        is_working_day(day)
    assert "2026-12-28" in caught.value.text.zh and "2026-12-28" in caught.value.text.en
    with pytest.raises(CalendarUnknown):
        working_days_between(date(2026, 1, 5), day)


def test_a_limit_that_runs_out_of_the_table_is_unknown():
    with pytest.raises(CalendarUnknown):
        add_working_days(date(2026, 12, 21), 20)


def test_adding_and_counting_agree_over_the_whole_table():
    table = working_days()
    for ordinal in range(table.first.toordinal(), table.last.toordinal() - 60, 11):
        day = date.fromordinal(ordinal)
        for count in (1, 5, 20, 30):
            end = table.add_working_days(day, count)
            assert table.is_working_day(end) and table.working_days_between(day, end) == count


def a_row(**changes):
    return {
        "year": "2030",
        "kind": "rest",
        "first": "2030-01-01",
        "last": "2030-01-01",
        "source": "x",
        **changes,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "holiday"},
        {"source": ""},
        {"last": "2029-12-31"},
        {"first": "2031-01-01", "last": "2031-01-02"},
        {"first": "2029-11-30"},
    ],
)
def test_a_row_that_is_not_in_order_is_refused(wrong):
    with pytest.raises(ValueError):
        from_rows([a_row(**wrong)])


def test_two_rows_on_one_day_and_an_empty_table_are_refused():
    with pytest.raises(ValueError, match="two rows"):
        from_rows([a_row(), a_row(kind="work")])
    with pytest.raises(ValueError, match="empty"):
        from_rows([])


def test_a_gap_between_years_ends_what_is_covered():
    table = from_rows([a_row(), a_row(year="2032", first="2032-01-01", last="2032-01-01")])
    assert table.last == date(2030, 12, 28)


def test_a_new_notice_comes_in_by_a_setting(tmp_path, monkeypatch):
    file = tmp_path / "next.csv"
    file.write_text(
        "year,festival,kind,first,last,source\n2027,元旦,rest,2027-01-01,2027-01-03,例\n", "utf-8"
    )
    monkeypatch.setenv("YUDI_HOLIDAYS", str(file))
    working_days.cache_clear()
    try:
        assert is_working_day(date(2026, 12, 31)) and not is_working_day(date(2027, 1, 1))
        assert is_working_day(date(2027, 1, 4))
    finally:
        working_days.cache_clear()


def test_whoever_can_add_to_the_table_is_told_in_time():
    assert holidays.ends_soon(date(2026, 6, 1)) is None
    assert (
        holidays.ends_soon(date(2026, 11, 28)) == date(2026, 12, 28) == holidays.ends_soon(date(2027, 3, 1))
    )


def test_today_is_the_day_in_china():
    assert days.today(datetime(2026, 11, 28, 15, 59, tzinfo=UTC)) == date(2026, 11, 28)
    assert days.today(datetime(2026, 11, 28, 16, 0, tzinfo=UTC)) == date(2026, 11, 29)
    with pytest.raises(ValueError, match="zone"):
        days.today(datetime(2026, 11, 28))
    assert abs((days.today() - datetime.now(UTC).date()).days) <= 1
