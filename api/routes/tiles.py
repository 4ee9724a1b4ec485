"""矢量瓦片 vector tiles of the published data. Anybody may read them; nothing of the request is kept.

`TileDoor` stands before everything else and answers ordinary requests; what is unusual (errors, other methods) comes to
`TileApp`, mounted before all routers. The route is there for the description and the table of permissions.
"""

from __future__ import annotations

import time
from datetime import date
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.log import Metrics
from api.security.map_fence import MapNotApproved
from api.security.settings import DoorSettings
from api.serving import READY, as_bytes
from geo.settings import as_of
from maps.tiles.cache import Address, Tile
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


class TileApp:
    """What is mounted at /tiles: whatever the door before it did not answer."""

    def __init__(self, tiles: Tiles, *, fenced: bool = False) -> None:
        self.tiles = tiles
        self.fenced = fenced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        scope["route"] = ROUTE
        try:
            if self.fenced:
                raise MapNotApproved()
            if scope["method"] not in ("GET", "HEAD"):
                refused = errors.answer(
                    Request(scope), 405, *errors.PLAIN[405], headers={"Allow": "GET, HEAD"}
                )
                await refused(scope, receive, send)
                return
            address, packs, known = asked(scope)
            made = await self.tiles.get(address, packs)
        except Exception as error:
            problem = errors.known(error)
            if problem is None:
                raise
            await errors.of_problem(Request(scope), problem)(scope, receive, send)
            return
        status, headers, body = answer(made, packs, known)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def asked(scope: Scope) -> tuple[Address, bool, str | None]:
    """The tile that a request asks for, whether it takes gzip, and its If-None-Match. Raises the problems of
    address_of."""
    query = scope["query_string"]
    packs, known = False, None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            packs = b"gzip" in value
        elif name == b"if-none-match":
            known = value.decode("latin-1")
    return named(scope["path"], query, None if query.startswith(b"at=") else as_of()), packs, known


@lru_cache(4096)
def named(path: str, query: bytes, today: date | None) -> Address:
    """The tile of an address as it was sent; today: what a query without a date means. Raises the problems of
    address_of."""
    try:
        _, _, layer, z, x, last = path.split("/")
    except ValueError:
        raise BadTile() from None
    y, _, ending = last.partition(".")
    if ending != "mvt":
        raise BadTile()
    at: str | None = None
    if query.startswith(b"at=") and len(query) == 13:
        at = query[3:].decode("latin-1")
    elif query:
        at = parse_qs(query.decode("latin-1"), keep_blank_values=True).get("at", [None])[-1]
    return address_of(layer, z, x, y, at, today or as_of())


class TileDoor:
    """Stands before everything else and answers what is an ordinary request for a tile, with headers that are
    always the same. It keeps no line of it in the log, only counts: a map asks for dozens at once, and where a
    visitor looks is nobody's business. Anything unusual goes the ordinary way, to `TileApp`."""

    def __init__(self, app: ASGIApp, tiles: Tiles, settings: DoorSettings, metrics: Metrics) -> None:
        self.app = app
        self.tiles = tiles
        self.hosts = settings.hosts
        self.fenced = settings.maps_fenced
        self.fixed = [*FENCES]
        if settings.https:
            self.fixed.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        self.counted = {
            status: metrics.requests.labels(metrics.process, "GET", PATH, str(status))
            for status in (200, 304)
        }
        self.seconds = metrics.seconds.labels(metrics.process, PATH)

    def named(self, scope: Scope) -> bool:
        """Whether the request names this site (see api.security.headers.HostFence)."""
        given = next((value for name, value in scope["headers"] if name == b"host"), b"")
        return given.rsplit(b":", 1)[0].decode("latin-1").lower().strip("[]") in (self.hosts or ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or not scope["path"].startswith("/tiles/")
            or scope["method"] != "GET"
            or self.fenced
            or (self.hosts is not None and not self.named(scope))
        ):
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        try:
            address, packs, known = asked(scope)
            made = self.tiles.at_hand(address)
            if made is None or (packs and made.packed is None):
                made = await self.tiles.get(address, packs)
        except Exception:
            await self.app(scope, receive, send)
            return
        heads = made.heads.get(packs)
        if heads is None:
            _, headers, _ = answer(made, packs, None)
            headers += self.fixed
            heads = made.heads[packs] = headers, as_bytes(headers)
        status, (headers, head) = 200, heads
        body = made.packed if packs and made.plain else made.plain
        if known is not None:
            status, headers, body = answer(made, packs, known)
            headers += self.fixed
        elif READY in scope.get("extensions", ()):
            await send({"type": READY, "status": 200, "headers": headers, "head": head, "body": body})
            self.count(200, begun)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self.count(status, begun)

    def count(self, status: int, begun: float) -> None:
        self.counted[status].inc()
        self.seconds.observe(time.perf_counter() - begun)


#: What api.security.headers gives every answer, for answers that hold neither page nor script.
FENCES = (
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
ROUTE: Any = next(r for r in router.routes if getattr(r, "path", None) == PATH)
