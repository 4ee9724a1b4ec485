"""Documents are set in Chinese faces: without any on the machine these tests say that they did not run."""

from __future__ import annotations

import pytest

from maps.sheets.typeset import NoChineseFont, faces


@pytest.fixture(autouse=True)
def _chinese_faces() -> None:
    try:
        faces()
    except NoChineseFont as missing:
        pytest.skip(missing.text.zh)
