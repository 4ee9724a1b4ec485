"""Fixtures of all tests. The database is a real PostGIS: the server of YUDI_DATABASE_URL where that is set,
else a private cluster under var/pg-test. Every test process has a database of its own there, copied from a
migrated template and dropped at the end; the named database itself is never touched."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from geo.settings import ROOT
from geo.store import engine as engines
from geo.store.engine import engine_of, libpq, with_driver
from geo.store.migrate import HERE, upgrade
from tests import processes
from tests.processes import pytest_collection as pytest_collection
from tests.processes import pytest_runtestloop as pytest_runtestloop

#: The tests' own variables; whatever the shell has set must not leak into them.
FOREIGN = (
    "YUDI_AS_OF",
    "YUDI_DISTRICT",
    "YUDI_HOST",
    "YUDI_MAP_APPROVAL",
    "YUDI_PUBLIC_URL",
    "YUDI_PUBLIC_TOLERANCE_M",
    "YUDI_DATABASE_READ_URL",
)

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
#: The network is cut: no name and no address but this machine's is found.
CUT = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"

#: First halves of the locks of the databases that are kept: held alone to find or make one; shared to use it, and
#: alone to drop it.
MAKING_LOCK, KEPT_LOCK = 7_308_113, 7_308_114

#: What takes longest, a site or a cluster each: begun first, so that the processes end together. While one process makes
#: the demonstration for all, the other one has the faults, which do without.
LONGEST = ("journeys/test_name_application", "faults/", "journeys/", "pages/", "api/setup/", "api/worker/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest modules first. Within a module the order stays."""
    leave_out(config, items)
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        inside = item.path.relative_to(here).as_posix() if item.path.is_relative_to(here) else ""
        return next((i for i, folder in enumerate(LONGEST) if inside.startswith(folder)), len(LONGEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What is there now stays to the end: the collector of garbage need not look through it again and again."""
    gc.freeze()


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --all, what only repeats another test at another size or in another language is left out, and without
    --pictures what only takes them."""
    unasked = {"full"} if not config.getoption("--all") else set()
    unasked |= {"pictures"} if not config.getoption("--pictures") else set()
    left = [item for item in items if any(item.get_closest_marker(mark) for mark in unasked)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="the full matrix of sizes and languages too")
    parser.addoption("--pictures", metavar="FOLDER", help="take the pictures of README and the guides anew")
    processes.pytest_addoption(parser)


@pytest.fixture(scope="session", autouse=True)
def own_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A var/ of the tests' own, and no settings from the shell."""
    room = tmp_path_factory.mktemp("var")
    kept = {name: os.environ.pop(name, None) for name in (*FOREIGN, "YUDI_VAR")}
    os.environ["YUDI_VAR"] = str(room)
    yield room
    os.environ.pop("YUDI_VAR")
    os.environ.update({name: value for name, value in kept.items() if value is not None})


@pytest.fixture(scope="session")
def server_url() -> URL:
    """The server that the tests' databases are made on: the owner's URL, any database."""
    given = os.environ.get("YUDI_DATABASE_URL")
    if not given:
        from api.setup import cluster

        given = cluster.ensure(ROOT / "var" / "pg-test")
    return with_driver(given)


def fingerprint() -> str:
    """Changes with the migrations and with the queue's schema, and the template with it."""
    digest = hashlib.sha256(version("procrastinate").encode())
    for path in sorted(HERE.rglob("*")):
        if path.suffix in (".py", ".sql"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def template(server_url: URL) -> Iterator[str]:
    """The name of a migrated, empty database to copy from; made once for these migrations."""
    with kept_template(server_url) as name:
        yield name


@contextlib.contextmanager
def kept_template(server: URL) -> Iterator[str]:
    name = f"yudi_kept_template_{fingerprint()}"
    with kept(server, name, lambda making: upgrade(server.set(database=making))):
        yield name


@contextlib.contextmanager
def kept(
    server: URL,
    name: str,
    fill: Callable[[str], str | None],
    source: str = "template0",
) -> Iterator[str | None]:
    """A database that stays on the server from one run to the next, for as long as it is wanted.

    fill(making) fills a copy of the source where there is none of that name; processes that want it at once wait
    for the first. What it returns is kept as the database's comment, and yielded. While the database is in use no
    other run drops it.
    """
    with psycopg.connect(libpq(server), autocommit=True) as admin:
        admin.execute("select pg_advisory_lock(%s, hashtext(%s))", (MAKING_LOCK, name))
        admin.execute("select pg_advisory_lock_shared(%s, hashtext(%s))", (KEPT_LOCK, name))
        if not admin.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            drop_leftovers(admin)
            making = f"{name}_making"
            drop(admin, making)
            create(admin, making, source)
            said = fill(making)
            admin.execute(
                sql.SQL("comment on database {} is {}").format(sql.Identifier(making), sql.Literal(said))
            )
            admin.execute(
                sql.SQL("alter database {} rename to {}").format(sql.Identifier(making), sql.Identifier(name))
            )
        admin.execute("select pg_advisory_unlock(%s, hashtext(%s))", (MAKING_LOCK, name))
        found = admin.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", (name,)
        ).fetchone()
        assert found is not None
        yield found[0]


def drop_leftovers(admin: psycopg.Connection) -> None:
    """Kept databases of other code, and databases of test processes that were killed; what is in use stays."""
    known = admin.execute(r"select datname from pg_database where datname ~ '^yudi_(test|kept)_'").fetchall()
    for (name,) in known:
        owner = re.fullmatch(r"yudi_test_(\d+)_[0-9a-f]{8}", name)
        if owner:
            if not Path(f"/proc/{owner[1]}").exists():
                drop(admin, name)
            continue
        lock = (KEPT_LOCK, name.removesuffix("_making"))
        if admin.execute("select pg_try_advisory_lock(%s, hashtext(%s))", lock).fetchone() == (True,):
            with contextlib.suppress(psycopg.errors.ObjectInUse):
                admin.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
            admin.execute("select pg_advisory_unlock(%s, hashtext(%s))", lock)


def create(admin: psycopg.Connection, name: str, template: str) -> None:
    admin.execute(
        sql.SQL("create database {} template {} encoding 'UTF8' locale 'C.UTF-8'").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def database(server: URL, template: str) -> Iterator[str]:
    """A database for as long as it is wanted; YUDI_DATABASE_URL names it meanwhile."""
    name = f"yudi_test_{os.getpid()}_{uuid4().hex[:8]}"
    with psycopg.connect(libpq(server), autocommit=True) as admin:
        create(admin, name, template)
    before = os.environ.get("YUDI_DATABASE_URL")
    url = server.set(database=name).render_as_string(hide_password=False)
    os.environ["YUDI_DATABASE_URL"] = url
    yield url
    engines.close_engines()
    if before is None:
        os.environ.pop("YUDI_DATABASE_URL", None)
    else:
        os.environ["YUDI_DATABASE_URL"] = before
    with psycopg.connect(libpq(server), autocommit=True) as admin:
        drop(admin, name)


@pytest.fixture(scope="session")
def database_url(server_url: URL, template: str) -> Iterator[str]:
    """The owner's URL of this process's migrated, empty database. Tests that share it roll back."""
    yield from database(server_url, template)


@pytest.fixture
def own_database(server_url: URL, template: str) -> Iterator[str]:
    """A migrated, empty database for one test that commits; YUDI_DATABASE_URL names it meanwhile."""
    yield from database(server_url, template)


@pytest.fixture(scope="module")
def module_database(server_url: URL, template: str) -> Iterator[str]:
    """A migrated, empty database for one module of tests that commit."""
    yield from database(server_url, template)


@pytest.fixture(scope="session")
def test_engines(database_url: str) -> Iterator[dict[str, Engine]]:
    made = {
        role: engine_of(with_driver(database_url), role, pool_size=1)
        for role in ("owner", "app", "public")
    }  # fmt: skip
    yield made
    for engine in made.values():
        engine.dispose()


def rolled_back(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection:
        outer = connection.begin()
        session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        try:
            yield session
        finally:
            session.close()
            outer.rollback()


@pytest.fixture
def session(test_engines: dict[str, Engine]) -> Iterator[Session]:
    """The owner's session; everything is rolled back after the test."""
    yield from rolled_back(test_engines["owner"])


@pytest.fixture
def app_session(test_engines: dict[str, Engine]) -> Iterator[Session]:
    """The application's session (yudi_app); everything is rolled back after the test."""
    yield from rolled_back(test_engines["app"])


@pytest.fixture
def public_session(test_engines: dict[str, Engine]) -> Iterator[Session]:
    """The public's session (yudi_public); everything is rolled back after the test."""
    yield from rolled_back(test_engines["public"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window; the tests that need it are skipped by name where there is none."""
    from api.setup import packages

    program = packages.browser()
    if program is None:
        pytest.skip(
            "browser tests not run: no Chromium on this machine (./yudi test installs it where it can)"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, CUT])
        yield made
        made.close()
