"""The demonstration district as `up` loads it, made once for these sources: the processes of a run share it, and
the next run finds it again. The modules copy it, which takes a fraction of a second each."""

from __future__ import annotations

import base64
import hashlib
import io
import lzma
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from api.security import passwords
from api.security.person import Person
from api.setup.demo import accounts
from api.setup.demo.accounts import Account
from api.setup.demo.load import load_if_empty
from geo.settings import ROOT, district
from geo.store.engine import close_engines, sessions, with_driver
from geo.store.tables import Organisation, RoleGrant, User
from geo.terms import UserRole
from tests.conftest import FOREIGN, database, kept, kept_template

#: What the loading is made of, and the rooms of it that it does not read.
SOURCES = ("geo", "api", "data", "requirements")
APART = {"static", "pages", "routes", "cli", "worker", "__pycache__"}


@dataclass
class Loaded:
    """A database with the demonstration in it, to copy from, and the archive of what was written beside it."""

    name: str
    written: bytes
    accounts: list[Account]

    def unpack(self) -> None:
        """Put the files, the accounts and the tutorial into this process's var/."""
        with tarfile.open(fileobj=io.BytesIO(self.written)) as archive:
            archive.extractall(os.environ["YUDI_VAR"], filter="data")


def fingerprint(template: str) -> str:
    """Changes with everything that the demonstration is made by and of."""
    digest = hashlib.sha256(template.encode())
    for source in SOURCES:
        for folder, inner, names in os.walk(ROOT / source):
            inner[:] = sorted(set(inner) - APART)
            for name in sorted(names):
                path = Path(folder, name)
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def settings_of_the_demonstration(**more: str) -> Iterator[None]:
    """Cheap hashes, the date as `up` has it, and more variables; all as before at the end."""
    real, passwords.HASHER = passwords.HASHER, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    set_now = {"YUDI_AS_OF": "2024-12-31", **more}
    before = {name: os.environ.get(name) for name in set_now}
    os.environ.update(set_now)
    try:
        yield
    finally:
        passwords.HASHER = real
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def load(server: URL, making: str, name: str) -> str:
    """Load the demonstration into the database `making`; what it writes outside, as an archive in Base64."""
    url = server.set(database=making).render_as_string(hide_password=False)
    with (
        tempfile.TemporaryDirectory() as room,
        settings_of_the_demonstration(YUDI_DATABASE_URL=url, YUDI_VAR=room),
    ):
        try:
            with sessions("owner").begin() as session:
                load_if_empty(session, district(), database=name)
        finally:
            close_engines()
        written = io.BytesIO()
        with tarfile.open(fileobj=written, mode="w:xz") as archive:
            archive.add(room, ".")
        return base64.b64encode(written.getvalue()).decode()


@pytest.fixture(scope="session")
def demonstration(server_url: URL, template: str) -> Iterator[Loaded]:
    """The demonstration, loaded."""
    with kept_demonstration(server_url, template) as made:
        made.unpack()
        made.accounts = accounts.kept(made.name)
        yield made


@contextmanager
def kept_demonstration(server: URL, template: str) -> Iterator[Loaded]:
    name = f"yudi_kept_demo_{fingerprint(template)}"
    with kept(server, name, lambda making: load(server, making, name), template) as written:
        # Unpacked for many modules, so not packed meanwhile.
        yield Loaded(name, lzma.decompress(base64.b64decode(written or "")), [])


def prepare() -> None:
    """Make what the tests copy, in a process that says nothing: whoever needs it after a failure meets that himself."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    for name in FOREIGN:
        os.environ.pop(name, None)
    server = with_driver(os.environ["YUDI_DATABASE_URL"])
    with kept_template(server) as template, kept_demonstration(server, template):
        pass


def copy(server: URL, demonstration: Loaded) -> Iterator[str]:
    """A copy for as long as it is wanted, its files where they belong."""
    demonstration.unpack()
    yield from database(server, demonstration.name)


@pytest.fixture(scope="module")
def demo_database(server_url: URL, demonstration: Loaded) -> Iterator[str]:
    """A copy of the demonstration for one module; YUDI_DATABASE_URL names it meanwhile."""
    yield from copy(server_url, demonstration)


@pytest.fixture
def own_demo_database(server_url: URL, demonstration: Loaded) -> Iterator[str]:
    """A copy of the demonstration for one test; YUDI_DATABASE_URL names it meanwhile."""
    yield from copy(server_url, demonstration)


def someone(session: Session, login: str) -> Person:
    """A demonstration account as the acts know it."""
    user, home = session.execute(
        select(User, Organisation).join(Organisation, Organisation.id == User.organisation_id).where(User.login == login)
    ).one()  # fmt: skip
    roles = session.scalars(select(RoleGrant.role).where(RoleGrant.user_id == user.id))
    return Person(
        id=user.id, login=login, name=user.name, organisation_id=home.id, organisation=home.name,
        organisation_kind=home.kind, unit_code=home.unit_code, roles=frozenset(UserRole(r) for r in roles),
        district="500112",
    )  # fmt: skip
