"""./yudi names audit: counts, the table, and that a report never fails a build."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import _database
from api.cli.__main__ import program
from geo.names.categories import Category
from geo.store.engine import sessions
from tests import builders as b


@pytest.fixture(scope="module", autouse=True)
def register(module_database: str) -> None:
    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.place_name(session, maker, "兴隆村", unit_code="500112138200")
        b.place_name(session, maker, "兴隆村", unit_code="500112140200")
        b.place_name(session, maker, "黄泥塝", Category.NATURAL_VILLAGE, unit_code="500112140200")


@pytest.fixture(autouse=True)
def database_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_database, "ready", lambda: None)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(program(), ["names", "audit", *arguments])


def test_the_report_counts_by_rule_and_says_that_names_stay() -> None:
    answer = run()
    assert answer.exit_code == 0, answer.output
    assert "error\t9(8)-duplicate\t2" in answer.stdout and "warning\t9(3)-characters\t1" in answer.stdout
    assert "继续有效" in answer.stdout and "stay as approved" in answer.stdout


def test_json_and_csv_hold_every_finding(tmp_path: Path) -> None:
    out = tmp_path / "核查.csv"
    answer = run("--unit", "500112140", "--json", "--out", str(out))
    assert answer.exit_code == 0, answer.output
    told = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(d["name"], d["rule"], len(d["collides"])) for d in told] == [
        ("兴隆村", "9(8)-duplicate", 1), ("黄泥塝", "9(3)-characters", 0),
    ]  # fmt: skip
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["名称"] for r in rows] == ["兴隆村", "黄泥塝"] and rows[0]["相涉编号"]


@pytest.mark.parametrize("arguments", [("--unit", "渝北"), ("--out", "no/such/folder/a.csv")])
def test_a_wrong_argument_is_said(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
