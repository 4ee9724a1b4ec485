"""./yudi facilities: files in from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from api.cli.__main__ import main
from tests.demonstration import Loaded, settings_of_the_demonstration
from tests.demonstration import demo_database as demo_database
from tests.demonstration import demonstration as demonstration


@pytest.fixture(scope="module", autouse=True)
def loaded(demo_database: str, demonstration: Loaded) -> Iterator[None]:
    with settings_of_the_demonstration():
        yield


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is there and current."""
    from api.cli import _database

    monkeypatch.setattr(_database, "ready", lambda: None)


def run(capsys: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["facilities", *arguments, "--json"])
    said = capsys.readouterr().out.strip()
    return code, json.loads(said) if said else {}


def test_import_tells_bad_rows_and_keeps_the_rest(tmp_path: Path, capsys: Any) -> None:
    file, report = tmp_path / "f.csv", tmp_path / "bad.csv"
    file.write_text("名称,类别,镇街,床位\n某敬老院,敬老院,兴隆镇,40\n=坏,公墓,不存在,1\n", encoding="utf-8")
    code, said = run(capsys, "import", str(file), "--report", str(report))
    assert code == 1 and (said["new"], said["refused"]) == (1, 1)
    assert said["problems"][0]["column"] == "镇街" and "不存在" in report.read_text(encoding="utf-8-sig")
    again, said = run(capsys, "import", str(file), "--dry-run", "--map", "operator=类别", "--kind", "E01")
    assert again == 1 and said["dry_run"] is True
    assert run(capsys, "import", str(tmp_path / "none.csv"))[0] == 2
    assert run(capsys, "import", str(file), "--kind", "飞机场")[0] == 2


def test_streets_communities_and_areas(tmp_path: Path, capsys: Any) -> None:
    lines = geopandas.GeoDataFrame(
        {"kind": ["道路", "梯坎"]},
        geometry=[shapely.LineString([(106.5, 29.7, 200), (106.51, 29.7, 200)]), shapely.LineString([(106.51, 29.7, 200), (106.51, 29.701, 230)])],
        crs=4490,
    )  # fmt: skip
    lines.to_file(tmp_path / "s.gpkg")
    code, said = run(capsys, "streets", str(tmp_path / "s.gpkg"), "--source", "某图", "--dated", "2024-06-30")
    assert code == 0 and said == {"nodes": 3, "edges": 2, "dated": "2024-06-30", "source": "某图"}
    assert run(capsys, "streets", str(tmp_path / "s.gpkg"), "--dated", "June")[0] == 2
    areas = geopandas.GeoDataFrame(
        {"code": ["500112001001"], "name": ["某社区"], "elders": [812], "unit": ["500112001001"]},
        geometry=[shapely.box(106.5, 29.69, 106.52, 29.71)], crs=4490,
    )  # fmt: skip
    areas.to_file(tmp_path / "a.gpkg")
    assert run(capsys, "communities", str(tmp_path / "a.gpkg"), "--dated", "2024-12-31") == (
        0,
        {"communities": 1},
    )
    kept = run(
        capsys,
        "areas",
        str(tmp_path / "a.gpkg"),
        "--kind",
        "cremation",
        "--document",
        "某文",
        "--on",
        "2024-07-01",
    )
    assert kept == (0, {"areas": 1})
    assert run(capsys, "communities", str(tmp_path / "a.gpkg"), "--elders", "nobody")[0] == 2


def test_figures(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "m.csv"
    file.write_text("指标,镇街,月份,数值\n家庭养老床位,兴隆镇,2024-12,31\n", encoding="utf-8")
    assert run(capsys, "figures", str(file))[1]["new"] == 1
