"""./yudi up, the real one: ready, alone, killed, started again, stopped with nothing left running."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.setup import postmaster
from api.setup.postmaster import Place
from geo.settings import ROOT

Start = Callable[..., subprocess.Popen[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(var: Path) -> dict[str, str]:
    outside = ("YUDI_DATABASE_URL", "YUDI_AS_OF")
    return {name: value for name, value in os.environ.items() if name not in outside} | {"YUDI_VAR": str(var)}


def left_of(var: Path) -> list[str]:
    """What runs with this var/ in its environment, or in its database."""
    mark = f"YUDI_VAR={var}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found + [f"postgres {pid}" for pid in postmaster.processes_in(Place(var / "pg").data)]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation of its own; whatever a failing test left running is ended."""
    made = tmp_path_factory.mktemp("site")
    yield made
    place = Place(made / "pg")
    if postmaster.postmaster(place) is not None:
        postmaster.stop(place)


@pytest.fixture
def start(var: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def go(port: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [ROOT / "yudi", "up", "--port", str(port), "--empty", "--no-browser"],
            env=environment(var), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        heard = []
        for line in process.stdout:
            heard.append(line)
            if f"http://127.0.0.1:{port}" in line:
                return process
        raise AssertionError("".join(heard))

    yield go
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def status(port: int, path: str) -> int:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    asked.request("GET", path)
    try:
        return asked.getresponse().status
    finally:
        asked.close()


def test_up_is_ready_alone_and_gone_after_ctrl_c(start: Start, var: Path) -> None:
    port = free_port()
    site = start(port)
    assert status(port, "/readyz") == 200
    second = subprocess.run(
        [ROOT / "yudi", "up", "--port", str(free_port())],
        env=environment(var), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert second.returncode == 3
    assert second.stderr.count("\n") == 1
    assert f"http://127.0.0.1:{port}" in second.stderr
    site.send_signal(signal.SIGINT)
    said, _ = site.communicate(timeout=60)
    assert site.returncode == 130
    assert "Traceback" not in said
    assert left_of(var) == []


def test_after_kill_9_of_everything_the_next_start_recovers(start: Start, var: Path) -> None:
    port = free_port()
    site = start(port)
    server = postmaster.postmaster(Place(var / "pg"))
    assert server is not None
    site.kill()
    os.kill(server, signal.SIGKILL)
    site.communicate()
    again = start(port)
    assert status(port, "/readyz") == 200
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=60)
    assert left_of(var) == []


def test_a_port_in_use_is_said_before_anything_is_started(var: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = subprocess.run(
            [ROOT / "yudi", "up", "--port", str(other.getsockname()[1])],
            env=environment(var), capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert said.returncode == 3
    assert said.stderr.count("\n") == 1
    assert "--port" in said.stderr
    assert left_of(var) == []
