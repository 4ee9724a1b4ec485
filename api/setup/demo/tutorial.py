"""Tutorial set (教程文件): one correct delivery and one with every defect that the checks know."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

from api.setup.demo.defects_areas import AREAS
from api.setup.demo.defects_lines import LINES
from api.setup.demo.defects_package import members, rare_and_broken_text, small_files
from api.setup.demo.defects_points import MARKERS
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
from api.setup.demo.planting import Planted, Planter

CORRECT, DEFECTIVE = "tutorial_correct.zip", "tutorial_defective.zip"
TABLE = "tutorial_defects.csv"


def correct_result(demo: District) -> Result:
    """The records of the tutorial's lines, as a careful firm hands them in: lines, markers, tripoints at
    their ends, and the polygons of the townships beside them."""
    lines = demo.lines[demo.lines["code"].isin(demo.plan.tutorial)]
    ends = {p for g in lines.geometry for p in (g.coords[0], g.coords[-1])}
    marks = demo.markers[demo.markers["line_code"].isin(lines["code"])]
    points = demo.tripoints[[(p.x, p.y) in ends for p in demo.tripoints.geometry]]
    areas = demo.townships[demo.townships["code"].isin(demo.plan.polygons)]
    return Result(
        lines=[line_record(r) for r in lines.itertuples()],
        markers=[marker_record(r) for r in marks.itertuples()],
        tripoints=[tripoint_record(r) for r in points.itertuples()],
        polygons=[polygon_record(r, str(areas.crs)) for r in areas.itertuples()],
    )


def correct(demo: District) -> bytes:
    """tutorial_correct.zip."""
    return archive([m for table in tables(correct_result(demo)) for m in files(table).items()])


@dataclass(frozen=True)
class Defective:
    """The wrong delivery, the small files beside it, and the table of what was planted where."""

    delivery: bytes
    small: dict[str, bytes]
    planted: tuple[Planted, ...]

    def files(self) -> dict[str, bytes]:
        """Everything by file name, the table too."""
        return {DEFECTIVE: self.delivery} | self.small | {TABLE: self.table()}

    def table(self) -> bytes:
        """tutorial_defects.csv: UTF-8 with BOM, so that a spreadsheet opens it."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(("检查代码", "文件", "图层", "对象", "缺陷", "defect"))
        for row in sorted(self.planted, key=lambda r: (r.code, r.file)):
            writer.writerow((row.code, row.file, row.layer, row.subject, row.what.zh, row.what.en))
        return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def defective(demo: District) -> Defective:
    """The right delivery with every defect that the checks know, each at least once."""
    planter = Planter(demo, correct_result(demo), DEFECTIVE)
    right = planter.of("lines", code=demo.plan.twins)
    small, planted = small_files(replace(right))
    for plant in (*LINES, rare_and_broken_text, *MARKERS, *AREAS):
        plant(planter)
    delivery = archive(members(planter), utf8=False)
    return Defective(delivery, small, (*planter.planted, *planted))


def write_tutorial(folder: Path, demo: District | None = None) -> list[Path]:
    """Write the set into a folder, made where it is absent. The same files every time."""
    demo = demo or generate()
    written = []
    for name, content in ({CORRECT: correct(demo)} | defective(demo).files()).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written
