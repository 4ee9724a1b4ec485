"""Generated input for the measurements: coverages of any size whose edges are shared exactly."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

#: South-west corner of the grid in EPSG:4545, metres: inside the district's range of eastings.
CORNER = (352_000.0, 3_274_000.0)


def coverage(
    polygons: int, vertices: int, seed: int = 7, cell_m: float = 1000.0, sway_m: float = 1e9
) -> NDArray[np.object_]:
    """`polygons` cells of a grid in EPSG:4545, metres, each ring of `vertices` points (rounded down to
    a multiple of four), coordinates rounded to 0.1 mm. sway_m: how far an edge may leave its chord.

    Edges wander but stay inside a cone around their chord, so no two ever cross: the cells are valid
    and neighbours share every vertex.
    """
    random = np.random.default_rng(seed)
    columns = math.ceil(math.sqrt(polygons))
    rows = math.ceil(polygons / columns)
    steps = max(vertices // 4, 1)
    share = np.arange(steps) / steps
    cone = np.minimum(np.minimum(share, 1 - share) * 0.5 * cell_m, sway_m)

    def wander(count: tuple[int, int]) -> NDArray[np.float64]:
        return random.uniform(-1.0, 1.0, (*count, steps)) * cone

    x0, y0 = CORNER
    along = share * cell_m
    # horizontal[r, c]: the bottom edge of cell (r, c), west to east, its end point left out.
    horizontal = np.empty((rows + 1, columns, steps, 2))
    horizontal[..., 0] = x0 + np.arange(columns)[None, :, None] * cell_m + along
    horizontal[..., 1] = y0 + np.arange(rows + 1)[:, None, None] * cell_m + wander((rows + 1, columns))
    # vertical[r, c]: the left edge of cell (r, c), south to north, its end point left out.
    vertical = np.empty((rows, columns + 1, steps, 2))
    vertical[..., 0] = x0 + np.arange(columns + 1)[None, :, None] * cell_m + wander((rows, columns + 1))
    vertical[..., 1] = y0 + np.arange(rows)[:, None, None] * cell_m + along
    horizontal, vertical = horizontal.round(4), vertical.round(4)

    cells = [(r, c) for r in range(rows) for c in range(columns)][:polygons]
    r, c = np.array(cells).T
    corner_ne = np.stack((x0 + (c + 1) * cell_m, y0 + (r + 1) * cell_m), axis=-1)[:, None, :]
    corner_nw = np.stack((x0 + c * cell_m, y0 + (r + 1) * cell_m), axis=-1)[:, None, :]
    rings = np.concatenate(
        (
            horizontal[r, c],
            vertical[r, c + 1],
            corner_ne,
            horizontal[r + 1, c][:, :0:-1],
            corner_nw,
            vertical[r, c][:, :0:-1],
            horizontal[r, c][:, :1],
        ),
        axis=1,
    )
    flat = rings.reshape(-1, 2)
    return shapely.polygons(
        shapely.linearrings(flat, indices=np.repeat(np.arange(len(rings)), rings.shape[1]))
    )


def write(geometries: NDArray[np.object_], path: Path, attributes: int = 8) -> Path:
    """The geometries with `attributes` plain columns as a file; the ending picks the format."""
    number = np.arange(len(geometries))
    columns: dict[str, object] = {
        "code": np.char.add("5001121", (number % 1000).astype(str)),
        "name": np.array(["兴隆镇", "茨竹镇", "木耳镇", "统景镇"])[number % 4],
    }
    for i in range(attributes - len(columns)):
        columns[f"a{i}"] = number * (i + 1) if i % 2 else number / (i + 3)
    frame = geopandas.GeoDataFrame(columns, geometry=geometries, crs="EPSG:4545")
    if path.exists():
        path.unlink()
    driver = {".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[path.suffix]
    pyogrio.write_dataframe(frame, path, driver=driver, encoding="UTF-8")
    return path
