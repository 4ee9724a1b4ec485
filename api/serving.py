"""Serving (uvicorn): the server's settings, and an answer for who stops sending half way."""

from __future__ import annotations

from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that still answers a client which has closed its sending side.

    uvicorn drops such a connection at once: an upload cut off half way would never hear why. Here the body
    ends where it ends, the app finds it short (400), and the connection closes after the answer. A client
    that is gone for good is noticed when the answer is written.
    """

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
        "ws": "none",
        "access_log": False,
        "server_header": False,
        "log_level": "warning",
        "timeout_graceful_shutdown": 10,
    }
    return uvicorn.Config(app, **{**settings, **more})
