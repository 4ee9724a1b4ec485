"""What is asked of the distribution, and how, with root's rights or without. Nothing is installed here."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from api.setup import apt, binaries, packages, unpacked
from api.setup.binaries import NoPostgres
from geo.settings import ROOT
from maps.sheets import typeset

DEBIAN_12 = {
    "postgresql-15",
    "postgresql-15-postgis-3",
    "postgresql-15-postgis-3-scripts",
    "postgresql-common",
}
UBUNTU = {"postgresql-16", "postgresql-16-postgis-3", "postgresql-16-postgis-3-scripts"}


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """A machine without PostgreSQL. Returns the commands that are run there, none of which does anything."""
    run: list[list[str]] = []
    monkeypatch.setattr(packages, "binaries", lambda: None)
    monkeypatch.setattr(packages, "present_servers", list)
    monkeypatch.setattr(packages.unpacked, "provide", lambda target: run.append(["unpack"]) or False)

    def record(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        run.append([str(part) for part in command])
        return subprocess.CompletedProcess(command, 0, "\n".join(sorted(DEBIAN_12)), "")

    monkeypatch.setattr(apt.subprocess, "run", record)
    return run


@pytest.mark.parametrize(
    ("names", "present", "major"),
    [(DEBIAN_12, [], 15), (UBUNTU, [], 16), (DEBIAN_12 | UBUNTU, [], 16), (DEBIAN_12 | UBUNTU, [15], 15),
     ({"postgresql-18", "postgresql-18-postgis-3"}, [], 18)],
)  # fmt: skip
def test_the_newest_version_with_postgis_or_the_one_that_is_here(
    names: set[str], present: list[int], major: int
) -> None:
    assert unpacked.wanted(names, present)[:2] == [f"postgresql-{major}", f"postgresql-{major}-postgis-3"]


@pytest.mark.parametrize("names", [set(), {"postgresql-15"}, {"postgresql-14", "postgresql-14-postgis-3"}])
def test_no_version_that_suits(names: set[str]) -> None:
    assert unpacked.wanted(names) == []


def test_root_is_told_before_apt_installs(
    without: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(NoPostgres) as caught:
        packages.provide_postgres()
    said = capsys.readouterr().err
    assert "postgresql-15 postgresql-15-postgis-3" in said
    installs = [c for c in without if "install" in c]
    assert installs
    assert installs[0][0] != "sudo"
    assert "--no-install-recommends" in installs[0]
    assert "postgresql-" in caught.value.text.en


def test_an_ordinary_user_uses_sudo_for_apt_alone(
    without: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(apt.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(NoPostgres):
        packages.provide_postgres()
    assert "sudo apt-get" in capsys.readouterr().err
    raised = [c for c in without if c[0] == "sudo" and c[1:] != ["-n", "true"]]
    assert raised
    assert all(c[:4] == ["sudo", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"] for c in raised)


def test_without_sudo_it_is_unpacked(without: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(apt.shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}")
    with pytest.raises(NoPostgres):
        packages.provide_postgres()
    assert without == [["unpack"]]


def test_private_apt_writes_in_its_own_folder_alone(tmp_path: Path) -> None:
    options = [o for o in apt.private_options(tmp_path) if o != "-o"]
    places = {o.partition("=")[0]: o.partition("=")[2] for o in options}
    for name in ("Dir::State::lists", "Dir::State::status", "Dir::Cache", "Dir::Log"):
        assert places[name].startswith(str(tmp_path))
    assert places["Debug::NoLocking"] == "1"


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("usr/lib/postgresql/15/bin/postgres", True),
        ("usr/lib/x86_64-linux-gnu/libgeos_c.so.1", True),
        ("usr/lib/x86_64-linux-gnu/blas/libblas.so.3", True),
        ("usr/share/proj/proj.db", True),
        ("usr/share/postgresql/15/extension/postgis--3.3.2.sql", True),
        ("usr/share/postgresql/15/extension/postgis--ANY--3.3.2.sql", True),
        ("usr/share/postgresql/15/extension/pg_trgm--1.3--1.4.sql", True),
        ("usr/share/postgresql/15/extension/postgis--3.0.0--3.3.2.sql", False),
        ("usr/lib/postgresql/15/lib/bitcode/postgres/access/heap/heapam.bc", False),
        ("usr/lib/x86_64-linux-gnu/libLLVM-14.so.1", False),
        ("usr/share/doc/postgresql-15/copyright", False),
        ("usr/share/locale/de/LC_MESSAGES/postgres-15.mo", False),
        ("usr/bin/perl", False),
    ],
)
def test_only_what_a_server_needs_is_unpacked(name: str, needed: bool) -> None:
    assert unpacked.kept(name) is needed


def package(path: Path, files: dict[str, bytes]) -> Path:
    """A package as dpkg-deb makes it."""
    root = path.with_suffix("")
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"
    )
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    subprocess.run(["dpkg-deb", "--build", root, path], check=True, capture_output=True)
    return path


def test_an_unpacked_distribution_is_found_with_its_libraries_and_projections(tmp_path: Path) -> None:
    extension = "usr/share/postgresql/15/extension"
    archive = package(
        tmp_path / "x_1_all.deb",
        {
            "usr/lib/postgresql/15/bin/initdb": b"#!/bin/sh\n",
            f"{extension}/postgis-3.control": b"default_version = '3.3.2'\n",
            "usr/share/doc/x/copyright": b"x",
        },
    )
    root = tmp_path / "system"
    unpacked.unpack(archive, root)
    unpacked.complete_controls(root)
    # What an install script would have linked.
    assert (root / extension / "postgis.control").read_bytes() == b"default_version = '3.3.2'\n"
    assert not (root / "usr/share/doc").exists()
    [found] = unpacked.as_binaries(root)
    assert found.major == 15
    environment = found.environment()
    libraries = environment["LD_LIBRARY_PATH"].split(":")
    assert {str(root / f"usr/lib/x86_64-linux-gnu{part}") for part in ("", "/blas", "/lapack")} <= set(
        libraries
    )
    assert environment["PROJ_DATA"] == environment["PROJ_LIB"] == str(root / "usr/share/proj")
    assert "LD_LIBRARY_PATH" not in os.environ


def test_the_machines_own_server_is_preferred_to_an_unpacked_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = binaries.Binaries(Path("/usr/lib/postgresql/15/bin"), 15)
    loose = binaries.Binaries(tmp_path, 17, tmp_path)
    monkeypatch.setattr(binaries, "installed", lambda: [own])
    monkeypatch.setattr(unpacked, "as_binaries", lambda root: [loose])
    assert binaries.binaries() == own
    assert binaries.binaries(17) == loose
    assert binaries.binaries(16) is None


def test_a_broken_archive_is_not_taken(tmp_path: Path) -> None:
    broken = tmp_path / "broken_1_all.deb"
    broken.write_bytes(b"!<arch>\nnothing")
    with pytest.raises((OSError, tarfile.TarError)):
        unpacked.unpack(broken, tmp_path / "system")


def test_optional_packages_are_asked_for_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "has_chinese_fonts", lambda: False)
    monkeypatch.setattr(packages.apt, "may_install", lambda: False)
    monkeypatch.setattr(packages.unpacked, "provide_fonts", lambda package, target: False)
    packages.provide_fonts()
    assert packages.FONTS in capsys.readouterr().err
    packages.provide_fonts()
    assert capsys.readouterr().err == ""


def test_without_root_fonts_are_unpacked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "UNPACKED_FONTS", tmp_path / "var" / "fonts")
    monkeypatch.setattr(packages, "FONT_FOLDERS", ())
    monkeypatch.setattr(packages.apt, "may_install", lambda: False)
    monkeypatch.setattr(unpacked.apt, "private_update", lambda state: state.mkdir(parents=True) or True)
    monkeypatch.setattr(
        unpacked.apt,
        "private_download",
        lambda state, names: [
            package(
                state / f"{names[0]}_1_all.deb",
                {"usr/share/fonts/opentype/NotoSerifCJK.ttc": b"x", "etc/fonts/x.conf": b"x"},
            )
        ],
    )
    packages.provide_fonts()
    found = [
        p.relative_to(tmp_path)
        for p in (tmp_path / "var").rglob("*")
        if p.is_file() and "asked" not in p.parts
    ]
    assert found == [Path("var/fonts/usr/share/fonts/opentype/NotoSerifCJK.ttc")]
    assert packages.has_chinese_fonts()
    assert typeset.UNPACKED == ROOT / "var" / "fonts", "where the typesetting looks for them"
    assert "截图可能缺字" not in capsys.readouterr().err


def test_ubuntu_has_no_real_chromium_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed: list[list[str]] = []
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "browser", lambda: None)
    monkeypatch.setattr(packages, "distribution", lambda: "ubuntu")
    monkeypatch.setattr(packages.apt, "may_install", lambda: True)
    monkeypatch.setattr(packages.apt, "install", lambda names: installed.append(names) or True)
    packages.provide_browser()
    assert installed == []
    assert "浏览器测试" in capsys.readouterr().err


def test_a_snap_is_no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stub = tmp_path / "chromium"
    stub.symlink_to("/usr/bin/snap")
    monkeypatch.setattr(packages.shutil, "which", lambda name: str(stub) if name == "chromium" else None)
    assert packages.browser() is None


@pytest.mark.parametrize(
    ("listed", "taken"),
    [({"chromium-headless-shell"}, "chromium-headless-shell"), (set(), "chromium")],
)
def test_debian_gives_the_chromium_without_a_window_where_it_has_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listed: set[str], taken: str
) -> None:
    installed: list[list[str]] = []
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "browser", lambda: None)
    monkeypatch.setattr(packages, "distribution", lambda: "debian")
    monkeypatch.setattr(packages.apt, "known", lambda prefix: listed)
    monkeypatch.setattr(packages.apt, "may_install", lambda: True)
    monkeypatch.setattr(packages.apt, "install", lambda names: installed.append(names) or True)
    packages.provide_browser()
    assert installed == [[taken]]


def test_the_chromium_without_a_window_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"chromium": "/usr/bin/chromium", "chromium-headless-shell": "/usr/bin/chromium-headless-shell"}
    monkeypatch.setattr(packages.shutil, "which", there.get)
    assert packages.browser() == Path("/usr/bin/chromium-headless-shell")
    del there["chromium-headless-shell"]
    assert packages.browser() == Path("/usr/bin/chromium")
