"""The shell script: what it says elsewhere, and that neither the shell nor the folder of the caller matters."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from geo.settings import ROOT

YUDI = ROOT / "yudi"


def run(
    *arguments: str, cwd: Path | None = None, script: Path = YUDI, **extra: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script), *arguments],
        cwd=cwd,
        env=os.environ | extra,
        capture_output=True,
        text=True,
        check=False,
    )


def tool(folder: Path, name: str, words: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "x86_64"), ("Linux", "aarch64")])
def test_elsewhere_it_says_so_in_one_sentence(tmp_path: Path, system: str, machine: str) -> None:
    tool(tmp_path, "uname", f'[ "$1" = -s ] && echo {system} || echo {machine}')
    said = run("--help", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert said.returncode == 3
    assert said.stderr.count("\n") == 1
    assert f"{system} {machine}" in said.stderr
    assert "x86-64" in said.stderr
    assert said.stdout == ""


def test_without_a_python_that_suits_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    checkout.mkdir()
    tools.mkdir()
    shutil.copy(YUDI, checkout)
    for name in ("dirname", "readlink", "uname", "cat", "id"):
        (tools / name).symlink_to(shutil.which(name) or "")
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        tool(tools, name, "exit 1")
    script = (checkout / "yudi").read_text().replace("/usr/bin/python3", "/nonexistent")
    (checkout / "yudi").write_text(script)
    said = subprocess.run(
        ["/bin/sh", checkout / "yudi", "--help"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 3
    assert said.stderr.count("\n") == 1
    assert "3.11" in said.stderr


def test_the_callers_python_settings_and_folder_do_no_harm(tmp_path: Path) -> None:
    for name in ("typer.py", "geo.py", "api.py", "encodings.py"):
        (tmp_path / name).write_text("raise SystemExit('hidden')\n")
    said = run(
        "--help", cwd=tmp_path, PYTHONPATH=str(tmp_path), PYTHONHOME=str(tmp_path), PYTHONWARNINGS="error",
        PYTHONSTARTUP=str(tmp_path / "geo.py"), VIRTUAL_ENV=str(tmp_path),
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "up" in said.stdout
    assert said.stderr == ""


def test_it_runs_through_a_link_from_any_folder(tmp_path: Path) -> None:
    link = tmp_path / "yudi"
    link.symlink_to(YUDI)
    said = run("nope", cwd=tmp_path, script=link)
    assert said.returncode == 2
    assert "--help" in said.stderr


def test_what_is_there_is_not_made_again() -> None:
    """A hint of set-up on the error stream would mean that something was done a second time."""
    assert run("--help").stderr == ""
    assert (ROOT / ".venv" / "yudi-stamp").exists()
