"""The published collections as files: the same features as /ogc, in formats that open."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from api.routes.published_files import OFFERED


@pytest.mark.parametrize("collection", OFFERED)
def test_every_collection_in_every_format(
    client: Any, published: Any, tmp_path: Path, collection: str
) -> None:
    address = f"/api/v1/published/{collection}"
    features = client.get(f"/ogc/collections/{collection}/items?limit=1000").json()["features"]
    answer = client.get(f"{address}.geojson")
    assert answer.json()["attribution"] and "attachment" in answer.headers["content-disposition"]
    assert [f["id"] for f in answer.json()["features"]] == [f["id"] for f in features]
    assert [f["geometry"] for f in answer.json()["features"]] == [f["geometry"] for f in features]
    table = list(csv.reader(io.StringIO(client.get(f"{address}.csv").content.decode("utf-8-sig"))))
    assert len(table) == len(features) + 1 and table[0][-1] == "wkt"
    path = tmp_path / "made.gpkg"
    path.write_bytes(client.get(f"{address}.gpkg").content)
    info = pyogrio.read_info(path, layer=collection)
    assert info["features"] == len(features) and "4490" in str(info["crs"])


def test_who_has_it_gets_no_second_copy(client: Any, published: Any) -> None:
    first = client.get("/api/v1/published/townships.gpkg")
    again = client.get("/api/v1/published/townships.gpkg", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    other = client.get(
        "/api/v1/published/townships.gpkg?at=1900-01-01", headers={"If-None-Match": first.headers["etag"]}
    )
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("name", "status"), [("submissions.csv", 404), ("place_names.csv", 404), ("townships.exe", 422)]
)
def test_what_is_not_offered(client: Any, published: Any, name: str, status: int) -> None:
    assert client.get(f"/api/v1/published/{name}").status_code == status
