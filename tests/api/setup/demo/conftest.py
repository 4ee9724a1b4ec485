"""The generated district, once for all tests of it."""

from __future__ import annotations

import pytest

from api.setup.demo.generate import District, generate


@pytest.fixture(scope="session")
def demo() -> District:
    return generate()
