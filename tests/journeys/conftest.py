"""The journeys run against the same running site as the pages' tests."""

from tests.pages.conftest import demo_database as demo_database
from tests.pages.conftest import demonstration as demonstration
from tests.pages.conftest import site as site
