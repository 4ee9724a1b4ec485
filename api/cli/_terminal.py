"""What commands say: sentences and progress on the error stream, answers alone on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

#: Exit code of a command that was used wrongly, or whose file is not there (docs/contract.md).
WRONG_USE = 2


def say(sentence: str) -> None:
    """A sentence for the person, not for the program that reads the answer."""
    print(sentence, file=sys.stderr, flush=True)


def wrong(sentence: str) -> typer.Exit:
    """Say what was wrong with the call; to be raised."""
    say(sentence)
    return typer.Exit(WRONG_USE)


def quiet() -> None:
    """What the reading process logs goes to the error stream."""
    import structlog

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


@contextmanager
def file_bars() -> Iterator[Callable[[str], Callable[[float], None]]]:
    """bars(name) -> told(share 0 to 1): a progress bar a file on a terminal's error stream; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda name: lambda share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def bar(name: str) -> Callable[[float], None]:
            task = bars.add_task(name, total=1.0)
            return lambda share: bars.update(task, completed=share)

        yield bar


@contextmanager
def row_bar(total: int, what: str = "导入 import") -> Iterator[Callable[[int], None]]:
    """told(rows so far): a progress bar of rows on a terminal's error stream; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown: tuple[Any, ...] = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*shown, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda rows: bars.update(task, completed=rows)
