"""The private PostgreSQL + PostGIS cluster under var/: shared by the commands that run, stopped by the last.

Whoever uses the cluster holds a shared lock on it for as long as it lives. The last one to leave stops the
server; the kernel drops the lock of a process that is killed, so nothing is left to clean up but the server
itself, which the next command takes over.

    url = cluster.ensure()            # until the process ends
    with cluster.running() as url:    # or for a while
"""

from __future__ import annotations

import atexit
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from api.setup import database, postmaster
from api.setup.places import alone, var
from api.setup.postmaster import Place
from api.setup.signals import undisturbed

VARIABLE = "YUDI_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Use:
    """That this process uses a cluster: its place, its address, the lock that says so."""

    place: Place
    url: str
    lock: int
    process: int


_USES: dict[Path, Use] = {}


def ensure(folder: Path | None = None, *, durable: bool = True) -> str:
    """The owner's URL of the database `yudi`, started and made if need be, and exported as YUDI_DATABASE_URL.

    folder: of the cluster, var/pg by default. durable: False for databases that only tests use.
    Where YUDI_DATABASE_URL names an outside database, that one is taken and nothing private is started.
    Ends with the process, or with stop(). Raises Unavailable kinds with one sentence.
    """
    given = os.environ.get(VARIABLE)
    if given and given not in {use.url for use in _USES.values()}:
        return outside(given)
    place = Place((folder or var() / "pg").absolute())
    if place.folder not in _USES:
        _USES[place.folder] = begin(place, durable)
        atexit.register(stop, place.folder)
    os.environ[VARIABLE] = _USES[place.folder].url
    return _USES[place.folder].url


def outside(url: str) -> str:
    """The outside database, checked, with the psycopg 3 driver in its URL."""
    address, mark, query = url.partition("://")[2].partition("?")
    rest = address + mark + query.replace("+", "%20")  # SQLAlchemy writes a blank so; libpq reads a plus
    url = f"postgresql+psycopg://{rest}"
    database.prepare(f"postgresql://{rest}", may_create=False)
    os.environ[VARIABLE] = url
    return url


def begin(place: Place, durable: bool) -> Use:
    from api.setup import packages

    if postmaster.postmaster(place) is None:
        packages.provide_postgres()
    with alone(place.folder / "start.lock"):
        lock = os.open(place.folder / "use.lock", os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
            if not postmaster.ready(place):
                postmaster.start(place, durable=durable)
            host = postmaster.socket_folder(place)
            tail = f"postgres@/yudi?host={quote(str(host), safe='/')}&port={place.port()}"
            try:
                database.prepare(f"postgresql://{tail}", may_create=True)
            except BaseException:
                leave(place, lock)
                raise
        except BaseException:
            os.close(lock)
            raise
    return Use(place, f"postgresql+psycopg://{tail}", lock, os.getpid())


def stop(folder: Path | None = None) -> None:
    """Leave the cluster; the last one stops its server."""
    use = _USES.pop((folder or var() / "pg").absolute(), None)
    if use is None or use.process != os.getpid():  # a forked child does not leave for its parent
        return
    if os.environ.get(VARIABLE) == use.url:
        del os.environ[VARIABLE]
    with undisturbed(), alone(use.place.folder / "start.lock"):
        leave(use.place, use.lock)
    os.close(use.lock)


def leave(place: Place, lock: int) -> None:
    fcntl.flock(lock, fcntl.LOCK_UN)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    postmaster.stop(place)


@contextmanager
def stopped_after(folder: Path | None = None) -> Iterator[None]:
    """However the block ends, this process has left the cluster."""
    try:
        yield
    finally:
        stop(folder)


@contextmanager
def running(folder: Path | None = None, *, durable: bool = True) -> Iterator[str]:
    """The URL of the database for as long as the block lasts."""
    with stopped_after(folder):
        yield ensure(folder, durable=durable)
