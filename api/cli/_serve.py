"""`python -m api.cli._serve NUMBER`: serve the site on a listening socket that the parent opened.

Several such processes share the socket; the kernel gives each connection to one of them.
"""

from __future__ import annotations

import socket
import sys

import uvicorn

GRACE_SECONDS = 8


def main(number: int) -> None:
    """Until SIGTERM; requests at hand are finished first."""
    config = uvicorn.Config(
        "api.app:create_app",
        factory=True,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=number)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
