"""地名下载 the public part of the register as files, and single places in Linked Places format.

A file is made when it is first asked for after a change of the register (api/name_files.py), and answered with an ETag,
so that who has it already gets 304.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Path as Part
from starlette.responses import FileResponse, JSONResponse, Response

from api import name_files
from api.doors import At, PublicReading, public_of, take_turn
from api.errors import problems
from api.sharing import about_of, linked_places
from geo.names import linked_places as lpf
from geo.names.linked_places import About
from geo.problems import TooMany
from geo.store import name_export, name_history
from geo.store.names import NoSuchName

router = APIRouter(tags=["place names 地名"])

Kind = Literal["csv", "geojson", "gpkg", "lpf.json"]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "lpf.json": lpf.MEDIA_TYPE,
}

#: Files that one address may have made: at once, and in a minute after that. Those that are there cost nothing.
BURST, PER_MINUTE = 24, 4.0


@router.get(
    "/api/v1/place-names/download.{kind}",
    summary="批量下载 The public register as a file",
    response_class=FileResponse,
    responses=problems(TooMany, name_files.BeingMade),
)
def download(request: Request, kind: Kind, at: At) -> Response:
    """某日有效的公开地名；Linked Places 含各时期。Public names in force on a date; Linked Places of all times."""
    about = about_of(request, at)
    # No connection is held while a file is made for somebody else, or sent.
    opens = partial(public_of, request)
    with opens() as session:
        mark = name_export.fingerprint(session)
    tag = f'"{mark}-{at:%Y%m%d}-{kind}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=300", "X-Attribution": _ascii(about)}
    given = request.headers.get("if-none-match", "")
    if tag in {t.strip().removeprefix("W/") for t in given.split(",")}:
        return Response(status_code=304, headers=headers)
    if not name_files.place(kind, about, mark).is_file():
        take_turn(request, "download", burst=BURST, per_minute=PER_MINUTE)
    path = name_files.made(opens, kind, about, mark)
    name = f"place-names-{at:%Y%m%d}.{kind}"
    return FileResponse(path, media_type=MEDIA[kind], filename=name, headers=headers)


def _ascii(about: About) -> str:
    """The attribution for a header, which holds ASCII only."""
    return f"Yudi place-name register, {about.base}, {about.at.isoformat()}"


@router.get(
    "/api/v1/place-names/{number}.lpf.json",
    summary="一个地方（Linked Places） One place in Linked Places format",
    response_model=None,
    responses=problems(NoSuchName),
)
def one(
    request: Request, number: Annotated[int, Part(ge=1, lt=2**63)], session: PublicReading, at: At
) -> JSONResponse:
    """该地名所属的地方，含其全部名称。The place of this name with all its names."""
    found = name_history.place_at(session, name_history.place_of(session, number), at)
    feature = linked_places(found["versions"], found["successions"], about_of(request, at))
    return JSONResponse(lpf.collection([feature]), media_type=lpf.MEDIA_TYPE)
