"""矢量瓦片 vector tiles of the published data. Anybody may read them; nothing of the request is kept.

`TileDoor` is mounted before all routers and answers without them, since a map asks for dozens of tiles at once;
the route below it is there for the description and the table of permissions.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import errors
from geo.problems import Problem
from geo.settings import as_of
from maps.tiles.cache import Tile
from maps.tiles.layers import LAYERS
from maps.tiles.serve import BadTile, NoSuchLayer, NoSuchTile, Tiles, address_of

router = APIRouter(tags=["tiles 瓦片"])

PATH = "/tiles/{layer}/{z}/{x}/{y}.mvt"
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
#: Browsers may show a tile for a minute without asking; then they ask, and are told in a word if nothing changed.
CACHE_CONTROL = b"public, max-age=60"

_FIXED = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", CACHE_CONTROL),
    (b"vary", b"Accept-Encoding"),
]


@router.get(
    PATH,
    summary="矢量瓦片 Vector tile (MVT)",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {}}, "description": "瓦片；无要素时为空 The tile; empty without features"},
        304: {"description": "未改变 Not modified (If-None-Match)"},
        **errors.problems(NoSuchLayer, NoSuchTile, BadTile),
    },
)  # fmt: skip
async def tile(
    request: Request,
    layer: Annotated[str, Path(description=" ".join(LAYERS), max_length=40)],
    z: Annotated[str, Path(description="0–18")],
    x: Annotated[str, Path()],
    y: Annotated[str, Path()],
    at: Annotated[str | None, Query(description="YYYY-MM-DD，缺省为系统的基准日期 the site's date by default")] = None,
) -> Response:  # fmt: skip
    """公开数据的矢量瓦片：字段见 docs/ogc.md。Vector tiles of the public data; fields in docs/ogc.md."""
    address = address_of(layer, z, x, y, at, as_of())
    return response(request, await request.app.state.tiles.get(address))


def response(request: Request, made: Tile) -> Response:
    """A tile as the framework's response, for other addresses of the same tiles."""
    packs = b"gzip" in dict(request.scope["headers"]).get(b"accept-encoding", b"")
    status, headers, body = answer(made, packs, request.headers.get("if-none-match"))
    given = Response(body, status_code=status)
    given.raw_headers = headers
    return given


def answer(made: Tile, packs: bool, known: str | None) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of a tile. packs: the client takes gzip; known: its If-None-Match."""
    headers = [*_FIXED, (b"etag", made.etag.encode())]
    if known is not None and (known.strip() == "*" or _bare(made.etag) in map(_bare, known.split(","))):
        return 304, headers, b""
    body = made.plain
    if packs and body:
        body = made.pack()
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    return 200, headers, body


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/")


class TileDoor:
    """What is mounted at /tiles: parses the address, answers from memory or waits for the tile."""

    def __init__(self, tiles: Tiles) -> None:
        self.tiles = tiles
        self._route: Any = next(r for r in router.routes if getattr(r, "path", None) == PATH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        scope["route"] = self._route
        try:
            if scope["method"] not in ("GET", "HEAD"):
                refused = errors.answer(
                    Request(scope), 405, *errors.PLAIN[405], headers={"Allow": "GET, HEAD"}
                )
                await refused(scope, receive, send)
                return
            _, _, layer, z, x, last = scope["path"].split("/")
            y, dot, ending = last.partition(".")
            if (dot, ending) != (".", "mvt"):
                raise BadTile()
            query = scope["query_string"]
            at = parse_qs(query.decode("latin-1")).get("at", [None])[-1] if query else None
            address = address_of(layer, z, x, y, at, as_of())
            packs, known = False, None
            for name, value in scope["headers"]:
                if name == b"accept-encoding":
                    packs = b"gzip" in value
                elif name == b"if-none-match":
                    known = value.decode("latin-1")
            made = self.tiles.at_hand(address)
            if made is None or (packs and made.packed is None):
                made = await self.tiles.get(address, packs)
        except Exception as error:
            problem = BadTile() if isinstance(error, ValueError) else errors.known(error)
            if not isinstance(problem, Problem):
                raise
            await errors.of_problem(Request(scope), problem)(scope, receive, send)
            return
        status, headers, body = answer(made, packs, known)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
