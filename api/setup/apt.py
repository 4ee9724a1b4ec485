"""The distribution's own package client: as root or through sudo, or without either into a private folder.

Needs nothing but the standard library and the sentences of geo: .venv is made with it too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from api.setup.say import say
from geo.text import Text


def may_install() -> bool:
    """Whether packages can be installed: as root, through sudo without a password, or with one that a
    person at the terminal can type. False where there is no apt."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        return True
    if shutil.which("sudo") is None:
        return False
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return silent or sys.stdin.isatty()


def announcement(packages: Sequence[str]) -> Text:
    """What is said before anything is installed."""
    how = "apt-get" if os.geteuid() == 0 else "sudo apt-get"
    names = " ".join(packages)
    return Text(f"将用 {how} 安装：{names}", f"Will install by {how}: {names}")


def command(arguments: Sequence[str]) -> list[str]:
    """apt-get with root's rights, asking no questions."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    return [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *arguments]


def update() -> bool:
    """Fetch the lists of packages. Returns whether that went well."""
    say(Text("正在更新软件包列表…", "Fetching the lists of packages …"))
    return subprocess.run(command(["update"]), stdout=sys.stderr, check=False).returncode == 0


def install(packages: Sequence[str]) -> bool:
    """Say what is going to be installed, then install it; lists that have grown old are fetched again once.
    Returns whether that went well."""
    say(announcement(packages))
    wanted = command(["install", "-y", "--no-install-recommends", *packages])
    if subprocess.run(wanted, stdout=sys.stderr, check=False).returncode == 0:
        return True
    return update() and subprocess.run(wanted, stdout=sys.stderr, check=False).returncode == 0


def known(prefix: str, private: Path | None = None) -> set[str]:
    """The names of the packages that start with `prefix`, of the machine's lists or of the private ones."""
    if shutil.which("apt-cache") is None:
        return set()
    options = private_options(private) if private else []
    listed = subprocess.run(
        ["apt-cache", *options, "pkgnames", prefix], capture_output=True, text=True, check=False
    )
    return set(listed.stdout.split())


def private_options(state: Path) -> list[str]:
    """Options that make apt keep all that it writes under `state` and think that nothing is installed.
    Sources and keys stay the system's."""
    options = {
        "Dir::State::lists": f"{state}/lists",
        "Dir::State::status": f"{state}/status",
        "Dir::Cache": f"{state}/cache",
        "Dir::Log": f"{state}/log",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
    }
    return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]


def private_update(state: Path) -> bool:
    """Lists of packages of our own under `state`, by an ordinary user. Returns whether that went well."""
    for part in ("lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    fetch = ["apt-get", *private_options(state), "-qq", "update"]
    return subprocess.run(fetch, stdout=sys.stderr, check=False).returncode == 0


def private_download(state: Path, packages: Sequence[str]) -> list[Path]:
    """The archives of the packages and of all that they need, under `state`; none where that fails."""
    fetch = ["apt-get", *private_options(state), "-qq", "-y", "--download-only", "--no-install-recommends"]
    done = subprocess.run([*fetch, "install", *packages], stdout=sys.stderr, check=False)
    return sorted((state / "cache" / "archives").glob("*.deb")) if done.returncode == 0 else []
