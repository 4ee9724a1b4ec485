"""Making tiles (出瓦片): addresses in, bytes out, from the published tables by the public's role alone.

Requests that wait at the same moment are made by one statement: at deep zooms the way to the database and back
costs more than the tile.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock, local
from typing import Any

import psycopg

from geo.problems import BadInput, NotFound
from geo.store import engine
from geo.text import Text
from maps.tiles.cache import Address, Cache, Change, Tile
from maps.tiles.layers import LAST_ZOOM, LAYERS

HERE = Path(__file__).resolve().parent

#: Last zooms of the stretches that areas and lines are generalised for (r0008_map.sql).
STRETCHES = (5, 7, 9, 12, 18)
#: (last zoom, condition): which index of names serves a zoom.
RANKS = (
    (8, "n.rank <= 8 and n.rank <= w.z"),
    (10, "n.rank <= 10 and n.rank <= w.z"),
    (12, "n.rank <= 12 and n.rank <= w.z"),
    (LAST_ZOOM, "n.rank <= w.z"),
)
#: Bytes that no tile exceeds; features are left out from the least important on until it fits.
MOST_BYTES = 500_000
MOST_FEATURES = 6_000
#: Tiles that one statement makes, at most.
BATCH = 8
#: Milliseconds that a statement may take.
TIMEOUT_MS = 8_000
#: Seconds after which a thread lets another run.
SWITCH_SECONDS = 0.0005
#: More changes than this at once, and all kept tiles are looked upon as old.
MOST_CHANGES = 5_000


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


def group_of(address: Address) -> tuple[str, int]:
    """Addresses of one group are made by one statement: the layer, and the stretch that its zoom lies in."""
    ends = STRETCHES if address.layer in ("townships", "boundary_lines") else [last for last, _ in RANKS]
    return address.layer, next(last for last in ends if address.z <= last)


@cache
def statement(layer: str, last: int) -> str:
    """The SQL of a group: the layer's file, with the two constants that choose its index."""
    text = (HERE / f"{layer}.sql").read_text(encoding="utf-8")
    return text.replace("{last}", str(int(last))).replace("{rank}", dict(RANKS).get(last, RANKS[-1][1]))


def render(connection: psycopg.Connection[Any], addresses: Sequence[Address]) -> list[Tile]:
    """Tiles of one group, in order, none over MOST_BYTES."""
    layer, last = group_of(addresses[0])
    made: list[Tile | None] = [None] * len(addresses)
    most = MOST_FEATURES
    left = [i for i, a in enumerate(addresses) if a.z >= LAYERS[layer].first_zoom]
    empty = [i for i in range(len(addresses)) if i not in left]
    while left:
        some = [addresses[i] for i in left]
        rows = connection.execute(
            statement(layer, last),
            {
                "z": [a.z for a in some],
                "x": [a.x for a in some],
                "y": [a.y for a in some],
                "at": [a.at for a in some],
                "most": [most] * len(some),
            },
            binary=True,
        ).fetchall()
        for number, seen, plain in rows:
            if len(plain) <= MOST_BYTES or most <= 1:
                made[left[number - 1]] = Tile(bytes(plain), seen or 0)
        left = [i for i in left if made[i] is None]
        most //= 2
    for i in empty:
        made[i] = Tile(b"", 1 << 62)
    return [tile for tile in made if tile is not None]


CHANGES = """
    select s.number, c.collection, c.villages, c.rank, c.x0, c.y0, c.x1, c.y1
    from published.change_set s join published.change c on c.set_id = s.id
    where s.number > %(after)s order by s.number limit %(most)s"""
NEWEST = "select coalesce(max(number), 0) from published.change_set"


def changes_after(connection: psycopg.Connection[Any], after: int) -> list[Change] | None:
    """What was changed after a change set; None where it was too much to tell."""
    rows = connection.execute(CHANGES, {"after": after, "most": MOST_CHANGES + 1}).fetchall()
    if len(rows) > MOST_CHANGES:
        return None
    return [
        Change(number, (layer, "villages") if villages else (layer,), rank, None if x0 is None else (x0, y0, x1, y1))
        for number, layer, villages, rank, x0, y0, x1, y1 in rows
    ]  # fmt: skip


def connect() -> psycopg.Connection[Any]:
    """A connection of the public's role, each statement a transaction of its own, all of them bounded."""
    address, taken = engine.login_url(engine.database_url(), "public")
    made = psycopg.connect(
        engine.libpq(address),
        autocommit=True,
        connect_timeout=10,
        application_name="yudi tiles",
        prepare_threshold=1,
        options=f"-c statement_timeout={TIMEOUT_MS} -c timezone=UTC -c jit=off -c default_transaction_read_only=on",
    )
    if taken:
        made.execute(f"set role {taken}")
    _OPEN.append(made)
    return made


#: Connections of this process. Closed with all others of it; a thread whose connection is closed makes a new one.
_OPEN: list[psycopg.Connection[Any]] = []


def close_connections() -> None:
    """Close the connections that tiles are made with."""
    while _OPEN:
        _OPEN.pop().close()


engine.ON_CLOSE.append(close_connections)


def cache_bytes() -> int:
    """Bytes of tiles that a process keeps (`YUDI_TILE_CACHE_MB`, default 64)."""
    return int(float(os.environ.get("YUDI_TILE_CACHE_MB", "64")) * 2**20)


class Tiles:
    """The tiles of a process: from memory where that is of today, else made, each once however many ask.

    check_seconds: how long what is in memory may be taken for today's without asking the database.
    """

    def __init__(self, *, check_seconds: float = 1.0, threads: int | None = None) -> None:
        self.cache = Cache(cache_bytes())
        self.check_seconds = check_seconds
        self.threads = threads or max(2, min(4, os.cpu_count() or 2))
        self.made = 0
        self._checked = float("-inf")
        self._touches = 0
        self._url = ""
        self._pool: ThreadPoolExecutor | None = None
        self._own = local()
        self._lock = Lock()
        self._waiting: deque[tuple[Address, Future[Tile]]] = deque()
        self._asked: dict[Address, Future[Tile]] = {}
        self._busy = 0
        self._checking: Future[None] | None = None

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
            await asyncio.wrap_future(self._check())
        tile = self.cache.get(address)
        if tile is None:
            tile = await asyncio.wrap_future(self._ask(address))
        if packed and tile.packed is None:
            tile.pack()
        return tile

    def _check(self) -> Future[None]:
        with self._lock:
            if self._checking is None:
                self._checking = self._threads().submit(self._look)
            return self._checking

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            # A thread that comes back from the database waits for the one that answers, five milliseconds by
            # default: longer than a tile takes.
            sys.setswitchinterval(SWITCH_SECONDS)
            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="tiles")
        return self._pool

    def _look(self) -> None:
        try:
            begun, touches = time.monotonic(), self._touches
            connection = self._connection()
            if self._url != (url := str(engine.database_url())):
                self._url, self.cache = url, Cache(self.cache.most_bytes)
            if self.cache.seen < 0:
                row = connection.execute(NEWEST).fetchone()
                self.cache.clear(row[0] if row else 0)
            else:
                changes = changes_after(connection, self.cache.seen)
                if changes is None:
                    row = connection.execute(NEWEST).fetchone()
                    self.cache.clear(row[0] if row else 0)
                elif changes:
                    self.cache.apply(changes, changes[-1].number)
            if touches == self._touches:
                self._checked = begun
        finally:
            with self._lock:
                self._checking = None

    def _ask(self, address: Address) -> Future[Tile]:
        with self._lock:
            asked = self._asked.get(address)
            if asked is not None:
                return asked
            asked = self._asked[address] = Future()
            self._waiting.append((address, asked))
            if self._busy < self.threads:
                self._busy += 1
                self._threads().submit(self._work)
        return asked

    def _work(self) -> None:
        """Make what waits, a group at a time, until nothing waits."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy -= 1
                    return
                share = min(BATCH, -(-len(self._waiting) // self.threads))
                batch = [self._waiting.popleft()]
                group = group_of(batch[0][0])
                rest: list[tuple[Address, Future[Tile]]] = []
                while self._waiting and len(batch) < share:
                    item = self._waiting.popleft()
                    (batch if group_of(item[0]) == group else rest).append(item)
                self._waiting.extendleft(reversed(rest))
            try:
                tiles = self._render([address for address, _ in batch])
            except BaseException as error:
                for address, future in batch:
                    self._asked.pop(address, None)
                    future.set_exception(error)
                continue
            for (address, future), tile in zip(batch, tiles, strict=True):
                self.cache.put(address, tile)
                self._asked.pop(address, None)
                future.set_result(tile)

    def _render(self, addresses: Sequence[Address]) -> list[Tile]:
        self.made += len(addresses)
        try:
            return render(self._connection(), addresses)
        except psycopg.OperationalError as error:
            if isinstance(error, psycopg.errors.QueryCanceled):
                raise
            self._connection().close()  # the server was restarted meanwhile: once more on a new one
            return render(self._connection(), addresses)

    def _connection(self) -> psycopg.Connection[Any]:
        url = str(engine.database_url())
        held: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if held is None or held.closed or self._own.url != url:
            if held is not None:
                held.close()
                _OPEN[:] = [c for c in _OPEN if c is not held]
            self._own.connection = held = connect()
            self._own.url = url
        return held

    def close(self) -> None:
        """Let the threads and their connections go; the next request makes new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)
