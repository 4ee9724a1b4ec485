"""docs/contract.md names every command of ./yudi."""

from __future__ import annotations

import re
from collections.abc import Iterator

from typer.main import get_command

from api.cli.__main__ import program
from geo.settings import ROOT


def commands(of: object, *words: str) -> Iterator[str]:
    if (inner := getattr(of, "commands", None)) is None:
        yield " ".join(words)
        return
    for name, command in inner.items():
        yield from commands(command, *words, name)


def test_every_command_is_in_the_contract() -> None:
    said = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8").partition("\nExit codes:")[0]
    written = [re.sub(r"^\./yudi ", "", quoted) for quoted in re.findall(r"`([^`]+)`", said)]
    every = list(commands(get_command(program())))
    assert len(every) > 20
    missing = [c for c in every if not any(w == c or w.startswith(c + " ") for w in written)]
    assert not missing
