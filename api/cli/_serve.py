"""`python -m api.cli._serve NUMBER`: serve the site on a listening socket that the parent opened.

Everything is imported first, while the parent still makes the database ready; then the settings come as one
line of JSON on standard input, and the app is made. Several such processes share the socket; the kernel
gives each connection to one of them.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import time
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

import api.app
from api import serving
from geo.names import query

GRACE_SECONDS = 8


def main(number: int) -> None:
    """Until SIGTERM; requests at hand are finished first. Returns at once where no settings come."""
    for _ in api.app.routers():
        pass  # every route and page, with all that it draws in
    line = sys.stdin.readline()
    if not line:
        return
    os.environ.update(json.loads(line))
    config = serving.config(made, factory=True, timeout_graceful_shutdown=GRACE_SECONDS)
    server = uvicorn.Server(config)
    Thread(target=warm, args=(server,), daemon=True).start()
    server.run(sockets=[socket.socket(fileno=number)])


def warm(server: uvicorn.Server) -> None:
    """Read the tables of readings once the site answers: the first to type a character would wait seconds for them."""
    while not server.started:
        time.sleep(0.1)
    query.offers(query.understand("地名"))


def made() -> ASGIApp:
    """The app. What it consists of stays as long as the process: the collector need not look through it while
    somebody waits for an answer."""
    app = api.app.create_app()
    gc.collect()
    gc.freeze()
    return app


if __name__ == "__main__":
    main(int(sys.argv[1]))
