"""The journeys run against the same running site as the pages' tests."""

from tests.pages.conftest import site as site
