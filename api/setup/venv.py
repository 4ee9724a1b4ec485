"""Make .venv from the hashed lock. Run by the system's Python before anything is installed: the standard
library alone, and nothing of this project is imported.

The steps, each only where the one before left something to do: an environment with pip in it (the system's
ensurepip; else the packages that carry it, by apt or unpacked into var/), uv from its own hashed lock, then
the lock with uv, or with pip where uv cannot. Nothing is written outside the checkout but by apt.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

NEEDED_MB = 1500
PACKAGES = ("python3-pip-whl", "python3-setuptools-whl")


class Stop(Exception):
    """One sentence in Chinese and English; set-up cannot go on."""


def say(zh: str, en: str) -> None:
    print(f"{zh} · {en}", file=sys.stderr, flush=True)


def main(root: Path) -> int:
    """Make or mend the environment of the checkout `root`. Returns the exit code of ./yudi."""
    var = root / "var"
    try:
        var.mkdir(exist_ok=True)
        with (var / "venv.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(
                    "另一个 ./yudi 正在准备环境，等待中…",
                    "Another ./yudi is preparing the environment; waiting …",
                )
                fcntl.flock(lock, fcntl.LOCK_EX)
            make(root)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 3
    except PermissionError as error:
        say(
            f"没有写入 {error.filename} 的权限：请用这个文件夹的所有者运行",
            f"No permission to write {error.filename}: run as the owner of this folder",
        )
        return 3
    except OSError as error:
        say(f"准备环境失败：{error}", f"Preparing the environment failed: {error}")
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


def make(root: Path) -> None:
    folder = root / ".venv"
    lock = root / "requirements" / "py{}{}.txt".format(*sys.version_info[:2])
    if (folder / "bin" / "python").exists() and fits(folder):
        lock = root / "requirements" / f"py{version_of(folder)}.txt"
    if stamp_of(folder) == stamp(folder, lock):
        return  # somebody else was just here
    check_room(root)
    environment = clean_environment(root)
    if not fits(folder):
        make_folder(root, folder, environment)
        lock = root / "requirements" / f"py{version_of(folder)}.txt"
    (folder / "yudi-stamp").unlink(missing_ok=True)
    say("正在安装 Python 依赖（只做一次）…", "Installing the Python packages (once) …")
    install(root, folder, lock, environment)
    (site_packages(folder) / "yudi.pth").write_text("../../../..\n", encoding="utf-8")
    (folder / "yudi-stamp").write_text(stamp(folder, lock), encoding="utf-8")


def stamp_of(folder: Path) -> str | None:
    try:
        return (folder / "yudi-stamp").read_text(encoding="utf-8")
    except OSError:
        return None


def stamp(folder: Path, lock: Path) -> str:
    """As the shell script reckons it: the interpreter behind .venv/bin/python and the hash of the lock."""
    python = os.path.realpath(folder / "bin" / "python")
    return f"{python} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


def fits(folder: Path) -> bool:
    """Whether the environment runs, is of a supported Python and can install."""
    python = folder / "bin" / "python"
    if not python.exists():
        return False
    code = "import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.prefix != sys.base_prefix))"
    ran = subprocess.run([python, "-I", "-c", code], capture_output=True, check=False)
    return ran.returncode == 0 and any(
        (folder / "lib").glob(f"python3.{version_of(folder)[1:]}/site-packages")
    )


def version_of(folder: Path) -> str:
    code = "import sys; print('%d%d' % sys.version_info[:2])"
    said = subprocess.run(
        [folder / "bin" / "python", "-I", "-c", code], capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def site_packages(folder: Path) -> Path:
    return folder / "lib" / f"python3.{version_of(folder)[1:]}" / "site-packages"


def check_room(root: Path) -> None:
    free = shutil.disk_usage(root).free // 1024**2
    if free < NEEDED_MB:
        raise Stop(
            f"磁盘空间不足：{root} 只剩 {free} MB，至少需要 {NEEDED_MB} MB，请清理后再运行 · "
            f"Not enough disk space: {free} MB left at {root}, at least {NEEDED_MB} MB needed; free some and run again"
        )


def clean_environment(root: Path) -> dict[str, str]:
    """The caller's environment, with every cache inside the checkout."""
    cache = root / "var" / "cache"
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PIP_TARGET", "PIP_PREFIX", "PIP_USER")
    }
    return kept | {
        "PIP_CACHE_DIR": str(cache / "pip"),
        "UV_CACHE_DIR": str(cache / "uv"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def make_folder(root: Path, folder: Path, environment: dict[str, str]) -> None:
    """A fresh environment with pip in it."""
    say("正在建立 Python 环境 .venv …", "Making the Python environment .venv …")
    if not has_ensurepip() and may_apt():
        wanted = "python{}.{}-venv".format(*sys.version_info[:2])
        say(f"将用 apt 安装 {wanted}", f"Will install by apt: {wanted}")
        apt_install([wanted])
    if has_ensurepip():
        venv.EnvBuilder(clear=True, symlinks=True).create(folder)
        run([folder / "bin" / "python", "-I", "-m", "ensurepip", "--default-pip"], environment)
        return
    venv.EnvBuilder(clear=True, symlinks=True).create(folder)
    wheel = system_pip_wheel() or unpacked_pip_wheel(root)
    run(
        [folder / "bin" / "python", wheel / "pip", "install", "--no-index", "--no-deps", wheel],
        environment | {"PYTHONPATH": "", "PIP_FIND_LINKS": ""},
    )


def has_ensurepip() -> bool:
    """Whether this Python can put pip into an environment; Debian keeps that in a package of its own. Asked
    of a fresh process: apt may just have brought it."""
    return subprocess.run([sys.executable, "-I", "-c", "import ensurepip._bundled, ensurepip; ensurepip.version()"],
                          capture_output=True, check=False).returncode == 0  # fmt: skip


def may_apt() -> bool:
    """Whether apt can be asked: as root, or through sudo without a password or with one from a terminal."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        return True
    if shutil.which("sudo") is None:
        return False
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return silent or sys.stdin.isatty()


def apt_install(packages: list[str]) -> None:
    """Install by apt; what fails is left to the way without root."""
    before = [] if os.geteuid() == 0 else ["sudo"]
    for arguments in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        command = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *arguments]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
            return


def system_pip_wheel() -> Path | None:
    """pip's wheel as the distribution's package brings it."""
    return max(Path("/usr/share/python-wheels").glob("pip-*.whl"), default=None)


def unpacked_pip_wheel(root: Path) -> Path:
    """The same, downloaded and unpacked into var/ with the ordinary client, without root."""
    place = root / "var" / "wheels"
    if not list(place.rglob("pip-*.whl")):
        missing = [tool for tool in ("apt-get", "dpkg-deb") if shutil.which(tool) is None]
        if missing:
            raise no_pip()
        say("没有管理员权限：下载 pip 到 var/ 内…", "No administrator's rights: fetching pip into var/ …")
        state = root / "var" / "apt"
        for part in ("lists/partial", "cache/archives/partial"):
            (state / part).mkdir(parents=True, exist_ok=True)
        (state / "status").touch()
        place.mkdir(parents=True, exist_ok=True)
        for arguments in (["update", "-q"], ["download", "-q", *PACKAGES]):
            command = ["apt-get", *private_apt(state), *arguments]
            if subprocess.run(command, cwd=place, stdout=sys.stderr, check=False).returncode != 0:
                raise no_pip()
        for package in place.glob("*.deb"):
            run(["dpkg-deb", "-x", package, place], dict(os.environ))
            package.unlink()
    return max(place.rglob("pip-*.whl"))


def private_apt(state: Path) -> list[str]:
    """Options that make apt keep all it writes under `state`; sources and keys stay the system's."""
    options = {
        "Dir::State::lists": f"{state}/lists",
        "Dir::State::status": f"{state}/status",
        "Dir::Cache": f"{state}/cache",
        "Dir::Log": f"{state}/log",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
    }
    return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]


def no_pip() -> Stop:
    name = "python{}.{}-venv".format(*sys.version_info[:2])
    return Stop(
        f"这个 Python 没有 ensurepip，且无法用 apt：请管理员安装 {name} · "
        f"This Python has no ensurepip and apt cannot be used: ask the administrator for {name}"
    )


def install(root: Path, folder: Path, lock: Path, environment: dict[str, str]) -> None:
    """Everything of the lock, checked against its hashes, compiled. uv first, pip where uv cannot."""
    python = folder / "bin" / "python"
    pip = [python, "-I", "-m", "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:"]
    uv_lock = root / "requirements" / "uv.txt"
    got_uv = (
        subprocess.run([*pip, "-r", uv_lock], env=environment, stdout=sys.stderr, check=False).returncode == 0
    )
    if got_uv:
        command = [python, "-I", "-m", "uv", "pip", "sync", "-q", "--require-hashes", "--compile-bytecode",
                   "--python", python, lock]  # fmt: skip
        ran = subprocess.run(
            command,
            env=environment | mirror(python, environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode == 0:
            return
        if "No space left on device" in ran.stderr:
            check_room(root)
        say("uv 未能安装，改用 pip（较慢）…", "uv could not install; using pip (slower) …")
    run([*pip, "-r", lock], environment)


def mirror(python: Path, environment: dict[str, str]) -> dict[str, str]:
    """uv does not read pip's settings: pass on the mirror, extra indexes and certificates that pip uses."""
    if any(name in environment for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")):
        return {}
    asked = subprocess.run(
        [python, "-I", "-m", "pip", "config", "list"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    found: dict[str, str] = {}
    for line in asked.stdout.splitlines():
        key, _, value = line.partition("=")
        name = names.get(key.rpartition(".")[2])
        if name:
            text = value.strip().strip("'\"").replace("\\n", " ")
            found[name] = (",".join if name == "UV_FIND_LINKS" else " ".join)(text.split())
    return found


def run(command: list[object], environment: dict[str, str]) -> None:
    done = subprocess.run([str(c) for c in command], env=environment, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise Stop(
            f"安装失败（{' '.join(str(c) for c in command[:4])} …），请检查网络后再运行 ./yudi · "
            "Installation failed; check the network and run ./yudi again"
        )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
