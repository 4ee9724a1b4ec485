"""Tutorial set (教程文件): one correct delivery and one with every defect that the checks know."""

from __future__ import annotations

from pathlib import Path

from api.setup.demo.delivery import archive, files
from api.setup.demo.generate import District, generate
from api.setup.demo.layers import (
    Result,
    line_record,
    marker_record,
    polygon_record,
    tables,
    tripoint_record,
)
from api.setup.demo.states import TUTORIAL

CORRECT = "tutorial_correct.zip"
#: Townships whose polygons go with the tutorial's lines.
POLYGONS = ("500112138", "500112140", "500112141")


def correct_result(demo: District) -> Result:
    """The records of the tutorial's lines, as a careful firm hands them in: lines, markers, tripoints at
    their ends, and the polygons of the townships beside them."""
    lines = demo.lines[demo.lines["code"].isin(TUTORIAL)]
    ends = {p for g in lines.geometry for p in (g.coords[0], g.coords[-1])}
    marks = demo.markers[demo.markers["line_code"].isin(lines["code"])]
    points = demo.tripoints[[(p.x, p.y) in ends for p in demo.tripoints.geometry]]
    areas = demo.townships[demo.townships["code"].isin(POLYGONS)]
    return Result(
        lines=[line_record(r) for r in lines.itertuples()],
        markers=[marker_record(r) for r in marks.itertuples()],
        tripoints=[tripoint_record(r) for r in points.itertuples()],
        polygons=[polygon_record(r, str(areas.crs)) for r in areas.itertuples()],
    )


def correct(demo: District) -> bytes:
    """tutorial_correct.zip."""
    return archive([m for table in tables(correct_result(demo)) for m in files(table).items()])


def write_tutorial(folder: Path, demo: District | None = None) -> list[Path]:
    """Write the set into a folder, made where it is absent. The same files every time."""
    demo = demo or generate()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in ((CORRECT, correct(demo)),):
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written
