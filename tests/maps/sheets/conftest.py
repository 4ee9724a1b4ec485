"""What the tests of the sheets share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from maps import sheets
from tests.maps.sheets.reading import about


@pytest.fixture
def saying() -> Callable[..., sheets.About]:
    """What a sheet of a test says about itself."""
    return about
