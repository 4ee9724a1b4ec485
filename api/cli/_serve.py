"""`python -m api.cli._serve NUMBER`: serve the site on a listening socket that the parent opened.

Everything is imported first, while the parent still makes the database ready; then the settings come as one
line of JSON on standard input, and the app is made. Several such processes share the socket; the kernel
gives each connection to one of them.
"""

from __future__ import annotations

import json
import os
import socket
import sys

import uvicorn

import api.app
from api import serving

GRACE_SECONDS = 8


def main(number: int) -> None:
    """Until SIGTERM; requests at hand are finished first. Returns at once where no settings come."""
    for _ in api.app.routers():
        pass  # every route and page, with all that it draws in
    line = sys.stdin.readline()
    if not line:
        return
    os.environ.update(json.loads(line))
    config = serving.config(api.app.create_app, factory=True, timeout_graceful_shutdown=GRACE_SECONDS)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=number)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
