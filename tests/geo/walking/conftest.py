from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geo.walking import heights, osm
from geo.walking.graph import Graph, graph
from geo.walking.model import Model, Profile, model
from geo.walking.network import Network, build
from geo.walking.ways import Ways

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def given(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"real data not here: {name}")
    return path


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """shared(name): a file of the real data, or the test is skipped."""
    return given


@pytest.fixture(scope="session")
def rules() -> Model:
    return model()


@pytest.fixture(scope="session")
def monaco_ways() -> Ways:
    return osm.read(given("walk/monaco.osm.gz"), dated="2012")


@pytest.fixture(scope="session")
def monaco_ground() -> heights.Ground:
    return heights.tile(given("dem/N43E007.hgt.zip"))


@pytest.fixture(scope="session")
def monaco(monaco_ways: Ways, monaco_ground: heights.Ground) -> Network:
    return build(monaco_ways, monaco_ground)


@pytest.fixture(scope="session")
def andorra() -> Network:
    return build(osm.read(given("walk/andorra.osm.pbf")), heights.tile(given("dem/N42E001.hgt.zip")))


@pytest.fixture(scope="session")
def elder(monaco: Network, rules: Model) -> Graph:
    return graph(monaco, Profile.ELDER, rules)
