"""Street networks from plain lines, and a network as a file."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from geo.walking import lines, packing
from geo.walking.model import LIFT, PATH, STEPS, STREET
from geo.walking.network import Network, build


def written(path: Path, **columns: list[str]) -> Path:
    shapes = [
        shapely.LineString([(106.5, 29.7, 200), (106.501, 29.7, 200)]),
        shapely.LineString([(106.501, 29.7, 200), (106.501, 29.7005, 230)]),
        shapely.LineString([(106.501, 29.7, 200), (106.5012, 29.7, 230)]),
        shapely.LineString([(106.5, 29.7, 200), (106.5, 29.71, 210)]),
    ]
    frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490").to_crs("EPSG:4545")
    frame.to_file(path)
    return path


def test_a_layer_of_lines_with_chinese_columns(tmp_path: Path) -> None:
    ways = lines.read(
        written(tmp_path / "s.gpkg", 类型=["道路", "梯坎", "电梯", "人行道"], 通行=["", "", "", "禁止"],
                名称=["金石大道", "", "二号电梯", ""], 开放时间=["", "", "06:00-22:00", ""], 扶手=["", "有", "", ""])
    )  # fmt: skip
    assert ways.kind.tolist() == [STREET, STEPS, LIFT]
    assert ways.hours.tolist() == ["", "", "06:00-22:00"] and ways.handrail.tolist() == [False, True, False]
    net = build(ways)
    assert net.z.min() == 200 and net.z.max() == 230
    assert net.length[net.kind == STREET].sum() == pytest.approx(96.7, abs=0.5)


def test_unknown_kinds_and_missing_systems_are_said(tmp_path: Path) -> None:
    with pytest.raises(lines.UnknownWay, match="水路"):
        lines.read(written(tmp_path / "a.gpkg", kind=["水路"] * 4))
    with pytest.raises(lines.NoStreets):
        lines.read(Path(__file__))
    bare = geopandas.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])])
    with pytest.warns(UserWarning):
        bare.to_file(tmp_path / "b.shp")
    with pytest.raises(lines.NoStreets):
        lines.read(tmp_path / "b.shp")
    with pytest.raises(lines.NoStreets):
        lines.read_any(tmp_path / "missing.osm.pbf")


def test_a_real_street_layer_without_any_column(tmp_path: Path, shared: Callable[[str], Path]) -> None:
    path = tmp_path / "streets.gpkg"
    path.write_bytes(gzip.decompress(shared("walk/bubenec_streets_buildings.gpkg.gz").read_bytes()))
    net = build(lines.read(path, "streets"))
    assert set(net.kind.tolist()) == {STREET}
    assert 3_000 < net.length.sum() < 8_000 and np.isnan(net.z).all()


def test_real_openstreetmap_as_pbf(shared: Callable[[str], Path]) -> None:
    ways = lines.read_any(shared("walk/helsinki_small.osm.pbf"))
    assert {STREET, PATH} <= set(ways.kind.tolist())
    assert "OpenStreetMap" in ways.source
    assert build(ways).length.sum() > 10_000


def test_a_network_comes_back_from_its_file(monaco: Network) -> None:
    again = packing.unpack(packing.pack(monaco))
    for key in ("lon", "z", "a", "length", "kind", "hours"):
        np.testing.assert_array_equal(getattr(again, key), getattr(monaco, key))
    assert (again.source, again.dated) == (monaco.source, "2012")
    assert again.to_plane(monaco.lon[:3], monaco.lat[:3])[0] == pytest.approx(monaco.x[:3])
    with pytest.raises(ValueError):
        packing.unpack(b"not a network")
