"""Reading without checks: what one file gives in either profile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.reading.layers import Reading, ReadOptions
from geo.reading.read import read
from geo.settings import Limits, district
from geo.terms import Profile
from tests.geo.reading.made import put


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Reading]:
    """take(bytes, name) reads them as an upload of that name; options as keywords."""

    def run(
        data: Any, name: str = "a.zip", *, limits: Limits | None = None, township: bool = True, **options: Any
    ) -> Reading:
        path = put(tmp_path, "upload", data)
        profile = Profile.TOWNSHIP if township else Profile.GENERIC
        return read(
            path, ReadOptions(profile=profile, **options), limits or Limits(), district("500112"), file=name
        )

    return run


def codes(reading: Reading, severity: str | None = None) -> set[str]:
    """The codes found, of one severity or of all."""
    return {f.code for f in reading.findings if severity in (None, f.severity.value)}
