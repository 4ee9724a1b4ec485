"""./yudi names import and export: every format, mapping, dry run, report, exit codes, and back again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from openpyxl import Workbook
from sqlalchemy import select, text
from typer.testing import CliRunner

from api.cli.__main__ import code_of, program
from geo.problems import Problem
from geo.store.engine import sessions
from geo.store.tables import AuditEvent, PlaceName
from geo.terms import UserRole
from tests import builders as b

HEADER = "标准名称,地名代码,类别名称,所在政区,东经,北纬,地名含义,别名"
ROWS = (
    "兴隆村,500112138201,行政村,兴隆镇,106.7,29.9,取兴旺之意,老兴隆",
    "大湾村,500112138202,21610,500112138,106.8,29.9,,",
)
GIVEN = ("--document", "渝北府发〔2020〕1号", "--on", "2020-05-01")


@pytest.fixture(scope="module")
def register(module_database: str) -> Iterator[str]:
    with sessions("owner").begin() as session:
        b.user(session, UserRole.REGISTRAR, login="registrar")
        b.user(session, UserRole.SURVEYOR, login="surveyor")
    yield module_database


@pytest.fixture(autouse=True)
def empty(register: str) -> Iterator[None]:
    """Every test finds an empty register."""
    yield
    with sessions("owner").begin() as session:
        session.execute(text("set local session_replication_role = replica"))
        for table in ("place_name", "name_succession", "place", "published.name_form"):
            session.execute(text(f"delete from {table}"))


def run(*words: Any) -> tuple[int, str, str]:
    result = CliRunner().invoke(program(), [str(w) for w in words])
    if isinstance(result.exception, Problem):
        return code_of(result.exception), result.stdout, result.exception.text.zh
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def imported(path: Path, *words: Any, code: int = 0) -> dict[str, Any]:
    done, out, said = run("names", "import", path, *words, "--json")
    assert done == code, out + said
    return json.loads(out)


def held() -> list[tuple[str, str]]:
    with sessions("app")() as session:
        return [
            tuple(r) for r in session.execute(select(PlaceName.name, PlaceName.status).order_by(PlaceName.id))
        ]


def written(
    folder: Path, lines: tuple[str, ...] = (HEADER, *ROWS), codec: str = "utf-8", name: str = "地名.csv"
) -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode(codec))
    return path


@pytest.mark.parametrize("codec", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_csv_in_every_encoding(tmp_path: Path, codec: str) -> None:
    answer = imported(written(tmp_path, codec=codec), *GIVEN)
    assert (answer["new"], answer["other_names"], answer["refused"]) == (2, 1, 0)
    assert held() == [("兴隆村", "standard"), ("老兴隆", "variant"), ("大湾村", "standard")] or set(held()) == {
        ("兴隆村", "standard"), ("老兴隆", "variant"), ("大湾村", "standard")
    }  # fmt: skip


def test_the_audit_trail_names_file_and_counts(tmp_path: Path) -> None:
    answer = imported(written(tmp_path), *GIVEN)
    with sessions("app")() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.act, event.subject) == ("import", answer["sha256"])
    assert (
        event.after["new"] == 2
        and event.after["document"] == GIVEN[1]
        and event.after["mapping"]["name"] == "标准名称"
    )


def test_excel_with_title_merged_cells_and_dates(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["渝北区地名登记表"])
    sheet.merge_cells("A1:D1")
    sheet.append(["所在政区", "标準名稱*", "类别", "批准日期"])
    sheet.append(["兴隆镇", "兴隆村", "行政村", date(2019, 3, 5)])
    sheet.append([None, "大湾村", "行政村", date(2019, 3, 6)])
    sheet.append([None, date(2024, 3, 5), "行政村", None])
    sheet.merge_cells("A3:A5")
    path = tmp_path / "表.xlsx"
    book.save(path)
    answer = imported(path, *GIVEN, code=1)
    assert answer["new"] == 2 and answer["refused"] == 1
    assert answer["problems"][0]["row"] == 5 and "日期" in answer["problems"][0]["problem"]
    with sessions("app")() as session:
        rows = session.execute(
            select(PlaceName.unit_code, PlaceName.approved_on).order_by(PlaceName.approved_on)
        ).all()
    assert rows == [("500112138", date(2019, 3, 5)), ("500112138", date(2019, 3, 6))]


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".zip"])
def test_layers_are_brought_into_degrees(tmp_path: Path, ending: str) -> None:
    frame = geopandas.GeoDataFrame(
        {"BZMC": ["兴隆村"], "LBMC": ["行政村"], "ZQDM": ["500112138"]}, geometry=[shapely.Point(106.7, 29.9)], crs=4490
    ).to_crs(4545)  # fmt: skip
    path = tmp_path / f"names{'.shp' if ending == '.zip' else ending}"
    frame.to_file(path, engine="pyogrio", encoding="gbk") if ending != ".gpkg" else frame.to_file(
        path, engine="pyogrio"
    )
    if ending == ".zip":
        with zipfile.ZipFile(tmp_path / "names.zip", "w") as package:
            for part in sorted(tmp_path.glob("names.*")):
                if part.suffix != ".zip":
                    package.write(part, part.name)
        path = tmp_path / "names.zip"
    answer = imported(path, *GIVEN)
    assert answer["new"] == 1, answer
    with sessions("app")() as session:
        lon, lat = session.execute(text("select st_x(geometry), st_y(geometry) from place_name")).one()
    assert abs(lon - 106.7) < 1e-8 and abs(lat - 29.9) < 1e-8


def test_a_mapping_is_guessed_shown_and_changed(tmp_path: Path) -> None:
    path = written(tmp_path, ("甲,乙,丙", "兴隆村,行政村,500112138"))
    code, _, said = run("names", "import", path, *GIVEN)
    assert code == 2 and "甲、乙、丙" in said
    answer = imported(path, *GIVEN, "--map", "name=甲", "--map", "category=乙", "--map", "unit=丙")
    assert answer["mapping"] == {"name": "甲", "category": "乙", "unit": "丙"} and answer["new"] == 1
    kept = tmp_path / "m.json"
    kept.write_text('{"name": "甲", "category": "乙", "unit": "丙"}', encoding="utf-8")
    assert imported(path, *GIVEN, "--mapping", kept)["unchanged"] == 1
    assert run("names", "import", path, *GIVEN, "--map", "nonsense=甲")[0] == 2
    assert run("names", "import", path, *GIVEN, "--map", "name=丁")[0] == 2


def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    answer = imported(written(tmp_path), *GIVEN, "--dry-run")
    assert (answer["new"], answer["dry_run"], held()) == (2, True, [])


def test_bad_rows_are_reported_and_the_rest_goes_in(tmp_path: Path) -> None:
    report = tmp_path / "bad.csv"
    path = written(
        tmp_path,
        (
            HEADER,
            *ROWS,
            "😀村,,行政村,兴隆镇,,,,",
            "倒置村,,行政村,兴隆镇,29.9,106.7,,",
            "=cmd|村,,x,兴隆镇,,,,",
        ),
    )
    answer = imported(path, *GIVEN, "--report", report, code=1)
    assert (answer["new"], answer["refused"]) == (2, 3)
    lines = report.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "行 row,列 column,值 value,问题,problem" and len(lines) == 4 + (
        len(answer["problems"]) - 3
    )
    assert any("写反" in line for line in lines) and not any(
        line.split(",")[2].startswith("=") for line in lines
    )


def test_wrong_use(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert run("names", "import", tmp_path / "absent.csv")[0] == 2
    assert run("names", "import", path, "--document", "文")[0] == 2
    assert run("names", "import", path, "--document", "文", "--on", "昨天")[0] == 2
    assert run("names", "import", path, *GIVEN, "--as", "surveyor")[0] == 1, "a surveyor enters no names"
    assert run("names", "import", path, *GIVEN, "--category", "怪")[0] == 2
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"SQLite format 3\0" + bytes(50))
    assert run("names", "import", broken, *GIVEN)[0] == 2
    assert held() == []


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".gpkg", ".geojson"])
def test_what_goes_out_comes_back_without_a_change(tmp_path: Path, ending: str) -> None:
    imported(written(tmp_path), *GIVEN, "--source", "名录")
    before = held()
    out = tmp_path / f"export{ending}"
    code, said, _ = run("names", "export", out, "--at", "2024-01-01", "--json")
    assert code == 0 and json.loads(said)["names"] == 3
    answer = imported(out)
    assert (answer["unchanged"], answer["new"], answer["changed"], answer["refused"]) == (3, 0, 0, 0), answer
    assert held() == before


def test_the_public_export_holds_public_names_only(tmp_path: Path) -> None:
    imported(written(tmp_path), *GIVEN)
    imported(
        written(
            tmp_path,
            ("标准名称,类别,所在政区,密级", "秘洞,其他,兴隆镇,秘密", "拟名村,行政村,兴隆镇,"),
            name="b.csv",
        ),
        "--status",
        "proposed",
    )
    out = tmp_path / "public.csv"
    run("names", "export", out, "--public", "--at", "2026-12-31")
    content = out.read_text(encoding="utf-8-sig")
    assert "兴隆村" in content and "秘洞" not in content and "拟名村" not in content
    shapes = tmp_path / "all.shp.zip"
    assert run("names", "export", shapes, "--at", "2026-12-31")[0] == 0
    assert {"points.shp", "points.cpg", "unplaced.csv"} <= set(zipfile.ZipFile(shapes).namelist())
    assert run("names", "export", tmp_path / "x.doc")[0] == 2


def test_built_up_areas_come_from_a_file(tmp_path: Path) -> None:
    """A dry run keeps nothing; a row without a polygon is told, and the others go in."""
    path = tmp_path / "建成区.geojson"
    shapes = [
        shapely.box(106.6, 29.7, 106.65, 29.75),
        shapely.box(106.7, 29.7, 106.75, 29.75),
        shapely.Point(106.6, 29.7),
    ]
    names = ["两路城区", "龙兴片区", "一个点"]
    geopandas.GeoDataFrame({"名称": names}, geometry=shapes, crs=4326).to_file(path, driver="GeoJSON")
    given = ("names", "built-up", path, "--document", "渝北府发〔2020〕8号", "--on", "2020-05-01", "--json")
    for words, held_then in ((("--dry-run",), 0), ((), 2)):
        code, out, said = run(*given, *words)
        answer = json.loads(out)
        assert (code, answer["new"], answer["refused"]) == (1, 2, 1), said
        assert answer["problems"][0]["value"] == "一个点"
        with sessions("app")() as session:
            assert session.scalar(text("select count(*) from built_up_area")) == held_then
    code, out, _ = run(*given)
    assert json.loads(out)["unchanged"] == 2
    assert run("names", "built-up", tmp_path / "none.gpkg", "--document", "x", "--on", "2020-05-01")[0] == 2
    with sessions("app")() as session:
        area = session.scalar(text("select code from built_up_area where name = '龙兴片区'"))
    ended = (
        "names",
        "end-built-up",
        area,
        "--document",
        "渝北府发〔2024〕2号",
        "--on",
        "2024-02-01",
        "--json",
    )
    code, out, said = run(*ended)
    assert (code, json.loads(out)) == (0, {"code": area, "name": "龙兴片区", "ended": "2024-02-01"}), said
    with sessions("app")() as session:
        in_force = text(
            "select name from built_up_area where valid @> date '2024-03-01' and upper_inf(recorded)"
        )
        assert session.scalars(in_force).all() == ["两路城区"]
    assert run(*ended)[0] == 2, "it has ended already"
