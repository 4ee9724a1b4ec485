"""The generated district: the same bytes for a seed, one shared network, real units, life in every state."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import numpy as np
import pytest
import shapely

from api.setup.demo.generate import District, generate
from geo.settings import district as configured
from geo.terms import LineState

SETTINGS = configured("500112")


def digest(demo: District) -> str:
    text = hashlib.sha256()
    for frame in (demo.units, demo.lines, demo.county_lines, demo.markers, demo.tripoints):
        text.update(frame.drop(columns="geometry").to_csv().encode())
        text.update(b"".join(shapely.to_wkb(frame.geometry.to_numpy(), byte_order=1)))
    return text.hexdigest()


def test_a_seed_gives_the_same_bytes_and_another_seed_others(demo: District) -> None:
    assert digest(generate()) == digest(demo)
    assert digest(generate(seed=7)) != digest(demo)


@pytest.mark.parametrize("level", ["township", "village"])
def test_areas_are_one_coverage_that_fills_the_district(demo: District, level: str) -> None:
    areas = demo.units.loc[demo.units["level"] == level, "geometry"].to_numpy()
    assert shapely.is_valid(areas).all()
    assert shapely.coverage_is_valid(areas, gap_width=1.0)
    assert shapely.equals(shapely.coverage_union_all(areas), demo.outline)


def test_villages_make_up_their_township(demo: District) -> None:
    villages = demo.units[demo.units["level"] == "village"]
    assert len(villages) == 412
    for township in demo.townships.itertuples():
        own = villages.loc[villages["parent"] == township.code, "geometry"].to_numpy()
        assert shapely.equals(shapely.coverage_union_all(own), township.geometry), township.name


def test_it_lies_in_the_districts_box_on_the_storage_grid(demo: District) -> None:
    west, south, east, north = demo.units.to_crs(4490).total_bounds
    box = SETTINGS.box
    assert box[0] < west and box[1] < south and east < box[2] and north < box[3]
    for frame in (demo.units, demo.lines, demo.markers, demo.tripoints):
        points = shapely.get_coordinates(frame.geometry.to_numpy())
        assert np.array_equal(points, points.round(4))


def test_lines_are_the_shared_borders_and_nothing_else(demo: District) -> None:
    lines = demo.lines.geometry.to_numpy()
    assert len(lines) >= 60 and shapely.is_simple(lines).all()
    assert shapely.get_num_coordinates(lines).min() >= 90
    assert np.median(shapely.get_num_coordinates(lines)) >= 200
    shapes = dict(zip(demo.townships["code"], demo.townships["geometry"], strict=True))
    for row in demo.lines.itertuples():
        a, b = shapes[row.left_code], shapes[row.right_code]
        assert shapely.covered_by(row.geometry, a.boundary) and shapely.covered_by(row.geometry, b.boundary)
    total = sum(g.length for g in shapes.values())
    border = demo.outline.length
    assert 2 * shapely.length(lines).sum() + border == pytest.approx(total, abs=0.01)
    assert shapely.length(demo.county_lines.geometry.to_numpy()).sum() == pytest.approx(border, abs=0.01)


def test_left_and_right_are_seen_in_line_direction(demo: District) -> None:
    shapes = dict(zip(demo.townships["code"], demo.townships["geometry"], strict=True))
    for row in demo.lines.itertuples():
        (x1, y1), (x2, y2) = row.geometry.coords[:2]
        normal = np.array((y1 - y2, x2 - x1)) / np.hypot(x2 - x1, y2 - y1)
        beside = np.array(((x1 + x2) / 2, (y1 + y2) / 2)) + 0.01 * normal
        assert shapes[row.left_code].contains(shapely.Point(beside)), row.code
        start, end = row.geometry.coords[0], row.geometry.coords[-1]
        if not row.geometry.is_ring:
            east, south = end[0] - start[0], start[1] - end[1]
            assert east > 0 if abs(east) >= abs(south) else south > 0, row.code


def test_codes_and_names_follow_the_two_units(demo: District) -> None:
    names = dict(zip(demo.townships["code"], demo.townships["name"], strict=True))
    for row in demo.lines.itertuples():
        low, high = sorted((row.left_code, row.right_code))
        assert re.fullmatch(rf"{low}-{high}(-[2-9])?", row.code)
        short = [re.sub("(街道|镇)$", "", names[c]) for c in (low, high)]
        assert row.name.startswith(f"{short[0]}—{short[1]}线")
    assert demo.lines["code"].is_unique
    assert "兴隆—茨竹线" in set(demo.lines["name"])


def test_three_units_meet_in_exactly_one_point(demo: District) -> None:
    ends = Counter(p for g in demo.lines.geometry if not g.is_ring for p in (g.coords[0], g.coords[-1]))
    points = {(p.x, p.y) for p in demo.tripoints.geometry}
    assert set(ends) == points
    for row in demo.tripoints.itertuples():
        at = (row.geometry.x, row.geometry.y)
        touching = demo.townships["geometry"].intersects(row.geometry)
        three = {row.unit1, row.unit2, row.unit3}
        townships = {u for u in three if len(u) == 9}
        assert set(demo.townships["code"][touching]) == townships and len(townships) >= 2
        assert ends[at] == (3 if len(townships) == 3 else 1)
    assert demo.tripoints["number"].is_unique


def test_one_enclave_lies_inside_another_township(demo: District) -> None:
    owner, host = demo.plan.enclave
    parted = demo.townships[demo.townships["geometry"].geom_type == "MultiPolygon"]
    assert list(parted["code"]) == [owner]
    outer = demo.townships.loc[demo.townships["code"] == host, "geometry"].iloc[0]
    assert len(outer.interiors) == 1
    assert sum(shapely.Polygon(outer.exterior).contains(p) for p in parted["geometry"].iloc[0].geoms) == 1
    ring = demo.lines[[g.is_ring for g in demo.lines.geometry]]
    assert list(ring["code"]) == [f"{min(owner, host)}-{max(owner, host)}-2"]


def test_lines_stand_in_every_state_with_room_below_the_target(demo: District) -> None:
    states = Counter(demo.lines["state"])
    assert set(states) == {s.value for s in LineState}
    assert sum(n for s, n in states.items() if s != "undemarcated") >= 20
    assert 5 <= states["settled"] < SETTINGS.settled_target
    assert demo.lines["in_dispute"].sum() == 1
    due = [d for d in demo.lines["inspection_due"] if d is not None]
    assert any(d.year <= 2024 for d in due) and any(d.year > 2024 for d in due)
    for row in demo.lines.itertuples():
        dates = [d for d in (row.survey_date, row.agreement_date, row.approval_date) if d is not None]
        assert dates == sorted(dates)
        assert (row.document is None) == (row.approval_date is None)
        if row.state in ("settled", "changing"):
            assert row.document is not None and row.agreement_date is not None


def test_markers_stand_where_their_kind_says(demo: District) -> None:
    lines = {r.code: r for r in demo.lines.itertuples()}
    assert len(demo.markers) >= 300 and demo.markers["number"].is_unique
    assert demo.markers["height"].between(150, 1_400).all()
    for row in demo.markers.itertuples():
        assert re.fullmatch(SETTINGS.marker_pattern, row.number)
        path = lines[row.line_code].geometry
        metres = shapely.distance(row.geometry, path)
        if row.kind == "Q":
            assert row.geometry.coords[0] in set(path.coords)
        else:
            assert 5 < metres < 60 and abs(metres - row.offset_m) <= 0.01
    twins = demo.markers[demo.markers["kind"].isin(["A", "B"])]
    shapes = dict(zip(demo.townships["code"], demo.townships["geometry"], strict=True))
    for _, pair in twins.groupby(twins["number"].str[:-1]):
        low, high = sorted(
            (lines[pair["line_code"].iloc[0]].left_code, lines[pair["line_code"].iloc[0]].right_code)
        )
        by_kind = dict(zip(pair["kind"], pair["geometry"], strict=True))
        assert shapes[low].contains(by_kind["A"]) and shapes[high].contains(by_kind["B"])
    triples = demo.markers[demo.markers["kind"].isin(list("CDE"))]
    assert len(triples) and all(len(g) == 3 for _, g in triples.groupby(triples["number"].str[:-1]))


def test_serials_rise_along_the_line_without_gaps(demo: District) -> None:
    lines = dict(zip(demo.lines["code"], demo.lines["geometry"], strict=True))
    for code, own in demo.markers.groupby("line_code"):
        serials = sorted({int(n[len(code) : len(code) + 3]) for n in own["number"]})
        assert serials == list(range(1, len(serials) + 1))
        singles = own[own["kind"] == "Q"].sort_values("number")
        along = [lines[code].project(p) for p in singles["geometry"]]
        assert along == sorted(along)


def test_custodians_are_roles_not_people(demo: District) -> None:
    assert demo.markers["custodian"].str.endswith("界桩管护岗（演示）").all()
