"""What /ogc must not do: answer what is not public, follow bad input, or lead elsewhere."""

from __future__ import annotations

import json
from typing import Any

import mapbox_vector_tile
import pytest

from api.routes.ogc.tiles import TMS
from geo.store.features import COLLECTIONS
from tests import builders as b

OPEN = f"{b.TONGJING}-{b.DASHENG}"


def test_nothing_restricted_is_in_any_answer(client: Any, published: Any) -> None:
    """Every collection, every time, whole: no draft, secret, person, open line or exact position."""
    exact = {round(v, 7) for line in published.lines.values() for point in line.coords[1:-1] for v in point}
    met = 0
    for collection in COLLECTIONS:
        answer = client.get(f"/ogc/collections/{collection}/items?limit=1000&datetime=../..")
        for word in ("秘密", "拟用", "密级", "用户", "321", OPEN, "owner", "made_by", "reason"):
            assert word not in answer.text, (collection, word)
        for feature in answer.json()["features"]:
            met += 1
            if collection in ("townships", "boundary_lines", "markers_public"):
                said = json.dumps(feature["geometry"])
                numbers = {
                    round(float(n), 7)
                    for n in said.replace("[", " ").replace("]", " ").replace(",", " ").split()
                    if n[0].isdigit()
                }
                assert not numbers & exact, collection
    assert met > 20
    assert client.get(f"/ogc/collections/boundary_lines/items/{OPEN}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "bbox=107,30,106,29",  # reversed
        "bbox=107,29,106,30",  # west and east reversed
        "bbox=-1e308,-1e308,1e308,1e308",
        "bbox=nan,0,1,1",
        "bbox=-181,0,1,1",
        "bbox=1,2,3,4,5",
        "bbox=" + ",".join(["1"] * 5000),
        "bbox=9e6,3e6,1e6,4e6&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/3857",
        "bbox=106,29,107,30&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4490",  # north first there
        "limit=1e3",
        "limit=１０",
        "limit=5&limit=6",
        "datetime=2024-02-30",
        "datetime=2024-12-31/2024-01-01",
        "datetime=2024",
        "datetime='; drop table place_name; --",
        "cursor=abc",
        "cursor=IiQnOyBkcm9wIHRhYmxlIg",
        "filter=name like '%25'",
        "name=a&name=b",
        "number=1;select 1",
        "name=" + "长" * 500,
        "f=xml",
        "p_name=1",
    ],
)  # fmt: skip
def test_bad_input_is_400_at_once(client: Any, published: Any, query: str) -> None:
    answer = client.get(f"/ogc/collections/villages/items?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "bad-parameter" and answer.json()["title_en"]


@pytest.mark.parametrize(
    "value", ["' or 1=1 --", "第0村'; drop table place_name; --", "%", "\\", "{{7*7}}", "</script>"]
)
def test_filters_are_values_and_nothing_else(client: Any, published: Any, value: str) -> None:
    answer = client.get("/ogc/collections/villages/items", params={"name": value})
    assert answer.status_code == 200 and answer.json()["features"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/collections/submission", "/collections/submission/items", "/collections/villages/items/0",
        "/collections/villages/items/1@x", "/collections/villages/items/1 or 1=1", "/collections/townships/items/x@2000-01-01",
        "/collections/protected_names/tiles", "/collections/villages/tiles/WorldCRS84Quad", "/tileMatrixSets/none",
        "/collections/villages/tiles/WebMercatorQuad/3/8/0", "/collections/villages/tiles/WebMercatorQuad/99/0/0",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(client: Any, published: Any, path: str) -> None:
    assert client.get("/ogc" + path).status_code == 404


def test_a_form_that_nobody_makes_is_refused(client: Any, published: Any) -> None:
    assert client.get("/ogc/collections", headers={"Accept": "image/png"}).status_code == 406


def test_links_bear_the_sites_own_address(
    monkeypatch: pytest.MonkeyPatch, module_database: str, published: Any
) -> None:
    from starlette.testclient import TestClient

    from api.app import create_app
    from api.security.settings import DoorSettings

    with TestClient(
        create_app(settings=DoorSettings(public_url="https://names.example.org", map_approval="试字第 1 号"))
    ) as client:
        answer = client.get("/ogc/collections/villages/items?limit=1", headers={"Host": "names.example.org"})
        assert all(x["href"].startswith("https://names.example.org/ogc/") for x in answer.json()["links"])
        assert client.get("/ogc", headers={"Host": "evil.example"}).status_code == 421


def test_other_sites_may_read(client: Any, published: Any) -> None:
    for path in ("/ogc/collections", "/tiles/villages/0/0/0.mvt"):
        headers = client.get(path).headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"


def test_hostile_names_are_text_in_html(client: Any, published: Any, committed: Any) -> None:
    hostile = "</script><script>alert(1)</script>`${1}`{{ 1 }}\u202eabc"
    b.place_name(committed, b.person(committed).id, hostile)
    committed.commit()
    page = client.get("/ogc/collections/villages/items", params={"f": "html", "name": hostile}).text
    assert "<script" not in page and "&lt;/script&gt;" in page and "{{ 1 }}" in page
    assert (
        client.get("/ogc/collections/villages/items", params={"name": hostile}).json()["features"][0][
            "properties"
        ]["name"]
        == hostile
    )


def test_tile_sets_lead_to_the_tiles(client: Any, published: Any) -> None:
    sets = client.get("/ogc/collections/villages/tiles").json()["tilesets"]
    about = client.get(sets[0]["links"][0]["href"]).json()
    (template,) = [x for x in about["links"] if x["rel"] == "item"]
    assert template["templated"] and template["type"] == "application/vnd.mapbox-vector-tile"
    assert [layer["id"] for layer in about["layers"]] == ["villages"]
    z, x, y = 12, 3262, 1692
    href = template["href"].format(tileMatrix=z, tileRow=y, tileCol=x)
    tile = client.get(href)
    assert tile.status_code == 200 and tile.headers["content-type"] == template["type"]
    assert tile.content == client.get(f"/tiles/villages/{z}/{x}/{y}.mvt").content
    assert client.get(href, headers={"If-None-Match": tile.headers["etag"]}).status_code == 304
    assert client.get(href + "?datetime=1900-01-01").content != tile.content
    assert client.get(href + "?datetime=../..").status_code == 400
    matrices = client.get(f"/ogc/tileMatrixSets/{TMS}").json()["tileMatrices"]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717)
    assert [m["matrixWidth"] for m in matrices] == [2**z for z in range(19)]
    assert "villages" in mapbox_vector_tile.decode(tile.content)
