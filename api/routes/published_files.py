"""批量下载 the published collections as files: townships, settled lines, markers, protected names, facilities.

The register of names has downloads of its own (name_exports.py).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi import Path as Part
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.doors import At, PublicReading
from api.errors import problems
from api.sharing import about_of
from geo.problems import NotFound
from geo.store.features import COLLECTIONS, Asked, Collection, Row, features
from geo.text import Text, cell

router = APIRouter(tags=["downloads 下载"])

Kind = Literal["csv", "geojson", "gpkg"]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
OFFERED = {name: c for name, c in COLLECTIONS.items() if c.names is None}
PAGE = 1000


class NoSuchFile(NotFound):
    """There is no file of such a collection."""

    code = "no-such-file"
    title = Text(
        "没有“{collection}”的下载文件，可用：{known}；地名见 /api/v1/place-names/download.csv",
        "There is no file of “{collection}”; use one of: {known}; names are at /api/v1/place-names/download.csv",
    )


@router.get(
    "/api/v1/published/{collection}.{kind}",
    summary="公开数据文件 A published collection as a file",
    response_class=Response,
    responses=problems(NoSuchFile),
)
def download(
    request: Request,
    collection: Annotated[str, Part(max_length=40, description=" ".join(OFFERED))],
    kind: Kind,
    session: PublicReading,
    at: At,
) -> Response:
    """某日有效的全部要素，EPSG:4490。All features in force on a date, EPSG:4490."""
    found = OFFERED.get(collection)
    if found is None:
        raise NoSuchFile(collection=collection, known=" ".join(OFFERED))
    rows = list(every(session, found, at))
    body = WRITERS[kind](found, rows, about_of(request, at).attribution, at)
    # A GeoPackage holds the time of its writing, so the tag follows from the rows.
    said = json.dumps(rows, default=str, sort_keys=True).encode()
    tag = f'W/"{hashlib.blake2b(said, digest_size=12).hexdigest()}-{at:%Y%m%d}-{kind}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=300"}
    if tag in {t.strip() for t in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{collection}-{at:%Y%m%d}.{kind}"'
    return Response(body, media_type=MEDIA[kind], headers=headers)


def every(session: Session, collection: Collection, at: date) -> Iterator[Row]:
    """All features of a collection in force on a date, page by page."""
    after: tuple[Any, str] | None = None
    while True:
        rows = features(session, collection, Asked(times=(at, at), limit=PAGE, after=after))
        yield from rows[:PAGE]
        if len(rows) <= PAGE:
            return
        after = (rows[PAGE - 1]["key"], rows[PAGE - 1]["since"])


def facts(collection: Collection, row: Row) -> dict[str, Any]:
    """The properties of a row, dates as text."""
    given = {name: row[f"p_{name}"] for name in collection.properties}
    given |= {"valid_from": row["valid_from"], "valid_to": row["valid_to"]}
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in given.items()}


def as_csv(collection: Collection, rows: list[Row], attribution: str, at: date) -> bytes:
    """CSV in UTF-8 with a mark, so that Excel reads it; the geometry as WKT."""
    import shapely

    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*collection.properties, "valid_from", "valid_to", "wkt"])
    for row in rows:
        shape = None if row["shape"] is None else shapely.from_geojson(row["shape"])
        given = ["" if v is None else cell(v) for v in facts(collection, row).values()]
        writer.writerow([*given, "" if shape is None else shapely.to_wkt(shape, rounding_precision=7)])
    return out.getvalue().encode()


def as_geojson(collection: Collection, rows: list[Row], attribution: str, at: date) -> bytes:
    """GeoJSON with the line of attribution beside the features."""
    listed = [
        {
            "type": "Feature",
            "id": f"{row['key']}@{row['since']}" if row["since"] else str(row["key"]),
            "geometry": None if row["shape"] is None else json.loads(row["shape"]),
            "properties": facts(collection, row),
        }
        for row in rows
    ]
    made = {
        "type": "FeatureCollection",
        "attribution": attribution,
        "date": at.isoformat(),
        "features": listed,
    }
    return json.dumps(made, ensure_ascii=False).encode()


def as_geopackage(collection: Collection, rows: list[Row], attribution: str, at: date) -> bytes:
    """GeoPackage with one layer, named as the collection."""
    import geopandas
    import shapely

    shapes = [None if row["shape"] is None else shapely.from_geojson(row["shape"]) for row in rows]
    columns = [*collection.properties, "valid_from", "valid_to"]
    frame = geopandas.GeoDataFrame(
        [facts(collection, row) for row in rows], columns=columns, geometry=shapes, crs=4490
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.gpkg"
        kind = None if rows else "Unknown"
        frame.to_file(
            path,
            layer=collection.id,
            driver="GPKG",
            engine="pyogrio",
            **({"geometry_type": kind} if kind else {}),
        )
        return path.read_bytes()


WRITERS = {"csv": as_csv, "geojson": as_geojson, "gpkg": as_geopackage}
