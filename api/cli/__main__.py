"""./yudi COMMAND: every command of api/cli, each in its own module with `add(app)`.

Exit codes (docs/contract.md): 0 nothing blocks, 1 refused, 2 wrong use or a missing file, 3 an internal failure.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
import threading
import traceback
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NoReturn

import typer
from typer.exceptions import Abort, TyperException

import api.cli
from geo import days
from geo.problems import BadInput, NotFound, Problem, Unavailable
from geo.text import Text

FINE, REFUSED, WRONG_USE, INTERNAL = 0, 1, 2, 3
INTERRUPTED = 130

UNEXPECTED = Text(
    "出现内部错误（{kind}），详情记在 {log}",
    "An internal error occurred ({kind}); details are in {log}",
)
NO_ROOM = Text("磁盘已满，请清理后再运行", "The disk is full; free some space and run again")


@cache
def program() -> typer.Typer:
    """The program with all its commands."""
    app = typer.Typer(
        name="yudi",
        help="舆地：地名与行政区划界线 · place names and administrative boundaries",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def yudi() -> None:
        """舆地：地名与行政区划界线 · place names and administrative boundaries"""

    for module in sorted(pkgutil.iter_modules(api.cli.__path__), key=lambda m: m.name):
        if module.name.startswith("_"):
            continue
        # A module without `add` is what a command is made of, not a command.
        if add := getattr(importlib.import_module(f"api.cli.{module.name}"), "add", None):
            add(app)
    return app


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; every failure becomes one sentence."""
    # A polite end (SIGTERM, the terminal closed) leaves like Ctrl-C: what was started is stopped.
    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means it
        signal.signal(signal.SIGHUP, leave)
    # A shell's background job has it ignored, and `kill -INT` would not end the site.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.unraisablehook = ask_again
    try:
        result = program()(args=arguments, prog_name="./yudi", standalone_mode=False)
    except Exception as error:
        return answered(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return result if isinstance(result, int) else FINE


def leave(number: int, frame: object) -> NoReturn:
    """Unwind as for an exit."""
    raise SystemExit(128 + number)


def ask_again(ignored: sys.UnraisableHookArgs) -> None:
    """Send the signal again whose exception went lost: it came while Python ran a finaliser or a weak reference's callback,
    which let none out."""
    error = ignored.exc_value
    if isinstance(error, KeyboardInterrupt):
        number = signal.SIGINT
    elif isinstance(error, SystemExit) and isinstance(error.code, int) and error.code > 128:
        number = signal.Signals(error.code - 128)
    else:
        sys.__unraisablehook__(ignored)
        return
    again = threading.Timer(0.05, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()


def answered(error: Exception) -> int:
    """Say what happened and return the exit code for it."""
    if isinstance(error, Abort):
        return INTERRUPTED
    if isinstance(error, TyperException):
        message = error.format_message()
        context = getattr(error, "ctx", None)
        if message.strip():  # none where the help was shown instead
            hint = context.command_path if context is not None else "./yudi"
            print(f"用法不对 · Wrong use: {message}（{hint} --help）", file=sys.stderr)
        return error.exit_code
    error = of_the_database(error) or error
    if isinstance(error, Problem):
        print(f"{error.text.zh} · {error.text.en}", file=sys.stderr)
        return code_of(error)
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone (./yudi … | head); no more can be said there, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    if isinstance(error, OSError) and error.errno == 28:
        print(f"{NO_ROOM.zh} · {NO_ROOM.en}", file=sys.stderr)
        return INTERNAL
    return unexpected(error)


def of_the_database(error: Exception) -> Problem | None:
    """The sentence for a database that is away, full or busy; None for every other error."""
    if "psycopg" not in sys.modules or isinstance(error, Problem):
        return None
    from geo.store.engine import problem_of

    return problem_of(error)


def code_of(problem: Problem) -> int:
    """The exit code of a kind of problem."""
    if isinstance(problem, BadInput | NotFound):
        return WRONG_USE
    return INTERNAL if isinstance(problem, Unavailable) else REFUSED


def unexpected(error: Exception) -> int:
    """A mistake of ours: the trace goes to a file, the person gets one sentence."""
    trace = "".join(traceback.format_exception(error))
    if os.environ.get("YUDI_DEBUG"):
        print(trace, file=sys.stderr)
    log = kept(trace)
    said = UNEXPECTED.fill(kind=type(error).__name__, log=log)
    print(f"{said.zh} · {said.en}", file=sys.stderr)
    return INTERNAL


def kept(trace: str) -> Path | str:
    """Where the trace was written, or the trace's last line where nothing can be written."""
    from api.setup.places import var

    log = var() / "errors.log"
    try:
        log.parent.mkdir(exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(days.SHANGHAI).isoformat()} {sys.argv[1:]}\n{trace}\n")
    except OSError:
        return trace.strip().splitlines()[-1]
    return log


if __name__ == "__main__":
    sys.exit(main())
