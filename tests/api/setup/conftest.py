"""Set-up is tried on a cluster of the tests' own, made once; no database that the shell names is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from api.setup import cluster, postmaster
from api.setup.postmaster import Place


@pytest.fixture
def no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YUDI_DATABASE_URL", raising=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A cluster in a folder that its unprivileged owner could not enter by name: root's temporary folders
    are closed to others. Stopped at the end, whatever a test left."""
    made = Place(tmp_path_factory.mktemp("closed") / "pg")
    yield made
    cluster.stop(made.folder)
    if postmaster.postmaster(made) is not None:
        postmaster.stop(made)


@pytest.fixture
def running(place: Place, no_outside: None) -> Iterator[Place]:
    """The same, with its server up and the database `yudi` in it."""
    cluster.ensure(place.folder)
    yield place
    cluster.stop(place.folder)


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root lends a cluster to another user")
