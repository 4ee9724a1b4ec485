"""The abstract tests of OGC API Features, Part 1 (1.0.1: core, GeoJSON, HTML, OpenAPI 3.0) and Part 2 (CRS), one
test each, named by its identifier; the methods are those of the official executable suite."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pyproj
import pytest
import shapely

from geo.store.features import COLLECTIONS

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
PART1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
EVERY = pytest.mark.parametrize("collection", COLLECTIONS)
#: Boxes of the official suite: across the meridian, the equator, 180°, and both poles.
BOXES = ["-1.5,50,1.5,53", "-80,-5,-70,5", "177,65,-177,70", "-180,85,180,90", "-180,-90,180,-85"]
GEOJSON, HTML = "application/geo+json", "text/html"


transformer = cache(pyproj.Transformer.from_crs)


def rels(document: Any, rel: str) -> list[Any]:
    return [link for link in document["links"] if link["rel"] == rel]


def linked(document: Any, media: str) -> None:
    """A link to itself, to its other form, each with rel and type."""
    (own,) = rels(document, "self")
    assert own["type"] == media
    assert [link["type"] for link in rels(document, "alternate")] == [HTML]
    assert all(link["href"] and link["rel"] and link["type"] for link in document["links"])


def geometries(document: Any) -> list[Any]:
    return [shapely.geometry.shape(f["geometry"]) for f in document["features"] if f["geometry"]]


def in_degrees(document: Any) -> None:
    for shape in geometries(document):
        west, south, east, north = shape.bounds
        assert 106 < west <= east < 107 and 29 < south <= north < 31


# Part 1, core -------------------------------------------------------------------------------------------------


def test_conf_core_http(client: Any, published: Any) -> None:
    for path in ("", "/conformance", "/collections"):
        assert client.get("/ogc" + path).http_version.startswith("HTTP/1.1")
    assert client.post("/ogc/collections").status_code == 405
    assert client.get("/ogc/nothing").status_code == 404


@EVERY
def test_conf_core_crs84(ask: Any, collection: str) -> None:
    in_degrees(ask(f"/collections/{collection}/items", limit=1000))


def test_conf_core_root_op(client: Any, published: Any) -> None:
    assert client.get("/ogc/").status_code == client.get("/ogc").status_code == 200


def test_conf_core_root_success(ask: Any) -> None:
    landing = ask("/")
    linked(landing, "application/json")
    for rel in ("service-desc", "service-doc", "conformance", "data"):
        assert rels(landing, rel), rel


def test_conf_core_api_definition_op(client: Any, ask: Any) -> None:
    (link,) = rels(ask("/"), "service-desc")
    answer = client.get(link["href"])
    assert answer.status_code == 200 and answer.headers["content-type"] == link["type"]


def test_conf_core_api_definition_success(client: Any, ask: Any) -> None:
    assert ask("/api")["openapi"].startswith("3.0.")
    (link,) = rels(ask("/"), "service-doc")
    assert client.get(link["href"]).headers["content-type"].startswith(HTML)


def test_conf_core_conformance_op(client: Any, ask: Any) -> None:
    (link,) = rels(ask("/"), "conformance")
    assert client.get(link["href"]).status_code == 200


def test_conf_core_conformance_success(ask: Any) -> None:
    said = ask("/conformance")["conformsTo"]
    assert {PART1 + name for name in ("core", "geojson", "html", "oas30")} <= set(said)
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in said


def test_conf_core_fc_md_op(ask: Any) -> None:
    assert ask("/collections")


def test_conf_core_fc_md_success(ask: Any) -> None:
    document = ask("/collections")
    assert document["links"] and document["collections"] and document["crs"][0] == CRS84


def test_conf_core_fc_md_links(ask: Any) -> None:
    linked(ask("/collections"), "application/json")


def test_conf_core_fc_md_items(ask: Any) -> None:
    assert [c["id"] for c in ask("/collections")["collections"]] == list(COLLECTIONS)


def test_conf_core_fc_md_items_links(ask: Any) -> None:
    for collection in ask("/collections")["collections"]:
        assert {link["type"] for link in rels(collection, "items")} == {GEOJSON, HTML}


def test_conf_core_fc_md_extent(ask: Any) -> None:
    for collection in ask("/collections")["collections"]:
        if collection["id"] == "facilities":
            continue
        ((west, south, east, north),) = collection["extent"]["spatial"]["bbox"]
        everything = ask(f"/collections/{collection['id']}/items", limit=1000, datetime="../..")
        for shape in geometries(everything):
            assert shape.within(shapely.box(west, south, east, north).buffer(1e-5)), collection["id"]
        assert len(collection["extent"]["temporal"]["interval"][0]) == 2


@EVERY
def test_conf_core_sfc_md_op(ask: Any, collection: str) -> None:
    assert ask(f"/collections/{collection}")["id"] == collection


@EVERY
def test_conf_core_sfc_md_success(ask: Any, collection: str) -> None:
    alone = ask(f"/collections/{collection}")
    among = next(c for c in ask("/collections")["collections"] if c["id"] == collection)
    for name in ("id", "title", "description", "extent", "storageCrs"):
        assert alone[name] == among[name]
    linked(alone, "application/json")


@EVERY
def test_conf_core_fc_op(ask: Any, collection: str) -> None:
    assert ask(f"/collections/{collection}/items")["type"] == "FeatureCollection"


def parameter(ask: Any, name: str) -> dict[str, Any]:
    """The definition of a parameter of every items operation; the same everywhere."""
    api = ask("/api")
    for collection in COLLECTIONS:
        given = api["paths"][f"/collections/{collection}/items"]["get"]["parameters"]
        assert {"$ref": f"#/components/parameters/{name}"} in given
    found = api["components"]["parameters"][name]
    assert (found["name"], found["in"], found["required"]) == (name, "query", False)
    assert (found["style"], found["explode"]) == ("form", False)
    return found


def test_conf_core_fc_bbox_definition(ask: Any) -> None:
    schema = parameter(ask, "bbox")["schema"]
    assert schema["type"] == "array" and schema["items"] == {"type": "number"}
    assert [(s["minItems"], s["maxItems"]) for s in schema["oneOf"]] == [(4, 4), (6, 6)]


@EVERY
def test_conf_core_fc_bbox_response(ask: Any, collection: str) -> None:
    path = f"/collections/{collection}/items"
    every = ask(path, limit=1000)["features"]
    for given in [*BOXES, "106.7,29.8,106.73,29.83", "106.7,29.8,0,106.73,29.83,100"]:
        numbers = [float(n) for n in given.split(",")]
        west, south, east, north = numbers if len(numbers) == 4 else [numbers[i] for i in (0, 1, 3, 4)]
        boxes = [shapely.box(west, south, east, north)] if west <= east else [
            shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]  # fmt: skip
        expected = {
            f["id"] for f in every
            if f["geometry"] is None or any(shapely.geometry.shape(f["geometry"]).intersects(box) for box in boxes)
        }  # fmt: skip
        found = ask(path, bbox=given, limit=1000)
        assert {f["id"] for f in found["features"]} == expected, given
        in_degrees(found)


def test_conf_core_fc_limit_definition(ask: Any) -> None:
    schema = parameter(ask, "limit")["schema"]
    assert schema["type"] == "integer" and schema["minimum"] >= 1
    assert schema["minimum"] <= schema["default"] <= schema["maximum"]


@EVERY
def test_conf_core_fc_limit_response(ask: Any, collection: str) -> None:
    path = f"/collections/{collection}/items"
    for limit in (1, 3):
        assert len(ask(path, limit=limit)["features"]) <= limit
    # More than the maximum is taken for the maximum.
    assert ask(path, limit=10**9)["features"] == ask(path, limit=1000)["features"]


def test_conf_core_fc_time_definition(ask: Any) -> None:
    assert parameter(ask, "datetime")["schema"] == {"type": "string"}


@EVERY
@pytest.mark.parametrize(
    "given",
    ["2009-12-31", "2024-05-31T00:00:00Z", "2024-06-01/2024-12-31", "../1999-12-31", "2020-02-12T23:20:50.52+08:00/..", "/2005-01-01", "../.."],
)  # fmt: skip
def test_conf_core_fc_time_response(ask: Any, collection: str, given: str) -> None:
    path = f"/collections/{collection}/items"
    first, _, last = given.partition("/")
    last = last if "/" in given else first
    first, last = (first[:10] if first[:1].isdigit() else "", last[:10] if last[:1].isdigit() else "9999")
    every = ask(path, datetime="../..", limit=1000)["features"]
    expected = {
        f["id"] for f in every
        if (f["properties"]["valid_from"] or "") <= last and (f["properties"]["valid_to"] or "99999") > first
    }  # fmt: skip
    assert {f["id"] for f in ask(path, datetime=given, limit=1000)["features"]} == expected


@EVERY
def test_conf_core_query_param_invalid(client: Any, published: Any, collection: str) -> None:
    for query in (
        "limit=unlimited",
        "limit=0",
        "limit=-1",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "datetime=yesterday",
        "crs=x",
    ):
        assert client.get(f"/ogc/collections/{collection}/items?{query}").status_code == 400, query


@EVERY
def test_conf_core_query_param_unknown(client: Any, published: Any, collection: str) -> None:
    for path in ("/items", "", "/items/1"):
        answer = client.get(f"/ogc/collections/{collection}{path}?unknownQueryParameter17=1")
        assert answer.status_code == 400, path


@EVERY
def test_conf_core_fc_response(ask: Any, collection: str) -> None:
    document = ask(f"/collections/{collection}/items")
    assert document["type"] == "FeatureCollection" and isinstance(document["features"], list)
    if collection != "facilities":
        assert document["features"]


@EVERY
def test_conf_core_fc_links(client: Any, ask: Any, collection: str) -> None:
    document = ask(f"/collections/{collection}/items", limit=2)
    linked(document, GEOJSON)
    # Following the next links meets every feature once, in the same order as in one page.
    met = [f["id"] for f in document["features"]]
    while following := rels(document, "next"):
        document = client.get(following[0]["href"]).json()
        assert document["numberReturned"] <= 2
        met += [f["id"] for f in document["features"]]
    assert met == [f["id"] for f in ask(f"/collections/{collection}/items", limit=1000)["features"]]
    assert len(set(met)) == len(met)


def test_conf_core_fc_timestamp(ask: Any) -> None:
    said = datetime.fromisoformat(ask("/collections/villages/items")["timeStamp"].replace("Z", "+00:00"))
    assert abs(datetime.now(UTC) - said) < timedelta(seconds=30)


def test_conf_core_fc_numbermatched(ask: Any) -> None:
    """Optional: counting a million names is not worth the wait, so it is not given."""
    assert "numberMatched" not in ask("/collections/villages/items")


@EVERY
def test_conf_core_fc_numberreturned(ask: Any, collection: str) -> None:
    for limit in (1, 1000):
        document = ask(f"/collections/{collection}/items", limit=limit)
        assert document["numberReturned"] == len(document["features"])


@EVERY
def test_conf_core_f_op(ask: Any, collection: str) -> None:
    for feature in ask(f"/collections/{collection}/items", datetime="../..", limit=5)["features"]:
        alone = ask(f"/collections/{collection}/items/{feature['id']}")
        assert (alone["id"], alone["properties"]) == (feature["id"], feature["properties"])


@EVERY
def test_conf_core_f_success(client: Any, ask: Any, collection: str) -> None:
    for feature in ask(f"/collections/{collection}/items", limit=1)["features"]:
        answer = client.get(f"/ogc/collections/{collection}/items/{feature['id']}")
        assert answer.headers["content-type"] == GEOJSON and answer.json()["geometry"] == feature["geometry"]


@EVERY
def test_conf_core_f_links(ask: Any, collection: str) -> None:
    for feature in ask(f"/collections/{collection}/items", limit=1)["features"]:
        alone = ask(f"/collections/{collection}/items/{feature['id']}")
        linked(alone, GEOJSON)
        (home,) = rels(alone, "collection")
        assert urlsplit(home["href"]).path == f"/ogc/collections/{collection}"


# Part 1, GeoJSON, HTML, OpenAPI 3.0 ------------------------------------------------------------------------------


def test_conf_geojson_definition(client: Any, published: Any) -> None:
    for accept in (GEOJSON, "application/json", "*/*"):
        answer = client.get("/ogc/collections/villages/items", headers={"Accept": accept})
        assert answer.status_code == 200 and answer.headers["content-type"] == GEOJSON


@EVERY
def test_conf_geojson_content(ask: Any, collection: str) -> None:
    for feature in ask(f"/collections/{collection}/items", limit=1000)["features"]:
        assert feature["type"] == "Feature" and isinstance(feature["properties"], dict)
        assert isinstance(feature["id"], str)
        if feature["geometry"] is not None:
            assert shapely.is_valid(shapely.geometry.shape(feature["geometry"]))


@pytest.mark.parametrize("path", ["", "/conformance", "/api", "/collections", "/collections/villages", "/collections/villages/items", "/collections/villages/tiles", "/tileMatrixSets/WebMercatorQuad"])  # fmt: skip
def test_conf_html_definition(client: Any, published: Any, path: str) -> None:
    by_accept = client.get("/ogc" + path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert by_accept.status_code == 200 and by_accept.headers["content-type"].startswith(HTML)
    assert client.get(f"/ogc{path}?f=html").headers["content-type"].startswith(HTML)


def test_conf_html_content(client: Any, published: Any) -> None:
    page = client.get("/ogc/collections/villages/items?f=html&limit=3").text
    assert page.startswith("<!DOCTYPE html>") and "第0村" in page and "<script" not in page
    assert 'rel="next"' in page and "/ogc/collections/villages/items/" in page


def test_conf_oas30_completeness(client: Any, ask: Any) -> None:
    api = ask("/api")
    assert api["servers"][0]["url"].endswith("/ogc")
    feature = ask("/collections/villages/items", limit=1)["features"][0]["id"]
    fill = {"featureId": feature, "tileMatrix": "0", "tileRow": "0", "tileCol": "0"}
    for path, operations in api["paths"].items():
        assert set(operations) == {"get"}
        if "{featureId}" in path and "/villages/" not in path:
            continue
        answer = client.get("/ogc" + re.sub(r"{(\w+)}", lambda m: fill[m[1]], path))
        assert answer.status_code == 200, path
        kinds = operations["get"]["responses"]["200"]["content"]
        assert answer.headers["content-type"].split(";")[0] in {k.split(";")[0] for k in kinds}, path


def test_conf_oas30_exceptions_codes(client: Any, ask: Any) -> None:
    for operations in ask("/api")["paths"].values():
        assert {"200", "400", "404", "500"} <= set(operations["get"]["responses"])
    for path, status in (("/collections/none", 404), ("/collections/villages/items?limit=x", 400)):
        answer = client.get("/ogc" + path)
        assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


def test_conf_oas30_oas_definition_1(client: Any, published: Any) -> None:
    answer = client.get("/ogc/api", headers={"Accept": "application/vnd.oai.openapi+json;version=3.0"})
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"


def test_conf_oas30_oas_definition_2(ask: Any) -> None:
    """A whole OpenAPI 3.0 document: every reference leads somewhere, every name of a path is declared."""
    api = ask("/api")
    assert api["info"]["title"] and api["info"]["version"]

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                here: Any = api
                for step in value["$ref"].removeprefix("#/").split("/"):
                    here = here[step]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(api)
    ids = [o["get"]["operationId"] for o in api["paths"].values()]
    assert len(set(ids)) == len(ids)
    for path, operations in api["paths"].items():
        declared = {p["$ref"].rsplit("/", 1)[-1] for p in operations["get"]["parameters"] if "$ref" in p}
        assert set(re.findall(r"{(\w+)}", path)) <= declared, path


@EVERY
def test_conf_oas30_oas_impl(ask: Any, collection: str) -> None:
    """The parameters that are defined work as they are defined: filters by value."""
    path = f"/collections/{collection}/items"
    every = ask(path, limit=1000)["features"]
    given = ask("/api")["paths"][path]["get"]["parameters"]
    for name in [p["name"] for p in given if "name" in p]:
        values = {f["properties"][name] for f in every} - {None}
        for value in sorted(values, key=str)[:2]:
            expected = [f["id"] for f in every if f["properties"][name] == value]
            assert [f["id"] for f in ask(path, limit=1000, **{name: value})["features"]] == expected, name


def test_conf_oas30_security(ask: Any) -> None:
    """Everything is public: no operation asks for a credential."""
    api = ask("/api")
    assert "security" not in api and not any("security" in o["get"] for o in api["paths"].values())


# Part 2, CRS ---------------------------------------------------------------------------------------------------


def test_conf_crs_crs_uri(ask: Any) -> None:
    document = ask("/collections")
    form = re.compile(r"http://www\.opengis\.net/def/crs/(OGC/1\.3/CRS84|EPSG/0/\d+)")
    assert all(form.fullmatch(uri) for uri in document["crs"])
    for collection in document["collections"]:
        assert collection["crs"] == ["#/crs"] and form.fullmatch(collection["storageCrs"])
        assert ask(f"/collections/{collection['id']}")["crs"] == document["crs"]


def test_conf_crs_default_crs(ask: Any) -> None:
    assert ask("/collections/villages")["crs"][0] == CRS84


def test_conf_crs_storagecrs(ask: Any) -> None:
    for collection in COLLECTIONS:
        found = ask(f"/collections/{collection}")
        assert found["storageCrs"] == EPSG + "4490" and found["storageCrs"] in found["crs"]


def test_conf_crs_crs_parameter(client: Any, ask: Any) -> None:
    for uri in ask("/collections")["crs"]:
        for path in ("/items", "/items/" + ask("/collections/townships/items", limit=1)["features"][0]["id"]):
            answer = client.get(f"/ogc/collections/townships{path}", params={"crs": uri})
            assert answer.status_code == 200 and answer.headers["content-crs"] == f"<{uri}>"


def test_conf_crs_crs_parameter_invalid(client: Any, published: Any) -> None:
    for uri in (EPSG + "0", "http://www.opengis.net/def/crs/0/unsupported", "EPSG:4490"):
        assert client.get("/ogc/collections/townships/items", params={"crs": uri}).status_code == 400


def test_conf_crs_crs_parameter_default(client: Any, published: Any) -> None:
    assert client.get("/ogc/collections/townships/items").headers["content-crs"] == f"<{CRS84}>"


@pytest.mark.parametrize("collection", ["townships", "boundary_lines", "villages"])
def test_conf_crs_crs_parameter_transform(ask: Any, collection: str) -> None:
    path = f"/collections/{collection}/items"
    plain = {f["id"]: f["geometry"] for f in ask(path, limit=1000)["features"]}
    for uri in ask("/collections")["crs"]:
        code = "OGC:CRS84" if uri == CRS84 else "EPSG:" + uri.rsplit("/", 1)[-1]
        # By the axes of the definition: north before east where it says so.
        back = transformer(code, "OGC:CRS84")
        for feature in ask(path, limit=1000, crs=uri)["features"]:
            if feature["geometry"] is None:
                assert plain[feature["id"]] is None
                continue
            shape = shapely.transform(
                shapely.geometry.shape(feature["geometry"]),
                back.transform,
                interleaved=False,
            )
            assert shapely.hausdorff_distance(shape, shapely.geometry.shape(plain[feature["id"]])) < 2e-5, uri


def test_conf_crs_bbox_crs_parameter(ask: Any) -> None:
    box = (106.705, 29.805, 106.745, 29.835)
    for collection in ("villages", "townships", "markers_public"):
        path = f"/collections/{collection}/items"
        expected = [f["id"] for f in ask(path, bbox=",".join(map(str, box)), limit=1000)["features"]]
        for uri in ask("/collections")["crs"]:
            code = "OGC:CRS84" if uri == CRS84 else "EPSG:" + uri.rsplit("/", 1)[-1]
            there = transformer("OGC:CRS84", code)
            given = ",".join(
                str(v) for v in (*there.transform(box[0], box[1]), *there.transform(box[2], box[3]))
            )
            found = [
                f["id"] for f in ask(path, **{"bbox": given, "bbox-crs": uri, "limit": 1000})["features"]
            ]
            assert found == expected, (collection, uri)


def test_conf_crs_bbox_crs_parameter_invalid(client: Any, published: Any) -> None:
    query = {"bbox": "106,29,107,30", "bbox-crs": EPSG + "0"}
    assert client.get("/ogc/collections/villages/items", params=query).status_code == 400


def test_conf_crs_bbox_crs_parameter_default(ask: Any) -> None:
    path, box = "/collections/villages/items", "106.705,29.805,106.745,29.835"
    assert ask(path, bbox=box)["features"] == ask(path, **{"bbox": box, "bbox-crs": CRS84})["features"]
