"""The tutorial set: the right delivery is accepted, and each planted defect is found where it was planted."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from api.setup.demo.around import surroundings
from api.setup.demo.generate import District
from api.setup.demo.tutorial import CORRECT, DEFECTIVE, TABLE, Defective, correct, defective, write_tutorial
from geo.checks.catalogue import CHECKS
from geo.inspection import Inspection, inspect
from geo.reading.layers import ReadOptions
from geo.settings import Limits
from geo.terms import LineState, Role, Severity, Verdict

MEASURES = {"area_m2", "width_m", "distance_m", "length_m", "angle_deg", "count"}
#: An information of these codes only says that the check was left out.
SKIPPED = {"TP09", "TP10", "TP12", "TP13", "TP15", "CR08", "AT04"}


@pytest.fixture(scope="module")
def wrong(demo: District) -> Defective:
    return defective(demo)


@pytest.fixture(scope="module")
def inspections(
    demo: District, wrong: Defective, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Inspection]:
    """Every file of the set: the two deliveries as the worker would inspect them, the small files, whose
    defects are of the package, as the command line does without a database."""
    folder = tmp_path_factory.mktemp("tutorial")
    around = surroundings(demo)
    alone = replace(around, published=None)
    found = {}
    for name, content in ({CORRECT: correct(demo)} | wrong.files()).items():
        if name == TABLE:
            continue
        path = folder / Path(name).name
        path.write_bytes(content)
        delivery = name in (CORRECT, DEFECTIVE)
        found[name] = inspect(path, ReadOptions(), Limits(), around if delivery else alone)
    return found


def test_the_same_files_every_time(demo: District, wrong: Defective, tmp_path: Path) -> None:
    written = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in write_tutorial(tmp_path, demo)}
    assert written == {CORRECT: correct(demo)} | wrong.files()


def test_it_looks_like_a_firms_delivery(demo: District) -> None:
    with zipfile.ZipFile(io.BytesIO(correct(demo))) as packed:
        names = set(packed.namelist())
        for stem in ("界线", "界桩", "三交点", "政区面"):
            assert {f"{stem}.{e}" for e in ("shp", "shx", "dbf", "prj", "cpg")} <= names
        assert packed.read("界线.cpg") == b"GBK"
        assert b"CGCS2000_3_Degree_GK_Zone_36" in packed.read("界线.prj")
        assert "线号".encode("gbk") in packed.read("界线.dbf")


def test_the_right_delivery_has_no_errors(demo: District, inspections: dict[str, Inspection]) -> None:
    answer = inspections[CORRECT]
    assert [f for f in answer.findings if f.severity is Severity.ERROR] == []
    assert answer.verdict is not Verdict.REJECT
    # Warnings: only that there are several layers, which is how a result is handed in.
    assert {f.code for f in answer.findings if f.severity is Severity.WARNING} <= {"UP04"}
    roles = {layer.role: layer.features for layer in answer.layers}
    assert roles[Role.LINES] == len(demo.plan.tutorial) and set(roles) == set(Role)
    assert all(layer.crs.epsg == 4524 and layer.crs.source == "declared" for layer in answer.layers)


def test_its_lines_may_still_be_moved(demo: District) -> None:
    states = demo.lines.set_index("code").loc[list(demo.plan.tutorial), "state"]
    assert set(states) == {LineState.MARKERS_DONE.value}


def test_every_check_has_its_defect_in_the_table(wrong: Defective) -> None:
    assert {p.code for p in wrong.planted} == {rule.code for rule in CHECKS}


def test_each_defect_is_found_in_its_file(wrong: Defective, inspections: dict[str, Inspection]) -> None:
    wanted: dict[str, set[str]] = defaultdict(set)
    for planted in wrong.planted:
        wanted[planted.file].add(planted.code)
    for name, codes in wanted.items():
        found = {
            f.code
            for f in inspections[name].findings
            if f.severity is not Severity.INFO or f.code not in SKIPPED
        }
        assert codes <= found, f"{name}: {sorted(codes - found)} not found"


def test_each_defect_is_found_on_its_subject(wrong: Defective, inspections: dict[str, Inspection]) -> None:
    """Where the table names a line, a marker or a township, a finding of the code names it too."""
    names = {"兴隆镇": "500112138", "茨竹镇": "500112140", "大盛镇": "500112143", "大湾镇": "500112135"}
    for planted in wrong.planted:
        subject = names.get(planted.subject, planted.subject)
        if planted.file != DEFECTIVE or not subject[:1].isdigit():
            continue
        findings = [f for f in inspections[DEFECTIVE].findings if f.code == planted.code]
        said = [f for f in findings if subject in f.ids or subject in f.text.zh or not f.ids]
        assert said, f"{planted.code} on {subject}"


def test_every_finding_says_what_is_wrong_and_how_to_mend_it(inspections: dict[str, Inspection]) -> None:
    """In both languages, and measured in the contract's units alone."""
    for name, answer in inspections.items():
        for one in answer.findings:
            said = (one.text.zh, one.text.en, one.remedy.zh, one.remedy.en)
            assert all(words.strip() and "{" not in words for words in said), (name, one.code, said)
            assert re.search("[一-鿿]", one.text.zh) and re.search("[一-鿿]", one.remedy.zh), one.code
            assert set(one.measure) <= MEASURES, (one.code, one.measure)
            assert all(math.isfinite(value) for value in one.measure.values()), one.code


def test_the_wrong_delivery_is_rejected_but_shown(inspections: dict[str, Inspection]) -> None:
    answer = inspections[DEFECTIVE]
    assert answer.verdict is Verdict.REJECT
    assert sum(f.geometry is not None for f in answer.findings) > 40
    # A new user who opens only this one meets nearly every check.
    assert len({f.code for f in answer.findings}) > 50


def test_the_table_opens_in_a_spreadsheet(wrong: Defective) -> None:
    text = wrong.table().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == len(wrong.planted) + 1
    assert all(all(cell for cell in (row[0], row[1], row[4], row[5])) for row in rows[1:])
