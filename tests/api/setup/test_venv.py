"""The Python environment, made before anything is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.setup import venv
from geo.settings import ROOT


def test_it_runs_on_the_standard_library_alone(tmp_path: Path) -> None:
    """The system's Python has nothing of ours: whatever the module imports must do without."""
    code = (
        "import sys, sysconfig; sys.path = [p for p in sys.path if 'site-packages' not in p];"
        f"sys.path.insert(0, {str(ROOT)!r}); import api.setup.venv;"
        "foreign = {m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names - {'api', 'geo', '__main__'};"
        "sys.exit(', '.join(sorted(m for m in foreign if not m.startswith('_'))) or 0)"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_what_pip_is_set_to_is_passed_to_uv() -> None:
    listed = (
        "global.index-url='https://mirror.example/simple'\n"
        "global.extra-index-url='https://one.example\\nhttps://two.example'\n"
        ":env:.find-links='/one /two'\n"
        "global.cert='/etc/ca.crt'\n"
        "global.timeout='180'\n"
    )
    assert venv.for_uv(listed) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example https://two.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/one,/two",
        "SSL_CERT_FILE": "/etc/ca.crt",
    }
    assert venv.for_uv("") == {}


def test_all_caches_lie_in_the_checkout_and_nothing_redirects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    environment = venv.with_own_caches(tmp_path)
    assert not {"PIP_TARGET", "PYTHONPATH"} & set(environment)
    for name in ("PIP_CACHE_DIR", "UV_CACHE_DIR"):
        assert environment[name].startswith(str(tmp_path))


def test_what_will_be_imported_is_compiled_ahead(tmp_path: Path) -> None:
    packages = tmp_path / "tests" / ".venv" / "lib" / "python3" / "site-packages"
    for file in ("scipy/one.py", "scipy/tests/two.py", "pip/three.py"):
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        (packages / file).write_text("A = 1\n")
    venv.compile_ahead(Path(sys.executable), packages.parents[2])
    assert [path.name.partition(".")[0] for path in packages.rglob("*.pyc")] == ["one"]


def test_uv_is_asked_first_with_hashes_and_pip_where_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[list[str]] = []

    def run(command: list[object], environment: dict[str, str]) -> None:
        commands.append([str(part) for part in command])
        if "uv" in commands[-1]:
            raise venv.NotInstalled()

    monkeypatch.setattr(venv, "run", run)
    monkeypatch.setattr(venv, "pips_settings", lambda python, environment: {})
    venv.install(tmp_path, tmp_path / ".venv", tmp_path / "lock.txt", {})
    got_uv, uv, pip = commands
    assert got_uv[-1].endswith("requirements/uv.txt")
    assert {"sync", "--require-hashes"} <= set(uv)
    assert {"--require-hashes", ":all:"} <= set(pip)
    assert pip[-1] == uv[-1] == str(tmp_path / "lock.txt")
    assert "pip" in capsys.readouterr().err


def test_a_python_without_ensurepip_and_no_way_to_get_it_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(venv, "has_ensurepip", lambda: False)
    monkeypatch.setattr(venv, "pip_wheel", lambda root: None)
    monkeypatch.setattr(venv.apt, "may_install", lambda: False)
    assert venv.main(tmp_path) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "python{}.{}-venv".format(*sys.version_info[:2]) in said


def test_no_room_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(venv, "NEEDED_MB", 10**9)
    assert venv.main(tmp_path) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "磁盘空间不足" in said


def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(root: Path) -> None:
        raise PermissionError(13, "Permission denied", str(root))

    monkeypatch.setattr(venv, "make", refused)
    assert venv.main(tmp_path) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(tmp_path) in said


def test_an_environment_whose_python_was_exchanged_is_not_taken_for_one(tmp_path: Path) -> None:
    assert venv.version_of(tmp_path) is None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(tmp_path / "gone")
    assert venv.version_of(tmp_path) is None
    (tmp_path / "bin" / "python").unlink()
    os.symlink(sys.executable, tmp_path / "bin" / "python")  # runs, but has no packages beside it
    assert venv.version_of(tmp_path) is None
