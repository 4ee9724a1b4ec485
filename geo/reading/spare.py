"""Spare: the fork that is made ahead and waits for the next job, and the server's hold on it.

A fork copies every page of memory that it writes to when it first does, and asks the kernel for every page
that is new to it: a small file costs more of that than of reading and checking. The spare has done it before
the job is there. It does one job and ends, as every fork.
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
#: Spares that ended before they had a job, one after another, until no more are made.
MOST_LOST = 3


class Spare:
    """At most one fork that waits. life: what it does, with its socket and a folder of its own; close:
    descriptors of the server's that it must not have; user: whose its folder is; kept: whether there is one at all."""

    def __init__(
        self,
        life: Callable[[socket.socket, Path], None],
        close: list[int],
        user: tuple[int, int] | None,
        kept: bool,
    ) -> None:
        self.life, self.close, self.user, self.kept = life, close, user, kept
        self.pid: int | None = None
        self.link: socket.socket | None = None
        self.lost = 0
        self.folders: dict[int, Path] = {}

    @property
    def wanted(self) -> bool:
        return self.kept and self.pid is None and self.lost < MOST_LOST

    def fork(self) -> None:
        """Make one. Where the machine has no room for its folder or for itself, do without."""
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
            become_child(lambda: self.life(theirs, folder), [ours.fileno(), *self.close])
        theirs.close()
        self.pid, self.link, self.folders[pid] = pid, ours, folder

    def take(self, job: int) -> int | None:
        """Hand a job's socket to the spare; its process, None where there is none to take it."""
        pid, link = self.pid, self.link
        if pid is None or link is None:
            return None
        self.pid = self.link = None
        with link:
            try:
                socket.send_fds(link, [b"J"], [job])
            except OSError:
                kill(pid)
                return None
        self.lost = 0
        return pid

    def ended(self, pid: int) -> None:
        """Note that a process has ended, and clear away after it."""
        if pid == self.pid and self.link is not None:
            self.link.close()
            self.pid = self.link = None
            self.lost += 1
        folder = self.folders.pop(pid, None)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def end(self) -> None:
        """End the one that waits."""
        if self.pid is not None and self.link is not None:
            kill(self.pid)
            self.link.close()
            self.pid = self.link = None

    def clear(self) -> None:
        """End it, and leave no folder."""
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
