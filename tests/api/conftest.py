"""Fixtures of the HTTP tests: the app over a database of the module's own, and people to log in as."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy.orm import Session

from api.app import create_app
from api.security import passwords
from api.security.settings import DoorSettings
from geo.store import people
from geo.store.engine import sessions
from geo.terms import UserRole

with warnings.catch_warnings():
    # The client still runs on httpx, which its authors have begun to replace.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PASSWORD = "铁山坪的云雾-2024"
DISTRICT = "500112"
_NUMBERS = count(1)
_HASH: list[str] = []


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Cheap argon2id: what a real hash costs is tested once, in test_passwords."""
    real = passwords.HASHER
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    yield
    passwords.HASHER = real


@pytest.fixture(scope="module")
def app(module_database: str) -> FastAPI:
    """The app over the module's database; limits wide enough not to be met by chance."""
    return create_app(
        settings=DoorSettings(
            login_burst=1000, login_per_minute=6000, upload_burst=1000, upload_per_minute=6000
        )
    )


@pytest.fixture
def client(app: FastAPI) -> Iterator[Any]:
    """A client that nobody has logged in with."""
    with TestClient(app) as made:
        yield made


@pytest.fixture
def committed(module_database: str) -> Iterator[Session]:
    """A session of the app role whose work is kept, for what the requests are to find."""
    with sessions("app")() as session:
        yield session


def account(
    session: Session, *roles: UserRole, organisation: str | None = None, login: str | None = None
) -> str:
    """An account with PASSWORD and roles; its login name. Commits."""
    number = next(_NUMBERS)
    if not _HASH:
        _HASH.append(passwords.hash_of(PASSWORD))
    name = login or f"someone{number}"
    people.add_user(
        session,
        login=name,
        name=f"某人{number}",
        organisation=people.organisation(
            session, organisation or f"机构{number}", kind="firm", unit_code=None, demo=False
        ),
        password_hash=_HASH[0],
        roles=roles,
        district=DISTRICT,
        demo=False,
    )
    session.commit()
    return name


@pytest.fixture
def login_as(app: FastAPI, committed: Session) -> Iterator[Callable[..., Any]]:
    """login_as(role, ...) -> a client with a cookie session of a new person, its csrf header set."""
    opened = []

    def enter(*roles: UserRole, organisation: str | None = None, login: str | None = None) -> Any:
        name = account(committed, *roles, organisation=organisation, login=login)
        client = TestClient(app)
        opened.append(client)
        answer = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD, "kind": "cookie"})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        client.login = name
        return client

    yield enter
    for client in opened:
        client.close()
