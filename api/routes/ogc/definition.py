"""The API definition (接口定义): OpenAPI 3.0, with every parameter of every operation, a path a collection."""

from __future__ import annotations

from typing import Any

from api.routes.ogc.documents import GEOJSON, HTML, JSON, OPENAPI
from api.routes.ogc.parameters import CRS84, MOST, USUAL
from api.routes.tiles import MEDIA_TYPE
from geo.store.features import COLLECTIONS, Collection
from maps.tiles.layers import LAYERS

PROBLEM = "application/problem+json"


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _given(description: str, *kinds: str, schema: Any = None, headers: Any = None) -> dict[str, Any]:
    content = {
        kind: {"schema": (schema or {"type": "object"}) if kind != HTML else {"type": "string"}}
        for kind in kinds
    }
    return {"description": description, "content": content, **({"headers": headers} if headers else {})}


def _get(summary: str, id: str, answer: dict[str, Any], parameters: list[Any], tag: str) -> dict[str, Any]:
    return {
        "get": {
            "tags": [tag],
            "summary": summary,
            "operationId": id,
            "parameters": [*parameters, _ref("parameters", "f")],
            "responses": {
                "200": answer,
                "400": _ref("responses", "Invalid"),
                "404": _ref("responses", "NotFound"),
                "500": _ref("responses", "Error"),
            },
        }
    }


_CONTENT_CRS = {
    "Content-Crs": {"description": "坐标系 reference system of the answer", "schema": {"type": "string"}}
}


def _items(collection: Collection) -> dict[str, Any]:
    parameters: list[Any] = [
        _ref("parameters", n) for n in ("limit", "bbox", "bbox-crs", "datetime", "crs", "cursor")
    ]
    parameters += [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"{prop.title.zh} {prop.title.en}",
            "schema": {"type": prop.type},
            "style": "form",
            "explode": False,
        }
        for name, prop in collection.properties.items()
        if prop.filter
    ]
    answer = _given(
        "要素 Features", GEOJSON, HTML, schema=_ref("schemas", "featureCollection"), headers=_CONTENT_CRS
    )
    return _get(
        f"{collection.title.zh} {collection.title.en}", f"items_{collection.id}", answer, parameters, "items"
    )


def _item(collection: Collection) -> dict[str, Any]:
    parameters = [_ref("parameters", "featureId"), _ref("parameters", "crs")]
    answer = _given("要素 Feature", GEOJSON, HTML, schema=_ref("schemas", "feature"), headers=_CONTENT_CRS)
    return _get(f"{collection.title.zh}（一个） one", f"item_{collection.id}", answer, parameters, "items")


def document(root: str, systems: list[str]) -> dict[str, Any]:
    """The definition. root: the address of the landing page; systems: URIs of the reference systems."""
    plain = _given("OK", JSON, HTML)
    paths: dict[str, Any] = {
        "/": _get("起始页 Landing page", "landing", plain, [], "core"),
        "/conformance": _get("符合的规范 Conformance", "conformance", plain, [], "core"),
        "/api": _get("接口定义 API definition", "api", _given("OK", OPENAPI, HTML), [], "core"),
        "/collections": _get("数据集 Collections", "collections", plain, [], "core"),
        "/tileMatrixSets": _get("瓦片方案 Tile matrix sets", "tileMatrixSets", plain, [], "tiles"),
        "/tileMatrixSets/WebMercatorQuad": _get("WebMercatorQuad", "WebMercatorQuad", plain, [], "tiles"),
    }
    for collection in COLLECTIONS.values():
        path = f"/collections/{collection.id}"
        paths[path] = _get(
            f"{collection.title.zh} {collection.title.en}", f"collection_{collection.id}", plain, [], "core"
        )
        paths[f"{path}/items"] = _items(collection)
        paths[f"{path}/items/{{featureId}}"] = _item(collection)
        if collection.tiles and collection.id in LAYERS:
            said = collection.title.zh
            paths[f"{path}/tiles"] = _get(
                f"{said} 瓦片集 Tile sets", f"tilesets_{collection.id}", plain, [], "tiles"
            )
            own = f"{path}/tiles/WebMercatorQuad"
            paths[own] = _get(f"{said} 瓦片集 Tile set", f"tileset_{collection.id}", plain, [], "tiles")
            tile = _get(
                f"{said} 瓦片 Tile", f"tile_{collection.id}",
                {"description": "MVT", "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
                [_ref("parameters", n) for n in ("tileMatrix", "tileRow", "tileCol", "datetime")], "tiles",
            )  # fmt: skip
            tile["get"]["parameters"].pop()
            paths[f"{own}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"] = tile
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "舆地 Yudi OGC API",
            "version": "1.0.0",
            "description": "公开的地名与行政区域界线，只读。Public place names and administrative boundaries, to read.",
            "license": {"name": "资料来源须注明 attribution required", "url": f"{root}"},
            "contact": {"name": "舆地 Yudi", "url": root},
        },
        "servers": [{"url": root}],
        "tags": [{"name": "core"}, {"name": "items"}, {"name": "tiles"}],
        "paths": paths,
        "components": {
            "parameters": _parameters(systems),
            "schemas": SCHEMAS,
            "responses": {
                name: {"description": said, "content": {PROBLEM: {"schema": _ref("schemas", "problem")}}}
                for name, said in (
                    ("Invalid", "参数无效 A parameter is not valid"),
                    ("NotFound", "没有找到 Not found"),
                    ("Error", "系统出错 Something went wrong"),
                )
            },
        },
    }


def _parameters(systems: list[str]) -> dict[str, Any]:
    def query(name: str, description: str, schema: Any, **more: Any) -> dict[str, Any]:
        shown = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
        return {**shown, "style": "form", "explode": False, **more}

    def path(name: str, description: str) -> dict[str, Any]:
        return {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
        }

    system = {"type": "string", "format": "uri", "enum": systems, "default": CRS84}
    return {
        "limit": query("limit", "每页条数 Features a page", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
        "bbox": query(
            "bbox", "范围；西大于东时跨 180° Box; crosses 180° where west is greater than east",
            {"type": "array", "items": {"type": "number"}, "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]},
        ),
        "bbox-crs": query("bbox-crs", "bbox 的坐标系 Reference system of bbox", system),
        "datetime": query("datetime", "有效时间 RFC 3339：一天、一刻或区间 Time in force: a day, a moment or an interval", {"type": "string"}),
        "crs": query("crs", "答复的坐标系 Reference system of the answer", system),
        "cursor": query("cursor", "由 next 链接给出 Given by a next link", {"type": "string"}),
        "f": query("f", "格式 Format", {"type": "string", "enum": ["json", "html"]}),
        "featureId": path("featureId", "要素编号 Id of a feature"),
        "tileMatrix": path("tileMatrix", "缩放级 Zoom"),
        "tileRow": path("tileRow", "行 Row, from the north"),
        "tileCol": path("tileCol", "列 Column, from the west"),
    }  # fmt: skip


_LINK = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title", "hreflang")},
}
SCHEMAS: dict[str, Any] = {
    "link": _LINK,
    "feature": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}},
        },
    },
    "featureCollection": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
            "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
    "problem": {
        "type": "object",
        "required": ["type", "title", "title_en", "status", "code"],
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "title_en": {"type": "string"},
            "status": {"type": "integer"}, "code": {"type": "string"},
        },
    },
}  # fmt: skip
