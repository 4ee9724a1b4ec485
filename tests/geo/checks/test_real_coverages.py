"""Real files: what their manifest says of overlaps, gaps, edges and enclaves comes out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyogrio
import pytest
import shapely

from geo.findings import verdict
from geo.terms import Profile, Role, Severity, Verdict

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here: no real files to try")

TOPOLOGY = ("TP01", "TP02", "TP03")


def look(scenes, path, *codes):
    """Findings of a file's first layer in profile generic, by code."""
    frame = pyogrio.read_dataframe(DATA / path)
    geometries = frame.geometry.to_numpy()
    role = Role.POLYGONS if (shapely.get_dimensions(geometries) == 2).any() else Role.LINES
    made = scenes.layer(
        role, [g if g is None else shapely.force_2d(g) for g in geometries], crs=frame.crs, moved=False
    )
    return scenes.findings(scenes.scene(layers=[made], profile=Profile.GENERIC), *codes)


def test_the_districts_of_chongqing_have_nothing_to_warn_of(scenes):
    found = look(scenes, "boundaries/chongqing_districts_cgcs2000.geojson")
    assert verdict(found) is Verdict.ACCEPT


@pytest.mark.parametrize(
    "path",
    [
        "uploads/coverage/albuquerque_tracts.zip",
        "uploads/coverage/columbus_shp.zip",
        "uploads/coverage/mexico.zip",
        "uploads/crs/lux_communes.zip",
        "uploads/crs/nc_nad27.zip",
        "uploads/gpkg/sids.gpkg",
    ],
)
def test_a_valid_coverage_is_one(scenes, path):
    assert not look(scenes, path, *TOPOLOGY)


def test_denver_as_published_and_after_repair(scenes):
    before = Counter(f.code for f in look(scenes, "uploads/coverage/denverco_precincts2020_orig.zip"))
    assert before["TP01"] >= 10 and before["TP03"] >= 10 and before["GE09"]
    # 33 enclosed gaps were measured, some of them narrower than any check reports.
    assert 25 <= before["TP02"] <= 33
    after = look(scenes, "uploads/coverage/denverco_precincts2020_repaired.zip")
    count = Counter(f.code for f in after)
    assert count["TP01"] == count["TP03"] == 0 and count["GE09"]
    assert count["TP02"] == 10  # true holes: a question each, and none closed by itself
    assert Severity.ERROR not in {f.severity for f in after}


def test_a_gap_that_must_not_be_closed_automatically(scenes):
    found = look(scenes, "uploads/coverage/co_bad_gap_region.zip", *TOPOLOGY)
    assert Counter(f.code for f in found)["TP01"] == 2 and Counter(f.code for f in found)["TP02"] == 3
    assert {f.severity for f in found} == {Severity.WARNING}
    assert any("属于谁" in f.text.zh for f in found)


def test_edges_that_differ_by_less_than_the_storage_grid(scenes):
    """Olinda: its neighbours differ by less than 0.1 mm, so only a finer grid shows it."""
    found = look(scenes, "uploads/crs/olinda_sad69.zip", *TOPOLOGY)
    assert "TP03" in {f.code for f in found} and {f.severity for f in found} == {Severity.WARNING}


def test_independent_cities_of_virginia_are_enclaves(scenes):
    found = look(scenes, "uploads/coverage/virginia.zip", "TP14")
    assert len(found) >= 20 and all(f.geometry is not None or f.source_geometry is not None for f in found)


@pytest.mark.parametrize(
    ("path", "pairs"), [("uploads/china/osm_water_gbk.zip", 2), ("uploads/quirks/topology_test.zip", 16)]
)
def test_overlapping_pairs_as_counted(scenes, path, pairs):
    assert len(look(scenes, path, "TP01")) == pairs


def test_invalid_rings_are_counted_and_nothing_falls_over_them(scenes):
    found = Counter(f.code for f in look(scenes, "uploads/gpkg/NY8_utm18.gpkg"))
    assert found["GE02"] == 5


def test_streets_have_loose_ends_and_needless_nodes(scenes):
    found = Counter(f.code for f in look(scenes, "uploads/lines/geodanet_streets.zip"))
    assert found["TP05"] and found["TP06"]
