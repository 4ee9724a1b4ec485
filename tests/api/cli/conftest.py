"""Commands run in this process, by one program that is put together once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
import typer.testing


@pytest.fixture(scope="session", autouse=True)
def one_program() -> Iterator[None]:
    """Typer puts all commands together for each run, which takes longer than most of them."""
    real = typer.testing._get_command
    typer.testing._get_command = cache(real)
    yield
    typer.testing._get_command = real
