"""./yudi test: arguments reach pytest, its exit code comes back, browser tests that do not run are named."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from api.cli import __main__ as program
from api.cli import test as command
from api.setup import assets, cluster, packages


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What pytest is asked for; nothing is set up and nothing is run."""
    runs: list[list[str]] = []
    for module, name in (
        (packages, "provide_fonts"),
        (packages, "provide_browser"),
        (assets, "provide_for_tests"),
    ):
        monkeypatch.setattr(module, name, lambda: None)
    monkeypatch.setattr(packages, "browser", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(cluster, "running", lambda *_, **__: nullcontext())
    monkeypatch.setattr(command, "run", lambda arguments: runs.append(arguments) or len(runs) + 4)
    return runs


def test_arguments_go_to_pytest_and_its_exit_code_comes_back(asked: list[list[str]]) -> None:
    result = CliRunner().invoke(program.program(), ["test", "-k", "lines", "--help", "tests/geo"])
    assert asked == [["-k", "lines", "--help", "tests/geo"]]
    assert result.exit_code == 5


THREE = ["--processes", "3"]


@pytest.mark.parametrize(
    "how", [[], ["--all"], ["-q", "-x", "--durations=20"], ["--maxfail", "3", "-ra"], ["--tb", "short"]]
)
def test_the_whole_suite_is_run_by_three_processes(asked: list[list[str]], how: list[str]) -> None:
    CliRunner().invoke(program.program(), ["test", *how])
    assert asked == [[*THREE, *how]]


@pytest.mark.parametrize(
    "part",
    ["tests", "tests/test_rooms.py::test_arrows", "-kword", "-n4", "--lf", "--pdb", "--co", "--capture=no"],
)
def test_a_part_of_it_by_one(asked: list[list[str]], part: str) -> None:
    CliRunner().invoke(program.program(), ["test", part, "-q"])
    assert asked == [[part, "-q"]]


def test_without_a_browser_the_tests_that_do_not_run_are_named(
    asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "browser", lambda: None)
    CliRunner().invoke(program.program(), ["test", "-q"])
    assert asked == [[*THREE, "-q", "--no-fold-skipped"]]
