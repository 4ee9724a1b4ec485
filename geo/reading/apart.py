"""Apart: the parent's side of reading in a limited process: start, send, wait, kill, clean up."""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import pickle
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from geo.problems import Unavailable
from geo.reading.child import FAILURE, FEATURES, FRESH, HEAD, HOLD, JOB, PROGRESS, REPORT, TAKEN, Job
from geo.reading.layers import ReadOptions
from geo.reading.spare import PREFIX
from geo.settings import ROOT, Limits
from geo.text import Text

#: The most that a child may answer, bytes: a parser that was taken over must not fill our memory.
MOST = {TAKEN: 0, PROGRESS: 4096, REPORT: 512 * 1024**2, FEATURES: 2 * 1024**3, FAILURE: 65536}


class DiskFull(Unavailable):
    """There is no room left to unpack an upload."""

    code = "disk-full"
    title = Text(
        "服务器磁盘空间不足，成果没有丢失；请通知管理员清理后重试",
        "The server's disk is full; nothing is lost. Tell the administrator and try again",
    )


class ParserUnavailable(Unavailable):
    """The process that reads uploads cannot be started."""

    code = "parser-unavailable"
    title = Text(
        "读取程序无法启动，请通知管理员（{0}）",
        "The reading process cannot be started; tell the administrator ({0})",
    )


def _logger() -> Any:
    """Imported where something is to be said: a command that asks for one file starts without it."""
    import structlog

    return structlog.get_logger(__name__)


@dataclass
class Outcome:
    """What came back. failure: None, or memory, file, time, processor, disk, crash; detail: for the log. taken:
    whether the process had the job before it ended."""

    report: dict[str, Any] | None = None
    features: bytes | None = None
    failure: str | None = None
    detail: str = ""
    taken: bool = False


@dataclass
class _Server:
    """The fork server of this process. held: the surroundings that it was given last, and their number."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    facts: dict[str, Any]
    ahead: bool
    owner: int = field(default_factory=os.getpid)
    held: Any = None
    number: int = 0

    def hold(self, surroundings: Any) -> int | None:
        """Give the server surroundings with a district's published state, once; their number, None where they
        have none and go with the job. Call with the lock held, before the job."""
        if getattr(surroundings, "published", None) is None:
            return None
        if surroundings is not self.held:
            self.number += 1
            with os.fdopen(os.memfd_create("surroundings"), "w+b") as file:
                pickle.dump((self.number, surroundings), file, pickle.HIGHEST_PROTOCOL)
                file.flush()
                file.seek(0)
                socket.send_fds(self.control, [HOLD], [file.fileno()])
            self.held = surroundings
        return self.number

    def alive(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None


_LOCK = threading.Lock()
_SERVER: _Server | None = None


def start() -> None:
    """Start the fork server ahead of the first upload, so that nobody waits for its imports, and have it keep a
    process ready for the next: for a service, where uploads are waited for."""
    with _LOCK:
        _server(ahead=True)


def stop() -> None:
    """End the fork server of this process, if there is one."""
    global _SERVER
    with _LOCK:
        server, _SERVER = _SERVER, None
    if server is None or server.owner != os.getpid():
        return
    server.control.close()
    try:
        server.process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


atexit.register(stop)


def _server(*, ahead: bool = False) -> _Server:
    """The running server, started where there is none. Call with the lock held. ahead: whether a new one keeps a
    process ready; a server that follows one that died does as that one did."""
    global _SERVER
    if _SERVER is not None and _SERVER.alive():
        return _SERVER
    if _SERVER is not None and _SERVER.owner == os.getpid():
        _SERVER.control.close()
        ahead = ahead or _SERVER.ahead
    _sweep()
    ours, theirs = socket.socketpair()
    environment = {
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
        # A fork lives for one file: what it frees is used again, not given back to the kernel and asked for anew.
        "MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "33554432",
        "MALLOC_TOP_PAD_": "16777216", "ARROW_DEFAULT_MEMORY_POOL": "system", "PROJ_NETWORK": "OFF",
        # And what it asks for, it asks for in pages of 2 MB where the kernel has them.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "TMPDIR": tempfile.gettempdir(),
    }  # fmt: skip
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "geo.reading.child", str(theirs.fileno()), *(["ahead"] if ahead else [])],
            env=environment, pass_fds=[theirs.fileno()], cwd=ROOT, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    try:
        ours.settimeout(120)
        _, length = HEAD.unpack(_exactly(ours, HEAD.size))
        facts = json.loads(_exactly(ours, min(length, 65536)))
        ours.settimeout(None)
    except (EOFError, OSError, ValueError):
        ours.close()
        process.kill()
        _, words = process.communicate()
        last = (words.decode(errors="replace").strip().splitlines() or ["no answer"])[-1]
        raise ParserUnavailable(last[:200]) from None
    assert process.stderr is not None
    process.stderr.close()
    if facts["missing"]:
        _logger().warning("reading process lacks a layer of protection", missing=facts["missing"])
    _SERVER = _Server(process, ours, facts, ahead)
    return _SERVER


def _exactly(link: socket.socket, count: int, until: float | None = None) -> bytes:
    """Exactly so many bytes. Raises EOFError, and TimeoutError past `until` (monotonic seconds)."""
    blocks = bytearray()
    while len(blocks) < count:
        if until is not None:
            link.settimeout(max(0.001, until - time.monotonic()))
        block = link.recv(min(count - len(blocks), 1 << 20))
        if not block:
            raise EOFError
        blocks += block
    return bytes(blocks)


def _sweep() -> None:
    """Remove folders that a killed service left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        found = re.match(rf"{PREFIX}(\d+)-", folder.name)
        if found and not Path(f"/proc/{found.group(1)}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def run(
    path: Path,
    file: str,
    options: ReadOptions,
    limits: Limits,
    surroundings: Any,
    *,
    features: bool,
    progress: Callable[[str, float], None],
    spool: BinaryIO | None = None,
) -> Outcome:
    """Inspect one file in a process of its own. The folder it worked in is gone afterwards, whatever happened.

    spool: takes the features instead of the outcome, in as many pieces as they come.

    Raises DiskFull and ParserUnavailable; what the file does to the parser is an Outcome.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    except OSError as error:
        raise DiskFull from error
    try:
        return _run(folder, path, file, options, limits, surroundings, features, progress, spool)
    except OSError as error:
        if error.errno in (28, 122):  # ENOSPC, EDQUOT
            raise DiskFull from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    folder: Path,
    path: Path,
    file: str,
    options: ReadOptions,
    limits: Limits,
    surroundings: Any,
    features: bool,
    progress: Callable[[str, float], None],
    spool: BinaryIO | None,
) -> Outcome:
    work = folder / "work"
    work.mkdir(mode=0o700)
    path = path.resolve()
    asked = folder, path, file, options, limits, surroundings, features, progress, spool
    outcome = _ask(JOB, *asked)
    if outcome.failure not in (None, "time") and not outcome.taken:
        # It ended before it had the job, so the file is not to blame: one is made for it.
        _logger().warning("reading process ended before its job", failure=outcome.failure)
        outcome = _ask(FRESH, *asked)
    _log(folder / "log", outcome)
    return outcome


def _ask(
    kind: bytes,
    folder: Path,
    path: Path,
    file: str,
    options: ReadOptions,
    limits: Limits,
    surroundings: Any,
    features: bool,
    progress: Callable[[str, float], None],
    spool: BinaryIO | None,
) -> Outcome:
    """Give the job to a process. kind: JOB, or FRESH for one that did not wait."""
    until = time.monotonic() + limits.wall_seconds
    ours, theirs = socket.socketpair()
    status_read, status_write = os.pipe()
    with ours, os.fdopen(status_read, "rb") as status:
        with theirs:
            try:
                with _LOCK:
                    server = _server()
                    facts = server.facts
                    until = max(until, time.monotonic() + limits.wall_seconds)
                    held = server.hold(surroundings)
                    socket.send_fds(server.control, [kind], [theirs.fileno(), status_write])
            finally:
                os.close(status_write)
        drop = tuple(facts["drop"]) if facts["drop"] else None
        if drop is not None:
            path = _stage(path, folder, limits)
            _give(folder, drop)
        around = surroundings if held is None else None
        job = Job(path, file, folder, options, limits, around, features, drop, facts["seccomp"], held)
        body = pickle.dumps(job)
        pid = 0
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                ours.sendall(struct.pack(">Q", len(body)) + body)
            pid = int(status.readline() or b"0")
            outcome = _listen(ours, until, progress, spool)
            # Who ends without an answer says by its end why; who has answered has nothing more to do.
            _judge(outcome, status)
        finally:
            if pid and not _ended(status, 0):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
    return outcome


def _ended(status: Any, seconds: float) -> bool:
    """Whether the child's end has been said within some time."""
    import select

    return bool(select.select([status], [], [], seconds)[0])


def _stage(path: Path, folder: Path, limits: Limits) -> Path:
    """A copy that the unprivileged user can read, siblings of a bare .shp and folders too.

    A file over the limit is not copied: an empty one of its size says the same.
    """
    inbox = folder / "in"
    target = inbox / path.name
    if target.exists():
        return target
    inbox.mkdir(mode=0o700)
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True)
    elif path.stat().st_size > limits.upload_bytes:
        with target.open("wb") as empty:
            empty.truncate(path.stat().st_size)
    else:
        shutil.copyfile(path, target)
        if path.suffix.lower() == ".shp":
            for sibling in path.parent.iterdir():
                if sibling.stem.casefold() == path.stem.casefold() and sibling != path and sibling.is_file():
                    shutil.copyfile(sibling, inbox / sibling.name)
    return target


def _give(folder: Path, user: tuple[int, int]) -> None:
    """Hand the folder and all in it to the user that will work there."""
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(root) / name, *user, follow_symlinks=False)
    os.chown(folder, *user)


def _listen(
    link: socket.socket, until: float, progress: Callable[[str, float], None], spool: BinaryIO | None
) -> Outcome:
    """Frames until the report or the end."""
    outcome = Outcome()
    try:
        while outcome.report is None and outcome.failure is None:
            kind, length = HEAD.unpack(_exactly(link, HEAD.size, until))
            if kind not in MOST or length > MOST[kind]:
                outcome.failure, outcome.detail = "crash", "the parser's answer has no shape"
                break
            payload = _exactly(link, length, until)
            if kind == TAKEN:
                outcome.taken = True
            elif kind == PROGRESS:
                step, share = json.loads(payload)
                progress(str(step)[:40], min(1.0, max(0.0, float(share))))
            elif kind == REPORT:
                outcome.report = json.loads(payload)
            elif kind == FEATURES and spool is not None:
                if spool.tell() + length > MOST[FEATURES]:
                    outcome.failure, outcome.detail = "crash", "the parser sends without an end"
                    break
                spool.write(payload)
            elif kind == FEATURES:
                outcome.features = payload
            else:
                outcome.failure = str(json.loads(payload).get("kind"))
    except TimeoutError:
        outcome.failure = "time"
    except (EOFError, ConnectionResetError):
        outcome.failure = "crash"
    except (ValueError, TypeError, AttributeError) as error:
        outcome.failure, outcome.detail = "crash", f"the parser's answer has no shape: {error}"
    return outcome


def _judge(outcome: Outcome, status: Any) -> None:
    """How the process ended, where it ended without an answer."""
    if outcome.failure != "crash" or outcome.detail:
        return
    line = status.readline() if _ended(status, 5) else b""
    code = int(line) if line.strip() else math.nan
    if code == -signal.SIGXCPU:
        outcome.failure = "processor"
    elif code == -signal.SIGALRM:
        outcome.failure = "time"
    elif code == -signal.SIGKILL:
        outcome.failure = "memory"
    elif code < 0:
        outcome.detail = outcome.detail or signal.Signals(-int(code)).name
    else:
        outcome.detail = outcome.detail or f"exit {code}"


def _log(path: Path, outcome: Outcome) -> None:
    """What the child printed: tracebacks and logs of checks, cut short."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        words = file.read(16384).decode(errors="replace").strip()
        if words:
            _logger().warning("reading process said", words=words, failure=outcome.failure)
        if outcome.failure == "crash" and not outcome.detail.startswith("SIG") and words:
            outcome.detail = words.splitlines()[-1][:120]
