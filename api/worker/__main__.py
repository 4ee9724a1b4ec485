"""The worker process: `python -m api.worker`. Stops gracefully on SIGTERM and SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os

from api import log
from api.worker.jobs import Timing, run


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m api.worker", description="Work on the queue 处理后台任务"
    )
    parser.add_argument(
        "--jobs", type=int, default=int(os.environ.get("YUDI_WORKER_JOBS", "2")), help="jobs at once"
    )
    parser.add_argument("--heartbeat", type=float, default=10.0, help="seconds between signs of life")
    parser.add_argument(
        "--stalled-after",
        type=float,
        default=40.0,
        help="seconds without one after which a worker counts as dead",
    )
    parser.add_argument("--grace", type=float, default=10.0, help="seconds to finish jobs in when stopped")
    given = parser.parse_args()
    log.configure()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    # Its lines hold whole addresses, and those of webhooks may hold secrets.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(
        run(
            Timing(
                jobs=given.jobs,
                heartbeat=given.heartbeat,
                stalled_after=given.stalled_after,
                grace=given.grace,
            )
        )
    )


if __name__ == "__main__":
    main()
