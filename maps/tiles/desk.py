"""Making tiles for the requests of one event loop (出瓦片的柜台): what waits at the same moment goes into one statement.

At deep zooms the way to the database and back costs more than the tile.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from maps.tiles import statements
from maps.tiles.cache import Address, Tile
from maps.tiles.line import Line

#: Tiles that one statement makes, at most.
BATCH = 8


class Desk:
    """The queue of a loop, and the lines that work on it."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        made: Callable[[Address, Tile], None],
        *,
        lines: int,
        seconds: float,
    ) -> None:
        """connect: opens a connection, called in a thread. made: told of every tile. lines: connections, at most.
        seconds: what a statement may take."""
        self.loop = asyncio.get_running_loop()
        self._connect = connect
        self._made = made
        self._most = lines
        self._seconds = seconds
        self._waiting: deque[Address] = deque()
        self._asked: dict[Address, list[asyncio.Future[Tile]]] = {}
        self._busy = 0
        self._idle: list[Line] = []
        self._lines: set[Line] = set()
        self._work: set[asyncio.Task[None]] = set()

    def ask(self, address: Address) -> asyncio.Future[Tile]:
        """The tile to come, made once however many ask for it; each has a future of its own to give up."""
        future = self.loop.create_future()
        asked = self._asked.get(address)
        if asked is not None:
            asked.append(future)
            return future
        self._asked[address] = [future]
        self._waiting.append(address)
        if len(self._work) < self._most:
            task = self.loop.create_task(self._serve())
            self._work.add(task)
            task.add_done_callback(self._work.discard)
        return future

    async def _serve(self) -> None:
        """Make what waits, a group at a time, until nothing waits."""
        line: Line | None = None
        try:
            while self._waiting:
                batch = self._take()
                self._busy += 1
                try:
                    if line is None or not line.open:
                        line = await self._line()
                    try:
                        tiles = await render(line, batch)
                    except psycopg.OperationalError:
                        if line.open:
                            raise
                        line = (
                            await self._line()
                        )  # the server was restarted meanwhile: once more on a new one
                        tiles = await render(line, batch)
                except BaseException as error:
                    self._fail(batch, error)
                    if not isinstance(error, Exception):
                        raise
                    continue
                finally:
                    self._busy -= 1
                for address, tile in zip(batch, tiles, strict=True):
                    self._made(address, tile)
                    for future in self._asked.pop(address):
                        if not future.done():
                            future.set_result(tile)
        finally:
            if line is not None and line.open:
                self._idle.append(line)

    def _take(self) -> list[Address]:
        """The first that waits and others of its group: all of them, where no other line is free to share."""
        share = min(BATCH, -(-len(self._waiting) // max(1, self._most - self._busy)))
        first = self._waiting.popleft()
        if share == 1:
            return [first]
        group, batch, rest = statements.group_of(first), [first], []
        while self._waiting and len(batch) < share:
            item = self._waiting.popleft()
            (batch if statements.group_of(item) == group else rest).append(item)
        self._waiting.extendleft(reversed(rest))
        return batch

    def _fail(self, batch: Sequence[Address], error: BaseException) -> None:
        said = error if isinstance(error, Exception) else psycopg.OperationalError("the site stops")
        for address in batch:
            for future in self._asked.pop(address):
                if not future.done():
                    future.set_exception(said)
                    future.exception()  # whoever asked may be gone

    async def _line(self) -> Line:
        while self._idle:
            line = self._idle.pop()
            if line.open:
                return line
        self._lines = {line for line in self._lines if line.open}
        line = Line(await self.loop.run_in_executor(None, self._connect), self._seconds)
        self._lines.add(line)
        return line

    def close(self) -> None:
        """Close the lines; the next request opens new ones. By the loop's thread, or when the loop is over."""
        while self._lines:
            self._lines.pop().close()
        self._idle.clear()


async def render(line: Line, addresses: Sequence[Address]) -> list[Tile]:
    """Tiles of one group, in order, none over MOST_BYTES."""
    made: list[Tile | None] = [Tile(b"", 1 << 62) if statements.empty(a) else None for a in addresses]
    left = [i for i, tile in enumerate(made) if tile is None]
    sql = statements.numbered(*statements.group_of(addresses[0]))
    most = statements.MOST_FEATURES
    while left:
        result = await line.ask(sql, _TYPES, statements.values([addresses[i] for i in left], most))
        for row in range(result.ntuples):
            plain = result.get_value(row, 2)
            if len(plain) <= statements.MOST_BYTES or most <= 1:
                number = int.from_bytes(result.get_value(row, 0), "big")
                seen = int.from_bytes(result.get_value(row, 1) or b"", "big")
                made[left[number - 1]] = Tile(plain, seen)
        left = [i for i in left if made[i] is None]
        most //= 2
    return [tile for tile in made if tile is not None]


_TYPES = list(statements.PARAMETERS.values())
