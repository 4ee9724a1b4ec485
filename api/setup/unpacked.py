"""PostgreSQL and PostGIS without root: the distribution's packages, unpacked into var/ but not installed.

An ordinary user's apt downloads the closure; only what a server needs is unpacked (no LLVM, documents,
translations or old upgrade scripts). libc, libgcc and libstdc++ stay the host's: two of one kind in a
process do not get on.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

from api.setup import apt
from api.setup.binaries import SUPPORTED, Binaries
from api.setup.room import check_room
from api.setup.say import say
from geo.text import Text

NEEDED_MB = 800
FONTS_MB = 250
FONT_FILES = "usr/share/fonts/"
HOSTS_OWN = ("libc6", "libc-bin", "libgcc-s1", "libstdc++6")
KEPT = (
    "usr/lib/postgresql/",
    "usr/share/postgresql/",
    "usr/share/proj/",
    "usr/lib/x86_64-linux-gnu/",
    "lib/x86_64-linux-gnu/",
)
LEFT_OUT = re.compile(
    r"/bitcode/|/libLLVM|/libz3|/perl|/gconv/|/locale/|/pkgconfig/|\.a$"
    r"|/extension/(postgis|address_standardizer)[^/]*--(?!ANY)[^/]*--[^/]*\.sql$"
)


def wanted(names: Iterable[str], present: Iterable[int] = ()) -> list[str]:
    """The packages to ask for, of the names that the distribution has; empty where none fits.

    present: major versions whose server is here already but lacks PostGIS; one of these is preferred.
    """
    names = set(names)
    majors = [m for m in SUPPORTED if {f"postgresql-{m}", f"postgresql-{m}-postgis-3"} <= names]
    if not majors:
        return []
    best = max(majors, key=lambda m: (m in set(present), m))
    return [f"postgresql-{best}", f"postgresql-{best}-postgis-3", f"postgresql-{best}-postgis-3-scripts"]


def provide(target: Path) -> bool:
    """Download and unpack into `target`. Returns whether a server with PostGIS is there now. Raises NoRoom."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return False
    check_room(target.parent, NEEDED_MB)
    say(
        Text(
            "没有管理员权限：把 PostgreSQL 与 PostGIS 下载并解压到 var/ 内（约 140 MB，不安装到系统）…",
            "No administrator's rights: downloading PostgreSQL and PostGIS and unpacking them into var/ "
            "(about 140 MB, nothing is installed) …",
        )
    )
    state = target.parent / "apt"
    if not apt.private_update(state):
        return False
    packages = wanted(apt.known("postgresql-", state))
    archives = apt.private_download(state, packages) if packages else []
    if not archives:
        return False
    draft = target.with_name(target.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for archive in archives:
        if archive.name.split("_")[0] not in HOSTS_OWN:
            unpack(archive, draft)
    complete_controls(draft)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    shutil.rmtree(state)
    return bool(as_binaries(target))


def provide_fonts(package: str, target: Path) -> bool:
    """Download a package of fonts and unpack its font files into `target`. Returns whether they are there now.
    Raises NoRoom."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return False
    check_room(target.parent, FONTS_MB)
    say(
        Text(
            f"没有管理员权限：把中文字体 {package} 下载并解压到 var/ 内（约 60 MB，不安装到系统）…",
            f"No administrator's rights: downloading the Chinese fonts {package} and unpacking them into var/ "
            "(about 60 MB, nothing is installed) …",
        )
    )
    state = target.parent / "apt-fonts"
    archives = apt.private_download(state, [package]) if apt.private_update(state) else []
    draft = target.with_name(target.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for archive in archives:
        if archive.name.startswith(f"{package}_"):
            unpack(archive, draft, lambda name: name.startswith(FONT_FILES))
    shutil.rmtree(state, ignore_errors=True)
    if not draft.is_dir():
        return False
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    return True


def kept(name: str) -> bool:
    """Whether a server needs this file of a package. name: without a leading ./"""
    return name.startswith(KEPT) and not LEFT_OUT.search("/" + name)


def unpack(archive: Path, target: Path, wanted: Callable[[str], bool] = kept) -> None:
    """What is wanted of one package, by default what a server needs; no install script is run."""
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as reader,
        tarfile.open(fileobj=reader.stdout, mode="r|") as files,
    ):
        # apt has checked the archive against signed lists; 3.12 and later want to be told.
        files.extraction_filter = staticmethod(lambda member, path: member)  # type: ignore[assignment]
        for member in files:
            if not member.isdir() and wanted(member.name.removeprefix("./")):
                files.extract(member, target)
    if reader.returncode != 0:
        raise OSError(f"dpkg-deb: {archive.name}")


def complete_controls(root: Path) -> None:
    """Make the control files that an install script would have linked: postgis-3.control -> postgis.control."""
    for control in root.glob("usr/share/postgresql/*/extension/*-3.control"):
        plain = control.with_name(control.name.replace("-3.control", ".control"))
        if not plain.exists():
            shutil.copyfile(control, plain)


def as_binaries(root: Path) -> list[Binaries]:
    """What was unpacked under `root`; nothing where that has not been done."""
    found = []
    for folder in root.glob("usr/lib/postgresql/*/bin"):
        major = folder.parent.name
        if int(major) in SUPPORTED and (folder / "initdb").exists():
            found.append(Binaries(folder, int(major), root, environment(root)))
    return found


def environment(root: Path) -> dict[str, str]:
    """What the unpacked server needs to find its libraries and PROJ's data: for its process alone."""
    libraries = root / "usr/lib/x86_64-linux-gnu"
    path = [libraries, libraries / "blas", libraries / "lapack", root / "lib/x86_64-linux-gnu"]
    proj = str(root / "usr/share/proj")
    return {"LD_LIBRARY_PATH": ":".join(map(str, path)), "PROJ_DATA": proj, "PROJ_LIB": proj}
