"""Names of the neighbours in the margin."""

from __future__ import annotations

import pytest
import shapely

from maps.neighbours import neighbours, other_side

BOX = shapely.box(106.4, 29.6, 107.0, 30.0)
SOUTH = shapely.LineString([(106.4, 29.6), (107.0, 29.6)])
EAST = shapely.LineString([(107.0, 29.6), (107.0, 30.0)])


def way(title: str, geometry: shapely.Geometry) -> dict[str, object]:
    return {"title": title, "geometry": geometry}


@pytest.mark.parametrize(
    ("name", "other"),
    [("渝北—江北线", "江北"), ("长寿—渝北线", "长寿"), ("甲—乙线", None), ("某线", None), ("渝北—", None)],
)
def test_the_side_that_is_not_the_district(name: str, other: str | None) -> None:
    assert other_side(name, "渝北区") == other


def test_each_name_stands_outside_its_line() -> None:
    placed = neighbours([way("渝北—江北线", SOUTH), way("渝北—长寿线", EAST)], "渝北区", BOX)
    assert [p["text"] for p in placed] == ["江北", "长寿"]
    assert [p["anchor"] for p in placed] == ["top", "left"]
    for one, line in zip(placed, (SOUTH, EAST), strict=True):
        point = shapely.Point(one["at"])
        assert not BOX.intersects(point)
        assert point.distance(line) == pytest.approx(0.016, abs=1e-4)


def test_one_name_for_several_lines_and_none_for_a_stub() -> None:
    stub = shapely.LineString([(106.4, 29.61), (106.4, 29.62)])
    placed = neighbours(
        [way("渝北—江北线", SOUTH), way("渝北—江北线", stub), way("渝北—邻水线", stub)], "渝北区", BOX
    )
    assert [p["text"] for p in placed] == ["江北"]


def test_nothing_without_an_outline() -> None:
    assert neighbours([way("渝北—江北线", SOUTH)], "渝北区", shapely.Polygon()) == []
