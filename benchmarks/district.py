"""A district (30 units, 100,000 vertices, 20 lines, 300 markers): upload to findings on a warm server.

    ./yudi bench district

Ours: from the last byte of the upload to the findings, over HTTP on loopback against a site of its own
on a free port, p95 of the uploads from which the host of a virtual machine took no processor time (up to 0.02 s; all of them
are stated beside): 20 or more of 40. Peer: the bare shapely calls on the same arrays.
"""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import shapely

from benchmarks.data import coverage
from benchmarks.measure import WORK, Comparison, report
from benchmarks.site import Upload, running, uploads

UNITS = 30
VERTICES = 100_000
LINES = 20
MARKERS = 300


def district(seed: int) -> dict[str, geopandas.GeoDataFrame]:
    """Units, lines between them, and markers on those lines, all EPSG:4545."""
    polygons = coverage(UNITS, VERTICES // UNITS, seed=seed, cell_m=5000.0, sway_m=0.8)
    codes = [f"500112{100 + i}" for i in range(UNITS)]
    names = [f"第{i}镇" for i in range(UNITS)]
    frame = geopandas.GeoDataFrame({"code": codes, "name": names}, geometry=polygons, crs="EPSG:4545")
    tree = shapely.STRtree(polygons)
    pairs = np.unique(np.sort(tree.query(polygons, predicate="touches").T, axis=1), axis=0)
    rows = []
    for a, b in pairs:
        shared = shapely.line_merge(shapely.intersection(polygons[a], polygons[b]))
        if shared.geom_type == "LineString" and shared.length > 1000:
            rows.append((f"{codes[a]}-{codes[b]}", f"{names[a]}—{names[b]}线", codes[a], codes[b], shared))
    rows = rows[:LINES]
    lines = geopandas.GeoDataFrame(
        rows, columns=["code", "name", "left", "right", "geometry"], geometry="geometry", crs="EPSG:4545"
    )
    lines["level"] = "township"
    lines["status"] = "results_checked"
    points, numbers, served = [], [], []
    for i in range(MARKERS):
        line = lines.iloc[i % len(lines)]
        at = shapely.get_coordinates(line.geometry)
        points.append(shapely.Point(at[(i // len(lines) + 1) * len(at) // (MARKERS // len(lines) + 2)]))
        numbers.append(f"{line['code']}{i // len(lines) + 1:03d}Q")
        served.append(line["code"])
    markers = geopandas.GeoDataFrame(
        {"number": numbers, "line": served, "kind": "Q"}, geometry=points, crs="EPSG:4545"
    )
    return {"polygons": frame, "lines": lines, "markers": markers}


def one_line(layers: dict[str, geopandas.GeoDataFrame]) -> dict[str, geopandas.GeoDataFrame]:
    """The first line with the four after it, its two units and its markers."""
    lines, units, markers = layers["lines"].iloc[:5], layers["polygons"], layers["markers"]
    first = lines.iloc[0]
    return {
        "lines": lines,
        "polygons": units[units["code"].isin([first["left"], first["right"]])],
        "markers": markers[markers["line"] == first["code"]],
    }


def zipped(layers: dict[str, geopandas.GeoDataFrame], folder: Path) -> bytes:
    """The layers as one zip of shapefiles."""
    folder.mkdir(parents=True, exist_ok=True)
    answer = io.BytesIO()
    with zipfile.ZipFile(answer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, frame in layers.items():
            frame.to_file(folder / f"{name}.shp", encoding="UTF-8", engine="pyogrio")
            for part in sorted(folder.glob(f"{name}.*")):
                archive.write(part, part.name)
    return answer.getvalue()


def bare(layers: dict[str, geopandas.GeoDataFrame]) -> float:
    """Seconds of the bare calls: is_valid, coverage_invalid_edges, pairs with relate pattern, polygonize."""
    polygons = layers["polygons"].geometry.to_numpy()
    lines = layers["lines"].geometry.to_numpy()
    begun = time.perf_counter()
    shapely.is_valid(polygons)
    shapely.coverage_invalid_edges(polygons)
    left, right = shapely.STRtree(polygons).query(polygons)
    keep = left < right
    shapely.relate_pattern(polygons[left[keep]], polygons[right[keep]], "T********")
    shapely.polygonize(np.concatenate((lines, shapely.boundary(polygons))))
    return time.perf_counter() - begun


def undisturbed(name: str, made: list[Upload]) -> list[float]:
    """Seconds of the uploads that the machine had its processors for. Where fewer than half are, it cannot be measured now."""
    seconds = [upload.seconds for upload in made if upload.undisturbed]
    for words, some in (("all", [upload.seconds for upload in made]), ("undisturbed", seconds)):
        if some:
            median, p95 = np.percentile(some, (50, 95))
            print(
                f"{name}, {words}: {len(some)} uploads, median {median:.3f} s, p95 {p95:.3f} s, {min(some):.3f} to {max(some):.3f} s"
            )
    print(
        f"{name}: {sum(upload.stolen for upload in made):.2f} s of processor time were taken from this machine"
    )
    if len(seconds) < len(made) // 2:
        raise SystemExit(
            f"{name}: others had this machine's processors in most uploads; measure at another time"
        )
    return seconds


def main() -> list[dict[str, object]]:
    sets = [district(seed) for seed in range(41)]
    files = [zipped(s, WORK / f"district_{i}") for i, s in enumerate(sets)]
    lines = [zipped(one_line(s), WORK / f"line_{i}") for i, s in enumerate(sets)]
    peer = min(bare(sets[0]) for _ in range(5))
    with running() as client:
        # The first of each warms the site.
        whole = undisturbed("district", uploads(client, files, "generic")[1:])
        few = undisturbed("one line", uploads(client, lines, "generic")[1:])
    p95 = float(np.percentile(whole, 95))
    return report(
        "A district on a warm server",
        [
            Comparison("p95 of upload to findings / 1 s", p95, 1.0, 1.0),
            Comparison("p95 of upload to findings / bare shapely calls", p95, peer, 4.0),
            Comparison(
                "p95 of one line with its neighbours / 0.3 s", float(np.percentile(few, 95)), 0.3, 1.0
            ),
        ],
    )


if __name__ == "__main__":
    main()
