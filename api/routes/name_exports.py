"""地名下载 the public part of the register as files, and single places in Linked Places format.

A file is made when it is first asked for after a change of the register, kept on disk under its fingerprint, and
answered with an ETag, so that who has it already gets 304.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi import Path as Part
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, JSONResponse, Response

from api.doors import At, PublicReading
from api.errors import problems
from api.sharing import about_of, linked_places
from geo.names import linked_places as lpf
from geo.names.linked_places import About
from geo.settings import ROOT
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

# Changes with every version that is published or closed: name_form has one row for each form in force.
FINGERPRINT = (
    "select coalesce(max(version_id), 0), count(*), coalesce(sum(version_id), 0) from published.name_form"
)


@router.get(
    "/api/v1/place-names/download.{kind}",
    summary="批量下载 The public register as a file",
    response_class=FileResponse,
)
def download(request: Request, kind: Kind, session: PublicReading, at: At) -> Response:
    """某日有效的公开地名；Linked Places 含各时期。Public names in force on a date; Linked Places of all times."""
    about = about_of(request, at)
    mark = "-".join(str(v) for v in session.execute(text(FINGERPRINT)).one())
    tag = f'"{mark}-{at:%Y%m%d}-{kind}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=300", "X-Attribution": _ascii(about)}
    given = request.headers.get("if-none-match", "")
    if tag in {t.strip().removeprefix("W/") for t in given.split(",")}:
        return Response(status_code=304, headers=headers)
    path = made(session, kind, about, mark)
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


def room() -> Path:
    """var/downloads."""
    return Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "downloads"


def made(session: Session, kind: str, about: About, mark: str) -> Path:
    """The file of this state of the register, made where it is not there; older states are taken away."""
    folder = room()
    folder.mkdir(parents=True, exist_ok=True)
    # Addresses stand inside two of the formats, so a file is of one site.
    site = f"{abs(hash_of(about.base)):08x}"
    path = folder / f"{about.at:%Y%m%d}-{mark}-{site}.{kind}"
    if path.is_file():
        return path
    with one_at_a_time(folder / f"{kind}.lock"):
        if path.is_file():
            return path
        session.execute(text("set local statement_timeout = '300s'"))
        with tempfile.TemporaryDirectory(dir=folder) as making:
            fresh = Path(making) / f"names.{kind}"
            write(session, fresh, kind, about)
            fresh.replace(path)
        for old in folder.glob(f"*.{kind}"):
            if f"-{mark}-" not in old.name:
                old.unlink(missing_ok=True)
    return path


def hash_of(given: str) -> int:
    """A number for a text, the same in every process."""
    import zlib

    return zlib.crc32(given.encode())


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Who asks for the same file meanwhile waits for it instead of making it too."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def write(session: Session, out: Path, kind: str, about: About) -> int:
    """Write the public register in a format; how many names, or places for Linked Places."""
    if kind == "lpf.json":
        return write_linked_places(session, out, about)
    rows = name_export.rows(session, public=True, at=about.at)
    if kind == "geojson":
        return _geojson(rows, out, about)
    return name_export.write(rows, out)


def write_linked_places(session: Session, out: Path, about: About) -> int:
    """The whole public register in Linked Places format, streamed; how many places."""
    counted = 0

    def features() -> Iterator[str]:
        nonlocal counted
        for versions, links in name_history.every_place(session):
            counted += 1
            yield json.dumps(linked_places(list(versions), links, about), ensure_ascii=False)

    with out.open("w", encoding="utf-8") as file:
        file.writelines(lpf.stream(features()))
    return counted


def _geojson(rows: Iterator[dict[str, Any]], out: Path, about: About) -> int:
    """GeoJSON, streamed, with the line of attribution beside the features."""
    import shapely

    head = {"type": "FeatureCollection", "attribution": about.attribution, "date": about.at.isoformat()}
    counted = 0
    with out.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n')
        for row in rows:
            cells = {
                k: v for k, v in name_export.cells(row).items() if k not in ("lon", "lat", "geometry") and v
            }
            shape = None if row["wkb"] is None else shapely.from_wkb(bytes(row["wkb"]))
            feature = {
                "type": "Feature",
                "id": row["number"],
                "geometry": None if shape is None else shapely.geometry.mapping(shape),
                "properties": {**cells, "uri": about.place(row["place_id"]), "demo": bool(row["demo"])},
            }
            file.write((",\n" if counted else "") + json.dumps(feature, ensure_ascii=False))
            counted += 1
        file.write("\n]}\n")
    return counted


def on_date(at: date | None, base: str, district: str) -> About:
    """What a file made at the command line says of itself."""
    from api.sharing import attribution
    from geo.settings import as_of

    day = at or as_of()
    return About(base.rstrip("/"), day, attribution(district, day))
