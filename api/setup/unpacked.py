"""A PostgreSQL that was unpacked without being installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.setup.binaries import Binaries


def as_binaries(root: Path) -> list[Binaries]:
    """What was unpacked under `root`; nothing where that has not been done."""
    return []
