"""A table of names: which sheet, layer or table of a file is read, and that the others are named."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pytest
import shapely

from geo.reading.layers import ReadOptions
from geo.reading.name_table import Ask, answer
from geo.settings import Limits
from geo.terms import Profile

HEADINGS = ["标准名称", "类别", "所在政区"]


def told(path: Path, folder: Path, sheet: str | None = None) -> dict[str, Any]:
    work = folder / f"work-{path.name}-{sheet}"
    work.mkdir()
    sent: list[bytes] = []
    options = ReadOptions(profile=Profile.GENERIC)
    return answer(path, path.name, Ask(None, sheet), options, Limits(), work, sent.append)


def shapefile_and_table(folder: Path) -> Path:
    """As ./yudi names export writes it: a layer a kind of shape, and what has no shape as a table."""
    path = folder / "names.zip"
    shapes = {
        "lines": [shapely.LineString([(106.7, 29.9), (106.8, 29.9)])],
        "points": [shapely.Point(106.7, 29.9), shapely.Point(106.8, 29.9)],
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("unplaced.csv", ",".join(HEADINGS) + "\n无址坝,自然村,兴隆镇\n")
        for name, geometry in shapes.items():
            rows = {h: [f"{name}{i}" for i in range(len(geometry))] for h in ("BZMC", "LBMC", "ZQDM")}
            frame = geopandas.GeoDataFrame(rows, geometry=geometry, crs=4490)
            frame.to_file(folder / f"{name}.shp", encoding="UTF-8", engine="pyogrio")
            for part in sorted(folder.glob(f"{name}.*")):
                archive.write(part, part.name)
    return path


def workbook(folder: Path) -> Path:
    path = folder / "names.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表由各镇填报"])
    for name in ("一镇", "二镇"):
        sheet = book.create_sheet(name)
        sheet.append(HEADINGS)
        sheet.append([f"{name}坝", "自然村", name])
    book.create_sheet("空表")
    book.save(path)
    return path


@pytest.mark.parametrize(
    "make, sheet, read, others, rows",
    [
        (shapefile_and_table, None, "points", {"lines", "unplaced"}, 2),
        (shapefile_and_table, "lines", "lines", {"points", "unplaced"}, 1),
        (shapefile_and_table, "unplaced", "unplaced", {"lines", "points"}, 1),
        (workbook, None, "一镇", {"二镇"}, 1),
        (workbook, "二镇", "二镇", {"一镇"}, 1),
    ],
)
def test_what_was_not_read_is_named(
    make: Any, sheet: str | None, read: str, others: set[str], rows: int, tmp_path: Path
) -> None:
    found = told(make(tmp_path), tmp_path, sheet)
    assert found["problems"] == []
    assert (found["sheet"], set(found["others"]), found["rows"]) == (read, others, rows)


@pytest.mark.parametrize("make, there", [(shapefile_and_table, "points"), (workbook, "二镇")])
def test_a_sheet_that_is_not_there_is_said_with_those_that_are(make: Any, there: str, tmp_path: Path) -> None:
    (problem,) = told(make(tmp_path), tmp_path, "三镇")["problems"]
    assert "三镇" in problem["zh"] and there in problem["zh"] and there in problem["en"]
