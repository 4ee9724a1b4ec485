"""The unit lists are facts: dates, counts, both code systems, and the reassignment of 2025."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from geo.boundaries.unit_lists import in_force, successions, unit_lists, units_of

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "codes" / "yubei"


def test_thirty_townships_of_the_work_plan_year() -> None:
    units = units_of("500112", date(2024, 12, 31))
    assert units is not None
    kinds = Counter(n[-1] for n in units.table["name"])
    assert kinds == {"道": 19, "镇": 11}


def test_after_the_reassignment_the_same_townships_lie_elsewhere() -> None:
    new_area, beibei = units_of("500157", date(2025, 11, 7)), units_of("500109", date(2025, 11, 7))
    assert new_area is not None and beibei is not None
    kinds = Counter(n[-1] for n in new_area.table["name"])
    assert kinds == {"道": 31, "镇": 11}  # as announced
    assert Counter(n[-1] for n in beibei.table["name"]) == {"道": 6, "镇": 11}
    assert {"大湾镇", "统景镇", "大盛镇", "兴隆镇", "茨竹镇"} <= set(beibei.table["name"])


def test_an_abolished_district_keeps_its_last_units_citable() -> None:
    before, after = units_of("500112", date(2024, 12, 31)), units_of("500112", date(2026, 1, 1))
    assert before is not None and after is not None
    assert list(before.table["code"]) == list(after.table["code"])


def test_unknown_new_codes_stay_empty() -> None:
    table = unit_lists()
    moved = table[(table["level"] == "township") & (table["document"] == "渝府发〔2025〕15号")]
    assert len(moved) == 47 and moved["statistical"].isna().all()
    rows = successions()
    assert rows[rows["kind"] == "moved"]["to_code"].isna().all()


def test_one_number_can_mean_two_units() -> None:
    units = units_of("500112", date(2024, 12, 31))
    assert units is not None
    assert units.names_of("500112011") == ("龙溪街道", "仙桃街道")
    assert units.names_of("500112113") == ("兴隆镇",)
    assert units.names_of("999999999") == ()


def test_no_two_lives_of_a_code_overlap() -> None:
    for code, rows in unit_lists().sort_values("valid_from").groupby("code"):
        ends = list(rows["valid_to"])
        for end, start in zip(ends[:-1], list(rows["valid_from"])[1:], strict=True):
            assert end is not None and end <= start, code


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent: nothing to compare with")
@pytest.mark.parametrize(("name", "level"), [("villages_2016", "village"), ("townships_2015", "township")])
def test_every_yearly_list_is_reproduced(name: str, level: str) -> None:
    with (SHARED / f"yubei_{name}_2023.csv").open(encoding="utf-8", newline="") as file:
        source = list(csv.DictReader(file))
    table = unit_lists()
    ours = table[(table["level"] == level) & table["code"].str.startswith("500112")]
    for cut_off in sorted({row["cut_off"] for row in source}):
        wanted = {(row["code"], row["name"]) for row in source if row["cut_off"] == cut_off}
        now = in_force(ours, date.fromisoformat(cut_off))
        assert set(zip(now["code"], now["name"], strict=True)) == wanted, cut_off


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent: nothing to compare with")
def test_the_renamings_of_the_comparison_are_found() -> None:
    with (SHARED / "yubei_village_changes.csv").open(encoding="utf-8", newline="") as file:
        renamed = [row for row in csv.DictReader(file) if row["change"] == "renamed"]
    table = unit_lists()
    for row in renamed:
        names = list(table[table["code"] == row["new_code"]].sort_values("valid_from")["name"])
        assert names.index(row["old_name"]) < names.index(row["new_name"])
