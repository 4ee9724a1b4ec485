"""Landing page, conformance, definition and collections."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.doors import District, PublicReading
from api.routes.ogc import definition
from api.routes.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, Link, answer, both, link, root
from api.routes.ogc.parameters import (
    CRS84,
    STORAGE_CRS,
    collection_named,
    known_only,
    systems,
    wants_html,
)
from geo.settings import DistrictSettings
from geo.store import features
from geo.store.features import COLLECTIONS, Collection
from maps.tiles.layers import LAYERS

router = APIRouter(prefix="/ogc", include_in_schema=False)

_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
CONFORMS_TO = (
    *(_FEATURES + name for name in ("core", "geojson", "html", "oas30")),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    *(_TILES + name for name in ("core", "tileset", "tilesets-list", "mvt")),
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
)
TITLE = "舆地 Yudi：地名与行政区域界线 place names and administrative boundaries"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"


@router.get("", response_model=None, summary="起始页 Landing page")
@router.get("/", response_model=None, summary="起始页 Landing page")
def landing(request: Request, district: District) -> Response:
    """OGC API 起始页。Landing page of the OGC API."""
    known_only(request.query_params, ())
    top = root(request)
    document = {
        "title": TITLE,
        "description": f"{district.name}公开的地名和界线数据，只读。Public data of {district.name_en}, to read.",
        "links": [
            *both(request, ""),
            link(f"{top}/api", "service-desc", OPENAPI, "接口定义 API definition (OpenAPI 3.0)"),
            link(f"{top}/api?f=html", "service-doc", HTML, "接口说明 API documentation"),
            link(f"{top}/conformance", "conformance", JSON, "符合的规范 Conformance classes"),
            link(f"{top}/conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance", JSON, "符合的规范 Conformance classes"),
            link(f"{top}/collections", "data", JSON, "数据集 Collections"),
            link(f"{top}/collections", "http://www.opengis.net/def/rel/ogc/1.0/data", JSON, "数据集 Collections"),
            link(f"{top}/tileMatrixSets", "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", JSON, "瓦片方案 Tile matrix sets"),
        ],
    }  # fmt: skip
    return answer(request, document, TITLE)


@router.get("/conformance", response_model=None, summary="符合的规范 Conformance")
def conformance(request: Request) -> Response:
    """符合的规范类。Conformance classes."""
    known_only(request.query_params, ())
    document = {"links": both(request, "/conformance"), "conformsTo": list(CONFORMS_TO)}
    return answer(request, document, "符合的规范 Conformance")


@router.get("/api", response_model=None, summary="接口定义 API definition")
def api(request: Request, district: District) -> Response:
    """OpenAPI 3.0 接口定义。The API definition."""
    known_only(request.query_params, ())
    made = definition.document(root(request), list(systems(district.zone)))
    if wants_html(request):
        held = {
            "links": both(request, "/api", OPENAPI),
            "paths": {p: next(iter(o.values()))["summary"] for p, o in made["paths"].items()},
        }
        return answer(request, held, "接口说明 API documentation")
    return answer(request, made, TITLE, kind=OPENAPI)


@router.get("/collections", response_model=None, summary="数据集 Collections")
def collections(request: Request, session: PublicReading, district: District) -> Response:
    """所有数据集。All collections."""
    known_only(request.query_params, ())
    document = {
        "links": both(request, "/collections"),
        "crs": list(systems(district.zone)),
        "collections": [described(request, session, c, district, False) for c in COLLECTIONS.values()],
    }
    return answer(request, document, "数据集 Collections")


@router.get("/collections/{collection}", response_model=None, summary="一个数据集 One collection")
def show_collection(
    request: Request, collection: str, session: PublicReading, district: District
) -> Response:
    """一个数据集的说明。Description of a collection."""
    known_only(request.query_params, ())
    found = collection_named(collection)
    return answer(
        request, described(request, session, found, district, True), f"{found.title.zh} {found.title.en}"
    )


def described(
    request: Request, session: Session, collection: Collection, district: DistrictSettings, alone: bool
) -> dict[str, Any]:
    """The description of a collection."""
    top, path = root(request), f"/collections/{collection.id}"
    own: list[Link] = (
        both(request, path) if alone else [link(f"{top}{path}", "self", JSON, collection.title.zh)]
    )
    box = features.extent(session, collection)
    document: dict[str, Any] = {
        "id": collection.id,
        "title": f"{collection.title.zh} {collection.title.en}",
        "description": f"{collection.description.zh}。{collection.description.en}. "
        "不带 datetime 时为系统基准日期有效者。Without datetime: in force on the site's date.",
        "itemType": "feature",
        "links": [
            *own,
            link(f"{top}{path}/items", "items", GEOJSON, f"{collection.title.zh}（GeoJSON）"),
            link(f"{top}{path}/items?f=html", "items", HTML, f"{collection.title.zh}（HTML）"),
        ],
        "extent": {
            **({"spatial": {"bbox": [list(box)], "crs": CRS84}} if box else {}),
            "temporal": {
                "interval": [[None, None]],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        },
        "crs": list(systems(district.zone)) if alone else ["#/crs"],
        "storageCrs": STORAGE_CRS,
    }
    if collection.tiles and collection.id in LAYERS:
        document["links"].append(link(f"{top}{path}/tiles", TILESETS, JSON, "矢量瓦片 Vector tiles"))
    return document
