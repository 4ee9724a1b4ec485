"""Checks on big coverages: 5,000 polygons against bare shapely, 40,000 against mapshaper, and growth.

./yudi bench coverage
"""

from __future__ import annotations

import math
import time
from pathlib import Path

from benchmarks.data import coverage, write
from benchmarks.measure import WORK, Comparison, program, report, side


def checks(path: str) -> float:
    """Ours: from the file to the findings, profile generic, the vertex limit raised."""
    from geo.inspection import inspect
    from geo.reading.layers import ReadOptions
    from geo.settings import Limits
    from geo.terms import Profile, Verdict

    limits = Limits(vertices=100_000_000, upload_bytes=10**10, unpacked_bytes=10**10)
    begun = time.perf_counter()
    answer = inspect(Path(path), ReadOptions(profile=Profile.GENERIC), limits)
    seconds = time.perf_counter() - begun
    assert answer.verdict is not Verdict.REJECT, [f.code for f in answer.findings][:10]
    assert not [f for f in answer.findings if f.code.startswith("TP")], "the coverage has no defect"
    return seconds


def bare(path: str) -> float:
    """Peer of the 5,000: the bare read and shapely.coverage_invalid_edges on the same array."""
    import pyogrio
    import shapely

    begun = time.perf_counter()
    frame = pyogrio.read_dataframe(path)
    edges = shapely.coverage_invalid_edges(frame.geometry.to_numpy())
    seconds = time.perf_counter() - begun
    assert shapely.is_empty(edges).all()
    return seconds


def main() -> list[dict[str, object]]:
    WORK.mkdir(parents=True, exist_ok=True)
    files = {n: write(coverage(n, 200), WORK / f"coverage_{n}.gpkg") for n in (1_000, 5_000, 40_000)}
    ours = {n: side("coverage", "checks", str(f), runs=2) for n, f in files.items()}
    peer = side("coverage", "bare", str(files[5_000]), runs=2)
    rows = [
        Comparison(
            "5,000 x 200, read and all checks / read and coverage_invalid_edges",
            ours[5_000].seconds,
            peer.seconds,
            3.0,
        ),
        Comparison("5,000 x 200, peak memory", ours[5_000].peak_mib, 1024, 1.0, "MiB"),
        Comparison("40,000 x 200, peak memory", ours[40_000].peak_mib, 2048, 1.0, "MiB"),
    ]
    growth = ours[40_000].seconds / ours[1_000].seconds
    allowed = 40_000 * math.log(40_000) / (1_000 * math.log(1_000))
    rows.append(Comparison("growth from 1,000 to 40,000 / n log n", growth, allowed, 1.0, "x"))
    from api.setup import assets

    shp = write(coverage(40_000, 200), WORK / "coverage_40000.shp")
    from_shp = side("coverage", "checks", str(shp), runs=2)
    out = WORK / "mapshaper.shp"
    shaper = program([*assets.mapshaper(), str(shp), "-clean", "-o", "force", str(out)], runs=2)
    rows.append(
        Comparison(
            "40,000 x 200, shapefile to findings / mapshaper -clean", from_shp.seconds, shaper.seconds, 1.5
        )
    )
    return report("Coverages", rows)


if __name__ == "__main__":
    main()
