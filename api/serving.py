"""Serving (uvicorn): the server's settings, and an answer for who stops sending half way."""

from __future__ import annotations

from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Bytes of a request's first line and headers, together.
MOST_HEAD = 64 * 1024


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that still answers a client which has closed its sending side, and reads no endless headers.

    uvicorn drops such a connection at once: an upload cut off half way would never hear why. Here the body
    ends where it ends, the app finds it short (400), and the connection closes after the answer. A client
    that is gone for good is noticed when the answer is written.
    """

    _head = 0

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._head > MOST_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's headers are too long.")

    def on_headers_complete(self) -> None:
        self._head = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head = 0
        super().on_message_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return None
        cycle.keep_alive = False
        if cycle.more_body:
            cycle.more_body = False
            cycle.message_event.set()
        return True


def config(app: ASGIApp | str, **more: Any) -> uvicorn.Config:
    """The server's configuration. No access log: its lines hold queries, and queries hold positions; the
    app writes its own. more: host, port, workers, fd … of uvicorn.Config."""
    settings: dict[str, Any] = {
        "http": PatientProtocol,
        "loop": "uvloop",
        "ws": "none",
        "access_log": False,
        "server_header": False,
        "log_level": "warning",
        "timeout_graceful_shutdown": 10,
    }
    return uvicorn.Config(app, **{**settings, **more})
