"""./yudi names check: the contract's JSON and exit codes, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli.__main__ import main


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    code = main(["names", "check", *arguments, "--no-register", "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_name_that_fits(capsys: pytest.CaptureFixture[str]) -> None:
    code, [answer] = check(capsys, "渝龙村", "--category", "村委会、居委会所在地", "--unit", "500112")
    assert code == 0
    assert answer == {
        "name": "渝龙村",
        "category": "村委会、居委会所在地",
        "verdict": "fits",
        "findings": [],
        "suggestions": [],
    }


def test_a_name_that_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, [answer] = check(capsys, "巴黎路", "--category", "街路巷", "--at", "106.6,29.7")
    assert code == 1
    assert answer["verdict"] == "refused"
    [finding] = answer["findings"]
    assert set(finding) == {"rule", "article", "severity", "message", "message_en", "collides"}
    assert finding["rule"] == "9(5)-foreign"


def test_doubt_does_not_block_and_a_missing_category_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, [answer] = check(capsys, "鲁迅路")
    assert (code, answer["verdict"], answer["category"]) == (0, "doubtful", "其他")
    assert any(f["severity"] == "info" and f["rule"] == "3-category" for f in answer["findings"])


def test_a_file_is_checked_against_its_own_register_and_row_against_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "plan.csv"
    table.write_text(
        "name,category,unit,lon,lat,existing\n"
        "龙山路,街路巷,500112,106.60,29.70,[外建成区]龙山路\n"
        "隆山路,街路巷,500112,106.61,29.70,\n"
        "渝龙镇,乡镇,500112,,,渝龙乡;[村委会、居委会所在地]渝龙村\n"
        "碧水公园,公园、自然保护地,,,,\n",
        encoding="utf-8",
    )
    code, answers = check(capsys, "--file", str(table))
    assert code == 1
    assert [a["verdict"] for a in answers] == ["doubtful", "doubtful", "refused", "fits"]
    [hit] = answers[0]["findings"]
    assert hit["rule"] == "9(8)-homophone"
    [other] = hit["collides"]
    assert other["name"] == "隆山路"
    assert other["unit"] == "500112"
    assert 900 < other["distance_m"] < 1000
    assert answers[2]["findings"][0]["rule"] == "9(8)-duplicate"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_other_encodings(tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str) -> None:
    table = tmp_path / "plan.csv"
    table.write_text("name,category\n渝龙村,自然村\n", encoding=encoding)
    code, [answer] = check(capsys, "--file", str(table))
    assert (code, answer["verdict"]) == (0, "fits")


@pytest.mark.parametrize(
    "arguments",
    [
        [""],
        [],
        ["渝龙村", "--category", "没有的类别"],
        ["渝龙村", "--unit", "12"],
        ["渝龙村", "--at", "29.7,106.6"],
        ["渝龙村", "--at", "x"],
        ["渝龙村", "--unit", "500112", "--at", "106,29"],
        ["渝龙村", "--off", "9-nothing"],
        ["--file", "/nowhere/plan.csv"],
    ],
)
def test_wrong_use(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(["names", "check", *arguments]) == 2
    assert capsys.readouterr().err.strip()


def test_an_unknown_prefix_is_told_with_its_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "plan.csv"
    table.write_text("name,category,existing\n渝龙村,自然村,[火星]兴隆村\n", encoding="utf-8")
    assert main(["names", "check", "--file", str(table)]) == 2
    assert "火星" in capsys.readouterr().err


def test_bad_rows_get_an_answer_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "plan.csv"
    table.write_text(
        f"name,category\n,自然村\n{'龙' * 10000},自然村\n龙\x00村,自然村\n😀村,自然村\n", encoding="utf-8"
    )
    code, answers = check(capsys, "--file", str(table))
    assert code == 1
    assert [a["verdict"] for a in answers] == ["refused"] * 4


def test_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["names", "check", "龍興村", "--category", "村委会、居委会所在地"]) == 1
    out = capsys.readouterr().out
    assert "refused" in out
    assert "龙兴村" in out


@pytest.mark.parametrize(
    ("name", "existing", "near"), [("蓝山路", "南山路", "重庆话近音"), ("未山路", "末山路", "形近")]
)
def test_near_homophones_are_told_unless_switched_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, existing: str, near: str
) -> None:
    table = tmp_path / "plan.csv"
    table.write_text(f"name,category,existing\n{name},街路巷,{existing}\n", encoding="utf-8")
    for switch, told in ((), True), (("--near",), True), (("--no-near",), False):
        code, [answer] = check(capsys, "--file", str(table), *switch)
        assert (code, answer["verdict"]) == (0, "fits")
        assert any(near in f["message"] for f in answer["findings"]) is told
    # What sounds the same is no near-homophone: no switch hides it.
    table.write_text("name,category,existing\n龙星路,街路巷,龙兴路\n", encoding="utf-8")
    assert check(capsys, "--file", str(table), "--no-near")[1][0]["verdict"] == "doubtful"
