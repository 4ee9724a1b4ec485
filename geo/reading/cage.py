"""Cage: what a process that parses an upload gives up before it opens the file.

Every layer is used where the machine has it; what is missing is named, so that it can be logged.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import pwd
import resource
import signal
import sys
import time
from pathlib import Path

from geo.settings import Limits

#: Calls that no parser needs: network, other processes, kernel features with a history.
_REFUSED = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "execve", "execveat", "fork",
    "vfork", "kill", "tkill", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open",
    "pidfd_send_signal", "pidfd_getfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "mount",
    "umount2", "pivot_root", "chroot", "unshare", "setns", "bpf", "perf_event_open", "keyctl", "add_key",
    "request_key", "userfaultfd", "open_by_handle_at", "init_module", "finit_module", "kexec_load",
    "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat",
)  # fmt: skip
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def limit(limits: Limits) -> None:
    """Memory, processor time from now on, file sizes, open files, core dumps. An alarm ends what a parent forgot."""
    seconds = math.floor(time.process_time()) + limits.cpu_seconds
    ceilings = {
        resource.RLIMIT_AS: (limits.memory_bytes, limits.memory_bytes),
        resource.RLIMIT_CPU: (seconds, seconds + 2),
        resource.RLIMIT_FSIZE: (limits.unpacked_bytes, limits.unpacked_bytes),
        resource.RLIMIT_NOFILE: (256, 256),
        resource.RLIMIT_CORE: (0, 0),
    }
    for what, (soft, hard) in ceilings.items():
        most = resource.getrlimit(what)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(what, (soft, hard))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.wall_seconds + 5)


def die_with_parent() -> None:
    """The kernel ends this process when its parent ends; nobody may trace it or read its memory. Call after
    `drop`: becoming another user undoes it."""
    with contextlib.suppress(OSError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def clear_environment(work: Path) -> None:
    """No address, password or setting of the service is left in the environment; which drivers are out stays."""
    drivers = {"GDAL_SKIP": os.environ["GDAL_SKIP"]} if "GDAL_SKIP" in os.environ else {}
    os.environ.clear()
    os.environ.update(
        PATH="/usr/bin:/bin", LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=str(work), TMPDIR=str(work), TZ="UTC",
        CPL_TMPDIR=str(work), GDAL_PAM_ENABLED="NO", GDAL_DISABLE_READDIR_ON_OPEN="FALSE",
        GDAL_HTTP_MAX_RETRY="0", CPL_VSIL_CURL_ALLOWED_EXTENSIONS=".none", PROJ_NETWORK="OFF", **drivers,
    )  # fmt: skip


def unprivileged() -> tuple[int, int] | None:
    """User and group to drop to: only as root, and only where there is such a user."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "daemon"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    return None


def drop(to: tuple[int, int]) -> None:
    """Become another user for good."""
    uid, gid = to
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def shut(to: tuple[int, int] | None, seccomp: bool) -> None:
    """Give up for good what no job needs: another user's rights, the network, other processes, core dumps."""
    if to is not None:
        drop(to)
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if seccomp:
        no_network()


def what_hinders(to: tuple[int, int], room: Path) -> str | None:
    """Why that user cannot work here, None where he can: tried in a process of its own.

    room: where folders for reading are made, as the service finds it; asked after the change of user, the standard
    library would name another one. An installation under a home that is closed to others, or a closed folder above the
    room, cannot be used by anyone else.
    """
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            drop(to)
            os.chdir(room)
            code = 2
            import pyproj

            proj = Path(pyproj.datadir.get_data_dir()) / "proj.db"
            with proj.open("rb"), Path(__file__).open("rb"), Path(os.__file__).open("rb"):
                code = 0
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: None, 1: f"cannot reach {room}"}.get(code, "cannot read the installation")


def no_network() -> str | None:
    """Refuse the calls above with EPERM through seccomp, for good. Returns why not, None where it holds."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError) as error:
        return f"seccomp: {error}"
    try:
        rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
        for name in _REFUSED:
            with contextlib.suppress(RuntimeError, OSError, ValueError):
                rules.add_rule(seccomp.ERRNO(1), name)
        rules.load()
    except (RuntimeError, OSError, ValueError) as error:
        return f"seccomp: {error}"
    return None


def seccomp_works() -> str | None:
    """Whether the filter can be loaded and holds: tried in a process of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        why = "seccomp: did not hold"
        with contextlib.suppress(BaseException):
            why = no_network() or ""
            if not why:
                import socket

                try:
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
                    why = "seccomp: a socket could still be opened"
                except PermissionError:
                    why = ""
        os.write(write, why.encode()[:200] + b".")
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read().decode()
    return answer[:-1] or None if answer else "seccomp: the trial ended the process"


assert sys.platform.startswith("linux"), "Yudi runs on Linux"
