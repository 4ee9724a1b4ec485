"""Tests in two processes: what is printed, counted and stopped at is what it is with one, and a process that dies is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from geo.settings import ROOT

FINE = "def test_fine():\n    assert True\n"
WRONG = "def test_wrong():\n    print('what it said')\n    assert [1, 2] == [1, 3]\n"
DIES = "import os\n\ndef test_dies():\n    os.kill(os.getpid(), 9)\n\ndef test_after():\n    pass\n"


def run(folder: Path, modules: dict[str, str], *arguments: str) -> tuple[int, str]:
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text)
    environment = {k: v for k, v in os.environ.items() if k not in ("YUDI_DATABASE_URL", "PYTEST_ADDOPTS")}
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "tests.processes", "-p", "no:cacheprovider", "--processes", "2"]  # fmt: skip
    done = subprocess.run(
        [*command, *arguments, str(folder)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_reports_reach_the_one_that_prints_and_a_death_is_a_failure(tmp_path: Path) -> None:
    code, said = run(
        tmp_path, {"a": FINE, "b": DIES, "c": WRONG, "d": FINE, "e": FINE}, "--durations=3", "-vv"
    )
    assert code == 1
    assert "3 passed" in said and "2 failed" in said and "slowest 3 durations" in said
    assert "what it said" in said and "assert [1, 2] == [1, 3]" in said, "the failure is shown as ever"
    assert "test_b.py::test_dies" in said and "ended with -9" in said


def test_it_stops_at_the_first_failure(tmp_path: Path) -> None:
    slow = "import time\n\ndef test_long():\n    time.sleep(60)\n"
    code, said = run(tmp_path, {"a": slow, "b": WRONG, "c": FINE}, "-x")
    assert code == 1
    assert "1 failed" in said and "stopping after 1 failures" in said and "passed" not in said
