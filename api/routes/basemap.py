"""底图瓦片 /basemap/…: tiles of the configured basemap, fetched by the server. The token stays here, and the browser of a
visitor asks nobody else; where nothing is configured there is nothing."""

from __future__ import annotations

import asyncio
import io
import math
from collections import OrderedDict
from typing import Any

import httpx
import numpy as np
from fastapi import APIRouter, Request
from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from geo.basemap import LAST_ZOOM, Basemap, basemap
from geo.problems import NotFound, Unavailable
from geo.text import Text

router = APIRouter(include_in_schema=False)

SECONDS, MOST_BYTES, KEPT_BYTES, AT_ONCE = 6.0, 600_000, 32 * 2**20, 8
KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
CACHE = "public, max-age=86400"


class NoBasemap(NotFound):
    """There is no such tile, or no basemap at all."""

    code = "no-basemap"
    title = Text(
        "没有配置底图，或没有这个图层、级别", "No basemap is configured, or it has no such layer or zoom"
    )


class BasemapAway(Unavailable):
    """The basemap's server does not answer as it should. Its address stays out of the sentence: it holds the token."""

    code = "basemap-away"
    title = Text(
        "底图服务没有应答，地图仍可使用", "The basemap's server does not answer; the map works without it"
    )


class Kept:
    """Tiles in memory, the last used last."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self.most, self.bytes = most, 0
        self.tiles: OrderedDict[Any, bytes] = OrderedDict()

    def get(self, key: Any) -> bytes | None:
        if key in self.tiles:
            self.tiles.move_to_end(key)
        return self.tiles.get(key)

    def put(self, key: Any, tile: bytes) -> None:
        if key not in self.tiles:
            self.tiles[key] = tile
            self.bytes += len(tile)
        while self.bytes > self.most:
            self.bytes -= len(self.tiles.popitem(last=False)[1])


KEPT = Kept()


@router.get("/basemap/{layer}/{z:int}/{x:int}/{y:int}")
async def tile(request: Request, layer: str, z: int, x: int, y: int) -> Response:
    """One tile in Web Mercator. Raises NoBasemap, BasemapAway."""
    of = basemap()
    if of is None or layer not in of.layers or not 1 <= z <= LAST_ZOOM or not (x < 1 << z and y < 1 << z):
        raise NoBasemap()
    key = (of.template, of.matrix, layer, z, x, y)
    found = KEPT.get(key)
    if found is None:
        if of.matrix == "c":
            found = await from_degrees(of, layer, z, x, y)
        else:
            found = await fetched(of, layer, z, x, y)
        KEPT.put(key, found)
    return Response(found, media_type=kind_of(found), headers={"Cache-Control": CACHE})


def kind_of(content: bytes) -> str:
    """The media type of a picture. Raises BasemapAway where it is none: an error page must not pass for a tile."""
    for magic, kind in KINDS.items():
        if content.startswith(magic):
            return kind
    raise BasemapAway()


async def fetched(of: Basemap, layer: str, z: int, x: int, y: int) -> bytes:
    """A tile from the basemap's server, within seconds and bytes. Raises BasemapAway."""
    content = bytearray()
    try:
        async with (
            _turns(),
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client,
            client.stream("GET", of.address(layer, z, x, y)) as answer,
        ):
            if answer.status_code != 200:
                raise BasemapAway()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise BasemapAway()
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        # What httpx says holds the address, and the address holds the token.
        raise BasemapAway() from None
    kind_of(bytes(content))
    return bytes(content)


_TURNS: dict[Any, asyncio.Semaphore] = {}


def _turns() -> asyncio.Semaphore:
    """So many questions at once, of each event loop."""
    loop = asyncio.get_running_loop()
    return _TURNS.setdefault(loop, asyncio.Semaphore(AT_ONCE))


def rows_of(z: int, y: int) -> np.ndarray:
    """For each of the 256 pixel rows of a Web Mercator tile, the row of pixels in the scheme of degrees (天地图 c: the
    same columns, rows counted from 90° north)."""
    ys = (y + (np.arange(256) + 0.5) / 256) / 2**z
    latitudes = np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * ys))))
    return np.asarray(np.floor((90 - latitudes) / 360 * 2**z * 256).astype(int))


async def from_degrees(of: Basemap, layer: str, z: int, x: int, y: int) -> bytes:
    """A Web Mercator tile made of the one or two tiles of degrees that cover it."""
    rows = rows_of(z, y)
    numbers = sorted(set((rows // 256).tolist()))
    tiles = [await fetched(of, layer, z, x, number) for number in numbers]
    return await run_in_threadpool(_drawn, tiles, rows - numbers[0] * 256)


def _drawn(tiles: list[bytes], rows: np.ndarray) -> bytes:
    try:
        pixels = np.concatenate(
            [np.asarray(Image.open(io.BytesIO(t)).convert("RGBA").resize((256, 256))) for t in tiles]
        )
    except (OSError, ValueError, Image.DecompressionBombError):
        raise BasemapAway() from None
    out = io.BytesIO()
    Image.fromarray(pixels[rows]).save(out, "PNG")
    return out.getvalue()
