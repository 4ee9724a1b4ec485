"""A line to the database (数据库连线) that an event loop reads by itself: no thread waits for the answer.

A thread that comes back from the database waits for the interpreter, longer than a tile takes; a driver that makes Python
objects of an answer takes longer than the loop. So the loop watches libpq's socket and takes the bytes as they come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus

#: Seconds beyond the statement's own limit after which a silent database is given up.
GRACE = 5.0


class Line:
    """One connection, one question at a time. It belongs to the loop that made it."""

    def __init__(self, connection: psycopg.Connection[Any], seconds: float) -> None:
        """connection: open, in autocommit; nobody else may use it. seconds: its statements' limit."""
        self.connection = connection
        self.seconds = seconds
        self.loop = asyncio.get_running_loop()
        self._pg = connection.pgconn
        self._socket = self._pg.socket
        self._prepared: dict[str, bytes] = {}
        self._answer: asyncio.Future[Any] | None = None
        self._last: Any = None
        self.open = True
        self.loop.add_reader(self._socket, self._read)

    async def ask(self, statement: str, types: Sequence[int], values: Sequence[bytes]) -> Any:
        """The result of a statement with $1, $2 …, in binary. Raises what psycopg raises; a line that broke is
        not `open` any more."""
        name = self._prepared.get(statement)
        if name is None:
            name = b"t%d" % len(self._prepared)
            await self._asked(self._pg.send_prepare, name, statement.encode(), types)
            self._prepared[statement] = name
        return await self._asked(self._pg.send_query_prepared, name, values, None, 1)

    async def _asked(self, send: Any, *arguments: Any) -> Any:
        if not self.open:
            raise psycopg.OperationalError("the connection is closed")
        answer = self._answer = self.loop.create_future()
        patience = self.loop.call_later(self.seconds + GRACE, self.close)
        try:
            send(*arguments)
            return await answer
        except (psycopg.OperationalError, asyncio.CancelledError) as error:
            if not isinstance(error, errors.QueryCanceled):
                self.close()
            raise
        finally:
            patience.cancel()
            self._answer = None

    def _read(self) -> None:
        pg, answer = self._pg, self._answer
        try:
            pg.consume_input()
            while not pg.is_busy():
                result = pg.get_result()
                if result is not None:
                    self._last = result
                    continue
                last, self._last = self._last, None
                if last is None or answer is None or answer.done():
                    return
                if last.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
                    answer.set_result(last)
                else:
                    answer.set_exception(errors.error_from_result(last))
                return
        except psycopg.Error:
            self.close()

    def close(self) -> None:
        """To be called by the loop's thread, or when the loop is over."""
        if not self.open:
            return
        self.open = False
        if not self.loop.is_closed():
            self.loop.remove_reader(self._socket)
        self.connection.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(psycopg.OperationalError("the database does not answer"))
