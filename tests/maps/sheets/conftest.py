"""What the tests of the sheets share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from maps import sheets
from maps.sheets.typeset import NoChineseFont, faces
from tests.maps.sheets.reading import about


@pytest.fixture
def saying() -> Callable[..., sheets.About]:
    """What a sheet of a test says about itself."""
    return about


@pytest.fixture(autouse=True)
def _chinese_faces() -> None:
    """Sheets are set in Chinese faces: without any on the machine these tests say that they did not run."""
    try:
        faces()
    except NoChineseFont as missing:
        pytest.skip(missing.text.zh)
