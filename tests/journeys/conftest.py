"""The journeys run against the same running site as the pages' tests."""

from tests.demonstration import demo_database as demo_database
from tests.demonstration import demonstration as demonstration
from tests.pages.conftest import site as site
from tests.pages.conftest import visit as visit
