"""The generated district, once for all tests of it."""

from __future__ import annotations

import pytest

from api.setup.demo.generate import District, generate
from tests.demonstration import demo_database as demo_database
from tests.demonstration import demonstration as demonstration
from tests.demonstration import own_demo_database as own_demo_database


@pytest.fixture(scope="session")
def demo() -> District:
    return generate()
