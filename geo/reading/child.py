"""Child: the fork server that keeps the parsers loaded, and the process that reads one upload.

Started as `python -m geo.reading.child` with a clean environment and one socket. Every job has a fork of its
own: the fork takes on its limits, reads the file, and answers with JSON and Arrow bytes, nothing else. One
or two forks are made ahead and wait for the next jobs (geo.reading.spare); where none waits, one is made for the job.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import pickle
import signal
import socket
import struct
import sys
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from geo.reading import cage
from geo.reading.layers import Layer, ReadOptions
from geo.reading.spare import Spares, become_child, kill
from geo.settings import Limits

HEAD = struct.Struct(">cQ")
TAKEN, PROGRESS, REPORT, FEATURES, FAILURE = b"T", b"P", b"R", b"F", b"X"
#: Seconds after a job until the second spare is made.
LATER = 0.3
#: What the service sends to the server: a job, one for a process that did not wait, or surroundings for the jobs
#: that follow.
JOB, FRESH, HOLD = b"J", b"F", b"S"


@dataclass(frozen=True)
class Job:
    """What the parent asks for. Pickled on the way in, never on the way out.

    folder: of our own, with a folder `work` inside. drop: whether to become the unprivileged user. held: the
    number of the surroundings, where the server was given them before: a district's published lines are a
    megabyte that every fork has then, and none reads.
    """

    path: Path
    file: str
    folder: Path
    options: ReadOptions
    limits: Limits
    surroundings: Any
    features: bool
    drop: tuple[int, int] | None
    seccomp: bool
    held: int | None = None


#: What the server was given last, for its forks: one at most.
_HELD: dict[int, Any] = {}


def hold(number: int) -> None:
    """Take surroundings from an open file: of the service, as jobs are."""
    with os.fdopen(number, "rb") as file:
        key, surroundings = pickle.load(file)
    _HELD.clear()
    _HELD[key] = surroundings


def send(link: socket.socket, kind: bytes, payload: bytes) -> None:
    """One frame: kind, length, bytes."""
    link.sendall(HEAD.pack(kind, len(payload)))
    link.sendall(payload)


def receive(link: socket.socket, count: int) -> bytes:
    """Exactly so many bytes. Raises EOFError where the other side ended before."""
    blocks: list[bytes] = []
    while count:
        block = link.recv(min(count, 1 << 20))
        if not block:
            raise EOFError
        blocks.append(block)
        count -= len(block)
    return b"".join(blocks)


def serve(control: socket.socket, ahead: bool) -> None:
    """Fork for every job until the control socket closes; then end with all that still runs. ahead: whether to
    keep spares."""
    missing = [why] if (why := cage.seccomp_works()) else []
    user = cage.unprivileged()
    if user is not None and (hindered := cage.what_hinders(user, Path(tempfile.gettempdir()))):
        missing.append(f"unprivileged user: {hindered}")
        user = None
    _preload()
    # The imports above are kept as bytecode for the next start; who reads uploads writes no code.
    sys.dont_write_bytecode = True
    facts = {"drop": user, "seccomp": not why, "missing": missing}
    send(control, b"H", json.dumps(facts).encode())
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    spares = Spares(
        lambda link, folder: _wait(link, folder, user, not why),
        [control.fileno(), wake_read, wake_write],
        user,
        ahead,
    )
    warming, warm = _warm(), False
    # Who comes at once, as the command line does, need not wait for what only a service gains from.
    pause: float | None = 1.0
    import select

    while True:
        ready = select.select([control.fileno(), wake_read], [], [], pause)[0]
        if not ready and not warm:
            pause = 0.0
            if next(warming, True):
                # What is there now stays: forks need not look through it, which would copy its pages.
                gc.collect()
                gc.freeze()
                warm = True
        elif not ready and spares.wanted(bool(running)):
            spares.fork([*running.values()])
        if wake_read in ready:
            os.read(wake_read, 512)
            _reap(running, spares)
        if control.fileno() in ready:
            message, fds, _, _ = socket.recv_fds(control, 1, 2)
            if not message:
                break
            if message == HOLD:
                hold(fds[0])
                spares.end()
                continue
            link, status = fds
            _reap(running, spares)
            pid = spares.take(link) if message == JOB else None
            if pid is None:
                pid = os.fork()
                if pid == 0:
                    close = [
                        control.fileno(), *running.values(), *spares.held(), status, wake_read, wake_write,
                    ]  # fmt: skip
                    become_child(partial(_work_on, link), close)
            os.close(link)
            running[pid] = status
            os.write(status, f"{pid}\n".encode())
        if warm:
            # While one waits, the next is made when the answer to the last is on its way.
            pause = (LATER if spares.links else 0.0) if spares.wanted(bool(running)) else None
    spares.clear()
    for pid in running:
        kill(pid)


def _preload() -> None:
    """Everything that reading and checking imports, so that a fork imports nothing."""
    import importlib

    import defusedxml.sax
    import fiona
    import fiona.drvsupport
    import pyogrio
    import pypdf
    import python_calamine

    import geo.checks.run
    import geo.inspection
    import geo.reading.describe
    import geo.reading.material_office
    import geo.reading.material_pdf
    import geo.reading.material_picture
    import geo.reading.materials
    import geo.reading.name_table
    import geo.reading.normalise
    import geo.reading.read

    geo.reading.describe.allow_only()
    geo.checks.run.discover()
    for format in ("Jpeg", "Mpo", "Png", "WebP"):
        importlib.import_module(f"PIL.{format}ImagePlugin")
    assert all(
        (defusedxml.sax, fiona, pyogrio, pypdf, python_calamine, geo.reading.read, geo.reading.normalise)
    )


def _warm() -> Iterator[None]:
    """Do once what every inspection does once, a step at a time; a failure here would only be one of each
    inspection."""
    import encodings
    import importlib
    import pkgutil

    import geo.inspection

    for codec in pkgutil.iter_modules(encodings.__path__):
        if codec.name not in ("mbcs", "oem"):
            importlib.import_module(f"encodings.{codec.name}")
    yield
    with contextlib.suppress(Exception):
        yield from geo.inspection.warm()


def _reap(running: dict[int, int], spares: Spares) -> None:
    while True:
        try:
            pid, code = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        spares.ended(pid)
        status = running.pop(pid, None)
        if status is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(status, f"{os.waitstatus_to_exitcode(code)}\n".encode())
            os.close(status)


def _work_on(link: int) -> None:
    """The life of a fork that was made for a job."""
    with socket.socket(fileno=link) as line:
        job = _job(line)
        _enter(job)
        cage.shut(job.drop, job.seccomp)
        _work(line, job)


def _wait(control: socket.socket, folder: Path, drop: tuple[int, int] | None, seccomp: bool) -> None:
    """The life of a fork that waits for a job: behind its bars from the start, it does once what an inspection
    does, with a file of ours, so that its memory is its own, and then waits."""
    _print_to(os.open(os.devnull, os.O_WRONLY))
    cage.clear_environment(folder)
    os.chdir(folder)
    cage.shut(drop, seccomp)
    warnings.simplefilter("ignore")
    with contextlib.suppress(Exception):
        _rehearse(folder)
    message, fds, _, _ = socket.recv_fds(control, 1, 1)
    if not message:
        return
    control.close()
    with socket.socket(fileno=fds[0]) as line:
        job = _job(line)
        _enter(job)
        _work(line, job)


def _rehearse(folder: Path) -> None:
    from geo.inspection import rehearse

    rehearse(folder)
    gc.freeze()


def _job(link: socket.socket) -> Job:
    """The job from its link, with the surroundings that the server holds; the service is told that it is here."""
    length = struct.unpack(">Q", receive(link, 8))[0]
    body = receive(link, length)
    send(link, TAKEN, b"")
    job: Job = pickle.loads(body)
    return job if job.held is None else replace(job, surroundings=_HELD[job.held])


def _enter(job: Job) -> None:
    """Into the job's folder; what is printed goes to its log."""
    _print_to(os.open(job.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    work = job.folder / "work"
    cage.clear_environment(work)
    os.chdir(work)


def _print_to(file: int) -> None:
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _work(link: socket.socket, job: Job) -> None:
    """Take on the job's limits, and do it."""
    cage.limit(job.limits)
    # numpy's remarks on numbers that are none would fill the log; GE07 says what is wrong.
    warnings.simplefilter("ignore")
    try:
        _inspect(link, job, job.folder / "work")
    except MemoryError:
        send(link, FAILURE, b'{"kind": "memory"}')
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            kind = "disk"
        elif error.errno == errno.EFBIG:
            kind = "file"
        elif error.errno == errno.ENOMEM:
            kind = "memory"
        else:
            raise
        send(link, FAILURE, json.dumps({"kind": kind}).encode())


def _inspect(link: socket.socket, job: Job, work: Path) -> None:
    from geo.reading import materials, name_table

    if isinstance(job.surroundings, name_table.Ask):
        found = name_table.answer(
            job.path, job.file, job.surroundings, job.options, job.limits, work,
            lambda rows: send(link, FEATURES, rows),
        )  # fmt: skip
        send(link, REPORT, name_table.as_json(found))
        return
    if isinstance(job.surroundings, materials.Ask):
        found = materials.answer(
            job.path, job.file, job.surroundings, job.limits, lambda data: send(link, FEATURES, data)
        )
        send(link, REPORT, materials.as_json(found))
        return
    from geo.inspection import inspect, report_of

    def progress(step: str, share: float) -> None:
        send(link, PROGRESS, json.dumps([step, share]).encode())

    beside: list[Future[bytes]] = []
    with ThreadPoolExecutor(1) as other:

        def after_reading(layers: tuple[Layer, ...]) -> None:
            if job.features and _vertices(layers) <= BESIDE:
                beside.append(other.submit(_features, layers))

        answer = inspect(
            job.path, job.options, job.limits, job.surroundings,
            file=job.file, progress=progress, work=work, after_reading=after_reading,
        )  # fmt: skip
        if job.features:
            send(link, FEATURES, beside[0].result() if beside else _features(answer.layers))
    send(link, REPORT, json.dumps(report_of(answer), ensure_ascii=False, allow_nan=False).encode())


#: Vertices up to which the features are made ready for storing while the checks run: both at once take more memory.
BESIDE = 500_000


def _vertices(layers: tuple[Layer, ...]) -> int:
    import shapely

    from geo.checks.sound import layer_rows

    return sum(int(shapely.get_num_coordinates(layer_rows(layer.frame)).sum()) for layer in layers)


def _features(layers: tuple[Layer, ...]) -> bytes:
    """The features of layers as Arrow's stream."""
    import pyarrow as pa

    from geo.inspection import features_table

    table = features_table(layers)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data: bytes = sink.getvalue().to_pybytes()
    return data


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        serve(channel, "ahead" in sys.argv[2:])
