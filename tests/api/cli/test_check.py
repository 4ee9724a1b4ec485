"""./yudi check: the contract of its JSON, its exit codes, its report and its GeoPackage."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from typer.testing import CliRunner

from api.cli import check
from api.cli.__main__ import program
from api.cli._terminal import file_bars
from geo.inspection import Answer
from geo.reading.layers import ReadOptions
from geo.terms import Profile, Role
from tests.geo.reading import test_manifest as manifest

ROOT = Path(__file__).resolve().parents[3]
LINE = "500112138-500112140"
KEYS = {"file", "sha256", "profile", "verdict", "layers", "findings"}
FINDING = {
    "code", "severity", "message", "message_en", "remedy", "remedy_en", "layer", "features", "ids", "geometry",
    "measure", "rule",
}  # fmt: skip
MEASURES = {"area_m2", "width_m", "distance_m", "length_m", "angle_deg", "count"}


def finding(severity: str = "error", **changed: Any) -> dict[str, Any]:
    return {
        "code": "MK02", "severity": severity, "message": "界桩偏离", "message_en": "off its line",
        "remedy": "核对坐标", "remedy_en": "check it", "layer": "界桩", "features": [2], "ids": ["a", "b"],
        "geometry": {"type": "LineString", "coordinates": [[106.6, 29.8], [106.61, 29.8]]},
        "measure": {"distance_m": 3.0}, "rule": None, "key": "0123456789abcdef", **changed,
    }  # fmt: skip


def report(verdict: str, *findings: dict[str, Any], file: str = "x.zip") -> dict[str, Any]:
    return {
        "file": file, "sha256": "0" * 64, "profile": "township", "verdict": verdict,
        "layers": [{
            "name": "界桩", "role": "markers", "geometry_type": "Point", "features": 3,
            "crs": {"epsg": 4545, "name": "CGCS2000", "source": "declared"},
            "encoding": {"name": "GBK", "source": "guessed"}, "fields": {"number": "界桩号"},
        }],
        "findings": list(findings),
    }  # fmt: skip


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What the inspection answers, by file name; what it was asked, under "asked"."""
    told: dict[str, Any] = {"asked": []}

    def inspect_apart(
        path: Path, options: ReadOptions, limits: Any, around: Any, *, progress: Any, **more: Any
    ) -> Answer:
        told["asked"].append((path.name, options))
        answer = told[path.name]
        if isinstance(answer, Exception):
            raise answer
        progress("checking", 0.5)
        return Answer({**answer, "file": path.name})

    monkeypatch.setattr("geo.inspection.inspect_apart", inspect_apart)
    monkeypatch.setattr("geo.reading.apart.start", lambda: None)
    monkeypatch.chdir(tmp_path)
    for name in ("good.zip", "warned.zip", "bad.zip", "broken.zip"):
        (tmp_path / name).write_bytes(b"x")
    told["good.zip"] = report("accept")
    told["warned.zip"] = report("accept-with-warning", finding("warning"))
    told["bad.zip"] = report("reject", finding(), finding("info", code="AT02", geometry=None))
    told["broken.zip"] = RuntimeError("ours")
    return told


def run(*arguments: str) -> Any:
    return CliRunner().invoke(program(), ["check", *arguments])


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["good.zip"], 0), (["warned.zip"], 0), (["bad.zip"], 1), (["good.zip", "bad.zip"], 1),
        (["missing.zip"], 2), (["missing.zip", "bad.zip"], 2), (["broken.zip"], 3),
        (["missing.zip", "broken.zip", "bad.zip"], 3),
    ],
)  # fmt: skip
def test_exit_codes(answers: dict[str, Any], files: list[str], code: int) -> None:
    assert run(*files).exit_code == code


@pytest.mark.parametrize(
    "wrong",
    [
        [], ["good.zip", "--profile", "village"], ["good.zip", "--role", "roads"], ["good.zip", "--crs", "x"],
        ["good.zip", "--crs", "999999"], ["good.zip", "--encoding", "klingon"], ["good.zip", "--lang", "fr"],
        ["good.zip", "--findings", "out.shp"], ["good.zip", "--findings", "nowhere/out.gpkg"], ["good.zip", "--no"],
    ],
)  # fmt: skip
def test_wrong_use(answers: dict[str, Any], wrong: list[str]) -> None:
    result = run(*wrong)
    assert result.exit_code == 2 and not answers["asked"] and result.stderr


def test_folders_are_for_filegdb_alone(answers: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "town.gdb").mkdir()
    (tmp_path / "town").mkdir()
    answers["town.gdb"] = report("accept")
    assert run("town.gdb").exit_code == 0
    result = run("town")
    assert result.exit_code == 2 and "zip" in result.stderr


def test_options_reach_the_reader(answers: dict[str, Any]) -> None:
    assert (
        run(
            "good.zip",
            "--profile",
            "generic",
            "--role",
            "lines",
            "--crs",
            "EPSG:4545",
            "--encoding",
            "gb18030",
        ).exit_code
        == 0
    )
    (asked,) = answers["asked"]
    assert asked[1] == ReadOptions(Profile.GENERIC, Role.LINES, crs=4545, encoding="gb18030")
    run("good.zip")
    assert answers["asked"][1][1] == ReadOptions()


def test_one_object_a_line_in_the_order_given(answers: dict[str, Any]) -> None:
    result = run("bad.zip", "missing.zip", "broken.zip", "good.zip", "warned.zip", "--json")
    objects = [json.loads(row) for row in result.stdout.splitlines()]
    assert [o["file"] for o in objects] == ["bad.zip", "good.zip", "warned.zip"]
    assert all(set(o) == KEYS for o in objects)
    assert all(set(f) == FINDING for o in objects for f in o["findings"])
    assert "missing.zip" in result.stderr and "broken.zip" in result.stderr


def test_chinese_stays_chinese(answers: dict[str, Any]) -> None:
    assert "界桩偏离" in run("bad.zip", "--json").stdout


def test_the_report_for_people(answers: dict[str, Any]) -> None:
    text = run("bad.zip").stdout
    assert "结论：不通过（错误 1，警告 0，提示 1）" in text
    assert "【错误 MK02 界桩偏离界线】1 处" in text and "改法：核对坐标" in text
    assert "第 2 条" in text and "编号 a, b" in text and "北 32" in text and "东经 106.605000°" in text
    assert text.index("MK02") < text.index("AT02"), "errors come first"
    assert "\x1b" not in text and all(line.isprintable() for line in text.splitlines()), "for an e-mail"


def test_the_report_in_english(answers: dict[str, Any]) -> None:
    text = run("bad.zip", "--lang", "en").stdout
    assert "Verdict: reject" in text and "To mend: check it" in text and "north 32" in text


def test_a_long_list_is_cut_and_says_so(answers: dict[str, Any]) -> None:
    answers["bad.zip"] = report("reject", *[finding(features=[i]) for i in range(50)])
    text = run("bad.zip").stdout
    assert "50 处" in text and "另有 30 处" in text


def test_a_place_without_system_is_given_in_the_files_numbers(answers: dict[str, Any]) -> None:
    placeless = finding(geometry=None, source_geometry={"type": "Point", "coordinates": [400.5, 3.25]})
    answers["bad.zip"] = report("reject", placeless)
    assert "文件坐标 400.500, 3.250" in run("bad.zip").stdout


def test_findings_of_all_files_in_one_package(answers: dict[str, Any], tmp_path: Path) -> None:
    result = run("bad.zip", "warned.zip", "--findings", "out.gpkg", "--json")
    assert result.exit_code == 1 and len(result.stdout.splitlines()) == 2
    lines = geopandas.read_file(tmp_path / "out.gpkg", layer="findings_lines")
    assert list(lines["file"]) == ["bad.zip", "warned.zip"] and lines.crs.to_epsg() == 4490
    with sqlite3.connect(tmp_path / "out.gpkg") as database:
        assert database.execute("select count(*) from findings_without_place").fetchone() == (1,)
    database.close()


def test_no_bar_where_there_is_no_terminal(answers: dict[str, Any]) -> None:
    assert run("good.zip", "--json").stderr == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with file_bars() as bar:
        told = bar("界桩.zip")
        told(0.25)
        told(1.0)
    assert "界桩.zip" in terminal.getvalue() and "%" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with file_bars() as bar:
        bar("x.zip")(0.5)
    assert sys.stderr.getvalue() == ""


def test_units_are_those_of_the_as_of_date_or_of_the_districts_last_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("YUDI_AS_OF", "2024-12-31")
    around = check.surroundings_without_database()
    assert around.units is not None and len(around.units.table) == 30 and str(around.as_of) == "2024-12-31"
    monkeypatch.setenv("YUDI_AS_OF", "2026-06-30")
    late = check.surroundings_without_database()
    assert late.units is not None and len(late.units.table) == 30 and str(late.as_of) == "2025-11-06"


def test_any_file_is_not_held_against_units() -> None:
    around = check.surroundings_without_database(Profile.GENERIC)
    assert around.units is None and around.district is not None


# --- the whole way, in processes of its own -------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of small files: a shapefile of markers and its siblings, the same zipped, one that is broken."""
    place = tmp_path_factory.mktemp("check")
    markers = geopandas.GeoDataFrame(
        {"界桩号": [f"{LINE}001Q", "兴茨2号"], "线号": [LINE, LINE], "类型": ["Q", "Q"]},
        geometry=[shapely.Point(370_000.125, 3_300_000.25), shapely.Point(370_500.125, 3_300_003.25)],
        crs=4545,
    )
    markers.to_file(place / "界桩.shp", encoding="GBK")
    with zipfile.ZipFile(place / "markers.zip", "w") as packed:
        for part in sorted(place.glob("界桩.*")):
            packed.write(part, part.name)
    (place / "broken.zip").write_bytes((place / "markers.zip").read_bytes()[:300])
    return place


def yudi(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "YUDI_AS_OF": "2024-12-31", "PYTHONIOENCODING": "ascii"}
    environment.pop("YUDI_DATABASE_URL", None)
    command = [sys.executable, "-m", "api.cli", "check", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, env=environment, timeout=120
    )


def test_files_go_through_the_reader_and_the_checks(folder: Path) -> None:
    names = ["界桩.shp", "broken.zip", "markers.zip"]
    done = yudi(*(folder / n for n in names), "--json", "--findings", folder / "out.gpkg")
    assert done.returncode == 1, done.stderr
    bare, broken, packed = (json.loads(row) for row in done.stdout.splitlines())
    assert [o["file"] for o in (bare, broken, packed)] == names
    assert broken["verdict"] == "reject" and {f["code"] for f in broken["findings"]} & {"UP01", "UP13"}
    for answer in (bare, packed):
        assert set(answer) == KEYS and len(answer["sha256"]) == 64
        (layer,) = answer["layers"]
        assert layer["role"] == "markers" and layer["features"] == 2 and layer["crs"]["epsg"] == 4545
        assert layer["fields"]["number"] == "界桩号"
        (wrong,) = [f for f in answer["findings"] if f["code"] == "MK01"]
        assert (
            wrong["features"] == [1] and wrong["ids"] == ["兴茨2号"] and wrong["geometry"]["type"] == "Point"
        )
        assert all(
            set(f) - {"source_geometry"} == FINDING and set(f["measure"]) <= MEASURES
            for f in answer["findings"]
        )
        order = [(f["code"], f["layer"] or "", f["features"]) for f in answer["findings"]]
        assert order == sorted(order)
    points = geopandas.read_file(folder / "out.gpkg", layer="findings_points")
    assert set(points["file"]) == {"界桩.shp", "markers.zip"}


#: One of each kind, small: what they hold is told of all files in tests/geo/reading/test_manifest.py.
REAL = (
    "boundaries/yubei_before_2025_cgcs2000.geojson", "uploads/china/osm_villages_gbk.zip", "uploads/china/parcel_line.kmz",
    "uploads/formats/overpass.osm", "uploads/gpkg/nospatial.gpkg", "uploads/lines/soho_network.zip",
    "uploads/quirks/shp_alone.zip", "uploads/quirks/zero_byte_parts.zip",
)  # fmt: skip
EVERY = tuple(row["path"] for row in manifest.STATED)


@pytest.mark.skipif(not manifest.rows(), reason="../shared/data is not here: no real files to read")
@pytest.mark.parametrize("paths", [REAL, pytest.param(EVERY, marks=pytest.mark.full)], ids=["some", "every"])
def test_real_files_have_the_outcome_of_the_manifest(paths: Sequence[str]) -> None:
    stated = {row["path"]: row for row in manifest.rows()}
    done = run(*(str(manifest.DATA / path) for path in paths), "--profile", "generic", "--json")
    assert done.exit_code == 1
    for path, line in zip(paths, done.stdout.splitlines(), strict=True):
        answer, expected = json.loads(line), stated[path]["expected"]
        codes = {f["code"] for f in answer["findings"]}
        assert any(answer["verdict"] == v and wanted <= codes for v, wanted in manifest.outcomes(expected)), (
            path,
            codes,
        )
        assert answer["sha256"] == stated[path]["sha256"] and set(answer) == KEYS


def test_a_small_file_is_answered_without_what_only_the_reading_process_needs(folder: Path) -> None:
    """Half a second of processor time, on top of the reading process's own."""
    code = (
        "import sys; from api.cli.__main__ import main; "
        f"main(['check', {str(folder / 'markers.zip')!r}, '--profile', 'generic', '--json']); "
        "sys.exit(int(bool({'pandas', 'geopandas', 'pyproj', 'fiona', 'pyogrio'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0 and json.loads(done.stdout)["profile"] == "generic", done.stderr
