"""What set-up says while it works: one line, Chinese and English, on the error stream, so that what a
command answers on its output stays clean."""

from __future__ import annotations

import sys

from geo.text import Text


def say(sentence: Text) -> None:
    """One line for the person at the terminal."""
    print(f"{sentence.zh} · {sentence.en}", file=sys.stderr, flush=True)
