"""./yudi names match and the Linked Places export at the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from api.cli import _database
from api.cli.__main__ import program
from geo.names.categories import Category
from geo.store import search_forms
from geo.store.engine import sessions
from geo.terms import NameStatus
from tests import builders as b


@pytest.fixture(scope="module")
def register(module_database: str) -> None:
    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.unit(session, maker, "500112113", "兴隆镇", parent=None)
        b.unit(session, maker, "500112133", "统景镇", parent=None)
        rows = [
            b.place_name(session, maker, "兴隆村"),
            b.place_name(session, maker, "兴隆村", unit_code="500112133"),
            b.place_name(session, maker, "统景镇", Category.TOWNSHIP, unit_code="500112133"),
        ]
        rows.append(
            b.place_name(session, maker, "统景场", place_id=rows[2].place_id, status=NameStatus.FORMER)
        )
        search_forms.refresh(session, [r.number for r in rows])


def run(*arguments: str) -> Any:
    return CliRunner().invoke(program(), ["names", *arguments])


@pytest.fixture(autouse=True)
def database_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_database, "ready", lambda: None)


LIST = "医院,地址,乡镇\n甲,统景镇,\n乙,兴隆村,兴隆镇\n丙,兴隆村,\n丁,统景场,\n戊,没有这里,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_matched_with_types_and_scores(register: None, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding=encoding)
    answer = run("match", str(path), "--column", "地址", "--json")
    assert answer.exit_code == 0, answer.output
    rows = [json.loads(x) for x in answer.stdout.splitlines() if x.startswith("{")]
    assert [(r["name"], r["type"]) for r in rows] == [
        ("统景镇", "exact"), ("兴隆村", "exact"), ("兴隆村", "ambiguous"), ("统景场", "variant"), ("没有这里", "none"),
    ]  # fmt: skip
    assert rows[3]["match"]["standard"] == "统景镇" and rows[3]["score"] == 95
    assert len(rows[2]["candidates"]) == 2 and rows[2]["match"] is None


def test_the_list_comes_back_with_its_matches(register: None, tmp_path: Path) -> None:
    path, out = tmp_path / "list.xlsx", tmp_path / "out.csv"
    book = Workbook()
    for row in csv.reader(LIST.splitlines()):
        book.active.append(row)
    book.save(path)
    answer = run("match", str(path), "--out", str(out))
    assert answer.exit_code == 0, answer.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["医院"], r["match_type"], r["match_standard"]) for r in rows] == [
        ("甲", "exact", "统景镇"), ("乙", "exact", "兴隆村"), ("丙", "ambiguous", ""), ("丁", "variant", "统景镇"),
        ("戊", "none", ""),
    ]  # fmt: skip
    assert rows[2]["match_others"].count("兴隆村") == 2


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (b"a,b\n1,2\n", [], "--column"),
        (b"name\n", [], "没有数据行"),
        (b"name\n\xe7\x9c\x81\n", ["--column", "x"], "没有“x”列"),
        (b"\xff\xff\xff\xff", [], "GB18030"),
        (b"name\nx\n", ["--out", "y.txt"], ".csv"),
        (None, [], "不存在"),
    ],
)
def test_wrong_use_says_what_to_do(
    tmp_path: Path, content: bytes | None, arguments: list[str], said: str
) -> None:
    path = tmp_path / "list.csv"
    if content is not None:
        path.write_bytes(content)
    answer = run("match", str(path), *arguments)
    assert answer.exit_code == 2 and said in answer.output


def test_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"nothing")
    assert run("match", str(path)).exit_code == 2


def test_the_public_register_in_linked_places(register: None, tmp_path: Path) -> None:
    out = tmp_path / "all.lpf.json"
    answer = run("export", str(out), "--json")
    assert answer.exit_code == 0, answer.output
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert sorted(f["properties"]["title"] for f in features) == ["兴隆村", "兴隆村", "统景镇"]
    assert json.loads(answer.stdout.splitlines()[-1])["names"] == 3
    assert run("export", str(out), "--unit", "500112").exit_code == 2
