"""Serving tiles (出瓦片): addresses in, bytes out, from the published tables by the public's role alone."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from threading import Lock
from typing import Any
from weakref import WeakSet

import psycopg

from geo.problems import BadInput, NotFound
from geo.store import engine
from geo.text import Text
from maps.tiles.cache import Address, Cache, Tile
from maps.tiles.desk import Desk
from maps.tiles.layers import LAST_ZOOM, LAYERS
from maps.tiles.statements import changes_after, newest

#: Seconds that a statement may take.
SECONDS = 8
#: Connections that a process makes tiles with.
LINES = 2


class NoSuchLayer(NotFound):
    """There is no tile layer of this name."""

    code = "no-such-layer"
    title = Text(
        "没有名为“{layer}”的瓦片图层，可用：{known}", "There is no tile layer “{layer}”; use one of: {known}"
    )


class NoSuchTile(NotFound):
    """The tile lies outside the map."""

    code = "no-such-tile"
    title = Text(
        "瓦片编号超出范围：z 为 0 至 {last}，x、y 为 0 至 2^z-1",
        "The tile number is out of range: z from 0 to {last}, x and y from 0 to 2^z-1",
    )


class BadTile(BadInput):
    """The address of the tile is not of numbers, or its date is none."""

    code = "bad-tile"
    title = Text(
        "瓦片地址应为 /tiles/图层/z/x/y.mvt，均为整数；日期写作 ?at=2024-12-31",
        "A tile's address is /tiles/layer/z/x/y.mvt with whole numbers, and a date ?at=2024-12-31",
    )


def address_of(layer: str, z: str, x: str, y: str, at: str | None, today: date) -> Address:
    """The address that a request names. Raises NoSuchLayer, BadTile, NoSuchTile."""
    if layer not in LAYERS:
        raise NoSuchLayer(layer=layer[:40], known=" ".join(LAYERS))
    try:
        if not all(part.isascii() and part.isdigit() and len(part) < 8 for part in (z, x, y)):
            raise ValueError
        day = date.fromisoformat(at) if at is not None else today
        if at is not None and len(at) != 10:
            raise ValueError
    except ValueError:
        raise BadTile() from None
    return checked(layer, int(z), int(x), int(y), day)


def checked(layer: str, z: int, x: int, y: int, at: date) -> Address:
    """The address, if it lies on the map. Raises NoSuchTile."""
    if not 0 <= z <= LAST_ZOOM or not 0 <= x < 1 << z or not 0 <= y < 1 << z:
        raise NoSuchTile(last=LAST_ZOOM)
    return Address(layer, z, x, y, at)


def connect() -> psycopg.Connection[Any]:
    """A connection of the public's role, each statement a transaction of its own, all of them bounded."""
    address, taken = engine.login_url(engine.database_url(), "public")
    made = psycopg.connect(
        engine.libpq(address),
        autocommit=True,
        connect_timeout=10,
        application_name="yudi tiles",
        options=f"-c statement_timeout={int(SECONDS * 1000)} -c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan"
        " -c default_transaction_read_only=on",
    )
    if taken:
        made.execute(f"set role {taken}")
    return made


def cache_bytes() -> int:
    """Bytes of tiles that a process keeps (`YUDI_TILE_CACHE_MB`, default 64)."""
    return int(float(os.environ.get("YUDI_TILE_CACHE_MB", "64")) * 2**20)


class Tiles:
    """The tiles of a process: from memory where that is of today, else made, each once however many ask.

    check_seconds: how long what is in memory may be taken for today's without asking the database.
    """

    def __init__(self, *, check_seconds: float = 1.0, lines: int = LINES) -> None:
        self.cache = Cache(cache_bytes())
        self.check_seconds = check_seconds
        self.lines = lines
        self.made = 0
        self._checked = float("-inf")
        self._touches = 0
        self._url = ""
        self._desks: dict[asyncio.AbstractEventLoop, Desk] = {}
        self._lock = Lock()
        self._checking: Future[None] | None = None
        self._looker: ThreadPoolExecutor | None = None
        self._connection: psycopg.Connection[Any] | None = None
        _ALL.add(self)

    def touched(self) -> None:
        """Ask the database at the next request: something may have been published by this process."""
        self._touches += 1
        self._checked = float("-inf")

    def at_hand(self, address: Address) -> Tile | None:
        """The tile, if it is in memory and of today."""
        if time.monotonic() - self._checked > self.check_seconds:
            return None
        return self.cache.get(address)

    async def get(self, address: Address, packed: bool = False) -> Tile:
        """The tile. packed: ready as gzip too. Raises what the database raises."""
        if time.monotonic() - self._checked > self.check_seconds:
            await asyncio.shield(asyncio.wrap_future(self._check()))
        tile = self.cache.get(address)
        if tile is None:
            tile = await self._desk().ask(address)
        if packed and tile.packed is None:
            tile.pack()
        return tile

    def _desk(self) -> Desk:
        loop = asyncio.get_running_loop()
        desk = self._desks.get(loop)
        if desk is None:
            for old in [held for held in self._desks if held.is_closed()]:
                self._desks.pop(old).close()
            desk = self._desks[loop] = Desk(connect, self._keep, lines=self.lines, seconds=SECONDS)
        return desk

    def _keep(self, address: Address, tile: Tile) -> None:
        self.made += 1
        self.cache.put(address, tile)

    def _check(self) -> Future[None]:
        with self._lock:
            if self._checking is None:
                if self._looker is None:
                    self._looker = ThreadPoolExecutor(1, thread_name_prefix="tiles")
                self._checking = self._looker.submit(self._look)
            return self._checking

    def _look(self) -> None:
        try:
            begun, touches = time.monotonic(), self._touches
            if self._url != (url := str(engine.database_url())):
                self._let_go()
                self._url, self.cache = url, Cache(self.cache.most_bytes)
            for again in (True, False):
                if self._connection is None or self._connection.closed:
                    self._connection = connect()
                try:
                    self._learn(self._connection)
                    break
                except psycopg.OperationalError:
                    self._connection.close()  # the server was restarted meanwhile
                    if not again:
                        raise
            if touches == self._touches:
                self._checked = begun
        finally:
            with self._lock:
                self._checking = None

    def _learn(self, connection: psycopg.Connection[Any]) -> None:
        """Forget what was changed since the last time."""
        changes = None if self.cache.seen < 0 else changes_after(connection, self.cache.seen)
        if changes is None:
            self.cache.clear(newest(connection))
        elif changes:
            self.cache.apply(changes, changes[-1].number)

    def _let_go(self) -> None:
        """Close every connection: at once where nobody reads it, else by the loop that does."""
        for loop, desk in list(self._desks.items()):
            if loop.is_running() and loop is not _running():
                closed: Future[None] = Future()
                loop.call_soon_threadsafe(_closing(desk, closed))
                closed.result(SECONDS)
            else:
                desk.close()
        if self._connection is not None:
            self._connection.close()

    def close(self) -> None:
        """Let the threads and connections go; the next request makes new ones."""
        with self._lock:
            looker, self._looker = self._looker, None
        if looker is not None:
            looker.shutdown(wait=True)
        self._let_go()


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _closing(desk: Desk, closed: Future[None]) -> Any:
    def close() -> None:
        desk.close()
        closed.set_result(None)

    return close


#: Whose connections are closed with all others of the process.
_ALL: WeakSet[Tiles] = WeakSet()


def close_connections() -> None:
    """Close the connections that tiles are made with; the next request makes new ones."""
    for tiles in list(_ALL):
        tiles._let_go()


engine.ON_CLOSE.append(close_connections)
