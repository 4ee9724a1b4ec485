"""Serving (uvicorn): the server's settings, and an answer for who stops sending half way."""

from __future__ import annotations

from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

#: Bytes of a request's first line and headers, together.
MOST_HEAD = 64 * 1024


#: In scope["extensions"]: the server takes an answer whose headers are bytes already,
#: {"type": READY, "status": …, "headers": […], "head": as_bytes(headers), "body": …}.
READY = "yudi.response.ready"
_EXTENSIONS: dict[str, Any] = {READY: {}}


def as_bytes(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Headers as they are sent."""
    return b"".join(b"%s: %s\r\n" % pair for pair in headers) + b"\r\n"


class _Cycle(RequestResponseCycle):
    """uvicorn's answering of one request, and answers whose headers are bytes already: it looks at each header
    of every answer with two expressions, which for a tile from memory is half of the work."""

    async def send(self, message: Any) -> None:
        if message["type"] != READY:
            await super().send(message)
        elif not self.keep_alive or self.response_started or self.flow.write_paused or self.disconnected:
            await super().send({**message, "type": "http.response.start"})
            await super().send({"type": "http.response.body", "body": message["body"]})
        else:
            dated = b"".join(b"%s: %s\r\n" % pair for pair in self.default_headers)
            line = STATUS_LINE[message["status"]]
            self.transport.write(b"%b%b%b%b" % (line, dated, message["head"], message["body"]))
            self.response_started = self.response_complete = True
            self.waiting_for_100_continue = False
            self.message_event.set()
            self.on_response()


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
        self.scope["extensions"] = _EXTENSIONS
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.__class__ = _Cycle  # uvicorn has no setting for it; the request's task begins later

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
