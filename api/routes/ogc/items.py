"""Features of a collection, page by page, and single ones."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import paging
from api.doors import District, PublicReading
from api.routes.ogc.documents import GEOJSON, answer, both, link, root, with_query
from api.routes.ogc.parameters import (
    NoSuchFeature,
    System,
    bad,
    boxes_of,
    collection_named,
    equal_of,
    known_only,
    limit_of,
    system_of,
    systems,
    times_of,
)
from api.sharing import base_of
from geo.settings import as_of
from geo.store.features import Asked, Collection, Row, features

router = APIRouter(prefix="/ogc", include_in_schema=False)


@router.get("/collections/{collection}/items", response_model=None, summary="要素 Features")
def items(request: Request, collection: str, session: PublicReading, district: District) -> Response:
    """一个数据集的要素。Features of a collection."""
    found = collection_named(collection)
    query = request.query_params
    filters = [name for name, prop in found.properties.items() if prop.filter]
    known_only(query, ("limit", "bbox", "bbox-crs", "datetime", "crs", "cursor", *filters))
    known = systems(district.zone)
    system = system_of(query, "crs", known)
    limit = limit_of(query)
    asked = Asked(
        times=times_of(query, as_of()),
        boxes=boxes_of(query, known),
        equal=equal_of(query, found),
        after=_after(query.get("cursor")),
        limit=limit,
        srid=system.srid,
        flip=system.north_first,
    )
    rows = features(session, found, asked)
    shown = rows[:limit]
    path = f"/collections/{found.id}/items"
    links = both(request, path, GEOJSON)
    if len(rows) > limit:
        cursor = paging.encode(f"{_mark(shown[-1]['key'])}@{shown[-1]['since']}")
        links.append(link(with_query(request, path, cursor=cursor), "next", GEOJSON, "下一页 Next page"))
    links.append(
        link(f"{root(request)}/collections/{found.id}", "collection", "application/json", found.title.zh)
    )
    document = {
        "type": "FeatureCollection",
        "links": links,
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberReturned": len(shown),
        "features": [feature(request, found, row) for row in shown],
    }
    return answer(request, document, f"{found.title.zh} {found.title.en}", kind=GEOJSON, headers=_crs(system))


@router.get(
    "/collections/{collection}/items/{feature_id}", response_model=None, summary="一个要素 One feature"
)
def item(
    request: Request, collection: str, feature_id: str, session: PublicReading, district: District
) -> Response:
    """一个要素。One feature."""
    found = collection_named(collection)
    query = request.query_params
    known_only(query, ("crs",))
    system = system_of(query, "crs", systems(district.zone))
    asked = Asked(
        times=(None, None), limit=1, srid=system.srid, flip=system.north_first, only=_only(found, feature_id)
    )
    rows = features(session, found, asked)
    if not rows:
        raise NoSuchFeature()
    path = f"/collections/{found.id}/items/{feature_id}"
    made = feature(request, found, rows[0])
    made["links"] = [
        *both(request, path, GEOJSON),
        link(f"{root(request)}/collections/{found.id}", "collection", "application/json", found.title.zh),
    ]
    return answer(
        request, made, str(made["properties"].get("name") or feature_id), kind=GEOJSON, headers=_crs(system)
    )


def feature(request: Request, collection: Collection, row: Row) -> dict[str, Any]:
    """A row as a GeoJSON feature."""
    own = f"{row['key']}@{row['since']}" if row["since"] else str(row["key"])
    properties: dict[str, Any] = {name: _plain(row[f"p_{name}"]) for name in collection.properties}
    properties |= {"valid_from": _plain(row["valid_from"]), "valid_to": _plain(row["valid_to"])}
    links = [link(f"{root(request)}/collections/{collection.id}/items/{own}", "self", GEOJSON, own)]
    if "place_id" in properties:
        properties["uri"] = f"{base_of(request)}/names/{row['key']}"
    return {
        "type": "Feature",
        "id": own,
        "geometry": None if row["shape"] is None else json.loads(row["shape"]),
        "properties": properties,
        "links": links,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _crs(system: System) -> dict[str, str]:
    return {"Content-Crs": f"<{system.uri}>"}


def _mark(key: Any) -> str:
    """A key in a cursor: numbers and texts are told apart."""
    return f"#{key}" if isinstance(key, int) else f"${key}"


def _after(cursor: str | None) -> tuple[Any, str] | None:
    if cursor is None:
        return None
    try:
        key, _, since = paging.decode(cursor, str, "").rpartition("@")
    except paging.BadCursor:
        key, since = "", ""
    if not re.fullmatch(r"#-?\d{1,18}|\$[^\0]+", key) or not re.fullmatch(r"|\d{4}-\d{2}-\d{2}", since):
        raise bad("cursor", "请用上一页的 next 链接", "follow the next link of the page before")
    return (int(key[1:]) if key[0] == "#" else key[1:]), since


def _only(collection: Collection, given: str) -> tuple[Any, date | None]:
    """Key and first day of a feature's id. Raises NoSuchFeature."""
    key, _, since = given.partition("@")
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        raise NoSuchFeature() from None
    if collection.key.endswith(("number", "id")) and collection.id != "markers_public":
        if not re.fullmatch(r"[0-9]{1,18}", key):
            raise NoSuchFeature()
        return int(key), day
    if not key or "\0" in key or len(key) > 100:
        raise NoSuchFeature()
    return key, day
