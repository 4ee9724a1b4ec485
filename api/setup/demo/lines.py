"""Lines and tripoints of the demonstration district, taken from its shared edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from api.setup.demo.subdivision import Subdivision
from api.setup.demo.terrain import Relief
from geo.settings import DistrictSettings

GEOD = pyproj.Geod(ellps="GRS80")
LINE_COLUMNS = ["code", "name", "level", "left_code", "right_code", "length_m", "geometry"]


def township_lines(sub: Subdivision, names: Mapping[str, str], crs: str) -> geopandas.GeoDataFrame:
    """A line for each stretch between two townships, west to east or north to south, left and right as
    seen in that direction; `-2` … where a pair has several, the longest first."""
    left, right = _townships(sub)
    inner = (left != "") & (right != "") & (left != right)
    rows = []
    for low, high in sorted({(min(a, b), max(a, b)) for a, b in zip(left[inner], right[inner], strict=True)}):
        pair = inner & (((left == low) & (right == high)) | ((left == high) & (right == low)))
        for number, line in enumerate(_joined(sub.edges.geometry[pair]), 1):
            # The first edge of the line says which side is which, once the line runs as it shall.
            on_left = _left_of(line, sub, pair, left, right)
            code = f"{low}-{high}" + (f"-{number}" if number > 1 else "")
            name = f"{_short(names[low])}—{_short(names[high])}线" + (f"（{number}）" if number > 1 else "")
            rows.append((code, name, "township", on_left, high if on_left == low else low, line))
    return _frame(rows, crs)


def county_lines(
    sub: Subdivision,
    settings: DistrictSettings,
    neighbours: Sequence[tuple[str, str, NDArray[np.float64]]],
    crs: str,
) -> geopandas.GeoDataFrame:
    """The district's border, split by the neighbour that the middle of each edge is nearest to."""
    left, right = _townships(sub)
    outer = (left == "") | (right == "")
    middle = shapely.get_coordinates(
        shapely.line_interpolate_point(sub.edges.geometry[outer], 0.5, normalized=True)
    )
    at = np.array([p for _, _, p in neighbours])
    nearest = np.linalg.norm(middle[:, None] - at[None], axis=2).argmin(axis=1)
    names = {code: name for code, name, _ in neighbours}
    rows = []
    for code in sorted(names):
        mine = np.array([neighbours[i][0] == code for i in nearest])
        if not mine.any():
            continue
        for number, line in enumerate(_joined(sub.edges.geometry[outer][mine]), 1):
            low, high = sorted((settings.code, code))
            on_left = code if _outside_left(line, sub) else settings.code
            rows.append(
                (
                    f"{low}-{high}" + (f"-{number}" if number > 1 else ""),
                    f"{_short(settings.name)}—{_short(names[code])}线"
                    + (f"（{number}）" if number > 1 else ""),
                    "county",
                    on_left,
                    high if on_left == low else low,
                    line,
                )
            )
    return _frame(rows, crs)


def tripoints(
    lines: geopandas.GeoDataFrame, around: geopandas.GeoDataFrame, district: str, relief: Relief, crs: str
) -> geopandas.GeoDataFrame:
    """Where three units meet: the ends of the lines, on the district's border with the neighbour."""
    units_at: dict[tuple[float, float], set[str]] = {}
    for row in lines.itertuples():
        if row.geometry.is_ring:
            continue
        for end in (row.geometry.coords[0], row.geometry.coords[-1]):
            units_at.setdefault(end, set()).update((row.left_code, row.right_code))
    tree = shapely.STRtree(around.geometry.to_numpy())
    rows = []
    used: dict[str, int] = {}
    for point in sorted(units_at):
        units = units_at[point]
        if len(units) == 2:
            hits = tree.query(shapely.Point(point), predicate="intersects")
            row = around.iloc[int(hits.min())]
            units = units | ({row["left_code"], row["right_code"]} - {district})
        three = sorted(units)
        assert len(three) == 3, f"{three} meet in one point"
        number = "-".join(three)
        used[number] = used.get(number, 0) + 1
        if used[number] > 1:
            number += f"-{used[number]}"
        height = float(relief(np.array([point]))[0])
        rows.append((number, *three, height, shapely.Point(point)))
    return geopandas.GeoDataFrame(
        rows,
        columns=["number", "unit1", "unit2", "unit3", "height", "geometry"],
        geometry="geometry",
        crs=crs,
    )


def geodesic_length(geometries: NDArray[np.object_], crs: str) -> NDArray[np.float64]:
    """Lengths in metres on the ellipsoid (GRS80, as CGCS2000)."""
    to_degrees = pyproj.Transformer.from_crs(crs, 4490, always_xy=True)
    lengths = []
    for line in geometries:
        lon, lat = to_degrees.transform(*shapely.get_coordinates(line).T)
        lengths.append(GEOD.line_length(lon, lat))
    return np.round(lengths, 2)


def in_order(line: shapely.LineString) -> shapely.LineString:
    """The line from west to east, or from north to south where it runs more that way; a closed one
    starts in the west and runs clockwise."""
    (x1, y1), (x2, y2) = line.coords[0], line.coords[-1]
    if line.is_ring:
        points = shapely.get_coordinates(line)[:-1]
        if shapely.is_ccw(line):
            points = points[::-1]
        start = int(np.argmin(points[:, 0]))
        turned = np.roll(points, -start, axis=0)
        return shapely.LineString(np.vstack((turned, turned[:1])))
    forward = x1 < x2 if abs(x2 - x1) >= abs(y2 - y1) else y1 > y2
    return line if forward else shapely.reverse(line)


def _frame(rows: list[tuple[object, ...]], crs: str) -> geopandas.GeoDataFrame:
    geometry = np.array([row[-1] for row in rows], dtype=object)
    lengths = geodesic_length(geometry, crs)
    full = [(*row[:-1], float(m), row[-1]) for row, m in zip(rows, lengths, strict=True)]
    return geopandas.GeoDataFrame(full, columns=LINE_COLUMNS, geometry="geometry", crs=crs)


def _townships(sub: Subdivision) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Township codes to the left and right of every edge, empty outside the district."""
    code = np.array([sub.villages[v][:9] for v in sub.area_village])
    left, right = sub.edges.left, sub.edges.right
    return np.where(left < 0, "", code[left]), np.where(right < 0, "", code[right])


def _joined(edges: NDArray[np.object_]) -> list[shapely.LineString]:
    parts = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(edges)))
    parts = sorted(parts, key=lambda p: (-p.length, p.bounds))
    return [in_order(p) for p in parts]


def _left_of(
    line: shapely.LineString,
    sub: Subdivision,
    pair: NDArray[np.bool_],
    left: NDArray[np.str_],
    right: NDArray[np.str_],
) -> str:
    """The township to the left of the line, from an edge that is a part of it."""
    order = {p: i for i, p in enumerate(line.coords[:-1])}
    for i in np.flatnonzero(pair):
        a, b = sub.edges.geometry[i].coords[:2]
        if a in order and line.coords[order[a] + 1] == b:
            return str(left[i])
        if b in order and line.coords[order[b] + 1] == a:
            return str(right[i])
    raise AssertionError("a line is made of its edges")


def _outside_left(line: shapely.LineString, sub: Subdivision) -> bool:
    order = {p: i for i, p in enumerate(line.coords[:-1])}
    for i in np.flatnonzero((sub.edges.left < 0) | (sub.edges.right < 0)):
        a, b = sub.edges.geometry[i].coords[:2]
        if a in order and line.coords[order[a] + 1] == b:
            return bool(sub.edges.left[i] < 0)
        if b in order and line.coords[order[b] + 1] == a:
            return bool(sub.edges.right[i] < 0)
    raise AssertionError("a line is made of its edges")


def _short(name: str) -> str:
    """专名: the name without 街道, 镇, 乡, 区, 市, 县."""
    for suffix in ("街道", "镇", "乡", "区", "市", "县"):
        if name.endswith(suffix):
            return name[: -len(suffix)]
    return name
