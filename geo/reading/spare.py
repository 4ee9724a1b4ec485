"""Spare: the forks that are made ahead and wait for the next jobs, and the server's hold on them.

A fork copies every page of memory that it writes to when it first does, and asks the kernel for every page
that is new to it: a small file costs more of that than of reading and checking. A spare has done it before
the job is there. It does one job and ends, as every fork. Two wait, so that who uploads again at once, or beside
another, finds one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

#: How the folders of reading processes are called, before the number of the process that made them.
PREFIX = "yudi-read-"
#: Spares at once.
MOST = 2
#: Spares that ended before they had a job, one after another, until no more are made.
MOST_LOST = 3


class Spares:
    """Forks that wait. life: what each does, with its socket and a folder of its own; close: descriptors of the
    server's that it must not have; user: whose its folder is; kept: whether there are any at all."""

    def __init__(
        self,
        life: Callable[[socket.socket, Path], None],
        close: list[int],
        user: tuple[int, int] | None,
        kept: bool,
    ) -> None:
        self.life, self.close, self.user, self.kept = life, close, user, kept
        self.links: dict[int, socket.socket] = {}  # in the order in which they were made
        self.lost = 0
        self.folders: dict[int, Path] = {}

    def wanted(self, busy: bool) -> bool:
        """Whether to make one now. busy: while jobs run only where none waits, since it takes a processor."""
        return self.kept and self.lost < MOST_LOST and len(self.links) < (1 if busy else MOST)

    def fork(self, close: list[int]) -> None:
        """Make one. close: more that it must not have. Where the machine has no room for its folder or for itself,
        do without."""
        ours, theirs = socket.socketpair()
        folder = None
        try:
            folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
            if self.user is not None:
                os.chown(folder, *self.user)
            pid = os.fork()
        except OSError:
            self.lost = MOST_LOST
            ours.close()
            theirs.close()
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            return
        if pid == 0:
            become_child(
                lambda: self.life(theirs, folder), [ours.fileno(), *self.close, *self.held(), *close]
            )
        theirs.close()
        self.links[pid], self.folders[pid] = ours, folder

    def held(self) -> list[int]:
        """The server's ends of those that wait, which no other fork may have."""
        return [link.fileno() for link in self.links.values()]

    def take(self, job: int) -> int | None:
        """Hand a job's socket to the one that has waited longest; its process, None where there is none to take it."""
        while self.links:
            pid = next(iter(self.links))
            with self.links.pop(pid) as link:
                try:
                    socket.send_fds(link, [b"J"], [job])
                except OSError:
                    kill(pid)
                    continue
            self.lost = 0
            return pid
        return None

    def ended(self, pid: int) -> None:
        """Note that a process has ended, and clear away after it."""
        link = self.links.pop(pid, None)
        if link is not None:
            link.close()
            self.lost += 1
        folder = self.folders.pop(pid, None)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def end(self) -> None:
        """End those that wait."""
        for pid, link in self.links.items():
            kill(pid)
            link.close()
        self.links.clear()

    def clear(self) -> None:
        """End them, and leave no folder."""
        self.end()
        for folder in self.folders.values():
            shutil.rmtree(folder, ignore_errors=True)


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def become_child(life: Callable[[], None], close: list[int]) -> NoReturn:
    """The fork's own life, in a session of its own and without these descriptors."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for number in close:
            os.close(number)
        life()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
