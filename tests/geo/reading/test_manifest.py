"""Every real file of ../shared/data goes through reading and checks with the outcome that the manifest expects."""

from __future__ import annotations

import csv
import re
import warnings
from functools import cache
from pathlib import Path

import pytest
import shapely

from geo.checks.run import GATE, discover, ordered, run
from geo.inspection import Inspection, Surroundings, inspect, scenes_of
from geo.reading.layers import ReadOptions
from geo.reading.normalise import tidy
from geo.reading.read import read
from geo.settings import ROOT, Limits, district
from geo.terms import Profile, Role

DATA = ROOT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not (DATA / "manifest.csv").exists(), reason="../shared/data is not here: no real files to read"
)

CODE = re.compile(r"\b(?:UP|EN|CR|GE|TP)\d\d\b")

#: Further errors than the manifest names, with the bytes that prove them.
ARGUED = {
    "uploads/quirks/missing_dbf_attributes.zip": {"UP12"},  # .shp and .shx hold 90 records, the .dbf 89
}


def rows() -> list[dict[str, str]]:
    if not (DATA / "manifest.csv").exists():
        return []
    with (DATA / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        return [r for r in csv.DictReader(file) if r["path"].startswith(("uploads/", "boundaries/"))]


def outcomes(expected: str) -> list[tuple[str, set[str]]]:
    """The outcomes that pass: verdict and codes that must be there. What follows `then`, `;` and in brackets
    is said of another reading or only explains."""
    first = re.sub(r"\([^)]*\)", "", re.split(r"[;]| then ", expected)[0])
    stated = re.compile(r"(accept-with-warning|accept|reject)\b(?:\s*:\s*((?:[A-Z]{2}\d\d\+?)+))?")
    found = []
    for part in re.split(r"\bor\b", first):
        verdict = stated.search(part)
        if verdict:
            found.append((verdict.group(1), set(CODE.findall(verdict.group(2) or ""))))
        elif found and CODE.search(part):
            found.append((found[-1][0], set(CODE.findall(part))))
    return found


#: The same outlines as in gbk_entry_names.zip, twice: checked once there, here only read and gated.
TWICE = ("uploads/names/gbk_entry_names_two_sets.zip", "uploads/names/utf8_entry_names_two_sets.zip")


@cache
def inspected(path: str, crs: int | None = None, role: Role | None = None) -> Inspection:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        options = ReadOptions(profile=Profile.GENERIC, crs=crs, role=role)
        around = Surroundings(district("500112"))
        if path not in TWICE:
            return inspect(DATA / path, options, Limits(), around)
        reading = read(DATA / path, options, Limits(), around.district)
        gate = [r for r in ordered(discover()) if r.code in GATE]
        found = list(reading.findings)
        for scene in scenes_of(reading.layers, options.profile, around):
            found.extend(run(scene, rules=gate, strict=True))
        return Inspection(reading.file, reading.sha256, options.profile, reading.layers, tuple(found))


def errors(answer: Inspection) -> set[str]:
    return {f.code for f in answer.findings if f.severity.value == "error"}


def found(answer: Inspection) -> set[str]:
    return {f.code for f in answer.findings}


STATED = [r for r in rows() if outcomes(r["expected"]) and "role " not in r["expected"].split(":")[0]]


@pytest.mark.parametrize("row", STATED, ids=lambda r: r["path"])
def test_the_outcome_that_the_manifest_expects(row):
    answer = inspected(row["path"])
    allowed = set(CODE.findall(row["expected"])) | ARGUED.get(row["path"], set())
    passes = [
        answer.verdict.value == verdict and wanted <= found(answer)
        for verdict, wanted in outcomes(row["expected"])
    ]
    assert any(passes), (row["expected"], answer.verdict.value, sorted(found(answer)))
    assert errors(answer) <= allowed, (row["expected"], sorted(errors(answer)))
    assert answer.sha256 == row["sha256"]


def test_the_manifest_is_understood():
    """Most rows state an outcome; a change of the manifest's wording must not empty the test above."""
    assert len(STATED) >= 75


@pytest.mark.parametrize(
    ("path", "crs", "role", "verdict", "wanted"),
    [
        ("uploads/china/parcel_multiline.kml", None, Role.LINES, "accept-with-warning", {"CR03"}),
        ("uploads/china/parcel_multiline.kml", None, Role.POLYGONS, "reject", {"GE08"}),
        ("uploads/china/parcel_points.kml", None, Role.MARKERS, "accept-with-warning", {"CR03"}),
        ("uploads/china/parcel_points.kml", None, Role.POLYGONS, "reject", {"GE08"}),
        ("uploads/coverage/georgia_utm.zip", 32617, None, "accept-with-warning", {"CR03", "GE09"}),
        ("uploads/coverage/georgia_utm.zip", 4326, None, "reject", {"CR05"}),
        ("uploads/coverage/mexico.zip", 4326, None, "accept-with-warning", {"CR03", "GE09"}),
        ("uploads/coverage/us48.zip", 4326, None, "accept-with-warning", {"CR03", "GE09"}),
        ("uploads/quirks/multipoint.zip", None, None, "accept-with-warning", {"CR06", "GE03"}),
        ("uploads/quirks/multipoint.zip", None, Role.MARKERS, "reject", {"GE08"}),
        ("uploads/quirks/missing_m_value_polyline.zip", 32633, None, "accept-with-warning", {"GE03"}),
        ("uploads/quirks/dateline_boxes.zip", 3857, None, "accept-with-warning", {"CR03"}),
        ("uploads/zm/multipointm.zip", 4326, Role.MARKERS, "reject", {"GE03", "GE08"}),
        ("uploads/zm/goshp_polygonz.zip", 4326, None, "accept-with-warning", {"GE03", "CR03"}),
        ("uploads/zm/pointm.zip", 4326, None, "accept-with-warning", {"GE03", "CR03"}),
        ("uploads/zm/pointz.zip", 4326, None, "accept-with-warning", {"GE03", "CR03"}),
        ("uploads/zm/polylinem.zip", 4326, None, "accept-with-warning", {"GE03", "CR03"}),
        ("uploads/zm/polylinez.zip", 4326, None, "accept-with-warning", {"GE03", "CR03"}),
        ("uploads/zm/storms_xyzm.zip", 4326, None, "accept-with-warning", {"GE03", "CR03"}),
    ],
)
def test_with_a_system_or_a_role_set(path, crs, role, verdict, wanted):
    answer = inspected(path, crs, role)
    assert answer.verdict.value == verdict, sorted((f.code, f.severity.value) for f in answer.findings)
    assert wanted <= found(answer)


def corners(name: str, **options):
    reading = read(
        DATA / "uploads" / "china" / name, ReadOptions(profile=Profile.GENERIC, **options), Limits(), None
    )
    return reading, reading.layers[0]


def place(layer):
    from geo.crs.plane import STORED, transformed

    return transformed(tidy(layer.frame.geometry.to_numpy()), layer.crs.crs, STORED)[0]


def test_real_corner_lists():
    """The four forms of one parcel are one place; without a zone number nothing is guessed."""
    _, right = corners("coords_gk39_xy.csv")
    assert right.crs.epsg == 4527
    first = shapely.get_coordinates(right.frame.geometry[0])[0]
    assert first.tolist() == [39547228.491, 3797916.479]
    home = place(right)
    assert home.exterior.coords[0] == pytest.approx((117.5131, 34.3077), abs=1e-4)
    for name in ("coords_gk39_counterclockwise.csv", "coords_gk39_swapped.csv"):
        reading, other = corners(name)
        assert place(other).equals(home)
        assert ("CR05" in {f.code for f in reading.findings}) is ("swapped" in name)
    for name in ("coords_lonlat.csv", "coords_lonlat_counterclockwise.csv"):
        assert place(corners(name)[1]).hausdorff_distance(home) < 1e-6
    reading, blanks = corners("coords_lonlat_blanks.csv")
    assert len(blanks.frame) == 1 and blanks.frame.geometry[0].is_valid
    reading, open_ = corners("coords_gk_without_zone.csv")
    assert {f.code for f in reading.findings if f.severity.value == "error"} == {
        "CR01"
    } and open_.crs.source == "none"


@pytest.mark.parametrize(
    ("name", "rows"),
    [("ch_municipalities_2010", 2600), ("ch_municipalities_2023", 2139), ("ch_cantons_2023", 26)],
)
def test_real_coverages_are_read_whole(name, rows):
    path: Path = DATA / "coverages" / f"{name}.zip"
    reading = read(path, ReadOptions(profile=Profile.GENERIC), Limits(), None)
    assert reading.layers[0].features >= rows and len(reading.layers[0].frame) >= rows
    assert not [f for f in reading.findings if f.severity.value == "error"]
