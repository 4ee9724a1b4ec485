"""The server process of a private cluster: made, started, found again after a crash, stopped.

Every folder is handed to PostgreSQL as an open file (/proc/self/fd/N). So the unprivileged owner can work in a
checkout that it could not enter by name (under /root, say), and neither the length of the path nor a comma
or blank in it matters to the server.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.setup.binaries import Binaries, binaries, found
from api.setup.owner import Owner, owner_of
from api.setup.room import check_room, no_room
from api.setup.say import say
from geo.problems import Unavailable
from geo.text import Text

#: A socket's whole path must stay under 108 bytes; the file name takes up to 20.
LONGEST_FOLDER = 80
NEEDED_MB = 300
FIRST_PORT = 54320
START_SECONDS = 600
STOP_SECONDS = 60
LOG_BYTES = 20 * 1024**2

#: The servers that this process started.
_STARTED: dict[int, subprocess.Popen[bytes]] = {}


class WontStart(Unavailable):
    """The server does not start."""

    code = "cluster-wont-start"
    title = Text(
        "数据库无法启动：{why}（详见 {log}）",
        "The database does not start: {why} (see {log})",
    )


class OtherVersion(Unavailable):
    """The data folder was written by a PostgreSQL that is not here."""

    code = "cluster-other-version"
    title = Text(
        "{path} 由 PostgreSQL {made} 建立，本机没有带 PostGIS 的该版本：请安装 postgresql-{made} 与 postgresql-{made}-postgis-3",
        "{path} was made by PostgreSQL {made}, which this machine lacks (with PostGIS): install postgresql-{made} "
        "and postgresql-{made}-postgis-3",
    )


class WontStop(Unavailable):
    """The server does not stop."""

    code = "cluster-wont-stop"
    title = Text(
        "数据库进程 {pid} 在 {seconds} 秒内没有停止，请稍后再看",
        "Database process {pid} did not stop within {seconds} seconds; look again shortly",
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cluster lives: `folder` holds data/, run/ (the socket), server.log and the locks."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def port_file(self) -> Path:
        return self.folder / "port"

    @property
    def link_file(self) -> Path:
        return self.folder / "socket-link"

    def port(self) -> int:
        """The number in the socket's name."""
        return int(self.port_file.read_text())


def start(place: Place, *, durable: bool = True) -> None:
    """Make the cluster if there is none and start its server.
    Raises NoRoom, NoPostgres, OtherVersion, NotYours, WontStart, WontStop."""
    owner = owner_of(place.data)
    place.folder.mkdir(parents=True, exist_ok=True)
    if not (place.data / "PG_VERSION").exists():
        make(place, owner, found(), durable=durable)
    check_room(place.folder, NEEDED_MB // 3)
    made = (place.data / "PG_VERSION").read_text().strip()
    programs = binaries(major=int(made))
    if programs is None:
        raise OtherVersion(path=place.data, made=made)
    if settled(place):
        return
    clear_stale(place)
    owner.give(place.run)
    if not place.port_file.exists():
        place.port_file.write_text(str(free_port()))
    launch(place, owner, programs, durable=durable)


def settled(place: Place) -> bool:
    """Wait for a server that somebody else started, or was stopping, when that one was killed.
    Returns whether it takes connections now; False where there is none."""
    deadline = time.monotonic() + START_SECONDS
    while postmaster(place) is not None and time.monotonic() < deadline:
        if ready(place):
            return True
        time.sleep(0.05)
    return False


def make(place: Place, owner: Owner, programs: Binaries, *, durable: bool) -> None:
    """initdb beside the final place, then rename: a half-made cluster is never taken for one."""
    check_room(place.folder, NEEDED_MB)
    draft = place.folder / "data.new"
    for left in (draft, place.data):
        if left.exists():
            end_processes_in(left)
            shutil.rmtree(left)
    owner.give(draft)
    say(Text("正在建立数据库（只做一次）…", "Making the database (once) …"))
    with opened(draft) as folder:
        done = subprocess.run(
            [programs.initdb, "-D", f"/proc/self/fd/{folder}", "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--data-checksums", *([] if durable else ["--no-sync"])],
            capture_output=True, text=True, errors="replace", pass_fds=(folder,), cwd="/",
            env=programs.environment(), stdin=subprocess.DEVNULL, **owner.dropped(),
        )  # fmt: skip
    if done.returncode != 0:
        with place.log.open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        shutil.rmtree(draft, ignore_errors=True)
        raise failed(place, done.stdout + done.stderr)
    draft.rename(place.data)


def launch(place: Place, owner: Owner, programs: Binaries, *, durable: bool) -> None:
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
    before = place.log.stat().st_size if place.log.exists() else 0
    with opened(place.data) as data, opened(place.run) as run, place.log.open("ab") as log:
        command = [programs.postgres, "-D", f"/proc/self/fd/{data}"]
        for name, value in settings(place.port(), f"/proc/self/fd/{run}", durable).items():
            command += ["-c", f"{name}={value}"]
        # A session of its own: a Ctrl-C at the terminal reaches the program, which stops the server last.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(data, run), cwd="/",
            env=programs.environment(), start_new_session=True, **owner.dropped(),
        )  # fmt: skip
    _STARTED[process.pid] = process
    try:
        wait_until_ready(place, process, before)
    except BaseException:  # a Ctrl-C in between must not leave it running either
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            process.wait()
        raise
    # The server outlives this object, which would warn of that when it is collected: it is found by its
    # pid file from here on.
    process.returncode = 0


def wait_until_ready(place: Place, process: subprocess.Popen[bytes], before: int) -> None:
    """Until the server takes connections. before: where this start begins in the log. Raises WontStart, NoRoom."""
    started = time.monotonic()
    said = False
    while not ready(place):
        waited = time.monotonic() - started
        if process.poll() is not None or waited > START_SECONDS:
            raise failed(place, tail(place.log, before))
        if waited > 5 and not said:
            said = True
            say(Text("数据库正在从上次中断中恢复…", "The database is recovering from an interruption …"))
        time.sleep(0.02)


def settings(port: int, socket_folder: str, durable: bool) -> dict[str, str]:
    """The server's settings, given at every start. `durable` False is for databases that only tests use."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    zone = "UTC" if Path("/usr/share/zoneinfo/UTC").exists() else "GMT"
    on = "on" if durable else "off"
    return {
        "listen_addresses": "",
        "unix_socket_directories": socket_folder,
        "unix_socket_permissions": "0700",
        "port": str(port),
        "max_connections": "100",
        "shared_buffers": f"{min(512, max(32, memory_mb // 16))}MB",
        "effective_cache_size": f"{max(128, memory_mb // 4)}MB",
        "maintenance_work_mem": f"{min(256, max(32, memory_mb // 32))}MB",
        "work_mem": "16MB",
        "jit": "off",
        "fsync": on,
        "full_page_writes": on,
        "synchronous_commit": on,
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "timezone": zone,
        "log_timezone": zone,
        "log_checkpoints": "off",
        "idle_in_transaction_session_timeout": "10min",
    }


def socket_folder(place: Place) -> Path:
    """The folder that clients name: run/ itself, or where its path is too long for a socket or has a comma
    in it, a link to it in a private folder of the system's temporary one, removed when the server stops."""
    if len(os.fsencode(place.run)) <= LONGEST_FOLDER and "," not in str(place.run):
        return place.run
    if place.link_file.exists():
        link = Path(place.link_file.read_text())
        if link.parent.exists() and link.parent.stat().st_uid == os.geteuid() and link.resolve() == place.run:
            return link
    link = Path(tempfile.mkdtemp(prefix="yudi-", dir="/tmp")) / "s"
    link.symlink_to(place.run.resolve())
    place.link_file.write_text(str(link))
    return link


def free_port() -> int:
    """A number that no TCP server of this machine uses, should somebody open the cluster to TCP."""
    for port in range(FIRST_PORT, FIRST_PORT + 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return FIRST_PORT


def ready(place: Place) -> bool:
    """Whether the server of this cluster takes connections."""
    pid = postmaster(place)
    if pid is None:
        return False
    lines = (place.data / "postmaster.pid").read_text().splitlines()
    return len(lines) >= 8 and lines[7].strip() == "ready"


def postmaster(place: Place) -> int | None:
    """The process number of the running server; None where postmaster.pid is missing, stale or a stranger's."""
    try:
        pid = int((place.data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if works_in(pid, place.data) else None


def works_in(pid: int, folder: Path) -> bool:
    """Whether the process lives, is PostgreSQL's, and has this working folder, as all of a server have. (A
    person's shell that stands there is none of our business.)"""
    try:
        here = os.path.samefile(f"/proc/{pid}/cwd", folder)
        return here and Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False


def processes_in(folder: Path) -> list[int]:
    """All of PostgreSQL's processes whose working folder is this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and works_in(int(name), folder)]


def end_processes_in(folder: Path, patience: float = 10) -> None:
    """End what a killed server left behind: its children notice and go by themselves, or are told to.
    Raises WontStop."""
    deadline = time.monotonic() + patience
    told = False
    while left := processes_in(folder):
        if time.monotonic() > deadline:
            raise WontStop(pid=left[0], seconds=int(patience))
        if not told and time.monotonic() > deadline - patience / 2:
            told = True
            for pid in left:
                os.kill(pid, signal.SIGQUIT)
        time.sleep(0.05)


def clear_stale(place: Place) -> None:
    """Remove the marks of a server that is gone (killed, power cut, number taken by a stranger).

    PostgreSQL does that itself only where the number is free; an empty mark or a number that another
    process of the same user has got since would stop it for good.
    """
    if postmaster(place) is not None:
        return
    end_processes_in(place.data)
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    if place.run.exists():
        for left in place.run.iterdir():
            left.unlink()


def stop(place: Place) -> None:
    """Fast shutdown: transactions that were not confirmed are rolled back, all others are on disk.
    Raises WontStop."""
    pid = postmaster(place)
    if pid is not None:
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while works_in(pid, place.data):
            reap(pid)
            if time.monotonic() > deadline:
                raise WontStop(pid=pid, seconds=STOP_SECONDS)
            time.sleep(0.02)
        reap(pid)
    if place.link_file.exists():
        link = Path(place.link_file.read_text())
        place.link_file.unlink()
        if link.is_symlink():
            link.unlink()
            link.parent.rmdir()


def reap(pid: int) -> None:
    """Take leave of a server that this process started; somebody else's is not ours to wait for."""
    process = _STARTED.get(pid)
    if process is not None and process.poll() is not None:
        del _STARTED[pid]


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    """The folder as an open file."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield number
    finally:
        os.close(number)


def tail(log: Path, since: int) -> str:
    with log.open("rb") as file:
        file.seek(since)
        return file.read().decode("utf-8", "replace")


def failed(place: Place, output: str) -> Unavailable:
    """The one sentence that says why the server did not start."""
    if "No space left on device" in output:
        return no_room(place.folder, NEEDED_MB)
    worst = [line for line in output.splitlines() if any(w in line for w in ("FATAL", "PANIC", "rror"))]
    last = worst[0] if worst else (output.strip().splitlines() or ["?"])[-1]
    return WontStart(why=last.split("FATAL:")[-1].split("PANIC:")[-1].strip(), log=place.log)
