"""The scale of a sheet is right on paper: lines of known length are measured in the SVG and in the PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pypdf
import pyproj
import pytest
import shapely

from maps import sheets
from maps.sheets.furniture import bar_length
from maps.sheets.projecting import ROUND, frame, round_scale, zone_near
from tests.maps.sheets import reading

GEOD = pyproj.Geod(ellps="GRS80")
RED = "#a8392b"
DISTRICT = (106.42, 29.55, 106.98, 30.12)
VILLAGE = (106.62, 29.71, 106.64, 29.73)
CITY = (105.28, 28.16, 110.2, 32.2)


def measured(
    extent: tuple[float, float, float, float], paper: sheets.Paper, saying: Any
) -> tuple[Any, Any, Any]:
    """A sheet with the box's two diagonals, and a line over each: the sheet and the diagonals' ground lengths."""
    west, south, east, north = extent
    ways = [
        shapely.LineString([(west, south), (east, north)]),
        shapely.LineString([(west, north), (east, south)]),
    ]
    made = sheets.sheet(
        sheets.Layers([sheets.Lines(ways, sheets.Stroke(RED, 0.3))], extent=extent), saying(), paper
    )
    return made, ways, [GEOD.geometry_length(way) for way in ways]


@pytest.mark.parametrize(
    ("size", "extent"),
    [
        *((size, DISTRICT) for size in ("A4", "A3", "A2", "A1", "A0")),
        ("A4", VILLAGE),
        ("A0", VILLAGE),
        ("A1", CITY),
    ],
)
def test_lengths_on_paper_are_those_of_the_scale(
    size: str, extent: tuple[float, float, float, float], saying: Callable[..., Any]
) -> None:
    made, _, ground = measured(extent, sheets.paper(size), saying)
    pdf = sheets.pdf(made)
    box = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    paper = sheets.paper(size)
    assert [float(v) * 25.4 / 72 for v in box[2:]] == pytest.approx(
        [paper.width_mm, paper.height_mm], abs=0.02
    )
    drawn = [
        points for colour, points in reading.stroked(pdf) if np.allclose(colour, reading.rgb(RED), atol=0.01)
    ]
    # Both lines are one path of four points: two pieces.
    points = np.concatenate(drawn).reshape(-1, 2, 2)
    lengths = np.hypot(*(points[:, 1] - points[:, 0]).T) * made.scale / 1000
    assert len(lengths) == 2
    assert lengths == pytest.approx(ground, rel=0.005 if extent is CITY else 0.001)


@pytest.mark.parametrize("lying", [True, False])
@pytest.mark.parametrize("extent", [DISTRICT, VILLAGE])
def test_the_bar_is_as_long_as_it_says(
    lying: bool, extent: tuple[float, float, float, float], saying: Callable[..., Any]
) -> None:
    made, *_ = measured(extent, sheets.paper("A4", lying=lying), saying)
    paper_mm, ground_m = reading.metres_of_bar(made.svg)
    assert paper_mm * made.scale / 1000 == pytest.approx(ground_m, rel=0.002)
    assert f"比例尺 1∶{made.scale:,}".replace(",", " ") in reading.texts(made.svg)


@pytest.mark.parametrize(
    ("needed", "round_"), [(43_210, 50_000), (50_000, 50_000), (50_001, 60_000), (99, 500), (80_001, 100_000), (11_000, 12_500)]
)  # fmt: skip
def test_scales_are_round(needed: float, round_: int) -> None:
    assert round_scale(needed) == round_


def test_the_whole_extent_is_on_the_sheet(saying: Callable[..., Any]) -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        west, south = rng.uniform(100, 110), rng.uniform(24, 34)
        extent = (west, south, west + rng.uniform(0.01, 1.5), south + rng.uniform(0.01, 1.5))
        chosen = frame(extent, 10, 20, 180, 140, margin=5)
        x, y = shapely.get_coordinates(chosen.on_paper([shapely.segmentize(shapely.box(*extent), 0.01)])).T
        assert x.min() >= 14.9 and x.max() <= 185.1 and y.min() >= 24.9 and y.max() <= 155.1
        assert any(abs(chosen.scale / 10**p - r) < 1e-9 for r in ROUND for p in range(2, 8))


def test_paper_and_degrees_are_each_others_way_back() -> None:
    chosen = frame(DISTRICT, 10, 20, 180, 140, margin=5)
    points = np.array([[15.0, 30.0], [120.0, 99.0], [180.0, 150.0]])
    back = shapely.get_coordinates(chosen.on_paper(shapely.points(chosen.degrees(points))))
    assert back == pytest.approx(points, abs=1e-6)


def test_the_zone_is_the_nearest_and_north_is_true() -> None:
    assert zone_near(106.6) == 4545 and zone_near(105.2) == 4544 and zone_near(121.4) == 4549
    chosen = frame(DISTRICT, 0, 0, 200, 200, margin=5)
    # West of the central meridian 108° true north lies to the right of grid north: (lon - 108) · sin(lat), turned.
    assert chosen.convergence == pytest.approx((108 - 106.7) * np.sin(np.radians(29.835)), abs=0.01)


@pytest.mark.parametrize(("scale", "room"), [(200_000, 40), (10_000, 40), (2_500, 33), (1_000_000, 70)])
def test_bar_lengths_are_round_and_fit(scale: int, room: float) -> None:
    metres, length = bar_length(scale, room)
    assert 0.4 * room <= length <= room
    assert metres / 10 ** np.floor(np.log10(metres)) in (1, 2, 4, 5)
