"""News (消息): who waits for a submission's inspection hears of it, by PostgreSQL's LISTEN and NOTIFY.

What a transaction tells is heard when it has committed, and not at all where it has not.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from threading import Event, Lock, Thread, current_thread
from uuid import UUID

import psycopg
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from geo.store.engine import libpq

CHANNEL = "yudi_submission"
#: Seconds without anybody who waits, after which a listener closes its connection.
IDLE = 300.0
#: Seconds until a listener that lost the database tries again, and between two looks whether it is to end.
AGAIN, TURN = 1.0, 1.0

log = logging.getLogger("yudi.news")


def tell(session: Session, submission: UUID) -> None:
    """Let those hear who wait for this submission, once the transaction has committed."""
    session.execute(text("select pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(submission)})


class Listener:
    """One connection that listens, for all who wait in this process: opened by the first of them, in a thread of its
    own. While it is not there, `listening` is False and who waits has to look for himself."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.listening = False
        self._lock = Lock()
        self._waiting: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}
        self._thread: Thread | None = None
        self._stop = Event()

    @contextlib.contextmanager
    def hearing(self, submission: UUID) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set at every news of a submission."""
        event = asyncio.Event()
        mine = (asyncio.get_running_loop(), event)
        with self._lock:
            self._waiting.setdefault(str(submission), []).append(mine)
            if self._thread is None and not self._stop.is_set():
                self._thread = Thread(target=self._listen, name="yudi news", daemon=True)
                self._thread.start()
        try:
            yield event
        finally:
            with self._lock:
                self._waiting[str(submission)].remove(mine)
                if not self._waiting[str(submission)]:
                    del self._waiting[str(submission)]

    def close(self) -> None:
        """Listen no more, from the next turn on."""
        self._stop.set()

    def _listen(self) -> None:
        used = time.monotonic()
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    libpq(self.url), autocommit=True, connect_timeout=10, application_name="yudi news"
                ) as connection:
                    connection.execute(f"listen {CHANNEL}")
                    self.listening = True
                    while not self._stop.is_set():
                        for heard in connection.notifies(timeout=TURN, stop_after=1):
                            self._hand_on(heard.payload)
                        with self._lock:
                            if self._waiting:
                                used = time.monotonic()
                            elif time.monotonic() - used > IDLE:
                                self._thread, self.listening = None, False
                                return
            except psycopg.Error as error:
                with self._lock:
                    if not self._waiting:
                        self._thread, self.listening = None, False
                        return
                log.warning("no news for a while: %s", error)
            finally:
                if self._thread is current_thread():
                    self.listening = False
            self._stop.wait(AGAIN)

    def _hand_on(self, submission: str) -> None:
        with self._lock:
            found = list(self._waiting.get(submission, ()))
        for loop, event in found:
            with contextlib.suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(event.set)
