"""The running site: processes that share one listening socket, and one that works on the queue."""

from __future__ import annotations

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from api.setup.say import say
from api.setup.signals import undisturbed
from geo.problems import Unavailable
from geo.text import Text

HOST = "127.0.0.1"
#: Seconds that children have to finish what is at hand.
GRACE_SECONDS = 12
READY_SECONDS = 120
LOG_BYTES = 20 * 1024**2
#: So many ends of one child within so many seconds are no accident.
TIMES, WITHIN = 3, 60.0


class PortTaken(Unavailable):
    """Another program listens there."""

    code = "port-taken"
    title = Text(
        "端口 {port} 已被占用：请关闭占用它的程序，或用 ./yudi up --port 另选一个",
        "Port {port} is in use: close the program that uses it, or choose another with ./yudi up --port",
    )


class PortNotAllowed(Unavailable):
    """The system keeps this port for itself."""

    code = "port-not-allowed"
    title = Text(
        "没有使用端口 {port} 的权限：请选 1024 以上的端口",
        "Port {port} may not be used: choose one above 1024",
    )


class SiteFails(Unavailable):
    """A part of the site does not stay up."""

    code = "site-fails"
    title = Text("{name} 未能运行，详见 {log}", "{name} does not stay up; see {log}")


class HostNotHere(Unavailable):
    """The address to listen on is none of this machine's."""

    code = "host-not-here"
    title = Text(
        "本机没有地址 {host}：请用 ./yudi up --host 指定本机的地址，0.0.0.0 为全部",
        "This machine has no address {host}: name one of its own with ./yudi up --host, or 0.0.0.0 for all",
    )


def listen(port: int, host: str = HOST) -> socket.socket:
    """The listening socket of the site. Raises PortTaken, PortNotAllowed, HostNotHere."""
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(512)
    except socket.gaierror as error:
        opened.close()
        raise HostNotHere(host=host) from error
    except PermissionError as error:
        opened.close()
        raise PortNotAllowed(port=port) from error
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise HostNotHere(host=host) from error
        raise PortTaken(port=port) from error
    return opened


def reached_at(host: str) -> str:
    """The address that this machine itself asks a site at which listens on `host`."""
    return {"0.0.0.0": HOST, "::": "::1"}.get(host, host)


def web_address(host: str, port: int) -> str:
    """The site's address as a browser takes it."""
    named = reached_at(host)
    return f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"


@dataclass
class Part:
    """One child: what it runs, which open files it inherits, where its words go.

    waits: it loads first and does nothing until it is let go, so that loading overlaps with set-up.
    """

    name: str
    command: Sequence[str]
    log: Path
    files: Sequence[int] = ()
    waits: bool = False
    process: subprocess.Popen[bytes] | None = None
    ends: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Run it in a process group of its own, so that a Ctrl-C reaches the parent alone."""
        with opened_log(self.log) as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli._child", str(os.getpid()), *self.command],
                stdin=subprocess.PIPE if self.waits else subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=tuple(self.files), process_group=0,
            )  # fmt: skip

    def let_go(self) -> None:
        """Give a waiting child the settings as they are now: it begins to work."""
        if self.process is None:
            self.start()
        if self.process is not None and self.process.stdin is not None:
            settings = {name: value for name, value in os.environ.items() if name.startswith("YUDI_")}
            try:
                self.process.stdin.write(json.dumps(settings).encode() + b"\n")
                self.process.stdin.close()
            except BrokenPipeError:
                return  # it has ended: whoever watches it says so
            self.process.stdin = None

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def mend(self) -> None:
        """Start it again; raises SiteFails where that has been tried often enough."""
        now = time.monotonic()
        self.ends = [t for t in self.ends if now - t < WITHIN] + [now]
        if len(self.ends) >= TIMES:
            raise SiteFails(name=self.name, log=self.log)
        say(
            Text(
                f"{self.name} 意外结束，正在重新启动…", f"{self.name} ended unexpectedly; starting it again …"
            )
        )
        self.process = None
        self.let_go()


@contextmanager
def opened_log(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    with path.open("ab") as file:
        yield file


def parts(listening: socket.socket, logs: Path, *, web: int) -> list[Part]:
    """The children of a site: `web` processes on the socket, one for the queue."""
    serve = ["api.cli._serve", str(listening.fileno())]
    return [
        *(
            Part(f"web {n}", serve, logs / "site.log", [listening.fileno()], waits=True)
            for n in range(1, web + 1)
        ),
        Part("worker", ["api.worker", "--grace", str(GRACE_SECONDS - 4)], logs / "worker.log"),
    ]


@contextmanager
def stopped_after(children: Sequence[Part]) -> Iterator[None]:
    """However the block ends, nothing of the children is left."""
    try:
        yield
    finally:
        with undisturbed():
            stop(children)


def stop(children: Sequence[Part]) -> None:
    """Ask all to finish, then end those that do not, and whatever they started themselves."""
    started = [child.process for child in children if child.process is not None]
    for process in started:
        if process.stdin is not None:
            process.stdin.close()
    for process in started:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in started:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_until_ready(port: int, children: Sequence[Part], host: str = HOST) -> None:
    """Until /readyz answers 200. Raises SiteFails."""
    deadline = time.monotonic() + READY_SECONDS
    while not answers(port, host):
        for child in children:
            if child.ended():
                raise SiteFails(name=child.name, log=child.log)
        if time.monotonic() > deadline:
            raise SiteFails(name=children[0].name, log=children[0].log)
        time.sleep(0.05)


def answers(port: int, host: str = HOST) -> bool:
    """Whether the site is ready: asked directly, whatever proxy the shell has set."""
    try:
        asked = http.client.HTTPConnection(reached_at(host), port, timeout=10)
        asked.request("GET", "/readyz", headers={"Host": f"{HOST}:{port}"})
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def watch(children: Sequence[Part]) -> None:
    """For ever: start again what ends by accident. Raises SiteFails where that does not help."""
    while True:
        for child in children:
            if child.ended():
                child.mend()
        time.sleep(0.5)
