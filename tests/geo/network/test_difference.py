"""The difference of two versions: in area, vertex by vertex, in words; and what must give none."""

from __future__ import annotations

import json
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs.plane import STORED, Plane
from geo.network.changes import Difference
from geo.network.difference import Frames, difference

PLANE = Plane.of_zone(4545, STORED)
ORIGIN = np.array([370_000.0, 3_300_000.0])
A, B, C = "500112138", "500112140", "500112133"
NAMES = {A: "兴隆镇", B: "茨竹镇", C: "统景镇"}
LINE = f"{A}-{B}"


def geographic(shape: Any, zone: int = 4545) -> Any:
    """Drawn in small metres, as stored: EPSG:4490. By way of another zone, as a file in it would come."""
    there = shapely.transform(shape, lambda c: c + ORIGIN)
    degrees = Plane.of_zone(4545, STORED).to_source(there)
    if zone == 4545:
        return degrees
    other = pyproj.Transformer.from_crs(4490, zone, always_xy=True)
    back = pyproj.Transformer.from_crs(zone, 4490, always_xy=True)
    in_zone = shapely.transform(degrees, lambda c: np.column_stack(other.transform(c[:, 0], c[:, 1])))
    return shapely.transform(in_zone, lambda c: np.column_stack(back.transform(c[:, 0], c[:, 1])))


def frame(rows: list[dict[str, Any]], zone: int = 4545) -> geopandas.GeoDataFrame:
    placed = [row | {"geometry": geographic(row["geometry"], zone)} for row in rows]
    return geopandas.GeoDataFrame(placed, geometry="geometry", crs=4490)


def frames(zone: int = 4545, **rows: list[dict[str, Any]]) -> Frames:
    return Frames.of(**{name: frame(found, zone) for name, found in rows.items() if found})


def border(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points or [(0, 1000), (0, 600), (10, 500), (0, 400), (0, 0)])


def line(shape: shapely.LineString | None = None, **fields: Any) -> dict[str, Any]:
    # Southwards: 茨竹 lies east, on the left.
    return {
        "code": LINE,
        "name": "兴隆—茨竹线",
        "left": B,
        "right": A,
        "geometry": shape or border(),
        **fields,
    }


def units(shape: shapely.LineString | None = None) -> list[dict[str, Any]]:
    course = list((shape or border()).coords)
    west = shapely.Polygon([*course, (-1000, 0), (-1000, 1000)])
    east = shapely.Polygon([*course, (1000, 0), (1000, 1000)])
    return [
        {"code": A, "name": NAMES[A], "geometry": west}, {"code": B, "name": NAMES[B], "geometry": east},
    ]  # fmt: skip


MARKERS = [
    {"number": f"{LINE}016Q", "line": LINE, "geometry": shapely.Point(0, 1000)},
    {"number": f"{LINE}017Q", "line": LINE, "geometry": shapely.Point(10, 500)},
]
OLD = frames(lines=[line()], polygons=units(), markers=MARKERS)
#: The vertex at marker 017 goes 62 m to the east: half of 62 × 200 m² change hands.
MOVED = border((0, 1000), (0, 600), (72, 500), (0, 400), (0, 0))
AREA = 62 * 200 / 2


def told(old: Frames, new: Frames, **more: Any) -> Difference:
    answer = difference(old, new, PLANE, **more)
    json.dumps(answer.to_json(), allow_nan=False)
    return answer


def test_nothing_gives_nothing() -> None:
    answer = told(OLD, OLD)
    assert answer.empty and answer.says[0].zh == "与现行版本没有差别。" and answer.to_json()["empty"]


@pytest.mark.parametrize("zone", [4544, 4523, 4524, 4496])
def test_another_zone_gives_nothing(zone: int) -> None:
    new = frames(zone, lines=[line()], polygons=units(), markers=MARKERS)
    assert told(OLD, new).empty


def test_another_direction_gives_nothing() -> None:
    back = line(border().reverse(), left=A, right=B)
    assert told(OLD, frames(lines=[back])).empty


@given(st.integers(0, 7), st.booleans(), st.sampled_from([4545, 4544, 4524]))
@settings(max_examples=12, deadline=None)
def test_another_start_vertex_order_or_ring_direction_gives_nothing(
    start: int, turned: bool, zone: int
) -> None:
    def rolled(polygon: shapely.Polygon) -> shapely.Polygon:
        ring = list(polygon.exterior.coords)[:-1]
        k = start % len(ring)
        ring = ring[k:] + ring[:k]
        return shapely.Polygon(ring[::-1] if turned else ring)

    again = [u | {"geometry": rolled(u["geometry"])} for u in units()]
    new = frames(zone, lines=[line()], polygons=again[::-1] if turned else again, markers=MARKERS[::-1])
    assert told(OLD, new).empty


@pytest.mark.parametrize("start", range(4))
def test_a_ring_line_from_another_vertex_gives_nothing(start: int) -> None:
    ring = [(0, 0), (100, 0), (100, 100), (0, 130)]
    again = ring[start:] + ring[:start]
    old = frames(lines=[line(border(*ring, ring[0]))])
    assert told(old, frames(4544, lines=[line(border(*again, again[0]))])).empty


def test_an_enclave_that_grows() -> None:
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    grown = [(100, 100), (0, 100), (-20, 0), (100, 0), (100, 100)]
    old = frames(lines=[line(border(*ring), left=A, right=B)])
    (piece,) = told(old, frames(lines=[line(border(*grown), left=A, right=B)])).pieces
    assert (piece.giver, piece.taker) == (B, A) and piece.area_m2 == pytest.approx(1000, rel=1e-3)
    back = told(old, frames(lines=[line(border(*grown[::-1]), left=B, right=A)]))
    assert [(p.giver, p.taker) for p in back.pieces] == [(B, A)]
    far = [(x + 5000, y) for x, y in ring]
    moved = told(old, frames(lines=[line(border(*far), left=A, right=B)]))
    assert {(p.giver, p.taker) for p in moved.pieces} == {(A, B), (B, A)}


def test_noise_below_a_millimetre_gives_nothing() -> None:
    shaken = border(*(np.array(border().coords) + 0.0006))
    assert told(OLD, frames(lines=[line(shaken)], polygons=units(shaken))).empty


def test_vertices_on_the_old_line_change_no_boundary() -> None:
    dense = shapely.segmentize(border(), 90)
    answer = told(OLD, frames(lines=[line(dense)], polygons=units(dense)))
    (changed,) = answer.lines
    assert not changed.moves_boundary and set(changed.counts) == {"kept", "inserted_on"}
    assert not answer.pieces and "界线位置不变" in changed.says.zh


@pytest.mark.parametrize("with_polygons", [True, False])
def test_a_unit_gains_what_the_other_loses_at_a_marker(with_polygons: bool) -> None:
    old = OLD if with_polygons else frames(lines=[line()], markers=MARKERS)
    new = frames(lines=[line(MOVED)], polygons=units(MOVED) if with_polygons else [])
    answer = told(old, new, names=NAMES)
    (piece,) = answer.pieces
    assert (piece.giver, piece.taker) == (B, A)
    assert piece.area_m2 == pytest.approx(AREA, rel=1e-3)
    assert piece.marker == f"{LINE}017Q"
    size = f"{piece.area_m2:,.0f}"
    assert size.startswith("6,1") or size.startswith("6,2")
    assert piece.says.zh == f"兴隆镇在 017 号界桩处增加 {size} 平方米（自茨竹镇划入）"
    assert piece.says.en == f"兴隆镇 gains {size} m² at marker 017, from 茨竹镇"
    assert [(u.code, u.gained_m2 > 0, u.lost_m2 > 0) for u in answer.units] == [
        (A, True, False),
        (B, False, True),
    ]
    assert shapely.is_valid(piece.geometry) and 106 < piece.geometry.centroid.x < 107
    (changed,) = answer.lines
    assert changed.counts == {"kept": 4, "moved_real": 1} and changed.largest_m == pytest.approx(62, abs=1e-3)
    (vertex,) = changed.vertices
    assert vertex.old is not None and vertex.new is not None and vertex.new[0] > vertex.old[0]


def test_the_direction_of_the_new_line_does_not_matter_for_who_gains() -> None:
    back = line(MOVED.reverse(), left=A, right=B)
    (piece,) = told(frames(lines=[line()]), frames(lines=[back]), names=NAMES).pieces
    assert (piece.giver, piece.taker) == (B, A)


def test_both_ways_of_telling_agree() -> None:
    wavy = border((0, 1000), (-30, 700), (0, 600), (72, 500), (0, 400), (-12, 200), (0, 0))
    by_line = told(frames(lines=[line()]), frames(lines=[line(wavy)]))
    by_polygon = told(frames(polygons=units()), frames(polygons=units(wavy)))
    assert len(by_line.pieces) == len(by_polygon.pieces) == 3
    for one, other in zip(by_line.units, by_polygon.units, strict=True):
        assert (one.gained_m2, one.lost_m2) == (
            pytest.approx(other.gained_m2, abs=0.02),
            pytest.approx(other.lost_m2, abs=0.02),
        )


@given(st.lists(st.floats(-40, 40), min_size=3, max_size=9))
@settings(max_examples=25, deadline=None)
def test_what_one_gains_the_other_loses(shifts: list[float]) -> None:
    n = len(shifts)
    new = border((0, 1000), *[(x, 1000 - 1000 * (i + 1) / (n + 1)) for i, x in enumerate(shifts)], (0, 0))
    answer = told(frames(polygons=units()), frames(polygons=units(new)))
    account = {u.code: (u.gained_m2, u.lost_m2) for u in answer.units}
    gained, lost = account.get(A, (0.0, 0.0))
    assert account.get(B, (0.0, 0.0)) == (pytest.approx(lost), pytest.approx(gained))
    area = {row["code"]: row["geometry"].area for row in units(new)}
    assert gained - lost == pytest.approx(area[A] - units()[0]["geometry"].area, rel=2e-3, abs=0.5)


def test_a_piece_of_a_hundredth_of_a_square_metre_is_rounding() -> None:
    tiny = border((0, 1000), (0, 600), (10.00009, 500), (0, 400), (0, 0))
    small = border((0, 1000), (0, 600), (10.01, 500), (0, 400), (0, 0))
    assert not told(frames(polygons=units()), frames(polygons=units(tiny))).pieces
    (piece,) = told(frames(polygons=units()), frames(polygons=units(small))).pieces
    assert piece.area_m2 == pytest.approx(1.0, abs=0.01)


def test_only_one_units_polygon_with_its_line_is_told_once() -> None:
    new = frames(lines=[line(MOVED)], polygons=units(MOVED)[:1])
    answer = told(OLD, new)
    assert [(p.giver, p.taker) for p in answer.pieces] == [(B, A)]
    shrunk = border((0, 1000), (0, 600), (-72, 500), (0, 400), (0, 0))
    answer = told(OLD, frames(lines=[line(shrunk)], polygons=units(shrunk)[:1]))
    assert [(p.giver, p.taker) for p in answer.pieces] == [(A, B)]


def test_ground_that_comes_from_nobody() -> None:
    wider = shapely.box(-1100, 0, -1000, 1000).union(units()[0]["geometry"])
    answer = told(OLD, frames(polygons=[units()[0] | {"geometry": wider}, units()[1]]), names=NAMES)
    (piece,) = answer.pieces
    assert (piece.giver, piece.taker) == (None, A) and piece.area_m2 == pytest.approx(100_000, rel=1e-3)


def test_a_line_under_another_number_is_found_by_its_course() -> None:
    answer = told(OLD, frames(lines=[line(code="x-1")]))
    (changed,) = answer.lines
    assert changed.old_code == LINE and changed.attributes["code"] == (LINE, "x-1") and not changed.vertices


def test_a_line_elsewhere_is_new_and_the_rest_is_left_in_peace() -> None:
    other = line(border((900, 0), (900, 1000)), code="x-1")
    (added,) = told(OLD, frames(lines=[other])).lines
    assert added.state == "added" and added.moves_boundary
    whole = told(OLD, frames(lines=[other]), complete=True)
    assert [d.state for d in whole.lines] == ["removed", "added"]


def test_attributes_alone() -> None:
    answer = told(OLD, frames(lines=[line(name="兴茨线", left=C)]))
    (changed,) = answer.lines
    assert (
        changed.attributes == {"name": ("兴隆—茨竹线", "兴茨线"), "left": (B, C)}
        and "属性有变" in changed.says.zh
    )


@pytest.mark.parametrize(("by", "state"), [(0.0, None), (0.0009, None), (0.0012, "moved"), (5.0, "moved")])
def test_markers_move(by: float, state: str | None) -> None:
    there = MARKERS[1] | {"geometry": shapely.Point(10 + by, 500)}
    answer = told(OLD, frames(markers=[MARKERS[0], there]))
    assert [m.state for m in answer.markers] == ([] if state is None else [state])
    if state:
        assert answer.markers[0].metres == pytest.approx(by, abs=1e-4)


def test_markers_come_and_go_with_their_line() -> None:
    fresh = {"number": f"{LINE}018Q", "line": LINE, "geometry": shapely.Point(0, 0)}
    answer = told(OLD, frames(markers=[MARKERS[0], fresh]))
    assert [(m.number[-4:], m.state) for m in answer.markers] == [("018Q", "added"), ("017Q", "removed")]
    elsewhere = {"number": "x-1001Q", "line": "x-1", "geometry": shapely.Point(0, 0)}
    assert [m.state for m in told(OLD, frames(markers=[elsewhere])).markers] == ["added"]


def test_the_answer_is_geojson() -> None:
    answer = told(OLD, frames(lines=[line(MOVED)], polygons=units(MOVED)), names=NAMES).to_json()
    (piece,) = answer["pieces"]["features"]
    assert piece["geometry"]["type"] == "Polygon" and piece["properties"]["to"] == A
    (vertex,) = answer["vertices"]["features"]
    assert vertex["geometry"]["type"] == "LineString" and vertex["properties"]["change"] == "moved_real"
    assert any("统景" not in s["zh"] and "平方米" in s["zh"] for s in answer["sentences"])


def test_a_long_list_tells_the_largest_and_counts_the_rest() -> None:
    teeth = [(0, 1000), *((5 * (i % 2), 1000 - i * 10) for i in range(1, 100)), (0, 0)]
    answer = told(frames(lines=[line(border((0, 1000), (0, 0)))]), frames(lines=[line(border(*teeth))]))
    assert len(answer.pieces) == 50
    told_pieces = [t.zh for t in answer.says if "界桩" in t.zh or "图示位置" in t.zh]
    assert len(told_pieces) == 20 and any("另有 30 处" in t.zh for t in answer.says)


def test_invalid_polygons_do_not_end_it() -> None:
    bow = shapely.Polygon([(-1000, 0), (0, 1000), (0, 0), (-1000, 1000)])
    answer = told(OLD, frames(polygons=[units()[0] | {"geometry": bow}]))
    assert all(shapely.is_valid(p.geometry) for p in answer.pieces)


def test_codes_may_be_numbers() -> None:
    numbered = frames(polygons=[u | {"code": int(u["code"])} for u in units(MOVED)])
    assert len(told(OLD, numbered).pieces) == 1
