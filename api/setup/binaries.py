"""Where PostgreSQL with PostGIS is on this machine: no hard-coded version, no hard-coded path."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from geo.problems import Unavailable
from geo.settings import ROOT
from geo.text import Text

#: The major versions that Yudi is tested with.
SUPPORTED = range(15, 19)
#: What a distribution without root unpacks into; see unpacked.py.
UNPACKED = ROOT / "var" / "system"


class NoPostgres(Unavailable):
    """PostgreSQL with PostGIS is missing."""

    code = "no-postgres"
    title = Text(
        "缺少 PostgreSQL（15–18）与 PostGIS：请管理员安装 postgresql 与 postgresql-<版本>-postgis-3，"
        "或用 YUDI_DATABASE_URL 指向已有的数据库",
        "PostgreSQL (15–18) with PostGIS is missing: ask the administrator to install postgresql and "
        "postgresql-<version>-postgis-3, or name an existing database in YUDI_DATABASE_URL",
    )


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one PostgreSQL. root: of an unpacked distribution, None for the machine's own."""

    folder: Path
    major: int
    root: Path | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")

    def environment(self) -> dict[str, str]:
        """The environment of the server alone: the library path never reaches the shell or Python."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        kept["LC_ALL"] = "C.UTF-8"
        return kept | self.extra


def binaries(major: int | None = None) -> Binaries | None:
    """The newest supported PostgreSQL that has PostGIS; of that major version where one is asked for."""
    from api.setup.unpacked import as_binaries

    here = [b for b in (*installed(), *as_binaries(UNPACKED)) if major in (None, b.major)]
    return max(here, key=lambda b: (b.root is None, b.major), default=None)


def found() -> Binaries:
    """The same, for who cannot do without. Raises NoPostgres."""
    here = binaries()
    if here is None:
        raise NoPostgres()
    return here


def installed() -> list[Binaries]:
    """Every supported PostgreSQL of the machine itself that has PostGIS."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *from_pg_config()]
    here = []
    for folder in dict.fromkeys(folders):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            major, control = described(folder)
            if major in SUPPORTED and control.exists():
                here.append(Binaries(folder, major))
    return here


def from_pg_config() -> list[Path]:
    """Where pg_config says that the programs are; nothing without it."""
    program = which("pg_config")
    if program is None:
        return []
    said = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
    return [Path(said.stdout.strip())] if said.returncode == 0 and said.stdout.strip() else []


def described(folder: Path) -> tuple[int, Path]:
    """(major version, where postgis.control is if there is one) of the PostgreSQL in a bin folder."""
    parent = folder.parent.name
    if folder.parent.parent == Path("/usr/lib/postgresql") and parent.isdigit():
        return int(parent), Path(f"/usr/share/postgresql/{parent}/extension/postgis.control")
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)\.", said.stdout)
    share = subprocess.run(
        [folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return int(number.group(1)) if number else 0, Path(share or "/nonexistent") / "extension/postgis.control"
