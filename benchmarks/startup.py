"""A second `./yudi up` and `./yudi check` of a small file with a warm file cache.

./yudi bench startup
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request

from benchmarks.data import coverage, write
from benchmarks.measure import ROOT, WORK, Comparison, report


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers_after() -> float:
    """Seconds from the command to the first answer of the front page; the site is stopped again."""
    port = free_port()
    begun = time.perf_counter()
    site = subprocess.Popen(
        [str(ROOT / "yudi"), "up", "--port", str(port), "--no-browser"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.perf_counter() - begun < 300:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                    answer.read()
                return time.perf_counter() - begun
            except OSError:
                if site.poll() is not None:
                    raise RuntimeError(f"./yudi up ended with {site.returncode}") from None
                time.sleep(0.05)
        raise RuntimeError("no answer within five minutes")
    finally:
        os.kill(site.pid, signal.SIGINT)
        site.wait(60)


def check_seconds() -> float:
    path = write(coverage(9, 60), WORK / "small.gpkg")
    command = [str(ROOT / "yudi"), "check", str(path), "--profile", "generic", "--json"]
    best = float("inf")
    for _ in range(4):
        begun = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        best = min(best, time.perf_counter() - begun)
    return best


def main() -> list[dict[str, object]]:
    WORK.mkdir(parents=True, exist_ok=True)
    answers_after()  # the first one may still install and load
    return report(
        "Start",
        [
            Comparison("second ./yudi up to its first answer / 10 s", answers_after(), 10.0, 1.0),
            Comparison("./yudi check of a small file / 3 s", check_seconds(), 3.0, 1.0),
        ],
    )


if __name__ == "__main__":
    main()
