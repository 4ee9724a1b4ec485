"""OGC API Tiles: the vector tiles as tile sets of their collections, in WebMercatorQuad."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.routes.ogc.documents import JSON, answer, both, link, root
from api.routes.ogc.parameters import Collection, NoSuchCollection, bad, collection_named, known_only
from api.routes.tiles import MEDIA_TYPE, response
from geo.problems import NotFound
from geo.settings import as_of
from geo.text import Text
from maps.tiles.layers import LAST_ZOOM, LAYERS
from maps.tiles.serve import BadTile, address_of

router = APIRouter(prefix="/ogc", include_in_schema=False)

TMS = "WebMercatorQuad"
TMS_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
CRS_URI = "http://www.opengis.net/def/crs/EPSG/0/3857"
SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
HALF = 20037508.3427892
_CELL, _SCALE = 156543.033928041, 559082264.028717


class NoSuchTileMatrixSet(NotFound):
    """There is only one tile matrix set."""

    code = "no-such-tile-matrix-set"
    title = Text(
        "没有此瓦片方案，可用 WebMercatorQuad", "There is no such tile matrix set; use WebMercatorQuad"
    )


def matrix_set() -> dict[str, Any]:
    """WebMercatorQuad, as OGC defines it."""
    return {
        "id": TMS,
        "title": "Google Maps Compatible for the World",
        "uri": TMS_URI,
        "crs": CRS_URI,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [
            {
                "id": str(z),
                "scaleDenominator": _SCALE / 2**z,
                "cellSize": _CELL / 2**z,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-HALF, HALF],
                "matrixWidth": 2**z,
                "matrixHeight": 2**z,
                "tileWidth": 256,
                "tileHeight": 256,
            }
            for z in range(LAST_ZOOM + 1)
        ],
    }


@router.get("/tileMatrixSets", response_model=None, summary="瓦片方案 Tile matrix sets")
def matrix_sets(request: Request) -> Response:
    """瓦片方案。Tile matrix sets."""
    known_only(request.query_params, ())
    own = link(f"{root(request)}/tileMatrixSets/{TMS}", "self", JSON, TMS)
    document = {
        "links": both(request, "/tileMatrixSets"),
        "tileMatrixSets": [{"id": TMS, "title": TMS, "uri": TMS_URI, "crs": CRS_URI, "links": [own]}],
    }
    return answer(request, document, "瓦片方案 Tile matrix sets")


@router.get("/tileMatrixSets/{tms}", response_model=None, summary="一个瓦片方案 One tile matrix set")
def show_matrix_set(request: Request, tms: str) -> Response:
    """WebMercatorQuad 的定义。Definition of WebMercatorQuad."""
    known_only(request.query_params, ())
    _checked(tms)
    return answer(request, matrix_set(), TMS)


@router.get("/collections/{collection}/tiles", response_model=None, summary="瓦片集 Tile sets")
def tilesets(request: Request, collection: str) -> Response:
    """一个数据集的瓦片集。Tile sets of a collection."""
    known_only(request.query_params, ())
    found = _tiled(collection)
    path = f"/collections/{found.id}/tiles"
    document = {
        "links": both(request, path),
        "tilesets": [
            {
                "title": found.title.zh,
                "dataType": "vector",
                "crs": CRS_URI,
                "tileMatrixSetURI": TMS_URI,
                "links": [link(f"{root(request)}{path}/{TMS}", "self", JSON, TMS)],
            }
        ],
    }
    return answer(request, document, f"{found.title.zh} 瓦片集 Tile sets")


@router.get("/collections/{collection}/tiles/{tms}", response_model=None, summary="一个瓦片集 One tile set")
def tileset(request: Request, collection: str, tms: str) -> Response:
    """一个瓦片集的说明。Description of a tile set."""
    known_only(request.query_params, ())
    found = _tiled(collection)
    _checked(tms)
    path = f"/collections/{found.id}/tiles/{TMS}"
    layer = LAYERS[found.id]
    document = {
        "title": found.title.zh,
        "dataType": "vector",
        "crs": CRS_URI,
        "tileMatrixSetURI": TMS_URI,
        "links": [
            *both(request, path),
            link(f"{root(request)}/tileMatrixSets/{TMS}", SCHEME, JSON, TMS),
            link(
                f"{root(request)}{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
                "item", MEDIA_TYPE, "Mapbox Vector Tiles", templated=True,
            ),
        ],
        "tileMatrixSetLimits": [
            {"tileMatrix": str(z), "minTileRow": 0, "maxTileRow": 2**z - 1, "minTileCol": 0, "maxTileCol": 2**z - 1}
            for z in range(layer.first_zoom, LAST_ZOOM + 1)
        ],
        "layers": [
            {
                "id": part,
                "dataType": "vector",
                "propertiesSchema": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"}, "label": {"type": "string"}, "rank": {"type": "integer"},
                        **{k: {"description": f"{v.zh} {v.en}"} for k, v in fields.items()},
                    },
                },
            }
            for part, fields in layer.parts.items()
        ],
    }  # fmt: skip
    return answer(request, document, f"{found.title.zh} {TMS}")


@router.get(
    "/collections/{collection}/tiles/{tms}/{z}/{row}/{col}", response_model=None, summary="一个瓦片 One tile"
)
async def tile(request: Request, collection: str, tms: str, z: str, row: str, col: str) -> Response:
    """一个矢量瓦片。One vector tile."""
    query = request.query_params
    known_only(query, ("datetime",))
    if query.get("f", "mvt") not in ("mvt", "pbf"):
        raise bad("f", "应为 mvt", "use mvt")
    found = _tiled(collection)
    _checked(tms)
    at = query.get("datetime")
    if at is not None and "/" in at:
        raise bad("datetime", "瓦片只能取某一天", "a tile is of one day")
    try:
        address = address_of(found.id, z, col, row, at[:10] if at else None, as_of())
    except BadTile:
        raise bad("tileMatrix, tileRow, tileCol", "应为整数", "use whole numbers") from None
    return response(request, await request.app.state.tiles.get(address))


def _tiled(name: str) -> Collection:
    found = collection_named(name)
    if not found.tiles or found.id not in LAYERS:
        raise NoSuchCollection(collection=name[:40])
    return found


def _checked(tms: str) -> None:
    if tms != TMS:
        raise NoSuchTileMatrixSet()
