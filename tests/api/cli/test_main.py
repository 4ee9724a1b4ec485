"""Exit codes and sentences of the program, whatever goes wrong inside a command."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import typer

from api.cli import __main__ as program
from geo.problems import BadInput, Conflict, NotAllowed, NotFound, Unavailable
from geo.settings import ROOT


def raising(error: BaseException) -> typer.Typer:
    app = typer.Typer()

    @app.callback()
    def top() -> None: ...

    @app.command()
    def act(number: int = 0) -> None:
        raise error

    return app


def run(monkeypatch: pytest.MonkeyPatch, app: typer.Typer, *arguments: str) -> int:
    monkeypatch.setattr(program, "program", lambda: app)
    monkeypatch.setattr(program.signal, "signal", lambda *_: None)
    return program.main(list(arguments) or ["act"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput(), 2),
        (NotFound(), 2),
        (NotAllowed(), 1),
        (Conflict(), 1),
        (Unavailable(), 3),
        (psycopg.OperationalError("gone"), 3),
        (OSError(errno.ENOSPC, "No space left on device"), 3),
        (typer.Exit(1), 1),
        (typer.Exit(0), 0),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_kind_has_its_code_and_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    assert run(monkeypatch, raising(error)) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") <= 1
    assert "Traceback" not in told.err
    if isinstance(error, Exception) and not isinstance(error, typer.Exit):
        assert " · " in told.err


def test_a_mistake_of_ours_is_one_sentence_and_a_trace_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("YUDI_VAR", str(tmp_path))
    assert run(monkeypatch, raising(ZeroDivisionError("ours"))) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(tmp_path / "errors.log") in said
    assert "ZeroDivisionError: ours" in (tmp_path / "errors.log").read_text()


@pytest.mark.parametrize("arguments", [["nope"], ["act", "--number", "x"], ["act", "--nope"]])
def test_wrong_use_is_2_and_points_to_the_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(monkeypatch, raising(KeyError()), *arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("用法不对 · Wrong use")
    assert "--help" in said


def test_every_command_of_the_package_is_there() -> None:
    names = {group.name for group in program.program().registered_groups}
    names |= {command.name or command.callback.__name__ for command in program.program().registered_commands}  # type: ignore[union-attr]
    assert {"up", "test", "check", "submit", "bench", "user", "demo", "map"} <= names


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_while_python_tidies_is_not_lost(number: str, code: int) -> None:
    """A finaliser lets no exception out: the site stood still after a SIGTERM that came into one."""
    words = f"""
import signal, sys, time, typer
from api.cli import __main__ as program

class Last:
    def __del__(self):
        signal.raise_signal(signal.{number})
        sum(range(1000))

app = typer.Typer()

@app.callback()
def top(): ...

@app.command()
def act():
    Last()
    time.sleep(40)

program.program = lambda: app
sys.exit(program.main(["act"]))
"""
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, cwd=ROOT, timeout=30)
    assert done.returncode == code, done.stderr
