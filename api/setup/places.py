"""Where set-up keeps things, and the locks that let one process at a time work on them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.settings import ROOT


def var() -> Path:
    """Everything that this installation keeps: var/ of the checkout, or what YUDI_VAR names."""
    return Path(os.environ.get("YUDI_VAR") or ROOT / "var").absolute()


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One process at a time inside; the kernel lets go for one that is killed."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(lock, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
