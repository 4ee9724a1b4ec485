"""GDAL's OAPIF driver, and so QGIS, reads /ogc of a running server.

GDAL waits for the server without letting another thread of its process run, so it reads in a child.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from api import serving
from geo.settings import ROOT

CHILD = """
import json, sys
import pyogrio

url = sys.argv[1]
if "OAPIF" not in pyogrio.list_drivers():
    print("null")
    sys.exit()

def read(layer, **options):
    meta, ids, shapes, fields = pyogrio.raw.read(url, layer=layer, **options)
    names = list(meta["fields"])
    table = {name: [None if v is None else str(v) for v in fields[names.index(name)]] for name in names}
    import shapely
    placed = [None if s is None else shapely.from_wkb(s) for s in shapes]
    return {
        "crs": str(meta["crs"]), "fields": table,
        "bounds": [None if s is None else list(s.bounds) for s in placed],
        "types": [None if s is None else s.geom_type for s in placed],
        "valid": all(s is None or s.is_valid for s in placed),
    }

print(json.dumps({
    "layers": [str(name) for name, _ in pyogrio.list_layers(url)],
    "villages": read("villages", PAGE_SIZE=5),
    "box": read("villages", bbox=(106.70, 29.80, 106.722, 29.9)),
    "one": read("villages", where="name = '老湾'"),
    "areas": read("townships"),
    "lines": read("boundary_lines"),
    "stored": read("townships", CRS="EPSG:4490"),
}))
"""


@pytest.fixture(scope="module")
def seen(app: FastAPI, published: Any) -> Any:
    """What GDAL reads of a uvicorn of our settings on a free port of the loopback."""
    server = uvicorn.Server(serving.config(app, host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run)
    thread.start()
    end = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.02)
    url = f"OAPIF:http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/ogc"
    try:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, url], capture_output=True, text=True, timeout=60, cwd=ROOT
        )
    finally:
        server.should_exit = True
        thread.join()
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    if found is None:
        pytest.skip("this GDAL has no OAPIF driver")
    return found


def test_gdal_lists_the_collections(seen: Any) -> None:
    assert {"place_names", "villages", "townships", "boundary_lines", "markers_public"} <= set(seen["layers"])


def test_gdal_reads_every_page_of_names(seen: Any) -> None:
    names = seen["villages"]["fields"]["name"]
    assert len(names) == len(set(names)) == 14
    west, south, *_ = seen["villages"]["bounds"][names.index("第0村")]
    assert (round(west, 6), round(south, 6)) == (106.71, 29.81)
    assert seen["villages"]["bounds"][names.index("无位置村")] is None


def test_gdal_filters_by_box_and_value(seen: Any) -> None:
    assert {"第0村", "老湾"} <= set(seen["box"]["fields"]["name"])
    assert "第11村" not in seen["box"]["fields"]["name"]
    assert seen["one"]["fields"]["name"] == ["老湾"]


def test_gdal_reads_areas_and_lines(seen: Any) -> None:
    assert len(seen["areas"]["types"]) == 4 and seen["areas"]["valid"]
    assert seen["lines"]["types"] == ["LineString"]


def test_gdal_reads_the_storage_system_with_its_axes(seen: Any) -> None:
    assert "4490" in seen["stored"]["crs"] or "CGCS2000" in seen["stored"]["crs"]
    for (west, south, east, north), plain in zip(
        seen["stored"]["bounds"], seen["areas"]["bounds"], strict=True
    ):
        assert [west, south, east, north] == pytest.approx(plain, abs=1e-6)
