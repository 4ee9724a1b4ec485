"""Files of the site: those of npm packages, and ours that are asked for by the mark of what they hold (`?v=`), are kept by
browsers for a year; anything else of ours is asked for again each time (and answered 304). Scripts and styles are
packed once, not at every request."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from maps.page import digest_of

#: What shrinks by packing and is small enough to be kept in memory: all of ours and of the packages'.
PACKED = {".js", ".mjs", ".css", ".svg", ".json"}
SMALLEST, LARGEST = 1024, 4_000_000


@lru_cache(maxsize=256)
def packed(path: str, modified_ns: int, size: int) -> bytes:
    """The file as gzip has it. modified_ns, size: so that a file that was changed is packed anew."""
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


class Static(StaticFiles):
    """The folder api/static."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = full = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and wants_packed(response, scope):
            response = await packed_response(response)
        for_ever = path.replace("\\", "/").startswith("vendor/") or marked(response, full, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if for_ever else "no-cache"
        return response


def marked(response: Response, file: Response, scope: Scope) -> bool:
    """Whether the address carries the mark of what this file holds now. A mark of another version is not kept, so that
    nobody holds old bytes under a new mark while servers are being renewed."""
    given = parse_qs(scope["query_string"].decode("latin-1")).get("v")
    if (
        not given
        or not isinstance(file, FileResponse)
        or file.stat_result is None
        or response.status_code != 200
    ):
        return False
    found = file.stat_result
    return given[0] in (
        f"{int(found.st_mtime):x}",
        digest_of(Path(file.path), found.st_size, found.st_mtime_ns),
    )


def wants_packed(response: FileResponse, scope: Scope) -> bool:
    """Whether this request gets the packed file: a whole one, of a kind that shrinks, by one who can unpack."""
    asked = Headers(scope=scope)
    return (
        scope["method"] == "GET"
        and response.status_code == 200
        and "range" not in asked
        and "gzip" in asked.get("accept-encoding", "")
        and Path(response.path).suffix in PACKED
        and response.stat_result is not None
        and SMALLEST <= response.stat_result.st_size <= LARGEST
    )


async def packed_response(file: FileResponse) -> Response:
    found = file.stat_result
    assert found is not None
    content = await run_in_threadpool(packed, str(file.path), found.st_mtime_ns, found.st_size)
    kept = {name: value for name, value in file.headers.items() if name in ("etag", "last-modified")}
    return Response(
        content,
        headers=kept | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
        media_type=file.media_type,
    )
